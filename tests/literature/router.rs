//! The router's cache, cold.

use crate::kept;
use crate::support::value;

#[test]
fn a_cold_cache_is_twenty_times_the_load_and_warms_as_customers_come_back() {
    let results = kept("router-cold-start");
    // 4,000 look-ups/s; the flush comes at 10 s.
    for (second, since) in [(10.0, 0.5_f64), (30.0, 20.5), (60.0, 50.5), (110.0, 100.5)] {
        let theory = 4000.0 * (0.05 + 0.95 * (-0.02 * since).exp());
        let bin = results
            .requests()
            .expect("requests were run")
            .timeline
            .iter()
            .find(|row| row.second == second)
            .expect("a second of the horizon");
        // The median of four Poisson counts.
        assert!((bin.store_load[1] - theory).abs() < 4.0 * theory.sqrt(), "{second}: {:?}, {theory}", bin.store_load);
    }
    assert!((value(&results, "store_load", "worst") / 200.0 - 20.0).abs() < 1.0);
}

#[test]
fn a_store_too_small_for_a_cold_cache_never_warms_it() {
    let results = kept("router-cold-start-small-store");
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
fn a_store_large_enough_does() {
    let results = kept("router-cold-start-large-store");
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
