//! What no replication happened to show is not excluded: few incidents, faults that did not strike, designs that met no fault.

use cellsim::catalogue::Per;
use cellsim::engine::stats::State;
use cellsim::experiment::Options;
use cellsim::experiment::compare::{Change, Difference, compare};
use cellsim::experiment::outcome::{Judgement, Outcome, Row};

use crate::support::{Of, Patient, read as read_text, row, run_text, run_with};

fn outcomes(results: &Outcome) -> Vec<Judgement> {
    results.verdicts.iter().map(|verdict| verdict.outcome).collect()
}

/// One cell that crashes every half hour, now for ten seconds, now for a hundred.
const FEW: &str = r#"
[tier.t]
customers = 10
cells = 1
sla = "99%"
[workflow.w]
demand = "5/s"
client.deadline = "1s"
stage.s = { kind = "delay", service_time = "10ms" }
[fault.f]
strikes = { cell = 1 }
effect = "crash"
mtbf = "30min"
mttr = { empirical = { values = ["10s", "10s", "11s", "11s", "11s", "100s", "100s", "100s", "100s", "100s"] } }
[run]
faults = "random"
horizon = "20min"
replications = 5
[[expect]]
metric = "recovery"
fault = "f"
p50 = { at_most = "50s" }
[[expect]]
metric = "recovery"
fault = "f"
p50 = { at_least = "5s" }
"#;

#[test]
fn a_median_of_few_incidents_has_no_ends() {
    let mut few = 0;
    for seed in 1..=12 {
        let results = run_with(FEW, &[&format!("run.seed={seed}")]);
        let median = row(&results, "recovery", "p50", Of { fault: "f", ..Of::default() });
        let n = results.requests().unwrap().incidents.len();
        if (2..6).contains(&n) && median.value.is_some() {
            few += 1;
            assert_eq!((median.low, median.high), (Some(0.0), None), "{median:?}");
            assert_eq!(median.state, State::Bound);
            assert_eq!(outcomes(&results), [Judgement::Undecided; 2]);
        }
    }
    assert!(few >= 6, "{few}");
}

/// The ends of a row and its value.
fn ends(row: &Row) -> [f64; 3] {
    [row.estimate.low, row.estimate.value, row.estimate.high].map(|end| end.unwrap_or(f64::INFINITY))
}

#[test]
fn the_worst_of_one_queue_is_its_mean() {
    let text = |cells: u32| {
        format!(
            r#"
[tier.t]
customers = 60
cells = {cells}
sla = "99%"
[workflow.w]
demand = "1/s"
client.deadline = "10s"
stage.s = {{ service_time = {{ exponential = "12.5ms" }}, size = {{ concurrency = 1 }} }}
[run]
horizon = "5min"
replications = 6
"#
        )
    };
    for cells in [1, 3] {
        let results = run_text(&text(cells));
        for (metric, worst) in [("wait", "worst"), ("queue_length", "worst"), ("utilization", "busiest")] {
            let found = |statistic: &str| {
                let is = |row: &&Row| {
                    row.subject.metric.name() == metric
                        && row.subject.statistic.to_string() == statistic
                        && row.subject.tier.is_none()
                };
                ends(results.rows.iter().find(is).unwrap())
            };
            let (mean, worst) = (found("mean"), found(worst));
            assert!(mean.iter().zip(&worst).all(|(mean, worst)| worst >= mean), "{metric}: {worst:?} of {mean:?}");
            assert!(cells > 1 || mean == worst, "{metric}: {worst:?} of {mean:?}");
        }
    }
}

/// A platform whose outage comes every two hours, now and then within two minutes.
const RARE: &str = r#"
[tier.t]
customers = 100
cells = 1
sla = "99%"
[workflow.w]
demand = "0.1/s"
client = { deadline = "20s", timeout = "100ms", attempts = 9, backoff = "10ms" }
stage.s = { kind = "delay", service_time = { exponential = "10ms" } }
[router]
cache.hit_ratio = "95%"
[fault.outage]
strikes = { platform = true }
effect = "blackhole"
mtbf = "2h"
mttr = "10min"
[run]
faults = "random"
horizon = "2min"
replications = 20
"#;

