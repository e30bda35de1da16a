//! Shards: who is served by which of the workers of a stage.
//!
//! A stage with workers has a station for each of them in every cell. A customer's attempts go to its shard: the first to a
//! worker drawn for the request, each further one (retry or hedge) to the next of the shard, in turn; or each to the least loaded of
//! some that are drawn for it.
//!
//! # References
//! MacCárthaigh 2019: *Workload isolation using shuffle-sharding*, Amazon Builders' Library.

use std::collections::{BTreeMap, BTreeSet};

use super::population::SubId;
use crate::engine::rng::{Key, Slot, below};
use crate::scenario::workers::{Assign, Pick, Workers};

const FIRST: Slot = Slot::named("workers/first");
const HAND: Slot = Slot::named("workers/hand");
const ORDER: Slot = Slot::named("workers/order");
const PICK: Slot = Slot::named("workers/pick");

/// The shards of the customers of one class at one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Shards {
    workers: Workers,
    first: SubId,
    /// So many workers (from 0) for each subscription; empty if all workers serve everybody.
    table: Vec<u16>,
}

impl Shards {
    /// Returns how workers are picked, if by load.
    pub fn by_load(&self) -> Option<Pick> {
        self.workers.pick
    }

    /// Returns the number of workers.
    pub fn workers(&self) -> u32 {
        self.workers.count
    }

    /// Returns the workers (from 0) that serve a subscription.
    pub fn of(&self, sub: SubId, newcomer: Option<Key>) -> Vec<u16> {
        (0..self.workers.shard).map(|nth| self.nth(sub, newcomer, nth)).collect()
    }

    /// Returns the n-th worker of a subscription's shard.
    fn nth(&self, sub: SubId, newcomer: Option<Key>, nth: u32) -> u16 {
        let Workers { count, shard, assign, .. } = self.workers;
        if shard == count {
            return nth as u16;
        }
        let at = sub.checked_sub(self.first).map(|at| (at * shard + nth) as usize);
        match at.and_then(|at| self.table.get(at)) {
            Some(&worker) => worker,
            // Customers that come later are dealt theirs by their own luck, whatever the others have.
            None => {
                let key = newcomer.unwrap_or(Key(u64::from(sub))).part(HAND);
                match assign {
                    Assign::Fixed => (below(key.draw(ORDER), count / shard) * shard + nth) as u16,
                    Assign::Shuffle => drawn(key, count, shard)[nth as usize],
                }
            }
        }
    }

    /// Returns the worker (from 0) that serves an attempt of a request, after so many tries (retries and further copies).
    pub fn pick(&self, request: Key, tries: u32, (sub, newcomer): (SubId, Option<Key>)) -> u32 {
        let first = below(request.draw(FIRST), self.workers.shard);
        u32::from(self.nth(sub, newcomer, (first + tries) % self.workers.shard))
    }

    /// Draws `count` different workers of a subscription's shard (from 0), in the order in which they are drawn.
    pub fn some(&self, luck: Key, count: u32, (sub, newcomer): (SubId, Option<Key>)) -> impl Iterator<Item = u16> + '_ {
        choices(luck, self.workers.shard, count).map(move |nth| self.nth(sub, newcomer, nth))
    }
}

/// Draws `choices` of `shard` numbers, in the order in which they are drawn.
fn choices(key: Key, shard: u32, choices: u32) -> impl Iterator<Item = u32> {
    let mut drawn: Vec<u32> = Vec::with_capacity(choices as usize);
    (0..choices).map(move |nth| {
        // The n-th of those that are left: each of the ones drawn so far, in order, that is not above it makes room.
        let mut number = below(key.nth(u64::from(nth)).draw(PICK), shard - nth);
        for &other in &drawn {
            number += u32::from(other <= number);
        }
        let at = drawn.partition_point(|&other| other < number);
        drawn.insert(at, number);
        number
    })
}

/// Draws `shard` of `count` workers, in order.
fn drawn(key: Key, count: u32, shard: u32) -> Vec<u16> {
    let mut all: Vec<u16> = (0..count as u16).collect();
    for at in 0..shard {
        let other = at + below(key.nth(u64::from(at)).draw(HAND), count - at);
        all.swap(at as usize, other as usize);
    }
    all.truncate(shard as usize);
    all.sort_unstable();
    all
}

/// Number of different shards, or more than anybody asks for.
fn different(count: u32, shard: u32) -> u64 {
    (0..u64::from(shard.min(count - shard)))
        .fold(1_u64, |ways, i| if ways > 1 << 40 { ways } else { ways * (u64::from(count) - i) / (i + 1) })
}

