//! Rows of the platform: cells, instances, cost, utilization.

use super::table::{About, Rows, has_faults};
use crate::catalogue::{Condition, Metric, Statistic, Unit};
use crate::engine::stats::{self, Estimate};
use crate::experiment::bounds::unseen::Unseen;
use crate::experiment::collected::Collected;
use crate::experiment::outcome::Facts;

/// What the scenario alone tells: cells, instances, cost.
pub(crate) fn cost(rows: &mut Rows<'_>, facts: &Facts) {
    rows.add(
        (Metric::Cells, Statistic::Mean),
        (Unit::Plain, ""),
        About::default(),
        Estimate::exact(facts.cells as f64),
    );
    rows.add(
        (Metric::Instances, Statistic::Mean),
        (Unit::Plain, ""),
        About::default(),
        Estimate::exact(facts.instances as f64),
    );
    if let Some(cost) = &facts.cost {
        let parts = [
            (Metric::Cost, cost.total),
            (Metric::CostCells, cost.cells),
            (Metric::CostPeople, cost.people),
            (Metric::CostInstances, cost.instances),
            (Metric::CostData, cost.data),
            (Metric::CostOther, cost.other),
        ];
        for (metric, dollars) in parts {
            rows.add((metric, Statistic::Mean), (Unit::Dollars, "month"), About::default(), Estimate::exact(dollars));
        }
        if let Some(single_cell) = facts.single_cell.as_ref().and_then(|single_cell| single_cell.cost) {
            rows.add(
                (Metric::CostSingleCell, Statistic::Mean),
                (Unit::Dollars, "month"),
                About::default(),
                Estimate::exact(single_cell.total),
            );
        }
    }
}

/// What the scenario alone tells, and how busy its stations were.
pub(crate) fn add(rows: &mut Rows<'_>, collected: &Collected, facts: &Facts, (slots, unseen): (&[u32], &Unseen<'_>)) {
    cost(rows, facts);
    let all: f64 = slots.iter().map(|&slots| f64::from(slots)).sum();
    let faulted = has_faults(rows.scenario);
    for condition in [Condition::WithFaults, Condition::NoFault] {
        if condition == Condition::WithFaults && !faulted || all == 0.0 {
            continue;
        }
        let about = About { condition, ..About::default() };
        let worlds = || {
            collected.runs.iter().map(|run| if condition == Condition::NoFault { run.calm() } else { &run.with_faults })
        };
        let confidence = rows.confidence;
        let means: Vec<f64> = worlds().map(|world| world.busy.iter().sum::<f64>() / all).collect();
        let share = |(busy, &slots): (&f64, &u32)| busy / f64::from(slots);
        let busiest: Vec<f64> =
            worlds().map(|world| world.busy.iter().zip(slots).map(share).fold(0.0, f64::max)).collect();
        let guard = unseen.guard(condition, None);
        let [mean, busiest] = [means, busiest].map(|values| {
            let most = values.iter().copied().fold(1.0, f64::max);
            guard.mean(&values, (0.0, most), confidence, |values| stats::mean(values, confidence).not_negative())
        });
        let busiest = busiest.no_less_than(&mean);
        rows.add((Metric::Utilization, Statistic::Mean), (Unit::Share, "slots"), about, mean);
        rows.add((Metric::Utilization, Statistic::Busiest), (Unit::Share, "slots"), about, busiest);
    }
}
