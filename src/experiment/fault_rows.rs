//! What each fault did: the blast radius and what belongs to it, over all its incidents.

use super::collect::Collected;
use super::incident::{Harmed, Incident};
use super::recovery_rows;
use super::results::{FaultSummary, IncidentRow};
use super::rows::{About, CONDITIONAL, Rows};
use crate::engine::stats::{self, Estimate, State};
use crate::measure::recovery::Recovery;
use crate::measure::timeline::Bin;
use crate::scenario::Scenario;
use crate::scenario::fault::{Schedule, Strikes};
use crate::units::seconds;
use crate::world::platform::Platform;

/// Why a fault without an incident has no numbers.
pub(super) const NEVER_STRUCK: &str = "the fault did not strike in this horizon";

/// Returns why a fault that struck has no incident of its own: other faults' incidents were under way each time.
pub(super) fn counted_with(scenario: &Scenario, collected: &Collected, fault: usize) -> Option<String> {
    let all = || collected.runs.iter().flat_map(|run| &run.incidents);
    if all().any(|one| one.faults[0] == fault) {
        return None;
    }
    let mut with: Vec<usize> = all().filter(|one| one.faults.contains(&fault)).map(|one| one.faults[0]).collect();
    with.sort_unstable();
    with.dedup();
    let names: Vec<&str> = with.iter().map(|&fault| scenario.faults[fault].name.as_str()).collect();
    let names = names.join(" and ");
    let help = "ask for that, or run this fault alone, or let it strike later or elsewhere";
    (!with.is_empty()).then(|| format!("its incidents were counted with {names}, which had not recovered: {help}"))
}

/// Adds the rows of a fault that has no incident of its own.
fn absent(rows: &mut Rows<'_>, name: &str, why: &str) {
    let null = || Estimate::null(why);
    for tier in std::iter::once(None).chain((0..rows.scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: name, condition: CONDITIONAL, ..About::default() };
        for (which, unit) in COUNTS.iter().flat_map(|which| ["customers", "share"].map(|unit| (which, unit))) {
            rows.add((which.metric, "mean"), (unit, ""), about, null());
            rows.add((which.metric, "worst"), (unit, ""), about, null());
        }
    }
    let about = About { fault: name, condition: CONDITIONAL, ..About::default() };
    for (measure, unit) in [
        (("customer_minutes", "mean"), "min"),
        (("customer_minutes", "worst"), "min"),
        (("false_harmed", "mean"), "customers"),
        (("recovery", "p50"), "s"),
        (("recovery", "worst"), "s"),
        (("recovery", "share"), "share"),
    ] {
        rows.add(measure, (unit, ""), about, null());
    }
}

/// A compound incident is counted for the fault that began it.
pub(super) fn incidents_of(collected: &Collected, fault: usize) -> Vec<Vec<&Incident>> {
    let mine = |incident: &&Incident| incident.faults[0] == fault;
    collected.runs.iter().map(|run| run.incidents.iter().filter(mine).collect()).collect()
}

/// Whom an incident harmed in a tier, or in all.
pub(super) fn in_tier(incident: &Incident, tier: Option<usize>) -> Harmed {
    match tier {
        Some(tier) => incident.by_tier[tier],
        None => incident.by_tier.iter().copied().fold(Harmed::default(), |a, b| a + b),
    }
}

/// Mean per incident of a count that is at most `most` in each, over replications.
fn per_incident(incidents: &[Vec<&Incident>], of: impl Fn(&Incident) -> f64, most: f64, confidence: f64) -> Estimate {
    let pairs: Vec<(f64, f64)> =
        incidents.iter().map(|run| (run.iter().map(|i| of(i)).sum(), run.len() as f64)).collect();
    if pairs.iter().all(|pair| pair.1 == 0.0) {
        return Estimate::null(NEVER_STRUCK);
    }
    stats::ratio_within(&pairs, (0.0, most), confidence)
}

