//! Patience: how long clients wait for an attempt, and the clocks that tell them when it ends.

use crate::engine::event_list::{EventList, LaneId};
use crate::scenario::client::Client;
use crate::units::Nanos;
use crate::world::platform::Platform;

/// Returns when a client gives an attempt up that begins now, of a request that arrived then.
#[inline]
pub fn expires(client: &Client, arrival: Nanos, now: Nanos) -> Nanos {
    (arrival + client.deadline).min(now + client.timeout)
}

/// Lanes of the event list for time-outs, by class: from the start of an attempt, and from its arrival in the cell after a hit.
#[derive(Debug, Clone)]
pub struct Timeouts {
    at_start: Vec<LaneId>,
    after_hit: Vec<Option<LaneId>>,
}

impl Timeouts {
    /// Prepares the lanes; `hit` is how long a hit takes to reach its cell, if that is constant.
    pub fn new(platform: &Platform, events: &mut EventList) -> Timeouts {
        let at_start = platform.classes.iter().map(|class| events.lane(class.client.timeout)).collect();
        Timeouts { at_start, after_hit: vec![None; platform.classes.len()] }
    }

    /// Prepares the lanes of attempts that reach their cells this long after their start, if that is constant.
    pub fn after_hits(&mut self, platform: &Platform, hit: Option<Nanos>, events: &mut EventList) {
        let rest = |timeout: Nanos| timeout.checked_sub(hit?);
        self.after_hit =
            platform.classes.iter().map(|class| rest(class.client.timeout).map(|rest| events.lane(rest))).collect();
    }

    /// Schedules the end of a class's patience, which ends at an instant.
    #[inline]
    pub fn schedule(&self, class: u16, now: Nanos, expires: Nanos, event: u32, events: &mut EventList) {
        let lanes = [Some(self.at_start[class as usize]), self.after_hit[class as usize]];
        match lanes.into_iter().flatten().find(|&lane| events.delay(lane) == expires - now) {
            Some(lane) => events.schedule_in_lane(lane, now, event),
            None => events.schedule(expires, event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::retry::tests::client;
    use super::*;
    use crate::engine::event_list::LATEST;

    #[test]
    fn the_earlier_of_time_out_and_deadline() {
        assert_eq!(expires(&client(), 1000, 1000), 1030);
        assert_eq!(expires(&client(), 1000, 1080), 1100);
    }

    #[test]
    fn ends_when_it_ends_whichever_the_lane() {
        let mut events = EventList::new();
        let timeouts = Timeouts { at_start: vec![events.lane(30)], after_hit: vec![Some(events.lane(25))] };
        for (payload, expires) in [(1, 40), (2, 35), (3, 33)] {
            timeouts.schedule(0, 10, expires, payload, &mut events);
        }
        let order: Vec<_> = std::iter::from_fn(|| events.pop_before(LATEST)).collect();
        assert_eq!(order, [(33, 3), (35, 2), (40, 1)]);
    }
}
