//! A results folder is whole, old or new, or known to be neither: under kills, and with two runs at once.

use std::process::Stdio;

use sha2::{Digest as _, Sha256};

use crate::support::{Ended, Folder, SCENARIO};

/// Kills in this suite; `CELLSIM_KILLS=1000` tries as many.
const KILLS: u32 = 100;

/// What a reader that trusts digests sees.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// No manifest: nothing is trusted.
    Neither,
    /// A manifest whose digests all fit, of the run with this seed.
    Whole(u64),
    /// A manifest with a digest that does not fit.
    Mix,
}

fn look(folder: &Folder, name: &str) -> Seen {
    let Ok(text) = std::fs::read(folder.path(name).join("manifest.json")) else { return Seen::Neither };
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let fits = |file: &serde_json::Value| {
        let content = std::fs::read(folder.path(name).join(file["name"].as_str().unwrap())).unwrap_or_default();
        let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        digest == file["sha256"].as_str().unwrap()
    };
    let whole = manifest["files"].as_array().unwrap().iter().all(fits);
    if whole { Seen::Whole(manifest["seed"].as_u64().unwrap()) } else { Seen::Mix }
}

fn kills() -> u32 {
    std::env::var("CELLSIM_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Kills and what they left. Moments are spread over the whole of a run, most over its end, where files are moved.
#[test]
fn a_killed_run_leaves_no_mix() {
    let folder = Folder::with(&SCENARIO.replace("replications = 3", "replications = 1"));
    let run = |seed: u32| {
        let seed = seed.to_string();
        let mut command = folder.command(&["run", "scenarios/small.toml", "-q", "--seed", &seed, "--no-charts"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let start = std::time::Instant::now();
    assert!(run(1).status().unwrap().success());
    let (length, mut seen) = (start.elapsed(), [0; 3]);
    for round in 0..kills() {
        let mut child = run(round + 2).spawn().unwrap();
        // Multiples of the golden ratio fill every stretch of time evenly.
        let share = (f64::from(round) * 0.618_033_988_75).fract();
        std::thread::sleep(length.mul_f64(0.2 + 1.0 * share));
        let signal = ["-KILL", "-TERM", "-HUP"][round as usize % 3];
        // It may have ended already.
        let _ =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        child.wait().unwrap();
        match look(&folder, "results/small") {
            Seen::Neither => seen[0] += 1,
            Seen::Whole(_) => seen[1] += 1,
            Seen::Mix => seen[2] += 1,
        }
    }
    let told = format!("{} kills: {} without a manifest, {} whole, {} mixes", kills(), seen[0], seen[1], seen[2]);
    assert_eq!(seen[2], 0, "{told}");
    assert!(run(999_999).status().unwrap().success());
    assert_eq!(look(&folder, "results/small"), Seen::Whole(999_999));
    let names = folder.names("results/small");
    assert!(!names.iter().any(|name| name.starts_with('.')), "what killed runs left is removed: {names:?}");
}

#[test]
fn two_runs_at_once_leave_one_of_the_two() {
    let folder = Folder::with(&SCENARIO.replace("replications = 3", "replications = 1"));
    for round in 0..10_u64 {
        let started = |seed: u64| {
            let seed = seed.to_string();
            let mut command = folder.command(&["run", "scenarios/small.toml", "-q", "--seed", &seed, "--no-charts"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let seeds = [2 * round + 1, 2 * round + 2];
        let children: Vec<_> = seeds.into_iter().map(started).collect();
        for child in children {
            Ended::of(child.wait_with_output().unwrap()).code(0);
        }
        let found = look(&folder, "results/small");
        assert!(seeds.map(Seen::Whole).contains(&found), "{found:?}");
    }
}

#[test]
fn what_a_killed_run_left_is_removed_and_what_it_took_away_forgotten() {
    let folder = Folder::with(SCENARIO);
    folder.simulate(&[]).code(0);
    let charts = folder.names("results/small").iter().filter(|name| name.ends_with(".svg")).count();
    assert!(charts > 0);
    // As if killed right after it had taken the manifest away.
    let stage = folder.path("results/small/.writing-dead");
    std::fs::create_dir(&stage).unwrap();
    std::fs::rename(folder.path("results/small/manifest.json"), stage.join("earlier-0")).unwrap();
    folder.file("results/small/.writing-report.xml", "half");
    folder.file("results/small/timeline.svg", "changed by its owner");
    folder.simulate(&["--no-charts"]).code(0);
    let left = folder.names("results/small");
    assert!(left.iter().filter(|name| name.ends_with(".svg")).eq(["timeline.svg"]), "{left:?}");
    assert!(!left.iter().any(|name| name.starts_with('.')), "{left:?}");
    assert_eq!(look(&folder, "results/small"), Seen::Whole(7));
}

#[test]
fn a_stranger_s_manifest_deletes_nothing() {
    let folder = Folder::with(SCENARIO);
    folder.file("keep.csv", "mine");
    let digest = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let names =
        ["../keep.csv", "notes.csv", "notes.txt", "timeline.svg", "causes.csv", "deep/cells.csv", ".hidden.csv"];
    for name in &names[1..] {
        folder.file(&format!("here/{name}"), "mine");
    }
    std::os::unix::fs::symlink("../keep.csv", folder.path("here/rare.csv")).unwrap();
    let listed = |sha: &str| {
        let files: Vec<String> = names
            .iter()
            .chain(&["rare.csv"])
            .map(|name| format!("{{\"name\": \"{name}\", \"sha256\": \"{sha}\"}}"))
            .collect();
        files.join(", ")
    };
    for (head, sha) in [("", digest("mine")), ("\"cellsim_version\": \"0.1.0\",", digest("other"))] {
        folder.file("here/manifest.json", &format!("{{{head} \"files\": [{}]}}", listed(&sha)));
        folder.simulate(&["--no-charts", "--out", "here"]).code(0);
        for name in names {
            assert_eq!(folder.read(&format!("here/{name}")), "mine", "{name}");
        }
    }
    // Even a good copy of one removes only what a run writes, as a run wrote it.
    folder.file(
        "here/manifest.json",
        &format!("{{\"cellsim_version\": \"1\", \"files\": [{}]}}", listed(&digest("mine"))),
    );
    folder.simulate(&["--no-charts", "--out", "here"]).code(0);
    for name in ["../keep.csv", "notes.csv", "notes.txt", "deep/cells.csv", ".hidden.csv", "rare.csv"] {
        assert_eq!(folder.read(&format!("here/{name}")), "mine", "{name}");
    }
}

#[test]
fn a_comparison_is_whole_too() {
    let folder = Folder::with(SCENARIO);
    folder.file("scenarios/walls.toml", &SCENARIO.replace("target = 10", "target = 5"));
    folder.file("here/compare.json", "old");
    folder.file("here/.writing-dead/compare.csv", "half");
    folder.run(&["compare", "scenarios/small.toml", "scenarios/walls.toml", "--out", "here"]).code(0);
    assert_eq!(folder.names("here"), ["compare.csv", "compare.json"]);
}
