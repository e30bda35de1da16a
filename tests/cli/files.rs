//! Files: which, the same for any number of threads, and never half-written.

use crate::support::{Ended, Folder, SCENARIO};

const TABLES: [&str; 6] = ["cells.csv", "incidents.csv", "latency.csv", "summary.csv", "timeline.csv", "windows.csv"];

#[test]
fn a_run_writes_tables_charts_and_a_manifest() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.simulate(&[]).code(0);
    assert_eq!(ended.stderr, "", "no progress where there is no terminal");
    let names = folder.names("results/small");
    for name in TABLES.into_iter().chain(["manifest.json", "summary.md", "timeline.svg"]) {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
    assert!(!names.iter().any(|name| name.ends_with(".png") || name.starts_with('.')), "{names:?}");
    folder.simulate(&["--png"]).code(0);
    assert!(folder.names("results/small").contains(&"timeline.png".to_owned()));
    folder.simulate(&["--no-charts"]).code(0);
    let names = folder.names("results/small");
    assert!(!names.iter().any(|name| name.ends_with(".svg") || name.ends_with(".png")), "{names:?}");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Folder::with(SCENARIO);
    folder.simulate(&["--threads", "1", "--out", "one", "--png"]).code(0);
    folder.simulate(&["--threads", "3", "--out", "three", "--png", "--quiet"]).code(0);
    let names = folder.names("one");
    assert_eq!(names, folder.names("three"));
    for name in names {
        let read = |run: &str| std::fs::read(folder.path(run).join(&name)).unwrap();
        assert!(read("one") == read("three"), "{name}");
    }
    folder.simulate(&["--seed", "8", "--out", "other"]).code(0);
    assert_ne!(folder.read("one/summary.csv"), folder.read("other/summary.csv"));
}

#[test]
fn the_manifest_tells_what_made_the_files_and_no_path_of_this_machine() {
    let folder = Folder::with(SCENARIO);
    let file = folder.path("scenarios/small.toml");
    let set = "title=it is small";
    folder.run(&["run", file.to_str().unwrap(), "--set", set, "--out", "here", "--replications", "2"]).code(0);
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("here/manifest.json")).unwrap();
    let command = manifest["command"].as_str().unwrap();
    assert!(
        command.starts_with("cellsim run ")
            && command.ends_with("small.toml --set 'title=it is small' --replications 2"),
        "{command}"
    );
    assert_eq!(manifest["seed"], 7);
    for (key, length) in [("result_digest", 64), ("sampler_digest", 64)] {
        assert_eq!(manifest[key].as_str().unwrap().len(), length);
    }
    let machine = folder.path("").to_string_lossy().into_owned();
    for name in folder.names("here") {
        let content = std::fs::read(folder.path("here").join(&name)).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(machine.trim_end_matches('/')), "{name}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_1_before_the_run() {
    let folder = Folder::with(SCENARIO);
    folder.file("results", "a file where the folder should be");
    let ended = folder.simulate(&[]).code(1);
    assert!(ended.stderr.contains("results"), "{}", ended.stderr);
    assert_eq!(folder.read("results"), "a file where the folder should be");
}

/// A limit on the size of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_good_files_of_an_earlier_run() {
    let folder = Folder::with(SCENARIO);
    folder.simulate(&[]).code(0);
    let read = || -> Vec<(String, Vec<u8>)> {
        let names = folder.names("results/small").into_iter();
        names.map(|name| (name.clone(), std::fs::read(folder.path("results/small").join(name)).unwrap())).collect()
    };
    let before = read();
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" run scenarios/small.toml --seed 99";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_cellsim")]).current_dir(folder.path(""));
    let ended = Ended::of(shell.output().unwrap()).code(1);
    assert!(ended.stderr.contains("cannot write"), "{}", ended.stderr);
    assert!(read() == before, "the files of the earlier run are untouched, and there are no others");
}

#[test]
fn a_junit_file_that_cannot_be_written_ends_with_1() {
    let folder = Folder::with(SCENARIO);
    folder.file("taken", "");
    folder.simulate(&["--no-charts", "--junit", "taken/report.xml"]).code(1);
}
