//! The tests of truth can fail: a model that is a little wrong falls outside, and 95 % intervals cover 95 % of the time.
#![allow(clippy::print_stdout, reason = "what was found is shown when a check fails")]

mod anchored;
mod coverage;
mod decided;
#[path = "../analytic/judge.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod judge;
mod mechanisms;
mod rare_strikes;
mod requests;
mod seldom_demand;
mod strikes;
#[path = "../support/mod.rs"]
mod support;
mod years;

use cellsim::engine::theory::mmc::Mmc;
use cellsim::engine::theory::retries::Retries;
use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::{Options, selftest};
use support::{Of, read, read_with, row, run};

/// The interval at the level of the analytic tests does not hold this value.
#[track_caller]
fn outside(results: &Outcome, metric: &str, statistic: &str, wrong: f64) {
    let estimate = row(results, metric, statistic, Of::default());
    let (low, high) = (estimate.low.expect("an interval"), estimate.high.expect("an interval"));
    assert!(wrong < low || high < wrong, "{metric} {statistic}: {wrong} is in {low} ... {high}");
}

fn station(seconds: u32) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"8/s\"\nclient.deadline = \"10min\"\n\
         stage.s = {{ service_time = {{ exponential = \"10ms\" }}, size = {{ concurrency = 10 }} }}\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"{seconds}s\"\nreplications = 20\n{}\n",
        judge::confidence()
    )
}

#[test]
fn slower_service_another_station_and_more_traffic_are_found_out() {
    let results = run(&read(&station(150)));
    let right = Mmc { arrival_rate: 800.0, service_rate: 100.0, servers: 10 };
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        judge::row_inside(&results, "latency", statistic, right.sojourn_quantile(p));
        for wrong in [
            Mmc { service_rate: 95.0, ..right },
            Mmc { service_rate: 105.0, ..right },
            Mmc { servers: 11, ..right },
            Mmc { servers: 9, ..right },
            Mmc { arrival_rate: 840.0, ..right },
        ] {
            // One more slot hardly shows in the median.
            if (wrong.sojourn_quantile(p) / right.sojourn_quantile(p) - 1.0).abs() > 0.04 {
                outside(&results, "latency", statistic, wrong.sojourn_quantile(p));
            }
        }
    }
    outside(&results, "utilization", "mean", 0.8 * 1.02);
    outside(&results, "request_rate", "mean", 800.0 * 1.01);
}

#[test]
fn a_wrong_law_of_service_is_found_out() {
    let text = station(100).replace("{ exponential = \"10ms\" }", "{ erlang = { mean = \"10ms\", stages = 2 } }");
    let results = run(&read(&text));
    let exponential = Mmc { arrival_rate: 800.0, service_rate: 100.0, servers: 10 };
    outside(&results, "latency", "p50", exponential.sojourn_quantile(0.5));
    outside(&results, "latency", "p99", exponential.sojourn_quantile(0.99));
}

