//! The self-test: closed forms of queueing theory, caches, retries and contracts, held against real scenarios.
//!
//! A case passes if theory lies inside the interval of what was simulated and the interval is narrow. All checks are one family:
//! each is made at the level at which, by Sidak's rule, a true program fails any of them with a probability of 0.1 %.
//!
//! # References
//! Sidak (1967), Rectangular Confidence Regions for the Means of Multivariate Normal Distributions, JASA 62.

mod case;
mod cases;
mod queues;
mod years;

pub use case::{Case, Check};
pub use queues::Station;

use crate::catalogue::Unit;
use crate::engine::special::beta::student;
use crate::engine::stats::{Estimate, State};
use crate::experiment::run;
use crate::experiment::study::watch::{Options, RunError, Watcher};
use crate::scenario::Scenario;

/// Probability that a true program fails any check.
const FAMILY: f64 = 0.001;
/// Half-width at 95 %, relative to the value, at most.
pub const NARROW: f64 = 0.015;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Theory is inside, and the interval is narrow.
    Passed,
    /// Theory is outside.
    Outside,
    /// The interval is too wide to prove anything.
    TooWide,
    /// There is no such number, or it has no interval.
    NotMeasured,
}

/// What a check found.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Finding {
    /// Name of the case.
    pub case: &'static str,
    /// Metric and statistic.
    pub what: String,
    /// What theory says.
    pub theory: f64,
    /// What was simulated, with its interval at the family's level.
    pub simulated: Estimate,
    /// Unit of both.
    pub unit: Unit,
    /// Half-width at 95 % over the value; `None` if there is no interval.
    pub half_width: Option<f64>,
    /// How it ended.
    pub verdict: Verdict,
}

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let mut all = queues::cases();
    all.extend(cases::cases());
    all.extend(years::cases());
    all
}

/// Returns the number of checks in the family.
pub fn checks() -> usize {
    cases().iter().map(|case| case.checks.len()).sum()
}

/// Returns the level of confidence at which each of so many checks is made.
///
/// # Example
/// ```
/// // 1 - 0.999^(1/100): each of a hundred checks fails a true program once in 100,000 times.
/// let level = cellsim::experiment::selftest::level(100);
/// assert!((1.0 - level - 1.0005e-5).abs() < 1e-9);
/// ```
pub fn level(checks: usize) -> f64 {
    libm::pow(1.0 - FAMILY, 1.0 / checks.max(1) as f64)
}

/// Returns the half-width at 95 % of a symmetric interval made at another level.
pub fn half_width(estimate: &Estimate, level: f64) -> Option<f64> {
    let freedom = estimate.n.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
    Some(estimate.half_width()? * student(freedom, 0.95) / student(freedom, level))
}

/// Runs a case and judges its checks, each at this level of confidence.
///
/// # Errors
/// As [`run::run()`]: a case that cannot be read is a bug, but an interruption is none.
pub fn examine(case: &Case, level: f64, options: &Options, watcher: &dyn Watcher) -> Result<Vec<Finding>, RunError> {
    let mut scenario = Scenario::from_text(case.name, &case.text).map_err(RunError::Scenario)?;
    scenario.run.confidence = level;
    let results = run::run(&scenario, options, watcher)?;
    if results.interrupted() {
        return Err(RunError::Interrupted);
    }
    let find = |check: &Check| {
        let (fault, tier) = check.filters;
        let row = results.rows.iter().find(|row| {
            let subject = &row.subject;
            (subject.metric, subject.statistic) == (check.metric, check.statistic)
                && subject.workflow.is_none()
                && subject.cause == check.cause
                && (subject.fault(), subject.tier()) == (fault, tier)
        });
        let (simulated, unit) = match row {
            Some(row) => (row.estimate.clone(), row.subject.unit),
            None => (Estimate::null("there is no such row"), Unit::Plain),
        };
        let half_width = half_width(&simulated, level).zip(simulated.value).map(|(half, value)| half / value.abs());
        let verdict = judge(check, &simulated, half_width);
        let cause = check.cause.map_or_else(String::new, |cause| format!(" {cause}"));
        let what = format!("{}{cause} {}", check.metric, check.statistic);
        Finding { case: case.name, what, theory: check.theory, simulated, unit, half_width, verdict }
    };
    Ok(case.checks.iter().map(find).collect())
}

fn judge(check: &Check, simulated: &Estimate, half_width: Option<f64>) -> Verdict {
    let (Some(value), true) = (simulated.value, simulated.state != State::Null) else { return Verdict::NotMeasured };
    if check.is_exact {
        let is_it = (value - check.theory).abs() <= 1e-9 * check.theory.abs();
        return if is_it { Verdict::Passed } else { Verdict::Outside };
    }
    let (Some(low), Some(high), Some(half_width)) = (simulated.low, simulated.high, half_width) else {
        return Verdict::NotMeasured;
    };
    if check.theory < low || high < check.theory {
        Verdict::Outside
    } else if half_width > NARROW {
        Verdict::TooWide
    } else {
        Verdict::Passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Metric, Statistic};

    #[test]
    fn inside_and_narrow_passes() {
        let check = Check::of(Metric::Latency, Statistic::P50, 1.0);
        let judged = |value: f64, half: f64| {
            let estimate = Estimate::symmetric(value, half, 30);
            judge(&check, &estimate, Some(half / value))
        };
        assert_eq!(judged(1.01, 0.015), Verdict::Passed);
        assert_eq!(judged(1.05, 0.015), Verdict::Outside);
        assert_eq!(judged(1.01, 0.5), Verdict::TooWide);
        assert_eq!(judge(&check, &Estimate::null("why"), None), Verdict::NotMeasured);
        let exact = Check { is_exact: true, ..check };
        assert_eq!(judge(&exact, &Estimate::exact(1.0), None), Verdict::Passed);
        assert_eq!(judge(&exact, &Estimate::symmetric(1.01, 0.1, 30), Some(0.1)), Verdict::Outside);
    }

    #[test]
    fn names_are_unique_and_every_case_can_be_read() {
        let cases = cases();
        for (at, case) in cases.iter().enumerate() {
            assert!(cases[..at].iter().all(|other| other.name != case.name), "{}", case.name);
            assert!(!case.checks.is_empty(), "{}", case.name);
            if let Err(problems) = Scenario::from_text(case.name, &case.text) {
                panic!("{}: {}\n{}", case.name, problems.render(false, 110), case.text);
            }
        }
    }
}