/// Limits that all hold in runs that met no outage, and that none would hold in one that did.
const LIMITS: [(&str, &str, &str); 14] = [
    ("retry_amplification", "mean", "at_most = 1.02"),
    ("retry_amplification", "end", "at_most = 1.1"),
    ("attempt_rate", "mean", "at_most = \"11/s\""),
    ("attempt_rate", "end", "at_most = \"11.5/s\""),
    ("error_share", "mean", "at_most = \"14%\""),
    ("error_share/timed-out", "mean", "at_most = \"14%\""),
    ("goodput", "mean", "at_least = \"9.75/s\""),
    ("goodput", "end", "at_least = \"9.65/s\""),
    ("latency", "p99", "at_most = \"200ms\""),
    ("latency", "mean", "at_most = \"100ms\""),
    ("ok_latency", "p99", "at_most = \"200ms\""),
    ("ok_latency", "mean", "at_most = \"100ms\""),
    ("hit_ratio", "mean", "at_least = \"93.5%\""),
    ("store_load", "mean", "at_most = \"0.9/s\""),
];

fn expecting(text: &str, condition: &str) -> String {
    let both = |metric: &str| !metric.starts_with("error_share") || condition == "with faults";
    let asked = LIMITS
        .into_iter()
        .filter(|(metric, statistic, _)| both(metric) && *statistic != "end" || condition == "with faults");
    let asked = asked.map(|(metric, statistic, limit)| {
        let metric = metric.replace('/', "\"\ncause = \"");
        format!("[[expect]]\nmetric = \"{metric}\"\ncondition = \"{condition}\"\n{statistic} = {{ {limit} }}\n")
    });
    text.to_owned() + &asked.collect::<String>()
}

#[test]
fn what_no_replication_met_is_not_kept() {
    let results = run_text(&expecting(RARE, "with faults"));
    assert!(results.requests().unwrap().incidents.is_empty(), "the seed meets no outage");
    for verdict in &results.verdicts {
        assert_eq!(verdict.outcome, Judgement::Undecided, "{}: {:?}", verdict.what, verdict.estimate);
        let reason = verdict.estimate.reason.as_deref().unwrap_or_default();
        assert!(reason.starts_with("outage: struck in none of 20 replications, would be in 1.7 %"), "{reason}");
    }
    // 1 - exp(-2/120) = 1.65 % of histories, in which nothing need succeed: of 10 a second.
    let goodput = row(&results, "goodput", "mean", Of { condition: Some("with faults"), ..Of::default() });
    let healthy = row(&results, "goodput", "mean", Of { condition: Some("no fault"), ..Of::default() });
    let lost = healthy.low.unwrap() - goodput.low.unwrap();
    assert!((lost - 0.0165 * healthy.value.unwrap()).abs() < 0.002, "{lost}");
    // Without faults all is as ever.
    let results = run_text(&expecting(RARE, "no fault"));
    assert!(results.verdicts.len() > 6);
    for verdict in &results.verdicts {
        assert_eq!(verdict.outcome, Judgement::Kept, "{}: {:?}", verdict.what, verdict.estimate);
    }
}

#[test]
fn what_is_too_unlikely_to_matter_is_kept() {
    let text = RARE.replace("mtbf = \"2h\"", "mtbf = \"20000h\"");
    for verdict in &run_text(&expecting(&text, "with faults")).verdicts {
        let is_share = verdict.subject.metric.name().starts_with("error_share");
        assert!(is_share || verdict.outcome == Judgement::Kept, "{}: {:?}", verdict.what, verdict.estimate);
    }
}

