//! Results as a run of the shipped example would give them, and their extremes.

use cellsim::catalogue::Condition;
use cellsim::engine::stats::{Estimate, State};
use cellsim::experiment::outcome::curves::{CellLoad, LatencyCurve, TimelineRow};
use cellsim::experiment::outcome::lookup::Lookup;
use cellsim::experiment::outcome::{
    BudgetRow, Facts, FaultSummary, Found, Outcome, Requests, SingleCellFacts, TierFacts,
};

pub(crate) fn estimate(value: f64, half: f64) -> Estimate {
    let (low, high) = (Some((value - half).max(0.0)), Some(value + half));
    Estimate { value: Some(value), low, high, n: 20, state: State::Estimate, reason: None }
}

pub(crate) fn exact(value: f64) -> Estimate {
    Estimate { value: Some(value), low: None, high: None, n: 20, state: State::Exact, reason: None }
}

pub(crate) fn below(high: f64) -> Estimate {
    Estimate { value: Some(0.0), low: None, high: Some(high), n: 20, state: State::Bound, reason: None }
}

pub(crate) fn null() -> Estimate {
    Estimate { value: None, low: None, high: None, n: 0, state: State::Null, reason: Some("not measured".into()) }
}

/// Noise in -1..1, the same every time.
fn noise(index: u64) -> f64 {
    let mixed = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

pub(crate) fn fault(
    name: &str,
    strikes: &str,
    span: Option<(f64, f64)>,
    exposed: f64,
    harmed: Estimate,
) -> FaultSummary {
    FaultSummary {
        name: name.into(),
        strikes: strikes.into(),
        span_seconds: span,
        incidents: 20,
        exposed: exact(exposed),
        idle: exact(0.0),
        down: harmed.clone(),
        spillover: exact(0.0),
        false_harmed: Estimate::null("requests carry all randomness: without the fault nothing differs"),
        customer_minutes: harmed.clone(),
        harmed_worst: harmed.value.map(|value| (value * 1.05).ceil() as u64),
        share_of_customers: Estimate { value: harmed.value.map(|value| value / 22_000.0), ..harmed.clone() },
        harmed,
        share_of_traffic: Some(0.036),
        single_cell_exposed: Some(19_800),
        recovery_seconds: vec![121.0; 20],
        twin_down: 0,
        no_requests: 0,
        still_faulted: 0,
        censored: 0,
        not_recovered: 0,
        recovery_median: Some(121.0),
        store_load_peak: None,
    }
}

pub(crate) fn budget(tier: &str, fault: &str, allowed: f64, used: Estimate, customers: u64) -> BudgetRow {
    let share = |number: Option<f64>| number.map(|minutes| minutes / allowed);
    BudgetRow {
        tier: tier.into(),
        workflow: None,
        fault: (fault != "all").then(|| fault.into()),
        measure: "bad-minutes".into(),
        allowed,
        share_worst: Estimate {
            value: share(used.value),
            low: share(used.low),
            high: share(used.high),
            ..used.clone()
        },
        share_mean: exact(0.0),
        used_worst: used,
        mostly_by: None,
        months_within_sla: exact(customers as f64),
        customers,
        good_with_one_failure_fewer: None,
    }
}

/// The example of 22,000 customers, 59 cells and four faults.
pub(crate) fn twilio() -> Outcome {
    let mut results = empty();
    let crash = fault("cell-crash", "messaging/enterprise/1", Some((120.0, 240.0)), 30.0, estimate(30.0, 0.0));
    let mut zone = fault("zone-loss", "zone b: all 59 cells", Some((420.0, 432.0)), 22_000.0, estimate(79.0, 9.0));
    zone.single_cell_exposed = Some(22_000);
    zone.share_of_traffic = Some(1.0);
    let mut flush = fault("cache-flush", "router cache", Some((600.0, 600.0)), 22_000.0, below(1.0));
    flush.single_cell_exposed = Some(22_000);
    flush.share_of_traffic = Some(1.0);
    flush.store_load_peak = Some(1_700.0);
    flush.recovery_median = Some(4.0);
    flush.harmed_worst = Some(0);
    let mut noisy = fault("noisy-customer", "messaging/smb/5", Some((660.0, 780.0)), 576.0, estimate(431.0, 6.0));
    noisy.share_of_traffic = Some(0.016);
    noisy.harmed_worst = Some(452);
    of_requests(&mut results).faults = vec![crash, zone, flush, noisy];
    of_requests(&mut results).budgets =
        [("enterprise", 4.32, 200, 2.0, 0.0), ("mid-market", 21.6, 1_800, 0.0, 0.0), ("smb", 43.2, 20_000, 0.0, 3.0)]
            .iter()
            .flat_map(|&(tier, allowed, customers, crash, noisy)| {
                let used = |minutes: f64| if minutes > 0.0 { estimate(minutes, 0.1 * minutes) } else { below(0.14) };
                [
                    ("cell-crash", crash),
                    ("zone-loss", 0.0),
                    ("cache-flush", 0.0),
                    ("noisy-customer", noisy),
                    ("all", crash + noisy),
                ]
                .map(|(fault, minutes)| budget(tier, fault, allowed, used(minutes), customers))
            })
            .collect();
    of_requests(&mut results).timeline = timeline(900);
    of_requests(&mut results).latencies = ["messaging", "real-time", "async", "verify"]
        .iter()
        .enumerate()
        .flat_map(|(index, workflow)| {
            [
                curve(workflow, Condition::NoFault, index, 0.0),
                curve(workflow, Condition::WithFaults, index, if index == 0 { 0.004 } else { 0.00005 }),
            ]
        })
        .collect();
    of_requests(&mut results).cells =
        cells(&[("messaging", [8, 8, 9]), ("real-time", [4, 4, 4]), ("async", [3, 4, 4]), ("verify", [3, 4, 4])]);
    results
}

/// What only a study of requests has, to be changed.
pub(crate) fn of_requests(results: &mut Outcome) -> &mut Requests {
    match &mut results.found {
        Found::Requests(requests) => requests,
        Found::Years(_) => panic!("years were run"),
    }
}

/// Nothing but the head.
pub(crate) fn empty() -> Outcome {
    let tier = |name: &str, customers, sla: f64| TierFacts {
        window: "30 days".to_owned(),
        window_minutes: (43_200, 43_200),
        name: name.into(),
        customers,
        sla,
        allowed_minutes: (1.0 - sla) * 43_200.0,
        bad_from: 0.05,
    };
    Outcome {
        name: "twilio".into(),
        title: "Communications platform: 4 affinities x 3 tiers".into(),
        scenario_file: "scenarios/twilio.toml".into(),
        facts: Facts {
            customers: 22_000,
            cells: 59,
            requests_per_second: 9_950.0,
            instances: 354,
            zones: vec!["a".into(), "b".into(), "c".into()],
            tiers: vec![tier("enterprise", 200, 0.9999), tier("mid-market", 1_800, 0.9995), tier("smb", 20_000, 0.999)],
            groups: Vec::new(),
            cost: None,
            why_no_single_cell: None,
            inactive: Vec::new(),
            recorded: Vec::new(),
            single_cell: Some(SingleCellFacts { cost: None, instances: 66, cells: 4 }),
            utilization_mean: Some(0.11),
            utilization_target: Some(0.6),
            floor_decides: true,
        },
        seed: 1,
        horizon_seconds: 900.0,
        confidence: 0.95,
        stopping: None,
        lookup: Lookup::default(),
        replications_asked: 20,
        replications_done: 20,
        rows: Vec::new(),
        found: Found::Requests(Box::new(Requests {
            warmup_seconds: 60.0,
            warmup_found: false,
            faults: Vec::new(),
            incidents: Vec::new(),
            budgets: Vec::new(),
            timeline: Vec::new(),
            store_capacity: Some(4_000.0),
            latencies: Vec::new(),
            cells: Vec::new(),
            lookup: Lookup::default(),
        })),
        verdicts: Vec::new(),
        warnings: Vec::new(),
    }
}

pub(crate) fn timeline(seconds: u32) -> Vec<TimelineRow> {
    let band = |middle: f64, spread: f64, salt: u64| {
        let wobble = spread * 0.3 * noise(salt);
        [(middle + wobble - spread).max(0.0), (middle + wobble).max(0.0), middle + wobble + spread]
    };
    (0..seconds)
        .map(|second| {
            let salt = 10 * u64::from(second);
            let inside = |from: u32, to: u32| (from..to).contains(&second);
            let crash = if inside(120, 240) { 360.0 } else { 0.0 };
            let noisy = if inside(660, 780) { 130.0 } else { 0.0 };
            let failed: f64 = crash + noisy + if inside(420, 426) { 60.0 } else { 0.0 };
            let cold = if second >= 600 { 3_700.0 * (-(f64::from(second - 600)) / 2.5).exp() } else { 0.0 };
            let faulted: f64 = if inside(120, 240) {
                1.0
            } else if inside(420, 432) {
                59.0
            } else {
                0.0
            };
            TimelineRow {
                second: f64::from(second),
                ok: band(9_950.0 - failed, 125.0, salt),
                failed: if failed > 0.0 { band(failed, 20.0, salt + 1) } else { [0.0; 3] },
                retries: if failed > 0.0 { band(2.0 * failed, 40.0, salt + 2) } else { [0.0, 0.0, 2.0] },
                faulted_cells: [faulted; 3],
                store_load: band(498.0 + cold, 28.0 + cold * 0.05, salt + 3),
                waiting: [0.0; 3],
                hit_ratio: Some(0.95 - cold / 9_950.0 + 0.002 * noise(salt + 4)),
            }
        })
        .collect()
}

pub(crate) fn curve(workflow: &str, condition: Condition, index: usize, failing: f64) -> LatencyCurve {
    let requests = 4_000_000_u64 >> index;
    let median = 0.030 + 0.004 * index as f64;
    let points = (0..400)
        .map(|step| 0.004 * 1.017_f64.powi(step))
        .take_while(|latency| *latency < 3.0)
        .map(|latency| {
            let beyond = 1.0 / (1.0 + (latency / median).powf(3.6 - 0.2 * index as f64));
            (latency, ((failing + (1.0 - failing) * beyond * (-latency / 0.4).exp()) * requests as f64) as u64)
        })
        .filter(|(_, beyond)| *beyond >= 10)
        .collect();
    LatencyCurve { workflow: workflow.into(), tier: None, condition, requests, points }
}

pub(crate) fn cells(groups: &[(&str, [u64; 3])]) -> Vec<CellLoad> {
    let mut cells = Vec::new();
    for (workflow, counts) in groups {
        for (tier, count) in ["enterprise", "mid-market", "smb"].iter().zip(counts) {
            for number in 1..=*count {
                let load = 0.06 + 0.05 * (1.0 + noise(cells.len() as u64)) + if *tier == "smb" { 0.12 } else { 0.0 };
                cells.push(CellLoad {
                    cell: format!("{workflow}/{tier}/{number}"),
                    workflow: (*workflow).into(),
                    tier: Some((*tier).into()),
                    customers: 30 * number,
                    requests_per_second: 1_000.0 * load,
                    utilization: estimate(load, 0.01),
                    peak_over_run: Some(1.0),
                    utilization_zone_lost: load * 1.5,
                    target: Some(0.6),
                });
            }
        }
    }
    cells
}
