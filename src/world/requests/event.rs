//! Events: the one closed list of what can happen next, packed into the event list's 32 bits.

use super::attempt::AttemptId;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The client's patience with the current attempt ends (ignored if the attempt is already over).
    Expire(AttemptId),
    /// The attempt reaches its cell.
    Routed(AttemptId),
    /// The lookup missed the cache and reaches the store.
    StoreAsked(AttemptId),
    /// The store has answered.
    StoreAnswered(AttemptId),
    /// A new customer has been given a cell.
    Placed(AttemptId),
    /// A slot has finished its service.
    Served(AttemptId),
    /// A step is over at which nobody contends.
    Delayed(AttemptId),
    /// The pause before a retry is over.
    Retry(AttemptId),
    /// Entry of the fault schedule.
    Fault(u32),
    /// The next of the attempts that travel without a record reaches its cell: see [`travellers`](super::router::travellers).
    Reached,
    /// The client has waited for the attempt as long as it does before it sends a second copy.
    Hedge(AttemptId),
    /// The first of those in step at a station are done.
    InStep(u32),
}

/// Bits of the index; the others tell the kind.
const INDEX_BITS: u32 = 27;

impl Event {
    /// Packs the event.
    #[inline]
    pub fn pack(self) -> u32 {
        let (kind, index) = match self {
            Event::Expire(id) => (0, id.0),
            Event::Routed(id) => (1, id.0),
            Event::StoreAsked(id) => (2, id.0),
            Event::StoreAnswered(id) => (3, id.0),
            Event::Placed(id) => (4, id.0),
            Event::Served(id) => (5, id.0),
            Event::Delayed(id) => (6, id.0),
            Event::Retry(id) => (7, id.0),
            Event::Fault(index) => (8, index),
            Event::Reached => (9, 0),
            Event::Hedge(id) => (10, id.0),
            Event::InStep(station) => (11, station),
        };
        debug_assert!(index < 1 << INDEX_BITS);
        kind << INDEX_BITS | index
    }

    /// Unpacks an event.
    #[inline]
    pub fn unpack(payload: u32) -> Event {
        let index = payload & ((1 << INDEX_BITS) - 1);
        let id = AttemptId(index);
        match payload >> INDEX_BITS {
            0 => Event::Expire(id),
            1 => Event::Routed(id),
            2 => Event::StoreAsked(id),
            3 => Event::StoreAnswered(id),
            4 => Event::Placed(id),
            5 => Event::Served(id),
            6 => Event::Delayed(id),
            7 => Event::Retry(id),
            8 => Event::Fault(index),
            9 => Event::Reached,
            10 => Event::Hedge(id),
            _ => Event::InStep(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_what_it_packed() {
        let index = (1 << INDEX_BITS) - 1;
        let id = AttemptId(index);
        for event in [
            Event::Expire(id),
            Event::Routed(id),
            Event::StoreAsked(id),
            Event::StoreAnswered(AttemptId(0)),
            Event::Placed(AttemptId(1)),
            Event::Served(id),
            Event::Delayed(AttemptId(3)),
            Event::Retry(id),
            Event::Fault(index),
            Event::Reached,
            Event::Hedge(id),
            Event::InStep(index),
        ] {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
}
