//! Fan-out: an attempt asks several destinations at once, and goes on when enough of them have answered.
//!
//! # Model
//! Destinations do not contend: each answers after a time of its own, drawn for this call alone. So all that happens is known
//! when the calls are sent: the stage ends at the order statistic of the answers that it needs. A destination that has not
//! answered after the hedge's delay is asked a second time, and the earlier answer counts (Dean, Barroso 2013: *The tail at
//! scale*). What is superfluous is not called back.
//!
//! A fault that bears on the stage bears on each call by that call's own luck; one that names a destination, on its calls alone,
//! the second ones included. Calls that were sent before the fault began are not touched.

use std::borrow::Cow;

use crate::catalogue::Cause;
use crate::engine::rng::{Key, Slot};
use crate::scenario::fan_out::FanOut;
use crate::units::Nanos;
use crate::world::operations::effects::{self, Admission, Facts, Strike};
use crate::world::operations::gate::Gate;
use crate::world::platform::class::ServiceTime;
use crate::world::requests::attempt::Attempt;

const DESTINATION: Slot = Slot::named("fan-out/destination");
const HEDGE: Slot = Slot::named("fan-out/hedge");

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// A good answer after this long.
    Answered(Nanos),
    /// A bad answer, at once.
    Failed(Cause),
    /// No answer ever.
    Lost,
}

impl Call {
    /// Returns whether nothing has come back after this long.
    fn is_silent_for(self, after: Nanos) -> bool {
        match self {
            Call::Answered(time) => time > after,
            Call::Failed(_) => false,
            Call::Lost => true,
        }
    }

    /// Returns what the first good answer makes of this call and one sent `after`.
    fn or(self, after: Nanos, second: Call) -> Call {
        match (self, second) {
            (Call::Answered(first), Call::Answered(second)) => Call::Answered(first.min(after + second)),
            (Call::Lost, Call::Answered(second)) => Call::Answered(after + second),
            (first, Call::Failed(_) | Call::Lost) | (first @ Call::Failed(_), Call::Answered(_)) => first,
        }
    }
}

/// Returns the strikes that bear on calls to a destination (from 0); all others are left out.
fn strikes_on(strikes: &[Strike], destination: u32) -> Cow<'_, [Strike]> {
    if strikes.iter().all(|strike| strike.destination.is_none()) {
        return Cow::Borrowed(strikes);
    }
    let here = |strike: &&Strike| strike.destination.is_none_or(|only| only == destination);
    Cow::Owned(strikes.iter().filter(here).cloned().collect())
}

/// What becomes of the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on after this long.
    Done(Nanos),
    /// Too many destinations have failed.
    Failed(Cause),
    /// Too many destinations say nothing: only the client's time-out ends it.
    Lost,
}

/// Decides what becomes of a stage that needs so many answers; `answers` is scratch.
fn outcome(needed: u32, calls: &[Call], answers: &mut Vec<Nanos>) -> Outcome {
    let needed = needed as usize;
    if needed == 0 {
        return Outcome::Done(0);
    }
    answers.clear();
    let (mut lost, mut cause) = (0, Cause::Error);
    for call in calls {
        match *call {
            Call::Answered(after) => answers.push(after),
            Call::Failed(why) => cause = why,
            Call::Lost => lost += 1,
        }
    }
    if answers.len() >= needed {
        let (_, last, _) = answers.select_nth_unstable(needed - 1);
        Outcome::Done(*last)
    } else if answers.len() + lost >= needed {
        Outcome::Lost
    } else {
        Outcome::Failed(cause)
    }
}

/// An attempt that asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Key of its request.
    pub request: Key,
    /// Its own key.
    pub attempt: Key,
    /// Where the stage stands.
    pub place: u32,
    /// How long a destination takes.
    pub time: &'a ServiceTime,
    /// Faults that bear on the cell.
    pub gate: &'a Gate,
}

/// Asks all destinations: returns what becomes of the stage, and how many second calls there are.
pub fn ask(FanOut { destinations, needed, hedge }: FanOut, asker: &Asker, who: impl Fn() -> Facts) -> (Outcome, u32) {
    let (mut calls, mut hedges) = (Vec::with_capacity(destinations as usize), 0);
    for destination in 0..destinations {
        let strikes = strikes_on(&asker.gate.strikes, destination);
        let first = asker.call(destination, None, &strikes, &who);
        calls.push(match hedge {
            Some(after) if first.is_silent_for(after) => {
                hedges += 1;
                first.or(after, asker.call(destination, Some(HEDGE), &strikes, &who))
            }
            _ => first,
        });
    }
    (outcome(needed, &calls, &mut Vec::new()), hedges)
}

