//! Ctrl-C: what is complete is written, and said to be less than what was asked for.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::{Ended, Folder, SCENARIO, expect};

fn interrupt(child: &Child) {
    signal(child, "-INT");
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

/// Starts a run that nobody waits for: so many replications take hours.
fn endless(folder: &Folder) -> Child {
    started(folder, &["run", "scenarios/small.toml", "--replications", "1000000", "--threads", "1", "--no-charts"])
}

fn started(folder: &Folder, arguments: &[&str]) -> Child {
    let child = folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_secs(2));
    child
}

#[test]
fn ctrl_c_writes_what_is_complete_and_says_so() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("30 customers")));
    let child = endless(&folder);
    interrupt(&child);
    let ended = Ended::of(child.wait_with_output().unwrap()).code(4);
    assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
    assert!(ended.stdout.contains("of 1000000 replications"), "{}", ended.stdout);
    assert!(ended.stderr.contains("stopping"), "{}", ended.stderr);
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("results/small/manifest.json")).unwrap();
    let done = manifest["replications_done"].as_u64().unwrap();
    assert!((1..1_000_000).contains(&done));
    let last = folder.read("results/small/incidents.csv").lines().last().unwrap().to_owned();
    assert!(last.starts_with(&format!("{done},")), "{last}");
}

#[test]
fn a_breach_stays_a_breach() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("2 customers")));
    let child = endless(&folder);
    interrupt(&child);
    Ended::of(child.wait_with_output().unwrap()).code(3);
}

#[test]
fn a_second_ctrl_c_stops_at_once() {
    let folder = Folder::with(&SCENARIO.replace("customers = 40", "customers = 400_000").replace("4min", "4h"));
    let child = started(&folder, &["run", "scenarios/small.toml", "--threads", "1", "--no-charts", "--yes"]);
    // At once, before the first one has ended it: two signals of one kind may arrive as one.
    let both = format!("kill -TERM {0}; kill -INT {0}", child.id());
    assert!(Command::new("sh").args(["-c", &both]).status().unwrap().success());
    Ended::of(child.wait_with_output().unwrap()).code(130);
    assert_eq!(folder.names("."), ["scenarios"]);
}

#[test]
fn other_signals_end_a_run_as_ctrl_c_does() {
    for name in ["-TERM", "-HUP"] {
        let folder = Folder::with(SCENARIO);
        let child = endless(&folder);
        signal(&child, name);
        let ended = Ended::of(child.wait_with_output().unwrap()).code(4);
        assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
        assert!(folder.names("results/small").contains(&"manifest.json".to_owned()));
    }
}

/// As `timeout` does it: the program gets the signal, then its group.
#[test]
fn a_signal_that_comes_twice_at_once_is_one() {
    let folder = Folder::with(SCENARIO);
    let child = endless(&folder);
    let both = format!("kill -TERM {0}; sleep 0.01; kill -TERM {0}", child.id());
    assert!(Command::new("sh").args(["-c", &both]).status().unwrap().success());
    let ended = Ended::of(child.wait_with_output().unwrap()).code(4);
    assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
    assert!(folder.names("results/small").contains(&"manifest.json".to_owned()));
}

/// Years of one cell that fails every hour, a pilot or a calibration of hours, millions of histories: none waits for its end.
#[test]
fn whatever_takes_long_is_left_within_a_second() {
    let large = SCENARIO.replace("customers = 40", "customers = 400_000");
    let one = large.replace("4min", "40h").replace("replications = 3", "replications = 1");
    let pilots = large.replace("4min", "40h").replace("warmup = \"10s\"", "warmup = \"auto\"").replace("1min", "20h");
    let years = SCENARIO
        .replace("at = \"1min\"\nfor = \"1min\"", "mtbf = \"1min\"\nmttr = \"1min\"")
        .replace("warmup = \"10s\"\nhorizon = \"4min\"", "level = \"incident\"\nhorizon = \"100 years\"");
    let calibrated = years.replace("customers = 40", "customers = 400_000") + "calibration = { horizon = \"4h\" }\n";
    let rare = years
        .replace("{ workflow = \"messaging\", tier = \"smb\", cell = 1 }", "{ workflow = \"messaging\" }")
        .replace("mtbf", "each = \"cell\"\nmtbf")
        .replace("mttr = \"1min\"", "mttr = \"10s\"")
        .replace("100 years", "1 year")
        + "rare = { cells_down = 4, histories = 1_000_000, split = false }\n";
    for (name, scenario) in
        [("one", one), ("pilots", pilots), ("years", years), ("calibrated", calibrated), ("rare", rare)]
    {
        let folder = Folder::with(&scenario);
        let child = started(&folder, &["run", "scenarios/small.toml", "--no-charts", "--threads", "2", "--yes"]);
        let start = std::time::Instant::now();
        interrupt(&child);
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert!(start.elapsed() < Duration::from_millis(1500), "{name}: {:?}", start.elapsed());
        let ended = ended.code(1);
        assert!(ended.stderr.contains("nothing is written"), "{name}: {}", ended.stderr);
        assert_eq!(folder.names("."), ["scenarios"], "{name}");
    }
}

/// What is written holds the first so many runs, as if no more had been asked for.
#[test]
fn ctrl_c_while_it_waits_for_a_precision() {
    let folder = Folder::with(SCENARIO);
    let rule = ["--precision", "0.001%", "--max-replications", "1000000", "--threads", "2", "--no-charts"];
    let child = started(&folder, &[&["run", "scenarios/small.toml"], &rule[..]].concat());
    interrupt(&child);
    let ended = Ended::of(child.wait_with_output().unwrap()).code(4);
    assert!(ended.stdout.starts_with("INTERRUPTED after "), "{}", ended.stdout);
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("results/small/manifest.json")).unwrap();
    let done = manifest["replications_done"].as_u64().unwrap();
    let asked = manifest["replications_asked"].as_u64().unwrap();
    assert!((1..asked).contains(&done), "{done} of {asked}");
    assert_eq!((&manifest["stopping"]["rule"], &manifest["stopping"]["reached"]), (&"precision".into(), &false.into()));
    let interrupted = folder.read("results/small/summary.csv");
    folder.simulate(&["--replications", &done.to_string(), "--no-charts"]).code(0);
    assert_eq!(interrupted, folder.read("results/small/summary.csv"), "{done} runs");
}

#[test]
fn ctrl_c_while_it_compares() {
    let folder = Folder::with(SCENARIO);
    folder.file("scenarios/walls.toml", &SCENARIO.replace("target = 10", "target = 5"));
    let files = ["compare", "scenarios/small.toml", "scenarios/walls.toml"];
    let child = started(&folder, &[&files[..], &["--replications", "1000000", "--threads", "2"]].concat());
    interrupt(&child);
    let ended = Ended::of(child.wait_with_output().unwrap()).code(4);
    assert!(ended.stdout.contains("of 1000000 replications each (interrupted)"), "{}", ended.stdout);
    let document: serde_json::Value =
        serde_json::from_str(&folder.read("results/compare/small-walls/compare.json")).unwrap();
    let done = document["comparison"]["replications_done"].as_u64().unwrap();
    assert!((1..1_000_000).contains(&done), "{done}");
    assert_eq!(document["exit_code"], 4);
    let interrupted = folder.read("results/compare/small-walls/compare.csv");
    folder.run(&[&files[..], &["--replications", &done.to_string()]].concat()).code(0);
    assert_eq!(interrupted, folder.read("results/compare/small-walls/compare.csv"), "{done} runs each");
}
