//! Results made by hand, with the numbers that the founding example of a summary has.

use cellsim::catalogue::{Condition, LookupPath, Metric, Statistic, Subject, Unit};
use cellsim::engine::stats::{Estimate, State};
use cellsim::experiment::outcome::curves::{CellLoad, LatencyCurve, TimelineRow};
use cellsim::experiment::outcome::lookup::Lookup;
use cellsim::experiment::outcome::*;
use cellsim::scenario::expectation::Limit;

pub(crate) fn estimate(value: f64, half: f64) -> Estimate {
    let (low, high) = (Some(value - half), Some(value + half));
    Estimate { value: Some(value), low, high, n: 20, state: State::Estimate, reason: None }
}

pub(crate) fn exact(value: f64) -> Estimate {
    Estimate { value: Some(value), low: None, high: None, n: 20, state: State::Exact, reason: None }
}

pub(crate) fn below(high: f64) -> Estimate {
    Estimate { value: Some(0.0), low: None, high: Some(high), n: 20, state: State::Bound, reason: None }
}

pub(crate) fn null(reason: &str) -> Estimate {
    Estimate { value: None, low: None, high: None, n: 0, state: State::Null, reason: Some(reason.into()) }
}

struct Struck {
    name: &'static str,
    strikes: &'static str,
    span: (f64, f64),
    exposed: f64,
    quiet: f64,
    harmed: Estimate,
    worst: u64,
    traffic: f64,
    undivided: u64,
    recovery: f64,
}

fn fault(struck: Struck) -> FaultSummary {
    let share = |value: Option<f64>| value.map(|value| value / 22_000.0);
    let harmed = struck.harmed;
    FaultSummary {
        name: struck.name.into(),
        strikes: struck.strikes.into(),
        span_seconds: Some(struck.span),
        incidents: 20,
        exposed: exact(struck.exposed),
        idle: estimate(struck.quiet, 0.0),
        down: harmed.clone(),
        spillover: estimate(0.0, 0.0),
        false_harmed: Estimate::null("requests carry all randomness: without the fault nothing differs"),
        customer_minutes: harmed.clone(),
        harmed_worst: Some(struck.worst),
        share_of_customers: Estimate {
            value: share(harmed.value),
            low: share(harmed.low),
            high: share(harmed.high),
            ..harmed.clone()
        },
        harmed,
        share_of_traffic: Some(struck.traffic),
        single_cell_exposed: Some(struck.undivided),
        recovery_seconds: vec![struck.recovery; 20],
        twin_down: 0,
        no_requests: 0,
        still_faulted: 0,
        censored: 0,
        not_recovered: 0,
        recovery_median: Some(struck.recovery),
        store_load_peak: None,
    }
}

fn faults() -> Vec<FaultSummary> {
    let mut flush = fault(Struck {
        name: "cache-flush",
        strikes: "router cache",
        span: (540.0, 540.0),
        exposed: 22_000.0,
        quiet: 0.0,
        harmed: below(1.0),
        worst: 0,
        traffic: 1.0,
        undivided: 22_000,
        recovery: 4.0,
    });
    flush.store_load_peak = Some(4_190.0);
    vec![
        fault(Struck {
            name: "cell-crash",
            strikes: "messaging/enterprise/1",
            span: (120.0, 240.0),
            exposed: 30.0,
            quiet: 0.0,
            harmed: estimate(30.0, 0.0),
            worst: 30,
            traffic: 0.036,
            undivided: 19_800,
            recovery: 121.0,
        }),
        fault(Struck {
            name: "zone-loss",
            strikes: "zone b: all 59 cells",
            span: (300.0, 480.0),
            exposed: 22_000.0,
            quiet: 3_910.0,
            harmed: estimate(79.2, 8.4),
            worst: 96,
            traffic: 1.0,
            undivided: 22_000,
            recovery: 12.0,
        }),
        flush,
        fault(Struck {
            name: "noisy-customer",
            strikes: "messaging/smb/5",
            span: (660.0, 780.0),
            exposed: 576.0,
            quiet: 118.0,
            harmed: estimate(431.3, 5.6),
            worst: 452,
            traffic: 0.016,
            undivided: 19_800,
            recovery: 128.0,
        }),
    ]
}

pub(crate) fn budget(tier: &str, fault: &str, allowed: f64, used: f64, customers: u64) -> BudgetRow {
    BudgetRow {
        tier: tier.into(),
        workflow: None,
        fault: (fault != "all").then(|| fault.into()),
        measure: "bad-minutes".into(),
        allowed,
        used_worst: estimate(used, 0.0),
        share_worst: estimate(used / allowed, 0.0),
        share_mean: estimate(used / allowed / 10.0, 0.0),
        mostly_by: None,
        months_within_sla: estimate(customers as f64, 0.0),
        customers,
        good_with_one_failure_fewer: Some(0.0),
    }
}

