//! The JSON schema accepts what the reader accepts, and no key that it does not know.

use std::path::{Path, PathBuf};

use cellsim::scenario::{Scenario, schema};
use regex::Regex;
use serde_json::{Value, json};

use crate::support::MINIMAL;

/// As much of a validator of draft 7 as the schema needs. A word that is not known here fails.
struct Validator {
    schema: Value,
}

impl Validator {
    fn new() -> Validator {
        Validator { schema: schema() }
    }

    /// Returns what is wrong with a document, if anything is.
    fn problem(&self, value: &Value) -> Option<String> {
        self.of(&self.schema, value, "")
    }

    fn of(&self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        for (word, rule) in schema.as_object().unwrap() {
            let bad = match word.as_str() {
                // The last two go with the properties.
                "$schema"
                | "title"
                | "definitions"
                | "description"
                | "default"
                | "patternProperties"
                | "additionalProperties" => None,
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap().replace("%20", " ");
                    self.of(&self.schema["definitions"][name], value, path)
                }
                "type" => {
                    let fits = match rule.as_str().unwrap() {
                        "object" => value.is_object(),
                        "array" => value.is_array(),
                        "string" => value.is_string(),
                        "boolean" => value.is_boolean(),
                        "number" => value.is_number(),
                        "integer" => value.is_u64() || value.is_i64(),
                        other => panic!("type {other}"),
                    };
                    (!fits).then(|| format!("{path}: {value} is no {rule}"))
                }
                "const" => (value != rule).then(|| format!("{path}: {value} is not {rule}")),
                "enum" => {
                    (!rule.as_array().unwrap().contains(value)).then(|| format!("{path}: {value} is none of {rule}"))
                }
                "minimum" => (value.as_f64() < rule.as_f64()).then(|| format!("{path}: {value} is below {rule}")),
                "maximum" => (value.as_f64() > rule.as_f64()).then(|| format!("{path}: {value} is above {rule}")),
                "pattern" => {
                    let fits = |text: &str| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text);
                    (!value.as_str().is_none_or(fits)).then(|| format!("{path}: {value} does not fit {rule}"))
                }
                "anyOf" => {
                    let all: Option<Vec<String>> =
                        rule.as_array().unwrap().iter().map(|one| self.of(one, value, path)).collect();
                    all.map(|all| all.join("; "))
                }
                "items" => value
                    .as_array()
                    .and_then(|items| items.iter().find_map(|item| self.of(rule, item, &format!("{path}[]")))),
                "properties" => value.as_object().and_then(|table| {
                    table.iter().find_map(|(key, value)| self.key(schema, key, value, &format!("{path}.{key}")))
                }),
                other => panic!("unknown word {other}"),
            };
            if bad.is_some() {
                return bad;
            }
        }
        None
    }

    fn key(&self, schema: &Value, key: &str, value: &Value, path: &str) -> Option<String> {
        if let Some(rule) = schema["properties"].get(key) {
            return self.of(rule, value, path);
        }
        let patterns = schema["patternProperties"].as_object().into_iter().flatten();
        for (pattern, rule) in patterns {
            if Regex::new(pattern).unwrap().is_match(key) {
                return self.of(rule, value, path);
            }
        }
        Some(format!("{path} is no key"))
    }
}

fn parsed(text: &str) -> Value {
    fn of(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(day) => json!(day.to_string()),
            toml::Value::Array(items) => items.into_iter().map(of).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, of(value))).collect())
            }
            other => serde_json::to_value(other).unwrap(),
        }
    }
    of(toml::Value::Table(toml::from_str(text).unwrap()))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

/// Returns the texts of all scenarios of this repository that the reader accepts.
fn accepted() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("scenarios"), &mut found);
    files(&root.join("tests"), &mut found);
    found
        .into_iter()
        .filter(|path| Scenario::read(path, &[]).is_ok())
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

/// Made by `UPDATE_DOCS=1 cargo test --test scenario_reader schema`.
#[test]
fn the_schema_in_the_documents_is_that_of_the_readers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.schema.json");
    let made = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == made, "UPDATE_DOCS=1 makes docs/scenario.schema.json anew");
}

#[test]
fn shipped_scenarios_say_where_the_schema_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("scenarios"), &mut found);
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let schema = text.lines().next().unwrap().strip_prefix("#:schema ").unwrap_or("not said");
        let there = path.parent().unwrap().join(schema);
        assert!(
            there.canonicalize().is_ok_and(|there| there == root.join("docs/scenario.schema.json")),
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_the_reader_accepts_fits_the_schema() {
    let validator = Validator::new();
    let all = accepted();
    assert!(all.len() > 40, "only {}", all.len());
    for (path, text) in all {
        assert_eq!(validator.problem(&parsed(&text)), None, "{}", path.display());
    }
    assert_eq!(validator.problem(&parsed(MINIMAL)), None);
}

/// Each key spelt wrong, one at a time; names may be anything.
#[test]
fn a_key_that_nobody_knows_does_not_fit() {
    let validator = Validator::new();
    let mut refused = 0;
    for (path, text) in accepted() {
        for (wrong, key) in spelt_wrong(&parsed(&text), "") {
            let is_name = ["tier", "workflow", "fault", "customer", "stage", "demand", "adoption", "where", "cells"]
                .iter()
                .any(|table| key.rsplit('.').nth(1) == Some(table));
            match validator.problem(&wrong) {
                Some(_) => refused += 1,
                None => assert!(is_name, "{}: {key}", path.display()),
            }
        }
    }
    assert!(refused > 500, "only {refused}");
}

/// Returns the document with each of its keys spelt wrong in turn, and the path of that key.
fn spelt_wrong(value: &Value, path: &str) -> Vec<(Value, String)> {
    match value {
        Value::Object(table) => table
            .keys()
            .flat_map(|key| {
                let own = format!("{path}.{key}");
                let mut renamed = table.clone();
                let inner = renamed.remove(key).unwrap();
                renamed.insert(format!("{key}q"), inner.clone());
                let inside = spelt_wrong(&inner, &own).into_iter().map(|(wrong, path)| {
                    let mut table = table.clone();
                    table.insert(key.clone(), wrong);
                    (Value::Object(table), path)
                });
                let mut all = vec![(Value::Object(renamed), own.clone())];
                all.extend(inside);
                all
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| {
                spelt_wrong(item, path).into_iter().map(move |(wrong, path)| {
                    let mut items = items.clone();
                    items[index] = wrong;
                    (Value::Array(items), path)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn values_of_another_kind_do_not_fit() {
    let validator = Validator::new();
    for (from, to) in [
        ("1_000", "\"many\""),
        ("\"99.9%\"", "\"99.9\""),
        ("\"0.5/s\"", "\"0.5s\""),
        ("\"2s\"", "2"),
        ("\"60%\"", "\"60 per cent\""),
        ("at = \"2min\"", "at = 120"),
        ("cell = 1", "cell = 0"),
        ("\"crash\"", "\"crush\""),
    ] {
        assert!(MINIMAL.contains(from));
        assert!(validator.problem(&parsed(&MINIMAL.replacen(from, to, 1))).is_some(), "{to}");
    }
}
