//! Recovery, quantiles among failed requests, budgets by fault.

use cellsim::catalogue::Statistic;
use cellsim::engine::stats::State;
use cellsim::experiment::Options;
use cellsim::experiment::compare::{Change, compare};
use cellsim::experiment::outcome::{BudgetRow, Judgement, Outcome};
use cellsim::scenario::expectation::Limit;

use crate::read;
use crate::support::{Of, Patient, row, run, run_text, value};

/// The row of what one fault ("all": the run) takes from a tier.
fn taken<'a>(results: &'a Outcome, tier: &str, fault: &str) -> &'a BudgetRow {
    let row =
        |row: &&BudgetRow| row.tier == tier && row.workflow.is_none() && row.fault.as_deref().unwrap_or("all") == fault;
    results.requests().unwrap().budgets.iter().find(row).unwrap()
}

fn outcomes(results: &Outcome) -> Vec<Judgement> {
    results.verdicts.iter().map(|verdict| verdict.outcome).collect()
}

#[test]
fn case_01_a_fault_takes_the_sum_of_its_incidents() {
    let results = run(&read("01-fault-budget-largest-only", "scenario.toml", &[]).unwrap());
    let used = |fault: &str| taken(&results, "t", fault).used_worst.value.unwrap();
    // 20 outages of 3 minutes, and now and then a request that was under way at the end of one.
    assert!((60.0..=61.0).contains(&used("database")), "{}", used("database"));
    assert!((5.0..=6.0).contains(&used("balancer")), "{}", used("balancer"));
    assert!((used("database") + used("balancer") - used("all")).abs() < 1e-9);
    assert_eq!(outcomes(&results), [Judgement::Breached]);
}

#[test]
fn case_43_where_nothing_else_happens_a_fault_takes_what_the_run_takes() {
    let results = run(&read("43-one-fault-two-answers", "scenario.toml", &["run.replications=4"]).unwrap());
    for tier in ["smb", "gold"] {
        let (fault, all) = (taken(&results, tier, "cell"), taken(&results, tier, "all"));
        assert_eq!(fault.used_worst.value, all.used_worst.value);
        assert_eq!(fault.share_mean.value, all.share_mean.value);
    }
    assert!((14.0..21.0).contains(&taken(&results, "smb", "cell").used_worst.value.unwrap()));
    assert_eq!(outcomes(&results), [Judgement::Breached, Judgement::Breached, Judgement::Kept]);
}

/// A platform without failures of its own, whose cell is struck every half minute or so, under one contract.
fn struck_often(contract: &str, client: &str) -> String {
    format!(
        r#"
[tier.t]
customers = 30
cells = 2
sla = "99%"
contract = {{ {contract} }}
[workflow.a]
demand = "1/s"
client = {{ deadline = "2s", {client} }}
stage.s = {{ kind = "delay", service_time = "20ms" }}
[workflow.b]
demand = "0.5/s"
client = {{ deadline = "2s" }}
stage.s = {{ kind = "delay", service_time = "300ms" }}
[fault.cell]
strikes = {{ workflow = "a" }}
each = "cell"
effect = "crash"
mtbf = "50s"
mttr = "4s"
[run]
warmup = "10s"
horizon = "19min"
faults = "random"
replications = 2
"#
    )
}

#[test]
fn by_fault_as_in_all_under_every_contract() {
    let contracts = [
        "measure = \"bad-minutes\"",
        "measure = \"bad-minutes\", bad_from = \"12%\", min_requests = 40",
        "measure = \"bad-minutes\", counts = \"per customer\"",
        "measure = \"bad-minutes\", judged_on = \"home-cell\"",
        "measure = \"bad-minutes\", unit = \"attempts\", bad_from = \"15%\"",
        "measure = \"requests\"",
        "measure = \"requests\", unit = \"attempts\"",
        "measure = \"mean-error-share\"",
        "measure = \"mean-error-share\", unit = \"attempts\"",
    ];
    for contract in contracts {
        for client in ["attempts = 1", "timeout = \"1s\", attempts = 3, backoff = \"200ms\""] {
            let results = run_text(&struck_often(contract, client));
            let (fault, all) = (taken(&results, "t", "cell"), taken(&results, "t", "all"));
            let same = |one: Option<f64>, other: Option<f64>| {
                let (one, other) = (one.unwrap(), other.unwrap());
                assert!(other > 0.0, "{contract}, {client}: nothing was taken");
                assert!((one - other).abs() <= 1e-9 * other, "{contract}, {client}: {one} by fault, {other} in all");
            };
            same(fault.used_worst.value, all.used_worst.value);
            same(fault.share_mean.value, all.share_mean.value);
        }
    }
}

