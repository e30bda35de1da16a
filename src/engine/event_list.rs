//! The event list: what happens next.
//!
//! A 4-ary heap of packed 128-bit keys (instant, sequence number, payload), beside first-in-first-out lanes for constant delays,
//! whose entries are in order by construction and need no heap. The next event is the least of the heap's top and the lanes'
//! heads. Knows nothing about what an event means: the payload is 32 bits of the caller's.
//!
//! # Invariants
//! Events come out in order of time; of two at the same instant, one scheduled *first* comes before all others (two of those in the
//! order of their payloads), one scheduled *ahead* before one that was not, and otherwise the one scheduled first comes first, whether it waited in the heap or in a lane. The clock never runs backwards:
//! scheduling before the last event taken is a bug. Instants beyond [`LATEST`] stand for never: no run comes that far.
//!
//! # Complexity
//! Lanes O(1), but for moving a new head among the other lanes' heads, which is rarely far; heap O(log n). A push right after a pop re-uses the vacated top
//! (one sift instead of two).
//!
//! # References
//! LaMarca, Ladner 1996: *The influence of caches on the performance of heaps*.

use std::collections::VecDeque;

use crate::units::Nanos;

/// Bits of a packed key below the instant: 40 of sequence number, 32 of payload.
const BELOW_TIME: u32 = 72;
/// Bits below the sequence number.
const BELOW_SEQUENCE: u32 = 32;
/// The latest instant that a key can hold: 56 bits of nanoseconds, 2.28 years.
pub const LATEST: Nanos = (1 << 56) - 1;
/// The bit of the sequence number that lets events scheduled ahead precede all others at their instant.
const BEHIND: u64 = 1 << 39;
/// A key after every other.
const NEVER: u128 = u128::MAX;

/// A lane: events at a constant distance from the instant at which they are scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneId(u16);

#[derive(Debug, Clone)]
struct Lane {
    delay: Nanos,
    waiting: VecDeque<u128>,
}

/// The event list.
#[derive(Debug, Clone)]
pub struct EventList {
    heap: Vec<u128>,
    /// The top of the heap has been taken and its place not yet filled.
    vacant: bool,
    lanes: Vec<Lane>,
    /// Least key of each lane (`NEVER` if empty) with the lane, in order: the next event of all lanes comes first.
    heads: Vec<(u128, u16)>,
    /// The lane from which the last event was taken.
    last_lane: Option<u16>,
    sequence: u64,
}

impl Default for EventList {
    fn default() -> EventList {
        EventList::new()
    }
}

impl EventList {
    /// Returns an empty list.
    pub fn new() -> EventList {
        EventList {
            heap: Vec::new(),
            vacant: false,
            lanes: Vec::new(),
            heads: Vec::new(),
            last_lane: None,
            sequence: 0,
        }
    }

    /// Returns the lane for a constant delay, made if it is not there yet.
    pub fn lane(&mut self, delay: Nanos) -> LaneId {
        let index = self.lanes.iter().position(|lane| lane.delay == delay).unwrap_or_else(|| {
            self.lanes.push(Lane { delay, waiting: VecDeque::new() });
            self.heads.push((NEVER, (self.lanes.len() - 1) as u16));
            self.lanes.len() - 1
        });
        LaneId(u16::try_from(index).expect("a scenario has far fewer constant delays"))
    }

    /// Returns a lane's delay.
    #[inline]
    pub fn delay(&self, lane: LaneId) -> Nanos {
        self.lanes[lane.0 as usize].delay
    }

    #[inline]
    fn key(&mut self, at: Nanos, rank: u64, payload: u32) -> u128 {
        debug_assert!(self.sequence < BEHIND);
        self.sequence += 1;
        // What lies beyond all that a run can reach never comes.
        (u128::from(at.min(LATEST)) << BELOW_TIME)
            | (u128::from(rank | self.sequence) << BELOW_SEQUENCE)
            | u128::from(payload)
    }

    /// Schedules an event at an instant.
    #[inline]
    pub fn schedule(&mut self, at: Nanos, payload: u32) {
        let key = self.key(at, BEHIND, payload);
        self.put(key);
    }

    /// Schedules an event at an instant, ahead of all events there that were not scheduled ahead.
    #[inline]
    pub fn schedule_ahead(&mut self, at: Nanos, payload: u32) {
        let key = self.key(at, 0, payload);
        self.put(key);
    }

