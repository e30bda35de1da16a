//! Bad input: an error with file, line, underlined text and a suggestion, exit 2, nothing written.

use crate::support::{Ended, Folder, SCENARIO};

/// Runs a scenario that cannot be run; checks that the error points to the line with `mark` in the file `name`.
fn refused(folder: &Folder, name: &str, mark: &str, texts: &[&str]) -> Ended {
    let before = folder.names(".");
    let ended = folder.simulate(&[]).code(2);
    let line = folder.read(name).lines().position(|line| line.contains(mark)).unwrap() + 1;
    let short = format!("{name}:{line}: ");
    assert!(ended.stderr.starts_with(&short), "expected {short}\n{}", ended.stderr);
    assert!(ended.stderr.contains('^'), "underlined: {}", ended.stderr);
    for text in texts {
        assert!(ended.stderr.contains(text), "{text}: {}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
    assert_eq!(folder.names("."), before, "nothing written");
    ended
}

/// As above, for the small scenario with one text replaced by another.
fn changed(from: &str, to: &str, mark: &str, texts: &[&str]) -> Ended {
    assert!(SCENARIO.contains(from), "{from}");
    let folder = Folder::with(&SCENARIO.replacen(from, to, 1));
    refused(&folder, "scenarios/small.toml", mark, texts)
}

#[test]
fn an_unknown_key_with_the_nearest_one() {
    changed("horizon", "horizn", "horizn", &["horizn", "did you mean `horizon`?"]);
}

#[test]
fn a_wrong_unit() {
    changed("\"0.5/s\"", "\"0.5 km\"", "0.5 km", &["0.5 km"]);
    changed("warmup = \"10s\"", "warmup = 10", "warmup = 10", &["10"]);
}

#[test]
fn an_unknown_reference() {
    changed("tier = \"smb\"", "tier = \"smp\"", "smp", &["smp", "smb"]);
}

#[test]
fn a_probability_outside_0_to_1() {
    changed("sla = \"99.9%\"", "sla = \"199.9%\"", "199.9", &["199.9%"]);
}

#[test]
fn a_tier_without_demand() {
    let demand = "demand = { gold = \"0.5/s\" }";
    let gold = "[tier.gold]\ncustomers = 10\ncustomers_per_cell = { target = 10 }\nsla = \"99%\"\n\n[tier.smb]";
    let scenario = SCENARIO.replacen("demand = \"0.5/s\"", demand, 1).replacen("[tier.smb]", gold, 1);
    let folder = Folder::with(&scenario);
    let ended = folder.simulate(&[]).code(2);
    assert!(ended.stderr.starts_with("scenarios/small.toml:") && ended.stderr.contains("smb"), "{}", ended.stderr);
    assert_eq!(folder.names("."), ["scenarios"]);
}

#[test]
fn a_healthy_station_at_100_percent() {
    let scenario = SCENARIO.replacen("\"0.5/s\"", "\"20/s\"", 1);
    let folder = Folder::with(&scenario.replacen("{ utilization = \"60%\" }", "{ concurrency = 1 }", 1));
    refused(&folder, "scenarios/small.toml", "concurrency", &["send", "messaging"]);
}

#[test]
fn impossible_distribution_parameters() {
    changed("p50 = \"8ms\", p99 = \"40ms\"", "p50 = \"80ms\", p99 = \"40ms\"", "80ms", &["p50"]);
}

#[test]
fn no_finite_deadline() {
    let folder = Folder::with(&SCENARIO.replacen("client.deadline = \"2s\"\n", "", 1));
    let ended = folder.simulate(&[]).code(2);
    assert!(ended.stderr.contains("deadline"), "{}", ended.stderr);
}

#[test]
fn a_fault_before_the_end_of_the_warm_up() {
    changed("at = \"1min\"", "at = \"-5s\"", "-5s", &["at"]);
}

#[test]
fn files_that_extend_each_other_in_a_circle() {
    let folder = Folder::with("extends = \"other.toml\"\n");
    folder.file("scenarios/other.toml", "extends = \"small.toml\"\n");
    let ended = folder.simulate(&[]).code(2);
    assert!(ended.stderr.contains("other.toml") && ended.stderr.contains("small.toml"), "{}", ended.stderr);
}

#[test]
fn a_trace_with_nan_and_a_truncated_table() {
    for (csv, text) in
        [("time,workflow,tier\n1,messaging,smb\nNaN,messaging,smb\n", "NaN"), ("time,workflow,tier\n1,mess", "mess")]
    {
        let folder = Folder::with(&format!("{SCENARIO}\n[trace]\ncsv = \"trace.csv\"\n"));
        folder.file("scenarios/trace.csv", csv);
        let ended = folder.simulate(&[]).code(2);
        let line = csv.lines().count();
        assert!(ended.stderr.starts_with(&format!("scenarios/trace.csv:{line}: ")), "{}", ended.stderr);
        assert!(ended.stderr.contains(text), "{}", ended.stderr);
        assert_eq!(folder.names("."), ["scenarios"]);
    }
}

#[test]
fn a_file_that_is_not_there_or_no_toml_or_no_text() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.run(&["run", "scenarios/smal.toml"]).code(2);
    assert!(ended.stderr.starts_with("scenarios/smal.toml"), "{}", ended.stderr);
    folder.run(&["run", "scenarios"]).code(2);
    folder.file("scenarios/small.toml", "[tier\n");
    refused(&folder, "scenarios/small.toml", "[tier", &[]);
    std::fs::write(folder.path("scenarios/small.toml"), [0xff, 0xfe, 0, 1]).unwrap();
    folder.simulate(&[]).code(2);
}

#[test]
fn a_set_that_says_nothing_known() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.simulate(&["--set", "tier.smb.customrs=5"]).code(2);
    assert!(ended.stderr.contains("customrs") && ended.stderr.contains("customers"), "{}", ended.stderr);
}

#[test]
fn a_folder_is_no_file_to_extend() {
    let folder = Folder::with(SCENARIO);
    folder.file("top.toml", "extends = \".\"\n");
    let ended = folder.run(&["validate", "top.toml"]).code(2);
    assert!(ended.stderr.contains("top.toml:1: `extends` names a folder, not a file: \".\""), "{}", ended.stderr);
}

#[test]
fn the_verdict_is_one_line_however_long() {
    let long = format!("regional-carrier-brownout-{}", "of-the-third-kind-".repeat(5));
    let scenario = SCENARIO.replace("fault.crash", &format!("fault.{long}"));
    let expect = crate::support::expect("2 customers").replace("crash", &long);
    let ended = Folder::with(&format!("{scenario}{expect}")).simulate(&["--no-charts"]).code(3);
    let first = ended.stdout.lines().next().unwrap();
    assert!(first.len() > 110 && first.starts_with("BREACHED") && first.ends_with("small.toml:29  exit 3"), "{first}");
}
