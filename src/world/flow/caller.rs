//! Callers as a flow: how many attempts a request makes, and how many requests fail, when a share of attempts fails.
//!
//! # Model
//! An attempt fails fast (an error, a refusal) or by its time-out, each with a probability of its own, and the next one begins
//! after a pause if that is before the deadline. So attempt k after n time-outs begins after n time-outs, k - 1 - n fast failures
//! and k - 1 pauses, the law of whose sum is known ([`Pauses`]). An attempt has its time-out, or what is left of the deadline if
//! that is less: then it is the last one, and fails the more often. Who was refused by a full queue finds it full again with a
//! probability of its own.
//!
//! With a retry budget b, retries are granted with the probability that holds attempts at 1 + b a request.

use super::pauses::{Pauses, ranges};
use crate::engine::special::solve::invert_increasing;
use crate::scenario::client::Client;
use crate::units::seconds;

/// The callers of a class.
#[derive(Debug, Clone)]
pub struct Caller {
    attempts: usize,
    pauses: Pauses,
    /// Between which times each pause lies.
    ranges: Vec<(f64, f64)>,
    deadline: f64,
    budget: Option<f64>,
    /// Time-out of an attempt, in seconds.
    pub timeout: f64,
}

/// How attempts end.
pub struct Ends<'a> {
    /// How they fail with their whole time-out.
    pub failing: Failing,
    /// Seconds after which one fails fast.
    pub after: f64,
    /// What full queues refuse of them.
    pub refused: &'a Refused,
    /// Of the attempts that their whole time-out lets pass, the share that takes longer than so many seconds.
    pub longer: &'a dyn Fn(f64) -> f64,
}

impl Ends<'_> {
    /// Returns ends where less time makes nobody late.
    pub fn plain(failing: Failing, after: f64) -> Ends<'static> {
        Ends { failing, after, refused: &INDEPENDENT, longer: &|_| 0.0 }
    }

    /// How an attempt fails, and how likely it is refused, if the one before was refused or was not.
    fn after(&self, number: usize, was_refused: bool) -> (Failing, f64) {
        let (Failing { fast, slow }, share) = (self.failing, self.refused.share);
        let Some(&again) =
            number.checked_sub(2).and_then(|retry| self.refused.again.get(retry)).filter(|_| was_refused)
        else {
            return (self.failing, share);
        };
        let others = (fast - share).max(0.0);
        let again = again.min(1.0 - others);
        let admitted = 1.0 - others - share;
        let part = if admitted > 0.0 { (1.0 - others - again) / admitted } else { 0.0 };
        (Failing { fast: others + again, slow: slow * part }, again)
    }
}

/// What full queues refuse.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refused {
    /// Share of attempts, part of those that fail fast.
    pub share: f64,
    /// By retry: of those whose attempt before was refused. Without any as often as ever.
    pub again: Vec<f64>,
}

impl Refused {
    /// Returns what is refused where only a part of attempts comes so far.
    #[must_use]
    pub fn of(&self, part: f64) -> Refused {
        Refused { share: part * self.share, again: self.again.iter().map(|again| part * again).collect() }
    }
}

/// Nothing is refused more often than by chance.
static INDEPENDENT: Refused = Refused { share: 0.0, again: Vec::new() };

/// What becomes of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Effect {
    /// Attempts per request.
    pub amplification: f64,
    /// Share of requests that fail in the end.
    pub failed: f64,
    /// Mean time from the first to the last attempt of those, in seconds.
    pub reach: f64,
}

