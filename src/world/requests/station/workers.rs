//! Which worker an attempt comes to: its turn in the customer's shard, or the least loaded of some, as far as is known.

use std::collections::BTreeMap;

use crate::engine::rng::Key;
use crate::units::Nanos;
use crate::world::platform::class::{By, Step};
use crate::world::platform::population::SubId;
use crate::world::platform::shards::Shards;
use crate::world::requests::attempt::Attempt;
use crate::world::requests::setting::Setting;

/// What was last read of the loads of a cell's workers.
#[derive(Debug, Clone)]
struct Board {
    read: Nanos,
    loads: Vec<u32>,
}

/// What is known of the loads of all workers, by the first of their stations: as old as the last look at them.
#[derive(Debug, Clone, Default)]
pub struct Boards(BTreeMap<u32, Board>);

impl Boards {
    /// Returns the place of the step at which an attempt stands in its cell, whose stations begin at `first_station`; `load` tells the
    /// load of any station.
    #[inline(always)]
    pub fn place(
        &mut self,
        step: &Step,
        attempt: &Attempt,
        setting: &Setting,
        first_station: u32,
        now: Nanos,
        load: impl Fn(u32) -> u32,
    ) -> u32 {
        let whose = || (attempt.request.sub, setting.newcomer_key(attempt.request.sub));
        let nth = match &step.at.by {
            By::Cell => 0,
            By::Shard(shards) => shards.pick(attempt.request.key, attempt.turn(), whose()),
            By::Load(shards) => {
                let first = first_station + step.at.base;
                let load = |worker: u16| load(first + u32::from(worker));
                self.pick((first, shards), attempt.key.part(step.time.slot), whose(), now, load)
            }
        };
        step.at.base + nth
    }

    /// Picks a worker (from 0) for an attempt with this luck; `load` tells the load of each. Of those drawn that have the least, the
    /// first drawn is taken.
    fn pick(
        &mut self,
        (first_station, shards): (u32, &Shards),
        luck: Key,
        whose: (SubId, Option<Key>),
        now: Nanos,
        load: impl Fn(u16) -> u32,
    ) -> u32 {
        let Some(pick) = shards.by_load() else { return 0 };
        let choices = shards.some(luck, pick.least_loaded_of, whose);
        let worker = if pick.refresh == 0 {
            choices.min_by_key(|&worker| load(worker))
        } else {
            let read = || Board { read: now, loads: (0..shards.workers() as u16).map(&load).collect() };
            let board = self.0.entry(first_station).or_insert_with(&read);
            if board.read + pick.refresh <= now {
                *board = read();
            }
            choices.min_by_key(|&worker| board.loads[usize::from(worker)])
        };
        u32::from(worker.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::workers::{Assign, Pick, Workers};
    use crate::world::platform::shards;

    /// Three workers that serve everybody, of which the least loaded of all is picked.
    fn shards(refresh: Nanos) -> Shards {
        let pick = Some(Pick { least_loaded_of: 3, refresh });
        let workers = Workers { count: 3, shard: 3, assign: Assign::Fixed, pick };
        shards::of_class(workers, &BTreeMap::new(), 0, 1)
    }

    #[test]
    fn the_least_loaded_is_picked() {
        let (mut boards, shards) = (Boards::default(), shards(0));
        for least in 0..3 {
            let load = |worker: u16| u32::from(worker != least) + 1;
            assert_eq!(boards.pick((0, &shards), Key(1), (0, None), 5, load), u32::from(least));
        }
    }

    #[test]
    fn what_is_known_is_as_old_as_the_last_look() {
        let (mut boards, shards) = (Boards::default(), shards(10));
        let mut pick =
            |now, least: u16| boards.pick((0, &shards), Key(1), (0, None), now, |worker| u32::from(worker != least));
        assert_eq!((pick(0, 2), pick(9, 1), pick(10, 1)), (2, 2, 1));
    }
}
