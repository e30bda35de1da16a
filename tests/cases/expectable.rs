//! Everything printed can be expected, and everything accepted is measured: at the request level.

use std::collections::BTreeSet;

use cellsim::catalogue::{Cause, Condition, Filter, Level, LookupPath, Metric, SPECS, Spec, Statistic, Subject, Unit};
use cellsim::experiment::outcome::{Judgement, Outcome, Row};
use cellsim::scenario::Scenario;

use crate::support::{Folder, read, run};

/// A platform with some of everything: a router, faults of all schedules, a fan-out, newcomers, credits, prices.
const ALL: &str = r#"
zones = 2
[tier.gold]
customers = 12
cells = 2
sla = "99.9%"
contract.credits = [{ below = "target", share = "10%" }]
[tier.smb]
customers = 40
cells = 2
sla = "99%"
new_customers = "6/min"
[workflow.call]
demand = "2/s"
price = "$0.01/request"
client = { deadline = "1s", timeout = "300ms", attempts = 2, backoff = "20ms" }
stage.ask = { kind = "fan-out", service_time = "10ms", to = 2, needs = "all", hedge = "15ms" }
stage.work = { service_time = { exponential = "15ms" }, size = { utilization = "60%" }, queue = 20 }
[workflow.text]
demand = "1/s"
client.deadline = "1s"
stage.work = { service_time = "20ms", size = { concurrency = 8 } }
[router]
cache.hit_ratio = "80%"
store = { latency = "15ms", capacity = "400/s" }
when_down = { store = "last-known", local_copy = { covers = "50%" } }
[cost]
cell = "$100/month"
operations = "$100/month"
load = "$1/month"
instance = "$10/month"
router = "$10/month"
request = "$0.001/thousand"
[fault.cell]
strikes = { workflow = "call", tier = "smb", cell = 1 }
effect = "crash"
at = "20s"
for = "20s"
[fault.store]
strikes = { router = "store" }
effect = "crash"
at = "115s"
for = "10s"
[fault.often]
strikes = { workflow = "text" }
effect = { errors = "50%" }
mtbf = "40s"
mttr = "4s"
each = "cell"
[run]
warmup = "10s"
horizon = "220s"
faults = "all"
replications = 4
"#;

/// An expectation that asks for the number of a row.
fn asks(row: &Row, has_conditions: bool) -> String {
    let subject = &row.subject;
    let mut text = format!("[[expect]]\nmetric = \"{}\"\n", subject.metric);
    for filter in Filter::ALL.into_iter().filter(|filter| !subject.filter(*filter).is_empty()) {
        text += &format!("{filter} = \"{}\"\n", subject.filter(filter));
    }
    if has_conditions && subject.condition != Condition::While {
        text += &format!("condition = \"{}\"\n", subject.condition);
    }
    let mut statistic = subject.statistic;
    if let Statistic::Under(limit) = statistic {
        text += &format!("under = \"{}\"\n", cellsim::units::exact_text(limit));
        statistic = Statistic::Share;
    }
    text + &format!("{statistic} = {{ at_most = {} }}\n", limit(subject.unit.text()))
}

fn limit(unit: &str) -> &'static str {
    match unit {
        "share" => "\"50%\"",
        "s" => "\"1s\"",
        "/s" => "\"1/s\"",
        "$" => "\"$1/month\"",
        "customers" => "\"1 customer\"",
        _ => "1",
    }
}

/// Three cells that come down every few days, over two months: with a repair for each, and all of them down at once now and then.
const YEARS: &str = r#"
[tier.gold]
customers = 12
cells = 2
sla = "99.9%"
contract.credits = [{ below = "target", share = "10%" }]
[tier.smb]
customers = 40
cells = 1
sla = "99%"
[workflow.call]
demand = "2/s"
price = "$0.01/request"
client.deadline = "1s"
stage.work = { service_time = { exponential = "15ms" }, size = { utilization = "60%" } }
[cost]
cell = "$100/month"
operations = "$100/month"
load = "$1/month"
instance = "$10/month"
request = "$0.001/thousand"
[fault.cell]
effect = "crash"
mtbf = "3d"
mttr = "1h"
each = "cell"
[run]
level = "incident"
horizon = "60d"
replications = 2
rare = { cells_down = 2, histories = 100, error = "50%" }
"#;