/// Customers in a tier, or in all: what an incident's shares are shares of.
fn customers_in(incident: &Incident, tier: Option<usize>) -> u64 {
    match tier {
        Some(tier) => incident.customers[tier],
        None => incident.customers.iter().sum(),
    }
}

fn largest(incidents: &[Vec<&Incident>], of: impl Fn(&Incident) -> f64) -> f64 {
    incidents.iter().flatten().map(|incident| of(incident)).fold(0.0, f64::max)
}

/// A count of customers: its name, how it is read, and how many there can be in an incident. `spilled`: some incident harmed others
/// than were exposed.
struct Count {
    metric: &'static str,
    of: fn(&Harmed) -> u64,
    possible: fn(incident: &Harmed, customers: u64, spilled: bool) -> u64,
}

const COUNTS: [Count; 5] = [
    Count { metric: "blast_radius", of: |h| h.harmed, possible: reach },
    Count { metric: "exposed", of: |h| h.exposed, possible: |_, customers, _| customers },
    Count { metric: "quiet", of: |h| h.quiet, possible: |h, _, _| h.exposed },
    Count { metric: "down", of: |h| h.down, possible: reach },
    Count { metric: "spillover", of: |h| h.spillover, possible: |h, customers, _| customers.saturating_sub(h.exposed) },
];

/// Whom an incident can harm: who is exposed by construction; everybody, once harm has been seen to spill over.
fn reach(harmed: &Harmed, customers: u64, spilled: bool) -> u64 {
    if spilled { customers } else { harmed.exposed }
}

/// Adds the rows of one count of customers, as a number or as a share of them.
fn count(rows: &mut Rows<'_>, incidents: &[Vec<&Incident>], which: &Count, about: About<'_>, share: Option<&str>) {
    let tier = about.tier;
    let shown = |incident: &Incident, n: u64| match share {
        None => n as f64,
        Some(_) => n as f64 / customers_in(incident, tier).max(1) as f64,
    };
    let spilled = incidents.iter().flatten().any(|incident| in_tier(incident, tier).spillover > 0);
    let of = |incident: &Incident| shown(incident, (which.of)(&in_tier(incident, tier)));
    let most = largest(incidents, |incident| {
        let customers = customers_in(incident, tier);
        shown(incident, (which.possible)(&in_tier(incident, tier), customers, spilled).min(customers))
    });
    let n = incidents.iter().map(Vec::len).sum::<usize>() as u64;
    // Where a fault strikes the same units each time, the scenario alone tells who is exposed.
    let mut all = incidents.iter().flatten();
    let by_construction = which.metric == "exposed"
        && all.next().is_some_and(|first| all.all(|one| one.strikes == first.strikes && of(one) == of(first)));
    let (mean, worst) = match (n, by_construction) {
        (0, _) => (Estimate::null(NEVER_STRUCK), Estimate::null(NEVER_STRUCK)),
        (_, true) => {
            let exposed = Estimate::exact(largest(incidents, of));
            (exposed.clone(), exposed)
        }
        (_, false) => (
            per_incident(incidents, of, most, rows.confidence),
            Estimate::largest(largest(incidents, of), Some(most), n),
        ),
    };
    let unit = share.map_or(("customers", ""), |denominator| ("share", denominator));
    rows.add((which.metric, "mean"), unit, about, mean);
    rows.add((which.metric, "worst"), unit, about, worst);
}

