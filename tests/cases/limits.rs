//! What a scenario, a file or a name may not do.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use cellsim::scenario::Scenario;

use super::{folder, read};

/// Writes a scenario into a folder of its own and reads it with `--set` arguments.
fn read_text(text: &str, sets: &[&str]) -> Result<Scenario, String> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("scenario.toml");
    std::fs::write(&file, text).unwrap();
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    Scenario::read(&file, &sets).map_err(|problems| problems.render(false, 120))
}

const TWO: &str = r#"
[client]
deadline = "3s"
[contract]
sla = "99%"
[tier.t]
customers = 10
cells = 1
sla = "99.9%"
[tier.u]
customers = 10
cells = 1
[workflow.w]
demand = "5/s"
price = "$0.01/request"
client.deadline = "2s"
stage.s.service_time = "12ms"
stage.s.size = { concurrency = 1 }
[workflow.w.tier.t]
price = "$0.02/request"
[workflow.w.tier.u]
price = "$0.03/request"
"#;

#[test]
fn a_set_without_any_effect_is_an_error_that_names_what_overrides_it() {
    for (set, line) in [
        ("client.deadline=1ms", "line 8 of"),
        ("stage.service_time=1ms", "line 9 of"),
        ("stage.size.utilization=60%", "line 10 of"),
        ("contract.sla=90%", "line 5 of"),
    ] {
        let error = read("19-set-overridden", "scenario.toml", &[set]).unwrap_err();
        assert!(error.contains("has no effect") && error.contains(line), "{set}: {error}");
    }
    let error = read_text(TWO, &["workflow.w.price=$0.05/request"]).unwrap_err();
    assert!(error.contains("`workflow.w.price` has no effect"), "{error}");
    for set in ["workflow.w.client.deadline=1s", "workflow.w.stage.s.service_time=1ms", "tier.t.sla=90%"] {
        assert!(read("19-set-overridden", "scenario.toml", &[set]).unwrap().remarks.is_empty(), "{set}");
    }
    // What is the value anyway has its effect, too.
    read("19-set-overridden", "scenario.toml", &["run.seed=1", "client.attempts=1", "stage.queue=10"]).unwrap();
}

#[test]
fn a_set_with_some_effect_and_a_line_without_any_are_remarked() {
    let scenario = read_text(TWO, &["contract.sla=90%"]).unwrap();
    let remarks = scenario.remarks.join("\n");
    assert!(remarks.contains("--set contract.sla has no effect where line 9 of"), "{remarks}");
    assert!(remarks.contains("`client.deadline` at ") && remarks.contains("`workflow.w.price` at "), "{remarks}");
    let scenario = read_text(&TWO.replace("[client]\ndeadline = \"3s\"\n", ""), &[]).unwrap();
    assert_eq!(scenario.remarks.len(), 1, "{:?}", scenario.remarks);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in ["twilio.toml", "monolith.toml", "router-cold.toml", "tier-sizing/small-smb.toml"] {
        assert_eq!(Scenario::read(&root.join(name), &[]).unwrap().remarks, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn nothing_is_dropped_without_a_word() {
    let error = read("adv-12-silently-dropped", "scenario.toml", &[]).unwrap_err();
    assert!(error.contains("two columns are called `time`") && error.contains("dup.csv:1"), "{error}");
    let set = |sets: &[&str]| read("19-set-overridden", "scenario.toml", sets).unwrap_err();
    assert!(set(&["extends=nothing-there.toml"]).contains("`extends` cannot be set"));
    assert!(set(&["run.seed=1", "run.seed=2"]).contains("`run.seed` is set twice"));
    assert!(set(&["run.seed=2", "run={seed=1}"]).contains("`run.seed` is set twice"));
    // Within a table that was set before: more of the same wish.
    assert_eq!(read("adv-03-nearly-alike", "requests.toml", &["run={seed=1}", "run.seed=2"]).unwrap().run.seed, 2);
}

#[test]
fn a_reader_takes_time_that_grows_with_the_file() {
    let base = std::fs::read_to_string(folder("adv-13-quadratic-reader").join("scenario.toml")).unwrap();
    let many =
        |line: fn(usize) -> String, count: usize| (0..count).fold(String::new(), |text, index| text + &line(index));
    let unknown = many(|index| format!("k{index} = 1\n"), 20_000) + &base;
    let wrong = base.clone() + &many(|index| format!("[customer.c{index}]\ntier = \"smb\"\ndemand = \"x\"\n"), 10_000);
    let start = Instant::now();
    for text in [unknown, wrong] {
        let error = read_text(&text, &[]).unwrap_err();
        assert!(error.ends_with(" more"), "{}", &error[error.len() - 200..]);
    }
    let mut faults = base.clone();
    for index in 0..10_000 {
        let _ = writeln!(
            faults,
            "[fault.f{index}]\nstrikes = {{ workflow = \"messaging\", tier = \"smb\", cell = {} }}\neffect = \"crash\"\nat = \"{}ms\"\nfor = \"1s\"",
            1 + index % 10,
            60_000 + 10 * index
        );
    }
    assert_eq!(read_text(&faults, &[]).unwrap().faults.len(), 10_001);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn text_that_commands_is_refused_and_shown_as_escapes() {
    let error = read("adv-10-terminal-and-markdown", "scenario.toml", &[]).unwrap_err();
    assert!(error.contains("U+001B") && !error.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{error}");
}

#[test]
fn foreign_files_and_devices_are_not_shown() {
    let error = read("adv-14-errors-show-foreign-files", "scenario.toml", &[]).unwrap_err();
    assert!(error.contains("/etc/passwd") && !error.contains("root:"), "{error}");
    if std::path::Path::new("/dev/zero").exists() {
        let error = read("adv-07-unbounded-input", "scenario.toml", &[]).unwrap_err();
        assert!(error.contains("not a regular file: it is a device") && error.contains("scenario.toml:1"), "{error}");
    }
}

#[test]
fn days_of_work_are_refused_at_their_line() {
    let scenario = read("adv-08-no-word-about-cost", "scenario.toml", &[]).unwrap();
    let error = cellsim::experiment::facts(&scenario).unwrap_err().to_string();
    assert!(error.contains("scenario.toml:19: a run of") && error.contains("beyond reason"), "{error}");
}
