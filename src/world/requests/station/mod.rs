//! Stations: what serves attempts, as state machines without clock or engine.
//!
//! A station is told that an attempt comes, that a service is done, how many slots there are now; it answers what that means, and
//! the [journey](super::journey) acts on it. Each kind is a file of its own.

pub mod ahead;
pub mod meter;
pub mod pace;
pub mod pool;
pub mod sharing;
pub mod slowing;
pub mod workers;

use crate::scenario::stage::{self, Discipline, Expired};
use crate::units::Nanos;
use crate::world::requests::attempt::AttemptId;
use ahead::{Ahead, Crossing};
use pool::{Pool, Room};
use sharing::Sharing;
use slowing::Slowing;

/// The state of one station.
#[derive(Debug, Clone)]
pub struct Station {
    kind: Kind,
    /// Whether work whose client has given up is dropped when its turn comes or its service ends.
    pub drops_expired: bool,
    /// Whether it settles ahead while nothing speaks against it.
    may_settle: bool,
}

/// What kinds of stations there are; the tag is a byte of its own, which is told apart faster than a value that nothing else has.
#[derive(Debug, Clone)]
#[repr(u8)]
enum Kind {
    /// Slots and a queue, settled ahead.
    Ahead(Ahead),
    /// Slots and a queue.
    Pool(Pool),
    /// Slots and a queue, services slow each other.
    Slowing(Slowing),
    /// Everybody shares the slots.
    Sharing(Sharing),
}

/// What a station says to an attempt that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Offer {
    /// It is in service.
    Begun(Begun),
    /// It waits for its turn.
    Waits,
    /// It is refused.
    Full,
}

/// When a service that has begun is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Begun {
    /// Then.
    Until(Nanos),
    /// In step with all others in service: the first of them is done then, if that is news.
    InStep(Option<Nanos>),
}

/// What is gone when a station loses attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// How many of them waited.
    pub waited: u32,
    /// When the first of those in step is done, if that is news.
    pub next: Option<Nanos>,
}

impl Station {
    /// Returns an idle station; one that may settle ahead does so when it is first asked.
    pub fn new(slots: u32, spec: &stage::Pool, may_settle: bool) -> Station {
        let places = spec.queue.unwrap_or(u32::MAX);
        let pool = || Pool::new(slots, places, spec.discipline);
        let kind = match spec.discipline {
            Discipline::ProcessorSharing => Kind::Sharing(Sharing::new(slots, places, spec.slows_by)),
            Discipline::Fifo | Discipline::Lifo if spec.slows_by > 0.0 => {
                Kind::Slowing(Slowing::new(pool(), spec.slows_by))
            }
            Discipline::Fifo | Discipline::Lifo => Kind::Pool(pool()),
        };
        // Everybody who comes to a shared station is served to the end.
        let drops_expired = spec.expired == Expired::Drop && !matches!(kind, Kind::Sharing(_));
        Station { kind, drops_expired, may_settle }
    }

    /// An attempt comes that needs so much, where nothing is [settled ahead](Station::ahead).
    #[inline(always)]
    pub fn offer(&mut self, id: AttemptId, now: Nanos, service: impl FnOnce() -> Nanos) -> Offer {
        match &mut self.kind {
            Kind::Ahead(_) => unreachable!("it is booked"),
            Kind::Pool(pool) => match pool.offer(id, now) {
                Room::Slot => {
                    pool.begin(now);
                    Offer::Begun(Begun::Until(now.saturating_add(service())))
                }
                Room::Waits => Offer::Waits,
                Room::Full => Offer::Full,
            },
            Kind::Slowing(slowing) => match slowing.pool.offer(id, now) {
                Room::Slot => Offer::Begun(Begun::InStep(slowing.begin(id, service(), now))),
                Room::Waits => Offer::Waits,
                Room::Full => Offer::Full,
            },
            Kind::Sharing(sharing) if sharing.has_room() => {
                Offer::Begun(Begun::InStep(sharing.begin(id, service(), now)))
            }
            Kind::Sharing(_) => Offer::Full,
        }
    }

    /// Takes the attempt whose turn it is, if a slot is free for it: [`begin`](Station::begin) takes the slot.
    #[inline]
    pub fn next(&mut self, now: Nanos) -> Option<AttemptId> {
        match &mut self.kind {
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.next(now),
            Kind::Ahead(_) | Kind::Sharing(_) => None,
        }
    }

    /// A slot begins to serve an attempt that has waited.
    #[inline(always)]
    pub fn begin(&mut self, id: AttemptId, now: Nanos, service: Nanos) -> Begun {
        match &mut self.kind {
            Kind::Slowing(slowing) => Begun::InStep(slowing.begin(id, service, now)),
            Kind::Sharing(sharing) => Begun::InStep(sharing.begin(id, service, now)),
            Kind::Pool(pool) => {
                pool.begin(now);
                Begun::Until(now.saturating_add(service))
            }
            Kind::Ahead(_) => unreachable!("nobody waits for a turn where all is settled ahead"),
        }
    }