#[test]
fn a_scripted_fault_is_not_rare() {
    let text = RARE.replace("mtbf = \"2h\"\nmttr = \"10min\"", "at = \"1min\"\nfor = \"1s\"");
    let text = text.replace("faults = \"random\"", "faults = \"scripted\"");
    let results = run_text(&text);
    let of = Of { condition: Some("with faults"), ..Of::default() };
    for (metric, statistic) in [("goodput", "mean"), ("retry_amplification", "mean"), ("ok_latency", "p99")] {
        assert_eq!(row(&results, metric, statistic, of).state, State::Estimate, "{metric}");
    }
    // It strikes once, by construction.
    let incidents = row(&results, "replication_incidents", "mean", Of { fault: "outage", ..Of::default() });
    assert_eq!((incidents.state, incidents.value, incidents.high), (State::Exact, Some(1.0), Some(1.0)));
}

/// Nine cells of 5 customers and one of 100, which is struck as often as each of the others.
const CELLS: &str = r#"
[tier.small]
customers = 45
cells = 9
sla = "99%"
[tier.large]
customers = 100
cells = 1
sla = "99%"
[workflow.w]
demand = "0.1/s"
client.deadline = "1s"
stage.s = { kind = "delay", service_time = "10ms" }
[fault.crash]
each = "cell"
effect = "crash"
mtbf = "40min"
mttr = "1min"
[run]
faults = "random"
horizon = "2min"
replications = 20
"#;

#[test]
fn a_class_that_was_not_struck_counts_by_what_it_reaches() {
    let mut found = 0;
    for seed in 1..=12 {
        let results = run_with(CELLS, &[&format!("run.seed={seed}")]);
        let is_large = |one: &&cellsim::experiment::outcome::IncidentRow| one.exposed == 100;
        if results.requests().unwrap().incidents.iter().any(|one| is_large(&one))
            || results.requests().unwrap().incidents.len() < 4
        {
            continue;
        }
        found += 1;
        let share = row(&results, "error_share", "mean", Of { condition: Some("with faults"), ..Of::default() });
        let reason = share.reason.as_deref().unwrap_or_default();
        assert!(reason.starts_with("crash, cells with 69 % of the requests: struck in none of 20"), "{share:?}");
        // Whom it cannot reach it does not widen: no reason for the small ones.
        let of = Of { condition: Some("with faults"), tier: "small", ..Of::default() };
        assert!(row(&results, "error_share", "mean", of).reason.is_none());
    }
    assert!(found > 0);
}

/// Compares scenarios over the replications they ask for.
fn compared(texts: [&str; 2]) -> Vec<Difference> {
    let designs: Vec<_> = texts.into_iter().map(read_text).collect();
    let options = Options { threads: Some(1), ..Options::default() };
    compare(&designs, &options, &Patient).ok().unwrap().differences
}

#[test]
fn designs_that_met_no_fault_are_not_the_same() {
    let other = RARE.replace("mtbf = \"2h\"", "mtbf = \"30min\"").replace("attempts = 9", "attempts = 8");
    let differences = compared([RARE, &other]);
    let with_faults = |one: &&Difference| {
        let subject = &one.subject;
        subject.condition.text() == "with faults"
            || subject.per() != Per::Nothing
            || subject.condition.text() == "if these happen"
    };
    let mut counted = 0;
    for one in differences.iter().filter(with_faults) {
        let change = one.change;
        assert!(matches!(change, Change::NotSeen | Change::NotMeasured), "{}: {one:?}", one.subject.metric);
        if change == Change::NotSeen {
            counted += 1;
            let (low, high) = (one.difference.low.unwrap(), one.difference.high.unwrap());
            assert!(low < 0.0 && high > 0.0, "{}: {one:?}", one.subject.metric);
        }
    }
    assert!(counted > 8, "{counted}");
    // So many strikes are expected, and no more: 2/120 a run in one, 2/30 in the other.
    let incidents = differences.iter().find(|one| one.subject.metric.name() == "replication_incidents").unwrap();
    let (low, high) = (incidents.difference.low.unwrap(), incidents.difference.high.unwrap());
    assert!((-0.1..-0.016).contains(&low) && (0.06..0.1).contains(&high), "{low} to {high}");
    // Without faults, the same requests meet the same.
    let calm =
        |one: &&Difference| one.subject.condition.text() == "no fault" && one.subject.metric.name() == "hit_ratio";
    assert_eq!(differences.iter().find(calm).unwrap().change, Change::Same);
    // A design is the same as itself.
    let itself = compared([RARE, RARE]);
    assert!(itself.iter().all(|one| matches!(one.change, Change::Same | Change::NotMeasured)));
}

