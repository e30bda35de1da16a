//! Closed forms: attainment under independent outages, availability, what does and does not depend on the number of cells.

use crate::support::{Of, read_with, run, run_with, value_of};
use crate::{cause, inside, kept, outages, years};

#[test]
fn independent_outages_by_requests_and_by_minutes() {
    // Compound Poisson, one outage a month and cell, log-normal repair with median 5 minutes and sigma 1; by minutes with 20 requests
    // a minute on average, one of which must fail: four million months drawn apart from this program, to 0.0003.
    let by_hand = [("99.9%", 0.973, 0.970), ("99.95%", 0.891, 0.875), ("99.99%", 0.546, 0.510)];
    for (sla, requests, minutes) in by_hand {
        for (measure, theory) in [("requests", requests), ("bad-minutes", minutes)] {
            let sets =
                [format!("tier.t.sla={sla}"), format!("contract.measure={measure}"), "run.replications=30".to_owned()];
            let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
            let results = run_with(&outages(100, ""), &sets);
            let estimate = kept(&results);
            // The theory is rounded to a thousandth, which the interval need not hold to more digits.
            let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
            assert!(low - 0.0005 <= theory && theory <= high + 0.0005, "{sla} {measure}: {theory} in {estimate:?}");
            assert!((high - low) / 2.0 <= 0.002, "{sla} {measure}: {estimate:?}");
        }
    }
}

#[test]
fn availability_is_that_of_alternating_renewal() {
    // Log-normal repair: mean 5 e^(1/2) minutes. 100,000 cycles: 100 cells, 85 years, a failure a month.
    let sets = ["run.horizon=30 years", "run.replications=30", "contract.measure=requests"];
    let results = run_with(&outages(100, ""), &sets);
    let mttr = 5.0 * 0.5_f64.exp();
    let unavailability = mttr / (30.0 * 1440.0 + mttr);
    let bad = Of { tier: "t", ..Of::default() };
    let estimate = crate::support::row(&results, "bad_minutes", "mean", bad).scaled(1.0 / 43_200.0);
    inside("unavailability", &estimate, unavailability, 0.01 * unavailability);
    assert!(years(&results).incidents > 100_000);
}

#[test]
fn expected_minutes_do_not_depend_on_the_number_of_cells_but_their_tail_does() {
    let runs = [1, 10, 100].map(|cells| run_with(&outages(cells, ""), &["run.replications=60"]));
    let minutes = runs.each_ref().map(|results| cause(results, "outage").minutes.clone());
    for other in &minutes[..2] {
        let (low, high) = (other.low.expect("an interval"), other.high.expect("an interval"));
        let many = minutes[2].value.expect("measured");
        assert!(low <= many && many <= high, "{many} in {other:?}");
    }
    let of = Of { fault: "outage", ..Of::default() };
    let p99 = runs.each_ref().map(|results| value_of(results, "blast_radius", "p99", of));
    assert!(p99[0] > 900.0 && p99[1] <= 101.0 && p99[2] <= 11.0, "{p99:?}");
}

#[test]
fn two_scopes_are_told_apart() {
    let more = "[fault.config]\neffect = \"crash\"\nmtbf = \"60d\"\nmttr = \"10min\"\n";
    let results = run_with(&format!("{}{more}", outages(20, "")), &["run.replications=40"]);
    let (cell, all) = (cause(&results, "outage"), cause(&results, "config"));
    assert!(all.harmed[0].expect("measured") > 990.0, "{all:?}");
    assert!(cell.harmed[1].expect("measured") <= 51.0, "{cell:?}");
    // Six platform-wide failures of ten minutes a year, all customers: 1,000 x 61 harmed minutes and edges.
    let theory = 365.0 / (60.0 + 10.0 / 1440.0);
    inside("a year", &all.a_year, theory, 0.5);
    // A minute that touches the fault for 5 % of it is harmed: 10 minutes + 1 - 0.1.
    let expected = 1000.0 * theory * 10.9;
    let found = all.minutes.value.expect("measured");
    assert!((found / expected - 1.0).abs() < 0.05, "{found} {expected}");
    assert!((value_of(&results, "incidents", "mean", Of { fault: "config", ..Of::default() }) - theory).abs() < 0.5);
}

#[test]
fn years_are_the_same_on_any_number_of_threads() {
    let scenario = read_with(&outages(10, ""), &["run.replications=7"]);
    let text = |threads| cellsim::report::json::run(&crate::support::run_on(&scenario, threads), "", "", &[]);
    assert_eq!(text(1), text(3));
    assert_eq!(text(2), cellsim::report::json::run(&run(&scenario), "", "", &[]));
}