    /// A slot has finished, or lost, the attempt that it worked on alone.
    #[inline]
    pub fn done(&mut self, now: Nanos) {
        match &mut self.kind {
            Kind::Pool(pool) => pool.done(now),
            Kind::Ahead(_) | Kind::Slowing(_) | Kind::Sharing(_) => unreachable!("only a pool's services end alone"),
        }
    }

    /// Takes those in step that are done now, and when the next one is; `None` if the pace has changed since this was foreseen.
    pub fn take_done(&mut self, now: Nanos) -> Option<(Vec<AttemptId>, Option<Nanos>)> {
        match &mut self.kind {
            Kind::Slowing(slowing) => slowing.take_done(now),
            Kind::Sharing(sharing) => sharing.take_done(now),
            Kind::Ahead(_) | Kind::Pool(_) => None,
        }
    }

    /// Loses those in the queue, or in step, for whom `stays` does not hold.
    pub fn drop_where(&mut self, now: Nanos, stays: impl Fn(AttemptId) -> bool) -> Dropped {
        let (waited, next) = match &mut self.kind {
            Kind::Pool(pool) => (pool.drop_where(now, stays), None),
            Kind::Slowing(slowing) => slowing.drop_where(now, stays),
            Kind::Sharing(sharing) => (0, sharing.drop_where(now, stays)),
            Kind::Ahead(_) => (0, None),
        };
        Dropped { waited, next }
    }

    /// There are so many slots from now on: [`repace`](Station::repace) and [`next`](Station::next) say what follows.
    pub fn set_slots(&mut self, slots: u32) {
        match &mut self.kind {
            Kind::Ahead(ahead) => ahead.slots = slots,
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.slots = slots,
            Kind::Sharing(sharing) => sharing.slots = slots,
        }
    }

    /// Attempts or slots have come or gone: returns when the first of those in step is done, if that is news.
    pub fn repace(&mut self, now: Nanos) -> Option<Nanos> {
        match &mut self.kind {
            Kind::Slowing(slowing) => slowing.repace(now),
            Kind::Sharing(sharing) => sharing.repace(now),
            Kind::Ahead(_) | Kind::Pool(_) => None,
        }
    }

    /// Returns the station as one that settles ahead, if it does, or turns so now because nothing speaks against it: `is_quiet` says
    /// whether faults do.
    #[inline(always)]
    pub fn ahead(&mut self, is_quiet: impl FnOnce() -> bool) -> Option<&mut Ahead> {
        if let Kind::Pool(pool) = &self.kind
            && self.may_settle
            && pool.is_idle()
            && is_quiet()
        {
            self.kind = Kind::Ahead(Ahead::of(pool, self.drops_expired));
        }
        self.settled()
    }

    /// Returns the station as one that settles ahead, if it does.
    #[inline]
    pub fn settled(&mut self) -> Option<&mut Ahead> {
        match &mut self.kind {
            Kind::Ahead(ahead) => Some(ahead),
            Kind::Pool(_) | Kind::Slowing(_) | Kind::Sharing(_) => None,
        }
    }

    /// If it settles ahead, it works by events from now on, until it is idle; returns who is in it.
    pub fn work_by_events(&mut self, now: Nanos) -> Vec<Crossing> {
        let Kind::Ahead(ahead) = &mut self.kind else { return Vec::new() };
        let (pool, inside) = ahead.by_events(now);
        self.kind = Kind::Pool(pool);
        inside
    }

    /// It never settles ahead.
    pub fn never_settle(&mut self) {
        self.may_settle = false;
    }

    /// Returns whether everybody is served at once.
    pub fn is_shared(&self) -> bool {
        matches!(self.kind, Kind::Sharing(_))
    }

    /// Returns the slots there are now.
    pub fn slots(&self) -> u32 {
        match &self.kind {
            Kind::Ahead(ahead) => ahead.slots,
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.slots,
            Kind::Sharing(sharing) => sharing.slots,
        }
    }

    /// Returns the slots at work, what is settled ahead not counted.
    #[inline]
    pub fn busy(&self) -> u32 {
        match &self.kind {
            Kind::Ahead(_) => 0,
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.busy,
            Kind::Sharing(sharing) => sharing.busy,
        }
    }

    /// Returns how many wait, what is settled ahead not counted; of those that share, how many are beyond the slots.
    #[inline]
    pub fn waiting(&self) -> u32 {
        match &self.kind {
            Kind::Ahead(_) => 0,
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.waiting(),
            Kind::Sharing(sharing) => sharing.waiting(),
        }
    }

    /// Returns how many are in it, what is settled ahead not counted.
    pub fn load(&self) -> u32 {
        self.busy() + self.waiting()
    }

    /// Returns the attempts that got a slot or a waiting place so far; where everybody is served at once nobody is counted.
    pub fn came(&self) -> u64 {
        match &self.kind {
            Kind::Ahead(ahead) => ahead.meter.came,
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.meter.came,
            Kind::Sharing(sharing) => sharing.meter.came,
        }
    }