/// Adds all rows of one fault.
pub fn add(rows: &mut Rows<'_>, collected: &Collected, fault: usize) {
    let scenario = rows.scenario;
    let name = scenario.faults[fault].name.clone();
    if let Some(why) = counted_with(scenario, collected, fault) {
        absent(rows, &name, &why);
        return;
    }
    let confidence = rows.confidence;
    let incidents = incidents_of(collected, fault);
    for tier in std::iter::once(None).chain((0..scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: &name, condition: CONDITIONAL, ..About::default() };
        let denominator = match tier {
            Some(tier) => format!("customers of {}", scenario.tiers[tier].name),
            None => "all customers".to_owned(),
        };
        for which in &COUNTS {
            count(rows, &incidents, which, about, None);
            count(rows, &incidents, which, about, Some(&denominator));
        }
    }
    let about = About { fault: &name, condition: CONDITIONAL, ..About::default() };
    let customers = largest(&incidents, |incident| customers_in(incident, None) as f64);
    let most = customers * scenario.workflows.len() as f64 * (seconds(scenario.run.horizon) / 60.0).ceil();
    let minutes = per_incident(&incidents, |incident| incident.customer_minutes as f64, most, confidence);
    rows.add(("customer_minutes", "mean"), ("min", ""), about, minutes);
    rows.add(("false_harmed", "mean"), ("customers", ""), about, false_harmed(&incidents, customers, confidence));
    let worst = match incidents.iter().flatten().count() as u64 {
        0 => Estimate::null(NEVER_STRUCK),
        n => Estimate::largest(largest(&incidents, |incident| incident.customer_minutes as f64), Some(most), n),
    };
    rows.add(("customer_minutes", "worst"), ("min", ""), about, worst);
    recovery_rows::add(rows, &incidents, about);
}

/// Customers that luck alone would make look harmed, per incident.
fn false_harmed(incidents: &[Vec<&Incident>], customers: f64, confidence: f64) -> Estimate {
    if incidents.iter().flatten().any(|incident| incident.false_harmed.is_none()) {
        return Estimate::null("requests carry all luck: without the fault nothing differs");
    }
    per_incident(incidents, |incident| incident.false_harmed.unwrap_or(0) as f64, customers, confidence)
}

/// Sums one fault up for the first table of the summary.
pub fn summary(rows: &Rows<'_>, collected: &Collected, platform: &Platform, fault: usize) -> FaultSummary {
    let scenario = rows.scenario;
    let spec = &scenario.faults[fault];
    let incidents = incidents_of(collected, fault);
    let flat: Vec<&Incident> = incidents.iter().flatten().copied().collect();
    let find = |metric: &str, statistic: &str, unit: &str| {
        let matching = rows.rows.iter().find(|row| {
            row.metric == metric
                && row.statistic == statistic
                && row.unit == unit
                && row.fault == spec.name
                && row.tier.is_empty()
        });
        matching.map_or(Estimate::null("not measured"), |row| row.estimate.clone())
    };
    let count = |which: fn(&Recovery) -> bool| flat.iter().filter(|one| which(&one.recovery)).count() as u64;
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let onset = median(flat.iter().map(|incident| incident.onset).collect());
    // What strikes before another fault's incident has recovered belongs to that one.
    let compound = collected.runs.iter().flat_map(|run| &run.incidents).find(|one| one.faults.contains(&fault));
    let joined = compound.map(|one| format!("counted with {}", scenario.faults[one.faults[0]].name));
    let recovery = find("recovery", "p50", "s");
    let strikes_router = matches!(spec.strikes, Strikes::Router(_));
    FaultSummary {
        name: spec.name.clone(),
        strikes: match flat.first() {
            Some(first) if flat.iter().all(|incident| incident.strikes == first.strikes) => first.strikes.clone(),
            Some(first) => format!("{}, ... (drawn)", first.strikes),
            None => joined.unwrap_or_else(|| "nothing in this horizon".to_owned()),
        },
        span_seconds: match spec.schedule {
            // Of a compound incident this fault is only a part.
            Schedule::Scripted { at, lasts, every: None, .. } => {
                let onset = onset.unwrap_or_else(|| seconds(at));
                Some((onset, onset + seconds(lasts)))
            }
            Schedule::Scripted { .. } | Schedule::Random { .. } | Schedule::Trace(_) => None,
        },
        incidents: flat.len() as u64,
        exposed: find("exposed", "mean", "customers"),
        quiet: find("quiet", "mean", "customers"),
        harmed: find("blast_radius", "mean", "customers"),
        down: find("down", "mean", "customers"),
        spillover: find("spillover", "mean", "customers"),
        false_harmed: find("false_harmed", "mean", "customers"),
        customer_minutes: find("customer_minutes", "mean", "min"),
        harmed_worst: flat.iter().map(|incident| in_tier(incident, None).harmed).max(),
        share_of_customers: find("blast_radius", "mean", "share"),
        share_of_traffic: (!flat.is_empty()).then(|| {
            let rate: f64 = flat.iter().map(|incident| incident.exposed_rate).sum();
            (rate / flat.len() as f64 / platform.requests_per_second().max(f64::MIN_POSITIVE)).min(1.0)
        }),
        // Walls or not, the router is the same.
        undivided_exposed: flat.iter().map(|one| one.undivided_exposed).max().filter(|_| !strikes_router),
        recovery_seconds: recovery_rows::Times::of(&incidents, seconds(scenario.run.horizon)).recovered,
        twin_down: count(|one| matches!(one, Recovery::TwinDown(_))),
        still_faulted: count(|one| matches!(one, Recovery::StillFaulted(_))),
        censored: count(|one| matches!(one, Recovery::Censored(_))),
        not_recovered: count(|one| matches!(one, Recovery::NotRecovered(_))),
        recovery_median: recovery.value.filter(|_| recovery.state != State::Null),
        store_load_peak: strikes_router.then(|| store_peak(collected, fault)).flatten(),
    }
}

