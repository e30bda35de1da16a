//! Faults on a schedule, tiers in shared cells, shares of few slots.

use cellsim::report::warnings;

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
    assert_eq!(results.requests().unwrap().incidents.iter().filter(|incident| incident.replication == 1).count(), 5);
    let results = run(&read_with(&text("at = \"0s\"\nevery = \"10min\"\nfor = \"1min\"", requests), &[]));
    assert_eq!(value_of(&results, "bad_minutes", "mean", of_tier("t")), 6.0);
    // With a phase that is drawn: all five are shifted alike.
    let shifted = "at = \"10min ± 5min\"\nevery = \"10min\"\nfor = \"1min\"";
    let results = run(&read_with(&text(shifted, requests), &[]));
    for replication in [1, 2] {
        let mine = results.requests().unwrap().incidents.iter().filter(|incident| incident.replication == replication);
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
    let onsets: Vec<f64> =
        results.requests().unwrap().incidents.iter().map(|incident| incident.onset_seconds).collect();
    assert_eq!(onsets, [(4.0 * 24.0 + 2.0) * 3600.0]);
    // Over a year of calendar months: each Sunday.
    let years =
        "level = \"incident\"\nfaults = \"all\"\nhorizon = \"365d\"\nreplications = 2\nstarts_on = \"2027-01-01\"";
    let results = run(&read_with(&text(keys, years), &[]));
    assert_eq!(results.years().unwrap().incidents, 2 * 52);
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

/// Where tiers share cells, the crash of a zone for one tier fails that tier's attempts there, and leaves everybody's slots alone.
#[test]
fn a_zone_that_is_gone_for_one_tier_takes_nobody_elses_slots() {
    let text = "zones = 2\n[tier.a]\ncustomers = 50\nsla = \"99%\"\n[tier.b]\ncustomers = 50\nsla = \"99%\"\n[cells]\nshared_by = \"tiers\"\n\
        [workflow.w]\ndemand = \"2/s\"\nclient.deadline = \"1s\"\n\
        stage.s = { service_time = { exponential = \"10ms\" }, size = { concurrency = 3 } }\n\
        [fault.f]\nstrikes = { zone = \"a\", tier = \"a\" }\neffect = \"crash\"\nat = \"1min\"\nfor = \"3min\"\n\
        [run]\nhorizon = \"4min\"\nreplications = 3\n";
    let failed = |results: &cellsim::experiment::outcome::Outcome, tier: &str| {
        value_of(results, "error_share", "mean", Of { condition: Some("with faults"), ..of_tier(tier) })
    };
    let results = run(&read_with(text, &[]));
    // Half of the attempts of three minutes of four; 2 of 3 slots are busy, and half of them would not do.
    assert!((failed(&results, "a") - 0.375).abs() < 0.01, "{}", failed(&results, "a"));
    assert_eq!(failed(&results, "b"), 0.0);
    // Detected, its attempts go to the other zone.
    let results = run(&read_with(text, &["fault.f.detected_after=10s"]));
    assert!((failed(&results, "a") - 0.5 * 10.0 / 240.0).abs() < 0.005 && failed(&results, "b") == 0.0);
    let years =
        ["run.level=incident", "run.faults=all", "run.horizon=30d", "fault.f.for=1d", "contract.measure=requests"];
    let results = run(&read_with(text, &years));
    let kept = |tier: &str| value_of(&results, "availability", "mean", of_tier(tier));
    assert!((kept("a") - (1.0 - 0.5 / 30.0)).abs() < 1e-6 && kept("b") > 0.9999, "{} {}", kept("a"), kept("b"));
    // A clock for each tier strikes one of them, too: what takes capacity is refused.
    let capacity = text.replace(
        "strikes = { zone = \"a\", tier = \"a\" }\neffect = \"crash\"\nat = \"1min\"\nfor = \"3min\"",
        "each = \"tier\"\nmtbf = \"1h\"\nmttr = \"1min\"\neffect = { capacity = \"50%\" }",
    );
    let error = cellsim::scenario::Scenario::from_text("refused", &capacity).unwrap_err().render(false, 120);
    assert!(error.contains("their capacity is everybody's"), "{error}");
}

/// Case 17: shares of few slots are whole slots, rounded down: that is said.
#[test]
fn what_a_share_of_few_slots_becomes_is_said() {
    let said = |sets: &[&str]| {
        let scenario = crate::read("17-bad-slots-of-three", "scenario.toml", sets).unwrap();
        cellsim::experiment::facts(&scenario).unwrap().1.iter().map(warnings::text).collect::<Vec<_>>().join("\n")
    };
    assert!(said(&[]).contains("10 % of 3 slots of s: 1 is taken away, 33.3 %"), "{}", said(&[]));
    assert!(said(&["fault.bad.effect.errors=34%"]).contains("34 % of 3 slots of s: 2 are taken away, 66.7 %"));
    let capacity = ["fault.bad.effect={ capacity = \"66%\" }", "fault.bad.detected_after=false"];
    assert!(said(&capacity).contains("34 % of 3 slots of s: 2 are taken away"), "{}", said(&capacity));
    for exact in ["fault.bad.effect={ capacity = \"67%\" }", "fault.bad.effect={ capacity = \"0%\" }"] {
        assert!(!said(&[exact, "fault.bad.detected_after=false"]).contains("whole slots"), "{exact}");
    }
    // Two of four slots stand in the first of three zones.
    let zone =
        ["fault.bad.strikes={ zone = \"a\" }", "fault.bad.effect=crash", "workflow.w.stage.s.size.concurrency=4"];
    assert!(said(&zone).contains("2 of 4 slots of s stand in zone a; 2 are taken away, 50 %"), "{}", said(&zone));
    let scenario =
        crate::read("17-bad-slots-of-three", "scenario.toml", &["run.horizon=2min", "run.replications=1"]).unwrap();
    assert!(run(&scenario).warnings.iter().any(|line| warnings::text(line).contains("1 is taken away")));
}

/// Case 23: cells without slots are cells.
#[test]
fn cells_whose_stages_are_delays_are_listed() {
    let results = run(&crate::read("23-delay-only-cells-missing", "scenario.toml", &[]).unwrap());
    assert_eq!(results.requests().unwrap().cells.len(), 10);
    assert_eq!(results.requests().unwrap().cells.iter().map(|cell| cell.customers).sum::<u64>(), 1000);
    let table = String::from_utf8(cellsim::report::csv::cells(&results)).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 11);
    assert!(lines[1].contains(",,,,,,null,no stage of this cell has slots"), "{}", lines[1]);
}