/// Two workflows of one customer, each struck for a while; minutes are counted per customer.
fn two_struck(first: (&str, &str), second: (&str, &str), share: &str) -> Outcome {
    run_text(&format!(
        r#"
[tier.t]
customers = 20
cells = 1
sla = "99%"
contract = {{ counts = "per customer" }}
[workflow]
a = {{ demand = "2/s", client.deadline = "1s", stage.s = {{ kind = "delay", service_time = "20ms" }} }}
b = {{ demand = "2/s", client.deadline = "1s", stage.s = {{ kind = "delay", service_time = "20ms" }} }}
[fault.first]
strikes = {{ workflow = "a" }}
effect = {{ errors = "{share}" }}
at = "{}"
for = "{}"
[fault.second]
strikes = {{ workflow = "b" }}
effect = {{ errors = "{share}" }}
at = "{}"
for = "{}"
[run]
warmup = "5s"
horizon = "12min"
replications = 2
"#,
        first.0, first.1, second.0, second.1
    ))
}

#[test]
fn minutes_that_two_faults_make_bad() {
    let used = |results: &Outcome| {
        ["first", "second", "all"].map(|fault| taken(results, "t", fault).used_worst.value.unwrap().round())
    };
    // Each alone makes them bad: they count for both, and once for the run.
    let alone = two_struck(("2min", "4min"), ("3min", "6min"), "100%");
    assert_eq!(used(&alone), [4.0, 6.0, 7.0]);
    // One after the other in one minute, 5 s of it each: bad by either.
    let minute = two_struck(("2min", "30s"), ("150s", "30s"), "100%");
    assert_eq!(used(&minute), [1.0, 1.0, 1.0]);
}

#[test]
fn a_minute_that_is_bad_anyway_counts_for_no_fault() {
    let text = |own: &str| {
        format!(
            r#"
[tier.t]
customers = 40
cells = 1
sla = "99%"
[workflow.w]
demand = "2/s"
client.deadline = "50ms"
stage.s = {{ kind = "delay", service_time = {{ exponential = "{own}" }} }}
[fault.f]
strikes = {{ workflow = "w" }}
effect = "crash"
at = "70s"
for = "2min"
[run]
horizon = "6min"
replications = 2
"#
        )
    };
    // exp(-50/25) = 13.5 % of requests are late: nearly every minute is bad, with the fault or without.
    let sick = run_text(&text("25ms"));
    assert!(taken(&sick, "t", "all").share_mean.value.unwrap() > 0.012, "5.9 of 432 minutes");
    assert!(taken(&sick, "t", "f").share_mean.value.unwrap() < 0.0005);
    // exp(-10) of them: three minutes are struck, the first from its tenth second on, the last until then.
    let well = run_text(&text("5ms"));
    assert_eq!(taken(&well, "t", "f").used_worst.value, Some(3.0));
}

#[test]
fn case_adv_04_what_the_horizon_cuts_short_is_no_breach() {
    for (horizon, expected) in [
        ("run.horizon=45s", Judgement::Undecided),
        ("run.horizon=60s", Judgement::Undecided),
        ("run.horizon=70s", Judgement::Undecided),
        ("run.horizon=80s", Judgement::Kept),
    ] {
        let results = run(&read("adv-04-recovery-false-breach", "scenario.toml", &[horizon]).unwrap());
        assert_eq!(outcomes(&results), [expected], "{horizon}: {:?}", results.verdicts);
    }
}

