//! Harm over years: what was not seen is not excluded.

use cellsim::engine::stats::{Judgement, State, Threshold, verdict};
use cellsim::experiment::outcome::Outcome;
use cellsim::scenario::Scenario;

use crate::support::{Of, read_with, row, run, run_with, value_of};
use crate::{folder, read};

/// Cells of 400 and of 5 customers, one outage in three years and cell, 20 replications of 60 days.
#[track_caller]
fn seeded(case: &str, file: &str, seed: u32) -> Scenario {
    match read(case, file, &[&format!("run.seed={seed}")]) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{}: {problems}", folder(case).display()),
    }
}

fn outcome<'a>(results: &'a Outcome, metric: &str, statistic: &str) -> &'a Judgement {
    let found = results
        .verdicts
        .iter()
        .find(|verdict| verdict.subject.metric.name() == metric && verdict.subject.statistic.to_string() == statistic);
    &found.expect("it was expected").outcome
}

#[test]
fn the_worst_is_bounded_by_every_cell_that_can_be_struck() {
    // 16 of the 40 seeds were kept: the large cell was not struck.
    for seed in 1..=40 {
        let results = run(&seeded("adv-01-worst-kept-unseen-cell", "years.toml", seed));
        let found = outcome(&results, "blast_radius", "worst");
        let of = Of { fault: "outage", unit: Some("customers"), ..Of::default() };
        assert_eq!(row(&results, "blast_radius", "worst", of).high, Some(400.0), "seed {seed}");
        assert!(matches!(found, Judgement::Undecided | Judgement::Breached), "seed {seed}: {found:?}");
    }
}

#[test]
fn nearly_alike_is_no_more_certain_than_alike() {
    let (mut covered, runs) = ([0; 3], 40);
    for seed in 1..=runs {
        let results = run(&seeded("adv-03-nearly-alike", "scenario.toml", seed));
        for (metric, statistic) in [
            ("blast_radius", "worst"),
            ("blast_radius", "mean"),
            ("exposed", "mean"),
            ("customer_minutes", "mean"),
            ("yearly_minutes", "mean"),
        ] {
            let found = outcome(&results, metric, statistic);
            assert!(matches!(found, Judgement::Undecided | Judgement::Breached), "seed {seed}, {metric}: {found:?}");
        }
        let of = Of { fault: "outage", unit: Some("customers"), ..Of::default() };
        let exposed = row(&results, "exposed", "mean", of);
        assert!((exposed.value.unwrap() - 440.0 / 9.0).abs() < 1e-9 && exposed.state == State::Exact);
        // By closed form: each outage of an hour harms 59 whole minutes and two parts of one, of customers with 7.5 requests a
        // minute in the large cell and 0.75 in the small ones: quiet minutes are not harmed.
        let truth = [48.9, 2_930.0, 8_800.0];
        let metrics = [("blast_radius", "customers"), ("customer_minutes", "min"), ("yearly_minutes", "min")];
        for ((covered, (metric, unit)), truth) in covered.iter_mut().zip(metrics).zip(truth) {
            let estimate = row(&results, metric, "mean", Of { unit: Some(unit), ..of });
            // The case gives them to two or three digits.
            let holds = estimate.low.unwrap() <= 1.01 * truth && 0.99 * truth <= estimate.high.unwrap();
            *covered += u32::from(holds);
        }
    }
    assert!(covered.iter().all(|&covered| covered >= 36), "{covered:?} of {runs}");
}

#[test]
fn a_tier_s_numbers_are_those_of_incidents_that_reach_it() {
    let results = run(&seeded("adv-03-nearly-alike", "scenario.toml", 2));
    let of = |tier| Of { tier, fault: "outage", unit: Some("customers"), ..Of::default() };
    for (tier, customers) in [("big", 400.0), ("small", 5.0)] {
        assert_eq!(value_of(&results, "exposed", "mean", of(tier)), customers);
        assert_eq!(value_of(&results, "exposed", "worst", of(tier)), customers);
        // One strike reaches one cell, not the tier.
        assert_eq!(row(&results, "blast_radius", "worst", of(tier)).high, Some(customers));
        let mean = row(&results, "blast_radius", "mean", of(tier));
        assert!(mean.high.unwrap() <= customers && mean.value.is_none_or(|value| value > 0.9 * customers), "{mean:?}");
    }
}

/// One tier of one cell that is out for ten hours about once a year, in histories of 60 days.
fn long_outages(replications: u32, seed: u32) -> Scenario {
    let text = format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ service_time = \"10ms\", size = {{ utilization = \"10%\" }} }}\n\
         [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"365d\"\nmttr = \"10h\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"60d\"\nreplications = {replications}\n"
    );
    read_with(&text, &[&format!("run.seed={seed}")])
}

#[test]
fn a_quantile_of_months_is_not_zero_because_nothing_was_seen() {
    let of = Of { tier: "t", ..Of::default() };
    let mut unseen = 0;
    for seed in 1..=40 {
        let results = run(&long_outages(5, seed));
        let p95 = row(&results, "bad_minutes", "p95", of);
        assert_ne!(verdict(p95, Threshold::AtMost(5.0)), Judgement::Kept, "seed {seed}: {p95:?}");
        unseen += u32::from(results.years().unwrap().incidents == 0);
        // Nor are others kept by what was not seen.
        let kept = row(&results, "sla_attainment", "mean", of);
        assert_ne!(verdict(kept, Threshold::AtLeast(0.95)), Judgement::Kept, "seed {seed}: {kept:?}");
        let mean = row(&results, "bad_minutes", "mean", of);
        assert_ne!(verdict(mean, Threshold::AtMost(20.0)), Judgement::Kept, "seed {seed}: {mean:?}");
    }
    assert!(unseen > 5, "some runs see no outage: {unseen}");
    // 7.9 % of months are struck: with 400 histories that is certain.
    let breached = (1..=20)
        .filter(|&seed| {
            let results = run(&long_outages(400, seed));
            verdict(row(&results, "bad_minutes", "p95", of), Threshold::AtMost(5.0)) == Judgement::Breached
        })
        .count();
    assert!(breached >= 14, "{breached} of 20");
}

