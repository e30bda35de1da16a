//! Bad minutes of customers to whom the same happens: by law, and as they are.

use cellsim::engine::stats::State;

use crate::support::{Of, row, run_with};

fn minutes<'a>(
    results: &'a cellsim::experiment::outcome::Outcome,
    statistic: &str,
) -> &'a cellsim::engine::stats::Estimate {
    row(results, "bad_minutes", statistic, Of { tier: "t", ..Of::default() })
}

fn text(demand: &str, errors: &str, faults: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 200\ncells = 10\nsla = \"99.5%\"\n[workflow.w]\ndemand = \"{demand}\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ service_time = {errors}, kind = \"delay\" }}\n{faults}\n\
         [run]\nlevel = \"incident\"\nfaults = \"scripted\"\nhorizon = \"30d\"\nreplications = 1\n"
    )
}

/// 593 minutes for a tenth of the customers, 573 for another, none for the rest: sizes that are few are told as they are.
#[test]
fn a_quantile_of_few_sizes_is_one_of_them() {
    let fault = |cell: u32, length: u32| {
        format!(
            "[fault.f{cell}]\nstrikes = {{ cell = {cell} }}\neffect = \"crash\"\nat = \"10d\"\nfor = \"{length}min\"\n"
        )
    };
    let text = text("1/s", "\"10ms\"", &format!("{}{}", fault(1, 593), fault(2, 573)));
    let results = run_with(&text, &[]);
    let p95 = minutes(&results, "p95");
    assert!((p95.value.unwrap_or(0.0) - 593.0).abs() < 1e-6 && p95.state == State::Exact, "{p95:?}");
    assert!((minutes(&results, "worst").value.unwrap_or(0.0) - 593.0).abs() < 1e-6);
}

/// A minute of health is bad with 0.3 %: a customer's month has a Poisson number of about 129, and some have many more.
#[test]
fn alike_customers_have_bad_minutes_by_chance() {
    // 5 requests a minute, each beyond a second with 0.06 %.
    let service = "{ exponential = \"134.8ms\" }";
    let results = run_with(
        &text("5/min", service, "[fault.f]\nstrikes = { cell = 1 }\neffect = \"crash\"\nat = \"1d\"\nfor = \"1s\"\n"),
        &[],
    );
    let mean = minutes(&results, "mean").value.expect("measured");
    assert!((120.0..140.0).contains(&mean), "{mean}");
    // The 95th percentile of a Poisson number, and the most of 200.
    let deviation = mean.sqrt();
    let p95 = minutes(&results, "p95");
    let expected = mean + 1.645 * deviation;
    assert!((p95.value.unwrap_or(0.0) - expected).abs() < 2.0, "{mean} {p95:?}");
    assert!(p95.state != State::Exact && p95.low < p95.value && p95.value < p95.high, "{p95:?}");
    let worst = minutes(&results, "worst");
    assert!(
        worst.value > Some(mean + 1.8 * deviation) && worst.value < Some(mean + 3.5 * deviation),
        "{mean} {worst:?}"
    );
    assert!(worst.state != State::Exact && worst.high == Some(43_200.0), "{worst:?}");
    // Whose requests are judged, not minutes, differ as much.
    let results = run_with(
        &text("5/min", service, "[fault.f]\nstrikes = { cell = 1 }\neffect = \"crash\"\nat = \"1d\"\nfor = \"1s\"\n"),
        &["tier.t.contract.measure=requests"],
    );
    let (mean, p95) = (minutes(&results, "mean").value.expect("measured"), minutes(&results, "p95"));
    assert!((p95.value.unwrap_or(0.0) - (mean + 1.645 * (mean / 5.0).sqrt())).abs() < 0.7, "{mean} {p95:?}");
}
