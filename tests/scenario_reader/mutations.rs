//! No text makes the reader panic: it reads it, or says where what is wrong stands.

use std::path::{Path, PathBuf};

use cellsim::diagnostic::Diagnostics;
use cellsim::experiment;
use cellsim::scenario::Scenario;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::Folder;

/// Scenarios that are shipped, and files beside them that they extend or read.
struct Shipped {
    folder: Folder,
    /// Paths and texts, sorted.
    files: Vec<(PathBuf, String)>,
}

/// Returns the files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

impl Shipped {
    fn new() -> Shipped {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let folder = Folder::new();
        let copy = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).unwrap();
            (folder.file(path.strip_prefix(&root).unwrap().to_str().unwrap(), &text), text)
        };
        let files = files(&root).into_iter().map(copy).collect();
        Shipped { folder, files }
    }

    /// Returns one of the scenarios and its text.
    fn pick(&self, index: prop::sample::Index) -> &(PathBuf, String) {
        index.get(&self.files)
    }

    /// Reads it with another text, and the scenarios that extend it; puts the old text back.
    fn check(&self, (path, old): &(PathBuf, String), new: &str) {
        assert!(path.starts_with(self.folder.path()));
        std::fs::write(path, new).unwrap();
        let name = format!("{}\"", path.file_name().unwrap().to_str().unwrap());
        let extends = |text: &String| text.lines().any(|line| line.starts_with("extends") && line.contains(&name));
        for (other, _) in self.files.iter().filter(|(other, text)| other == path || extends(text)) {
            check(other, &[]);
        }
        std::fs::write(path, old).unwrap();
    }
}

thread_local! {
    static SHIPPED: Shipped = Shipped::new();
}

/// Words that readers treat specially.
const WORDS: [&str; 24] = [
    "0",
    "-1",
    "nan",
    "inf",
    "1e999",
    "\"\"",
    "\"-5%\"",
    "\"1e308/s\"",
    "\"99years\"",
    "false",
    "true",
    "[]",
    "{}",
    "[[]]",
    "\"busiest\"",
    "\"whale/2\"",
    "\"trace\"",
    "{ p50 = \"1ms\" }",
    "\"10..50\"",
    "1979-05-27",
    "\"\u{b1}\"",
    "99999999999999999999",
    "\"$\"",
    "[{}]",
];

/// It can be read (and then a platform can be built from it, or not), or every problem says where it stands.
fn check(file: &Path, sets: &[String]) {
    match Scenario::read(file, sets) {
        Ok(scenario) => {
            // Large numbers are as good as small ones to the reader, but not to the machine that tests it.
            let customers: u64 = scenario.tiers.iter().map(|tier| u64::from(tier.customers)).sum();
            if customers < 1_000_000
                && let Err(problems) = experiment::facts(&scenario)
            {
                said(&problems);
            }
        }
        Err(problems) => said(&problems),
    }
}

fn said(problems: &Diagnostics) {
    assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let text = problem.render(false, 80);
        assert!(!problem.message.is_empty() && !problem.file.is_empty(), "{text}");
        // Where a file is missing or empty nothing can be underlined.
        if !problem.source.trim().is_empty() {
            let span = problem.span.clone();
            let span = span.unwrap_or_else(|| panic!("nothing is underlined:\n{text}"));
            assert!(problem.source.get(span).is_some(), "what is underlined is not in the file:\n{text}");
            assert!(problem.line().is_some_and(|line| line >= 1) && text.contains(" --> "), "{text}");
        }
    }
    assert!(!problems.to_string().is_empty() && !problems.render(true, 80).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(4), ..ProptestConfig::default() })]

    #[test]
    fn bytes_replaced_removed_or_doubled(file in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<char>()), 1..6)) {
        SHIPPED.with(|shipped| {
        let picked = shipped.pick(file);
        let mut text: Vec<char> = picked.1.chars().collect();
        for (index, kind, letter) in edits {
            let at = index.index(text.len());
            match kind {
                0 => text[at] = letter,
                1 => drop(text.remove(at)),
                2 => text.insert(at, text[at]),
                _ => text.truncate(at.max(10)),
            }
        }
        shipped.check(picked, &text.into_iter().collect::<String>());
        });
    }

    #[test]
    fn values_replaced(file in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len()), 1..4)) {
        SHIPPED.with(|shipped| {
        let picked = shipped.pick(file);
        let mut lines: Vec<String> = picked.1.lines().map(str::to_owned).collect();
        for (index, word) in edits {
            let at = index.index(lines.len());
            if let Some((key, _)) = lines[at].clone().split_once('=') {
                lines[at] = format!("{key}= {}", WORDS[word]);
            }
        }
        shipped.check(picked, &lines.join("\n"));
        });
    }

    #[test]
    fn lines_removed_or_swapped(file in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8)) {
        SHIPPED.with(|shipped| {
        let picked = shipped.pick(file);
        let mut lines: Vec<String> = picked.1.lines().map(str::to_owned).collect();
        for (one, other) in edits {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            if one == other { lines.remove(one); } else { lines.swap(one, other); }
        }
        shipped.check(picked, &lines.join("\n"));
        });
    }

    #[test]
    fn set_arguments(file in any::<prop::sample::Index>(), path in "[a-z.=\"\\[\\]{} 0-9%-]{0,30}", value in "\\PC{0,12}") {
        SHIPPED.with(|shipped| {
            let (file, _) = shipped.pick(file);
            for set in [format!("{path}={value}"), format!("tier.smb.{path}={value}"), format!("run.{path}={value}"), path] {
                check(file, &[set]);
            }
        });
    }

    #[test]
    fn tables_of_anything(text in "(time|start|end|value|workflow|tier|,|\n|[0-9]{1,3}|-|inf|NaN|smb|\"|messaging|1e300){0,40}") {
        let folder = Folder::new();
        folder.file("t.csv", &format!("time,start,end,value,workflow,tier\n{text}\n"));
        folder.file("u.csv", &text);
        for file in ["t.csv", "u.csv"] {
            let scenario = format!(
                "{}[trace]\ncsv = \"{file}\"\n[workflow.messaging.tier.smb]\nprofile.csv = \"{file}\"\n\
                 stage.send.service_time.empirical = {{ csv = \"{file}\", column = \"value\", unit = \"ms\" }}\n\
                 [fault.recorded]\nstrikes.platform = true\neffect.errors = 1\ncsv = \"{file}\"\n",
                crate::support::MINIMAL
            );
            check(&folder.file("scenario.toml", &scenario), &[]);
        }
    }
}