#[test]
fn case_adv_04_open_incidents_are_not_failures() {
    for (horizon, expected) in [("run.horizon=90s", 0.0), ("run.horizon=5min", 0.85)] {
        let results =
            run(&read("adv-04-recovery-false-breach", "share.toml", &[horizon, "run.replications=10"]).unwrap());
        let share = row(&results, "recovery", "share", Of { fault: "f", ..Of::default() });
        assert!(share.value.is_none_or(|share| share == 1.0), "all that could be seen recovered: {share:?}");
        assert!(share.low.unwrap() >= expected && share.high.unwrap() == 1.0, "{horizon}: {share:?}");
        assert!(
            results.verdicts.iter().all(|verdict| verdict.outcome != Judgement::Breached),
            "{:?}",
            results.verdicts
        );
        // 5 s on average, all of them: the median is 3.5 s, seen by the second.
        let median = row(&results, "recovery", "p50", Of { fault: "f", ..Of::default() });
        assert!(median.value.is_none_or(|median| median < 7.0), "{median:?}");
    }
}

#[test]
fn a_slow_recovery_is_breached_however_the_horizon_falls() {
    // The fault lasts four minutes: at every horizon beyond two, the recovery certainly took longer than two.
    for horizon in ["3min", "4min", "5min", "7min"] {
        let sets = [format!("run.horizon={horizon}"), "fault.f.for=4min".to_owned()];
        let sets = [&*sets[0], &*sets[1], "run.replications=8"];
        let mut scenario = read("adv-04-recovery-false-breach", "scenario.toml", &sets).unwrap();
        for statistic in [Statistic::P50, Statistic::Worst] {
            scenario.expectations[0].statistic = statistic;
            scenario.expectations[0].limit = Limit::AtMost(120.0);
            let results = run(&scenario);
            assert_eq!(outcomes(&results), [Judgement::Breached], "{horizon}: {:?}", results.verdicts);
        }
    }
}

#[test]
fn case_18_as_a_dead_twin_is_no_recovery() {
    let sets = ["run.replications=12", "run.horizon=6min"];
    let results = run(&read("18-recovered-like-its-dead-twin", "scenario.toml", &sets).unwrap());
    let of = Of { fault: "stall", ..Of::default() };
    assert!(value(&results, "goodput", "end") < 1.0);
    let share = row(&results, "recovery", "share", of);
    assert_eq!(share.value, Some(0.0), "nothing came back: {share:?}");
    let like_twin =
        results.requests().unwrap().incidents.iter().filter(|one| one.recovery == "as its twin that is down").count();
    assert!(like_twin >= 2, "some twins are down by themselves");
    assert!(results.requests().unwrap().incidents.iter().all(|one| one.recovery != "recovered"));
    assert_eq!(results.requests().unwrap().faults[0].twin_down, like_twin as u64);
    let summary = cellsim::report::markdown::render(&results, "", &[]);
    assert!(summary.contains("became as their fault-free twin, which was down itself"), "{summary}");
}

/// Requests of which exp(-deadline / mean) miss their deadline.
fn late(deadline: &str, mean: &str, more: &str) -> Outcome {
    run_text(&format!(
        r#"
[tier.t]
customers = 100
cells = 1
sla = "99%"
[workflow.w]
demand = "2/s"
client.deadline = "{deadline}"
stage.s = {{ kind = "delay", service_time = {{ exponential = "{mean}" }} }}
[run]
horizon = "2min"
replications = 5
{more}"#
    ))
}

#[test]
fn case_07_a_quantile_among_failed_requests_is_beyond_every_limit() {
    let results = run(&read("07-quantile-beyond-deadline", "scenario.toml", &[]).unwrap());
    assert_eq!(outcomes(&results), [Judgement::Breached, Judgement::Kept, Judgement::Kept]);
    let p99 = row(&results, "latency", "p99", Of::default());
    assert_eq!((p99.value, p99.low, p99.high, p99.state), (None, Some(0.05), None, State::Beyond));
    let summary = cellsim::report::markdown::render(&results, "", &[]);
    assert!(summary.contains("> 50 ms (fails)"), "{summary}");
}

