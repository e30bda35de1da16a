//! What users ask of requests: latencies, shares under a limit, what happens while a fault lasts, many short runs.

use cellsim::experiment::outcome::{Judgement, Outcome, Verdict};

use crate::read;
use crate::support::{Folder, Of, row, run, run_text, run_with, value_of};

/// A delay with an exponential law of 100 ms, and nothing else.
pub(crate) const EXPONENTIAL: &str = r#"
[tier.t]
customers = 50
cells = 1
sla = "99%"
[workflow.w]
demand = "2/s"
client.deadline = "5s"
stage.s = { kind = "delay", service_time = { exponential = "100ms" } }
[run]
warmup = "5s"
horizon = "5min"
replications = 10
"#;

pub(crate) fn of(results: &Outcome, metric: &str, statistic: &str) -> f64 {
    value_of(results, metric, statistic, Of { condition: Some("no fault"), ..Of::default() })
}

#[track_caller]
pub(crate) fn near(found: f64, right: f64, tolerance: f64) {
    assert!((found - right).abs() <= tolerance, "{found}, should be {right} within {tolerance}");
}

pub(crate) fn outcomes(results: &Outcome) -> Vec<Judgement> {
    results.verdicts.iter().map(|verdict: &Verdict| verdict.outcome).collect()
}

pub(crate) fn problems(text: &str) -> String {
    let folder = Folder::new();
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, text).unwrap();
    cellsim::scenario::Scenario::read(&path, &[]).unwrap_err().render(false, 120)
}

#[test]
fn latency_has_p95_mean_and_shares_under_limits() {
    let results = run_text(&format!(
        "{EXPONENTIAL}\n[[expect]]\nmetric = \"latency\"\nunder = \"300ms\"\nshare = {{ at_least = \"94%\" }}\n\
         p95 = {{ at_most = \"400ms\" }}\n[[expect]]\nmetric = \"latency\"\nunder = \"0.1s\"\nshare = {{ at_least = \"70%\" }}\n\
         [[expect]]\nmetric = \"ok_latency\"\nworkflow = \"w\"\nmean = {{ at_most = \"110ms\" }}\n"
    ));
    // 1 - exp(-3), 1 - exp(-1), -ln 0.05 x 100 ms; 30,000 requests a replication.
    near(of(&results, "latency", "under 300ms"), 0.950_213, 0.002);
    near(of(&results, "latency", "under 100ms"), 0.632_121, 0.004);
    near(of(&results, "ok_latency", "under 300ms"), 0.950_213, 0.002);
    near(of(&results, "latency", "p95"), 0.299_573, 0.004);
    near(of(&results, "latency", "mean"), 0.1, 0.001);
    let share = row(&results, "latency", "under 300ms", Of::default());
    let (low, high) = (share.low.unwrap(), share.high.unwrap());
    assert!(low < 0.950_213 && 0.950_213 < high && high - low < 0.004, "{low} to {high}");
    assert_eq!(outcomes(&results), [Judgement::Kept, Judgement::Kept, Judgement::Breached, Judgement::Kept]);
}

#[test]
fn exactly_at_the_limit_is_under_it_and_a_failed_request_is_not() {
    let text = EXPONENTIAL.replace("{ exponential = \"100ms\" }", "\"100ms\"")
        + "[fault.errors]\nstrikes = { platform = true }\neffect = { errors = \"30%\" }\nat = \"0s\"\nfor = \"5min\"\n\
           [[expect]]\nmetric = \"latency\"\nunder = \"100ms\"\nshare = { at_least = \"50%\" }\n\
           [[expect]]\nmetric = \"latency\"\ncondition = \"with faults\"\nunder = \"100ms\"\nshare = { at_least = \"80%\" }\n\
           [[expect]]\nmetric = \"latency\"\nfault = \"errors\"\nunder = \"99ms\"\nshare = { at_least = \"1%\" }\n";
    let results = run_text(&text);
    assert_eq!(of(&results, "latency", "under 100ms"), 1.0);
    let faulted = Of { condition: Some("with faults"), ..Of::default() };
    near(value_of(&results, "latency", "under 100ms", faulted), 0.7, 0.01);
    assert_eq!(value_of(&results, "ok_latency", "under 100ms", faulted), 1.0);
    let mean = row(&results, "latency", "mean", faulted);
    assert!(mean.value.is_none() && mean.reason.as_ref().unwrap().contains("requests failed"), "{mean:?}");
    near(value_of(&results, "ok_latency", "mean", faulted), 0.1, 1e-9);
    // 0 in ten histories, of which up to a quarter might be otherwise.
    assert_eq!(outcomes(&results), [Judgement::Kept, Judgement::Breached, Judgement::Undecided]);
}

