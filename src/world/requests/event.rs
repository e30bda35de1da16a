//! Events: the one closed list of what can happen next, packed into the event list's 32 bits.

/// Index of a request record.
pub type Rid = u32;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The client's patience with the current attempt ends (ignored if the attempt is already over).
    Expire(Rid),
    /// The attempt reaches its cell.
    Routed(Rid),
    /// The look-up missed the cache and reaches the store.
    StoreAsked(Rid),
    /// The store has answered.
    StoreAnswered(Rid),
    /// A new customer has been given a cell.
    Placed(Rid),
    /// A slot has finished its service.
    Served(Rid),
    /// A delay stage is over.
    Delayed(Rid),
    /// The pause before a retry is over.
    Retry(Rid),
    /// Entry of the fault schedule.
    Fault(u32),
    /// The next of the attempts in transit reaches its cell: see [`super::transit`].
    Reached,
    /// The client has waited for the attempt as long as it does before it sends a second copy.
    Hedge(Rid),
    /// The first attempts of a shared station are done.
    Shared(u32),
}

const INDEX_BITS: u32 = 28;

impl Event {
    /// Packs the event.
    #[inline]
    pub fn pack(self) -> u32 {
        let (kind, index) = match self {
            Event::Expire(rid) => (0, rid),
            Event::Routed(rid) => (1, rid),
            Event::StoreAsked(rid) => (2, rid),
            Event::StoreAnswered(rid) => (3, rid),
            Event::Placed(rid) => (4, rid),
            Event::Served(rid) => (5, rid),
            Event::Delayed(rid) => (6, rid),
            Event::Retry(rid) => (7, rid),
            Event::Fault(index) => (8, index),
            Event::Reached => (9, 0),
            Event::Hedge(rid) => (10, rid),
            Event::Shared(station) => (11, station),
        };
        debug_assert!(index < 1 << INDEX_BITS);
        kind << INDEX_BITS | index
    }

    /// Unpacks an event.
    #[inline]
    pub fn unpack(payload: u32) -> Event {
        let index = payload & ((1 << INDEX_BITS) - 1);
        match payload >> INDEX_BITS {
            0 => Event::Expire(index),
            1 => Event::Routed(index),
            2 => Event::StoreAsked(index),
            3 => Event::StoreAnswered(index),
            4 => Event::Placed(index),
            5 => Event::Served(index),
            6 => Event::Delayed(index),
            7 => Event::Retry(index),
            8 => Event::Fault(index),
            9 => Event::Reached,
            10 => Event::Hedge(index),
            _ => Event::Shared(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_what_it_packed() {
        let index = (1 << INDEX_BITS) - 1;
        for event in [
            Event::Expire(index),
            Event::Routed(index),
            Event::StoreAsked(index),
            Event::StoreAnswered(0),
            Event::Placed(1),
            Event::Served(index),
            Event::Delayed(3),
            Event::Retry(index),
            Event::Fault(index),
            Event::Reached,
            Event::Hedge(index),
            Event::Shared(index),
        ] {
            assert_eq!(Event::unpack(event.pack()), event);
        }
    }
}
