//! Runs that end by a rule, and warm-ups that are found.

use crate::support::{Folder, SCENARIO, expect};

fn manifest(folder: &Folder) -> serde_json::Value {
    serde_json::from_str(&folder.read("results/small/manifest.json")).unwrap()
}

#[test]
fn a_precision_is_reached_at_the_same_run_on_any_number_of_threads() {
    let scenario = SCENARIO.replace("at = \"1min\"", "at = \"1min ± 20s\"").replace("0.5/s", "0.02/s");
    let folder = Folder::with(&format!("{scenario}{}", expect("30 customers")));
    let mut manifests = Vec::new();
    for threads in ["1", "2"] {
        let ended = folder.simulate(&["--precision", "5%", "--threads", threads, "--no-charts"]).code(0);
        assert!(ended.stdout.contains("ENOUGH AFTER "), "{}", ended.stdout);
        manifests.push(manifest(&folder));
    }
    assert_eq!(manifests[0], manifests[1], "the same files, so the same number of runs");
    let stopping = &manifests[0]["stopping"];
    assert_eq!((stopping["rule"].as_str(), stopping["reached"].as_bool()), (Some("precision"), Some(true)));
    assert_eq!(stopping["held"][0]["what"], "blast_radius, crash, mean");
    let done = manifests[0]["replications_done"].as_u64().unwrap();
    assert!([45, 68, 102, 153, 230].contains(&done), "not at once, and at a checkpoint: {done}");
    // The same as if that number had been asked for.
    let rule = folder.read("results/small/summary.csv");
    folder.simulate(&["--replications", &done.to_string(), "--no-charts"]).code(0);
    assert_eq!(rule, folder.read("results/small/summary.csv"));
}

#[test]
fn a_precision_out_of_reach_is_said_to_be() {
    let folder = Folder::with(&SCENARIO.replace("0.5/s", "0.02/s"));
    let options = ["--precision", "0.01%", "--max-replications", "40", "--no-charts"];
    let ended = folder.simulate(&options).code(4);
    assert!(ended.stdout.starts_with("PRECISION NOT REACHED after 40 replications"), "{}", ended.stdout);
    assert!(ended.stdout.contains("NOT REACHED  blast_radius, crash, mean"), "{}", ended.stdout);
    assert_eq!(manifest(&folder)["replications_done"], 40);
}

#[test]
fn a_run_goes_on_until_all_is_decided() {
    let scenario = SCENARIO.replace("0.5/s", "0.02/s");
    let folder = Folder::with(&format!("{scenario}{}", expect("30 customers")));
    folder.simulate(&["--decide", "--no-charts"]).code(0);
    assert_eq!(manifest(&folder)["replications_done"], 30, "decided at the first look");
    let mean: f64 = folder
        .read("results/small/summary.csv")
        .lines()
        .find_map(|line| line.split_once(",blast_radius,mean,,,crash,customers"))
        .and_then(|(_, line)| line.split(',').nth(4).map(|value| value.parse().unwrap()))
        .unwrap();
    let near = format!(
        "\n[[expect]]\nmetric = \"blast_radius\"\nfault = \"crash\"\nmean = {{ at_most = {} }}\n",
        mean.round()
    );
    let folder = Folder::with(&format!("{scenario}{near}"));
    let ended = folder.simulate(&["--decide", "--no-charts"]);
    let done = manifest(&folder)["replications_done"].as_u64().unwrap();
    assert!(done > 30, "{done} runs: {}", ended.stdout);
    assert!([Some(0), Some(3), Some(4)].contains(&ended.code), "{ended:#?}");
}

#[test]
fn nothing_to_decide_is_bad_usage() {
    let ended = Folder::with(SCENARIO).simulate(&["--decide"]).code(2);
    assert!(ended.stderr.contains("no [[expect]]"), "{}", ended.stderr);
}

#[test]
fn rules_exclude_each_other() {
    let folder = Folder::with(SCENARIO);
    for options in [
        vec!["--precision", "2%", "--decide"],
        vec!["--precision", "2%", "--replications", "3"],
        vec!["--decide", "--replications", "3"],
        vec!["--max-replications", "100"],
        vec!["--precision", "0%"],
        vec!["--precision", "much"],
    ] {
        folder.simulate(&options).code(2);
    }
}

#[test]
fn a_warm_up_is_found_and_reported() {
    // A cache with room for all that begins empty: look-ups are slow until it has filled.
    let cold = SCENARIO.replace("warmup = \"10s\"", "warmup = \"auto\"").replace("customers = 40", "customers = 200")
        + "\n[router]\ncache = { entries = 1000, latency = \"1ms\" }\nstore.latency = \"200ms\"\n";
    let cold = cold.replace("4min", "20min");
    let folder = Folder::with(&cold);
    let ended = folder.simulate(&["--no-charts"]).code(0);
    assert!(ended.stdout.contains("20 min after a warm-up of "), "{}", ended.stdout);
    let manifest = manifest(&folder);
    assert_eq!(manifest["warmup_found"], true);
    let found = manifest["warmup_seconds"].as_f64().unwrap();
    assert!((3.0..600.0).contains(&found), "{found} s");
}

#[test]
fn no_warm_up_is_found_under_demand_that_changes_or_does_not_settle() {
    let auto = SCENARIO.replace("warmup = \"10s\"", "warmup = \"auto\"");
    let daily = auto.replace(
        "demand = \"0.5/s\"",
        "demand = \"0.5/s\"\nprofile = { daily = { peak_at = \"14h\", low = \"20%\" } }",
    );
    let folder = Folder::with(&daily);
    for ended in [folder.simulate(&[]), folder.run(&["validate", "scenarios/small.toml"])] {
        let ended = ended.code(2);
        assert!(ended.stderr.contains("the demand of messaging changes with time"), "{}", ended.stderr);
        assert!(ended.stderr.contains("scenarios/small.toml:22"), "{}", ended.stderr);
    }
    let quiet = auto.replace("0.5/s", "0.0001/s");
    let ended = Folder::with(&quiet).simulate(&[]).code(2);
    assert!(ended.stderr.contains("too few requests"), "{}", ended.stderr);
}