/// Every row is in the catalogue: a statistic, a unit and filters of its metric, at its level.
fn rows_are_of_the_catalogue(rows: &[Row], level: Level) {
    for Row { subject, .. } in rows {
        let spec = subject.metric.spec();
        assert!(spec.has(subject.statistic) && spec.measures(subject.statistic, level), "{subject:?}");
        let shares = matches!(subject.statistic, Statistic::Share | Statistic::Under(_));
        let is_known = spec.units.iter().any(|unit| unit.unit() == subject.unit);
        assert!(is_known || shares && subject.unit == Unit::Share, "{subject:?}");
        let filters = spec.filters_of(subject.statistic);
        for filter in Filter::ALL.into_iter().filter(|filter| !subject.filter(*filter).is_empty()) {
            assert!(filters.takes.contains(&filter), "{filter} of {subject:?}");
        }
        assert!(filters.needs.iter().all(|needed| !subject.filter(*needed).is_empty()), "{subject:?}");
        assert_eq!(Subject::of_fields(|field| subject.field(field)).as_ref(), Ok(subject));
    }
    let seen: BTreeSet<(Metric, Statistic)> =
        rows.iter().map(|row| (row.subject.metric, kind(row.subject.statistic))).collect();
    let missing: Vec<String> = SPECS
        .iter()
        .flat_map(|spec| spec.statistics.iter().filter(|one| spec.measures(**one, level)).map(move |one| (spec, *one)))
        .filter(|(spec, one)| {
            !seen.contains(&(spec.metric, kind(*one))) && (level == Level::Request || spec.table != Some("router"))
        })
        .map(|(spec, one)| format!("{} {one}", spec.name))
        .collect();
    assert!(missing.is_empty(), "in the catalogue, and in no row: {missing:?}");
}

/// The statistic without its number.
fn kind(statistic: Statistic) -> Statistic {
    match statistic {
        Statistic::AtLeast(_) => Statistic::AtLeast(0),
        Statistic::Exactly(_) => Statistic::Exactly(0),
        Statistic::Under(_) => Statistic::Share,
        other => other,
    }
}

#[test]
fn every_entry_of_the_catalogue_has_a_row_and_every_row_an_entry() {
    let expectation = "[[expect]]\nmetric = \"latency\"\nunder = \"300ms\"\nshare = { at_least = \"1%\" }\n\
        [[expect]]\nmetric = \"ok_latency\"\nunder = \"300ms\"\nshare = { at_least = \"1%\" }\n";
    rows_are_of_the_catalogue(&run(&read(&format!("{ALL}{expectation}"))).rows, Level::Request);
    rows_are_of_the_catalogue(&run(&read(YEARS)).rows, Level::Incident);
}

#[test]
fn everything_printed_can_be_expected_over_years() {
    everything_printed_can_be_expected(YEARS);
}

/// Runs the scenario with an expectation for each of its rows; each must be judged on its row.
fn everything_printed_can_be_expected(text: &str) {
    let printed = run(&read(text)).rows;
    let unknown: Vec<_> = printed.iter().filter(|row| row.subject.metric.spec().units.is_empty()).collect();
    assert!(unknown.is_empty(), "printed, and not to be expected: {unknown:?}");
    let asked = printed.iter().map(|row| asks(row, row.subject.metric.spec().has_conditions()));
    let results = run(&read(&(text.to_owned() + &asked.collect::<String>())));
    assert_eq!(results.verdicts.len(), printed.len());
    for (row, verdict) in printed.iter().zip(&results.verdicts) {
        assert_eq!(verdict.estimate, row.estimate, "{} is not judged on {row:?}", verdict.what);
    }
}

