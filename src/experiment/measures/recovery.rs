//! How long until an incident is over: rows that know what a horizon cuts short.
//!
//! # Model
//! A recovery shows only after its hold. Of an incident that began c seconds before the horizon and is not seen to recover, all
//! that is known is that it had not recovered before the last second that was not normal. Kaplan and Meier's curve takes its
//! observation to end where a recovery could last have shown (c less the hold) or, if that is earlier, at that second: where it
//! ends must not depend on how long the recovery takes.
//!
//! Whether an incident recovers at all is open as long as the horizon cut it short. The share that recovers lies between what it
//! would be if none of these did and if all did. Those that began less than a hold before the horizon, none of which can show it,
//! are left out. So are incidents during which nobody asked for anything there: they show nothing.

use super::table::{About, NEVER_STRUCK, Rows};
use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate, State};
use crate::experiment::replication::incident::Incident;
use crate::measure::recovery::{HOLD_SECONDS, Recovery};
use crate::units::seconds;

/// Recovery times of incidents, in seconds from onset.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Times {
    /// Of those that recovered, sorted.
    pub(crate) recovered: Vec<f64>,
    /// Of the others: where a recovery could last have been seen.
    ends: Vec<f64>,
    /// Of the others: what they certainly took longer than.
    known: Vec<f64>,
}

impl Times {
    /// Collects the times of these incidents.
    pub(crate) fn of(incidents: &[Vec<&Incident>], horizon: f64) -> Times {
        let mut times = Times::default();
        for incident in incidents.iter().flatten().filter(|one| !matches!(one.recovery, Recovery::NoRequests(_))) {
            let not_before = (incident.recovery.not_before() as f64 - incident.onset).max(0.0);
            if matches!(incident.recovery, Recovery::Recovered(_)) {
                times.recovered.push(not_before);
            } else {
                times.ends.push(could_last_show(incident, horizon).clamp(0.0, not_before));
                times.known.push(not_before);
            }
        }
        times.recovered.sort_by(f64::total_cmp);
        times
    }
}

/// The time from onset until when a recovery would have shown; negative if none could.
fn could_last_show(incident: &Incident, horizon: f64) -> f64 {
    horizon - incident.onset - HOLD_SECONDS as f64
}

/// Adds the rows of recovery: share, median, longest.
///
/// A share `unseen` of the strikes is on places of a size that was never struck: nothing is known of their recovery.
pub(crate) fn add(rows: &mut Rows<'_>, (incidents, unseen): (&[Vec<&Incident>], f64), about: About<'_>) {
    let horizon = seconds(rows.scenario.run.horizon);
    let times = Times::of(incidents, horizon);
    let n = times.recovered.len() + times.ends.len();
    let (share, p50, worst) = if n == 0 {
        let began = incidents.iter().flatten().count();
        let null = || match began {
            0 => Estimate::null(NEVER_STRUCK),
            _ => Estimate::null(format!("nobody asked for anything there during any of {began} incidents")),
        };
        (null(), null(), null())
    } else {
        let curve = stats::kaplan_meier(&times.recovered, &times.ends).knowing(&times.known);
        (
            of_part(share(incidents, horizon, rows.confidence), unseen),
            curve.quantile_of_part(0.5, unseen, rows.confidence),
            longest(&times, n as u64),
        )
    };
    rows.add((Metric::Recovery, Statistic::Share), (Unit::Share, "incidents"), about, share);
    rows.add((Metric::Recovery, Statistic::P50), (Unit::Seconds, "from onset"), about, p50);
    rows.add((Metric::Recovery, Statistic::Worst), (Unit::Seconds, "from onset"), about, worst);
}

/// A share of which a part was not seen.
fn of_part(seen: Estimate, unseen: f64) -> Estimate {
    if unseen == 0.0 {
        return seen;
    }
    let (low, high) = (seen.low.map(|low| (1.0 - unseen) * low), seen.high.map(|high| unseen + (1.0 - unseen) * high));
    Estimate { low, high, state: if low.is_some() { State::Bound } else { seen.state }, ..seen }
}

/// The longest: at least the longest that was seen, over or not.
fn longest(times: &Times, n: u64) -> Estimate {
    let largest = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    let (seen, known) = (largest(&times.recovered), largest(&times.known));
    if times.known.is_empty() {
        return Estimate::largest(seen, None, n);
    }
    let why = format!("{} of {n} incidents were not seen to recover", times.known.len());
    if known > seen || times.recovered.is_empty() {
        return Estimate::beyond(known, n, why);
    }
    Estimate { reason: Some(why), ..Estimate::largest(seen, None, n) }
}

/// The share that recovers: an estimate if all could be seen to or not, else what it may be.
fn share(incidents: &[Vec<&Incident>], horizon: f64, confidence: f64) -> Estimate {
    let count = |run: &[&Incident], of: fn(&Recovery) -> bool| {
        let mine = run.iter().filter(|one| could_last_show(one, horizon) >= 0.0 && of(&one.recovery));
        mine.count() as f64
    };
    let counts = |of: fn(&Recovery) -> bool| -> Vec<f64> { incidents.iter().map(|run| count(run, of)).collect() };
    let all = counts(|one| !matches!(one, Recovery::NoRequests(_)));
    let recovered = counts(|one| matches!(one, Recovery::Recovered(_)));
    let open = counts(|one| matches!(one, Recovery::Censored(_) | Recovery::StillFaulted(_)));
    let sum = |counts: &[f64]| counts.iter().sum::<f64>();
    let n = sum(&all);
    if n == 0.0 {
        let began = incidents.iter().flatten().filter(|one| !matches!(one.recovery, Recovery::NoRequests(_))).count();
        return Estimate::null(format!(
            "all {began} incidents began within the last {HOLD_SECONDS} s of the horizon: none can show that it recovers"
        ));
    }
    let pairs = |counts: &[f64]| -> Vec<(f64, f64)> { counts.iter().copied().zip(all.iter().copied()).collect() };
    let if_none = stats::proportion(&pairs(&recovered), confidence);
    if sum(&open) == 0.0 {
        return if_none;
    }
    let either: Vec<f64> = recovered.iter().zip(&open).map(|(recovered, open)| recovered + open).collect();
    let if_all = stats::proportion(&pairs(&either), confidence);
    let decided = n - sum(&open);
    let why = format!(
        "the horizon came before {} of {n} incidents could show it: from none of them recovered to all",
        sum(&open)
    );
    Estimate {
        value: (decided > 0.0).then(|| sum(&recovered) / decided),
        low: if_none.low,
        high: if_all.high,
        n: if_none.n,
        state: State::Bound,
        reason: Some(why),
    }
}
