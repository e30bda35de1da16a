//! When faults happen: waves, priors, recorded incidents, zones, clocks in equilibrium.

use crate::support::{Folder, run, run_with};
use crate::{cause, outages, years};

fn release(waves: &str) -> String {
    let more = format!(
        "[fault.release]\neffect = {{ errors = \"90%\" }}\nmtbf = \"30d\"\nmttr = \"10min\"\n\
         waves = {{ sizes = [\"1 cell\", \"20%\", \"100%\"], bake = \"1h\", after = \"10min\", {waves} }}\n"
    );
    outages(50, "").replace("[run]", &format!("{more}[run]"))
}

#[test]
fn waves_that_are_caught_reach_few_cells() {
    let few = ["run.replications=10", "fault.outage=false"];
    let harmed = |waves: &str| {
        let results = run_with(&release(waves), &few);
        cause(&results, "release").harmed_mean.value.expect("measured")
    };
    let (always, never) = (harmed("caught = \"100%\""), harmed("caught = \"0%\""));
    assert!((always - 20.0).abs() < 0.5, "one cell of fifty: {always}");
    assert!((never - 1000.0).abs() < 1.0, "{never}");
    // Caught in the first wave, the second or not at all: 20, 200 or 1,000 customers.
    let half = harmed("caught = \"50%\"");
    let theory = 0.5 * 20.0 + 0.25 * 200.0 + 0.25 * 1000.0;
    assert!((half / theory - 1.0).abs() < 0.1, "{half} {theory}");
    // It is one incident, however many waves.
    let results = run_with(&release("caught = \"0%\""), &few);
    assert!((cause(&results, "release").a_year.value.expect("measured") - 12.1).abs() < 1.0);
}

#[test]
fn priors_are_named_in_the_results() {
    let text = outages(5, "")
        .replace("mtbf = \"30d\"", "mtbf = { prior = \"configuration\", of_incidents_every = \"31d\" }")
        .replace("mttr = { p50 = \"5min\", p84.1344746 = \"13.591409min\" }", "mttr = { prior = \"aws-repair\" }");
    let results = run_with(&text, &["run.replications=10"]);
    let rate = cause(&results, "outage").a_year.value.expect("measured");
    assert!((rate / (5.0 * 3.65) - 1.0).abs() < 0.1, "31 % of one in 31 days, in each of five cells: {rate}");
    let priors = &years(&results).priors;
    assert!(priors.len() == 2 && priors.iter().any(|prior| prior.contains("status pages")), "{priors:?}");
}

#[test]
fn recorded_incidents_happen_when_they_did() {
    let folder = Folder::new().with("log.csv", "start,end,share\n86400,90000,1\n172800,174600,0.5\n");
    let text = outages(5, "faults = \"all\"").replace(
        "[run]",
        "[fault.log]\nstrikes = { platform = true }\neffect = { errors = \"100%\" }\ncsv = \"log.csv\"\n[run]",
    );
    let scenario = folder.read(&text, &["fault.outage=false", "run.replications=3"]);
    let results = run(&scenario);
    let log = cause(&results, "log");
    assert_eq!(log.incidents, 6);
    let worst = &years(&results).worst_incidents[0];
    assert!((worst.onset_seconds - 86_400.0).abs() < 1.0 && (worst.end_seconds - 90_000.0).abs() < 2.0, "{worst:?}");
    // An hour in which everything fails, every customer with 20 requests a minute.
    assert!((worst.customer_minutes / 60_000.0 - 1.0).abs() < 0.01, "{worst:?}");
}

#[test]
fn a_zone_that_is_noticed_at_once_harms_few() {
    let zone = |detected: &str| {
        let text = outages(5, "").replace(
            "[run]",
            &format!("[fault.zone]\none_of = \"zone\"\neffect = \"crash\"\nmtbf = \"30d\"\nmttr = \"10min\"\n{detected}\n[run]"),
        );
        let results = run_with(&text, &["fault.outage=false", "run.replications=5", "workflow.w.demand=600/min"]);
        cause(&results, "zone").harmed_mean.value.expect("measured")
    };
    // A third of the attempts fails until somebody notices.
    assert!(zone("") > 990.0);
    // Noticed after a second: harmed are those whose first minute has less than 6.7 s of the incident, a ninth of them.
    let noticed = zone("detected_after = \"1s\"");
    assert!((60.0..180.0).contains(&noticed), "{noticed}");
}

#[test]
fn clocks_start_in_equilibrium() {
    // Nearly constant up times would all fail together in the first year, were they up at time 0.
    let text = outages(200, "").replace("mtbf = \"30d\"", "mtbf = { erlang = { mean = \"600d\", stages = 100 } }");
    let results = run_with(&text, &["run.horizon=60d", "run.replications=20"]);
    let rate = cause(&results, "outage").a_year.value.expect("measured");
    let theory = 200.0 * 365.0 / 600.0;
    assert!((rate / theory - 1.0).abs() < 0.1, "{rate} {theory}");
}