/// Deals shards to the subscriptions of a group of cells, given as (subscription, cell, key of its customer); returns those of
/// each subscription.
pub fn deal(workers: Workers, subs: &[(SubId, u32, Key)]) -> BTreeMap<SubId, Vec<u16>> {
    let Workers { count, shard, assign, .. } = workers;
    if shard == count {
        return BTreeMap::new();
    }
    let mut by_cell: BTreeMap<u32, Vec<(u64, SubId, Key)>> = BTreeMap::new();
    for &(sub, cell, key) in subs {
        by_cell.entry(cell).or_default().push((key.draw(ORDER), sub, key));
    }
    let mut hands = BTreeMap::new();
    for mut residents in by_cell.into_values() {
        residents.sort_unstable_by_key(|&(order, sub, _)| (order, sub));
        let mut taken: BTreeSet<Vec<u16>> = BTreeSet::new();
        for (rank, (_, sub, key)) in residents.into_iter().enumerate() {
            let hand = match assign {
                Assign::Fixed => {
                    let first = (rank as u32 % (count / shard)) * shard;
                    (first as u16..(first + shard) as u16).collect()
                }
                Assign::Shuffle => {
                    // Once every shard is taken, each may be taken once more.
                    if taken.len() as u64 >= different(count, shard) {
                        taken.clear();
                    }
                    let mut tries = (0..).map(|turn| drawn(key.nth(turn), count, shard));
                    tries.find(|hand| !taken.contains(hand)).unwrap_or_default()
                }
            };
            taken.insert(hand.clone());
            hands.insert(sub, hand);
        }
    }
    hands
}

/// Returns the shards of the class whose subscriptions are these.
pub fn of_class(workers: Workers, hands: &BTreeMap<SubId, Vec<u16>>, first: SubId, count: u32) -> Shards {
    let table = (first..first + count).filter_map(|sub| hands.get(&sub)).flatten().copied().collect();
    Shards { workers, first, table }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealt(assign: Assign, customers: u32) -> Vec<Vec<u16>> {
        let subs: Vec<_> = (0..customers).map(|sub| (sub, 0, Key(5).nth(u64::from(sub)))).collect();
        deal(Workers { count: 8, shard: 2, assign, pick: None }, &subs).into_values().collect()
    }

    #[test]
    fn shuffled_shards_are_different_as_long_as_they_can_be() {
        let mut hands = dealt(Assign::Shuffle, 28);
        assert!(hands.iter().all(|hand| hand.len() == 2 && hand[0] < hand[1] && hand[1] < 8));
        hands.sort();
        hands.dedup();
        assert_eq!(hands.len(), 28);
        assert_eq!(dealt(Assign::Shuffle, 60).len(), 60);
        assert_eq!((different(8, 2), different(100, 5), different(5, 5)), (28, 75_287_520, 1));
    }

    #[test]
    fn shuffled_shards_overlap_as_hands_of_cards_do() {
        let subs: Vec<_> = (0..400).map(|sub| (sub, 0, Key(11).nth(u64::from(sub)))).collect();
        let hands: Vec<_> =
            deal(Workers { count: 100, shard: 5, assign: Assign::Shuffle, pick: None }, &subs).into_values().collect();
        let mut found = [0.0; 6];
        for (at, one) in hands.iter().enumerate() {
            for other in &hands[..at] {
                found[one.iter().filter(|worker| other.contains(worker)).count()] += 1.0;
            }
        }
        let pairs: f64 = found.iter().sum();
        for shared in 0..3_u32 {
            let theory = crate::engine::theory::shuffle_shard::overlap(100, 5, shared);
            let share = found[shared as usize] / pairs;
            assert!(
                (share - theory).abs() < 4.5 * (theory * (1.0 - theory) / pairs).sqrt(),
                "{shared}: {share}, {theory}"
            );
        }
    }

    #[test]
    fn newcomers_are_dealt_shards_by_their_own_luck() {
        let shards = |assign| Shards {
            workers: Workers { count: 8, shard: 2, assign, pick: None },
            first: 0,
            table: Vec::new(),
        };
        let of = |assign, key| shards(assign).of(100, Some(Key(key)));
        assert!((1..20).any(|key| of(Assign::Shuffle, key) != of(Assign::Shuffle, 0)));
        for key in 0..20 {
            let fixed = of(Assign::Fixed, key);
            assert!(fixed[0] % 2 == 0 && fixed[1] == fixed[0] + 1 && fixed[1] < 8, "{fixed:?}");
        }
    }

    #[test]
    fn fixed_shards_do_not_overlap() {
        let mut hands = dealt(Assign::Fixed, 8);
        hands.sort();
        assert_eq!(hands[..3], [vec![0, 1], vec![0, 1], vec![2, 3]]);
    }
}
