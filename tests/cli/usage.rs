//! Usage: help, version, wrong options, exit codes.

use insta::assert_snapshot;

use crate::support::{Folder, SCENARIO, expect};

fn help(arguments: &[&str]) -> String {
    let ended = Folder::with(SCENARIO).run(arguments).code(0);
    assert_eq!(ended.stderr, "");
    ended.stdout
}

#[test]
fn help_texts() {
    for command in [&[][..], &["run"], &["compare"], &["report"], &["selftest"], &["validate"]] {
        let text = help(&[command, &["--help"]].concat());
        let written = text.split("\nExamples:").nth(1).or_else(|| text.split("\nExit codes:").nth(1)).unwrap();
        // Lines that are broken by hand must fit anywhere, or they are broken twice.
        assert!(written.lines().all(|line| line.chars().count() < 80), "{written}");
    }
    assert_snapshot!("help", help(&["--help"]));
    assert_snapshot!("help_run", help(&["run", "--help"]));
    assert_snapshot!("help_validate", help(&["validate", "--help"]));
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(help(&["--version"]), format!("cellsim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_wrong() {
    let folder = Folder::with(SCENARIO);
    for (arguments, text) in [
        (vec!["run"], "FILE"),
        (vec!["simulate", "x"], "unrecognized subcommand"),
        (vec!["run", "scenarios/small.toml", "--treads", "2"], "--threads"),
        (vec!["run", "scenarios/small.toml", "--threads", "0"], "1..=1024"),
        (vec!["run", "scenarios/small.toml", "--threads", "-1"], "-1 is not in 1..=1024"),
        (vec!["run", "scenarios/small.toml", "--replications", "-3"], "-3 is not in"),
        (vec!["run", "scenarios/small.toml", "--replications", "0"], "--replications"),
        (vec!["run", "scenarios/small.toml", "--seed", "-1"], "-1"),
        (vec!["run", "scenarios/small.toml", "--set", "seed"], "path=value"),
        (vec!["run", "scenarios/small.toml", "--format", "xml"], "json"),
        (vec!["run", "scenarios/small.toml", "--png", "--no-charts"], "--no-charts"),
    ] {
        let ended = folder.run(&arguments).code(2);
        assert!(ended.stderr.contains(text), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(folder.names("."), ["scenarios"]);
}

#[test]
fn exit_codes_follow_the_expectations_and_breached_wins() {
    let kept = expect("30 customers");
    let breached = expect("2 customers");
    let not_measured = "\n[[expect]]\nmetric = \"sla_attainment\"\ntier = \"smb\"\nmean = { at_least = \"99%\" }\n";
    for (expectations, code, word) in [
        (String::new(), 0, "NO EXPECTATIONS"),
        (kept.clone(), 0, "KEPT 1 of 1"),
        (breached.clone(), 3, "BREACHED 1 of 1"),
        (not_measured.to_owned(), 4, "NOT MEASURED 1 of 1"),
        (format!("{not_measured}{}", breached.replace("blast_radius", "exposed")), 3, "BREACHED 1 of 2"),
        (format!("{kept}{not_measured}"), 4, "NOT MEASURED 1 of 2"),
    ] {
        let folder = Folder::with(&format!("{SCENARIO}{expectations}"));
        let ended = folder.simulate(&["--no-charts"]).code(code);
        assert!(ended.stdout.starts_with(word), "{}", ended.stdout);
        let first = ended.stdout.lines().next().unwrap();
        assert!(ended.stdout.contains(&format!("exit {code}")), "{first}");
    }
}

#[test]
fn a_breach_names_number_limit_and_line() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("2 customers")));
    let ended = folder.simulate(&["--no-charts", "--quiet"]).code(3);
    let line = SCENARIO.lines().count() + 5;
    let first = "BREACHED 1 of 1: crash harms 10 customers (limit 2 customers)";
    assert_eq!(ended.stdout, format!("{first}  small.toml:{line}  exit 3\n"));
}

#[test]
fn validate_prints_what_follows_and_writes_nothing() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.run(&["validate", "scenarios/small.toml"]).code(0);
    for text in ["VALID scenarios/small.toml", "40 customers · 4 cells", "messaging", "send", "43.2"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let ended = folder.run(&["validate", "scenarios/small.toml", "--set", "tier.smb.customers=80"]).code(0);
    assert!(ended.stdout.contains("80 customers · 8 cells"), "{}", ended.stdout);
    folder.run(&["validate", "scenarios/small.toml", "--set", "tier.smb.customers=-1"]).code(2);
    let ended = folder.run(&["validate", "scenarios/small.toml", "--format", "json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&document["format_version"], &document["facts"]["cells"]), (&3.into(), &4.into()));
    assert_eq!(folder.names("."), ["scenarios"]);
}

#[test]
fn validate_says_what_no_run_could_measure() {
    let expectation = "\n[[expect]]\nmetric = \"sla_attainment\"\ntier = \"smb\"\nmean = { at_least = \"99%\" }\n";
    let folder = Folder::with(&format!("{SCENARIO}{expectation}{}", expect("30 customers")));
    let said = |options: &[&str]| {
        let ended = folder.run(&[&["validate", "scenarios/small.toml"], options].concat()).code(0);
        ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let line = SCENARIO.lines().count() + 5;
    let text = said(&[]);
    assert!(text.contains(&format!("sla_attainment at scenarios/small.toml:{line} will not be measured")), "{text}");
    assert!(!text.contains("blast_radius"), "{text}");
    let text = said(&["--set", "run.faults=random"]);
    assert!(text.contains("fault `crash` is inactive"), "{text}");
}

#[test]
fn the_selftest_shows_theory_beside_simulation() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.run(&["selftest", "--case", "crash-on-the-minute", "--case", "zone-of-two"]).code(0);
    assert!(ended.stdout.starts_with("PASSED 4 of 4  exit 0"), "{}", ended.stdout);
    for text in ["theory", "simulated", "half-width", "bad_minutes mean", "zone-of-two"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let ended = folder.run(&["selftest", "--case", "zone-of-two", "--format", "json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["findings"][0]["verdict"], "passed");
    let ended = folder.run(&["selftest", "--case", "zone-of-three"]).code(2);
    assert!(
        ended.stderr.contains("no case `zone-of-three`") && ended.stderr.contains("zone-of-two"),
        "{}",
        ended.stderr
    );
    assert_eq!(folder.names("."), ["scenarios"]);
}

#[test]
fn what_an_option_says_is_not_set_as_well() {
    let folder = Folder::with(SCENARIO);
    for (option, set) in [("--seed", "run.seed=5"), ("--replications", "run = { replications = 2 }")] {
        let ended = folder.run(&["run", "scenarios/small.toml", option, "3", "--set", set]).code(2);
        assert!(ended.stderr.contains(&format!("{option} and --set run.")), "{}", ended.stderr);
        let two = ["compare", "scenarios/small.toml", "scenarios/small.toml", option, "3", "--set", set];
        assert!(folder.run(&two).code(2).stderr.contains("exclude each other"));
    }
}
