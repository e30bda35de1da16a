//! Published results, as scenarios that anybody can run: each keeps its expectations, and agrees with the closed form where
//! there is one.

mod queues;
mod requests;
mod router;
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;

use cellsim::experiment::outcome::{Judgement, Outcome};
use cellsim::report::exit_code::ExitCode;
use cellsim::scenario::Scenario;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/literature")
}

/// Runs one of the scenarios as it is, and holds it to its expectations.
#[track_caller]
fn kept(name: &str) -> Outcome {
    let path = folder().join(format!("{name}.toml"));
    let scenario = match Scenario::read(&path, &[]) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{}", problems.render(false, 120)),
    };
    let results = support::run(&scenario);
    assert!(!results.verdicts.is_empty(), "{name} expects nothing");
    for verdict in &results.verdicts {
        assert_eq!(verdict.outcome, Judgement::Kept, "{name}: {verdict:?}");
    }
    assert_eq!(ExitCode::of(&results), ExitCode::Fine);
    results
}

/// What each file's header says, and where it is tested.
#[test]
fn every_scenario_says_where_it_comes_from_and_is_tested() {
    let tests = concat!(include_str!("queues.rs"), include_str!("requests.rs"), include_str!("router.rs"));
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).expect("the scenarios are there") {
        let path = entry.expect("a folder that can be read").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&path).expect("a text");
        for heading in
            ["# Published result: ", "\n# Parameters: ", "\n# Expected: ", "\n# What differs: ", "\n[[expect]]"]
        {
            assert!(text.contains(heading), "{} has no `{}`", path.display(), heading.trim());
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        assert!(tests.contains(&format!("kept(\"{name}\")")), "no test runs {name}");
    }
    assert!(files >= 8, "{files} files");
}
