//! Very many of everything: what grows faster than the file would not end here. Nothing is timed.

use std::fmt::Write as _;

use crate::support::{Folder, SCENARIO};

/// So many: squares are 36 million steps of work on texts, or as many megabytes.
const MANY: usize = 6_000;

fn faults(schedule: impl Fn(usize) -> String, cell: impl Fn(usize) -> usize) -> String {
    let mut text = String::new();
    for at in 0..MANY {
        let (schedule, cell) = (schedule(at), cell(at));
        writeln!(
            text,
            "[fault.f{at}]\nstrikes = {{ workflow = \"messaging\", tier = \"smb\", cell = {cell} }}\n\
             effect = \"crash\"\n{schedule}\n[[expect]]\nmetric = \"blast_radius\"\nfault = \"f{at}\"\n\
             mean = {{ at_most = \"50%\" }}"
        )
        .unwrap();
    }
    text
}

fn small() -> String {
    SCENARIO.replace("horizon = \"4min\"", "horizon = \"2min\"").replace("replications = 3", "replications = 1")
}

fn of_run(scenario: &str) -> String {
    let folder = Folder::with(scenario);
    let ended = folder.run(&["run", "scenarios/small.toml", "--quiet", "--yes", "--threads", "1", "--out", "out"]);
    let lines = folder.read("out/summary.csv").lines().filter(|line| line.contains("blast_radius")).count();
    format!("{:?}: {lines} rows: {}", ended.code, ended.stderr)
}

#[test]
fn faults_that_strike_on_a_script_and_as_they_come() {
    // One after the other, on four cells.
    let scripted = faults(|at| format!("at = \"{}ms\"\nfor = \"1s\"", 60_000 + at), |at| at % 4 + 1);
    let ended = of_run(&format!("{}{scripted}", small()));
    assert!(ended.starts_with("Some(4): 48008 rows"), "{ended}");
    // Each with a clock of its own.
    let random = faults(|at| format!("mtbf = \"{}h\"\nmttr = \"1min\"", at + 100), |at| at % 4 + 1);
    let ended = of_run(&format!("{}{random}", small().replace("[run]", "[run]\nfaults = \"random\"")));
    assert!(ended.starts_with("Some(0): 48000 rows"), "{ended}");
}

#[test]
fn tiers_workflows_and_cells_are_built() {
    let with = |old: &str, new: &str| small().replace(old, new);
    let tiers: String = (0..MANY)
        .map(|at| format!("[tier.t{at}]\ncustomers = 4\ncustomers_per_cell = {{ target = 2 }}\nsla = \"99.9%\"\n"))
        .collect();
    let workflows: String = (0..MANY)
        .map(|at| {
            format!(
                "[workflow.w{at}]\ndemand = \"0.5/s\"\nclient.deadline = \"2s\"\nstage.s{at}.service_time = {{ exponential = \"8ms\" }}\n\
                 stage.s{at}.size = {{ utilization = \"60%\" }}\n"
            )
        })
        .collect();
    for (scenario, cells) in [
        (with("[workflow.messaging]", &format!("{tiers}[workflow.messaging]")), "12,004"),
        (with("[fault.crash]", &format!("{workflows}[fault.crash]")), "24,004"),
        (with("customers = 40\n", "customers = 1_000_000\n"), "100,000"),
    ] {
        let ended = Folder::with(&scenario).run(&["validate", "scenarios/small.toml"]).code(0);
        assert!(ended.stdout.contains(&format!("{cells} cells")), "{}", ended.stdout.lines().next().unwrap_or(""));
    }
}

#[test]
fn what_no_memory_holds_is_refused_at_its_line() {
    // Each in a cell of its own, all open at once: as many worlds as incidents.
    let scattered = faults(|at| format!("at = \"{}ms\"\nfor = \"1s\"", 60_000 + at), |at| at + 1);
    let scenario = small().replace("customers = 40\n", "customers = 1_000_000\n");
    let ended = Folder::with(&format!("{scenario}{scattered}")).run(&["validate", "scenarios/small.toml"]).code(2);
    assert!(ended.stderr.contains("GB of memory needed") && ended.stderr.contains("at = \""), "{}", ended.stderr);
    // More workflows of tiers than a request has room for.
    let tiers: String = (0..300)
        .map(|at| format!("[tier.t{at}]\ncustomers = 4\ncustomers_per_cell = {{ target = 2 }}\nsla = \"99.9%\"\n"))
        .collect();
    let workflows: String = (0..300)
        .map(|at| format!("[workflow.w{at}]\ndemand = \"0.5/s\"\nclient.deadline = \"2s\"\nstage.send.service_time = \"8ms\"\nstage.send.size = {{ utilization = \"60%\" }}\n"))
        .collect();
    let scenario = small()
        .replace("[workflow.messaging]", &format!("{tiers}[workflow.messaging]"))
        .replace("[fault.crash]", &format!("{workflows}[fault.crash]"));
    let ended = Folder::with(&scenario).run(&["validate", "scenarios/small.toml"]).code(2);
    assert!(ended.stderr.contains("there may be 65535"), "{}", ended.stderr);
}