/// The busiest second of the store during the incidents, mean over them.
fn store_peak(collected: &Collected, fault: usize) -> Option<f64> {
    let bin = collected.bin_seconds;
    let mut peaks = Vec::new();
    for run in &collected.runs {
        for incident in run.incidents.iter().filter(|incident| incident.faults[0] == fault) {
            let over = incident.recovery.as_twin();
            let until = over.map_or(f64::INFINITY, |second| (second as f64).max(incident.end) + 1.0);
            let second = ((1.0 / bin).round() as usize).max(1);
            let length = bin * second as f64;
            let seconds = run.with_faults.timeline.chunks(second).enumerate().filter(|(at, _)| {
                let at = *at as f64 * length;
                at + length > incident.onset && at < until
            });
            let load = |bins: &[Bin]| bins.iter().map(|bin| f64::from(bin.store)).sum::<f64>() / length;
            peaks.push(seconds.map(|(_, bins)| load(bins)).fold(0.0, f64::max));
        }
    }
    (!peaks.is_empty()).then(|| peaks.iter().sum::<f64>() / peaks.len() as f64)
}

/// Lists every incident of every replication.
pub fn incidents(scenario: &Scenario, collected: &Collected) -> Vec<IncidentRow> {
    let mut rows = Vec::new();
    for run in &collected.runs {
        for incident in &run.incidents {
            let all = in_tier(incident, None);
            let names: Vec<&str> = incident.faults.iter().map(|&fault| scenario.faults[fault].name.as_str()).collect();
            let recovered = match incident.recovery {
                Recovery::Recovered(second) => Some(second as f64),
                Recovery::TwinDown(_)
                | Recovery::StillFaulted(_)
                | Recovery::Censored(_)
                | Recovery::NotRecovered(_) => None,
            };
            rows.push(IncidentRow {
                replication: run.index + 1,
                fault: names.join("+"),
                activations: incident.activations,
                strikes: incident.strikes.clone(),
                onset_seconds: incident.onset,
                end_seconds: incident.end,
                exposed: all.exposed,
                quiet: all.quiet,
                harmed: all.harmed,
                down: all.down,
                spillover: all.spillover,
                customer_minutes: incident.customer_minutes,
                recovery: match incident.recovery {
                    Recovery::Recovered(_) => "recovered",
                    Recovery::TwinDown(_) => "as its twin that is down",
                    Recovery::StillFaulted(_) => "still faulted",
                    Recovery::Censored(_) => "censored",
                    Recovery::NotRecovered(_) => "not recovered",
                }
                .to_owned(),
                recovery_from_onset_seconds: recovered.map(|at| (at - incident.onset).max(0.0)),
                recovery_from_end_seconds: recovered.map(|at| at - incident.end),
            });
        }
    }
    rows
}