    /// Returns the slot-nanoseconds of work done since the beginning.
    pub fn busy_time(&self, now: Nanos) -> u64 {
        match &self.kind {
            Kind::Ahead(ahead) => ahead.busy_time(now),
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.meter.busy_time(pool.busy, now),
            Kind::Sharing(sharing) => sharing.meter.busy_time(sharing.busy, now),
        }
    }

    /// Returns the nanoseconds that attempts have waited here since the beginning: the time integral of the queue's length. Where all
    /// are served at once nobody waits.
    pub fn time_waited(&self, now: Nanos) -> u64 {
        match &self.kind {
            Kind::Ahead(ahead) => ahead.time_waited(now),
            Kind::Pool(pool) | Kind::Slowing(Slowing { pool, .. }) => pool.meter.time_waited(pool.waiting(), now),
            Kind::Sharing(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::stage::{Pool as Spec, Size};

    fn spec(discipline: Discipline, slows_by: f64, expired: Expired) -> Spec {
        let (size, queue) = (Size::Concurrency(1), Some(5));
        let (overload, workers, instance_concurrency, min_per_zone) = (false, None, 1, 0);
        Spec { size, overload, slows_by, workers, queue, discipline, expired, instance_concurrency, min_per_zone }
    }

    /// Offers services of 10 at 0, 1 and 2 to a station of one slot.
    fn offers(station: &mut Station) -> Vec<Offer> {
        (0..3).map(|at| station.offer(AttemptId(at), Nanos::from(at), || 10)).collect()
    }

    #[test]
    fn each_kind_says_what_becomes_of_an_attempt() {
        let mut pool = Station::new(1, &spec(Discipline::Fifo, 0.0, Expired::Serve), false);
        assert_eq!(offers(&mut pool), [Offer::Begun(Begun::Until(10)), Offer::Waits, Offer::Waits]);
        let mut slowing = Station::new(1, &spec(Discipline::Lifo, 0.5, Expired::Serve), false);
        assert_eq!(offers(&mut slowing), [Offer::Begun(Begun::InStep(Some(10))), Offer::Waits, Offer::Waits]);
        let mut sharing = Station::new(1, &spec(Discipline::ProcessorSharing, 0.0, Expired::Drop), false);
        let begun = |next| Offer::Begun(Begun::InStep(next));
        assert_eq!(offers(&mut sharing), [begun(Some(10)), begun(Some(19)), begun(Some(28))]);
        assert!(sharing.is_shared() && !sharing.drops_expired);
        assert_eq!((sharing.waiting(), sharing.came(), sharing.time_waited(9)), (2, 0, 0));
    }

    #[test]
    fn settling_ahead_and_by_events_are_the_same_station() {
        let spec = spec(Discipline::Fifo, 0.0, Expired::Serve);
        let mut station = Station::new(1, &spec, true);
        assert!(station.ahead(|| false).is_none(), "a fault speaks against it");
        let ahead = station.ahead(|| true).expect("nothing speaks against it");
        for (id, at) in [(1, 0), (2, 1)] {
            let booking = ahead.book(at, 10, 99).expect("there is room");
            ahead.cross(AttemptId(id), booking);
        }
        assert_eq!(station.work_by_events(5).len(), 2);
        assert_eq!((station.busy(), station.waiting(), station.came()), (1, 1, 2));
        assert!(station.ahead(|| true).is_none(), "not before it is idle");
        station.done(10);
        assert_eq!(station.next(10), Some(AttemptId(2)));
        assert_eq!(station.begin(AttemptId(2), 10, 10), Begun::Until(20));
        station.done(20);
        assert!(station.ahead(|| true).is_some());
        assert_eq!((station.busy_time(30), station.time_waited(30)), (20, 9));
        station.work_by_events(30);
        station.never_settle();
        assert!(station.ahead(|| true).is_none());
    }

    #[test]
    fn what_is_lost_is_told_apart() {
        let mut pool = Station::new(1, &spec(Discipline::Fifo, 0.0, Expired::Drop), false);
        offers(&mut pool);
        assert_eq!(pool.drop_where(5, |id| id == AttemptId(2)), Dropped { waited: 1, next: None });
        let mut sharing = Station::new(1, &spec(Discipline::ProcessorSharing, 0.0, Expired::Serve), false);
        offers(&mut sharing);
        // At 5 the one that stays has had 1 of its 10.
        assert_eq!(sharing.drop_where(5, |id| id == AttemptId(2)), Dropped { waited: 0, next: Some(14) });
    }

    #[test]
    fn slots_given_back_serve_who_waits() {
        let mut pool = Station::new(1, &spec(Discipline::Fifo, 0.0, Expired::Drop), false);
        pool.set_slots(0);
        assert_eq!(offers(&mut pool), [Offer::Waits; 3]);
        pool.set_slots(1);
        assert_eq!((pool.slots(), pool.repace(9), pool.next(9)), (1, None, Some(AttemptId(0))));
        let mut sharing = Station::new(1, &spec(Discipline::ProcessorSharing, 0.0, Expired::Serve), false);
        offers(&mut sharing);
        sharing.set_slots(3);
        assert!(sharing.repace(9).is_some(), "all of them faster");
    }
}