impl Effect {
    /// Returns what becomes of requests of which a share fares otherwise.
    #[must_use]
    pub fn mixed(self, share: f64, other: Effect) -> Effect {
        let mean = |one: f64, another: f64| (1.0 - share) * one + share * another;
        let failed = mean(self.failed, other.failed);
        let reached = mean(self.failed * self.reach, other.failed * other.reach);
        Effect {
            amplification: mean(self.amplification, other.amplification),
            failed,
            reach: if failed > 0.0 { reached / failed } else { 0.0 },
        }
    }
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

/// What is less likely is left out.
const NEVER: f64 = 1e-18;

/// An attempt after so many others, of which so many met their time-out.
struct Begun {
    number: usize,
    /// How it fails.
    failing: Failing,
    /// How likely so many time-outs are, were there no deadline.
    chance: f64,
    /// Seconds that the attempts before took, without pauses.
    held: f64,
    /// How likely it begins before the deadline, and the next one, if this one fails fast or slowly and every retry is granted.
    begins: f64,
    again: [f64; 2],
}

impl Caller {
    /// Returns the callers that a scenario describes.
    pub fn new(client: &Client) -> Caller {
        let (attempts, deadline) = (client.attempts.max(1), seconds(client.deadline));
        Caller {
            attempts: usize::from(attempts),
            pauses: Pauses::new(&client.backoff, attempts, deadline),
            ranges: ranges(&client.backoff, attempts),
            deadline,
            budget: client.retry_budget.map(|budget| budget.ratio),
            timeout: seconds(client.timeout),
        }
    }

    /// Returns between which times each pause lies, in seconds.
    pub fn pauses(&self) -> &[(f64, f64)] {
        &self.ranges
    }

    /// Returns the deadline, in seconds.
    pub fn deadline(&self) -> f64 {
        self.deadline
    }

    /// Returns how many retries there may be for each request.
    pub fn budget(&self) -> Option<f64> {
        self.budget
    }

    /// Returns the attempts per request that end so.
    pub fn amplification(&self, ends: &Ends<'_>) -> f64 {
        let free = self.amplified(ends, 1.0);
        self.budget.map_or(free, |budget| free.min(1.0 + budget))
    }

    /// Returns what retries make of attempts that end so.
    pub fn effect(&self, ends: &Ends<'_>) -> Effect {
        let granted = self.granted(ends);
        let (mut amplification, mut failed, mut reached) = (0.0, 0.0, 0.0);
        self.each(ends, granted, |begun| {
            let Failing { fast, slow } = begun.failing;
            let passing = (1.0 - fast - slow).max(0.0);
            amplification += begun.chance * begun.begins;
            let not_again = begun.again.map(|again| (begun.begins - granted * again).max(0.0));
            let left = self.deadline - begun.held;
            let cut = if passing > 0.0 { passing * self.cut(begun.number, left, ends.longer) } else { 0.0 };
            let last = begun.chance * (fast * not_again[0] + slow * not_again[1] + cut);
            failed += last;
            reached += last * (begun.held + self.pauses.mean_below(begun.number - 1, left));
        });
        Effect { amplification, failed: failed.min(1.0), reach: if failed > 0.0 { reached / failed } else { 0.0 } }
    }

    /// The probability that a retry is granted.
    fn granted(&self, ends: &Ends<'_>) -> f64 {
        let amplified = |granted: f64| self.amplified(ends, granted.min(1.0));
        match self.budget {
            Some(budget) if amplified(1.0) > 1.0 + budget => {
                invert_increasing(1.0 + budget, |granted| amplified(granted) + (granted - 1.0).max(0.0)).min(1.0)
            }
            _ => 1.0,
        }
    }

    fn amplified(&self, ends: &Ends<'_>, granted: f64) -> f64 {
        let mut sum = 0.0;
        self.each(ends, granted, |begun| sum += begun.chance * begun.begins);
        sum
    }

