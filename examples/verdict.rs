//! From a scenario to a verdict with the library alone: `cargo run --no-default-features --example verdict`.
#![allow(clippy::print_stdout, reason = "an example")]

use cellsim::{RunError, Scenario, Study};

const SHOP: &str = r#"
tier.all       = { customers = 1_000, cells = 10, sla = "99.9%" }
workflow.order = { demand = "10/min", client.deadline = "3s", stage.web = { service_time = "20ms", size.utilization = 0.5 } }
fault.crash    = { at = "10s", for = "20s", strikes = { workflow = "order", tier = "all", cell = 1 }, effect = "crash" }
run            = { warmup = "1s", horizon = "2min", replications = 10 }
expect         = [{ metric = "blast_radius", fault = "crash", mean = { at_most = "10%" } }]
"#;

fn main() -> Result<(), RunError> {
    let outcome = Study::of(Scenario::from_text("shop", SHOP)?).run()?;
    for verdict in &outcome.verdicts {
        let (mean, limit) = (verdict.estimate.value.unwrap_or(f64::NAN), verdict.written());
        println!("{:?}: {} is {mean:.4}, at most {limit} was expected", verdict.outcome, verdict.what);
    }
    Ok(())
}
