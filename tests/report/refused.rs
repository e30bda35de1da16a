//! Folders that are no results, or not those that were sealed, are refused by name.

use crate::made::{Made, SCENARIO};

fn refused(made: &Made, folder: &str) -> String {
    let ended = made.cellsim(&["report", folder]);
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn folders_that_do_not_fit_their_seal_are_named() {
    let made = Made::of(SCENARIO);
    assert!(refused(&made, "nowhere").contains("nowhere is no folder"));
    std::fs::create_dir(made.path("empty")).unwrap();
    assert!(refused(&made, "empty").contains("empty has no manifest.json"));
    let table = made.path("results/small/incidents.csv");
    let kept = std::fs::read(&table).unwrap();
    std::fs::write(&table, "replication\n1\n").unwrap();
    assert!(refused(&made, "results/small").contains("results/small/incidents.csv has changed since manifest.json"));
    std::fs::remove_file(&table).unwrap();
    assert!(refused(&made, "results/small").contains("cannot read results/small/incidents.csv"));
    std::fs::write(&table, kept).unwrap();
    let seal = made.path("results/small/manifest.json");
    let text = std::fs::read_to_string(&seal).unwrap();
    std::fs::write(&seal, text.replacen("\"format_version\": ", "\"format_version\": 9", 1)).unwrap();
    assert!(refused(&made, "results/small").contains("is of format 9"));
    for seal_text in ["{", "[]", "{}"] {
        std::fs::write(&seal, seal_text).unwrap();
        assert!(refused(&made, "results/small").contains("results/small/manifest.json"));
    }
}

#[test]
fn a_replay_that_cannot_be_is_said_and_one_that_was_asked_for_refused() {
    let made = Made::of(SCENARIO);
    let ended = made.cellsim(&["report", "results/small", "--replay", "9"]);
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("a replication from 1 to 5"), "{ended:?}");
    std::fs::write(made.path("small.toml"), SCENARIO.replace("seed = 7", "seed = 8")).unwrap();
    let ended = made.cellsim(&["report", "results/small"]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("small.toml has changed since this run"), "{ended:?}");
    assert!(made.read("results/small/report.html").contains("has changed since this run"));
    std::fs::remove_file(made.path("small.toml")).unwrap();
    let ended = made.cellsim(&["report", "results/small", "--replay", "2"]);
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("small.toml is not to be found"), "{ended:?}");
}
