//! What is done is never lost: a sweep that is killed goes on, and comes to the same bytes.

use std::thread::sleep;
use std::time::Duration;

use crate::support::Folder;

const ARGUMENTS: [&str; 6] = ["sweep", "opt.study.toml", "--replications", "20", "--threads", "2"];

#[test]
fn killed_and_resumed_is_not_killed() {
    let folder = Folder::new();
    let whole = folder.run(&[&ARGUMENTS[..], &["--out", "whole"]].concat());
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    assert!(!folder.path("whole/study.journal").exists());
    let resumed = [&ARGUMENTS[..], &["--out", "resumed"]].concat();
    for milliseconds in [10, 40, 90, 160, 250, 400, 700] {
        let mut child = folder.command(&resumed).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        // Nobody has time to write anything.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let ended = folder.run(&resumed);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(folder.results("whole"), folder.results("resumed"));
}

#[test]
fn an_interrupted_sweep_says_what_is_left() {
    let folder = Folder::new();
    let arguments = [&ARGUMENTS[..], &["--replications", "4000", "--at-most", "4s"]].concat();
    let arguments: Vec<&str> =
        arguments.into_iter().enumerate().filter(|(at, _)| ![2, 3].contains(at)).map(|(_, word)| word).collect();
    let ended = folder.run(&arguments);
    assert_eq!(ended.code, 4, "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
    assert!(
        ended.stderr.contains("goes on with the same command: cellsim sweep opt.study.toml --replications 4000"),
        "{}",
        ended.stderr
    );
    assert!(folder.path("results/sweep/opt/study.journal").exists());
    let points = folder.table("results/sweep/opt/points.csv");
    assert!(points.iter().any(|point| point["state"] == "left"));
}

#[test]
fn a_journal_of_another_study_is_refused() {
    let folder = Folder::new();
    let ended = folder.run(&["sweep", "opt.study.toml", "--replications", "2", "--keep-journal"]);
    assert_eq!(ended.stderr, "", "{}", ended.stderr);
    assert!(folder.path("results/sweep/opt/study.journal").exists());
    let other = ["sweep", "opt.study.toml", "--replications", "3"];
    let ended = folder.run(&other);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("is of another study: replications was 2, is 3"), "{}", ended.stderr);
    assert!(ended.stderr.contains("--fresh begins anew"), "{}", ended.stderr);
    let ended = folder.run(&[&other[..], &["--fresh"]].concat());
    assert_ne!(ended.code, 2, "{}", ended.stderr);
    assert!(folder.path("results/sweep/opt/study.journal.1").exists());
    folder.file("opt.toml", &crate::support::SCENARIO.replace("60d", "61d"));
    let ended = folder.run(&["sweep", "opt.study.toml", "--replications", "3", "--keep-journal"]);
    assert_ne!(ended.code, 2, "a complete sweep leaves no journal: {}", ended.stderr);
    folder.file("opt.toml", crate::support::SCENARIO);
    let ended = folder.run(&["sweep", "opt.study.toml", "--replications", "3"]);
    assert!(ended.stderr.contains("opt.toml changed"), "{}", ended.stderr);
}

#[test]
fn what_is_in_the_journal_is_not_run_again() {
    let folder = Folder::new();
    let arguments = ["sweep", "opt.study.toml", "--replications", "2", "--keep-journal"];
    folder.run(&arguments);
    let path = folder.path("results/sweep/opt/study.journal");
    let before = (folder.results("results/sweep/opt"), std::fs::metadata(&path).unwrap().len());
    folder.run(&arguments);
    assert_eq!((folder.results("results/sweep/opt"), std::fs::metadata(&path).unwrap().len()), before);
}
