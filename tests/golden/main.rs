//! Texts that people and programs read, unchanged until somebody looks at the change: never proof that they are right.
#![allow(clippy::unwrap_used, reason = "tests")]

mod defaults;
mod extremes;
mod fixture;
#[path = "../support/mod.rs"]
mod support;

use cellsim::report::terminal::{self, Context};
use cellsim::report::{csv, facts, folder, json, junit, manifest, markdown, verdict};
use insta::assert_snapshot;

fn context() -> Context {
    let files = ["summary.csv", "incidents.csv", "windows.csv", "timeline.csv", "latency.csv", "cells.csv", "a.svg"];
    Context {
        folder: "results/twilio".into(),
        files: files.map(String::from).into(),
        seconds: 31.2,
        threads: 2,
        colour: false,
        terminal: true,
    }
}

#[test]
fn the_summary_of_the_example() {
    assert_snapshot!("summary", terminal::render(&fixture::twilio(), &context()));
}

#[test]
fn the_summary_of_the_least_scenario() {
    assert_snapshot!("summary_least", terminal::render(&extremes::least(), &context()));
}

#[test]
fn the_summary_of_a_crowded_interrupted_run() {
    let text = terminal::render(&extremes::crowded(), &context());
    assert_snapshot!("summary_crowded", text);
}

#[test]
fn no_line_is_wider_than_the_screen_and_colour_only_adds_codes() {
    for results in [fixture::twilio(), extremes::least(), extremes::crowded()] {
        let plain = terminal::render(&results, &context());
        // But for the verdict, which is one line for whoever reads no more.
        assert_eq!(plain.lines().next(), Some(verdict::headline(&results).plain().as_str()));
        for line in plain.lines().skip(1) {
            assert!(line.chars().count() <= terminal::WIDTH, "{line}");
            assert_eq!(line.trim_end(), line);
        }
        let coloured = terminal::render(&results, &Context { colour: true, ..context() });
        assert!(coloured.contains("\x1b["));
        let mut stripped = coloured;
        for code in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"] {
            stripped = stripped.replace(code, "");
        }
        assert_eq!(stripped, plain);
    }
}

#[test]
fn verdict_lines() {
    let lines =
        [fixture::twilio(), extremes::least(), extremes::crowded()].map(|results| verdict::headline(&results).plain());
    let mut kept = fixture::twilio();
    kept.verdicts.remove(1);
    let kept = verdict::headline(&kept).plain();
    let mut harmful = fixture::twilio();
    harmful.verdicts.clear();
    let harmful = verdict::headline(&harmful).plain();
    assert_snapshot!("verdicts", format!("{}\n{kept}\n{harmful}", lines.join("\n")));
}

#[test]
fn the_derived_facts() {
    let results = fixture::twilio();
    assert_snapshot!(
        "facts",
        facts::render("scenarios/twilio.toml", &results.facts, &work(), &results.warnings, false)
    );
}

#[test]
fn the_summary_for_a_pull_request() {
    let command = "cellsim run scenarios/twilio.toml";
    assert_snapshot!("summary_md", markdown::render(&fixture::twilio(), command, &["blast-radius.svg".into()]));
}

#[test]
fn the_tables() {
    let results = fixture::twilio();
    let mut text = String::new();
    for sheet in csv::sheets(&results) {
        let table = String::from_utf8((sheet.write)(&results)).unwrap();
        let first: Vec<&str> = table.lines().take(3).collect();
        text += &format!("{}\n{}\n\n", sheet.file, first.join("\n"));
    }
    assert_snapshot!("tables", text);
}

#[test]
fn the_junit_document() {
    assert_snapshot!(
        "junit",
        junit::render(&extremes::crowded()).unwrap() + &junit::render(&fixture::twilio()).unwrap()
    );
}

#[test]
fn the_json_document_says_its_version_first() {
    let text = json::run(&fixture::twilio(), "cellsim run x.toml", "results/x", &["summary.csv".into()]);
    let head: Vec<&str> = text.lines().take(11).collect();
    assert_snapshot!("json_head", head.join("\n"));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["results"]["faults"][0]["name"], "cell-crash");
}

fn work() -> cellsim::experiment::design::work::Work {
    cellsim::experiment::design::work::Work {
        requests: 9_552_000.0,
        incidents: 3.0,
        replications: 20,
        cpu_seconds: 119.4,
        bytes_shared: 1.3e6,
        bytes_running: 2.1e7,
    }
}

fn provenance() -> manifest::Provenance {
    manifest::Provenance {
        command: "cellsim run scenarios/twilio.toml".into(),
        digests: vec![("scenario".into(), "00".into()), ("twilio.toml".into(), "11".into())],
        sampler_digest: "22".into(),
    }
}

#[test]
fn the_manifest() {
    let files = [("summary.csv".to_owned(), b"a\n".to_vec()), ("a.svg".to_owned(), b"<svg/>".to_vec())];
    assert_snapshot!("manifest", manifest::render(&fixture::twilio(), &provenance(), &files));
}

#[test]
fn the_folder_is_replaced_whole_and_forgets_what_is_not_made_any_more() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results/twilio");
    let first = folder::write(&fixture::twilio(), &provenance(), &folder, folder::Charts::Svg).unwrap();
    assert!(first.contains(&"summary.csv".to_owned()) && first.iter().any(|name| name.ends_with(".svg")));
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let second = folder::write(&extremes::least(), &provenance(), &folder, folder::Charts::None).unwrap();
    let mut there: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    let mut expected = [second, vec!["notes.txt".to_owned()]].concat();
    expected.sort();
    assert_eq!(there, expected);
}

#[test]
fn a_folder_that_cannot_be_written_keeps_its_files() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("results");
    std::fs::create_dir_all(folder.join("summary.md")).unwrap();
    std::fs::write(folder.join("summary.csv"), "good").unwrap();
    let error = folder::write(&fixture::twilio(), &provenance(), &folder, folder::Charts::None).unwrap_err();
    assert!(error.to_string().contains("summary.md"), "{error}");
    assert_eq!(std::fs::read_to_string(folder.join("summary.csv")).unwrap(), "good");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "no rest of the staging folder");
    assert!(folder::check(&folder.join("summary.csv/below")).is_err());
    assert!(folder::check(&place.path().join("new/folder")).is_ok());
    assert!(!place.path().join("new").exists());
}

#[test]
fn a_title_s_control_characters_stay_out_of_the_pull_request() {
    let mut results = fixture::twilio();
    results.title = "bell \u{7}, escape \u{1b}[31m, line\nbreak".into();
    let text = cellsim::report::markdown::render(&results, "cellsim run x.toml", &[]);
    assert!(text.starts_with("# bell  , escape  \\[31m, line break\n"), "{:?}", text.lines().next());
}
