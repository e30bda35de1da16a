//! Formats for programs: JSON, JUnit; and pipes.

use std::process::Stdio;

use crate::support::{Folder, SCENARIO, expect};

#[test]
fn json_is_one_document_and_nothing_else() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("2 customers")));
    let ended = folder.simulate(&["--format", "json", "--no-charts"]).code(3);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["format_version"], 3);
    assert_eq!(document["exit_code"], 3);
    assert_eq!(document["results"]["verdicts"][0]["outcome"], "breached");
    assert_eq!(document["results"]["replications_done"], 3);
    assert!(document["files"].as_array().unwrap().contains(&"summary.csv".into()));
}

#[test]
fn ends_of_intervals_have_the_same_names_in_json_and_csv() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.simulate(&["--format", "json", "--no-charts"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let table = folder.read("results/small/summary.csv");
    let mut lines = table.lines();
    let column = |name: &str| table.lines().next().unwrap().split(',').position(|one| one == name).unwrap();
    let (value, low) = (column("value"), column("ci_low"));
    lines.next();
    let rows = document["results"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), table.lines().count() - 1);
    for (row, line) in rows.iter().zip(lines).filter(|(_, line)| !line.contains('"')) {
        let cells: Vec<&str> = line.split(',').collect();
        for (name, at) in [("value", value), ("ci_low", low)] {
            let number = row["estimate"][name].as_f64();
            assert_eq!(number, cells[at].parse().ok(), "{name} of {line}");
        }
    }
}

/// Two tiers, two workflows, two faults of which one is random.
const SEVERAL: &str = "zones = 2\n[tier.a]\ncustomers = 40\ncells = 2\nsla = \"99.9%\"\n\
    [tier.b]\ncustomers = 60\ncells = 2\nsla = \"99%\"\n[client]\ndeadline = \"1s\"\n\
    [workflow.v]\ndemand = \"1/s\"\nstage.s = { service_time = \"10ms\", size = { concurrency = 4 }, queue = 9 }\n\
    [workflow.w]\ndemand = \"1/s\"\nstage.s = { service_time = \"10ms\", size = { concurrency = 4 }, queue = 9 }\n\
    stage.t = { service_time = \"10ms\", size = { concurrency = 4 }, queue = 9 }\npath = [\"s\", \"t\"]\n\
    [fault.zone]\nstrikes = { zone = \"a\" }\neffect = \"crash\"\nat = \"20s\"\nfor = \"10s\"\n\
    [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"20d\"\nmttr = \"20min\"\n\
    [run]\nhorizon = \"1min\"\nreplications = 2\n";

#[test]
fn each_line_of_a_table_of_measures_has_an_id_of_its_own() {
    let folder = Folder::with(SEVERAL);
    let years = [
        "--set",
        "run.level=incident",
        "--set",
        "run.faults=random",
        "--set",
        "run.horizon=1 year",
        "--set",
        "fault.zone=false",
    ];
    let tables = [
        (&[][..], vec!["summary", "windows", "cells"]),
        (&years[..], vec!["summary", "windows", "causes", "exceedance", "alerts"]),
    ];
    for (options, tables) in tables {
        folder.simulate(&[&["--no-charts"], options].concat()).code(0);
        for table in tables {
            let text = folder.read(&format!("results/small/{table}.csv"));
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert_eq!(reader.headers().unwrap().get(0), Some("id"), "{table}");
            let mut seen = std::collections::BTreeSet::new();
            for row in reader.records() {
                let id = row.unwrap().get(0).unwrap().to_owned();
                assert!(seen.insert(id.clone()), "{table}: {id} twice");
            }
            assert!(!seen.is_empty(), "{table}");
        }
    }
}

#[test]
fn junit_has_one_case_per_expectation() {
    let folder = Folder::with(&format!("{SCENARIO}{}{}", expect("2 customers"), expect("90%")));
    folder.simulate(&["--no-charts", "--quiet", "--junit", "reports/junit.xml"]).code(3);
    let xml = folder.read("reports/junit.xml");
    assert_eq!(xml.matches("<testcase ").count(), 2, "{xml}");
    assert_eq!(xml.matches("<failure ").count(), 1, "{xml}");
    assert!(xml.contains("crash harms 10 customers"), "{xml}");
}

#[test]
fn text_in_a_pipe_has_no_colour() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.simulate(&["--no-charts"]).code(0);
    assert!(!ended.stdout.contains('\x1b'));
    assert!(ended.stdout.contains("1 HOW FAR DOES EACH FAILURE SPREAD?"), "{}", ended.stdout);
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let folder = Folder::with(SCENARIO);
    for arguments in [vec!["run", "scenarios/small.toml"], vec!["validate", "scenarios/small.toml"], vec!["--help"]] {
        let mut child = folder.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}