#[test]
fn quantiles_among_failed_requests_at_all_quantiles() {
    // exp(-1) = 37 % fail: p50 is finite, p90 and beyond are not, and 10 s is no limit that they keep.
    let expect = |metric: &str, statistic: &str, tier: &str, limit: &str| {
        format!("[[expect]]\nmetric = \"{metric}\"\n{tier}{statistic} = {{ {limit} }}\n")
    };
    let mut asked = String::new();
    for statistic in ["p90", "p95", "p99", "p99.9"] {
        for tier in ["", "tier = \"t\"\n", "workflow = \"w\"\n"] {
            asked += &expect("latency", statistic, tier, "at_most = \"10s\"");
            asked += &expect("latency", statistic, tier, "at_least = \"10s\"");
        }
    }
    let results = late("20ms", "20ms", &asked);
    for pair in outcomes(&results).chunks(2) {
        assert_eq!(pair, [Judgement::Breached, Judgement::Kept]);
    }
    assert!((row(&results, "latency", "p50", Of::default()).value.unwrap() - 0.0139).abs() < 0.001);
}

#[test]
fn a_failed_share_that_may_reach_the_quantile_decides_nothing() {
    // exp(-4.6) = 1.005 % fail: whether p99 lies among them, five runs do not tell; a limit far below they do.
    let asked = "[[expect]]\nmetric = \"latency\"\np99 = { at_most = \"10s\" }\n\
                 [[expect]]\nmetric = \"latency\"\np99 = { at_most = \"10ms\" }\n";
    let results = late("46ms", "10ms", asked);
    assert_eq!(outcomes(&results), [Judgement::Undecided, Judgement::Breached], "{:?}", results.verdicts);
    let p99 = row(&results, "latency", "p99", Of::default());
    assert!(p99.low.is_some_and(|low| low > 0.03) && p99.high.is_none(), "{p99:?}");
}

#[test]
fn look_ups_that_are_lost_are_beyond_every_latency() {
    let text = r#"
[tier.t]
customers = 50
cells = 1
sla = "99%"
[workflow.w]
demand = "4/s"
client.deadline = "500ms"
stage.s = { kind = "delay", service_time = "5ms" }
[router]
cache = { hit_ratio = "60%", latency = "2ms" }
store = { latency = "30ms" }
[fault.store]
strikes = { router = "store" }
effect = { errors = "10%" }
at = "0s"
for = "60s"
[run]
horizon = "60s"
replications = 3
[[expect]]
metric = "router_latency"
p50 = { at_most = "4ms" }
[[expect]]
metric = "router_latency"
p90 = { at_most = "20ms" }
[[expect]]
metric = "router_latency"
path = "hit"
p99 = { at_most = "4ms" }
[[expect]]
metric = "router_latency"
path = "miss"
p50 = { at_most = "4ms" }
[[expect]]
metric = "router_latency"
condition = "with faults"
p99 = { at_most = "1h" }
[[expect]]
metric = "router_latency"
path = "miss"
condition = "with faults"
p99 = { at_most = "1h" }
"#;
    // 40 % of look-ups take 32 ms; with the fault 4 % of them find no cell.
    let (kept, breached) = (Judgement::Kept, Judgement::Breached);
    let results = run_text(text);
    assert_eq!(outcomes(&results), [kept, breached, kept, breached, breached, kept], "{:?}", results.verdicts);
}

#[test]
fn case_adv_11_a_merged_fault_says_with_whom() {
    let results = run(&read("adv-11-merged-not-measured", "scenario.toml", &["run.replications=2"]).unwrap());
    let verdict = &results.verdicts[0];
    assert_eq!(verdict.outcome, Judgement::NotMeasured);
    assert!(verdict.note.contains("its incidents were counted with first"), "{}", verdict.note);
    for metric in ["customer_minutes", "recovery", "month_budget_used", "replication_minutes", "exposed"] {
        let mut rows = results
            .rows
            .iter()
            .filter(|row| row.subject.fault() == "second" && row.subject.metric.name() == metric)
            .peekable();
        assert!(rows.peek().is_some(), "{metric}");
        for row in rows {
            assert!(row.estimate.reason.as_ref().unwrap().contains("counted with first"), "{row:?}");
        }
    }
}

