//! Keys of tiers, workflows, named customers, profiles, traces and cells.

use cellsim::experiment::outcome::Outcome;
use cellsim::world::platform::Platform;

use crate::Moves::{Down, Up};
use crate::support::{Folder, Of, platform, read_with, run, run_with, value_of};
use crate::{compare, figure, moves};

const DEMAND: &str = r#"
[tier.t]
customers = 60
customers_per_cell = { target = 20 }
sla = "99%"
[client]
deadline = "5s"
[workflow.w]
demand = "1/s"
stage.s = { service_time = { exponential = "10ms" }, size = { utilization = "60%" } }
[workflow.v]
demand = "0.1/s"
stage.s = { kind = "delay", service_time = "10ms" }
[run]
warmup = "10s"
horizon = "60s"
replications = 3
"#;

fn cells(results: &Outcome) -> f64 {
    results.facts.cells as f64
}

#[test]
fn tiers() {
    let rate = figure("request_rate", "mean");
    moves(DEMAND, &["tier.t.customers=90"], "requests", &rate, Up);
    moves(DEMAND, &["tier.t.customers_per_cell.target=10"], "cells", &cells, Up);
    moves(DEMAND, &["tier.t.cells=2"], "cells", &cells, Down);
    moves(DEMAND, &["tier.t.cells={w=9}"], "cells", &cells, Up);
    moves(DEMAND, &["tier.t.new_customers=60/min"], "requests", &rate, Up);
    // Placement by load fills one cell with few busy customers, unless the others are full.
    let skewed = ["workflow.w.skew={zipf=1.2}", "router.placement.by=load"];
    let largest = |results: &Outcome| results.facts.groups[0].largest as f64;
    compare(DEMAND, &skewed, &["tier.t.customers_per_cell.max=22"], "largest cell", &largest, Down);
    let warnings = |results: &Outcome| results.warnings.len() as f64;
    compare(DEMAND, &skewed, &["tier.t.customers_per_cell.min=19"], "warnings", &warnings, Up);
}

#[test]
fn workflows() {
    let rate = figure("request_rate", "mean");
    moves(DEMAND, &["workflow.w.demand=2/s"], "requests", &rate, Up);
    moves(DEMAND, &["workflow.w.adoption=50%"], "requests", &rate, Down);
    let busiest = |results: &Outcome| results.facts.groups[0].busiest_requests_per_second;
    for skew in ["{zipf=1.0}", "{pareto=1.2}", "{list=[9, 1]}"] {
        moves(DEMAND, &[&format!("workflow.w.skew={skew}")], "busiest cell", &busiest, Up);
    }
    moves(DEMAND, &["workflow.w.arrivals={batch=40}"], "p50", &figure("latency", "p50"), Up);
    let stages = "workflow.w.stage.extra={kind=\"delay\", service_time=\"30ms\"}";
    moves(DEMAND, &[stages], "p50", &figure("latency", "p50"), Up);
    let of_tier = ["workflow.w.tier.t.demand=3/s"];
    moves(DEMAND, &of_tier, "requests", &rate, Up);
}

#[test]
fn profiles() {
    let second = |results: &Outcome, at: usize| {
        results.requests().expect("requests were run").timeline[at..at + 10].iter().map(|row| row.ok[1]).sum::<f64>()
    };
    let surge = "workflow.w.profile={surge={factor=3, at=\"20s\", for=\"20s\"}}";
    moves(DEMAND, &[surge], "requests at 25 s", &|results| second(results, 25), Up);
    let steps = "workflow.w.profile={steps=[{at=\"10s\", factor=0}, {at=\"20s\", factor=2}], every=\"40s\"}";
    let (_, none) = moves(DEMAND, &[steps], "requests at 10 s", &|results| second(results, 10), Down);
    assert!(none < 120.0, "only the other workflow's are left: {none}");
    moves(DEMAND, &[steps], "requests at 25 s", &|results| second(results, 25), Up);
    moves(DEMAND, &[steps], "requests at 50 s, again", &|results| second(results, 50), Down);
    // Sizes follow the peak.
    let instances = |results: &Outcome| results.facts.instances as f64;
    compare(DEMAND, &["workflow.w.demand=50/s"], &[surge], "instances", &instances, Up);
    let night = "workflow.w.profile={daily={peak_at=\"14h\", low=\"10%\"}}";
    let noon = "workflow.w.profile={daily={peak_at=\"14h\", low=\"10%\"}, starts_at=\"14h\"}";
    let rate = figure("request_rate", "mean");
    moves(DEMAND, &[night], "requests at midnight", &rate, Down);
    moves(DEMAND, &[noon], "requests at 14:00", &rate, Up);
    let hours: Vec<&str> = (0..24).map(|hour| if hour == 0 { "24" } else { "0.001" }).collect();
    let hours = format!("workflow.w.profile={{hours=[{}]}}", hours.join(", "));
    moves(DEMAND, &[&hours], "requests in the first hour", &rate, Up);
}

