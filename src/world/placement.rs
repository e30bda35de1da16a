//! Placement: which cell a customer is given.
//!
//! A policy sees the cells' state (customers, load of those already placed) and draws of the customer's own; a newcomer's own
//! load is unknown to it.

use crate::engine::rng::{Key, Slot, below};
use crate::scenario::router::{PlacementBy, PlacementPolicy};

/// What placement knows of a cell.
#[derive(Debug, Clone)]
pub struct Room {
    /// Cell index.
    pub cell: u32,
    /// Customers placed.
    pub customers: u32,
    /// Requests per second of those placed.
    pub load: f64,
    /// No more customers than this.
    pub max: u32,
}

/// The cells among which one class's customers are placed.
#[derive(Debug, Clone)]
pub struct Placer {
    policy: PlacementPolicy,
    by: PlacementBy,
    /// Its cells, in order of their number.
    pub rooms: Vec<Room>,
    /// Points on the ring (consistent hashing only), sorted.
    ring: Vec<(u64, u32)>,
}

const ANY: Slot = Slot::named("placement/any");
const FIRST: Slot = Slot::named("placement/first choice");
const SECOND: Slot = Slot::named("placement/second choice");
const RING: Slot = Slot::named("placement/ring");
/// Points of each cell on the ring: keeps the shares of cells within about 10 %.
const RING_POINTS: u64 = 128;

impl Placer {
    /// Returns a placer over empty cells; `names` key the cells' points on the ring.
    pub fn new(policy: PlacementPolicy, by: PlacementBy, rooms: Vec<Room>, names: &[String]) -> Placer {
        let mut ring = Vec::new();
        if policy == PlacementPolicy::ConsistentHash {
            for (index, name) in names.iter().enumerate() {
                let key = Key(RING.0).named(name);
                ring.extend((0..RING_POINTS).map(|point| (key.nth(point).0, index as u32)));
            }
            ring.sort_unstable();
        }
        Placer { policy, by, rooms, ring }
    }

    /// Chooses a cell for a customer and counts it there; `None` if all are full.
    pub fn place(&mut self, customer: Key, load: f64) -> Option<u32> {
        let index = self.choose(customer)?;
        let room = &mut self.rooms[index];
        room.customers += 1;
        room.load += load;
        Some(room.cell)
    }

    /// Counts a customer in a given cell.
    pub fn put(&mut self, cell: u32, load: f64) {
        if let Some(room) = self.rooms.iter_mut().find(|room| room.cell == cell) {
            room.customers += 1;
            room.load += load;
        }
    }

    fn choose(&self, customer: Key) -> Option<usize> {
        let n = self.rooms.len() as u32;
        if n == 0 {
            return None;
        }
        match self.policy {
            PlacementPolicy::LeastLoaded => self.least(0..self.rooms.len()),
            PlacementPolicy::Random => self.first_with_room(below(customer.draw(ANY), n)),
            PlacementPolicy::TwoChoices => {
                let (a, b) = (below(customer.draw(FIRST), n) as usize, below(customer.draw(SECOND), n) as usize);
                self.least([a, b].into_iter()).or_else(|| self.least(0..self.rooms.len()))
            }
            PlacementPolicy::ConsistentHash => {
                let start = self.ring.partition_point(|point| point.0 < customer.draw(RING));
                let around = self.ring[start..].iter().chain(&self.ring[..start]);
                around.map(|point| point.1 as usize).find(|&index| self.has_room(index))
            }
        }
    }

    fn has_room(&self, index: usize) -> bool {
        self.rooms[index].customers < self.rooms[index].max
    }

    /// Returns the given cell, or the next one with room.
    fn first_with_room(&self, start: u32) -> Option<usize> {
        let n = self.rooms.len();
        (0..n).map(|step| (start as usize + step) % n).find(|&index| self.has_room(index))
    }

    fn least(&self, among: impl Iterator<Item = usize>) -> Option<usize> {
        let weight = |room: &Room| match self.by {
            PlacementBy::Customers => f64::from(room.customers),
            PlacementBy::Load => room.load,
        };
        let mut best: Option<(f64, usize)> = None;
        for index in among.filter(|&index| self.has_room(index)) {
            let weight = weight(&self.rooms[index]);
            if best.is_none_or(|(least, _)| weight < least) {
                best = Some((weight, index));
            }
        }
        best.map(|(_, index)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placer(policy: PlacementPolicy, by: PlacementBy, max: u32) -> Placer {
        let rooms = (0..4).map(|cell| Room { cell, customers: 0, load: 0.0, max }).collect();
        let names: Vec<String> = (0..4).map(|cell| format!("cell {cell}")).collect();
        Placer::new(policy, by, rooms, &names)
    }

    #[test]
    fn every_policy_stops_at_max_and_only_there() {
        for policy in [
            PlacementPolicy::LeastLoaded,
            PlacementPolicy::Random,
            PlacementPolicy::TwoChoices,
            PlacementPolicy::ConsistentHash,
        ] {
            let mut placer = placer(policy, PlacementBy::Customers, 10);
            for customer in 0..40 {
                assert!(placer.place(Key(1).nth(customer), 1.0).is_some(), "{policy:?}");
            }
            assert!(placer.rooms.iter().all(|room| room.customers == 10));
            assert_eq!(placer.place(Key(1).nth(40), 1.0), None);
        }
    }

    #[test]
    fn least_by_load_lets_one_big_customer_fill_a_cell() {
        let mut placer = placer(PlacementPolicy::LeastLoaded, PlacementBy::Load, u32::MAX);
        placer.place(Key(1).nth(0), 100.0);
        for customer in 1..31 {
            placer.place(Key(1).nth(customer), 1.0);
        }
        let customers: Vec<u32> = placer.rooms.iter().map(|room| room.customers).collect();
        assert_eq!(customers, [1, 10, 10, 10]);
    }

    #[test]
    fn two_choices_are_more_even_than_random() {
        let spread = |policy| {
            let rooms = (0..100).map(|cell| Room { cell, customers: 0, load: 0.0, max: u32::MAX }).collect();
            let mut placer = Placer::new(policy, PlacementBy::Customers, rooms, &[]);
            for customer in 0..10_000 {
                placer.place(Key(5).nth(customer), 1.0);
            }
            placer.rooms.iter().map(|room| room.customers).max().unwrap_or(0)
        };
        assert!(spread(PlacementPolicy::TwoChoices) < spread(PlacementPolicy::Random));
        assert_eq!(spread(PlacementPolicy::LeastLoaded), 100);
    }
}
