//! Defaults: what holds where a scenario says nothing. A change of one of them is a change of every scenario that leaves it out.

use cellsim::experiment::outcome::Warning;
use cellsim::scenario::{Scenario, schema, study_schema};
use insta::assert_snapshot;

use crate::support::{read, run};

/// Every table that has defaults, with nothing in it that can be left out.
const BARE: &str = r#"
[tier.t]
customers = 100
customers_per_cell = { target = 50 }
sla = "99.9%"
[client]
deadline = "2s"
attempts = 3
retry_budget = "10%"
[workflow.w]
demand = "1/s"
stage.s = { service_time = { exponential = "10ms" }, size = { utilization = "60%" } }
[router]
cache.ttl = "1h"
store = { latency = "5ms" }
[cost]
cell = "$1/month"
[fault.often]
strikes = { workflow = "w" }
effect = "crash"
mtbf = "1d"
mttr = "1h"
[fault.once]
strikes = { zone = "a" }
effect = "crash"
at = "1min"
for = "1min"
"#;

#[test]
fn of_keys() {
    let mut lines = Vec::new();
    for schema in [schema(), study_schema()] {
        let named = schema["definitions"].as_object().unwrap().iter().map(|(name, table)| (name.as_str(), table));
        for (name, table) in named.chain([("top level", &schema)]) {
            for (key, value) in table["properties"].as_object().into_iter().flatten() {
                lines.extend(value.get("default").map(|default| format!("{name}.{key} = {default}")));
            }
        }
    }
    lines.sort();
    lines.dedup();
    assert_snapshot!("defaults_of_keys", lines.join("\n"));
}

#[test]
fn in_force() {
    let Scenario { tiers, workflows, layout, router, cost, faults, run, zones, .. } = read(BARE);
    let all = serde_json::json!({
        "zones": zones, "tiers": tiers, "workflows": workflows, "layout": layout, "router": router, "cost": cost,
        "faults": faults, "run": run,
    });
    assert_snapshot!("defaults_in_force", format!("{all:#}"));
}

/// A table of nothing is what holds without the table.
#[test]
fn a_table_of_nothing_says_nothing() {
    let workflows = |client: &str| read(&BARE.replace("attempts = 3\n", &format!("attempts = 3\n{client}"))).workflows;
    assert_eq!(workflows("backoff = {}\n"), workflows(""));
}

/// Two zones, four slots: 2.4 requests a second of a second each are too many for two slots, 1.8 are not.
#[test]
fn a_zone_s_loss_is_warned_of_from_100_percent_on() {
    let warned = |demand: &str| {
        let text = format!(
            "zones = 2\n[tier.t]\ncustomers = 1\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"{demand}\"\n\
             client.deadline = \"10s\"\nstage.s = {{ service_time = \"1s\", size = {{ concurrency = 4 }} }}\n\
             [run]\nhorizon = \"10s\"\nreplications = 1\n"
        );
        run(&read(&text)).warnings.iter().any(|warning| matches!(warning, Warning::ZoneLoss { .. }))
    };
    assert_eq!(["1.8/s", "1.98/s", "2.02/s", "2.4/s"].map(warned), [false, false, true, true]);
}
