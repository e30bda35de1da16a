//! The example cut down to the least there can be, and grown to more than a screen holds.

use cellsim::engine::stats::Estimate;
use cellsim::experiment::outcome::*;

use crate::fixture::{budget, estimate, null, of_requests, twilio};

/// One tier, one workflow, nothing else: no fault, no money, no router, one run.
pub(crate) fn least() -> Outcome {
    let mut results = twilio();
    results.name = "least".into();
    results.replications_asked = 1;
    results.replications_done = 1;
    results.facts.tiers.truncate(1);
    results.facts.groups.truncate(1);
    results.facts.cost = None;
    results.facts.utilization_target = None;
    results.facts.floor_decides = false;
    results.facts.cells = 1;
    results.facts.single_cell = Some(SingleCellFacts { cost: None, instances: 354, cells: 1 });
    results.rows.retain(|row| row.subject.metric.name() == "latency");
    for row in &mut results.rows {
        row.estimate = Estimate { low: None, high: None, n: 1, ..row.estimate.clone() };
    }
    of_requests(&mut results).faults.clear();
    of_requests(&mut results).incidents.clear();
    of_requests(&mut results).budgets.retain(|row| row.tier == "enterprise" && row.fault.is_none());
    of_requests(&mut results).budgets[0].used_worst = estimate(0.0, 0.0);
    of_requests(&mut results).budgets[0].share_worst = estimate(0.0, 0.0);
    results.verdicts.clear();
    results.warnings.clear();
    of_requests(&mut results).store_capacity = None;
    results
}

/// Twenty random faults, six tiers, interrupted, a verdict of each kind.
pub(crate) fn crowded() -> Outcome {
    let mut results = twilio();
    results.name = "crowded".into();
    results.replications_asked = 20;
    results.replications_done = 7;
    let pattern = of_requests(&mut results).faults[0].clone();
    of_requests(&mut results).faults = (1..=20)
        .map(|number| FaultSummary {
            name: format!("cell-outage-of-kind-{number}"),
            strikes: "one cell of messaging, real-time, async or verify, whichever the clock picks".into(),
            span_seconds: None,
            incidents: 3 * number,
            harmed: estimate(10.0 * number as f64, 2.345),
            recovery_median: (number % 4 != 0).then_some(61.0 * number as f64),
            recovery_seconds: vec![61.0; number as usize],
            not_recovered: u64::from(number == 20),
            spillover: estimate(if number == 19 { 12.4 } else { 0.0 }, 0.0),
            ..pattern.clone()
        })
        .collect();
    of_requests(&mut results).faults[19].incidents = 0;
    for name in ["bronze", "silver", "gold"] {
        let mut tier = results.facts.tiers[0].clone();
        tier.name = name.into();
        results.facts.tiers.push(tier);
    }
    let mut requests = budget("gold", "all", 0.0001, 0.3, 10);
    requests.measure = "requests".into();
    requests.share_worst = estimate(0.3, 0.04);
    of_requests(&mut results).budgets.push(requests);
    let mut silver = budget("silver", "all", 4.32, 0.0, 10);
    silver.share_worst = null("no request of this tier in the horizon");
    of_requests(&mut results).budgets.push(silver);
    results.verdicts[0].outcome = Judgement::Undecided;
    results.verdicts[0].note = "about 35 more runs would decide".into();
    results.verdicts[1].outcome = Judgement::Kept;
    results.verdicts[2].outcome = Judgement::NotMeasured;
    results.verdicts[2].estimate = null("no fault of the scenario reaches this tier");
    results
}