    /// Schedules an event at an instant, before all others there.
    pub fn schedule_first(&mut self, at: Nanos, payload: u32) {
        self.put((u128::from(at.min(LATEST)) << BELOW_TIME) | u128::from(payload));
    }

    #[inline]
    fn put(&mut self, key: u128) {
        if self.vacant {
            self.vacant = false;
            self.sift_down(key);
        } else {
            self.heap.push(key);
            self.sift_up(self.heap.len() - 1, key);
        }
    }

    /// Schedules an event at `now` plus the lane's delay.
    #[inline]
    pub fn schedule_in_lane(&mut self, lane: LaneId, now: Nanos, payload: u32) {
        let index = lane.0 as usize;
        let key = self.key(now.saturating_add(self.lanes[index].delay), BEHIND, payload);
        let waiting = &mut self.lanes[index].waiting;
        debug_assert!(waiting.back().is_none_or(|&last| last < key));
        waiting.push_back(key);
        if waiting.len() == 1 {
            let at = self.heads.iter().position(|head| head.1 == lane.0).expect("every lane has a head");
            self.move_head(at, key);
        }
    }

    /// Takes the next event if it comes before `end`, at most [`LATEST`].
    #[inline]
    pub fn pop_before(&mut self, end: Nanos) -> Option<(Nanos, u32)> {
        assert!(end <= LATEST, "a run ends before the latest instant");
        if self.vacant {
            self.close_vacancy();
        }
        let top = self.heap.first().copied().unwrap_or(NEVER);
        let key = top.min(self.heads.first().map_or(NEVER, |head| head.0));
        let at = (key >> BELOW_TIME) as Nanos;
        if at >= end {
            return None;
        }
        if key == top {
            self.vacant = true;
            self.last_lane = None;
        } else {
            self.last_lane = Some(self.heads[0].1);
            self.pop_lane();
        }
        Some((at, key as u32))
    }

    /// Drops further events from the front of the lane from which the last event came, for as long as `is_void` holds of
    /// (instant, payload).
    ///
    /// For events that mostly no longer mean anything when their time comes, such as time-outs: dropping them together costs a
    /// fraction of taking them one by one. Does nothing if the last event came from the heap.
    #[inline]
    pub fn drop_void(&mut self, mut is_void: impl FnMut(Nanos, u32) -> bool) {
        let Some(lane) = self.last_lane else { return };
        let waiting = &mut self.lanes[lane as usize].waiting;
        while let Some(&key) = waiting.front()
            && is_void((key >> BELOW_TIME) as Nanos, key as u32)
        {
            waiting.pop_front();
        }
        let head = waiting.front().copied().unwrap_or(NEVER);
        let at = self.heads.iter().position(|head| head.1 == lane).expect("every lane has a head");
        self.move_head(at, head);
    }

    #[inline]
    fn pop_lane(&mut self) {
        let waiting = &mut self.lanes[self.heads[0].1 as usize].waiting;
        waiting.pop_front();
        let head = waiting.front().copied().unwrap_or(NEVER);
        self.move_head(0, head);
    }

    /// Gives the lane at a place of `heads` a new head, and moves it to where that belongs: rarely far.
    #[inline]
    fn move_head(&mut self, mut at: usize, key: u128) {
        let heads = self.heads.as_mut_slice();
        let lane = heads[at].1;
        while at > 0 && heads[at - 1].0 > key {
            heads[at] = heads[at - 1];
            at -= 1;
        }
        while at + 1 < heads.len() && heads[at + 1].0 < key {
            heads[at] = heads[at + 1];
            at += 1;
        }
        heads[at] = (key, lane);
    }

    fn close_vacancy(&mut self) {
        self.vacant = false;
        if let Some(last) = self.heap.pop()
            && !self.heap.is_empty()
        {
            self.sift_down(last);
        }
    }

