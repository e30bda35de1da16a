//! Queues: pooling, metastable failures, retries.

use cellsim::engine::theory::erlang_b::{blocking, servers_for};
use cellsim::engine::theory::retries::Retries;

use crate::kept;
use crate::support::{Of, of_fault, row, value};

#[test]
fn pooling_saves_circuits() {
    let results = kept("erlang-pooling");
    assert_eq!((servers_for(100.0, 0.01), 10 * servers_for(10.0, 0.01)), (117, 180));
    for (workflow, load, circuits) in
        [("one", 100.0, 117), ("one-less", 100.0, 116), ("ten", 10.0, 18), ("ten-less", 10.0, 17)]
    {
        let lost = row(&results, "error_share", "mean", Of { workflow, ..Of::default() });
        let theory = blocking(load, circuits);
        let (low, high) = (lost.low.expect("an interval"), lost.high.expect("an interval"));
        // Four intervals of 95 %: twice as wide is 99.99 % each.
        let half = high - low;
        assert!(
            (lost.value.expect("a value") - theory).abs() < half,
            "{workflow}: {theory} is far from {low} ... {high}"
        );
        assert!(half < 0.06 * theory, "{workflow}: {low} ... {high} proves nothing");
    }
}

#[test]
fn a_queue_longer_than_clients_wait_never_empties() {
    let results = kept("metastable-queue");
    assert!(Retries { attempts: 6, budget: None }.holds_down(5.0, 10.0));
    assert!(
        results
            .requests()
            .expect("requests were run")
            .incidents
            .iter()
            .all(|incident| incident.recovery == "not recovered"),
        "{:?}",
        results.requests().expect("requests were run").incidents
    );
}

#[test]
fn a_queue_shorter_than_clients_wait_empties() {
    let results = kept("metastable-queue-short");
    assert!(
        results
            .requests()
            .expect("requests were run")
            .incidents
            .iter()
            .all(|incident| incident.recovery == "recovered"),
        "{:?}",
        results.requests().expect("requests were run").incidents
    );
}

#[test]
fn a_retry_storm_feeds_itself() {
    let results = kept("retry-storm");
    assert!((value(&results, "retry_amplification", "end") - 2.0).abs() < 0.01);
}

#[test]
fn without_retries_the_storm_passes() {
    let results = kept("retry-storm-without-retries");
    // The blip ends after 10 s; then 125 s until answers come in time, 140 s until nobody waits, and the number in system is as
    // in the twin.
    let late = Retries { attempts: 1, budget: None }.time_to_catch_up(280.0, 300.0, 2800.0, 1.0).expect("it does");
    assert!((late - 125.0).abs() < 1e-9);
    let recovered = of_fault(&results, "recovery", "p50", "blip");
    assert!((10.0 + late..200.0).contains(&recovered), "{recovered}");
}

#[test]
fn full_jitter_needs_the_fewest_calls() {
    let results = kept("back-off-with-jitter");
    let calls = |workflow| row(&results, "retry_amplification", "mean", Of { workflow, ..Of::default() });
    assert_eq!(value(&results, "error_share", "mean"), 0.0, "everybody wins in the end");
    for pair in ["none", "exponential", "equal-jitter", "full-jitter"].windows(2) {
        let (more, less) = (calls(pair[0]), calls(pair[1]));
        assert!(more.low > less.high, "{pair:?}: {more:?} {less:?}");
    }
}
