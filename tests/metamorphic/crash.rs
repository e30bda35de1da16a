//! A crash of two minutes that fails fast: two bad minutes on the minute, about 2.9 at a random second.

use crate::support::{Of, read, replicate, row, run_text, value_of};
use cellsim::engine::stats;

fn text(customers: u32, cells: u32, at: &str, horizon: &str, replications: u32) -> String {
    format!(
        "[tier.t]\ncustomers = {customers}\ncells = {cells}\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"5/s\"\nclient.deadline = \"2s\"\n\
         stage.s = {{ service_time = \"100us\", size = {{ concurrency = 10 }} }}\n\
         [fault.crash]\nstrikes = {{ workflow = \"w\", tier = \"t\", cell = 1 }}\neffect = \"crash\"\nat = \"{at}\"\nfor = \"2min\"\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"{horizon}\"\nreplications = {replications}\n"
    )
}

#[test]
fn on_the_minute_it_costs_exactly_two() {
    let results = run_text(&text(100, 4, "2min", "6min", 5));
    assert_eq!(results.requests().expect("requests were run").incidents.len(), 5);
    for incident in &results.requests().expect("requests were run").incidents {
        assert_eq!((incident.exposed, incident.harmed, incident.down), (25, 25, 25));
        assert_eq!((incident.idle, incident.spillover), (0, 0));
        assert_eq!(incident.customer_minutes, 2 * 25);
        assert_eq!(incident.recovery, "recovered");
        assert_eq!(incident.recovery_from_end_seconds, Some(0.0));
        assert_eq!(incident.recovery_from_onset_seconds, Some(120.0));
    }
    let of = Of { tier: "t", workflow: "w", ..Of::default() };
    assert_eq!(value_of(&results, "bad_minutes", "worst", of), 2.0);
    // Five runs alike: about half of others may differ (to either side), by up to the minutes of the horizon that are left.
    let bound = row(&results, "bad_minutes", "worst", of);
    assert!(bound.low.is_some_and(|low| (low - 2.0 * 0.025_f64.powf(0.2)).abs() < 1e-9), "{bound:?}");
    assert!((value_of(&results, "bad_minutes", "mean", of) - 0.5).abs() < 1e-12);
    // 43.2 minutes are allowed; everyone still keeps the month.
    assert!((value_of(&results, "month_budget_used", "worst", of) - 2.0 / 43.2).abs() < 1e-9);
    let customers = Of { unit: Some("customers"), ..of };
    assert_eq!(value_of(&results, "months_within_sla", "mean", customers), 100.0);
}

/// Probability of at most `k` in a Poisson count.
fn poisson_at_most(mean: f64, k: u64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = term;
    for i in 1..=k {
        term *= mean / i as f64;
        sum += term;
    }
    sum.min(1.0)
}

/// Probability that a minute is bad of which a share fails: at least 5 % of its requests.
fn is_bad(mean: f64, share: f64) -> f64 {
    let mut sum = 0.0;
    let (fails, serves) = (mean * share, mean * (1.0 - share));
    let mut term = (-fails).exp();
    for failed in 1..200_u64 {
        term *= fails / failed as f64;
        // 100 failed >= 5 (failed + ok)
        sum += term * poisson_at_most(serves, 19 * failed);
    }
    sum + 1.0 - poisson_at_most(fails, 199)
}

#[test]
fn at_a_random_second_it_costs_about_three() {
    let mean_requests = 300.0;
    // The crash covers one whole minute, and shares of two others that add up to a minute.
    let steps = 2000;
    let integral: f64 = (0..steps).map(|i| is_bad(mean_requests, (f64::from(i) + 0.5) / f64::from(steps))).sum();
    let expected = 1.0 + 2.0 * integral / f64::from(steps);
    assert!((expected - 2.9).abs() < 0.02, "{expected}");

    let scenario = read(&text(10, 1, "1min ± 30s", "4min", 400));
    let minutes: Vec<f64> = (0..400).map(|index| replicate(&scenario, index).budgets[0].mean).collect();
    let found = stats::mean(&minutes, 0.999);
    let (low, high) = (found.low.expect("an interval"), found.high.expect("an interval"));
    assert!(low <= expected && expected <= high, "{expected} is not in {low} ... {high}");
    assert!(high - low < 0.15);
    assert!(minutes.iter().all(|&minutes| (2.0..=3.0).contains(&minutes)));
}
