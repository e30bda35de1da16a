//! Faults and retries against theory: shares of what, amplification, zones, alternating renewal.

use cellsim::engine::rng::Key;
use cellsim::engine::theory::retries::Retries;
use cellsim::world::operations::faults::{Activation, schedule};

use crate::judge::{confidence, mean_inside, row_inside};
use crate::support::{Of, platform, read, replicate, row, run_text};

/// One workflow of 5,000 customers and 1,000 requests per second with nothing to wait for, and a fault over the whole horizon.
fn struck(client: &str, fault: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 5000\ncells = 5\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.2/s\"\nclient = {{ deadline = \"10s\", {client} }}\n\
         stage.s = {{ service_time = \"1ms\", size = {{ concurrency = 100 }} }}\n\
         [fault.f]\n{fault}\nat = \"0s\"\nfor = \"5min\"\n\
         [run]\nwarmup = \"1s\"\nhorizon = \"1min\"\nreplications = 20\n{}\n",
        confidence()
    )
}

#[test]
fn a_retry_budget_holds_amplification_down() {
    let client = "attempts = 3, backoff = \"10ms\", retry_budget = { ratio = \"10%\", burst = 2 }";
    let text = struck(client, "strikes = { workflow = \"w\" }\neffect = { errors = \"80%\" }");
    // Few customers with many requests each, so that the tokens at the start are soon forgotten.
    let text = text.replace("customers = 5000", "customers = 10").replace("0.2/s", "200/s");
    let results = run_text(&text);
    let theory = Retries { attempts: 3, budget: Some(0.1) }.at(0.8);
    assert!((theory.amplification - 1.1).abs() < 1e-9);
    // Tokens are conserved: what was earned, what was there at the start, and less than one left at the end.
    let found = row(&results, "retry_amplification", "mean", Of::default()).value.expect("measured");
    let requests = 12_000.0;
    let (low, high) = (theory.amplification - 1.0 / requests, theory.amplification + 2.0 / requests);
    assert!(low <= found && found <= high, "{low} <= {found} <= {high}");
}

#[test]
fn errors_per_customer_strike_few_wholly() {
    let fault = "strikes = { workflow = \"w\" }\neffect = { errors = \"20%\", per = \"customer\" }";
    let text = struck("attempts = 3, backoff = \"10ms\"", fault).replace("replications = 20", "replications = 50");
    let results = run_text(&text);
    row_inside(&results, "error_share", "mean", 0.2);
    // Whoever is struck is down, unless it sent nothing; nobody else is harmed at all.
    let harmed = row(&results, "blast_radius", "mean", Of { fault: "f", unit: Some("customers"), ..Of::default() });
    let each: Vec<f64> = results
        .requests()
        .expect("requests were run")
        .incidents
        .iter()
        .map(|incident| incident.harmed as f64)
        .collect();
    mean_inside("harmed", &each, 1000.0);
    let down = row(&results, "down", "mean", Of { fault: "f", unit: Some("customers"), ..Of::default() });
    assert_eq!(down.value, harmed.value);
}

#[test]
fn errors_per_slot_stop_when_they_are_detected() {
    let fault = "strikes = { workflow = \"w\" }\neffect = { errors = \"30%\", per = \"slot\" }";
    let results = run_text(&struck("attempts = 1", fault));
    row_inside(&results, "error_share", "mean", 0.3);
    let results = run_text(&struck("attempts = 1", &format!("{fault}\ndetected_after = \"15s\"")));
    row_inside(&results, "error_share", "mean", 0.3 * 15.0 / 60.0);
}

#[test]
fn a_lost_zone_fails_its_share_of_attempts_until_detected() {
    let fault = "strikes = { zone = \"b\" }\neffect = \"crash\"\ndetected_after = \"15s\"";
    let results = run_text(&struck("attempts = 1", fault));
    row_inside(&results, "error_share", "mean", 0.25 / 3.0);
}

/// Overlap of a span with [from, until), in seconds.
fn overlap((onset, end): (u64, u64), from: f64, until: f64) -> f64 {
    ((end as f64 / 1e9).min(until) - (onset as f64 / 1e9).max(from)).max(0.0)
}

#[test]
fn random_faults_take_their_share_of_time() {
    let (up, down, horizon) = (600.0, 120.0, 7200.0);
    let scenario = read(&format!(
        "[tier.t]\ncustomers = 1000\ncells = 100\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.01/s\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ service_time = \"100us\", size = {{ concurrency = 10 }} }}\n\
         [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"{up}s\"\nmttr = {{ exponential = \"{down}s\" }}\n\
         [run]\nfaults = \"random\"\nwarmup = \"10s\"\nhorizon = \"{horizon}s\"\nreplications = 1\n{}\n",
        confidence()
    ));
    // Up at time 0: the probability of being down rises as 1 - e^(-(l + m) t) to its limit.
    let (l, m) = (1.0 / up, 1.0 / down);
    let (limit, rate): (f64, f64) = (l / (l + m), l + m);
    let theory = limit * (1.0 - (1.0 - (-rate * horizon).exp()) / (rate * horizon));
    let platform = platform(&scenario);
    let schedules: Vec<Vec<Activation>> =
        (0..60).map(|index| schedule(&scenario, &platform, Key::replication(scenario.run.seed, index))).collect();
    let downtime = |activations: &Vec<Activation>| {
        let spans = activations.iter().map(|activation| (activation.onset, activation.end));
        spans.map(|span| overlap(span, 10.0, 10.0 + horizon)).sum::<f64>() / (100.0 * horizon)
    };
    mean_inside("down time", &schedules.iter().map(downtime).collect::<Vec<f64>>(), theory);
    // Mean number of onsets: the integral of l times the probability of being up.
    let onsets: Vec<f64> = schedules.iter().map(|activations| activations.len() as f64).collect();
    mean_inside("onsets", &onsets, 100.0 * l * horizon * (1.0 - theory));

    // And requests fail while their cell is down: a share of Poisson requests, given the down time.
    let run = replicate(&scenario, 0);
    let tally = &run.with_faults.tallies[0];
    let expected = downtime(&schedules[0]);
    let deviation = (expected * (1.0 - expected) / tally.requests as f64).sqrt();
    let found = tally.all_failed() as f64 / tally.requests as f64;
    assert!((found - expected).abs() < 4.5 * deviation, "{found} failed, down for {expected} +- {deviation}");
    assert_eq!(run.without.map(|calm| calm.tallies[0].all_failed()), Some(0));
}