#[test]
fn attainment_of_the_closed_form_lies_inside_and_intervals_are_narrow() {
    // 6 cells of 50, outages at mean intervals of 60 days and of length D: kept while their minutes add up to at most 43.
    for (minutes, truth, most) in
        [(45, 0.6065, 0.013), (30, 0.9098, 0.006), (20, 0.9856, 0.003), (13, 0.9982, 0.001), (8, 0.9998, 0.0003)]
    {
        let text = format!(
            "[tier.t]\ncustomers = 300\ncells = 6\nsla = \"99.9%\"\n\
             [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\n\
             stage.s = {{ service_time = \"10ms\", size = {{ utilization = \"10%\" }} }}\n\
             [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"60d\"\nmttr = \"{minutes}min\"\n\
             [run]\nlevel = \"incident\"\nhorizon = \"10 years\"\nreplications = 20\n"
        );
        let results = run_with(&text, &[]);
        let kept = row(&results, "sla_attainment", "mean", Of { tier: "t", ..Of::default() });
        let all = row(&results, "sla_attainment_of_all", "mean", Of { tier: "t", ..Of::default() });
        let (low, high) = (kept.low.unwrap(), kept.high.unwrap());
        // The form neglects the time of repair and the parts of minutes.
        assert!(low - 0.0015 <= truth && truth <= high + 0.0015, "{minutes} min: {kept:?}");
        assert!((high - low) / 2.0 <= most, "{minutes} min: {kept:?}");
        assert!(low >= all.low.unwrap() && high >= all.high.unwrap() && kept.value >= all.value, "{kept:?} {all:?}");
    }
}

#[test]
fn strikes_that_merged_did_strike() {
    // The cell's outages all fall into one of the platform that never ends.
    let text = "[tier.t]\ncustomers = 20\ncells = 2\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\n\
         stage.s = { service_time = \"10ms\", size = { utilization = \"10%\" } }\n\
         [fault.platform]\none_of = \"platform\"\neffect = \"crash\"\nmtbf = \"1s\"\nmttr = \"1000d\"\n\
         [fault.cell]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"5d\"\nmttr = \"1h\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"60d\"\nreplications = 5\n";
    let results = run_with(text, &[]);
    let of = Of { fault: "cell", unit: Some("customers"), ..Of::default() };
    let reason = row(&results, "blast_radius", "mean", of).reason.as_deref().unwrap();
    assert!(reason.contains("strikes fell into incidents that are counted for other faults"), "{reason}");
}

#[test]
fn everything_expected_over_years_is_measured() {
    let text = "[tier.t]\ncustomers = 20\ncells = 2\nsla = \"99%\"\n\
         [contract]\ncredits = [{ below = \"target\", share = \"10%\" }]\n\
         [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\nprice = \"$1/request\"\n\
         stage.s = { service_time = \"10ms\", size = { utilization = \"10%\" } }\n\
         [fault.cell]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"5d\"\nmttr = \"1h\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"60d\"\nreplications = 5\n\
         [[expect]]\nmetric = \"blast_radius\"\nfault = \"cell\"\nmean = { at_most = 5 }\np50 = { at_most = 5 }\n\
         p95 = { at_most = 5 }\np99 = { at_most = 5 }\nworst = { at_most = 5 }\n\
         [[expect]]\nmetric = \"exposed\"\nfault = \"cell\"\nmean = { at_most = 5 }\nworst = { at_most = 5 }\n\
         [[expect]]\nmetric = \"customer_minutes\"\nfault = \"cell\"\nmean = { at_most = 5 }\nworst = { at_most = 5 }\n\
         [[expect]]\nmetric = \"availability\"\ntier = \"t\"\nmean = { at_least = \"90%\" }\nworst = { at_least = \"90%\" }\n\
         [[expect]]\nmetric = \"bad_minutes\"\ntier = \"t\"\nmean = { at_most = 5 }\np95 = { at_most = 5 }\n\
         worst = { at_most = 5 }\n\
         [[expect]]\nmetric = \"incidents\"\nfault = \"cell\"\nmean = { at_most = 5 }\n\
         [[expect]]\nmetric = \"yearly_minutes\"\nfault = \"cell\"\nmean = { at_most = 5 }\n\
         [[expect]]\nmetric = \"credits\"\ntier = \"t\"\nmean = { at_most = \"$5/month\" }\n\
         [[expect]]\nmetric = \"sla_attainment\"\ntier = \"t\"\nmean = { at_least = \"5%\" }\n\
         [[expect]]\nmetric = \"sla_attainment_of_all\"\ntier = \"t\"\nmean = { at_least = \"5%\" }\n";
    let results = run_with(text, &[]);
    assert_eq!(results.verdicts.len(), 19);
    for verdict in &results.verdicts {
        assert_ne!(verdict.outcome, Judgement::NotMeasured, "{}: {}", verdict.what, verdict.note);
    }
}
