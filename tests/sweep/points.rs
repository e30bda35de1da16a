//! Which points there are, which are left out, which are one.

use cellsim::scenario::space::{Plan, Space};
use serde_json::Value;

use crate::support::{Folder, SCENARIO};

#[test]
fn a_dry_run_lists_points_and_reasons() {
    let folder = Folder::new();
    folder.file("small.toml", &SCENARIO.replace("target = 50 }", "target = 50, max = 60 }"));
    let arguments =
        ["sweep", "small.toml", "--vary", "tier.enterprise.customers_per_cell.target=50,100", "--vary", "zones=2,3"];
    let ended = folder.run(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.starts_with("4 points: 2 to simulate as 2 different scenarios, 2 pruned"), "{}", ended.stdout);
    assert!(!folder.path("results").exists());
    let ended = folder.run(&[&arguments[..], &["--dry-run", "--format", "json"]].concat());
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["points"].as_array().unwrap().len(), 4);
    assert_eq!(document["points"][0]["levers"]["zones"], "2");
    assert!(document["points"][2]["pruned"].as_str().unwrap().contains("small.toml:"), "{document}");
}

#[test]
fn what_breaks_by_construction_is_not_simulated() {
    let folder = Folder::new();
    let priced = format!("{SCENARIO}[[expect]]\nmetric = \"cost\"\nmean = {{ at_most = \"$13000/month\" }}\n");
    folder.file("priced.toml", &priced);
    let ended = folder.run(&[
        "sweep",
        "priced.toml",
        "--vary",
        "tier.enterprise.customers_per_cell.target=30,50",
        "--vary",
        "fault.outage.mttr=45min,13min",
    ]);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("4 points: 2 simulated, 2 pruned"), "{}", ended.stdout);
    assert!(ended.stdout.contains("cost is $20,000 by construction (limit $13,000)"), "{}", ended.stdout);
    let points = folder.table("results/sweep/priced/points.csv");
    let states: Vec<&str> = points.iter().map(|point| point["state"].as_str()).collect();
    assert_eq!(states, ["pruned", "pruned", "done", "done"]);
    assert_eq!((points[0]["cells"].as_str(), points[0]["kept"].as_str()), ("10", ""));
}

#[test]
fn points_that_are_one_scenario_are_run_once() {
    let folder = Folder::new();
    // 50 customers a cell and 6 cells are the same design in other words; x1 is what the file says.
    let ended = folder.run(&[
        "sweep",
        "opt.toml",
        "--vary",
        "fault.outage.mttr=x1,45min,20min",
        "--replications",
        "2",
        "--points",
        "all",
    ]);
    assert!(ended.stderr.contains("the value 45min twice"), "{}", ended.stderr);
    folder.file("two.study.toml", "scenario = \"opt.toml\"\n[lever.repair]\npath = \"fault.outage.mttr\"\nvalues = [\"45min\", \"2700s\", \"20min\"]\n");
    let ended = folder.run(&["sweep", "two.study.toml", "--replications", "2"]);
    assert!(ended.stdout.contains("3 points: 3 simulated as 2 different"), "{}\n{}", ended.stdout, ended.stderr);
    let points = folder.table("results/sweep/two/points.csv");
    assert_eq!(points.iter().map(|point| point["taken_from"].as_str()).collect::<Vec<_>>(), ["", "1", ""]);
    assert_eq!(points[0]["digest"], points[1]["digest"]);
}

#[test]
fn several_scenarios_are_one_study() {
    let folder = Folder::new();
    folder.file("other.toml", "extends = \"opt.toml\"\ntitle = \"Other faults\"\n[fault.outage]\nmtbf = { exponential = \"600d\" }\n[fault.rare]\none_of = \"platform\"\neffect = \"crash\"\nmtbf = \"3 years\"\nmttr = \"10min\"\n");
    folder.file("both.study.toml", "scenario = [\"opt.toml\", \"other.toml\"]\n[lever.rare]\npath = \"fault.rare.mttr\"\nvalues = [\"10min\", \"20min\"]\n");
    let ended = folder.run(&["sweep", "both.study.toml", "--replications", "2"]);
    assert_eq!(ended.code, 3, "{}\n{}", ended.stdout, ended.stderr);
    // The lever has nothing to say in the first one, which is the same at both points.
    assert!(ended.stdout.contains("2 points: 2 simulated as 3 different"), "{}", ended.stdout);
    let lines = folder.table("results/sweep/both/sweep.csv");
    assert!(lines.iter().any(|line| line["scenario"] == "other" && line["point"] == "2"));
    let document = folder.json("results/sweep/both/sweep.json");
    assert_eq!(document["points"][0]["expectations"].as_array().unwrap().len(), 4);
}