#[test]
fn case_40_without_requests_there_is_nothing_to_run_longer_for() {
    let results = read("40-no-samples-gate", "scenario.toml", &[]).map(|scenario| run(&scenario));
    // Either the recorded requests are refused, since none lies inside, or the reasons say that there are none.
    for verdict in results.iter().flat_map(|results| &results.verdicts) {
        assert_eq!(verdict.outcome, Judgement::NotMeasured);
        assert!(verdict.note.contains("no requests") && !verdict.note.contains("run longer"), "{}", verdict.note);
    }
}

#[test]
fn case_45_a_mean_per_incident_is_neither_better_nor_worse() {
    let scenarios = ["scenario.toml", "scenario-b.toml"]
        .map(|file| read("45-compare-per-incident", file, &["run.replications=6"]).unwrap());
    let options = Options { threads: Some(1), ..Options::default() };
    let comparison = compare(&scenarios, &options, &Patient).unwrap();
    let change = |metric: &str| {
        let found = comparison
            .differences
            .iter()
            .find(|one| one.subject.metric.name() == metric && one.subject.fault.is_some());
        found.unwrap().change
    };
    assert_eq!(change("customer_minutes"), Change::Different);
    assert_eq!(change("replication_minutes"), Change::Worse);
    assert_eq!(change("replication_incidents"), Change::Different);
    let text = cellsim::report::compare::render(&comparison, false);
    assert!(text.contains("customer_minutes, deploys, mean per incident"), "{text}");
}

/// Where nobody asks, nothing recovers: neither a time nor a share is measured, and no limit is kept by it.
#[test]
fn recovery_is_not_measured_where_nobody_asks() {
    let text = |demand: &str| {
        format!(
            "[tier.a]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"{demand}\"\nclient.deadline = \"1s\"\n\
             stage.s = {{ service_time = \"100ms\", kind = \"delay\" }}\n[fault.m]\nat = \"2min ± 1min\"\nfor = \"5min\"\n\
             strikes = {{ tier = \"a\", cell = 1 }}\neffect = \"crash\"\n[run]\nhorizon = \"30min\"\nreplications = 40\n\
             [[expect]]\nmetric = \"recovery\"\nfault = \"m\"\np50 = {{ at_most = \"1min\" }}\n\
             [[expect]]\nmetric = \"recovery\"\nfault = \"m\"\nshare = {{ at_least = \"90%\" }}\n"
        )
    };
    let silent = run_text(&text("1/year"));
    for verdict in &silent.verdicts {
        assert_eq!(verdict.outcome, Judgement::NotMeasured, "{verdict:?}");
        assert!(verdict.estimate.reason.as_ref().is_some_and(|why| why.contains("nobody asked")), "{verdict:?}");
    }
    assert_eq!(
        (silent.requests().unwrap().faults[0].no_requests, silent.requests().unwrap().faults[0].incidents),
        (40, 40)
    );
    assert!(silent.requests().unwrap().incidents.iter().all(|one| one.recovery == "no requests"));
    // A request in six minutes: of 5 min without any, exp(-5/6) of the incidents show nothing. The others failed one when it came.
    let sparse = run_text(&text("1/h"));
    let shows = sparse.requests().unwrap().incidents.iter().filter(|one| one.recovery != "no requests").count();
    assert!((14..33).contains(&shows), "{shows}");
    let times = &sparse.requests().unwrap().faults[0].recovery_seconds;
    assert!(times.len() == shows && times.iter().all(|&time| time > 0.0), "{times:?}");
    assert_eq!(run_text(&text("1/s")).requests().unwrap().faults[0].no_requests, 0);
}