#[test]
fn recorded_rates_and_requests() {
    let rates = "time,value\n0,1\n30,3\n";
    let folder = Folder::new().with("rate.csv", rates);
    let profile = "demand = \"1/s\"\nprofile = { csv = \"rate.csv\", time = \"time\", value = \"value\" }";
    let results = run(&folder.read(&DEMAND.replace("demand = \"1/s\"", profile), &[]));
    let half = |from: usize| {
        results.requests().expect("requests were run").timeline[from..from + 30]
            .iter()
            .map(|row| row.ok[1] - 6.0)
            .sum::<f64>()
    };
    let ratio = half(30) / half(0);
    assert!((2.6..3.4).contains(&ratio), "{ratio}");

    let rows: String = (0..500).map(|i| format!("{},w,t/{}\n", f64::from(i) * 0.1, i % 60 + 1)).collect();
    let folder = Folder::new().with("requests.csv", &format!("time,workflow,customer\n{rows}"));
    let text = DEMAND.replace("utilization = \"60%\"", "concurrency = 10");
    let scenario = folder.read(&format!("{text}[trace]\ncsv = \"requests.csv\"\n"), &["workflow.w.demand=trace"]);
    let results = run(&scenario);
    assert_eq!(value_of(&results, "request_rate", "mean", Of { workflow: "w", ..Of::default() }), 500.0 / 60.0);

    // What is recorded is demand as well: 500 requests a minute beside 0.1/s of each of 60 customers.
    assert!((results.facts.requests_per_second - (500.0 / 60.0 + 6.0)).abs() < 1e-6);
    let fault = "[fault.f]\nstrikes = { workflow = \"w\" }\neffect = \"crash\"\nat = \"10s\"\nfor = \"10s\"\n";
    let scenario =
        folder.read(&format!("{text}[trace]\ncsv = \"requests.csv\"\n{fault}"), &["workflow.w.demand=trace"]);
    let share = run(&scenario).requests().expect("requests were run").faults[0].share_of_traffic.expect("it strikes");
    assert!((share - 8.333 / 14.333).abs() < 1e-3, "{share}");
    // A row without a customer may fall to any of the tier, by their shares.
    let rows: String = (0..600).map(|i| format!("{},w,t\n", f64::from(i) * 0.1)).collect();
    let folder = Folder::new().with("requests.csv", &format!("time,workflow,tier\n{rows}"));
    let skewed = ["workflow.w.demand=trace", "workflow.w.skew={list=[9, 1]}"];
    let platform = platform(&folder.read(&format!("{text}[trace]\ncsv = \"requests.csv\"\n"), &skewed));
    let busiest = platform.busiest(0).expect("somebody is");
    assert!((platform.population.demand(busiest) - 10.0 * 9.0 / 68.0).abs() < 1e-6);
    // And it loads the stations it passes: ten a second for 10 ms each, beside the other workflow's.
    let load = |of: &Platform| of.stations.iter().map(|station| station.size.load).sum::<f64>();
    let without = load(&crate::support::platform(&folder.read(&text, &["workflow.w.demand=0.000001/s"])));
    assert!((load(&platform) - without - 0.1).abs() < 1e-6, "{} and {without}", load(&platform));
}

#[test]
fn surges_reach_recorded_requests_and_new_customers() {
    let rows: String = (0..600).map(|i| format!("{},w,t/{}\n", f64::from(i) * 0.1, i % 60 + 1)).collect();
    let folder = Folder::new().with("requests.csv", &format!("time,workflow,customer\n{rows}"));
    let text = DEMAND
        .replace("stage.s = { service_time = { exponential = \"10ms\" }, size = { utilization = \"60%\" } }", ONE_SLOT);
    let text = format!("{text}[trace]\ncsv = \"requests.csv\"\n");
    let surge = "fault.f={strikes={workflow=\"w\"}, effect={demand=8.5}, at=\"20s\", for=\"20s\"}";
    let errors = |sets: &[&str]| figure("error_share", "mean")(&run(&folder.read(&text, sets)));
    // 10/s leave three slots of 80 ms free enough; 85/s do not.
    let (calm, surged) = (errors(&["workflow.w.demand=trace"]), errors(&["workflow.w.demand=trace", surge]));
    // 56 % of a third of them are refused, and they are 600 of 960 requests: 12 %.
    assert!(calm < 0.01 && (surged - 0.117).abs() < 0.025, "{calm} {surged}");

    // All requests of this workflow are newcomers' (but for one customer's).
    let newcomers = ["tier.t={customers=1, cells=1, new_customers=\"120/min\"}", "tier.t.customers_per_cell=false"];
    let text = DEMAND
        .replace("stage.s = { service_time = { exponential = \"10ms\" }, size = { utilization = \"60%\" } }", ONE_SLOT);
    let text = text.replace("demand = \"1/s\"", "demand = \"0.1/s\"");
    compare(&text, &newcomers, &[surge], "errors", &figure("error_share", "mean"), Up);
}