#[test]
fn one_lever_at_a_time_and_some_of_many() {
    let folder = Folder::new();
    let ended = folder.run(&["sweep", "opt.study.toml", "--points", "one-at-a-time", "--replications", "2"]);
    assert!(ended.stdout.contains("10 points: 10 simulated as 8 different"), "{}\n{}", ended.stdout, ended.stderr);
    let points = folder.table("results/sweep/opt/points.csv");
    assert_eq!((points[0]["cell"].as_str(), points[0]["repair"].as_str()), ("50", "45min"));
    let ended = folder.run(&["sweep", "opt.study.toml", "--points", "latin:6", "--dry-run"]);
    assert!(ended.stdout.starts_with("6 points: 6 to simulate"), "{}", ended.stdout);
}

#[test]
fn pipelines_get_a_line_for_each_point() {
    let folder = Folder::new();
    let vary = ["--vary", "fault.outage.mttr=20min,13min", "--replications", "2", "--junit", "ci.xml"];
    let ended = folder.run(&[&["sweep", "opt.toml", "--format", "jsonl"], &vary[..]].concat());
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{}", ended.stdout);
    let mut numbers: Vec<u64> = lines[..2].iter().map(|line| line["point"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(lines[2]["exit_code"], ended.code);
    let junit = std::fs::read_to_string(folder.path("ci.xml")).unwrap();
    assert!(junit.contains("some point keeps every expectation"), "{junit}");
}

#[test]
fn an_expectation_is_one_number_whatever_faults_there_are() {
    let folder = Folder::new();
    // Without any fault requests are judged in the world without faults.
    let scenario = "[tier.t]\ncustomers = 20\ncells = 2\nsla = \"99%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"1s\"\n\
        stage.s = { service_time = \"10ms\", size = { concurrency = 4 } }\n[fault.crash]\nat = \"10s\"\nfor = \"10s\"\n\
        strikes = { workflow = \"w\", tier = \"t\", cell = 1 }\neffect = \"crash\"\n[run]\nwarmup = \"1s\"\nhorizon = \"1min\"\n\
        replications = 3\n[[expect]]\nmetric = \"error_share\"\nmean = { at_most = \"50%\" }\n";
    folder.file("small.toml", scenario);
    let ended = folder.run(&["sweep", "small.toml", "--vary", "fault.crash=true,false"]);
    let header = ended.stdout.lines().find(|line| line.contains("verdict")).unwrap_or_default();
    assert_eq!(header.matches("error_share, mean").count(), 1, "{}", ended.stdout);
}

#[test]
fn a_lever_may_change_demand_and_is_told_of() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "sweep",
        "opt.toml",
        "--vary",
        "tier.enterprise.customers=200,300",
        "--replications",
        "2",
        "--show",
        "cells.mean:",
    ]);
    assert!(
        ended.stdout.contains("lever customers changes demand: its points do not meet the same requests"),
        "{}",
        ended.stdout
    );
    let ended = folder.run(&["sweep", "opt.toml", "--vary", "zones=2,3", "--show", "availabilty.mean"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("there is no metric `availabilty`"), "{}", ended.stderr);
}

#[test]
fn shipped_studies_are_sound() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join("docs/examples")).unwrap() {
        let space = Space::read(&entry.unwrap().path(), &[], &[]).unwrap();
        let points = space.points(Plan::All, 1_000, 1).unwrap();
        assert_eq!((points.len(), space.levers.len()), (12, 3));
        for point in &points {
            assert!(space.at(point).is_ok(), "{}", space.describe(point));
        }
    }
}

#[test]
fn the_grammar_knows_studies() {
    let folder = Folder::new();
    let schema = folder.run(&["schema", "study"]);
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/study.schema.json");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(schema.stdout == committed, "cellsim schema study > docs/study.schema.json");
    let keys = folder.run(&["keys", "lever.NAME.values"]);
    assert!(keys.stdout.contains("equally spaced"), "{}", keys.stdout);
}
