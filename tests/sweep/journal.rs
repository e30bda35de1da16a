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

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_says_what_is_left() {
    let folder = Folder::new();
    let child = folder.command(&["sweep", "opt.study.toml", "--replications", "4000"]).spawn().unwrap();
    // Until some scenario is done: the head of the journal is shorter.
    let length = || std::fs::metadata(folder.path("results/sweep/opt/study.journal")).map_or(0, |file| file.len());
    for _ in 0..3_000 {
        if length() > 5_000 {
            break;
        }
        sleep(Duration::from_millis(100));
    }
    let signalled = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(4), "{stdout}\n{stderr}");
    assert!(stdout.starts_with("INTERRUPTED after "), "{stdout}");
    let again = "goes on with the same command: cellsim sweep opt.study.toml --replications 4000";
    assert!(stderr.contains(again), "{stderr}");
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