fn budgets() -> Vec<BudgetRow> {
    let mut rows = Vec::new();
    for (tier, allowed, customers, crash, noisy) in
        [("enterprise", 4.32, 200, 2.0, 0.0), ("mid-market", 21.6, 1_800, 0.0, 0.0), ("smb", 43.2, 20_000, 0.0, 3.0)]
    {
        let mostly_by =
            if crash > noisy { Some("cell-crash".into()) } else { (noisy > 0.0).then(|| "noisy-customer".into()) };
        rows.push(BudgetRow { mostly_by, ..budget(tier, "all", allowed, crash + noisy, customers) });
        rows.push(budget(tier, "cell-crash", allowed, crash, customers));
        rows.push(budget(tier, "noisy-customer", allowed, noisy, customers));
    }
    rows
}

fn incidents() -> Vec<IncidentRow> {
    let one = |replication: u32| IncidentRow {
        replication,
        fault: "cell-crash".into(),
        activations: 1,
        strikes: "messaging/enterprise/1".into(),
        onset_seconds: 120.0,
        end_seconds: 240.0,
        exposed: 30,
        idle: 0,
        harmed: 30,
        down: 30,
        spillover: 0,
        customer_minutes: 60,
        recovery: "recovered".into(),
        recovery_from_onset_seconds: Some(121.0),
        recovery_from_end_seconds: Some(1.0),
    };
    (1..=20).map(one).collect()
}

/// What a number is of; filters are fault, tier, workflow.
fn subject(metric: &str, statistic: &str, unit: &str, filters: [&str; 3]) -> Subject {
    let [fault, tier, workflow] = filters.map(|name| (!name.is_empty()).then(|| name.to_owned()));
    let unit = Unit::ALL.into_iter().find(|one| one.text() == unit).unwrap();
    let of = Subject::new(Metric::named(metric).unwrap(), Statistic::of_key(statistic).unwrap(), unit);
    Subject { fault, tier, workflow, ..of }
}

