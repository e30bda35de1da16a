//! The source keeps its own rules: floors, sizes, headers, no orphans, nothing put off.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

mod modules;

use modules::{circles, modules};

/// Each part of the library and its floor: a file may use its own part and lower floors.
const FLOORS: [(&str, u32); 18] = [
    ("units", 0),
    ("catalogue", 1),
    ("diagnostic", 1),
    ("files", 0),
    ("machine", 0),
    ("number", 0),
    ("printable", 0),
    ("progress", 1),
    ("stop", 0),
    ("words", 0),
    ("engine", 1),
    ("scenario", 2),
    ("world", 3),
    ("measure", 4),
    ("experiment", 5),
    ("report", 6),
    ("sweep", 7),
    ("cli", 8),
];

/// Sub-floors of a part, from the lowest to the highest: a file of one uses files of lower ones only. They are folders or files.
const SUB_FLOORS: [(&str, &[&str]); 2] = [
    ("world", &["platform", "operations", "requests", "flow", "cells_down"]),
    (
        "experiment",
        &[
            "outcome",
            "exposure",
            "replication",
            "collected",
            "bounds",
            "design",
            "measures",
            "judge",
            "study",
            "replay",
            "requests",
            "years",
            "run",
            "library",
            "compare",
            "selftest",
        ],
    ),
];

/// Sub-floors that never see each other, whichever is higher.
const APART: [&str; 2] = ["requests", "flow"];

/// No source file is longer.
const LINES: usize = 400;

/// Files that were longer when the limit was set: (path, lines). They may only shrink; an entry that is not needed fails.
const LONGER: [(&str, usize); 2] = [("tests/cases/verdicts.rs", 450), ("tests/golden/fixture.rs", 450)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the Rust files below a folder: (path from the root of the project, text), sorted.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!found.is_empty() || folder == "benches", "no sources in {folder}");
    found
}

