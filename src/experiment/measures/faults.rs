//! What each fault did: the blast radius and what belongs to it, over all its incidents.

use super::recovery;
use super::table::{About, Rows};
use crate::catalogue::{Condition, Metric, Statistic, Subject, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::bounds::harm::{Count, Struck, in_tier};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::Collected;
use crate::experiment::collected::by_fault::ByFault;
use crate::experiment::exposure::Exposure;
use crate::experiment::outcome::{FaultSummary, IncidentRow, Row};
use crate::experiment::replication::incident::Incident;
use crate::measure::recovery::Recovery;
use crate::measure::timeline::Bin;
use crate::scenario::Scenario;
use crate::scenario::fault::{Schedule, Strikes};
use crate::units::seconds;
use crate::world::platform::Platform;

/// Adds the rows of a fault that has no incident of its own.
fn absent(rows: &mut Rows<'_>, name: &str, why: &str) {
    let null = || Estimate::null(why);
    for tier in std::iter::once(None).chain((0..rows.scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: name, condition: Condition::IfTheseHappen, ..About::default() };
        for (metric, _) in Count::ALL {
            for unit in [Unit::Customers, Unit::Share] {
                rows.add((metric, Statistic::Mean), (unit, ""), about, null());
                rows.add((metric, Statistic::Worst), (unit, ""), about, null());
            }
        }
    }
    let about = About { fault: name, condition: Condition::IfTheseHappen, ..About::default() };
    for (measure, unit) in [
        ((Metric::CustomerMinutes, Statistic::Mean), Unit::Minutes),
        ((Metric::CustomerMinutes, Statistic::Worst), Unit::Minutes),
        ((Metric::FalseHarmed, Statistic::Mean), Unit::Customers),
        ((Metric::Recovery, Statistic::P50), Unit::Seconds),
        ((Metric::Recovery, Statistic::Worst), Unit::Seconds),
        ((Metric::Recovery, Statistic::Share), Unit::Share),
    ] {
        rows.add(measure, (unit, ""), about, null());
    }
}

/// Adds the rows of one count of customers, as numbers and as shares of them: one fact, one interval.
fn count(rows: &mut Rows<'_>, strikes: &Struck<'_>, (metric, which): (Metric, Count), about: About<'_>) {
    let (mean, worst) = (strikes.mean_count(which, about.tier), strikes.worst_count(which, about.tier));
    rows.add((metric, Statistic::Mean), (Unit::Customers, ""), about, mean.clone());
    rows.add((metric, Statistic::Worst), (Unit::Customers, ""), about, worst.clone());
    let denominator = match about.tier {
        Some(tier) => format!("customers of {}", rows.scenario.tiers[tier].name),
        None => "all customers".to_owned(),
    };
    // New customers may be more than the mean number of all: no share exceeds 1.
    let customers = strikes.customers(about.tier).max(1.0);
    let share = |count: &Estimate| {
        let share = count.scaled(1.0 / customers);
        let most = |end: Option<f64>| end.map(|end| end.min(1.0));
        Estimate { value: most(share.value), low: most(share.low), high: most(share.high), ..share }
    };
    rows.add((metric, Statistic::Mean), (Unit::Share, &denominator), about, share(&mean));
    rows.add((metric, Statistic::Worst), (Unit::Share, &denominator), about, share(&worst));
}

/// Adds all rows of one fault.
pub(crate) fn add(
    rows: &mut Rows<'_>,
    by_fault: &ByFault<'_>,
    (fault, exposure): (usize, &Exposure),
    unseen: &Unseen<'_>,
) {
    let scenario = rows.scenario;
    let name = scenario.faults[fault].name.clone();
    if let Some(why) = by_fault.counted_with(scenario, fault) {
        absent(rows, &name, &why);
        return;
    }
    let incidents = by_fault.began(fault);
    let (confidence, horizon) = (rows.confidence, scenario.run.horizon);
    let strikes = Struck { exposure, incidents, confidence, horizon, workflows: scenario.workflows.len() };
    for tier in std::iter::once(None).chain((0..scenario.tiers.len()).map(Some)) {
        let about = About { tier, fault: &name, condition: Condition::IfTheseHappen, ..About::default() };
        for which in Count::ALL {
            count(rows, &strikes, which, about);
        }
    }
    let about = About { fault: &name, condition: Condition::IfTheseHappen, ..About::default() };
    rows.add((Metric::CustomerMinutes, Statistic::Mean), (Unit::Minutes, ""), about, strikes.mean_minutes());
    rows.add((Metric::FalseHarmed, Statistic::Mean), (Unit::Customers, ""), about, false_harmed(&strikes));
    rows.add((Metric::CustomerMinutes, Statistic::Worst), (Unit::Minutes, ""), about, strikes.worst_minutes());
    recovery::add(rows, (incidents, unseen.unstruck(fault)), about);
}

/// Customers that luck alone would make look harmed, per incident.
fn false_harmed(strikes: &Struck<'_>) -> Estimate {
    if strikes.incidents.iter().flatten().any(|incident| incident.false_harmed.is_none()) {
        return Estimate::null("requests carry all randomness: without the fault nothing differs");
    }
    strikes.mean_within(|incident| incident.false_harmed.unwrap_or(0) as f64, strikes.customers(None))
}

/// Sums one fault up for the first table of the summary; `rows` are its own.
pub(crate) fn summary(
    (scenario, platform): (&Scenario, &Platform),
    rows: &[Row],
    (collected, by_fault): (&Collected, &ByFault<'_>),
    fault: usize,
) -> FaultSummary {
    let spec = &scenario.faults[fault];
    let incidents = by_fault.began(fault);
    let flat: Vec<&Incident> = incidents.iter().flatten().copied().collect();
    let find = |metric: Metric, statistic: Statistic, unit: Unit| {
        let asked = Subject {
            fault: Some(spec.name.clone()),
            condition: Condition::IfTheseHappen,
            ..Subject::new(metric, statistic, unit)
        };
        let matching = rows.iter().find(|row| row.subject == asked);
        matching.map_or(Estimate::null("not measured"), |row| row.estimate.clone())
    };
    let count = |which: fn(&Recovery) -> bool| flat.iter().filter(|one| which(&one.recovery)).count() as u64;
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let onset = median(flat.iter().map(|incident| incident.onset).collect());
    // What strikes before another fault's incident has recovered belongs to that one.
    let joined =
        by_fault.first_joined(fault).map(|one| format!("counted with {}", scenario.faults[one.faults[0]].name));
    let recovery = find(Metric::Recovery, Statistic::P50, Unit::Seconds);
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
        exposed: find(Metric::Exposed, Statistic::Mean, Unit::Customers),
        idle: find(Metric::Idle, Statistic::Mean, Unit::Customers),
        harmed: find(Metric::BlastRadius, Statistic::Mean, Unit::Customers),
        down: find(Metric::Down, Statistic::Mean, Unit::Customers),
        spillover: find(Metric::Spillover, Statistic::Mean, Unit::Customers),
        false_harmed: find(Metric::FalseHarmed, Statistic::Mean, Unit::Customers),
        customer_minutes: find(Metric::CustomerMinutes, Statistic::Mean, Unit::Minutes),
        harmed_worst: flat.iter().map(|incident| in_tier(incident, None).harmed).max(),
        share_of_customers: find(Metric::BlastRadius, Statistic::Mean, Unit::Share),
        share_of_traffic: (!flat.is_empty()).then(|| {
            let rate: f64 = flat.iter().map(|incident| incident.exposed_rate).sum();
            (rate / flat.len() as f64 / platform.requests_per_second().max(f64::MIN_POSITIVE)).min(1.0)
        }),
        // Walls or not, the router is the same.
        single_cell_exposed: flat.iter().map(|one| one.single_cell_exposed).max().filter(|_| !strikes_router),
        recovery_seconds: recovery::Times::of(incidents, seconds(scenario.run.horizon)).recovered,
        twin_down: count(|one| matches!(one, Recovery::TwinDown(_))),
        no_requests: count(|one| matches!(one, Recovery::NoRequests(_))),
        still_faulted: count(|one| matches!(one, Recovery::StillFaulted(_))),
        censored: count(|one| matches!(one, Recovery::Censored(_))),
        not_recovered: count(|one| matches!(one, Recovery::NotRecovered(_))),
        recovery_median: recovery.value.filter(|_| recovery.state != State::Null),
        store_load_peak: strikes_router.then(|| store_peak(collected, incidents)).flatten(),
    }
}

/// The busiest second of the store during the incidents, mean over them.
fn store_peak(collected: &Collected, incidents: &[Vec<&Incident>]) -> Option<f64> {
    let bin = collected.bin_seconds;
    let mut peaks = Vec::new();
    for (run, incidents) in collected.runs.iter().zip(incidents) {
        for incident in incidents {
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
pub(crate) fn incidents(scenario: &Scenario, collected: &Collected) -> Vec<IncidentRow> {
    let mut rows = Vec::new();
    for run in &collected.runs {
        for incident in &run.incidents {
            let all = in_tier(incident, None);
            let names: Vec<&str> = incident.faults.iter().map(|&fault| scenario.faults[fault].name.as_str()).collect();
            let recovered = match incident.recovery {
                Recovery::Recovered(second) => Some(second as f64),
                Recovery::TwinDown(_)
                | Recovery::NoRequests(_)
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
                idle: all.quiet,
                harmed: all.harmed,
                down: all.down,
                spillover: all.spillover,
                customer_minutes: incident.customer_minutes,
                recovery: match incident.recovery {
                    Recovery::Recovered(_) => "recovered",
                    Recovery::TwinDown(_) => "as its twin that is down",
                    Recovery::NoRequests(_) => "no requests",
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
