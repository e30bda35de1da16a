//! `compare`: the same requests, paired differences, and a word where the demand is another.

use crate::support::{Folder, SCENARIO};

fn folder() -> Folder {
    let folder = Folder::with(SCENARIO);
    folder.file("scenarios/walls.toml", &SCENARIO.replace("target = 10", "target = 5"));
    folder.file("scenarios/more.toml", &SCENARIO.replace("0.5/s", "0.6/s"));
    folder
}

const FEW: [&str; 2] = ["--replications", "12"];

fn line<'a>(table: &'a str, start: &str) -> Vec<&'a str> {
    // Before it stands the id.
    let found = table.lines().find_map(|line| Some(&line[line.find(&format!(",{start}"))? + 1..]));
    found.unwrap_or_else(|| panic!("no {start} in {table}")).split(',').collect()
}

#[test]
fn smaller_cells_harm_fewer_and_all_else_stays() {
    let folder = folder();
    let ended = folder.run(&[&["compare", "scenarios/small.toml", "scenarios/walls.toml"], &FEW[..]].concat()).code(0);
    assert!(ended.stdout.starts_with("walls against small: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("better"), "{}", ended.stdout);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 110), "{}", ended.stdout);
    let table = folder.read("results/compare/small-walls/compare.csv");
    let harmed = line(&table, "walls,small,blast_radius,mean,,,crash,customers");
    assert_eq!((harmed[12], harmed[16]), ("-5", "better"), "ten customers against five, in every run: {harmed:?}");
    assert!(harmed[15].parse::<f64>().unwrap() < 0.05);
    let cells = line(&table, "walls,small,cells,mean");
    assert_eq!((cells[10], cells[11], cells[16], cells[17]), ("4", "8", "different", "exact"));
}

#[test]
fn a_design_is_the_same_as_itself_on_any_number_of_threads() {
    let folder = folder();
    let arguments = ["compare", "scenarios/small.toml", "scenarios/small.toml", "--format", "json"];
    let one = folder.run(&[&arguments[..], &["--threads", "1"]].concat()).code(0);
    let two = folder.run(&[&arguments[..], &["--threads", "2"]].concat()).code(0);
    assert_eq!(one.stdout, two.stdout);
    let document: serde_json::Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(document["comparison"]["designs"][1]["name"], "small#2");
    let differences = document["comparison"]["differences"].as_array().unwrap();
    assert!(differences.len() > 10);
    for one in differences {
        assert!(one["change"] == "same" || one["change"] == "not-measured", "{one}");
    }
}

#[test]
fn another_demand_is_said_to_be_another() {
    let folder = folder();
    let ended = folder.run(&["compare", "scenarios/small.toml", "scenarios/more.toml"]).code(4);
    let said = "more does not serve the same requests as small: messaging/smb";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
}

#[test]
fn chance_makes_no_difference_among_many() {
    // The same design in other words, and one that differs in luck alone: a stage's name keys its draws.
    let folder = folder();
    folder.file("scenarios/renamed.toml", &SCENARIO.replace("stage.send", "stage.deliver"));
    let ended =
        folder.run(&["compare", "scenarios/small.toml", "scenarios/renamed.toml", "--replications", "20"]).code(0);
    assert!(ended.stdout.starts_with("renamed against small: 0 better · 0 worse · "), "{}", ended.stdout);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = folder();
    folder.file("scenarios/longer.toml", &SCENARIO.replace("4min", "5min"));
    let ended = folder.run(&["compare", "scenarios/small.toml", "scenarios/longer.toml"]).code(2);
    assert!(ended.stderr.contains("scenarios/longer.toml:22: designs can be compared"), "{}", ended.stderr);
    folder.run(&["compare", "scenarios/small.toml"]).code(2);
    folder.run(&["compare", "scenarios/small.toml", "scenarios/nowhere.toml"]).code(2);
}
