//! Whom an incident harms: neighbours in shared cells, and how often.

use cellsim::engine::stats::State;
use cellsim::experiment::outcome::Judgement;

use crate::support::{Of, row, run_with};
use crate::{cause, years};

/// Two tiers that share a cell of four slots; a fault slows the requests of one of them thirty times.
fn shared(effect: &str) -> String {
    format!(
        "[tier.x]\ncustomers = 20\nsla = \"99.95%\"\n[tier.y]\ncustomers = 20\nsla = \"99.95%\"\n\
         [cells]\nshared_by = \"tiers\"\ncount = 1\n[workflow.w]\ndemand = \"0.5/s\"\nclient.deadline = \"2s\"\n\
         stage.s = {{ service_time = \"50ms\", size = {{ concurrency = 4 }} }}\n\
         [fault.f]\nstrikes = {{ tier = \"x\" }}\neffect = {effect}\nmtbf = \"40d\"\nmttr = \"30min\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"300d\"\nreplications = 20\n\
         [[expect]]\nmetric = \"blast_radius\"\nfault = \"f\"\ntier = \"y\"\nmean = {{ at_most = \"1 customer\" }}\n"
    )
}

#[test]
fn who_shares_the_slots_of_those_who_are_slow_is_harmed_too() {
    let results = run_with(&shared("{ slow = 30 }"), &[]);
    for (tier, exposed) in [("x", Some(20.0)), ("y", None)] {
        let of = || Of { tier, fault: "f", unit: Some("customers"), ..Of::default() };
        for statistic in ["mean", "p50", "p95", "worst"] {
            let found = row(&results, "blast_radius", statistic, of());
            assert!(found.value.is_some_and(|value| (value - 20.0).abs() < 0.5), "{tier} {statistic}: {found:?}");
        }
        assert_eq!(row(&results, "exposed", "mean", of()).value, exposed);
        assert_eq!(row(&results, "exposed", "worst", of()).value, exposed);
    }
    assert_eq!(results.verdicts[0].outcome, Judgement::Breached);
    // What is refused at once takes no slot.
    let results = run_with(&shared("\"crash\""), &[]);
    let of = Of { tier: "y", fault: "f", unit: Some("customers"), ..Of::default() };
    assert_eq!(row(&results, "blast_radius", "mean", of).value, None);
}

/// How often a fault strikes follows from its clock or its script: tables and the chart say the same of it.
#[test]
fn how_often_a_fault_strikes_is_known() {
    let text = shared("{ slow = 30 }").replace(
        "[run]",
        "[fault.maint]\nstrikes = { tier = \"y\" }\neffect = \"crash\"\nat = \"10d 2h ± 6h\"\nfor = \"20min\"\n\
         [fault.edge]\nstrikes = { tier = \"y\" }\neffect = \"crash\"\nat = \"9d 20h ± 6h\"\nevery = \"20d\"\nfor = \"20min\"\n[run]\nfaults = \"all\"",
    );
    let results = run_with(&text, &["run.horizon=70d", "run.replications=5"]);
    let maint = &cause(&results, "maint").a_year;
    assert_eq!((maint.value, maint.state), (Some(365.0 / 70.0), State::Exact));
    // A phase that may carry it over the end of the run is a matter of chance.
    let edge = &cause(&results, "edge").a_year;
    assert!(edge.state != State::Exact && edge.value < Some(4.0 * 365.0 / 70.0), "{edge:?}");
    let often = 365.0 / (40.0 + 0.5 / 24.0);
    let f = &cause(&results, "f").a_year;
    assert!((f.value.unwrap_or(0.0) - often).abs() < 1e-9 && f.state == State::Exact, "{f:?}");
    let years = years(&results);
    for (name, often) in [("f", often), ("maint", 365.0 / 70.0)] {
        let table = years
            .exceedance
            .iter()
            .find(|row| row.fault.as_deref() == Some(name) && row.customers == 10.0)
            .expect("a row");
        let (_, steps) =
            years.exceedance_steps.iter().find(|(cause, _)| cause.as_deref() == Some(name)).expect("a line");
        assert!((steps[0].1 - often).abs() < 1e-9, "{name}: {steps:?}");
        assert!((table.a_year.value.unwrap_or(0.0) - often).abs() < 1e-9, "{name}: {table:?}");
    }
}

/// A fault that strikes each of ten customers with 30 %: a binomial number of them is harmed, not three.
#[test]
fn customers_struck_by_chance_are_a_binomial_number() {
    let text = |schedule: &str| {
        format!(
            "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99.8%\"\n[workflow.w]\ndemand = \"2/s\"\nclient.deadline = \"2s\"\n\
             stage.d = {{ kind = \"delay\", service_time = \"10ms\" }}\n\
             [fault.pc]\nstrikes = {{ workflow = \"w\" }}\neffect = {{ errors = \"30%\", per = \"customer\" }}\n{schedule}\n\
             [run]\nlevel = \"incident\"\nhorizon = \"1year\"\nreplications = 20\nfaults = \"all\"\n\
             [[expect]]\nmetric = \"blast_radius\"\nfault = \"pc\"\np95 = {{ at_most = \"4 customers\" }}\np99 = {{ at_most = \"4 customers\" }}\n"
        )
    };
    for schedule in ["mtbf = \"2d\"\nmttr = \"12min\"", "every = \"2d\"\nfor = \"12min\""] {
        let results = run_with(&text(schedule), &[]);
        for (statistic, expected) in [("p50", 3.0), ("p95", 5.0), ("p99", 7.0)] {
            let found =
                row(&results, "blast_radius", statistic, Of { fault: "pc", unit: Some("customers"), ..Of::default() });
            assert_eq!(found.value, Some(expected), "{schedule} {statistic}: {found:?}");
            assert!(found.low <= found.value && found.high < Some(8.5), "{schedule} {statistic}: {found:?}");
        }
        assert!(results.verdicts.iter().all(|verdict| verdict.outcome != Judgement::Kept), "{schedule}");
    }
}
