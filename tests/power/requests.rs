//! Intervals of whole runs at the request level hold the truth where what matters is rare: a large cell, a long repair, a cause of
//! all; and no limit is kept because nothing was seen.

use cellsim::experiment::outcome::{Judgement, Outcome};

use crate::coverage::{CHANCE, at_most, holds};
use crate::support::{Of, read_with, row, run};

/// Experiments of each kind, and replications of the run that tells the truth.
const EXPERIMENTS: u32 = 400;
const LONG: &str = "run.replications=3000";

/// Cells of 100 and of 2 customers.
const CELLS: &str = "[tier.big]\ncustomers = 100\ncells = 1\nsla = \"99.9%\"\n\
     [tier.small]\ncustomers = 12\ncells = 6\nsla = \"99.9%\"\n\
     [workflow.w]\ndemand = \"0.2/s\"\nclient.deadline = \"1s\"\nstage.s = { kind = \"delay\", service_time = \"1ms\" }\n";

/// One tier of two cells.
const TWO: &str = "[tier.t]\ncustomers = 20\ncells = 2\nsla = \"99.9%\"\n\
     [workflow.w]\ndemand = \"0.5/s\"\nclient.deadline = \"1s\"\nstage.s = { kind = \"delay\", service_time = \"1ms\" }\n";

const RUN: &str = "[run]\nfaults = \"random\"\nwarmup = \"0s\"\nhorizon = \"2min\"\nreplications = 5\n";

fn of<'a>(fault: &'a str, tier: &'a str, unit: &'a str) -> Of<'a> {
    Of { fault, tier, unit: Some(unit), ..Of::default() }
}

