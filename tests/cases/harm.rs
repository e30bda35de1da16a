//! The harm of random faults at the request level: what was not seen is not excluded.

use cellsim::engine::stats::{Estimate, State};
use cellsim::experiment::outcome::{Judgement, Outcome};

use super::read;
use super::support::{Of, row, run, run_text};

fn of<'a>(fault: &'a str, tier: &'a str, unit: &'a str) -> Of<'a> {
    Of { fault, tier, unit: Some(unit), ..Of::default() }
}

fn customers<'a>(results: &'a Outcome, metric: &str, statistic: &str) -> &'a Estimate {
    row(results, metric, statistic, of("outage", "", "customers"))
}

/// Seeds of whose 20 replications some never strike the cell of 400 customers.
const SEEDS: [&str; 3] = ["run.seed=1", "run.seed=3", "run.seed=7"];

#[test]
fn a_cell_that_no_run_struck_is_not_excluded() {
    let mut unseen = 0;
    for seed in SEEDS {
        let results = run(&read("adv-01-worst-kept-unseen-cell", "scenario.toml", &[seed]).unwrap());
        for verdict in &results.verdicts {
            assert_ne!(verdict.outcome, Judgement::Kept, "{seed}: {} {:?}", verdict.what, verdict.estimate);
        }
        let worst = customers(&results, "blast_radius", "worst");
        assert_eq!(worst.high, Some(400.0));
        unseen += u32::from(worst.low < Some(400.0));
        // What it can strike is known without striking.
        let exposed = customers(&results, "exposed", "mean");
        assert_eq!((exposed.state, exposed.value), (State::Exact, Some(440.0 / 9.0)));
        assert_eq!(*customers(&results, "exposed", "worst"), Estimate::exact(400.0));
        for metric in ["blast_radius", "down"] {
            let mean = customers(&results, metric, "mean");
            assert!(mean.low <= Some(48.9) && mean.high >= Some(48.8), "{metric}: {mean:?}");
            assert!(mean.high <= Some(440.0 / 9.0 + 1e-9), "{metric}: never beyond the mean exposure: {mean:?}");
        }
        // By tier: of incidents that struck a cell of it, and up to its own largest cell.
        let small = row(&results, "blast_radius", "worst", of("outage", "small", "customers"));
        let exposed = row(&results, "exposed", "mean", of("outage", "small", "customers"));
        assert_eq!((small.high, exposed.value), (Some(5.0), Some(5.0)));
        assert_eq!(row(&results, "exposed", "mean", of("outage", "big", "customers")).value, Some(400.0));
    }
    assert!(unseen >= 1, "the seeds are to be such that the large cell is not always struck: {unseen}");
}

#[test]
fn nearly_alike_is_no_better_than_alike() {
    for seed in SEEDS {
        let results = run(&read("adv-03-nearly-alike", "requests.toml", &[seed]).unwrap());
        for verdict in &results.verdicts {
            assert_ne!(verdict.outcome, Judgement::Kept, "{seed}: {} {:?}", verdict.what, verdict.estimate);
        }
        // 257 minutes in 1,500 replications.
        let minutes = row(&results, "customer_minutes", "mean", of("outage", "", "min"));
        assert!(minutes.low < Some(257.0) && minutes.high > Some(257.0), "{seed}: {minutes:?}");
    }
}

#[test]
fn nothing_beyond_the_horizon_can_be_used() {
    let results = run(&read("15-mean-error-share-bound", "scenario.toml", &[]).unwrap());
    let used = row(&results, "month_budget_used", "worst", of("", "t", "share"));
    assert!((used.value.unwrap() - 15.0 / 432.0).abs() < 1e-9);
    assert!(used.high.unwrap() <= 60.0 / 432.0 + 1e-9, "{used:?}");
    for measure in ["bad-minutes", "requests"] {
        let measure = format!("contract.measure={measure}");
        let results = run(&read("15-mean-error-share-bound", "scenario.toml", &[&measure]).unwrap());
        let used = row(&results, "month_budget_used", "mean", of("", "t", "share"));
        assert!(used.high.unwrap() <= 60.0 / 432.0 + 1e-9, "{measure}: {used:?}");
    }
}