    /// Visits the attempts that may begin.
    fn each(&self, ends: &Ends<'_>, granted: f64, mut visit: impl FnMut(Begun)) {
        let after = ends.after;
        // By time-outs so far, and whether the attempt before was refused by a full queue.
        let mut chances = vec![[0.0; 2]; self.attempts + 1];
        chances[0][0] = 1.0;
        for number in 1..=self.attempts {
            let mut goes_on = false;
            for time_outs in (0..number).rev() {
                let chances_here = std::mem::take(&mut chances[time_outs]);
                if chances_here[0] + chances_here[1] <= NEVER {
                    continue;
                }
                let held = time_outs as f64 * self.timeout + (number - 1 - time_outs) as f64 * after;
                let begins = self.begins(number, held);
                let again = [after, self.timeout].map(|more| self.begins(number + 1, held + more));
                for (was_refused, chance) in
                    [false, true].into_iter().zip(chances_here).filter(|(_, chance)| *chance > 0.0)
                {
                    let (failing, refused) = ends.after(number, was_refused);
                    visit(Begun { number, failing, chance, held, begins, again });
                    let others = (failing.fast - refused).max(0.0);
                    for (more, is_refusal, share) in [(0, 0, others), (0, 1, refused), (1, 0, failing.slow)] {
                        let next = chance * share * granted;
                        if again[more] * next > NEVER {
                            chances[time_outs + more][is_refusal] += next;
                            goes_on = true;
                        }
                    }
                }
            }
            if !goes_on {
                break;
            }
        }
    }

    /// Returns the probability that attempt `number` (from 1) begins before the deadline, where all before it took so many seconds.
    pub fn begins(&self, number: usize, held: f64) -> f64 {
        if number > self.attempts { 0.0 } else { self.pauses.below(number - 1, self.deadline - held) }
    }

