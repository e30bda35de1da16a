//! Travellers: first attempts on their way to their cells, when nothing disturbs the way: they need no record.

use std::collections::VecDeque;

use crate::units::Nanos;
use crate::world::platform::Platform;
use crate::world::platform::class::{By, Class};
use crate::world::requests::client::patience;
use crate::world::requests::demand::arrivals::Arrival;

/// First attempts that travel without a record.
#[derive(Debug, Clone)]
pub struct Travellers {
    /// On their way to their cells, the first to arrive first.
    line: VecDeque<Arrival>,
    /// By class: whether a first attempt that hits the cache is certain to reach its cell before its client gives up.
    may_be: Vec<bool>,
}

impl Travellers {
    /// Returns an empty line; `hit` is how long a hit takes to reach its cell, if that is constant.
    pub fn new(platform: &Platform, hit: Option<Nanos>) -> Travellers {
        let may = |class: &Class| {
            // A hedge needs a record to go with it, and with workers the way is not known yet.
            let by = &platform.steps[class.first_step as usize].at.by;
            let is_plain = class.client.hedge.is_none() && matches!(by, By::Cell);
            is_plain && hit.is_some_and(|hit| hit < patience::expires(&class.client, 0, 0))
        };
        Travellers { line: VecDeque::new(), may_be: platform.classes.iter().map(may).collect() }
    }

    /// Returns whether first attempts of a class may be among them.
    #[inline]
    pub fn may_be(&self, class: u16) -> bool {
        self.may_be[class as usize]
    }

    /// One more sets out.
    #[inline]
    pub fn join(&mut self, arrival: Arrival) {
        self.line.push_back(arrival);
    }

    /// The next one arrives: there is one.
    #[inline(always)]
    pub fn arrive(&mut self) -> Arrival {
        self.line.pop_front().expect("every traveller has its event")
    }

    /// Returns those on their way, the first to arrive first.
    pub fn iter(&self) -> impl Iterator<Item = &Arrival> {
        self.line.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Key;
    use crate::world::requests::setting::tests::setting;

    #[test]
    fn they_arrive_in_the_order_in_which_they_set_out() {
        let mut travellers = Travellers::new(&setting("").platform, Some(3));
        let arrival = |at| Arrival { at, key: Key(at), sub: 0, class: 0, surge: false };
        for at in [1, 2] {
            travellers.join(arrival(at));
        }
        assert_eq!(travellers.iter().count(), 2);
        assert_eq!([travellers.arrive().at, travellers.arrive().at, travellers.iter().count() as Nanos], [1, 2, 0]);
    }

    #[test]
    fn who_may_be_disturbed_on_the_way_gets_a_record() {
        let may = |more: &str, hit| Travellers::new(&setting(more).platform, hit).may_be(0);
        assert!(may("", Some(3)));
        assert!(!may("", None), "the way takes a time that is drawn");
        assert!(!may("", Some(2_000_000_000)), "the client gives up on the way");
        assert!(!may("[client]\nhedge = { after = \"5ms\" }\n", Some(3)));
    }
}