fn row(metric: &str, statistic: &str, workflow: &str, unit: &str, estimate: Estimate) -> Row {
    Row {
        subject: Subject { condition: Condition::NoFault, ..subject(metric, statistic, unit, ["", "", workflow]) },
        denominator: String::new(),
        estimate,
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (workflow, p50, p99) in [
        ("messaging", 0.0331, 0.108),
        ("real-time", 0.0322, 0.0991),
        ("async", 0.0288, 0.0962),
        ("verify", 0.042, 0.134),
    ] {
        rows.push(row("latency", "p50", workflow, "s", estimate(p50, 0.0001)));
        rows.push(row("latency", "p99", workflow, "s", estimate(p99, 0.0002)));
    }
    rows.push(row("hit_ratio", "mean", "", "share", estimate(0.9502, 0.0001)));
    for (path, latency) in [(LookupPath::Hit, 0.006), (LookupPath::Miss, 0.021)] {
        let mut row = row("router_latency", "p50", "", "s", estimate(latency, 0.0));
        row.subject.path = Some(path);
        row.denominator = format!("lookups by path: {path}");
        rows.push(row);
    }
    rows.push(row("store_load", "mean", "", "/s", estimate(475.2, 1.0)));
    let mut null = row("sla_attainment", "mean", "", "share", null("the horizon holds no whole month"));
    null.subject.tier = Some("enterprise".into());
    null.subject.condition = Condition::Always;
    null.denominator = "customers, workflows and months".into();
    rows.push(null);
    rows
}

struct Judged {
    outcome: Judgement,
    metric: &'static str,
    statistic: &'static str,
    filters: (&'static str, &'static str, &'static str),
    estimate: Estimate,
    unit: &'static str,
    limit: (&'static str, f64),
    line: u32,
}

fn verdict(judged: Judged) -> Verdict {
    let (fault, tier, workflow) = judged.filters;
    Verdict {
        outcome: judged.outcome,
        what: [if fault.is_empty() { judged.metric } else { "" }, fault, tier, workflow, judged.statistic]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        subject: subject(judged.metric, judged.statistic, judged.unit, [fault, tier, workflow]),
        estimate: judged.estimate,
        limit: Limit::AtMost(judged.limit.1),
        limit_text: judged.limit.0.into(),
        place: format!("twilio.toml:{}", judged.line),
        note: String::new(),
    }
}

fn verdicts() -> Vec<Verdict> {
    vec![
        verdict(Judged {
            outcome: Judgement::Kept,
            metric: "blast_radius",
            statistic: "worst",
            filters: ("cell-crash", "", ""),
            estimate: exact(30.0),
            unit: "customers",
            limit: ("at most 50 customers", 50.0),
            line: 155,
        }),
        verdict(Judged {
            outcome: Judgement::Breached,
            metric: "blast_radius",
            statistic: "mean",
            filters: ("noisy-customer", "smb", ""),
            estimate: estimate(0.02157, 0.0003),
            unit: "share",
            limit: ("at most 2%", 0.02),
            line: 159,
        }),
        verdict(Judged {
            outcome: Judgement::Kept,
            metric: "month_budget_used",
            statistic: "worst",
            filters: ("", "enterprise", ""),
            estimate: estimate(2.0 / 4.32, 0.0),
            unit: "share",
            limit: ("at most 75%", 0.75),
            line: 164,
        }),
        verdict(Judged {
            outcome: Judgement::Kept,
            metric: "latency",
            statistic: "p99",
            filters: ("", "", "real-time"),
            estimate: estimate(0.0991, 0.00021),
            unit: "s",
            limit: ("at most 250ms", 0.25),
            line: 168,
        }),
    ]
}

fn facts() -> Facts {
    let tier = |name: &str, customers, sla: f64| TierFacts {
        name: name.into(),
        customers,
        sla,
        window: "30 days".to_owned(),
        window_minutes: (43_200, 43_200),
        allowed_minutes: (1.0 - sla) * 43_200.0,
        bad_from: 0.05,
    };
    let group = |workflow: &str, tier: &str, cells, customers, rate: f64| GroupFacts {
        workflow: workflow.into(),
        tier: Some(tier.into()),
        cells,
        customers,
        smallest: customers / cells,
        largest: customers / cells + 1,
        requests_per_second: rate,
        busiest_requests_per_second: rate / cells as f64 * 1.2,
        stations: vec![StationFacts {
            stage: "accept".into(),
            slots: 24,
            instances: 3 * cells,
            utilization_mean: 0.11,
            utilization_busiest: 0.58,
            utilization_zone_lost: 1.07,
        }],
    };
    let split =
        |total, cells, people, instances, data, other| CostSplit { total, cells, people, instances, data, other };
    Facts {
        customers: 22_000,
        cells: 59,
        requests_per_second: 9_950.4,
        instances: 354,
        zones: ["a", "b", "c"].map(String::from).into(),
        tiers: vec![tier("enterprise", 200, 0.9999), tier("mid-market", 1_800, 0.9995), tier("smb", 20_000, 0.999)],
        groups: vec![
            group("messaging", "enterprise", 8, 180, 2_100.0),
            group("messaging", "smb", 8, 18_000, 1_500.0),
            group("real-time", "enterprise", 4, 100, 900.0),
            group("async", "enterprise", 3, 80, 700.0),
            group("verify", "enterprise", 4, 100, 500.0),
        ],
        cost: Some(split(157_540.0, 112_100.0, 8_850.0, 19_470.0, 11_940.0, 5_180.0)),
        why_no_single_cell: None,
        inactive: Vec::new(),
        recorded: Vec::new(),
        single_cell: Some(SingleCellFacts {
            cost: Some(split(26_330.0, 7_600.0, 600.0, 3_630.0, 11_940.0, 2_560.0)),
            instances: 66,
            cells: 4,
        }),
        utilization_mean: Some(0.112),
        utilization_target: Some(0.6),
        floor_decides: true,
    }
}

fn timeline() -> Vec<TimelineRow> {
    let one = |second: u32| TimelineRow {
        second: f64::from(second),
        ok: [9_800.0, 9_950.0, 10_100.0],
        failed: [0.0, 0.0, 1.0],
        retries: [0.0, 0.0, 2.0],
        faulted_cells: [0.0; 3],
        store_load: [450.0, 475.0, 500.0],
        waiting: [0.0, 1.5, 4.0],
        hit_ratio: (second != 1).then_some(0.95),
    };
    (0..3).map(one).collect()
}

/// The example: four faults, three tiers, one breach.
/// What only a study of requests has, to be changed.
pub(crate) fn of_requests(results: &mut Outcome) -> &mut Requests {
    match &mut results.found {
        Found::Requests(requests) => requests,
        Found::Years(_) => panic!("years were run"),
    }
}

pub(crate) fn twilio() -> Outcome {
    Outcome {
        name: "twilio".into(),
        title: "Communications platform: 4 affinities x 3 tiers".into(),
        scenario_file: "scenarios/twilio.toml".into(),
        facts: facts(),
        seed: 1,
        horizon_seconds: 900.0,
        confidence: 0.95,
        stopping: None,
        lookup: Lookup::default(),
        replications_asked: 20,
        replications_done: 20,
        rows: rows(),
        found: Found::Requests(Box::new(Requests {
            warmup_seconds: 60.0,
            warmup_found: false,
            lookup: Lookup::default(),
            faults: faults(),
            incidents: incidents(),
            budgets: budgets(),
            timeline: timeline(),
            store_capacity: Some(4_000.0),
            latencies: vec![LatencyCurve {
                workflow: "messaging".into(),
                tier: None,
                condition: Condition::NoFault,
                requests: 1_000,
                points: vec![(0.033, 500), (0.108, 10)],
            }],
            cells: vec![CellLoad {
                cell: "messaging/smb/5".into(),
                workflow: "messaging".into(),
                tier: Some("smb".into()),
                customers: 576,
                requests_per_second: 160.5,
                utilization: estimate(0.12, 0.001),
                peak_over_run: Some(1.0),
                utilization_zone_lost: 0.18,
                target: Some(0.6),
            }],
        })),
        verdicts: verdicts(),
        warnings: vec![Warning::UnderItsMin {
            cell: "messaging/smb/5".into(),
            customers: 576,
            min: 1_000,
            filled_by_one: true,
        }],
    }
}
