//! The router against theory beyond the self-test: latency by path.

use crate::judge::{confidence, inside};
use crate::support::{Of, read, row, run};

/// 2,000 customers of unlike demand, 1,000 requests per second in all, a router, nothing else to wait for.
fn text(cache: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 2000\ncells = 4\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.5/s\"\nskew = {{ zipf = 0.8 }}\nclient.deadline = \"1min\"\n\
         stage.s = {{ kind = \"delay\", service_time = \"1ms\" }}\n\
         [router]\ncache = {{ {cache}, latency = \"1us\" }}\nstore.latency = \"2us\"\n\
         [run]\nwarmup = \"90s\"\nhorizon = \"90s\"\nreplications = 12\n{}\n",
        confidence()
    )
}

#[test]
fn latency_of_the_router_by_path() {
    let text =
        text("hit_ratio = \"80%\"").replace("\"1us\"", "{ exponential = \"5ms\" }").replace("\"2us\"", "\"15ms\"");
    let results = run(&read(&text));
    let at = |path: &str, statistic: &str| {
        let denominator = format!("lookups by path: {path}");
        let found = results.rows.iter().find(|row| {
            row.subject.metric.name() == "router_latency"
                && row.subject.statistic.to_string() == statistic
                && row.denominator == denominator
        });
        found.map(|row| row.estimate.clone()).expect("the router has a latency for each path")
    };
    let exponential = |p: f64| -0.005 * (1.0 - p).ln();
    inside("hit p50", &at("hit", "p50"), exponential(0.5));
    inside("hit p99", &at("hit", "p99"), exponential(0.99));
    inside("miss p50", &at("miss", "p50"), 0.015 + exponential(0.5));
    inside("miss p99", &at("miss", "p99"), 0.015 + exponential(0.99));
    assert_eq!(row(&results, "error_share", "mean", Of::default()).value, Some(0.0));
}
