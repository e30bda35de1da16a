//! What one request asks of many, and many customers of the same workers.

use cellsim::engine::theory::fan_out::{any_slow, quorum};

use crate::kept;
use crate::support::{Of, incident_of, row, value_of};

#[test]
fn the_slowest_of_a_hundred_decides() {
    let results = kept("tail-at-scale");
    let theory = [
        ("one", any_slow(0.01, 1)),
        ("all", any_slow(0.01, 100)),
        ("hedged", any_slow(0.01 * 0.01, 100)),
        ("good-enough", 1.0 - quorum(95, 100, 0.99)),
    ];
    for (workflow, theory) in theory {
        let slow = row(&results, "error_share", "mean", Of { workflow, ..Of::default() });
        let (low, high) = (slow.low.expect("an interval"), slow.high.expect("an interval"));
        // Four intervals of 95 %: half as much again on either side is 99.7 % each.
        let more = 0.25 * (high - low);
        assert!(low - more <= theory && theory <= high + more, "{workflow}: {theory} is not in {low} ... {high}");
    }
    let calls = |workflow| value_of(&results, "call_amplification", "mean", Of { workflow, ..Of::default() });
    assert_eq!((calls("all"), calls("good-enough")), (1.0, 1.0));
    assert!((calls("hedged") - 1.01).abs() < 0.0005, "{}", calls("hedged"));
}

#[test]
fn a_shard_of_ones_own_keeps_the_poison_away() {
    let results = kept("shuffle-sharding");
    for (fault, exposed, harmed) in [("poison-unsharded", 8, 8), ("poison-sharded", 2, 2)] {
        let incident = incident_of(&results, fault);
        assert_eq!((incident.exposed, incident.harmed, incident.spillover), (exposed, harmed, 0), "{fault}");
    }
    let shuffled = incident_of(&results, "poison-shuffled");
    assert_eq!((shuffled.harmed, shuffled.down), (1, 1));
    assert!((2..=8).contains(&shuffled.exposed));
}
