//! How much work a run is, before it starts.

use std::time::{Duration, Instant};

use crate::support::{Folder, SCENARIO};

const DEMAND: &str =
    "\n[fault.surge]\nstrikes = { customer = \"busiest\" }\neffect = { demand = 2 }\nat = \"1min\"\nfor = \"1min\"\n";
const OFTEN: &str = "\n[fault.often]\nstrikes = { zone = \"a\" }\neffect = \"crash\"\nmtbf = \"1min\"\nmttr = \"1s\"\n";

#[test]
fn what_is_beyond_reason_is_refused_at_its_line() {
    let years = SCENARIO.replace("warmup = \"10s\"\nhorizon = \"4min\"", "level = \"incident\"\nhorizon = \"1 year\"");
    let scripted = "at = \"1min\"\nfor = \"1min\"";
    let random = years.replace(scripted, "mtbf = \"1 year\"\nmttr = \"1min\"");
    let shared = SCENARIO.replace("customers_per_cell = { target = 10 }\n", "");
    let cases = [
        (SCENARIO.replace("0.5/s", "1e9/s"), "demand = "),
        (SCENARIO.replace("4min", "100 years").replace("0.5/s", "20/s"), "horizon = "),
        (SCENARIO.replace("customers = 40", "customers = 100_000_000").replace("4min", "3h"), "customers = "),
        (format!("{SCENARIO}{}", DEMAND.replace("demand = 2", "demand = 1e15")), "effect = { demand"),
        (format!("{shared}\n[cells]\nshared_by = \"tiers\"\ncount = 100_000_000\n"), "count = "),
        (
            SCENARIO.replace("replications = 3", "replications = 1_000_000").replace("0.5/s", "1000/s"),
            "replications = ",
        ),
        (random.replace("\"1 year\"\nmttr = \"1min\"", "\"1us\"\nmttr = \"1us\""), "mtbf = "),
        (
            random.replace("level = ", "calibration = { horizon = \"50 years\", replications = 1000 }\nlevel = "),
            "calibration = ",
        ),
        (
            format!(
                "{SCENARIO}{}",
                OFTEN.replace("1min", "1ns").replace("1s", "1ns").replace("[fault", "[run2]\n[fault")
            ),
            "mtbf = ",
        ),
    ];
    for (scenario, key) in cases {
        let scenario = scenario.replace("[run2]\n", "");
        let scenario =
            if key == "mtbf = " { scenario.replace("[run]", "[run]\nfaults = \"random\"") } else { scenario };
        let folder = Folder::with(&scenario);
        for command in ["validate", "run"] {
            let start = Instant::now();
            let ended =
                folder.run(&[command, "scenarios/small.toml", "--yes"][..if command == "run" { 3 } else { 2 }]).code(2);
            assert!(start.elapsed() < Duration::from_secs(5), "{key}: {:?}", start.elapsed());
            let line: usize = ended.stderr.split(':').nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
            let found = scenario.lines().nth(line.saturating_sub(1)).unwrap_or("");
            assert!(found.starts_with(key), "{key}: {}", ended.stderr);
        }
    }
}

#[test]
fn more_than_an_hour_is_asked_for() {
    let folder = Folder::with(&SCENARIO.replace("customers = 40", "customers = 4000"));
    let long = ["run", "scenarios/small.toml", "--no-charts", "--threads", "2", "--set", "run.horizon=1year"];
    let ended = folder.run(&long).code(2);
    let first = ended.stderr.lines().next().unwrap();
    assert!(first.starts_with("--set:1: this takes about ") && ended.stderr.contains("--at-most"), "{}", ended.stderr);
    // Nothing is complete after a second of a year.
    let start = Instant::now();
    let ended = folder.run(&[&long[..], &["--at-most", "1s"]].concat()).code(1);
    assert!(ended.stderr.contains("--at-most") && start.elapsed() < Duration::from_secs(10), "{}", ended.stderr);
    let many = ["run", "scenarios/small.toml", "--no-charts", "--replications", "1000000", "--at-most", "2s"];
    let ended = folder.run(&many).code(4);
    assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
}

#[test]
fn validate_says_how_much_work_it_is() {
    let folder = Folder::with(SCENARIO);
    let text = folder.run(&["validate", "scenarios/small.toml"]).code(0).stdout;
    assert!(
        text.contains(
            "5.0 thousand requests per replication, 15 thousand in 3 replications: about a second of one core"
        ),
        "{text}"
    );
    let json = folder.run(&["validate", "scenarios/small.toml", "--format", "json"]).code(0).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["work"]["requests"], 5000.0);
}

#[test]
fn a_level_that_does_not_fit_is_refused() {
    let years = SCENARIO
        .replace("warmup = \"10s\"\nhorizon = \"4min\"", "level = \"incident\"\nhorizon = \"1 year\"")
        .replace("at = \"1min\"\nfor = \"1min\"", "mtbf = \"1 year\"\nmttr = \"1h\"")
        .replace("replications = 3", "replications = 1000");
    let folder = Folder::with(&years.replace("customers = 40", "customers = 4000"));
    folder.run(&["validate", "scenarios/small.toml"]).code(0);
    let ended = folder.run(&["run", "scenarios/small.toml", "--set", "run.level=request"]).code(2);
    assert!(ended.stderr.contains("horizon = ") && ended.stderr.contains("beyond reason"), "{}", ended.stderr);
}
