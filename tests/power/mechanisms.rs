//! Models of fan-outs, hedges, workers and batches that are 5 to 10 % wrong are found out; the right ones are not.

use cellsim::engine::stats;
use cellsim::engine::theory::fan_out::leaf_quantile_needed;
use cellsim::engine::theory::mg1::Mg1;
use cellsim::engine::theory::mmc::Mmc;

use crate::support::{Of, mean_sojourns, of_fault, read, row, run, run_text};
use crate::{judge, outside};

/// 100 customers and one stage.
fn text(rate: f64, stage: &str, client: &str, seconds: u32) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"{}/s\"\nclient = {{ deadline = \"10min\"{client} }}\nstage.s = {{ {stage} }}\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"{seconds}s\"\nreplications = 20\n{}\n",
        rate / 100.0,
        judge::confidence()
    )
}

#[test]
fn one_more_destination_a_slower_one_and_one_answer_less() {
    let stage = "kind = \"fan-out\", to = 20, service_time = { exponential = \"50ms\" }";
    let results = run_text(&text(100.0, stage, "", 600));
    let slowest = |p: f64, mean: f64, to| -mean * (1.0 - leaf_quantile_needed(p, to)).ln();
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9)] {
        judge::row_inside(&results, "latency", statistic, slowest(p, 0.05, 20));
        for (mean, to) in [(0.0525, 20), (0.0475, 20), (0.05, 22), (0.05, 18)] {
            outside(&results, "latency", statistic, slowest(p, mean, to));
        }
    }
    let fewer = run_text(&text(100.0, &format!("{stage}, needs = 19"), "", 600));
    outside(&fewer, "latency", "p50", slowest(0.5, 0.05, 20));
}

#[test]
fn another_hedge() {
    let sent = |hedge: f64, mean: f64| (-hedge / mean).exp();
    // Beyond the hedge the tail falls twice as fast.
    let tail = |hedge: f64, mean: f64| (-(0.01_f64.ln()) * mean + hedge) / 2.0;
    let client = text(200.0, "kind = \"delay\", service_time = { exponential = \"100ms\" }", ", hedge = \"40ms\"", 300);
    let results = run_text(&client);
    judge::row_inside(&results, "retry_amplification", "mean", 1.0 + sent(0.04, 0.1));
    judge::row_inside(&results, "latency", "p99", tail(0.04, 0.1));
    for (hedge, mean) in [(0.042, 0.1), (0.038, 0.1), (0.04, 0.105), (0.04, 0.095)] {
        outside(&results, "retry_amplification", "mean", 1.0 + sent(hedge, mean));
    }
    for mean in [0.105, 0.095] {
        outside(&results, "latency", "p99", tail(0.04, mean));
    }
    let stage = "kind = \"fan-out\", to = 4, hedge = \"40ms\", service_time = { exponential = \"100ms\" }";
    let results = run_text(&text(100.0, stage, "", 200));
    judge::row_inside(&results, "call_amplification", "mean", 1.0 + sent(0.04, 0.1));
    for hedge in [0.042, 0.038] {
        outside(&results, "call_amplification", "mean", 1.0 + sent(hedge, 0.1));
    }
}

#[test]
fn another_number_of_workers() {
    let stage = "service_time = { exponential = \"10ms\" }, size = { concurrency = 1 }, workers = 10";
    let results = run_text(&text(700.0, stage, "", 400));
    // Requests choose their workers by themselves: each is a queue of its own.
    let queue = |workers: f64, service_rate: f64| Mmc { arrival_rate: 700.0 / workers, service_rate, servers: 1 };
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9)] {
        judge::row_inside(&results, "latency", statistic, queue(10.0, 100.0).sojourn_quantile(p));
        for wrong in [queue(11.0, 100.0), queue(9.0, 100.0), queue(10.0, 105.0), queue(10.0, 95.0)] {
            outside(&results, "latency", statistic, wrong.sojourn_quantile(p));
        }
        let pooled = Mmc { arrival_rate: 700.0, service_rate: 100.0, servers: 10 };
        outside(&results, "latency", statistic, pooled.sojourn_quantile(p));
    }
}

#[test]
fn another_shard() {
    // 45 shards of two among ten workers, each dealt to ten of 450 customers.
    let sharded = |workers: u32, shard: u32| {
        let text = text(
            450.0,
            &format!(
                "service_time = \"1ms\", size = {{ concurrency = 20 }}, workers = {{ count = {workers}, shard = {shard} }}"
            ),
            ", attempts = 2, backoff = \"1ms\"",
            60,
        );
        let text = text.replace("customers = 100", "customers = 450").replace("4.5/s", "1/s");
        let fault = "[fault.f]\nstrikes = { workflow = \"w\", stage = \"s\", worker = 1 }\neffect = \"crash\"\n\
             at = \"0s\"\nfor = \"5min\"\n";
        run(&read(&format!("{text}{fault}")))
    };
    let results = sharded(10, 2);
    let amplification = |workers: f64| 1.0 + 1.0 / workers;
    assert_eq!(of_fault(&results, "exposed", "mean", "f"), 450.0 * 2.0 / 10.0);
    judge::row_inside(&results, "retry_amplification", "mean", amplification(10.0));
    for wrong in [9.0, 11.0] {
        outside(&results, "retry_amplification", "mean", amplification(wrong));
    }
    assert_eq!(row(&results, "error_share", "mean", Of::default()).value, Some(0.0), "the other worker serves them");
    // Shards of three expose half as many again.
    assert!(of_fault(&sharded(10, 3), "exposed", "mean", "f") > 1.3 * 450.0 * 2.0 / 10.0);
}

#[test]
fn other_batches() {
    let stage = "service_time = { exponential = \"700us\" }, size = { concurrency = 1 }";
    let text = text(1000.0, stage, "", 300).replace("stage.s", "arrivals = { batch = 10 }\nstage.s");
    let found = stats::mean(&mean_sojourns(&text), judge::level());
    let theory = |batch, mean: f64| {
        let queue = Mg1 { arrival_rate: 1000.0, service_mean: mean, service_variance: mean * mean };
        queue.mean_sojourn_of_batches(batch)
    };
    judge::inside("batches of ten", &found, theory(10, 0.0007));
    let (low, high) = (found.low.expect("an interval"), found.high.expect("an interval"));
    for wrong in [theory(11, 0.0007), theory(9, 0.0007), theory(10, 0.000_735), theory(10, 0.000_665)] {
        assert!(wrong < low || high < wrong, "{wrong} is in {low} ... {high}");
    }
}
