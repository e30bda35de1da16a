//! What an operations event costs at the incident level: 60 cells that fail and come back, whole months judged;
//! and the shipped platform over years, where waves, zones and caches are struck too.
//!
//! `cargo bench --bench operations`
#![allow(clippy::print_stdout, reason = "a benchmark prints what it found")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use cellsim::experiment::years::replication::replicate;
use cellsim::measure::ledger::ground::Foundation;
use cellsim::scenario::Scenario;
use cellsim::world::platform::Platform;

fn main() {
    for file in ["benches/models/operations.toml", "scenarios/twilio-year.toml"] {
        println!(
            "{file}: {:.2} million operations events a second on one core (median of 7 rounds)",
            median(file) / 1e6
        );
    }
}

/// Returns the operations events a second of one replication: the median of seven.
fn median(file: &str) -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let scenario = Scenario::read(&path, &[]).expect("the scenario is sound");
    let platform = Arc::new(Platform::new(&scenario).expect("the platform can be built"));
    let foundation = Foundation::new(&scenario, &platform);
    let ground = foundation.ground(&scenario);
    let mut rounds: Vec<f64> = (0..7)
        .map(|index| {
            let start = Instant::now();
            let events = replicate(&ground, index).events;
            events as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[3]
}