#[test]
fn another_hit_ratio_and_other_retries_are_found_out() {
    let text = format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"10/s\"\nclient = {{ deadline = \"1min\", attempts = 3, backoff = \"1ms\" }}\n\
         stage.s = {{ kind = \"delay\", service_time = \"1ms\" }}\n[router]\ncache.hit_ratio = \"95%\"\n\
         [fault.f]\nstrikes = {{ workflow = \"w\" }}\neffect = {{ errors = \"30%\" }}\nat = \"0s\"\nfor = \"5min\"\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"1min\"\nreplications = 20\n{}\n",
        judge::confidence()
    );
    let results = run(&read(&text));
    outside(&results, "hit_ratio", "mean", 0.945);
    outside(&results, "hit_ratio", "mean", 0.955);
    let right = Retries { attempts: 3, budget: None };
    judge::row_inside(&results, "retry_amplification", "mean", right.at(0.3).amplification);
    for (attempts, share) in [(2, 0.3), (4, 0.3), (3, 0.29), (3, 0.31)] {
        let wrong = Retries { attempts, budget: None }.at(share);
        outside(&results, "retry_amplification", "mean", wrong.amplification);
        outside(&results, "error_share", "mean", wrong.failed);
    }
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    let text = "[tier.t]\ncustomers = 20\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"5/s\"\nclient.deadline = \"5s\"\n\
         stage.s = { service_time = { exponential = \"10ms\" }, size = { concurrency = 2 }, queue = 0 }\n\
         [router]\ncache.hit_ratio = \"70%\"\n\
         [run]\nwarmup = \"2s\"\nhorizon = \"15s\"\nreplications = 8\n";
    let truth = [
        ("hit_ratio", 0.7),
        ("request_rate", 100.0),
        ("error_share", cellsim::engine::theory::erlang_b::blocking(1.0, 2)),
        ("utilization", 0.5 * (1.0 - cellsim::engine::theory::erlang_b::blocking(1.0, 2))),
    ];
    let runs = 250;
    let mut covered = [0_u32; 4];
    for seed in 1..=runs {
        let results = run(&read_with(text, &[&format!("run.seed={seed}")]));
        for ((metric, value), covered) in truth.iter().zip(&mut covered) {
            let estimate = row(&results, metric, "mean", Of::default());
            let inside =
                estimate.low.is_some_and(|low| low <= *value) && estimate.high.is_some_and(|high| *value <= high);
            *covered += u32::from(inside);
        }
    }
    // 95 % of 250 is 237.5 with a deviation of 3.4; the range is what chance leaves with a probability of 99.9 % or more.
    for ((metric, _), covered) in truth.iter().zip(covered) {
        println!("{metric}: {covered} of {runs}");
        assert!((225..=249).contains(&covered), "{metric}: {covered} of {runs} intervals hold the truth");
    }
}

#[test]
fn a_mean_service_time_wrong_by_5_per_cent_fails_its_case_of_the_selftest() {
    for name in
        ["m-m-1", "m-m-10", "m-m-40", "m-m-1-2", "m-m-10-15", "tandem", "erlang-b-constant", "m-d-1", "patience"]
    {
        let mut case = selftest::cases().into_iter().find(|case| case.name == name).expect("there is such a case");
        let level = selftest::level(selftest::checks());
        // The text's service times, each 5 % longer; theory stays as it is.
        let mut rest = std::mem::take(&mut case.text);
        while let Some(at) = rest.find("service_time = ") {
            let from = at + rest[at..].find('"').expect("a quoted time") + 1;
            let upto = from + rest[from..].find('"').expect("a quoted time");
            let (number, unit) =
                rest[from..upto].split_at(rest[from..upto].find(|c: char| c.is_alphabetic()).expect("a unit"));
            let longer = 1.05 * number.parse::<f64>().expect("a number");
            case.text += &format!("{}{longer}{unit}", &rest[..from]);
            rest = rest[upto..].to_owned();
        }
        case.text += &rest;
        let options = Options { threads: Some(1), ..Options::default() };
        let findings = selftest::examine(&case, level, &options, &support::Patient).expect("it runs");
        let outside = findings.iter().filter(|finding| finding.verdict == selftest::Verdict::Outside).count();
        println!("{name}: {outside} of {} outside", findings.len());
        assert!(outside > 0, "{findings:#?}");
    }
}

#[test]
fn longer_repairs_and_rarer_outages_fail_their_case_of_the_selftest() {
    for (right, wrong) in [("exponential = \"10s\"", "exponential = \"10.7s\""), ("mtbf = \"50s\"", "mtbf = \"53.5s\"")]
    {
        let mut case = selftest::cases().into_iter().find(|case| case.name == "outages").expect("there is such a case");
        assert!(case.text.contains(right), "{}", case.text);
        case.text = case.text.replace(right, wrong);
        let options = Options { threads: Some(1), ..Options::default() };
        let level = selftest::level(selftest::checks());
        let findings = selftest::examine(&case, level, &options, &support::Patient).expect("it runs");
        assert!(findings.iter().any(|finding| finding.verdict == selftest::Verdict::Outside), "{findings:#?}");
    }
}
