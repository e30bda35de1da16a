//! Odd scenarios: whatever is combined, the run ends well and its numbers stay possible.

use crate::support::{Folder, SCENARIO};

/// Two tiers, two stages, retries, a router; no fault.
const BASE: &str = r#"
[tier.smb]
customers = 80
customers_per_cell = { target = 20 }
sla = "99.9%"
[tier.gold]
customers = 6
customers_per_cell = { target = 3 }
sla = "99.99%"
[client]
deadline = "2s"
timeout = "500ms"
attempts = 3
backoff = { first = "50ms" }
[stage]
size = { utilization = "60%" }
queue = 50
[workflow.messaging]
demand = { smb = "0.5/s", gold = "3/s" }
stage.send.service_time = { p50 = "8ms", p99 = "40ms" }
stage.store.service_time = { p50 = "8ms", p99 = "40ms" }
[router]
cache = { hit_ratio = "95%", latency = "5ms" }
store = { latency = "15ms", capacity = "60/s" }
[run]
warmup = "10s"
horizon = "3min"
replications = 2
"#;

/// Without what says how each tier is cut: it would have no effect where tiers share cells.
fn without_cells(scenario: &str) -> String {
    scenario.lines().filter(|line| !line.starts_with("customers_per_cell")).map(|line| format!("{line}\n")).collect()
}

fn fault(strikes: &str, effect: &str) -> String {
    format!("[fault.f]\nstrikes = {{ {strikes} }}\neffect = {effect}\nat = \"30s\"\nfor = \"1min\"\n")
}