const ONE_SLOT: &str = "stage.s = { service_time = { exponential = \"80ms\" }, size = { concurrency = 1 }, queue = 8 }";

#[test]
fn values_in_other_words() {
    // A range has its target in the middle; zones have names; a column of rates needs no times.
    let range = read_with(DEMAND, &["tier.t.customers_per_cell=10..50"]);
    let table = read_with(DEMAND, &["tier.t.customers_per_cell={target=30, min=10, max=50}"]);
    assert_eq!(platform(&range).cells.len(), platform(&table).cells.len());
    let named = "fault.f={strikes={zone=\"west\"}, effect=\"crash\", at=\"10s\", for=\"30s\"}";
    let errors = figure("error_share", "mean");
    let (three, two) = compare(
        DEMAND,
        &["zones=[\"east\", \"west\", \"north\"]", named],
        &["zones=[\"east\", \"west\"]"],
        "errors",
        &errors,
        Up,
    );
    assert!((three - 0.5 / 3.0).abs() < 0.02 && (two - 0.25).abs() < 0.02, "{three} {two}");

    let folder = Folder::new().with("rate.csv", "value\n1\n4\n1\n");
    let second = |results: &Outcome, at: usize| {
        results.requests().expect("requests were run").timeline[at..at + 10]
            .iter()
            .map(|row| row.ok[1] - 6.0)
            .sum::<f64>()
    };
    let with = |more: &str| {
        let profile =
            format!("demand = \"1/s\"\nprofile = {{ csv = \"rate.csv\", value = \"value\", step = \"10s\"{more} }}");
        run(&folder.read(&DEMAND.replacen("demand = \"1/s\"", &profile, 1), &[]))
    };
    let (again, once) = (with(""), with(", repeat = false"));
    let ratio = |results: &Outcome, at| second(results, at) / second(results, 0);
    assert!((ratio(&again, 10) - 4.0).abs() < 0.8 && (ratio(&again, 40) - 4.0).abs() < 0.8, "{}", ratio(&again, 40));
    assert!((ratio(&once, 10) - 4.0).abs() < 0.8 && (ratio(&once, 40) - 1.0).abs() < 0.3, "{}", ratio(&once, 40));
}

#[test]
fn named_customers() {
    let named = "customer.whale={tier=\"t\"}";
    let rate = |workflow: &'static str| {
        move |r: &Outcome| value_of(r, "request_rate", "mean", Of { workflow, ..Of::default() })
    };
    compare(DEMAND, &[named], &["customer.whale.demand=50/s"], "requests", &rate("w"), Up);
    let busy = [named, "customer.whale.demand=50/s"];
    compare(DEMAND, &busy, &["customer.whale.count=2"], "requests", &rate("w"), Up);
    compare(DEMAND, &busy, &["customer.whale.workflows=[\"v\"]"], "requests", &rate("w"), Down);
    compare(DEMAND, &busy, &["customer.whale.cell=dedicated"], "cells", &cells, Up);
    let scenario = read_with(DEMAND, &[named, "customer.whale.cell=w/t/2"]);
    let platform = platform(&scenario);
    let sub = platform.population.subscription(0, 59).expect("the last of the tier uses it");
    assert_eq!(platform.cells[platform.home[sub as usize] as usize].name, "w/t/2");
}

#[test]
fn walls() {
    moves(DEMAND, &["cells.shared_by=tiers"], "cells", &cells, Down);
    compare(DEMAND, &["cells.shared_by=tiers"], &["cells.count=3"], "cells", &cells, Up);
}

#[test]
fn runs() {
    let results = run_with(DEMAND, &["run.replications=4", "run.horizon=90s", "run.warmup=3s", "title=Other"]);
    assert_eq!(
        (
            results.replications_done,
            results.horizon_seconds,
            results.requests().expect("requests were run").warmup_seconds
        ),
        (4, 90.0, 3.0)
    );
    assert_eq!((results.title.as_str(), results.requests().expect("requests were run").timeline.len()), ("Other", 90));
    let width = |results: &Outcome| {
        crate::support::row(results, "request_rate", "mean", Of::default()).half_width().unwrap_or(0.0)
    };
    moves(DEMAND, &["run.confidence=99%"], "half-width", &width, Up);
    let other = run_with(DEMAND, &["run.seed=2"]);
    let first = run_with(DEMAND, &[]);
    assert_ne!(figure("request_rate", "mean")(&other), figure("request_rate", "mean")(&first));
}