    /// Puts `key` where the top was.
    #[inline]
    fn sift_down(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            // Four children as a tournament: compiled to conditional moves, no unpredictable branch.
            if let Some(&[a, b, c, d]) = heap.get(first..first + 4).and_then(|four| <&[u128; 4]>::try_from(four).ok()) {
                let (left, left_at) = if b < a { (b, first + 1) } else { (a, first) };
                let (right, right_at) = if d < c { (d, first + 3) } else { (c, first + 2) };
                let (least, at) = if right < left { (right, right_at) } else { (left, left_at) };
                if key <= least {
                    break;
                }
                heap[hole] = least;
                hole = at;
            } else {
                let Some((at, least)) = (first..heap.len()).map(|at| (at, heap[at])).min_by_key(|child| child.1) else {
                    break;
                };
                if key <= least {
                    break;
                }
                heap[hole] = least;
                hole = at;
            }
        }
        heap[hole] = key;
    }

    #[inline]
    fn sift_up(&mut self, mut hole: usize, key: u128) {
        let heap = self.heap.as_mut_slice();
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if heap[parent] <= key {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::{Key, below};
    use std::collections::BTreeMap;

    #[test]
    fn ties_leave_in_the_order_in_which_they_came() {
        let mut list = EventList::new();
        let lane = list.lane(10);
        list.schedule(10, 1);
        list.schedule_in_lane(lane, 0, 2);
        list.schedule(10, 3);
        list.schedule_in_lane(lane, 0, 4);
        let order: Vec<u32> = std::iter::from_fn(|| list.pop_before(LATEST)).map(|event| event.1).collect();
        assert_eq!(order, [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_scheduled_ahead_comes_first_at_its_instant() {
        let mut list = EventList::new();
        let lane = list.lane(10);
        list.schedule(10, 1);
        list.schedule_in_lane(lane, 0, 2);
        list.schedule_ahead(10, 3);
        list.schedule_ahead(10, 4);
        list.schedule(9, 5);
        let order: Vec<u32> = std::iter::from_fn(|| list.pop_before(LATEST)).map(|event| event.1).collect();
        assert_eq!(order, [5, 3, 4, 1, 2]);
    }

    #[test]
    fn void_events_are_dropped_up_to_the_first_that_is_not() {
        let mut list = EventList::new();
        let lane = list.lane(10);
        for payload in [1, 2, 3, 4, 5] {
            list.schedule_in_lane(lane, u64::from(payload), payload);
        }
        assert_eq!(list.pop_before(LATEST), Some((11, 1)));
        list.drop_void(|_, payload| payload < 4);
        assert_eq!(list.pop_before(LATEST), Some((14, 4)));
        list.schedule(14, 9);
        assert_eq!(list.pop_before(LATEST), Some((14, 9)));
        list.drop_void(|_, _| true);
        assert_eq!(list.pop_before(LATEST), Some((15, 5)));
    }

    #[test]
    fn what_comes_too_late_never_comes() {
        let mut list = EventList::new();
        let lane = list.lane(Nanos::MAX - 3);
        list.schedule(LATEST + 1, 1);
        list.schedule(Nanos::MAX, 2);
        list.schedule_in_lane(lane, 10, 3);
        list.schedule_ahead(1 << 60, 4);
        list.schedule(7, 5);
        assert_eq!(list.pop_before(LATEST), Some((7, 5)));
        assert_eq!(list.pop_before(LATEST), None);
    }

    #[test]
    fn stops_before_the_end() {
        let mut list = EventList::new();
        list.schedule(5, 1);
        assert_eq!(list.pop_before(5), None);
        assert_eq!(list.pop_before(6), Some((5, 1)));
        assert_eq!(list.pop_before(LATEST), None);
    }

    #[test]
    fn agrees_with_a_sorted_map_under_random_use() {
        let mut list = EventList::new();
        let lanes = [list.lane(7), list.lane(100), list.lane(0)];
        let mut model = BTreeMap::new();
        let (mut now, mut sequence) = (0, 0_u64);
        for step in 0..200_000_u64 {
            let bits = Key(9).nth(step).0;
            sequence += 1;
            let payload = sequence as u32;
            match bits % 8 {
                0..=1 => {
                    let at = now + u64::from(below(bits, 50));
                    list.schedule(at, payload);
                    model.insert((at, sequence), payload);
                }
                2..=3 => {
                    let lane = lanes[(bits >> 8) as usize % 3];
                    list.schedule_in_lane(lane, now, payload);
                    model.insert((now + list.delay(lane), sequence), payload);
                }
                _ => {
                    let expected = model.pop_first().map(|((at, _), payload)| (at, payload));
                    assert_eq!(list.pop_before(LATEST), expected);
                    now = expected.map_or(now, |event| event.0);
                }
            }
        }
    }
}