#[test]
fn a_share_under_a_limit_is_asked_whole_or_refused() {
    let with = |expectation: &str| problems(&format!("{EXPONENTIAL}\n[[expect]]\n{expectation}"));
    let share = "share = { at_least = \"9%\" }";
    assert!(with(&format!("metric = \"latency\"\n{share}")).contains("add `under = \"300ms\"`"));
    assert!(
        with("metric = \"latency\"\nunder = \"1s\"\np99 = { at_most = \"1s\" }").contains("`under` without a `share`")
    );
    assert!(with(&format!("metric = \"router_latency\"\nunder = \"1s\"\n{share}")).contains("has no requests under"));
    let cost = with("metric = \"availability\"\ntier = \"t\"\ncondition = \"no fault\"\nmean = { at_least = \"9%\" }");
    assert!(cost.contains("measured in one world only"), "{cost}");
}

/// All requests take 2.02 s for ten minutes of twelve, which every client waits for.
fn slow(contract: &str) -> Outcome {
    let folder = Folder::new();
    let text = std::fs::read_to_string(crate::folder("20-latency-under-fault").join("scenario.toml")).unwrap();
    run(&folder.read(&(text + contract), &[]))
}

#[test]
fn a_contract_may_count_slow_answers_as_failed() {
    let tier = Of { tier: "t", workflow: "w", ..Of::default() };
    let of_fault = Of { fault: "slow", ..Of::default() };
    let patient = slow("");
    assert_eq!(value_of(&patient, "bad_minutes", "worst", tier), 0.0);
    assert_eq!(value_of(&patient, "blast_radius", "mean", of_fault), 0.0);
    let strict = slow("[contract]\ngood_under = \"300ms\"\n");
    assert_eq!(value_of(&strict, "bad_minutes", "worst", tier), 10.0);
    assert_eq!(value_of(&strict, "blast_radius", "mean", of_fault), 100.0);
    // 10 of the 432 minutes that 99 % of a month allows, by whatever way they are asked for.
    let used = Of { tier: "t", workflow: "w", ..Of::default() };
    near(value_of(&strict, "month_budget_used", "worst", used), 10.0 / 432.0, 1e-9);
    let used = Of { tier: "t", fault: "slow", ..Of::default() };
    near(value_of(&strict, "month_budget_used", "worst", used), 10.0 / 432.0, 1e-9);
    // No request failed all the same.
    assert_eq!(value_of(&strict, "error_share", "mean", Of::default()), 0.0);
    near(
        value_of(&slow("[contract]\ngood_under = \"300ms\"\nmeasure = \"requests\"\n"), "availability", "mean", tier),
        2.0 / 12.0,
        0.01,
    );
    let shares = slow("[contract]\ngood_under = \"300ms\"\nmeasure = \"mean-error-share\"\n");
    near(value_of(&shares, "availability", "mean", tier), 2.0 / 12.0, 0.01);
    // A limit above all latencies changes nothing.
    let lenient = slow("[contract]\ngood_under = \"3s\"\n");
    assert_eq!(value_of(&lenient, "bad_minutes", "worst", tier), 0.0);
}