/// Runs experiments whose means must hold those of a long run; `expected` are limits that are broken by construction, or lie at 0.4
/// of the truth, and are not to be kept.
#[track_caller]
fn seldom_wrong(what: &str, text: &str, means: &[(&str, Of<'_>)], broken: &str, most: &dyn Fn(&Outcome)) {
    let truth = run(&read_with(text, &[LONG, "run.seed=100000"]));
    let truths: Vec<f64> =
        means.iter().map(|(metric, of)| row(&truth, metric, "mean", *of).value.expect("it was measured")).collect();
    // A limit at 0.4 of each mean.
    let mut text = format!("{text}{broken}");
    for ((metric, of), truth) in means.iter().zip(&truths) {
        let named =
            |key: &str, name: &str| if name.is_empty() { String::new() } else { format!("{key} = \"{name}\"\n") };
        let limit = match of.unit {
            Some("customers") => format!("{}", (0.4 * truth).floor()),
            _ => format!("{}", 0.4 * truth),
        };
        text.push_str(&format!(
            "[[expect]]\nmetric = \"{metric}\"\n{}{}mean = {{ at_most = {limit} }}\n",
            named("fault", of.fault),
            named("tier", of.tier)
        ));
    }
    let (mut covered, mut kept) = (vec![0; means.len()], std::collections::BTreeMap::new());
    for seed in 1..=EXPERIMENTS {
        let results = run(&read_with(&text, &[&format!("run.seed={seed}")]));
        for ((covered, (metric, of)), truth) in covered.iter_mut().zip(means).zip(&truths) {
            let found = row(&results, metric, "mean", *of);
            // The long run knows it to some per cent.
            *covered += u32::from(holds(found, 1.03 * truth) || holds(found, 0.97 * truth));
        }
        for verdict in &results.verdicts {
            *kept.entry(verdict.what.clone()).or_insert(0) += u32::from(verdict.outcome == Judgement::Kept);
        }
        most(&results);
    }
    for ((metric, of), covered) in means.iter().zip(covered) {
        println!("{what}, {metric} {}: {covered} of {EXPERIMENTS} hold the truth", of.tier);
        assert!(at_most(covered, EXPERIMENTS, 0.95) > CHANCE, "{what}, {metric}: {covered} of {EXPERIMENTS}");
    }
    for (verdict, kept) in kept {
        println!("{what}, {verdict}: {kept} of {EXPERIMENTS} falsely kept");
        assert!(20 * kept <= EXPERIMENTS, "{what}, {verdict}: {kept} of {EXPERIMENTS} falsely kept");
    }
}

/// A limit of the worst, and of latency's p95, that no run of this platform keeps.
fn worst(fault: &str, customers: u32) -> String {
    format!(
        "[[expect]]\nmetric = \"blast_radius\"\nfault = \"{fault}\"\nworst = {{ at_most = \"{customers} customers\" }}\n\
         [[expect]]\nmetric = \"down\"\nfault = \"{fault}\"\nworst = {{ at_most = \"{customers} customers\" }}\n"
    )
}

fn p95(more: &str) -> String {
    format!("[[expect]]\nmetric = \"latency\"\ncondition = \"with faults\"\n{more}p95 = {{ at_most = \"100ms\" }}\n")
}

#[test]
fn runs_that_seldom_strike_the_large_cell() {
    let text = format!(
        "{CELLS}[fault.f]\nstrikes = {{ workflow = \"w\" }}\neffect = \"crash\"\neach = \"cell\"\nmtbf = \"20min\"\nmttr = \"30s\"\n{RUN}"
    );
    let means = [
        ("blast_radius", of("f", "", "customers")),
        ("down", of("f", "", "customers")),
        ("customer_minutes", of("f", "", "min")),
        ("month_budget_used", Of { tier: "big", ..Of::default() }),
    ];
    let broken = format!(
        "{}[[expect]]\nmetric = \"customer_minutes\"\nfault = \"f\"\nworst = {{ at_most = 60 }}\n",
        worst("f", 50)
    );
    seldom_wrong("large cell", &text, &means, &broken, &|results| {
        assert_eq!(row(results, "blast_radius", "worst", of("f", "", "customers")).high, Some(100.0));
    });
}

#[test]
fn runs_that_seldom_see_a_long_repair() {
    // Pareto of 1.5 from 5 s: one repair in 15 outlasts half a minute, one in 40 a minute.
    let text = format!(
        "{TWO}[fault.f]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"4min\"\nmttr = {{ pareto = {{ min = \"5s\", shape = 1.5 }} }}\n{RUN}"
    );
    let means = [
        ("blast_radius", of("f", "", "customers")),
        ("customer_minutes", of("f", "", "min")),
        ("error_share", Of { tier: "t", condition: Some("with faults"), ..Of::default() }),
        ("month_budget_used", Of { tier: "t", ..Of::default() }),
    ];
    // A repair may last to the end of the run: so may its harm.
    let broken = "[[expect]]\nmetric = \"customer_minutes\"\nfault = \"f\"\nworst = { at_most = 15 }\n";
    seldom_wrong("long repair", &text, &means, broken, &|_| {});
}

#[test]
fn runs_that_seldom_see_a_cause_of_all() {
    // Once in ten minutes, and then to the end: 9 % of requests fail, in 1.8 runs of ten.
    let fault = |effect: &str| {
        format!("{TWO}[fault.f]\none_of = \"platform\"\neffect = {effect}\nmtbf = \"10min\"\nmttr = \"30min\"\n{RUN}")
    };
    let means = [
        ("error_share", Of { tier: "t", condition: Some("with faults"), ..Of::default() }),
        ("customer_minutes", of("f", "", "min")),
        ("month_budget_used", Of { tier: "t", ..Of::default() }),
    ];
    let share = "[[expect]]\nmetric = \"latency\"\ncondition = \"with faults\"\nunder = \"300ms\"\nshare = { at_least = \"95%\" }\n";
    let broken = format!("{}{share}{}{}{}", worst("f", 15), p95(""), p95("tier = \"t\"\n"), p95("workflow = \"w\"\n"));
    seldom_wrong("cause of all", &fault("\"crash\""), &means, &broken, &|_| {});
    // Slow, and nobody fails: what is not seen is as slow.
    let slow = fault("{ slow = 400 }");
    seldom_wrong("slow cause of all", &slow, &[], &format!("{}{share}", p95("")), &|_| {});
}
