//! Cases that came out right when they were tried: they stay so.

use cellsim::experiment::outcome::Judgement;

use crate::read;
use crate::requests::{near, of, outcomes};
use crate::support::{Of, of_fault, row, run, value_of};

const SCENARIO: &str = "scenario.toml";

#[test]
fn case_28_a_retry_budget_in_a_total_outage() {
    let results = run(&read("28-retry-budget-outage", SCENARIO, &[]).unwrap());
    // 4,500 requests a customer: a fifth of them, and the bucket that is full at first.
    let amplification = |condition| {
        value_of(&results, "retry_amplification", "mean", Of { condition: Some(condition), ..Of::default() })
    };
    near(amplification("with faults"), 1.0 + (900.0 + 100.0) / 4_500.0, 0.002);
    near(amplification("no fault"), 1.0, 1e-12);
}

#[test]
fn case_31_what_is_in_service_when_capacity_goes_is_served() {
    // The fourth request waits until 10 s without the fault, until 12 s with it: latencies of 17 and 19 s.
    for (deadline, calm, struck) in [("16.9s", 1, 1), ("17.1s", 0, 1), ("18.9s", 0, 1), ("19.1s", 0, 0)] {
        let set = format!("workflow.w.client.deadline={deadline}");
        let results = run(&read("31-capacity-cut-in-service", SCENARIO, &[&set]).unwrap());
        let failed =
            |condition| value_of(&results, "error_share", "mean", Of { condition: Some(condition), ..Of::default() });
        let requests = |condition| {
            120.0 * value_of(&results, "request_rate", "mean", Of { condition: Some(condition), ..Of::default() })
        };
        let count = |condition| (failed(condition) * requests(condition)).round() as u32;
        assert_eq!((count("no fault"), count("with faults")), (calm, struck), "{deadline}");
    }
}

#[test]
fn case_34_shards_of_a_hundred_workers() {
    // 1 - C(94, 6) / C(100, 6) = 31.7 % of 1,999 have a worker in common with the one that poisons.
    let harmed = |sets: &[&str]| {
        of_fault(&run(&read("34-shuffle-hundred-workers", SCENARIO, sets).unwrap()), "blast_radius", "mean", "poison")
    };
    near(harmed(&[]), 0.316_962 * 1_999.0, 3.0 * 21.0);
    near(harmed(&["workflow.w.client.attempts=2"]), 35.0, 18.0);
}

#[test]
fn case_37_partial_outages_weigh_what_they_cost() {
    let results = run(&read("37-weighted-partial-outage", SCENARIO, &[]).unwrap());
    let of = Of { tier: "t", ..Of::default() };
    let failed = 2_000.0 * 0.3 + 1_600.0 + 2_000.0 + 3_600.0 * 0.3;
    near(value_of(&results, "availability", "mean", of), 1.0 - failed / 2_592_000.0, 2e-6);
    near(value_of(&results, "bad_minutes", "mean", of), failed / 60.0, 0.1);
    // Whole minutes, however small the failed share, if it is above the threshold.
    let results = run(&read("37-weighted-partial-outage", SCENARIO, &["tier.t.contract.measure=bad-minutes"]).unwrap());
    near(value_of(&results, "bad_minutes", "mean", of), (2_000.0 + 1_600.0 + 2_000.0 + 3_600.0) / 60.0, 2.0);
}

#[test]
fn case_39_minutes_of_few_requests_do_not_count() {
    // Poisson of 1 a minute, each fails with 1 %: minutes with at least so many requests, one of them failed.
    for (least, right) in [(1, 4.78), (2, 3.01), (5, 0.089)] {
        let set = format!("tier.t.contract.min_requests={least}");
        let results = run(&read("39-min-requests", SCENARIO, &[&set, "run.replications=20"]).unwrap());
        let found = value_of(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() });
        // 1,000 customers: five deviations of a Poisson number.
        near(found, right, 5.0 * f64::sqrt(right / 1_000.0));
    }
}

#[test]
fn case_41_too_near_to_tell_and_then_told() {
    let results = run(&read("41-noisy-gate", SCENARIO, &[]).unwrap());
    assert_eq!(outcomes(&results), [Judgement::Undecided]);
    assert!(results.verdicts[0].note.contains("more replications would decide"), "{:?}", results.verdicts);
    let share = row(
        &run(&read("41-noisy-gate", SCENARIO, &["run.replications=400"]).unwrap()),
        "error_share",
        "mean",
        Of::default(),
    )
    .clone();
    let right = f64::exp(-50.0 / 12.0);
    assert!(share.low.unwrap() < right && right < share.high.unwrap(), "{share:?}");
}

#[test]
fn case_42_three_of_five_regions() {
    let results = run(&read("42-parallel-regions", SCENARIO, &["run.replications=20"]).unwrap());
    for (statistic, right) in [("p50", 6.93), ("p90", 14.00), ("p99", 22.48), ("p99.9", 30.46)] {
        near(1e3 * of(&results, "latency", statistic), right, 0.012 * right);
    }
}
