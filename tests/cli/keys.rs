//! `cellsim keys` and `cellsim schema`: what may stand in a scenario.

use crate::support::{Folder, SCENARIO};

fn keys(path: &str) -> String {
    let ended = Folder::with(SCENARIO).run(&["keys", path]).code(0);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ended.stdout);
    ended.stdout
}

#[test]
fn a_key_is_explained() {
    let text = keys("run.timeline");
    for part in
        ["run.timeline\n", "length of a bin", "a duration like \"250ms\"", "longer beyond an hour", "request only"]
    {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    let text = keys("workflow.messaging.stage.send.discipline");
    for part in ["\"lifo\": Last in, first out.", "default  \"fifo\"", "serves first in, first out"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

#[test]
fn a_table_lists_its_keys() {
    let text = keys("run.rare");
    for part in ["  cells_down ", "[required]", "  split ", "[true]", "incident only"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    let text = keys("tier.smb");
    assert!(text.contains("\n  customers "), "{text}");
    let text = Folder::with(SCENARIO).run(&["keys"]).code(0).stdout;
    assert!(text.contains("workflow") && text.contains("cellsim keys PATH"), "{text}");
}

#[test]
fn a_name_is_found_wherever_it_works() {
    let text = keys("horizon");
    assert!(text.contains("run.horizon\n") && text.contains("run.calibration.horizon\n"), "{text}");
}

#[test]
fn what_is_no_key_ends_with_2_and_what_is_near() {
    for (path, near) in [
        ("run.horizn", "did you mean `run.horizon`?"),
        ("run.timeout", "`timeout` works as client.timeout"),
        ("run.h", "run.horizon, run.harm_share"),
        ("nothing.of.the.sort", "lists those of the top level"),
    ] {
        let ended = Folder::with(SCENARIO).run(&["keys", path]).code(2);
        assert!(ended.stderr.contains(near), "{path}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn the_schema_is_one_document() {
    let text = Folder::with(SCENARIO).run(&["schema"]).code(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema["definitions"]["run"]["properties"]["horizon"]["default"], "15min");
}
