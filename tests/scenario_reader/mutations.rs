//! No text makes the reader panic.

use std::path::Path;

use cellsim::scenario::Scenario;
use proptest::prelude::*;

use crate::support::Folder;

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/twilio.toml")).unwrap()
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

fn check(text: &str) {
    if let Err(problems) = Folder::new().read(text) {
        assert!(!problems.0.is_empty());
        assert!(!problems.render(false, 80).is_empty());
        assert!(!problems.to_string().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_replaced_removed_or_doubled(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<char>()), 1..6)) {
        let mut text: Vec<char> = example().chars().collect();
        for (index, kind, letter) in edits {
            let at = index.index(text.len());
            match kind {
                0 => text[at] = letter,
                1 => drop(text.remove(at)),
                2 => text.insert(at, text[at]),
                _ => text.truncate(at.max(10)),
            }
        }
        check(&text.into_iter().collect::<String>());
    }

    #[test]
    fn values_replaced(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len()), 1..4)) {
        let mut lines: Vec<String> = example().lines().map(str::to_owned).collect();
        for (index, word) in edits {
            let at = index.index(lines.len());
            if let Some((key, _)) = lines[at].clone().split_once('=') {
                lines[at] = format!("{key}= {}", WORDS[word]);
            }
        }
        check(&lines.join("\n"));
    }

    #[test]
    fn lines_removed_or_swapped(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8)) {
        let mut lines: Vec<String> = example().lines().map(str::to_owned).collect();
        for (one, other) in edits {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            if one == other { lines.remove(one); } else { lines.swap(one, other); }
        }
        check(&lines.join("\n"));
    }

    #[test]
    fn set_arguments(path in "[a-z.=\"\\[\\]{} 0-9%-]{0,30}", value in "\\PC{0,12}") {
        let folder = Folder::new();
        let file = folder.file("scenario.toml", &example());
        for set in [format!("{path}={value}"), format!("tier.smb.{path}={value}"), path] {
            if let Err(problems) = Scenario::read(&file, &[set]) {
                assert!(!problems.render(true, 80).is_empty());
            }
        }
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
            if let Err(problems) = folder.read(&scenario) {
                assert!(!problems.render(false, 80).is_empty());
            }
        }
    }
}
