//! Faults on a schedule, tiers in shared cells, shares of few slots.

use crate::support::{Of, read_with, run, value_of};

fn of_tier(tier: &str) -> Of<'_> {
    Of { tier, ..Of::default() }
}

/// Ten customers, and a fault with these keys.
fn text(keys: &str, run: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"4/s\"\nclient.deadline = \"2s\"\n\
         stage.s = {{ kind = \"delay\", service_time = \"5ms\" }}\n\
         [fault.f]\nstrikes = {{ platform = true }}\neffect = \"crash\"\n{keys}\n[run]\n{run}\n"
    )
}

fn refused(keys: &str, run: &str) -> String {
    cellsim::scenario::Scenario::from_text("refused", &text(keys, run)).unwrap_err().render(false, 120)
}

#[test]
fn a_fault_comes_every_so_often() {
    let requests = "horizon = \"1h\"\nreplications = 2";
    let results = run(&read_with(&text("every = \"10min\"\nfor = \"1min\"", requests), &[]));
    // At 10, 20, 30, 40 and 50 minutes.
    assert_eq!(value_of(&results, "bad_minutes", "mean", of_tier("t")), 5.0);
    assert_eq!(results.incidents.iter().filter(|incident| incident.replication == 1).count(), 5);
    let results = run(&read_with(&text("at = \"0s\"\nevery = \"10min\"\nfor = \"1min\"", requests), &[]));
    assert_eq!(value_of(&results, "bad_minutes", "mean", of_tier("t")), 6.0);
    // With a phase that is drawn: all five are shifted alike.
    let shifted = "at = \"10min ± 5min\"\nevery = \"10min\"\nfor = \"1min\"";
    let results = run(&read_with(&text(shifted, requests), &[]));
    for replication in [1, 2] {
        let mine = results.incidents.iter().filter(|incident| incident.replication == replication);
        let onsets: Vec<f64> = mine.map(|incident| incident.onset_seconds).collect();
        assert!(onsets.windows(2).all(|pair| (pair[1] - pair[0] - 600.0).abs() < 1e-6), "{onsets:?}");
        assert!((300.0..900.0).contains(&onsets[0]) && (onsets[0] - 600.0).abs() > 0.1, "{onsets:?}");
    }
    // Over years: 4 minutes every week.
    let years = "level = \"incident\"\nfaults = \"all\"\nhorizon = \"360d\"\nreplications = 2";
    let results = run(&read_with(&text("at = \"1d\"\nevery = \"1week\"\nfor = \"4min\"", years), &[]));
    assert!((value_of(&results, "bad_minutes", "mean", of_tier("t")) - 52.0 * 4.0 / 12.0).abs() < 1e-6);
}

#[test]
fn a_fault_comes_on_a_day_of_the_week() {
    // 25 November 2026 is a Wednesday: the first Sunday, 02:00, comes after 3 days and 26 hours.
    let keys = "at = \"sunday 02:00\"\nfor = \"3min\"";
    let scenario = read_with(
        &text(keys, "horizon = \"5d\"\nreplications = 1\nstarts_on = \"2026-11-25\""),
        &["workflow.w.demand=3/min"],
    );
    let results = run(&scenario);
    let onsets: Vec<f64> = results.incidents.iter().map(|incident| incident.onset_seconds).collect();
    assert_eq!(onsets, [(4.0 * 24.0 + 2.0) * 3600.0]);
    // Over a year of calendar months: each Sunday.
    let years =
        "level = \"incident\"\nfaults = \"all\"\nhorizon = \"365d\"\nreplications = 2\nstarts_on = \"2027-01-01\"";
    let results = run(&read_with(&text(keys, years), &[]));
    assert_eq!(results.years.as_ref().unwrap().incidents, 2 * 52);
    assert!((value_of(&results, "bad_minutes", "mean", of_tier("t")) - 52.0 * 3.0 / 12.0).abs() < 1e-6);
    let undated = refused(keys, "horizon = \"5d\"");
    assert!(undated.contains("starts_on"), "{undated}");
}

#[test]
fn schedules_that_cannot_be_are_refused_by_line() {
    let run = "horizon = \"1h\"";
    for (keys, run, words) in [
        ("every = \"10min\"\nfor = \"10min\"", run, "comes again before it is over"),
        ("every = \"2h\"\nfor = \"10min\"", run, "after the end of the run"),
        ("every = \"1us\"\nfor = \"1ns\"", run, "comes 3600000000 times"),
        ("at = \"sunday\"\nfor = \"1min\"", run, "sunday 02:00"),
        (
            "at = \"5min\"\nevery = \"10min\"\nfor = \"1min\"",
            "starts_on = \"2026-01-01\"",
            "`starts_on` has no effect here",
        ),
    ] {
        let error = refused(keys, run);
        assert!(error.contains(words) && error.contains("refused:"), "{keys}: {error}");
    }
}