fn run(scenario: &str) -> (Folder, String) {
    let folder = Folder::with(scenario);
    let ended = folder.simulate(&["--no-charts"]).code(0);
    for text in ["NaN", "inf ", "-0"] {
        assert!(!ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    possible(&folder.read("results/small/summary.csv"));
    (folder, ended.stdout)
}

/// Checks that every number is finite and not negative, shares of something are at most 1, and intervals hold their value.
fn possible(table: &str) {
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let names: Vec<String> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    for row in rows.records() {
        let row = row.unwrap();
        let text = |name: &str| &row[names.iter().position(|known| known == name).unwrap()];
        let number = |name: &str| (!text(name).is_empty()).then(|| text(name).parse::<f64>().unwrap());
        let [value, low, high] = ["value", "ci_low", "ci_high"].map(number);
        for number in [value, low, high].into_iter().flatten() {
            assert!(number.is_finite() && number >= 0.0, "{row:?}");
            let may_exceed = matches!(text("metric"), "month_budget_used" | "utilization");
            assert!(text("unit") != "share" || may_exceed || number <= 1.0 + 1e-9, "{row:?}");
        }
        match value {
            Some(value) => {
                assert!(low.is_none_or(|low| low <= value * (1.0 + 1e-6)), "{row:?}");
                assert!(high.is_none_or(|high| high >= value * (1.0 - 1e-6)), "{row:?}");
            }
            None => assert!(!text("reason").is_empty(), "{row:?}"),
        }
    }
}

/// Returns a number of summary.csv about the fault `f`.
fn of_fault(folder: &Folder, metric: &str, unit: &str) -> f64 {
    let start = format!(",{metric},mean,,,f,{unit},");
    let table = folder.read("results/small/summary.csv");
    let row = table.lines().find(|line| line.contains(&start)).unwrap();
    let from_value = row.split("if these happen,").nth(1).unwrap();
    from_value.split(',').nth(1).unwrap().parse().unwrap()
}

#[test]
fn faults_of_every_kind_on_every_scope() {
    for (strikes, effect) in [
        ("platform = true", "{ capacity = \"0%\" }"),
        ("platform = true", "{ slow = 1000 }"),
        ("platform = true", "{ demand = 0 }"),
        ("workflow = \"messaging\"", "{ slow = 3, slow_by = \"20ms\", errors = \"10%\", capacity = \"50%\" }"),
        ("tier = \"gold\"", "\"blackhole\""),
        ("zone = \"a\"", "\"crash\""),
        ("stage = \"store\"", "{ errors = \"30%\", per = \"customer\" }"),
        ("cell_of = \"smb/17\"", "{ errors = \"100%\" }"),
        ("customer = \"smb/3\"", "{ demand = 1000 }"),
        ("router = \"cache\"", "\"crash\""),
        ("router = \"store\"", "\"blackhole\""),
        ("router = \"network\"", "{ errors = \"30%\", per = \"request\" }"),
        ("router = \"placement\"", "{ slow_by = \"10s\" }"),
    ] {
        run(&format!("{BASE}{}", fault(strikes, effect)));
    }
}

#[test]
fn sizes_at_their_limits() {
    for (from, to) in [
        ("queue = 50", "queue = 0"),
        ("hit_ratio = \"95%\"", "entries = 1"),
        ("hit_ratio = \"95%\"", "ttl = \"1ns\""),
        ("hit_ratio = \"95%\"", "ttl = \"100years\""),
        ("hit_ratio = \"95%\"", "hit_ratio = \"100%\""),
        ("deadline = \"2s\"\ntimeout = \"500ms\"", "deadline = \"1ns\""),
        ("horizon = \"3min\"", "horizon = \"31s\""),
        ("warmup = \"10s\"", "warmup = \"0s\""),
        ("replications = 2", "replications = 1"),
        ("[tier.smb]", "zones = 1\n[tier.smb]"),
        ("[router]", "[cells]\nshared_by = \"tiers\"\n[router]"),
        ("\"0.5/s\"", "\"1/day\""),
    ] {
        assert!(BASE.contains(from), "{from}");
        let base = BASE.replacen(from, to, 1);
        let base = if to.contains("shared_by") { without_cells(&base) } else { base };
        let base = if to.starts_with("zones") { format!("zones = 1\n{}", BASE.trim_start()) } else { base };
        run(&format!("{base}{}", fault("tier = \"smb\"", "\"crash\"")));
    }
}

#[test]
fn a_deadline_of_a_day_costs_no_memory_and_is_said() {
    let scenario = SCENARIO.replacen("\"2s\"", "\"24h\"", 1).replacen("\"0.5/s\"", "\"0.02/s\"", 1);
    let (_, text) = run(&scenario.replacen("replications = 3", "replications = 1", 1));
    assert!(text.contains("360 times the horizon"), "{text}");
}

#[test]
fn a_recorded_fault_is_in_the_summary_and_a_whole_month_counts() {
    let scenario = SCENARIO
        .replacen("\"0.5/s\"", "\"0.01/s\"", 1)
        .replacen("at = \"1min\"\nfor = \"1min\"", "csv = \"incidents.csv\"", 1)
        .replacen("[fault.crash]", "[fault.f]", 1)
        .replacen("4min", "30d", 1)
        .replacen("replications = 3", "replications = 2", 1);
    let folder = Folder::with(&scenario);
    folder.file("scenarios/incidents.csv", "start,end\n3600,36000\n");
    let ended = folder.simulate(&["--no-charts"]).code(0);
    assert!(ended.stdout.starts_with("NO EXPECTATIONS: f harms 10 customers"), "{}", ended.stdout);
    assert!(ended.stdout.contains("30 (4 to 39) of 40"), "only the other cells' months are kept: {}", ended.stdout);
}

#[test]
fn a_fault_that_joins_an_incident_says_with_which_it_is_counted() {
    let second = fault("workflow = \"messaging\", tier = \"smb\", cell = 1", "\"blackhole\"").replace("30s", "90s");
    let (_, text) = run(&format!("{SCENARIO}{second}"));
    assert!(text.contains("counted with crash"), "{text}");
    assert!(text.contains("incidents are compound"), "{text}");
}

#[test]
fn only_new_customers_are_exposed_to_a_dead_placement() {
    let base = BASE.replacen("[tier.gold]", "new_customers = \"0.5/s\"\n[tier.gold]", 1);
    // A store with room to spare: what newcomers try again and again would fill it for everybody.
    let base = base.replacen("60/s", "1000/s", 1);
    let (folder, text) = run(&format!("{base}{}", fault("router = \"placement\"", "\"crash\"")));
    assert!(of_fault(&folder, "blast_radius", "customers") > 10.0, "{text}");
    assert_eq!(of_fault(&folder, "spillover", "customers"), 0.0, "{text}");
    let exposed = of_fault(&folder, "exposed", "customers");
    assert!((15.0..60.0).contains(&exposed), "about 30 join during the fault: {exposed}");
    let (folder, _) = run(&format!("{base}{}", fault("router = \"store\"", "\"crash\"")));
    assert!(of_fault(&folder, "exposed", "share") <= 1.0);
}

#[test]
fn a_store_too_small_for_its_healthy_misses_is_refused() {
    let folder = Folder::with(&BASE.replacen("60/s", "2/s", 1));
    let ended = folder.simulate(&[]).code(2);
    let line = BASE.lines().position(|line| line.starts_with("store = ")).unwrap() + 1;
    assert!(ended.stderr.starts_with(&format!("scenarios/small.toml:{line}: ")), "{}", ended.stderr);
    assert!(ended.stderr.contains("busy at 145 %") && ended.stderr.contains("hit_ratio"), "{}", ended.stderr);
}

#[test]
fn a_design_that_fails_without_faults_says_so_first() {
    let base = BASE.replacen("hit_ratio = \"95%\"", "entries = 1", 1).replacen("60/s", "2/s", 1);
    let (_, text) = run(&base);
    assert!(text.starts_with("NO EXPECTATIONS: without any fault 9"), "{text}");
}

#[test]
fn every_shipped_scenario_is_valid() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut folders = vec![root];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let ended = Folder::with(SCENARIO).run(&["validate", path.to_str().unwrap()]).code(0);
                assert!(ended.stdout.starts_with("VALID "), "{}", ended.stdout);
                seen += 1;
            }
        }
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn what_is_said_in_vain_is_named() {
    let folder = Folder::with(SCENARIO);
    let vain = [
        ("fault.crash.effect={slow=1}", "fault `crash` changes nothing"),
        ("fault.crash.effect={errors=\"0%\"}", "fault `crash` changes nothing"),
        ("workflow.messaging.client.backoff=\"1s\"", "no client tries twice (attempts = 1), so backoff has no effect"),
        ("workflow.messaging.client.remembers_cell=true", "so remembers_cell has no effect"),
        ("workflow.messaging.client.retry_budget=\"10%\"", "so retry_budget has no effect"),
    ];
    for (set, words) in vain {
        let validated = folder.run(&["validate", "scenarios/small.toml", "--set", set]).code(0).stdout;
        let text = validated.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{validated}");
    }
    let retries = ["--set", "workflow.messaging.client={deadline=\"2s\", attempts=2, backoff=\"1s\"}"];
    let validated = folder.run(&[&["validate", "scenarios/small.toml"], &retries[..]].concat()).code(0).stdout;
    assert!(!validated.contains("no effect"), "{validated}");
}

#[test]
fn one_of_a_kind_is_no_plural() {
    let one = SCENARIO.replace("customers = 40", "customers = 1");
    let folder = Folder::with(&one);
    let validated = folder.run(&["validate", "scenarios/small.toml"]).code(0).stdout;
    assert!(validated.contains("1 customer · 1 cell · "), "{validated}");
    let summary = folder.simulate(&["--no-charts"]).code(0).stdout;
    assert!(summary.contains("1 customer · 1 cell · "), "{summary}");
}

#[test]
fn the_verdict_is_one_line_and_sleeping_faults_are_named() {
    let folder = Folder::with(SCENARIO);
    let ended = folder.simulate(&["--no-charts", "--set", "run.faults=random"]).code(0);
    assert!(ended.stdout.lines().next().is_some_and(|line| line.ends_with("exit 0")), "{}", ended.stdout);
    assert!(ended.stdout.contains("Inactive: crash."), "{}", ended.stdout);
    let ended = folder.run(&["validate", "scenarios/small.toml", "--set", "run.faults=random"]).code(0);
    assert!(ended.stdout.contains("inactive  crash"), "{}", ended.stdout);
}
