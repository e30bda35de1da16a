//! Walls change who is hit together, not who asks for what; order and names change nothing.

use crate::support::{incident, logged, read, read_with, run, run_with};

const PLATFORM: &str = r#"
[tier.big]
customers = 24
cells = 4
sla = "99.9%"
[tier.small]
customers = 240
cells = 3
sla = "99%"
[client]
deadline = "2s"
attempts = 2
[workflow.a]
demand = { big = "4/s", small = "0.4/s" }
stage.s = { service_time = { exponential = "10ms" }, size = { concurrency = 16 } }
[workflow.b]
demand = "0.5/s"
adoption = "50%"
stage.s = { service_time = { exponential = "30ms" }, size = { concurrency = 16 } }
[run]
warmup = "10s"
horizon = "3min"
replications = 1
"#;

/// So short that nothing is in flight when a fault strikes, but for bad luck.
const SHORT: &str = "workflow.a.stage.s.service_time=10us";

#[test]
fn the_undivided_platform_serves_the_same_requests() {
    let (cells, with_walls) = logged(&read(PLATFORM), 0);
    let (undivided, without) = logged(&read_with(PLATFORM, &["cells.shared_by=tiers"]), 0);
    assert_eq!(undivided.setting().platform.cells.len(), 2);
    assert_eq!(with_walls.arrived, without.arrived, "the same requests of the same subscriptions in the same order");
    for class in ["a/big", "a/small", "b/big", "b/small"] {
        assert!(with_walls.lives(&cells, class, false) == without.lives(&undivided, class, false));
    }
}

#[test]
fn a_crash_exposes_a_cell_or_everyone() {
    let fault = "fault.f={strikes={workflow=\"a\", cell_of=\"big/5\"}, effect=\"crash\", at=\"1min\", for=\"1min\"}";
    let cells = run_with(PLATFORM, &[fault]);
    assert_eq!((incident(&cells).exposed, incident(&cells).harmed), (6, 6));
    let undivided = run_with(PLATFORM, &[fault, "cells.shared_by=tiers"]);
    assert_eq!((incident(&undivided).exposed, incident(&undivided).harmed), (264, 264));
    assert_eq!(cells.requests().expect("requests were run").faults[0].single_cell_exposed, Some(264));
    assert_eq!(undivided.requests().expect("requests were run").faults[0].single_cell_exposed, Some(264));
}

#[test]
fn the_loss_of_every_cell_in_turn_is_the_loss_of_all() {
    let mut losses = Vec::new();
    for cells in [1, 2, 6] {
        let mut minutes = 0;
        let mut exposed = 0;
        for cell in 1..=cells {
            let fault = format!(
                "fault.f={{strikes={{workflow=\"a\", tier=\"big\", cell={cell}}}, effect=\"crash\", at=\"1min\", for=\"1min\"}}"
            );
            let results = run_with(PLATFORM, &[&fault, &format!("tier.big.cells={cells}"), SHORT]);
            minutes += incident(&results).customer_minutes;
            exposed += incident(&results).exposed;
        }
        assert_eq!(exposed, 24);
        losses.push(minutes);
    }
    assert_eq!(losses, [24, 24, 24]);
}

#[test]
fn order_in_the_file_changes_nothing() {
    let start = |name: &str| PLATFORM.find(name).expect("the table is there");
    let (tiers, client) = (start("[tier.big]")..start("[client]"), start("[client]")..start("[workflow.a]"));
    let (a, b, end) = (start("[workflow.a]"), start("[workflow.b]"), start("[run]"));
    let small = start("[tier.small]");
    let turned = [
        &PLATFORM[b..end],
        &PLATFORM[a..b],
        &PLATFORM[client],
        &PLATFORM[small..tiers.end],
        &PLATFORM[tiers.start..small],
        &PLATFORM[end..],
    ]
    .concat();
    let fault = "fault.f={strikes={workflow=\"a\", tier=\"big\", cell=2}, effect=\"crash\", at=\"1min\", for=\"1min\"}";
    let (old, new) = (read_with(PLATFORM, &[fault]), read_with(&turned, &[fault]));
    let (old_world, old_log) = logged(&old, 0);
    let (new_world, new_log) = logged(&new, 0);
    for class in ["a/big", "a/small", "b/big", "b/small"] {
        assert!(old_log.lives(&old_world, class, true) == new_log.lives(&new_world, class, true), "{class}");
    }
    let (old, new) = (run(&old), run(&new));
    assert_eq!(incident(&old).customer_minutes, incident(&new).customer_minutes);
    assert_eq!(incident(&old).exposed, incident(&new).exposed);
}

#[test]
fn names_of_faults_without_luck_change_nothing() {
    let named = |name: &str| {
        let fault = format!(
            "fault.{name}={{strikes={{workflow=\"a\", tier=\"big\", cell=2}}, effect=\"crash\", at=\"1min\", for=\"1min\"}}"
        );
        logged(&read_with(PLATFORM, &[&fault]), 0).1
    };
    let (one, other) = (named("one"), named("other"));
    assert_eq!(one.resolved, other.resolved);
    assert_eq!(one.attempts, other.attempts);
}

#[test]
fn names_of_workflows_and_tiers_change_no_fact() {
    let renamed =
        PLATFORM.replace("tier.big", "tier.grand").replace("big =", "grand =").replace("workflow.a]", "workflow.zz]");
    let fault = |workflow: &str, tier: &str| {
        format!(
            "fault.f={{strikes={{workflow=\"{workflow}\", tier=\"{tier}\", cell=2}}, effect=\"crash\", at=\"1min\", for=\"1min\"}}"
        )
    };
    let old = run_with(PLATFORM, &[&fault("a", "big"), SHORT]);
    let new = run_with(&renamed, &[&fault("zz", "grand"), "workflow.zz.stage.s.service_time=10us"]);
    assert_eq!((old.facts.cells, old.facts.customers), (new.facts.cells, new.facts.customers));
    let (old, new) = (incident(&old), incident(&new));
    assert_eq!((old.exposed, old.harmed, old.customer_minutes), (new.exposed, new.harmed, new.customer_minutes));
    assert_eq!(old.recovery_from_end_seconds, new.recovery_from_end_seconds);
}
