//! The rest of a month, and customers who join: what is told of those of whom a short run shows little.

use cellsim::engine::stats::State;
use cellsim::experiment::outcome::{Judgement, Outcome};

use crate::support::{Of, row, run_text};

fn customers<'a>(tier: &'a str, fault: &'a str) -> Of<'a> {
    Of { tier, fault, unit: Some("customers"), ..Of::default() }
}

fn outcomes(results: &Outcome) -> Vec<Judgement> {
    results.verdicts.iter().map(|verdict| verdict.outcome).collect()
}

/// 5 requests a minute, of which a share fails in health.
fn in_health(sla: &str, slow: u32, replications: u32) -> String {
    let values = vec!["'10ms'"; 1000 - slow as usize].join(", ") + &", '2s'".repeat(slow as usize);
    format!(
        "[tier.a]\ncustomers = 200\ncells = 2\nsla = \"{sla}\"\n\
         [workflow.w]\ndemand = \"5/min\"\nclient = {{ deadline = \"1s\" }}\n\
         stage.d = {{ kind = \"delay\", service_time = {{ empirical = {{ values = [{values}] }} }} }}\n\
         [fault.s]\nstrikes = {{ workflow = \"w\" }}\neffect = \"crash\"\nat = \"10min\"\nfor = \"2min\"\n\
         [run]\nhorizon = \"15min\"\nreplications = {replications}\n\
         [[expect]]\nmetric = \"months_within_sla\"\ntier = \"a\"\nmean = {{ at_least = \"120 customers\" }}\n"
    )
}

#[test]
fn a_month_is_not_kept_because_a_quarter_of_an_hour_was_good() {
    // A request fails with 0.1 %: 215 bad minutes a month of 43.2 that are allowed, though hardly anybody has any in 15 minutes.
    let results = run_text(&in_health("99.9%", 1, 10));
    let kept = row(&results, "months_within_sla", "mean", customers("a", ""));
    assert_eq!(kept.value, Some(0.0), "{kept:?}");
    assert_eq!(outcomes(&results), [Judgement::Breached]);
    // 432 allowed: everybody keeps it, also those who happened to have one in these minutes.
    let results = run_text(&in_health("99%", 1, 10));
    let kept = row(&results, "months_within_sla", "mean", customers("a", ""));
    assert!(kept.value > Some(199.9) && kept.low > Some(120.0), "{kept:?}");
    assert_eq!(outcomes(&results), [Judgement::Kept]);
}

#[test]
fn a_short_run_does_not_know_a_month() {
    // Nobody had a bad minute in 2 x 15: of 6,000 customer-minutes, which is a seventh of a month, 4.32 of which may be bad.
    let results = run_text(&in_health("99.99%", 0, 2));
    let kept = row(&results, "months_within_sla", "mean", customers("a", ""));
    assert!(kept.low < Some(20.0), "{kept:?}");
    assert_ne!(outcomes(&results), [Judgement::Kept]);
}

const JOINING: &str = r#"
[tier.a]
customers = 30
cells = 3
sla = "99%"
new_customers = "4/min"
[tier.b]
customers = 60
cells = 6
sla = "99%"
[workflow.w]
demand = { a = "0.5/s", b = "0.1/s" }
client = { deadline = "2s" }
stage.s = { service_time = { exponential = "100ms" }, size = { concurrency = 30 } }
[router]
cache.hit_ratio = "0%"
store.capacity = "50/s"
[fault.surge]
strikes = { tier = "b" }
effect = { demand = 20 }
at = "3min"
for = "40s"
[run]
horizon = "5min"
warmup = "10s"
replications = 4
[[expect]]
metric = "blast_radius"
fault = "surge"
mean = { at_most = "92 customers" }
[[expect]]
metric = "blast_radius"
fault = "surge"
tier = "a"
worst = { at_most = "50 customers" }
[[expect]]
metric = "spillover"
fault = "surge"
worst = { at_most = "48 customers" }
"#;

#[test]
fn harm_that_spills_meets_those_who_join() {
    let results = run_text(JOINING);
    let of = |count: fn(&cellsim::experiment::outcome::IncidentRow) -> u64| {
        results.requests().unwrap().incidents.iter().map(|one| count(one) as f64).sum::<f64>()
            / results.requests().unwrap().incidents.len() as f64
    };
    for (metric, seen) in [("blast_radius", of(|one| one.harmed)), ("spillover", of(|one| one.spillover))] {
        let mean = row(&results, metric, "mean", customers("", "surge"));
        assert!((mean.value.unwrap() - seen).abs() < 1e-9, "{metric}: {seen} {mean:?}");
        assert!(mean.low <= mean.value && mean.value <= mean.high, "{metric}: {mean:?}");
    }
    // Of a Poisson number of 20.7 up to 45 come in one run of a million.
    let worst = row(&results, "spillover", "worst", customers("", "surge"));
    assert!(worst.high >= Some(30.0 + 45.0) && worst.high <= Some(30.0 + 50.0), "{worst:?}");
    assert!(!outcomes(&results).contains(&Judgement::Kept), "{:?}", outcomes(&results));
}

#[test]
fn placement_strikes_all_who_may_come() {
    let text = JOINING.replace(
        "strikes = { tier = \"b\" }\neffect = { demand = 20 }",
        "strikes = { router = \"placement\" }\neffect = \"crash\"",
    );
    let results = run_text(&text);
    let worst = row(&results, "exposed", "worst", customers("", "surge"));
    assert!(worst.high >= Some(45.0) && worst.state == State::Bound, "{worst:?}");
}

#[test]
fn nobody_is_harmed_twice() {
    let text = "[tier.x]\ncustomers = 20\nsla = \"99%\"\n[tier.y]\ncustomers = 20\nsla = \"99%\"\n\
        [cells]\nshared_by = \"tiers\"\ncount = 1\n\
        [workflow.w]\ndemand = \"0.5/s\"\nclient = { deadline = \"2s\" }\n\
        stage.s = { service_time = \"50ms\", size = { concurrency = 4 } }\n\
        [fault.slow]\nstrikes = { tier = \"x\" }\neffect = { slow = 30 }\nmtbf = \"10min\"\nmttr = \"1min\"\n\
        [run]\nfaults = \"random\"\nhorizon = \"5min\"\nwarmup = \"10s\"\nreplications = 30\n";
    let results = run_text(text);
    for (tier, all) in [("", 40.0), ("x", 20.0), ("y", 20.0)] {
        for metric in ["blast_radius", "down", "spillover"] {
            let mean = row(&results, metric, "mean", customers(tier, "slow"));
            assert!(mean.high <= Some(all) && mean.value <= mean.high, "{metric} {tier}: {mean:?}");
        }
    }
}
