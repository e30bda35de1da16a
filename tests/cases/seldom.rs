//! Demand that comes in few runs, or in none: batches.

use cellsim::engine::stats::State;

use crate::support::{Of, row, run_text, run_with};

/// A tier that asks in batches, seldom or often, of a cell that it shares.
fn batches(a_second: f64) -> String {
    format!(
        r#"
[tier.a]
customers = 10
sla = "99%"
[tier.b]
customers = 2
sla = "99%"
[cells]
shared_by = "tiers"
count = 1
[workflow.w]
demand = {{ a = "0.2/s", b = "{a_second}/s" }}
client = {{ deadline = "5s", attempts = 2, timeout = "2s" }}
stage.s = {{ service_time = "100ms", size = {{ concurrency = 4 }}, queue = 60 }}
tier.b.arrivals = {{ batch = 100 }}
[run]
horizon = "10min"
replications = 5
"#
    )
}

#[test]
fn frequent_batches_are_no_source_of_doubt() {
    let results = run_text(&batches(5.0));
    for row in results.rows.iter().filter(|row| row.estimate.value.is_some()) {
        let why = row.estimate.reason.as_deref().unwrap_or("");
        assert!(!why.contains("batches") && !why.contains("rare"), "{}: {why}", row.subject.metric);
    }
    let wait = row(&results, "wait", "mean", Of { workflow: "w", ..Of::default() });
    assert!(wait.high.is_some_and(|high| high < 2.0 * wait.value.unwrap()), "{wait:?}");
}

#[test]
fn seldom_batches_are_told_with_their_probability() {
    // 0.0005 batches a second: three of ten runs have one.
    let seed = (1..20).find(|seed| {
        let results = run_with(&batches(0.05), &[&format!("run.seed={seed}")]);
        row(&results, "request_rate", "mean", Of { tier: "b", ..Of::default() }).value == Some(0.0)
    });
    let results = run_with(&batches(0.025), &[&format!("run.seed={}", seed.expect("some five runs are without"))]);
    let b = |metric: &str| row(&results, metric, "mean", Of { tier: "b", ..Of::default() });
    for metric in ["request_rate", "goodput"] {
        let found = b(metric);
        assert!(found.high.is_some_and(|high| high >= 0.05), "{metric}: {found:?}");
        assert_eq!(found.state, State::Bound);
        let why = found.reason.as_deref().unwrap_or("");
        assert!(
            why.starts_with("batches of 100 requests of w/b: in none of 5 replications, would be in 28 %"),
            "{why}"
        );
    }
    let wait = row(&results, "wait", "mean", Of { workflow: "w", ..Of::default() });
    assert_eq!(wait.high, None, "{wait:?}");
    // Whom they cannot meet, they do not concern: the demand of others is their own.
    let a = row(&results, "request_rate", "mean", Of { tier: "a", ..Of::default() });
    assert_eq!(a.state, State::Estimate);
    let busy = row(&results, "utilization", "mean", Of::default());
    assert_eq!(busy.state, State::Bound);
}
