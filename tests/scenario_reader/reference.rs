//! The reference tells the truth.

use std::path::Path;

use cellsim::scenario::{reference, schema};

use crate::support::MINIMAL;

const REFERENCE: &str = include_str!("../../docs/scenario.md");

#[test]
fn the_minimal_file_of_the_reference_is_the_one_tested() {
    assert!(REFERENCE.contains(MINIMAL));
}

const BEGIN: &str = "<!-- keys: ";
const END: &str = "<!-- end of keys -->";

/// Returns the reference with its tables of keys made anew.
fn made_anew(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (names, after) = after.split_once(" -->\n").unwrap();
        let (_, after) = after.split_once(END).unwrap();
        let table = reference(names).unwrap_or_else(|| panic!("there is no shape `{names}`"));
        made += &format!("{before}{BEGIN}{names} -->\n{table}{END}");
        rest = after;
    }
    made + rest
}

/// The tables are made from the keys: `UPDATE_DOCS=1 cargo test --test scenario_reader reference` writes them.
#[test]
fn the_tables_of_keys_are_those_of_the_readers() {
    let made = made_anew(REFERENCE);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md"), &made).unwrap();
    } else {
        let differs = made.lines().zip(REFERENCE.lines()).find(|(made, found)| made != found);
        assert!(made == REFERENCE, "UPDATE_DOCS=1 makes docs/scenario.md anew; first difference:\n{differs:#?}");
    }
    assert_eq!(REFERENCE.matches(BEGIN).count(), 21, "tables of keys");
}

/// Those that have no table of their own are told in words.
#[test]
fn every_key_is_in_the_reference() {
    let schema = schema();
    let tables = schema["definitions"].as_object().unwrap().values().chain([&schema]);
    let keys = tables.flat_map(|table| table["properties"].as_object().unwrap().keys());
    let words: Vec<&str> = REFERENCE.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let missing: Vec<&String> = keys.filter(|key| !words.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "not in docs/scenario.md: {missing:?}");
}