#[test]
fn slow_answers_of_a_contract_are_refused_where_nothing_measures_them() {
    let text = format!("{EXPONENTIAL}[contract]\ngood_under = \"300ms\"\n");
    let attempts = problems(&(text.clone() + "unit = \"attempts\"\n"));
    assert!(attempts.contains("`good_under` is the client's view"), "{attempts}");
    let years = text.replace("[run]\nwarmup = \"5s\"\n", "[run]\nlevel = \"incident\"\n");
    let years = problems(&years.replace("horizon = \"5min\"", "horizon = \"1year\""));
    assert!(years.contains("flows have no latencies") && years.contains("good_under = \"300ms\""), "{years}");
}

#[test]
fn latency_while_a_fault_lasts_and_in_the_world_with_faults() {
    let results = slow(
        "[[expect]]\nmetric = \"latency\"\nfault = \"slow\"\np50 = { at_most = \"500ms\" }\n\
         [[expect]]\nmetric = \"latency\"\nfault = \"slow\"\ntier = \"t\"\nworkflow = \"w\"\nmean = { at_most = \"2.03s\" }\n\
         [[expect]]\nmetric = \"latency\"\ncondition = \"with faults\"\np99 = { at_most = \"500ms\" }\n\
         [[expect]]\nmetric = \"error_share\"\nfault = \"slow\"\nmean = { at_most = \"50%\" }\n",
    );
    let wanted = [Judgement::Kept, Judgement::Breached, Judgement::Kept, Judgement::Breached, Judgement::Kept];
    assert_eq!(outcomes(&results), wanted);
    let during = Of { fault: "slow", ..Of::default() };
    near(value_of(&results, "latency", "p50", during), 2.02, 0.01);
    near(value_of(&results, "latency", "mean", during), 2.02, 1e-6);
    // Ten of twelve minutes: the median of the whole world is slow, the first tenth is not.
    let faulted = Of { condition: Some("with faults"), ..Of::default() };
    near(value_of(&results, "latency", "mean", faulted), 2.02 * 10.0 / 12.0 + 0.02 * 2.0 / 12.0, 0.02);
    let both = problems(
        &(EXPONENTIAL.to_owned()
            + "[fault.f]\nstrikes = { platform = true }\neffect = { slow = 2 }\nat = \"1min\"\nfor = \"1min\"\n\
               [[expect]]\nmetric = \"latency\"\nfault = \"f\"\ncondition = \"no fault\"\np50 = { at_most = \"1s\" }\n"),
    );
    assert!(both.contains("happens with faults"), "{both}");
}

#[test]
fn utilization_while_a_fault_lasts() {
    // 20 slots at 30 %; services three times as long for a minute of four, in one of two cells: 90 % there.
    let results = run_text(
        r#"
[tier.t]
customers = 100
cells = 2
sla = "99%"
[workflow.w]
demand = "6/s"
client.deadline = "1min"
stage.s = { service_time = { exponential = "20ms" }, size = { concurrency = 20 } }
[fault.slow]
strikes = { cell = 1 }
effect = { slow = 3 }
at = "1min"
for = "1min"
[fault.never]
strikes = { cell = 2 }
effect = "crash"
mtbf = "100years"
mttr = "1min"
[run]
warmup = "10s"
horizon = "4min"
replications = 5
faults = "all"
[[expect]]
metric = "utilization"
fault = "slow"
busiest = { at_most = "80%" }
[[expect]]
metric = "utilization"
busiest = { at_most = "80%" }
[[expect]]
metric = "utilization"
condition = "with faults"
mean = { at_least = "32%" }
[[expect]]
metric = "utilization"
fault = "never"
mean = { at_most = "32%" }
"#,
    );
    let during = Of { fault: "slow", ..Of::default() };
    near(value_of(&results, "utilization", "busiest", during), 0.9, 0.02);
    near(value_of(&results, "utilization", "mean", during), 0.6, 0.02);
    near(of(&results, "utilization", "busiest"), 0.3, 0.02);
    let faulted = Of { condition: Some("with faults"), ..Of::default() };
    near(value_of(&results, "utilization", "mean", faulted), (3.0 * 0.3 + 0.6) / 4.0, 0.01);
    assert_eq!(outcomes(&results), [Judgement::Breached, Judgement::Kept, Judgement::Kept, Judgement::NotMeasured]);
    assert!(results.verdicts[3].note.contains("did not strike"), "{}", results.verdicts[3].note);
}