impl<'a> Asker<'a> {
    /// Returns an attempt as one that asks, at a stage that stands there.
    pub fn new(attempt: &Attempt, place: u32, time: &'a ServiceTime, gate: &'a Gate) -> Asker<'a> {
        Asker { request: attempt.request.key, attempt: attempt.key, place, time, gate }
    }

    /// Sends one call.
    fn call(&self, destination: u32, copy: Option<Slot>, strikes: &[Strike], who: &impl Fn() -> Facts) -> Call {
        let own = |key: Key| {
            let key = key.part(Slot(DESTINATION.0 ^ self.time.slot.0)).nth(u64::from(destination));
            copy.map_or(key, |copy| key.part(copy))
        };
        let attempt = own(self.attempt);
        let time = self.time.draw(own(self.request), attempt);
        if strikes.is_empty() {
            return Call::Answered(time);
        }
        // Luck that is a share of requests is the request's.
        let call = Facts { attempt, ..who() };
        match effects::admit(strikes, Some(self.place), &call) {
            Admission::Pass => Call::Answered(effects::slowed(strikes, Some(self.place), &call, time)),
            Admission::Refuse => Call::Failed(Cause::Refused),
            Admission::Error => Call::Failed(Cause::Error),
            Admission::Swallow => Call::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_answers_or_too_many_failures() {
        use Call::{Answered, Failed, Lost};
        let calls = [Answered(30), Failed(Cause::Refused), Answered(10), Lost, Answered(20)];
        let decide = |needed| outcome(needed, &calls, &mut Vec::new());
        assert_eq!(decide(0), Outcome::Done(0));
        assert_eq!((decide(1), decide(2), decide(3)), (Outcome::Done(10), Outcome::Done(20), Outcome::Done(30)));
        assert_eq!((decide(4), decide(5)), (Outcome::Lost, Outcome::Failed(Cause::Refused)));
    }

    #[test]
    fn the_earlier_answer_counts() {
        use Call::{Answered, Failed, Lost};
        assert!(!Answered(10).is_silent_for(10) && Answered(11).is_silent_for(10));
        assert!(Lost.is_silent_for(10) && !Failed(Cause::Error).is_silent_for(10));
        assert_eq!(Answered(100).or(10, Answered(5)), Answered(15));
        assert_eq!(Answered(12).or(10, Answered(5)), Answered(12));
        assert_eq!(Lost.or(10, Answered(5)), Answered(15));
        assert_eq!(Answered(12).or(10, Failed(Cause::Error)), Answered(12));
        assert_eq!(Lost.or(10, Lost), Lost);
    }

    #[test]
    fn a_fault_on_one_destination_leaves_the_others_alone() {
        let slot = Slot::named("service/s");
        let law = crate::engine::law::Law::Constant(20.0);
        let sampler = crate::engine::law::Sampler::new(&law);
        let time = ServiceTime { slot, sampler, constant: Some(20), luck_of_request: 0.0 };
        let who = || Facts { request: Key(1), attempt: Key(2), tier: 0, zones: 1, customer: 0 };
        let strike = |effect| Strike {
            activation: 0,
            key: Key(3),
            place: Some(7),
            destination: Some(1),
            zone: None,
            tier: None,
            detected: false,
            effects: vec![effect],
        };
        let decide = |needed, hedge, strikes: Vec<Strike>| {
            let gate = Gate { strikes };
            let asker = Asker { request: Key(1), attempt: Key(2), place: 7, time: &time, gate: &gate };
            ask(FanOut { destinations: 3, needed, hedge }, &asker, who)
        };
        assert_eq!(decide(3, None, vec![]), (Outcome::Done(20), 0));
        assert_eq!(decide(3, Some(5), vec![]), (Outcome::Done(20), 3), "asked again, and no sooner");
        let crash = || vec![strike(crate::scenario::fault::Effect::Crash)];
        assert_eq!(decide(2, None, crash()), (Outcome::Done(20), 0));
        assert_eq!(decide(3, None, crash()), (Outcome::Failed(Cause::Refused), 0));
        let blackhole = vec![strike(crate::scenario::fault::Effect::Blackhole)];
        assert_eq!(decide(3, Some(30), blackhole), (Outcome::Lost, 1));
    }
}
