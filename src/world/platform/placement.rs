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
    rooms: Vec<Room>,
    /// Finds the least loaded cell with room, where the policy asks for it.
    least: Option<Least>,
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
        let mut placer = Placer { policy, by, rooms, least: None, ring };
        if matches!(policy, PlacementPolicy::LeastLoaded | PlacementPolicy::TwoChoices) {
            placer.least = Some(Least::new(placer.rooms.len(), |at| placer.weight(at)));
        }
        placer
    }

    /// Chooses a cell for a customer and counts it there; `None` if all are full.
    pub fn place(&mut self, customer: impl Fn() -> Key, load: f64) -> Option<u32> {
        let index = self.choose(customer)?;
        self.count(index, load);
        Some(self.rooms[index].cell)
    }

    /// Counts a customer in a given cell.
    pub fn put(&mut self, cell: u32, load: f64) {
        if let Ok(index) = self.rooms.binary_search_by_key(&cell, |room| room.cell) {
            self.count(index, load);
        }
    }

    fn count(&mut self, index: usize, load: f64) {
        let room = &mut self.rooms[index];
        room.customers += 1;
        room.load += load;
        let weight = self.weight(index);
        if let Some(least) = &mut self.least {
            least.set(index, weight);
        }
    }

    /// What a cell with room holds; infinite if it has none.
    fn weight(&self, index: usize) -> f64 {
        let room = &self.rooms[index];
        match self.by {
            _ if !self.has_room(index) => f64::INFINITY,
            PlacementBy::Customers => f64::from(room.customers),
            PlacementBy::Load => room.load,
        }
    }

    fn choose(&self, customer: impl Fn() -> Key) -> Option<usize> {
        let n = self.rooms.len() as u32;
        if n == 0 {
            return None;
        }
        match self.policy {
            PlacementPolicy::LeastLoaded => self.least(),
            PlacementPolicy::Random => self.first_with_room(below(customer().draw(ANY), n)),
            PlacementPolicy::TwoChoices => {
                let customer = customer();
                let two = [FIRST, SECOND].map(|slot| below(customer.draw(slot), n) as usize);
                // Of two alike the first.
                let free = two.into_iter().filter(|&index| self.has_room(index));
                free.min_by(|&a, &b| self.weight(a).total_cmp(&self.weight(b))).or_else(|| self.least())
            }
            PlacementPolicy::ConsistentHash => {
                let draw = customer().draw(RING);
                let start = self.ring.partition_point(|point| point.0 < draw);
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

    fn least(&self) -> Option<usize> {
        self.least.as_ref()?.index()
    }
}

/// A tournament of cells: who is least of each pair, of each four, ..., of all; of equal ones the first.
#[derive(Debug, Clone)]
struct Least {
    /// Weight and index of the least below each knot; knot 1 is the root, the children of k are 2 k and 2 k + 1.
    knots: Vec<(u64, u32)>,
}

impl Least {
    fn new(count: usize, weight: impl Fn(usize) -> f64) -> Least {
        let leaves = count.next_power_of_two();
        let mut knots = vec![(f64::INFINITY.to_bits(), u32::MAX); 2 * leaves];
        for index in 0..count {
            knots[leaves + index] = (weight(index).to_bits(), index as u32);
        }
        for knot in (1..leaves).rev() {
            knots[knot] = knots[2 * knot].min(knots[2 * knot + 1]);
        }
        Least { knots }
    }

    /// Changes a weight: bits of numbers that are not negative sort as they do.
    fn set(&mut self, index: usize, weight: f64) {
        let mut knot = self.knots.len() / 2 + index;
        let mut least = (weight.to_bits(), index as u32);
        self.knots[knot] = least;
        while knot > 1 {
            least = least.min(self.knots[knot ^ 1]);
            knot /= 2;
            self.knots[knot] = least;
        }
    }

    /// Returns the least of all; `None` if none is finite.
    fn index(&self) -> Option<usize> {
        let (weight, index) = self.knots[1];
        (weight < f64::INFINITY.to_bits()).then_some(index as usize)
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
                assert!(placer.place(|| Key(1).nth(customer), 1.0).is_some(), "{policy:?}");
            }
            assert!(placer.rooms.iter().all(|room| room.customers == 10));
            assert_eq!(placer.place(|| Key(1).nth(40), 1.0), None);
        }
    }

    #[test]
    fn least_by_load_lets_one_big_customer_fill_a_cell() {
        let mut placer = placer(PlacementPolicy::LeastLoaded, PlacementBy::Load, u32::MAX);
        placer.place(|| Key(1).nth(0), 100.0);
        for customer in 1..31 {
            placer.place(|| Key(1).nth(customer), 1.0);
        }
        let customers: Vec<u32> = placer.rooms.iter().map(|room| room.customers).collect();
        assert_eq!(customers, [1, 10, 10, 10]);
    }

    #[test]
    fn the_least_loaded_is_the_one_a_search_finds() {
        for by in [PlacementBy::Customers, PlacementBy::Load] {
            let mut placer = placer(PlacementPolicy::LeastLoaded, by, 30);
            placer.put(2, 7.5);
            for customer in 0..119_u64 {
                let weight = |room: &Room| if by == PlacementBy::Load { room.load } else { f64::from(room.customers) };
                let free = placer.rooms.iter().filter(|room| room.customers < room.max);
                let least = free.reduce(|a, b| if weight(b) < weight(a) { b } else { a }).map(|room| room.cell);
                assert_eq!(placer.place(|| Key(1).nth(customer), (customer % 7) as f64), least);
            }
            assert_eq!(placer.place(|| Key(1).nth(119), 1.0), None);
        }
    }

    #[test]
    fn two_choices_are_more_even_than_random() {
        let spread = |policy| {
            let rooms = (0..100).map(|cell| Room { cell, customers: 0, load: 0.0, max: u32::MAX }).collect();
            let mut placer = Placer::new(policy, PlacementBy::Customers, rooms, &[]);
            for customer in 0..10_000 {
                placer.place(|| Key(5).nth(customer), 1.0);
            }
            placer.rooms.iter().map(|room| room.customers).max().unwrap_or(0)
        };
        assert!(spread(PlacementPolicy::TwoChoices) < spread(PlacementPolicy::Random));
        assert_eq!(spread(PlacementPolicy::LeastLoaded), 100);
    }
}
