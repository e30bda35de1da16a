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

use super::event::{Event, Rid};
use super::happening::{Happening, Observer};
use super::request::{Place, Record};
use super::world::World;
use crate::catalogue::Cause;
use crate::engine::rng::Slot;
use crate::scenario::fan_out::FanOut;
use crate::units::Nanos;
use crate::world::operations::effects::{self, Admission, Strike};
use crate::world::platform::class::Step;

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
enum Outcome {
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

impl World {
    /// The attempt comes to a fan-out stage.
    pub(super) fn fan_out<O: Observer>(&mut self, rid: Rid, fan_out: FanOut, observer: &mut O) {
        let FanOut { destinations, needed, hedge } = fan_out;
        let platform = std::sync::Arc::clone(&self.platform);
        let record = &self.records[rid];
        let step = &platform.steps[record.step as usize];
        let (mut calls, mut hedges) = (Vec::with_capacity(destinations as usize), 0);
        for destination in 0..destinations {
            let strikes = strikes_on(&self.cells[record.cell as usize].strikes, destination);
            let first = self.call(record, step, destination, None, &strikes);
            calls.push(match hedge {
                Some(after) if first.is_silent_for(after) => {
                    hedges += 1;
                    first.or(after, self.call(record, step, destination, Some(HEDGE), &strikes))
                }
                _ => first,
            });
        }
        if record.has_client() && !record.is_surge() {
            observer.happened(Happening::Called {
                class: record.class,
                arrival: record.arrival,
                calls: destinations,
                hedges,
            });
        }
        self.ensure_timer(rid);
        match outcome(needed, &calls, &mut Vec::new()) {
            Outcome::Done(after) => {
                self.records[rid].place = Place::Delay;
                self.events.schedule(self.now.saturating_add(after), Event::Delayed(rid).pack());
            }
            Outcome::Failed(cause) => self.fail(rid, cause, observer),
            Outcome::Lost => self.swallow(rid),
        }
    }

    /// Sends one call.
    fn call(&self, record: &Record, step: &Step, destination: u32, copy: Option<Slot>, strikes: &[Strike]) -> Call {
        let own = |key: crate::engine::rng::Key| {
            let key = key.part(Slot(DESTINATION.0 ^ step.slot.0)).nth(u64::from(destination));
            copy.map_or(key, |copy| key.part(copy))
        };
        let mut call = record.clone();
        (call.request, call.attempt_key) = (own(record.request), own(record.attempt_key));
        let time = step.service_time(&call);
        if strikes.is_empty() {
            return Call::Answered(time);
        }
        // Luck that is a share of requests is the request's.
        call.request = record.request;
        let customer = self.setting.customer(record.sub);
        match effects::admit(strikes, Some(step.place), &call.facts(&self.platform), customer) {
            Admission::Pass => {
                Call::Answered(effects::slowed(strikes, Some(step.place), &call.facts(&self.platform), time))
            }
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
}
