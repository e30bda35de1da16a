//! The router against theory: hit ratios given and emerging, load of the store, latency by path.

use cellsim::engine::theory::cache::{Expiry, lru_hit_ratio, ttl_hit_ratio_of_all};

use crate::judge::{confidence, inside, row_inside};
use crate::support::{Of, platform, read, row, run};

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

fn rates(text: &str) -> Vec<f64> {
    platform(&read(text)).population.rate.iter().map(|&rate| f64::from(rate)).collect()
}

#[test]
fn a_given_ratio_is_met_and_the_store_gets_the_rest() {
    let results = run(&read(&text("hit_ratio = \"80%\"")));
    row_inside(&results, "hit_ratio", "mean", 0.8);
    row_inside(&results, "store_load", "mean", 200.0);
}

#[test]
fn an_emerging_ratio_follows_from_life_times() {
    // Entries all begin to live at the start, in step; the warm-up must let them fall out of it, so life is not much longer than
    // the time between two requests.
    for (ttl, seconds, skew) in [("1s", 1.0, "{ zipf = 0.8 }"), ("4s", 4.0, "\"equal\"")] {
        let text = text(&format!("ttl = \"{ttl}\"")).replace("{ zipf = 0.8 }", skew);
        let results = run(&read(&text));
        let theory = ttl_hit_ratio_of_all(&rates(&text), seconds, Expiry::AfterFill);
        row_inside(&results, "hit_ratio", "mean", theory);
        row_inside(&results, "store_load", "mean", 1000.0 * (1.0 - theory));
    }
}

#[test]
fn the_least_recently_used_gives_way_as_che_says() {
    for entries in [100, 800] {
        let text = text(&format!("entries = {entries}"));
        let results = run(&read(&text));
        row_inside(&results, "hit_ratio", "mean", lru_hit_ratio(&rates(&text), f64::from(entries)));
    }
}

#[test]
fn latency_of_the_router_by_path() {
    let text =
        text("hit_ratio = \"80%\"").replace("\"1us\"", "{ exponential = \"5ms\" }").replace("\"2us\"", "\"15ms\"");
    let results = run(&read(&text));
    let at = |path: &str, statistic: &str| {
        let denominator = format!("look-ups by path: {path}");
        let found = results
            .rows
            .iter()
            .find(|row| row.metric == "router_latency" && row.statistic == statistic && row.denominator == denominator);
        found.map(|row| row.estimate.clone()).expect("the router has a latency for each path")
    };
    let exponential = |p: f64| -0.005 * (1.0 - p).ln();
    inside("hit p50", &at("hit", "p50"), exponential(0.5));
    inside("hit p99", &at("hit", "p99"), exponential(0.99));
    inside("miss p50", &at("miss", "p50"), 0.015 + exponential(0.5));
    inside("miss p99", &at("miss", "p99"), 0.015 + exponential(0.99));
    assert_eq!(row(&results, "error_share", "mean", Of::default()).value, Some(0.0));
}