    /// The share of requests whose attempt `number` would pass, but for the deadline: `left` are the seconds that it and the pauses
    /// before it have together.
    fn cut(&self, number: usize, left: f64, longer: &dyn Fn(f64) -> f64) -> f64 {
        self.pauses.mean_between(number - 1, (left - self.timeout, left), |pauses| longer(left - pauses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::client::{Backoff, Growth, Jitter, RetryBudget};
    use crate::units::{MILLISECOND, SECOND};

    fn client(attempts: u8, jitter: Jitter) -> Client {
        let growth = Growth::Exponential { factor: 2.0 };
        let backoff = Backoff { growth, first: 100 * MILLISECOND, max: SECOND, jitter };
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

    const REFUSED: Failing = Failing { fast: 1.0, slow: 0.0 };
    const TIMED_OUT: Failing = Failing { fast: 0.0, slow: 1.0 };

    #[test]
    fn time_outs_leave_room_for_fewer_attempts() {
        let caller = Caller::new(&client(5, Jitter::Full));
        // Refused: begins at 0, 50, 150, 350, 750 ms. Timed out: at 0, 1.05, 2.15 s; the next would begin at 3.35 s.
        let [refused, timed_out] = [REFUSED, TIMED_OUT].map(|failing| caller.effect(&Ends::plain(failing, 0.0)));
        assert_eq!((refused.amplification, timed_out.amplification), (5.0, 3.0));
        assert!((refused.reach - 0.75).abs() < 1e-12 && (timed_out.reach - 2.15).abs() < 1e-12);
        // A refusal that takes 700 ms lets the fifth attempt begin only if the pauses take less than 200 ms.
        let late = caller.amplification(&Ends::plain(REFUSED, 0.7));
        assert!(4.0 < late && late < 4.05, "{late}");
    }

    #[test]
    fn without_a_deadline_that_matters_attempts_are_independent() {
        let long = Client { deadline: 100 * SECOND, ..client(4, Jitter::Full) };
        for (fast, slow) in [(0.0, 0.0), (0.1, 0.2), (0.5, 0.0), (0.0, 1e-4), (0.4, 0.6)] {
            let p: f64 = fast + slow;
            let effect = Caller::new(&long).effect(&Ends::plain(Failing { fast, slow }, 0.0));
            let failed = p * p * p * p;
            assert!((effect.failed - failed).abs() <= 1e-12 * failed, "{fast} {slow}: {effect:?}");
            assert!((effect.amplification - (1.0 + p + p * p + p * p * p)).abs() < 1e-12);
        }
        // Half fails, two attempts, a budget of a tenth: 1 + r / 2 = 1.1, and 0.5 x 0.8 + 0.5 x 0.1 fail.
        let two = Client { attempts: 2, retry_budget: Some(RetryBudget { ratio: 0.1, burst: 1.0 }), ..long };
        let effect = Caller::new(&two).effect(&Ends::plain(Failing { fast: 0.5, slow: 0.0 }, 0.0));
        assert!((effect.amplification - 1.1).abs() < 1e-12 && (effect.failed - 0.45).abs() < 1e-12, "{effect:?}");
    }

    #[test]
    fn the_last_attempt_has_what_is_left_of_the_deadline() {
        // Time-outs of a second in three, pauses of 100 and 200 ms: the third attempt begins at 2.3 s and has 0.7 s.
        let caller = Caller::new(&client(3, Jitter::None));
        let above = |time: f64| libm::exp(-time / 0.4);
        let p = above(1.0);
        let late = |left: f64| (above(left) - p) / (1.0 - p);
        let effect = caller.effect(&Ends { longer: &late, ..Ends::plain(Failing { fast: 0.0, slow: p }, 0.0) });
        assert!((effect.failed / (p * p * above(0.7)) - 1.0).abs() < 1e-12, "{effect:?}");
        // Spread, the sum of the pauses is even up to 0.1 plus even up to 0.2: what is left is 1 s less that.
        let caller = Caller::new(&client(3, Jitter::Full));
        let effect = caller.effect(&Ends { longer: &late, ..Ends::plain(Failing { fast: 0.0, slow: p }, 0.0) });
        let mean = |longest: f64| 0.4 * (libm::exp(longest / 0.4) - 1.0) / longest;
        let exact = p * p * p * mean(0.1) * mean(0.2);
        assert!((effect.failed / exact - 1.0).abs() < 1e-3, "{effect:?} {exact}");
    }

    #[test]
    fn a_part_of_attempts_that_vanish_leaves_less_time_than_one_that_is_refused() {
        // A third vanishes, time-outs of 400 ms in one second: who meets it twice in a row has no third attempt if the two pauses
        // take 200 ms or more: (1/9) (1/4) of the requests; and those who meet it again in the third, (1/27) (3/4).
        let short = Client { timeout: 400 * MILLISECOND, deadline: SECOND, ..client(4, Jitter::Full) };
        let effect = Caller::new(&short).effect(&Ends::plain(Failing { fast: 0.0, slow: 1.0 / 3.0 }, 0.0));
        let exact = 1.0 / 36.0 + 1.0 / 36.0;
        assert!((effect.failed / exact - 1.0).abs() < 1e-4, "{effect:?}");
    }

    #[test]
    fn who_was_refused_is_refused_again_with_a_chance_of_its_own() {
        // Refused with a tenth, then with a half and a quarter; an error with a fifth, which tells nothing of the queue.
        let caller = Caller::new(&Client { deadline: 100 * SECOND, ..client(3, Jitter::Full) });
        let refused = Refused { share: 0.1, again: vec![0.5, 0.25] };
        let ends = Ends { refused: &refused, ..Ends::plain(Failing { fast: 0.3, slow: 0.0 }, 0.0) };
        let effect = caller.effect(&ends);
        // Refused: 0.1 then 0.5 / other 0.2; other 0.2: then 0.1 / 0.2. Third: after a refusal 0.25 + 0.2, else 0.3.
        let (refused, other) = (0.1 * 0.5 + 0.2 * 0.1, 0.1 * 0.2 + 0.2 * 0.2);
        assert!((effect.failed - (refused * 0.45 + other * 0.3)).abs() < 1e-12, "{effect:?}");
        assert!((effect.amplification - (1.0 + 0.3 + refused + other)).abs() < 1e-12);
    }

    #[test]
    fn chances_to_fail_follow_each_other() {
        let both = Failing { fast: 0.5, slow: 0.0 }.then(Failing { fast: 0.2, slow: 0.4 });
        assert_eq!(both, Failing { fast: 0.6, slow: 0.2 });
    }
}
