//! Formats for programs: JSON, JUnit; and pipes.

use std::process::Stdio;

use crate::support::{Folder, SCENARIO, expect};

#[test]
fn json_is_one_document_and_nothing_else() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("2 customers")));
    let ended = folder.simulate(&["--format", "json", "--no-charts"]).code(3);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["format_version"], 1);
    assert_eq!(document["exit_code"], 3);
    assert_eq!(document["results"]["verdicts"][0]["outcome"], "breached");
    assert_eq!(document["results"]["replications_done"], 3);
    assert!(document["files"].as_array().unwrap().contains(&"summary.csv".into()));
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
