//! Keys of `[contract]`, and the months they speak about.

use cellsim::experiment::outcome::Outcome;

use crate::Moves::{Down, Up};
use crate::support::{Of, run_with, value_of};
use crate::{compare, moves};

/// A crash of 90 s of one of two workflows' cells, and errors of 4 % all the time in the other.
const CONTRACT: &str = r#"
[tier.t]
customers = 40
cells = 4
sla = "99.9%"
[contract]
[client]
deadline = "2s"
attempts = 2
backoff = "10ms"
[workflow.w]
demand = "1/s"
price = "$0.01/request"
stage.s = { service_time = "1ms", size = { concurrency = 10 } }
[workflow.v]
demand = "1/s"
price = "$0.02/request"
stage.s = { service_time = "1ms", size = { concurrency = 10 } }
[fault.crash]
strikes = { workflow = "w", tier = "t", cell = 1 }
effect = "crash"
at = "60s"
for = "90s"
[fault.errors]
strikes = { workflow = "v" }
effect = { errors = "20%" }
at = "10s"
for = "280s"
[run]
warmup = "10s"
horizon = "5min"
replications = 2
"#;

fn of<'a>(metric: &'a str, statistic: &'a str, workflow: &'a str) -> impl Fn(&Outcome) -> f64 + 'a {
    move |results| value_of(results, metric, statistic, Of { tier: "t", workflow, ..Of::default() })
}

#[test]
fn what_is_allowed() {
    let used = of("month_budget_used", "worst", "w");
    let (three_nines, four) = moves(CONTRACT, &["tier.t.sla=99.99%"], "budget used", &used, Up);
    assert!((four / three_nines - 10.0).abs() < 1e-6);
    // 4.32 minutes are allowed and 2 are used: 5 minutes would be too many.
    let kept = |results: &Outcome| {
        value_of(
            results,
            "months_within_sla",
            "mean",
            Of { tier: "t", workflow: "w", unit: Some("customers"), ..Of::default() },
        )
    };
    let (all, some) = moves(CONTRACT, &["tier.t.sla=99.999%"], "months still kept", &kept, Down);
    assert_eq!((all, some), (40.0, 30.0));
}

#[test]
fn what_makes_a_minute_bad() {
    let bad = of("bad_minutes", "mean", "v");
    moves(CONTRACT, &["contract.bad_from=20%"], "bad minutes", &bad, Down);
    moves(CONTRACT, &["contract.min_requests=60"], "bad minutes", &bad, Down);
    // The client's view is 4 % of requests failed, the server's 20 % of attempts.
    moves(CONTRACT, &["contract.unit=attempts"], "bad minutes", &bad, Up);
    let worst = of("bad_minutes", "worst", "v");
    // Nobody's cell as a whole fails 5 % of a minute.
    moves(CONTRACT, &["contract.judged_on=home-cell"], "bad minutes", &worst, Down);
    let down = of("bad_minutes", "worst", "w");
    assert_eq!(down(&run_with(CONTRACT, &["contract.judged_on=home-cell"])), 2.0);
}

#[test]
fn what_is_pooled() {
    let results = run_with(CONTRACT, &["contract.counts=per customer"]);
    let rows: Vec<_> =
        results.requests().expect("requests were run").budgets.iter().filter(|row| row.fault.is_none()).collect();
    assert_eq!(rows.len(), 1, "one budget for all workflows: {rows:?}");
    assert_eq!((rows[0].workflow.as_deref(), rows[0].customers), (None, 40));
    // A dead workflow is diluted by the other: 90 s of half the requests.
    let failed = of("availability", "worst", "");
    compare(
        CONTRACT,
        &["contract.measure=requests"],
        &["contract.counts=per customer"],
        "worst availability",
        &failed,
        Up,
    );
}

#[test]
fn how_it_is_measured() {
    let available = of("availability", "worst", "w");
    let (by_minutes, by_requests) = moves(CONTRACT, &["contract.measure=requests"], "availability", &available, Up);
    assert!((by_minutes - 0.6).abs() < 1e-9, "2 of 5 minutes are bad: {by_minutes}");
    assert!((by_requests - 0.7).abs() < 0.08, "90 of 300 s: {by_requests}");
    let by_share = available(&run_with(CONTRACT, &["contract.measure=mean-error-share"]));
    assert!((by_share - by_requests).abs() < 1e-9, "one interval of five minutes is all there is: {by_share}");
}