const TWO_TIERS: &str = r#"
[tier.gold]
customers = 30
cells = 3
sla = "99.9%"
[tier.iron]
customers = 40
cells = 1
sla = "99%"
[workflow.w]
demand = "0.2/s"
client = { deadline = "2s" }
stage.s = { service_time = "10ms", size = { utilization = "50%" } }
[run]
faults = "all"
warmup = "0s"
horizon = "5min"
replications = 6
"#;

#[test]
fn one_worst_has_one_interval_and_one_state() {
    let fault = r#"
[fault.crash]
strikes = { workflow = "w", tier = "gold" }
effect = "crash"
each = "cell"
mtbf = "10min"
mttr = "1min"
"#;
    let results = run_text(&format!("{TWO_TIERS}{fault}"));
    // Only gold is struck: the filter excludes nothing.
    for metric in ["blast_radius", "down", "exposed", "idle"] {
        for statistic in ["mean", "worst"] {
            let all = row(&results, metric, statistic, of("crash", "", "customers"));
            let gold = row(&results, metric, statistic, of("crash", "gold", "customers"));
            assert_eq!(all, gold, "{metric} {statistic}");
            // A number and its share are one fact.
            let share = row(&results, metric, statistic, of("crash", "gold", "share"));
            assert_eq!(share.state, gold.state);
            assert!((share.high.unwrap() * 30.0 - gold.high.unwrap()).abs() < 1e-9);
        }
    }
    assert_eq!(row(&results, "blast_radius", "worst", of("crash", "", "customers")).high, Some(10.0));
    // Iron cannot be reached: cells share nothing.
    assert_eq!(*row(&results, "blast_radius", "mean", of("crash", "iron", "customers")), Estimate::exact(0.0));
    assert_eq!(*row(&results, "spillover", "worst", of("crash", "", "customers")), Estimate::exact(0.0));
}

#[test]
fn incidents_that_may_merge_may_reach_more() {
    let faults = r#"
[fault.crash]
strikes = { workflow = "w" }
effect = "crash"
each = "cell"
mtbf = "10min"
mttr = "1min"
[fault.all]
strikes = { platform = true }
effect = { errors = "50%" }
mtbf = "1h"
mttr = "1min"
"#;
    let results = run_text(&format!("{TWO_TIERS}{faults}"));
    let worst = row(&results, "blast_radius", "worst", of("crash", "", "customers"));
    assert_eq!(worst.high, Some(70.0));
    let exposed = row(&results, "exposed", "worst", of("crash", "", "customers"));
    assert_eq!(*exposed, Estimate::exact(40.0));
    // A single cell a strike on average exposes 17.5; a few joined ones more.
    let mean = row(&results, "blast_radius", "mean", of("crash", "", "customers"));
    assert!(mean.high > Some(17.5) && mean.high < Some(40.0), "{mean:?}");
    // A tier that only the other fault reaches.
    let gold = faults.replace("strikes = { workflow = \"w\" }", "strikes = { workflow = \"w\", tier = \"gold\" }");
    let results = run_text(&format!("{TWO_TIERS}{gold}"));
    let worst = row(&results, "blast_radius", "worst", of("crash", "iron", "customers"));
    assert_eq!(worst.high, Some(40.0));
    let mean = row(&results, "blast_radius", "mean", of("crash", "iron", "customers"));
    assert!(mean.high > Some(0.0) && mean.high < Some(40.0), "{mean:?}");
}

