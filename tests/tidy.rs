//! The source keeps its own rules: floors, sizes, headers, no orphans, nothing put off.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each part of the library and its floor: a file may use its own part and lower floors.
const FLOORS: [(&str, u32); 15] = [
    ("units", 0),
    ("catalogue", 1),
    ("diagnostic", 1),
    ("files", 0),
    ("machine", 0),
    ("printable", 0),
    ("progress", 1),
    ("stop", 0),
    ("engine", 1),
    ("scenario", 2),
    ("world", 3),
    ("measure", 4),
    ("experiment", 5),
    ("report", 6),
    ("cli", 7),
];

/// No source file is longer.
const LINES: usize = 400;

/// Files that were longer when the limit was set: (path, lines). They may only shrink; an entry that is not needed fails.
const LONGER: [(&str, usize); 4] = [
    ("src/experiment/compare/mod.rs", 450),
    ("src/scenario/expectation.rs", 450),
    ("tests/cases/verdicts.rs", 450),
    ("tests/golden/fixture.rs", 450),
];

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

/// Returns the parts of the library that a file names after `crate::`, alone or in braces.
fn used(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut used = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        // `$crate::` and names that merely end in "crate" are no paths of this library's floors.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(heads(group)),
            None => used.extend(name(rest)),
        }
    }
    used
}

/// Returns the identifier that a text begins with.
fn name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|&letter| letter.is_alphanumeric() || letter == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Returns the first names in a group of paths, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut fresh = true;
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            letter if fresh && depth == 0 && !letter.is_whitespace() => {
                heads.extend(name(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn a_file_uses_lower_floors_only() {
    let floors: BTreeMap<&str, u32> = FLOORS.into();
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let part = file.trim_start_matches("src/").split('/').next().unwrap().trim_end_matches(".rs");
        if ["lib", "main"].contains(&part) {
            continue;
        }
        let Some(&own) = floors.get(part) else {
            wrong.push(format!("{file}: `{part}` has no floor"));
            continue;
        };
        for other in used(&text).into_iter().filter(|other| other != part) {
            match floors.get(other.as_str()) {
                Some(&floor) if floor < own => {}
                Some(floor) => wrong.push(format!("{file}, floor {own}, uses `{other}`, floor {floor}")),
                None => wrong.push(format!("{file} uses `crate::{other}`, which has no floor")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_groups_and_inline_paths() {
    let text = "use crate::engine::law;\nuse crate::{units, world::{a, b}, measure};\n// crate::cli\nlet x = crate::report::y();";
    let seen: Vec<String> = used(text).into_iter().collect();
    assert_eq!(seen, ["engine", "measure", "report", "units", "world"]);
}

#[test]
fn files_are_short() {
    let longer: BTreeMap<&str, usize> = LONGER.into();
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
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
    for folder in ["src", "tests", "benches"] {
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