#[test]
fn everything_printed_can_be_expected_of_a_platform_with_everything() {
    everything_printed_can_be_expected(ALL);
}

#[test]
fn everything_printed_can_be_expected_of_contracts_of_other_kinds() {
    let text = ALL
        .replace("sla = \"99%\"", "sla = \"99%\"\ncontract = { measure = \"requests\", counts = \"per customer\" }")
        .replace("replications = 4", "replications = 2\nharm_share = \"10%\"");
    everything_printed_can_be_expected(&text);
}

/// All that the reader accepts of a metric: (filters as written).
fn accepted(folder: &Folder, name: &str, statistic: &str, unit: &str) -> Vec<String> {
    let some = |key: &'static str, values: &[&'static str]| {
        let written = values.iter().map(|value| format!("{key} = \"{value}\"\n"));
        std::iter::once(String::new()).chain(written).collect::<Vec<_>>()
    };
    let path = scenario_path(folder);
    let mut found = Vec::new();
    for tier in some("tier", &["gold"]) {
        for workflow in some("workflow", &["call"]) {
            for fault in some("fault", &["cell", "store", "often"]) {
                let only = match name {
                    "router_latency" => some("path", &LookupPath::ALL.map(LookupPath::text)),
                    "error_share" => some("cause", &Cause::ALL.map(Cause::text)),
                    "wait" | "queue_length" => some("stage", &["work"]),
                    _ => vec![String::new()],
                };
                for route in only {
                    let under = if unit == "under" { "under = \"300ms\"\n" } else { "" };
                    let limit = limit(if unit == "under" { "share" } else { unit });
                    let text = format!(
                        "[[expect]]\nmetric = \"{name}\"\n{tier}{workflow}{fault}{route}{under}{statistic} = {{ at_most = {limit} }}\n"
                    );
                    std::fs::write(&path, format!("{ALL}{text}")).unwrap();
                    if Scenario::read(&path, &[]).is_ok() {
                        found.push(text);
                    }
                }
            }
        }
    }
    found
}

fn scenario_path(folder: &Folder) -> std::path::PathBuf {
    folder.path().join("asked.toml")
}

#[test]
fn everything_accepted_is_measured() {
    let folder = Folder::new();
    let mut asked = Vec::new();
    for metric in Spec::expectable().filter(|metric| metric.is_measured_at(Level::Request)) {
        for statistic in metric.statistics.iter().filter(|one| metric.measures(**one, Level::Request)) {
            let units: Vec<&str> = match *statistic {
                Statistic::Share if metric.has_share_under() => vec!["under"],
                Statistic::Share => vec!["share"],
                _ => metric.units.iter().map(|unit| unit.unit().text()).collect(),
            };
            for unit in units {
                let found = accepted(&folder, metric.name, &statistic.to_string(), unit);
                assert!(!found.is_empty(), "nothing is accepted of {} {statistic}", metric.name);
                asked.extend(found);
            }
        }
    }
    let results: Outcome = run(&read(&format!("{ALL}{}", asked.concat())));
    assert_eq!(results.verdicts.len(), asked.len());
    for (text, verdict) in asked.iter().zip(&results.verdicts) {
        let missing = ["this run has no", "is measured by", "inactive"].iter().any(|why| verdict.note.contains(why));
        assert!(verdict.outcome != Judgement::NotMeasured || !missing, "{text}{}", verdict.note);
    }
}

#[test]
fn statistics_of_the_other_level_are_refused() {
    let wrong = [("bad_minutes", "p95", "1"), ("incidents", "mean", "1")];
    let folder = Folder::new();
    for (metric, statistic, limit) in wrong {
        let text = format!("{ALL}[[expect]]\nmetric = \"{metric}\"\n{statistic} = {{ at_most = {limit} }}\n");
        std::fs::write(scenario_path(&folder), text).unwrap();
        let problems = Scenario::read(&scenario_path(&folder), &[]).unwrap_err().render(false, 120);
        assert!(problems.contains("the request level does not measure"), "{problems}");
    }
}