#[test]
fn a_fault_that_never_struck_has_a_bound() {
    let fault = r#"
[fault.seldom]
strikes = { workflow = "w" }
effect = "crash"
each = "cell"
mtbf = "1000 days"
mttr = "1min"
[[expect]]
metric = "blast_radius"
fault = "seldom"
worst = { at_most = 40 }
[[expect]]
metric = "blast_radius"
fault = "seldom"
mean = { at_most = 10 }
"#;
    let results = run_text(&format!("{TWO_TIERS}{fault}"));
    let mean = row(&results, "blast_radius", "mean", of("seldom", "", "customers"));
    assert_eq!((mean.value, mean.low, mean.high, mean.n), (None, Some(0.0), Some(17.5), 0));
    let outcomes: Vec<Judgement> = results.verdicts.iter().map(|verdict| verdict.outcome).collect();
    assert_eq!(
        outcomes,
        [Judgement::Kept, Judgement::Undecided],
        "a promise by construction, and one that hangs on luck"
    );
}

#[test]
fn what_is_exposed_by_construction_is_what_incidents_expose() {
    let faults = [
        "strikes = { workflow = \"w\" }\neffect = \"crash\"\neach = \"cell\"",
        "strikes = { workflow = \"w\" }\neffect = \"crash\"\none_of = \"cell\"",
        "strikes = { zone = \"b\" }\neffect = { errors = \"20%\" }",
        "strikes = { tier = \"iron\" }\neffect = \"blackhole\"",
        "strikes = { platform = true }\neffect = { slow = 3 }",
        "strikes = { customer = \"gold/2\" }\neffect = { demand = 20 }",
        "strikes = { customer = \"gold/2\" }\neffect = { errors = \"100%\", per = \"customer\" }",
        "strikes = { workflow = \"w\", stage = \"s\" }\neffect = { slow = 2 }\neach = \"tier\"",
    ];
    for fault in faults {
        let text = format!("zones = 2\n{TWO_TIERS}[fault.f]\n{fault}\nmtbf = \"4min\"\nmttr = \"20s\"\n");
        let text = text.replace("zones = 2\n", "zones = [\"a\", \"b\"]\n");
        let results = run_text(&text);
        let exposed = row(&results, "exposed", "worst", of("f", "", "customers"));
        let most = results.requests().unwrap().incidents.iter().map(|incident| incident.exposed).max().unwrap();
        assert_eq!(exposed.value, Some(most as f64), "{fault}");
        let mean = row(&results, "exposed", "mean", of("f", "", "customers"));
        assert_eq!(mean.state, State::Exact, "{fault}");
    }
}

/// Who joins while the run lasts is exposed, and harmed, like everybody else; means are those of the incidents.
#[test]
fn new_customers_count_in_means_per_incident() {
    let text = |schedule: &str| {
        format!(
            "[tier.t]\ncustomers = 100\ncustomers_per_cell = {{ target = 50, max = 900 }}\nsla = \"99%\"\nnew_customers = \"12/min\"\n\
             [workflow.w]\ndemand = \"0.2/s\"\nclient.deadline = \"1s\"\nstage.s = {{ kind = \"delay\", service_time = \"10ms\" }}\n\
             [router]\n[fault.f]\nstrikes = {{ platform = true }}\neffect = \"crash\"\n{schedule}\n[run]\nfaults = \"all\"\nhorizon = \"13min\"\n\
             replications = 10\n"
        )
    };
    for schedule in ["at = \"10min\"\nfor = \"1min\"", "mtbf = \"8min\"\nmttr = \"1min\""] {
        let results = run_text(&text(schedule));
        let mean = |of: fn(&cellsim::experiment::outcome::IncidentRow) -> f64| {
            results.requests().unwrap().incidents.iter().map(of).sum::<f64>()
                / results.requests().unwrap().incidents.len() as f64
        };
        let of = Of { fault: "f", ..Of::default() };
        let means = [
            ("blast_radius", mean(|one| one.harmed as f64)),
            ("spillover", mean(|one| one.spillover as f64)),
            ("customer_minutes", mean(|one| one.customer_minutes as f64)),
        ];
        for (metric, mean) in means {
            let row = row(&results, metric, "mean", of);
            let (low, high) = (row.low.unwrap(), row.high.unwrap());
            assert!(mean > 0.0 && (row.value.unwrap() - mean).abs() < 1e-9 * mean, "{metric}: {mean} {row:?}");
            assert!(low < mean && mean < high, "{metric}: {mean} {row:?}");
        }
    }
}
