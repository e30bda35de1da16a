//! What is wrong with a sweep, by file and line, as text and as JSON.

use serde_json::Value;

use crate::support::Folder;

#[test]
fn bad_levers_end_with_2_and_say_where() {
    let folder = Folder::new();
    let cases: [(&[&str], &str); 9] = [
        (
            &["--vary", "tier.enterprise.customers_per_cel.target=1,2"],
            "--vary:1: a scenario has no key `tier.enterprise.customers_per_cel.target`",
        ),
        (&["--vary", "tier.enterprize.cells=1,2"], "--vary:1: the scenario has no tier `enterprize`"),
        (&["--vary", "fault.outage.mttr=5min,5%"], "--vary:1: expected a duration, found \"5%\""),
        (&["--vary", "fault.outage.mttr="], "--vary:1: a value is missing"),
        (&["--vary", "fault.outage.mttr=1min,1min"], "--vary:1: the value 1min twice"),
        (
            &["--vary", "tier.enterprise.cells=2,3", "--vary", "tier.enterprise.customers_per_cell=50,60"],
            "exclude each other",
        ),
        (
            &["--vary", "tier.enterprise.cells=1..100/100", "--vary", "zones=1..20/20", "--max-points", "500"],
            "2000 points, and --max-points allows 500",
        ),
        (&["--vary", "fault.outage=yes,no", "--points", "some"], "write all, latin:N or one-at-a-time"),
        (&[], "nothing is varied"),
    ];
    for (arguments, expected) in cases {
        let ended = folder.run(&[&["sweep", "opt.toml"], arguments].concat());
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
        assert!(!folder.path("results").exists(), "{arguments:?}");
    }
}

#[test]
fn programs_get_file_line_and_column() {
    let folder = Folder::new();
    folder.file(
        "bad.study.toml",
        "scenario = \"opt.toml\"\n[lever.x]\npath = \"fault.outage.mttr\"\nvalues = [\"5min\", \"5%\"]\n",
    );
    let ended = folder.run(&["sweep", "bad.study.toml", "--format", "json"]);
    assert_eq!(ended.code, 2);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    let error = &document["errors"][0];
    assert_eq!(
        (error["file"].as_str(), error["line"].as_u64(), error["column"].as_u64()),
        (Some("bad.study.toml"), Some(4), Some(19))
    );
}

#[test]
fn conditions_that_leave_nothing_are_refused() {
    let folder = Folder::new();
    folder.file("none.study.toml", "scenario = \"opt.toml\"\n[lever.x]\npath = \"zones\"\nvalues = [2, 3]\n[[where]]\nlever = \"x\"\nat_least = 4\n");
    let ended = folder.run(&["sweep", "none.study.toml"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("[[where]] leaves no point"), "{}", ended.stderr);
}

#[test]
fn a_study_is_no_scenario() {
    let folder = Folder::new();
    for command in ["run", "validate"] {
        let ended = folder.run(&[command, "opt.study.toml"]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains("opt.study.toml:1: a study, not a scenario"), "{}", ended.stderr);
        assert!(ended.stderr.contains("cellsim sweep"), "{}", ended.stderr);
    }
}

#[test]
fn one_value_is_warned_of() {
    let folder = Folder::new();
    let ended = folder.run(&["sweep", "opt.toml", "--vary", "zones=2", "--dry-run"]);
    assert!(ended.stdout.contains("lever zones has one value, 2: it moves nothing"), "{}", ended.stdout);
}
