//! Callers as a flow: how many attempts a request makes, and how many requests fail, when a share of attempts fails.
//!
//! # Model
//! An attempt that is refused comes back at once; one that meets its time-out holds its client for that long, so that fewer
//! attempts fit before the deadline. Retry formulas: [`crate::engine::theory::retries`].

use crate::engine::theory::retries::{Effect, Retries};
use crate::scenario::client::{Backoff, Client, Growth, Jitter};
use crate::units::seconds;

/// The callers of a class.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Attempts, where failures come back at once.
    refused: Retries,
    /// Attempts, where failures are time-outs.
    timed_out: Retries,
    /// Time-out of an attempt, in seconds.
    pub timeout: f64,
    /// Seconds from the first to the last attempt, for both kinds of failure.
    reach: (f64, f64),
}

/// Shares of attempts that fail.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Failing {
    /// Answered with an error or refused.
    pub fast: f64,
    /// Never answered in time.
    pub slow: f64,
}

impl Failing {
    /// Returns the share of attempts that fails.
    pub fn total(self) -> f64 {
        (self.fast + self.slow).min(1.0)
    }

    /// Returns a part of the way to another.
    #[must_use]
    pub fn towards(self, next: Failing, part: f64) -> Failing {
        if part == 1.0 {
            return next;
        }
        let between = |from: f64, to: f64| from + part * (to - from);
        Failing { fast: between(self.fast, next.fast), slow: between(self.slow, next.slow) }
    }

    /// Puts another chance to fail behind this one: only what has passed meets it.
    #[must_use]
    pub fn then(self, next: Failing) -> Failing {
        let passed = 1.0 - self.total();
        Failing { fast: self.fast + passed * next.fast, slow: self.slow + passed * next.slow }
    }
}

impl Caller {
    /// Returns the callers that a scenario describes.
    pub fn new(client: &Client) -> Caller {
        let pauses: Vec<f64> = mean_pauses(&client.backoff, client.attempts);
        let (timeout, deadline) = (seconds(client.timeout), seconds(client.deadline));
        // An attempt is made if it can begin before the deadline.
        let fitting = |held: f64| {
            let mut begins = 0.0;
            let mut attempts = 1_u32;
            for pause in &pauses {
                let next = begins + held + pause;
                if next >= deadline {
                    break;
                }
                (begins, attempts) = (next, attempts + 1);
            }
            (attempts, begins)
        };
        let budget = client.retry_budget.map(|budget| budget.ratio);
        let (quick, slow) = (fitting(0.0), fitting(timeout));
        Caller {
            refused: Retries { attempts: quick.0, budget },
            timed_out: Retries { attempts: slow.0, budget },
            timeout,
            reach: (quick.1, slow.1),
        }
    }

    /// Returns what retries make of a share of failing attempts.
    pub fn effect(&self, failing: Failing) -> Effect {
        let retries = if failing.slow > failing.fast { self.timed_out } else { self.refused };
        retries.at(failing.total())
    }

    /// Returns the mean time from the first to the last attempt of a request all of whose attempts fail so, in seconds.
    pub fn reach(&self, failing: Failing) -> f64 {
        if failing.slow > failing.fast { self.reach.1 } else { self.reach.0 }
    }
}

/// Returns the mean pause before each retry, in seconds.
fn mean_pauses(backoff: &Backoff, attempts: u8) -> Vec<f64> {
    let (first, max) = (seconds(backoff.first), seconds(backoff.max));
    let mut last = first;
    (2..=attempts)
        .map(|next| {
            let base = match backoff.growth {
                Growth::Constant => first,
                Growth::Exponential { factor } => first * libm::pow(factor, f64::from(next - 2)),
                Growth::Decorrelated => {
                    last = ((first + 3.0 * last) / 2.0).min(max);
                    return last;
                }
            }
            .min(max);
            match backoff.jitter {
                Jitter::None => base,
                Jitter::Equal => 0.75 * base,
                Jitter::Full => base / 2.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MILLISECOND, SECOND};

    fn client(attempts: u8) -> Client {
        let growth = Growth::Exponential { factor: 2.0 };
        let backoff = Backoff { growth, first: 100 * MILLISECOND, max: SECOND, jitter: Jitter::Full };
        Client {
            timeout: SECOND,
            deadline: 3 * SECOND,
            attempts,
            backoff,
            retry_budget: None,
            hedge: None,
            remembers_cell: false,
        }
    }

    #[test]
    fn time_outs_leave_room_for_fewer_attempts() {
        let caller = Caller::new(&client(5));
        // Refused: begins at 0, 50, 150, 350, 750 ms. Timed out: at 0, 1.05, 2.15 s; the next would begin at 3.35 s.
        assert_eq!(caller.effect(Failing { fast: 1.0, slow: 0.0 }).amplification, 5.0);
        assert_eq!(caller.effect(Failing { fast: 0.0, slow: 1.0 }).amplification, 3.0);
        assert!((caller.reach(Failing { fast: 1.0, slow: 0.0 }) - 0.75).abs() < 1e-12);
        assert!((caller.reach(Failing { fast: 0.0, slow: 1.0 }) - 2.15).abs() < 1e-12);
    }

    #[test]
    fn chances_to_fail_follow_each_other() {
        let both = Failing { fast: 0.5, slow: 0.0 }.then(Failing { fast: 0.2, slow: 0.4 });
        assert_eq!(both, Failing { fast: 0.6, slow: 0.2 });
    }
}