#[test]
fn quantiles_beyond_the_deadline_are_worse_for_certain() {
    let text = |time: &str| {
        format!(
            r#"
[tier.t]
customers = 20
cells = 1
sla = "99%"
[workflow.w]
demand = "1/s"
client.deadline = "100ms"
stage.s = {{ kind = "delay", service_time = {{ exponential = "{time}" }} }}
[run]
horizon = "2min"
replications = 8
"#
        )
    };
    // A tenth of 20 ms and of 100 ms are slower than 46 and 230 ms; half of 300 ms than 208 ms.
    let (fast, slow, slower) = (text("20ms"), text("100ms"), text("300ms"));
    let found = |differences: &[Difference], statistic: &str| {
        let is = |one: &&Difference| {
            one.subject.metric.name() == "latency"
                && one.subject.statistic.to_string() == statistic
                && one.subject.workflow.is_none()
        };
        differences.iter().find(is).cloned().unwrap()
    };
    let worse = found(&compared([&fast, &slow]), "p90");
    assert_eq!(worse.change, Change::Worse);
    let low = worse.difference.low.unwrap();
    assert!((0.04..0.06).contains(&low) && worse.difference.high.is_none(), "{worse:?}");
    let better = found(&compared([&slow, &fast]), "p90");
    assert_eq!((better.change, better.difference.low), (Change::Better, None));
    assert!(better.difference.high.unwrap() < -0.04, "{better:?}");
    let both = found(&compared([&slow, &slower]), "p90");
    assert_eq!((both.change, both.difference.value), (Change::NotSeen, None));
    assert!(both.difference.reason.unwrap().contains("both"));
}

#[test]
fn a_history_in_which_nothing_is_drawn_is_exact() {
    let outage = |name: &str, at: u32, lasts: u32, more: &str| {
        format!(
            "[fault.{name}]\nstrikes = {{ platform = true }}\neffect = \"crash\"\nat = \"{at}h{more}\"\nfor = \"{lasts}min\"\n"
        )
    };
    let text = |more: &str| {
        format!(
            "[tier.t]\ncustomers = 100\ncells = 2\nsla = \"99%\"\n\
             [workflow.w]\ndemand = \"600/min\"\nclient.deadline = \"1s\"\n\
             stage.s = {{ kind = \"delay\", service_time = \"5ms\" }}\n\
             {}{}[run]\nlevel = \"incident\"\nfaults = \"all\"\nstarts_on = \"2024-01-01\"\nhorizon = \"91d\"\nreplications = 3\n",
            outage("one", 100, 300, more),
            outage("two", 600, 30, "")
        )
    };
    let results = run_text(&text(""));
    let one = run_with(&text(""), &["run.replications=1"]);
    for (row, alone) in results.rows.iter().zip(&one.rows).filter(|(row, _)| row.estimate.state != State::Null) {
        assert_eq!(
            row.estimate.state,
            State::Exact,
            "{} {}: {:?}",
            row.subject.metric,
            row.subject.statistic,
            row.estimate
        );
        let (found, one) = (row.estimate.value.unwrap(), alone.estimate.value.unwrap());
        assert!(
            (found - one).abs() <= 1e-12 * one.abs(),
            "{} {}: {found}, {one}",
            row.subject.metric,
            row.subject.statistic
        );
    }
    // A phase is drawn.
    let drawn = run_text(&text(" ± 30min"));
    assert!(
        drawn.rows.iter().any(|row| row.estimate.state != State::Exact && row.subject.metric.name() == "bad_minutes")
    );
}
