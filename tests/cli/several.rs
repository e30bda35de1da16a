//! Several scenarios in one call, and errors for programs.

use serde_json::Value;

use crate::support::{Folder, SCENARIO, expect};

#[test]
fn several_scenarios_give_a_line_each_and_the_worst_exit_code() {
    let folder = Folder::with(&format!("{SCENARIO}{}", expect("30 customers")));
    folder.file("scenarios/breached.toml", &format!("{SCENARIO}{}", expect("2 customers")));
    folder.file("scenarios/wrong.toml", &SCENARIO.replace("0.5/s", "five"));
    let files = ["scenarios/small.toml", "scenarios/wrong.toml", "scenarios/breached.toml"];
    let run = |more: &[&str]| folder.run(&[&["run"], &files[..], &["--no-charts", "--junit", "ci.xml"], more].concat());
    let ended = run(&[]).code(2);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ended.stdout);
    assert!(lines[0].starts_with("scenarios/small.toml: KEPT") && lines[0].ends_with("exit 0"), "{}", ended.stdout);
    assert_eq!(lines[1], "scenarios/wrong.toml: NOT RUN  exit 2");
    assert!(lines[2].starts_with("scenarios/breached.toml: BREACHED"), "{}", ended.stdout);
    assert!(ended.stderr.contains("scenarios/wrong.toml:9: expected a rate"), "{}", ended.stderr);
    for name in ["small", "breached"] {
        assert!(folder.names(&format!("results/{name}")).contains(&"manifest.json".to_owned()));
    }
    let report = folder.read("ci.xml");
    assert_eq!(report.matches("<testsuite ").count(), 3, "{report}");
    assert_eq!((report.matches("<failure").count(), report.matches("<error").count()), (1, 1), "{report}");
    let document: Value = serde_json::from_str(&run(&["--format", "json", "--out", "here"]).code(2).stdout).unwrap();
    assert_eq!((&document["exit_code"], document["runs"].as_array().unwrap().len()), (&2.into(), 3));
    assert_eq!(document["runs"][1]["errors"][0]["line"], 9);
    assert_eq!(folder.names("here"), ["breached", "small"]);
    let good = folder.run(&["run", files[0], files[2], "-q", "--no-charts"]).code(3);
    assert_eq!(good.stdout.lines().count(), 2);
}

#[test]
fn two_scenarios_do_not_share_a_folder() {
    let folder = Folder::with(SCENARIO);
    folder.file("other/small.toml", SCENARIO);
    let ended = folder.run(&["run", "scenarios/small.toml", "other/small.toml"]).code(2);
    assert!(ended.stderr.contains("would both be written into results/small"), "{}", ended.stderr);
    assert_eq!(folder.names("."), ["other", "scenarios"]);
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let folder = Folder::with(&SCENARIO.replace("0.5/s", "five"));
    let json = ["--format", "json"];
    for command in [
        &["run", "scenarios/small.toml"][..],
        &["validate", "scenarios/small.toml"],
        &["compare", "scenarios/small.toml", "scenarios/small.toml"],
    ] {
        let ended = folder.run(&[command, &json[..]].concat()).code(2);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!((&document["format_version"], &document["exit_code"]), (&3.into(), &2.into()));
        let error = &document["errors"][0];
        assert_eq!(error["file"], "scenarios/small.toml");
        assert_eq!((&error["line"], &error["column"]), (&9.into(), &10.into()));
        assert_eq!(error["message"], "expected a rate, found \"five\"");
        assert!(error["help"].as_str().unwrap().contains("12/s"));
    }
    folder.file("scenarios/small.toml", SCENARIO);
    for arguments in [&["run", "gone.toml"][..], &["run", "scenarios/small.toml", "--decide"], &["run", "--no-such"]] {
        let ended = folder.run(&[arguments, &json[..]].concat()).code(2);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(document["exit_code"], 2, "{}", ended.stdout);
        assert!(!document["errors"][0]["message"].as_str().unwrap().is_empty(), "{}", ended.stdout);
    }
}
