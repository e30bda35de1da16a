//! Fan-outs, hedges and shared stations against order statistics and insensitivity.

use cellsim::engine::theory::fan_out::{leaf_quantile_needed, mean_exponential};
use cellsim::engine::theory::processor_sharing::{mean_sojourn, mean_sojourn_pool};

use crate::judge::{confidence, mean_inside, row_inside};
use crate::support::{mean_sojourns, run_text};

/// 100 customers, 100 requests a second, one stage.
fn text(stage: &str, client: &str, seconds: u32) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"1/s\"\nclient = {{ deadline = \"10min\"{client} }}\nstage.s = {{ {stage} }}\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"{seconds}s\"\nreplications = 20\n{}\n",
        confidence()
    )
}

#[test]
fn so_many_answers_of_so_many() {
    for (to, needs) in [(10, 10), (10, 7), (3, 1)] {
        let stage =
            format!("kind = \"fan-out\", to = {to}, needs = {needs}, service_time = {{ exponential = \"50ms\" }}");
        let text = text(&stage, "", 300);
        mean_inside(&format!("{needs} of {to}"), &mean_sojourns(&text), mean_exponential(needs, to, 0.05));
    }
    let text = text("kind = \"fan-out\", to = 20, service_time = { exponential = \"50ms\" }", "", 600);
    let results = run_text(&text);
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        row_inside(&results, "latency", statistic, -0.05 * (1.0 - leaf_quantile_needed(p, 20)).ln());
    }
}

#[test]
fn a_hedge_is_the_earlier_of_two() {
    // Beyond the hedge at 40 ms the tail of an exponential of 100 ms falls twice as fast.
    let (mean, hedge) = (0.1, 0.04_f64);
    let sent = (-hedge / mean).exp();
    let theory = mean * (1.0 - sent) + sent * mean / 2.0;
    let client = text("kind = \"delay\", service_time = { exponential = \"100ms\" }", ", hedge = \"40ms\"", 300);
    mean_inside("a client's hedge", &mean_sojourns(&client), theory);
    let results = run_text(&client);
    row_inside(&results, "retry_amplification", "mean", 1.0 + sent);
    row_inside(&results, "latency", "p99", (-(0.01_f64.ln()) * mean + hedge) / 2.0);
    let stage = "kind = \"fan-out\", to = 1, hedge = \"40ms\", service_time = { exponential = \"100ms\" }";
    let fan_out = text(stage, "", 300);
    mean_inside("a fan-out's hedge", &mean_sojourns(&fan_out), theory);
    row_inside(&run_text(&fan_out), "call_amplification", "mean", 1.0 + sent);
}

#[test]
fn sharing_depends_on_the_mean_alone() {
    for law in [
        "\"7ms\"",
        "{ exponential = \"7ms\" }",
        "{ hyperexponential = [{ share = \"80%\", mean = \"4ms\" }, { share = \"20%\", mean = \"19ms\" }] }",
    ] {
        let shared = "discipline = \"processor-sharing\"";
        let one = text(&format!("{shared}, size.concurrency = 1, service_time = {law}"), "", 2000);
        mean_inside(&format!("one shared slot, {law}"), &mean_sojourns(&one), mean_sojourn(100.0, 0.007));
        let four = law.replace("7ms", "28ms").replace("\"4ms", "\"16ms").replace("19ms", "76ms");
        let pool = text(&format!("{shared}, size.concurrency = 4, service_time = {four}"), "", 2000);
        mean_inside(&format!("four shared slots, {four}"), &mean_sojourns(&pool), mean_sojourn_pool(100.0, 0.028, 4));
    }
}
