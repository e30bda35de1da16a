//! What the charts draw over time, over latency and over cells.

use crate::catalogue::Condition;
use crate::engine::stats::{self, Estimate};
use crate::experiment::collected::{Collected, Run, Slice, WorldCount};
use crate::experiment::design::facts;
use crate::experiment::outcome::curves::{CellLoad, LatencyCurve, TimelineRow};
use crate::measure::timeline::Bin;
use crate::scenario::Scenario;
use crate::units::Nanos;
use crate::world::platform::Platform;

/// Points of a curve with fewer requests beyond them are left out.
const LEAST_BEYOND: u64 = 10;
/// Points of a curve in a decade of latency.
const PER_DECADE: f64 = 40.0;

/// The time line: median replication with a band from the 10 % to the 90 % one.
pub(crate) fn timeline(collected: &Collected) -> Vec<TimelineRow> {
    let width = collected.bin_seconds;
    let bins = collected.runs.first().map_or(0, |run| run.with_faults.timeline.len());
    let band = |at: usize, of: &dyn Fn(&Run, &Bin) -> f64| -> [f64; 3] {
        let mut values: Vec<f64> = collected.runs.iter().map(|run| of(run, &run.with_faults.timeline[at])).collect();
        quantiles(&mut values)
    };
    (0..bins)
        .map(|at| {
            let (mut hits, mut lookups) = (0_u64, 0_u64);
            for run in &collected.runs {
                hits += u64::from(run.with_faults.timeline[at].hits);
                lookups += u64::from(run.with_faults.timeline[at].lookups);
            }
            TimelineRow {
                second: (at as f64 * width * 1e9).round() / 1e9,
                ok: band(at, &|_, bin| f64::from(bin.requests - bin.failed) / width),
                failed: band(at, &|_, bin| f64::from(bin.failed) / width),
                retries: band(at, &|_, bin| f64::from(bin.retries) / width),
                faulted_cells: band(at, &|run, _| f64::from(run.faulted_cells[at])),
                store_load: band(at, &|_, bin| f64::from(bin.store) / width),
                waiting: {
                    let mut values: Vec<f64> = collected.runs.iter().map(|run| run.with_faults.waiting[at]).collect();
                    quantiles(&mut values)
                },
                hit_ratio: (lookups > 0).then(|| hits as f64 / lookups as f64),
            }
        })
        .collect()
}

/// The 10 % one, the middle one and the 90 % one.
fn quantiles(values: &mut [f64]) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let rank = |p: f64| values[((p * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    [rank(0.1), rank(0.5), rank(0.9)]
}

/// Returns the last point of each fortieth of a decade of latency: what is kept is exact, and no curve bends within 6 %.
fn thinned(tail: &[(Nanos, u64)]) -> impl Iterator<Item = &(Nanos, u64)> {
    let fortieth = |point: &(Nanos, u64)| (libm::log10(point.0 as f64) * PER_DECADE).floor() as i64;
    tail.chunk_by(move |one, next| fortieth(one) == fortieth(next)).filter_map(<[_]>::last)
}

/// Complementary distributions of latency, by class and by workflow.
pub(crate) fn latencies(scenario: &Scenario, collected: &Collected, slices: &[Slice]) -> Vec<LatencyCurve> {
    let faulted = collected.runs.iter().any(|run| run.without.is_some());
    let mut curves = Vec::new();
    for slice in slices {
        let Some(workflow) = slice.workflow else { continue };
        for (condition, merged) in
            [(Condition::WithFaults, &collected.with_faults), (Condition::NoFault, &collected.calm)]
        {
            if condition == Condition::WithFaults && !faulted {
                continue;
            }
            let tally = merged.slice(slice);
            let failed = tally.all_failed();
            let tail = tally.latency.exceedances().into_iter().map(|(nanos, above)| (nanos, above + failed));
            let tail: Vec<_> = tail.take_while(|point| point.1 >= LEAST_BEYOND).collect();
            curves.push(LatencyCurve {
                workflow: scenario.workflows[workflow].name.clone(),
                tier: slice.tier.map(|tier| scenario.tiers[tier].name.clone()),
                condition,
                requests: tally.requests,
                points: thinned(&tail).map(|&(latency, longer)| (latency as f64 / 1e9, longer)).collect(),
            });
        }
    }
    curves
}

/// Load of each cell in the fault-free world: its busiest station's.
pub(crate) fn cells(scenario: &Scenario, platform: &Platform, collected: &Collected) -> Vec<CellLoad> {
    let calm: Vec<&WorldCount> = collected.runs.iter().map(Run::calm).collect();
    let peaks = peaks(platform);
    platform
        .cells
        .iter()
        .zip(peaks)
        .map(|(cell, peak_over_run)| {
            let stations = cell.first_station..cell.first_station + cell.stations;
            let busiest = stations.max_by(|&a, &b| {
                let load = |station: u32| platform.stations[station as usize].size.utilization();
                load(a).total_cmp(&load(b)).then(b.cmp(&a))
            });
            let station = busiest.map(|busiest| &platform.stations[busiest as usize]);
            let utilization = match busiest.zip(station) {
                Some((busiest, station)) => {
                    let slots = f64::from(station.size.slots);
                    let busy: Vec<f64> = calm.iter().map(|world| world.busy[busiest as usize] / slots).collect();
                    stats::mean(&busy, scenario.run.confidence)
                }
                None => Estimate::null("no stage of this cell has slots"),
            };
            CellLoad {
                cell: cell.name.clone(),
                workflow: scenario.workflows[cell.workflow].name.clone(),
                tier: cell.tier.map(|tier| scenario.tiers[tier].name.clone()),
                customers: u64::from(cell.customers),
                requests_per_second: cell.rate,
                utilization,
                peak_over_run,
                utilization_zone_lost: station.map_or(f64::NAN, |station| station.size.utilization_zone_lost()),
                target: station.and_then(facts::asked),
            }
        })
        .collect()
}

/// By cell: requests per second at the profile's peak over those within the horizon. What is recorded has no profile.
fn peaks(platform: &Platform) -> Vec<Option<f64>> {
    let mut rates = vec![(0.0, 0.0); platform.cells.len()];
    for class in &platform.classes {
        let horizon = platform.horizon as f64;
        let (peak, mean) = (class.profile.peak(), class.profile.mean_before(horizon, horizon));
        for sub in class.first..class.first + class.count {
            let Some((at_peak, in_run)) = rates.get_mut(platform.home[sub as usize] as usize) else { continue };
            let drawn = f64::from(platform.population.rate[sub as usize]);
            let recorded = platform.population.recorded_rate(sub);
            *at_peak += drawn * peak + recorded;
            *in_run += drawn * mean + recorded;
        }
    }
    let over = |(at_peak, in_run): (f64, f64)| {
        let over = at_peak / in_run;
        // Rounding alone is no peak.
        (in_run > 0.0).then(|| if (over - 1.0).abs() < 1e-9 { 1.0 } else { over })
    };
    rates.into_iter().map(over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_curves_keep_exact_points_and_their_end() {
        let tail: Vec<(Nanos, u64)> = (1..=100_000).map(|step| (step * 1_000, 200_000 - step)).collect();
        let kept: Vec<_> = thinned(&tail).collect();
        assert!(kept.iter().all(|point| tail.contains(point)));
        assert_eq!(kept.last(), Some(&&(100_000_000, 100_000)));
        let in_last_decade = kept.iter().filter(|point| point.0 >= 10_000_000).count();
        assert!((40..=41).contains(&in_last_decade), "{in_last_decade}");
        assert_eq!(thinned(&[]).count(), 0);
    }
}