#[test]
fn many_short_histories_tell_a_quantile() {
    let scenario = read("22-terminating-run-quantiles", "scenario.toml", &[]).unwrap();
    let results = run(&scenario);
    // 3.08 s and 1.113 s by 4,000 independent histories elsewhere: start empty, ten seconds.
    for (statistic, right, widest) in [("p50", 1.113, 0.15), ("p90", 3.08, 0.4)] {
        let found = row(&results, "latency", statistic, Of::default());
        let (low, high) = (found.low.unwrap(), found.high.unwrap());
        assert!(low <= right && right <= high && high - low < widest, "{statistic}: {found:?}");
        assert_eq!(found.n, 400);
    }
    assert!(row(&results, "latency", "p99", Of::default()).value.is_some());
    let rare = row(&results, "latency", "p99.9", Of::default());
    assert!(rare.value.is_none() && rare.reason.as_ref().unwrap().contains("100 in all"), "{rare:?}");
}

#[test]
fn a_time_line_may_be_finer_than_a_second() {
    let text = EXPONENTIAL.replace("5min", "20s");
    let fine = run_text(&(text.clone() + "timeline = \"100ms\"\n"));
    let plain = run_text(&text);
    assert_eq!((fine.requests().unwrap().timeline.len(), plain.requests().unwrap().timeline.len()), (200, 20));
    assert_eq!(
        (fine.requests().unwrap().timeline[1].second, fine.requests().unwrap().timeline[199].second),
        (0.1, 19.9)
    );
    let csv = String::from_utf8(cellsim::report::csv::timeline(&fine)).unwrap();
    assert!(csv.lines().nth(2).unwrap().starts_with("0.1,"), "{}", csv.lines().nth(2).unwrap());
    // The last minute, the busiest second: the same whatever the bins.
    for (metric, statistic) in [("goodput", "end"), ("attempt_rate", "end")] {
        assert_eq!(of(&fine, metric, statistic), of(&plain, metric, statistic));
    }
    assert!(problems(&(text.clone() + "timeline = \"300ms\"\n")).contains("like \"100ms\""));
    assert!(problems(&(text.clone() + "timeline = \"1ms\"\n").replace("20s", "2min")).contains("too fine"));
    let years = text.replace("warmup = \"5s\"", "level = \"incident\"").replace("20s", "1year");
    assert!(problems(&(years + "timeline = \"1s\"\n")).contains("no effect at the incident level"));
}

#[test]
fn the_busiest_second_of_the_store_does_not_depend_on_the_bins() {
    let text = EXPONENTIAL.replace("5min", "30s")
        + "timeline = \"50ms\"\n[router]\ncache = { ttl = \"5s\", latency = \"1ms\" }\nstore.latency = \"5ms\"\n";
    let (fine, plain) = (run_text(&text), run_text(&text.replace("timeline = \"50ms\"", "")));
    for statistic in ["worst", "end", "mean"] {
        near(of(&fine, "store_load", statistic), of(&plain, "store_load", statistic), 1e-9);
    }
}