/// Returns a text without line comments, and without what stands in string literals.
fn code(text: &str) -> String {
    let mut code = String::new();
    for line in text.lines() {
        let line = line.trim_start();
        if !line.starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// Returns the part of a module, and the sub-floor in it if it has any.
fn places_of(module: &str) -> (&str, Option<&str>) {
    let (part, rest) = module.split_once("::").unwrap_or((module, ""));
    let below = rest.split("::").next().filter(|rest| !rest.is_empty());
    (part, below.filter(|_| SUB_FLOORS.iter().any(|(of, _)| *of == part)))
}

#[test]
fn a_file_uses_lower_floors_only() {
    let floors: BTreeMap<&str, u32> = FLOORS.into();
    let sub_floors: BTreeMap<&str, &[&str]> = SUB_FLOORS.into();
    let mut wrong = Vec::new();
    for (name, module) in &modules(&sources("src")) {
        let file = &module.file;
        let (part, below) = places_of(name);
        let Some(&own) = floors.get(part) else {
            wrong.push(format!("{file}: `{part}` has no floor"));
            continue;
        };
        let height = |below: &str| sub_floors[part].iter().position(|&one| one == below);
        if below.is_some_and(|below| height(below).is_none()) {
            wrong.push(format!("{file} has no sub-floor of `{part}`"));
            continue;
        }
        for other in &module.uses {
            match places_of(other) {
                (to, at) if to == part => {
                    let (Some(mine), Some(at)) = (below, at) else { continue };
                    let apart = [mine, at].iter().all(|one| part == "world" && APART.contains(one));
                    if mine != at && (apart || height(at) >= height(mine)) {
                        wrong.push(format!("{file}, in `{mine}`, uses `{other}`, a higher sub-floor, or one apart"));
                    }
                }
                (to, _) => match floors.get(to) {
                    Some(&floor) if floor < own => {}
                    floor => wrong.push(format!("{file}, floor {own}, uses `{other}`, floor {floor:?}")),
                },
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let modules = modules(&sources("src"));
    let found: Vec<String> = circles(&modules).iter().map(|circle| format!("a circle: {circle:?}")).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    let longer: BTreeMap<&str, usize> = LONGER.into();
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        for (file, text) in sources(folder) {
            let lines = text.lines().count();
            match longer.get(file.as_str()) {
                Some(_) if lines <= LINES => wrong.push(format!("{file} is short now: take it off the list")),
                Some(&allowed) if lines > allowed => wrong.push(format!("{file}: {lines} lines, {allowed} allowed")),
                None if lines > LINES => wrong.push(format!("{file}: {lines} lines, {LINES} allowed")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_puts_nothing_off() {
    // Put together here, so that this file does not find itself.
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["X", "XX"].concat(), ["todo", "!("].concat()];
    for folder in ["src", "tests", "benches", "examples"] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{file} does not begin with //!");
            for mark in &marks {
                assert!(!text.contains(mark.as_str()), "{file} contains {mark}");
            }
        }
    }
}

/// Functions of the standard library that call the machine's C library, whose last digits differ from one machine to the next.
const OF_THE_MACHINE: [&str; 30] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "cbrt", "hypot", "sin", "cos",
    "tan", "sin_cos", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "gamma",
    "ln_gamma", "erf", "erfc",
];

/// Returns the lines in which a text calls one of them as a method or by its path, outside of its tests.
fn machine_dependent(text: &str) -> Vec<String> {
    let own = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code(own);
    let calls = |line: &&str| {
        OF_THE_MACHINE.iter().any(|name| {
            [format!(".{name}("), format!("f64::{name}"), format!("f32::{name}")].iter().any(|call| {
                line.match_indices(call.as_str()).any(|(at, _)| {
                    let after = line[at + call.len()..].chars().next();
                    call.ends_with('(') || !after.is_some_and(|next| next.is_alphanumeric() || next == '_')
                })
            })
        })
    };
    code.lines().filter(calls).map(str::to_owned).collect()
}

#[test]
fn numbers_do_not_depend_on_the_machine() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        wrong.extend(machine_dependent(&text).into_iter().map(|line| format!("{file}: {line}")));
    }
    assert!(wrong.is_empty(), "use libm:\n{}", wrong.join("\n"));
    let seen = machine_dependent(
        "let a = x.exp_m1();\nlet b = y.map(f64::ln);\nlet c = f64::exp(1.0);\n// z.exp()\nlet d = libm::exp(x);",
    );
    assert_eq!(seen.len(), 3, "{seen:?}");
    let fine = "let a = x.explain(); let b = f64::logical; let c = q.sqrt();\n#[cfg(test)]\nmod tests { fn f() { 1.0_f64.exp(); } }";
    assert!(machine_dependent(fine).is_empty());
}

/// Returns where the module `name`, declared in `file`, may live.
fn places(file: &str, name: &str, text_before: &str) -> Vec<String> {
    let path = PathBuf::from(file);
    let folder = path.parent().unwrap().to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
    if let Some((_, attribute)) = text_before.trim_end().rsplit_once("#[path = \"")
        && attribute.ends_with("\"]")
    {
        return vec![format!("{folder}/{}", attribute.trim_end_matches("\"]"))];
    }
    let is_root = ["mod", "lib", "main"].contains(&stem.as_str());
    let folder = if is_root { folder } else { format!("{folder}/{stem}") };
    vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
}

#[test]
fn every_file_is_reached() {
    let sources = sources("src");
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut waiting = vec!["src/lib.rs".to_owned(), "src/main.rs".to_owned()];
    while let Some(file) = waiting.pop() {
        if !reached.insert(file.clone()) {
            continue;
        }
        let text = &sources[&file];
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let declared = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let declared =
                declared.trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
            if let Some(name) = declared {
                waiting.extend(
                    places(&file, name, &text[..offset]).into_iter().filter(|place| sources.contains_key(place)),
                );
            }
            offset += line.len();
        }
    }
    let orphans: Vec<&String> = sources.keys().filter(|file| !reached.contains(*file)).collect();
    assert!(orphans.is_empty(), "no module leads to {orphans:?}");
}