#[test]
fn what_is_paid_back() {
    let credits = "contract.credits=[{below=\"target\", share=\"10%\"}]";
    let strict = [credits, "tier.t.sla=99.999%"];
    let paid = of("credits", "mean", "w");
    // 10 customers x 1/s x 2,592,000 s x $0.01 x 10 %.
    assert!((paid(&run_with(CONTRACT, &strict)) - 25_920.0).abs() < 1e-3);
    assert_eq!(paid(&run_with(CONTRACT, &[credits])), 0.0);
    compare(CONTRACT, &strict, &["contract.claimed=50%"], "credits", &paid, Down);
    compare(CONTRACT, &strict, &["workflow.w.price=$0.03/request"], "credits", &paid, Up);
    compare(CONTRACT, &strict, &["contract.credits=[{below=\"target\", share=\"25%\"}]"], "credits", &paid, Up);
    let graded = "contract.credits=[{below=\"target\", share=\"10%\"}, {below=\"99.997%\", share=\"50%\"}]";
    assert!((paid(&run_with(CONTRACT, &[graded, "tier.t.sla=99.999%"])) - 129_600.0).abs() < 1e-2);
}

#[test]
fn harm_begins_at_its_share() {
    let text = CONTRACT.replace("replications = 2", "replications = 2\nharm_share = \"50%\"");
    let harmed = |results: &Outcome| crate::support::of_fault(results, "customer_minutes", "mean", "errors");
    assert!(harmed(&run_with(&text, &[])) < 0.1 * harmed(&run_with(CONTRACT, &[])));
}

#[test]
fn what_is_not_counted_has_a_reason() {
    for (measure, counted) in [("requests", "failed requests"), ("mean-error-share", "error shares")] {
        let results = run_with(CONTRACT, &[&format!("contract.measure={measure}")]);
        let by_fault = |fault: &str| {
            results
                .requests()
                .expect("requests were run")
                .budgets
                .iter()
                .find(|row| row.fault.as_deref().unwrap_or("all") == fault)
                .expect("a row for each")
        };
        // Nothing fails but by the two faults, which do not overlap.
        let used = |fault: &str| by_fault(fault).share_mean.value.expect("it is measured");
        assert!(used("crash") > 0.0 && used("errors") > 0.0, "{measure}");
        assert!((used("crash") + used("errors") - used("all")).abs() < 1e-9, "{measure}");
        let row = |metric: &str| {
            let wanted = |row: &&cellsim::experiment::outcome::Row| {
                row.subject.metric.name() == metric && row.subject.fault.is_none()
            };
            results.rows.iter().find(wanted).map(|row| row.estimate.clone()).expect("a row")
        };
        assert_eq!(row("bad_minutes").value, None, "they are not what is counted");
        assert!(row("bad_minutes").reason.is_some_and(|why| why.contains(counted)));
    }
}

#[test]
fn a_count_of_kept_months_and_its_share_have_one_interval() {
    let estimate = |sla: &str, unit: &'static str| {
        let of = Of { tier: "t", workflow: "w", unit: Some(unit), ..Of::default() };
        crate::support::row(&run_with(CONTRACT, &[sla]), "months_within_sla", "mean", of).clone()
    };
    // All 40 in both replications, and 30 of them: a bound and an interval.
    for (sla, kept) in [("tier.t.sla=99.99%", 40.0), ("tier.t.sla=99.999%", 30.0)] {
        let (count, share) = (estimate(sla, "customers"), estimate(sla, "share"));
        assert_eq!((count.value, count.state), (Some(kept), share.state));
        for (count, share) in [(count.low, share.low), (count.high, share.high)] {
            assert_eq!(count, share.map(|share| 40.0 * share));
        }
        assert!(count.low.is_some_and(|low| low < kept), "{count:?}");
    }
}