#[test]
fn more_than_one_hedge() {
    let text = EXPONENTIAL.replace(
        "client.deadline = \"5s\"",
        "client = { deadline = \"5s\", hedge = { after = \"50ms\", copies = 2 } }",
    );
    let results = run_text(&text);
    // The least of three exponential times, of which the second begins at 50 ms and the third at 100 ms.
    let (half, all) = ((-0.5_f64).exp(), (-1.5_f64).exp());
    let mean = 0.1 * (1.0 - half) + 0.05 * half * (1.0 - (-1.0_f64).exp()) + 0.1 / 3.0 * all;
    near(of(&results, "latency", "mean"), mean, 0.01 * mean);
    near(of(&results, "retry_amplification", "mean"), 1.0 + half + all, 0.005);
    // What fails at once sends no copy, and fails.
    let errors =
        "[fault.errors]\nstrikes = { stage = \"s\" }\neffect = { errors = \"100%\" }\nat = \"0s\"\nfor = \"5min\"\n";
    let failed = run_text(&(text.clone() + errors));
    assert_eq!(value_of(&failed, "error_share", "mean", Of::default()), 1.0);
    let late = problems(&text.replace("copies = 2", "copies = 9").replace("5s\", hedge", "400ms\", hedge"));
    assert!(late.contains("or with fewer copies"), "{late}");
    let one = EXPONENTIAL.replace("client.deadline = \"5s\"", "client = { deadline = \"5s\", hedge = \"50ms\" }");
    let table = one.replace("hedge = \"50ms\"", "hedge = { after = \"50ms\" }");
    assert_eq!(of(&run_text(&one), "latency", "mean"), of(&run_text(&table), "latency", "mean"));
}

/// The busiest second is one of the run's seconds, however the time line is drawn.
#[test]
fn the_busiest_second_of_the_store_does_not_depend_on_the_time_line() {
    let text = "[tier.t]\ncustomers = 2_000\ncells = 4\nsla = \"99%\"\n[workflow.w]\ndemand = \"0.05/s\"\nclient.deadline = \"10s\"\n\
         stage.s = { kind = \"delay\", service_time = \"5ms\" }\n[router]\ncache.hit_ratio = \"95%\"\n\
         [fault.burst]\nstrikes = { platform = true }\neffect = { demand = 20 }\nat = \"2min\"\nfor = \"1s\"\n\
         [run]\nhorizon = \"10min\"\nreplications = 5\n";
    let of = Of { condition: Some("with faults"), ..Of::default() };
    let worst = |timeline: &str| {
        let results = run_with(text, &[&format!("run.timeline={timeline}")]);
        let row = row(&results, "store_load", "worst", of);
        (row.value, row.low, row.high)
    };
    let second = worst("1s");
    // Twenty times 100 requests a second, of which 5 % miss.
    assert!(second.0.is_some_and(|load| (load - 97.0).abs() < 20.0), "{second:?}");
    for other in ["100ms", "10s", "1min"] {
        assert_eq!(worst(other), second, "{other}");
    }
}

/// Two replications alike do not show that a little more than 1 % are not slow.
#[test]
fn quantiles_of_two_replications_are_as_wide_as_their_shares() {
    let text = r#"
[tier.t]
customers = 100
cells = 1
sla = "99%"
[workflow.w]
demand = "0.5/s"
client.deadline = "2min"
stage.s = { kind = "delay", service_time = { hyperexponential = [{ share = "98.95%", mean = "1ms" }, { share = "1.05%", mean = "10s" }] } }
[run]
warmup = "1s"
horizon = "2min"
replications = 2
[[expect]]
metric = "latency"
workflow = "w"
p99 = { at_most = "100ms" }
"#;
    // 1.05 % x exp(-x / 10 s) = 1 % at 0.488 s.
    let (mut kept, mut held) = (0, 0);
    for seed in 1..=40 {
        let results = run_with(text, &[&format!("run.seed={seed}")]);
        kept += usize::from(outcomes(&results) == [Judgement::Kept]);
        let p99 = row(&results, "latency", "p99", Of::default());
        held += usize::from(p99.low.unwrap() <= 0.488 && p99.high.unwrap() >= 0.488);
    }
    assert!(kept <= 3 && held >= 35, "{kept} falsely kept, {held} of 40 hold the truth");
}
