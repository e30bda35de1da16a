//! What users ask of stations: overload that is meant, waits and queues, services that slow each other, workers by load.

use cellsim::engine::theory::mmc::Mmc;
use cellsim::engine::theory::two_choices;
use cellsim::experiment::outcome::{Judgement, Outcome};

use crate::read;
use crate::requests::{EXPONENTIAL, near, of, outcomes, problems};
use crate::support::{Of, run, run_text, value_of};

#[test]
fn overload_is_simulated_where_something_bears_it_and_it_is_meant() {
    let refused = |sets: &[&str]| {
        let scenario = read("21-overload-with-bounded-queue", "scenario.toml", sets).unwrap();
        cellsim::world::platform::Platform::new(&scenario).unwrap_err()
    };
    let asked = refused(&[]);
    assert!(asked.message.contains("busy at 150 % without any fault") && asked.help.contains("size.overload = true"));
    let overload = "workflow.w.stage.s.size.overload=true";
    let unbounded = refused(&[overload, "workflow.w.stage.s.queue=unlimited"]);
    assert!(unbounded.message.contains("nothing bounds its queue"), "{}", unbounded.message);
    assert!(unbounded.key.ends_with("stage.s.size"));
    // M/M/1/10 at 1.5: loss (1 - 1.5) 1.5^10 / (1 - 1.5^11).
    let loss = |results: &Outcome| value_of(results, "error_share", "mean", Of::default());
    let sets = ["workflow.w.stage.s.size.overload=true", "run.horizon=30min"];
    let results = run(&read("21-overload-with-bounded-queue", "scenario.toml", &sets).unwrap());
    near(loss(&results), 0.337_3, 0.003);
    near(of(&results, "utilization", "mean"), 1.5 * (1.0 - 0.337_3), 0.003);
    // The same load, asked for as a utilization; events in place of settling ahead come to the same.
    let sets = [
        overload,
        "workflow.w.stage.s.size.concurrency=false",
        "workflow.w.stage.s.size.utilization=150%",
        "workflow.w.stage.s.instance.min_per_zone=0",
        "run.horizon=30min",
    ];
    near(loss(&run(&read("21-overload-with-bounded-queue", "scenario.toml", &sets).unwrap())), 0.337_3, 0.003);
}

#[test]
fn overload_that_the_patience_of_clients_bears() {
    // M/M/1 + D at load 2: clients wait 50 ms, no longer; work whose client has gone is dropped.
    let scenario = read(
        "21-overload-with-bounded-queue",
        "scenario.toml",
        &[
            "workflow.w.demand=2/s",
            "workflow.w.client.deadline=50ms",
            "workflow.w.stage.s.queue=unlimited",
            "workflow.w.stage.s.expired=drop",
            "workflow.w.stage.s.size.overload=true",
            "run.horizon=20min",
        ],
    );
    let results = run(&scenario.unwrap());
    // Waits have the density (1 - rho) .. of M/M/1 cut at D: a server at rest with P0 = 1 / (1 + 2 (1 + 2 (e^(5) - 1) / 1)).
    let (lambda, mu, patience): (f64, f64, f64) = (200.0, 100.0, 0.05);
    let growth = (lambda - mu) * patience;
    let busy_below = lambda * (growth.exp() - 1.0) / (lambda - mu);
    let beyond = lambda * growth.exp() / mu;
    let idle = 1.0 / (1.0 + busy_below + beyond);
    near(of(&results, "utilization", "mean"), 1.0 - idle, 0.004);
}

#[test]
fn peaks_above_capacity_pass_where_they_are_meant() {
    let text = EXPONENTIAL.replace(
        "stage.s = { kind = \"delay\", service_time = { exponential = \"100ms\" } }",
        "stage.s = { service_time = \"10ms\", size = { concurrency = 2, overload = true } }\n\
         profile = { steps = [{ at = \"1min\", factor = 3 }, { at = \"2min\", factor = 1 }] }",
    );
    // 50 % busy, 150 % for a minute: 6,000 requests too many, worked off in another minute by what is free.
    let results = run_text(&text);
    near(of(&results, "utilization", "mean"), (4.0 * 0.5 + 1.5) / 5.0, 0.01);
    // Waits grow by half a second a second, and shrink as fast: above 5 s from 10 s after the peak's begin to 50 s after its end.
    near(value_of(&results, "error_share", "mean", Of::default()), (50.0 * 3.0 + 50.0) / (60.0 * 3.0 + 240.0), 0.02);
    let plain = text.replace(", overload = true", "");
    let refused = cellsim::world::platform::Platform::new(&crate::support::read(&plain)).unwrap_err();
    assert!(refused.message.contains("busy at 150 %"), "{}", refused.message);
    let years = text.replace("warmup = \"5s\"", "level = \"incident\"");
    let years = years.replace("horizon = \"5min\"", "horizon = \"1year\"").replace("profile =", "#profile =");
    let years = problems(&years);
    assert!(years.contains("keep up with their demand in health"), "{years}");
}

/// Two slots of 10 ms, exponential, in one cell.
const TWO_SLOTS: &str = r#"
[tier.t]
customers = 100
cells = 1
sla = "99%"
[workflow.w]
demand = "1.6/s"
client.deadline = "1min"
stage.first = { kind = "delay", service_time = "1ms" }
stage.s = { service_time = { exponential = "10ms" }, size = { concurrency = 2 } }
[run]
horizon = "20min"
replications = 10
"#;

fn at_stage(condition: &str) -> Of<'_> {
    Of { workflow: "w", condition: Some(condition), ..Of::default() }
}

#[test]
fn waits_and_queues_of_a_stage() {
    let queue = Mmc { arrival_rate: 160.0, service_rate: 100.0, servers: 2 };
    let text = format!(
        "{TWO_SLOTS}[[expect]]\nmetric = \"wait\"\nworkflow = \"w\"\nstage = \"s\"\nmean = {{ at_most = \"19ms\" }}\n\
         [[expect]]\nmetric = \"queue_length\"\nworkflow = \"w\"\ntier = \"t\"\nstage = \"s\"\nworst = {{ at_most = 2 }}\n"
    );
    let results = run_text(&text);
    let (wait, length) = (queue.mean_wait(), 160.0 * queue.mean_wait());
    near(value_of(&results, "wait", "mean", at_stage("no fault")), wait, 0.03 * wait);
    near(value_of(&results, "queue_length", "mean", at_stage("no fault")), length, 0.03 * length);
    assert_eq!(outcomes(&results), [Judgement::Kept, Judgement::Breached]);
    let of_line = results.requests().unwrap().timeline.iter().map(|row| row.waiting[1]).sum::<f64>()
        / results.requests().unwrap().timeline.len() as f64;
    assert!(of_line < length && of_line > 0.3 * length, "medians of a skewed number: {of_line} of {length}");
    let wrong = |expectation: &str| problems(&format!("{TWO_SLOTS}[[expect]]\nmetric = \"wait\"\n{expectation}"));
    let mean = "mean = { at_most = \"1s\" }";
    assert!(wrong(&format!("workflow = \"w\"\n{mean}")).contains("add `stage = "));
    assert!(wrong(&format!("stage = \"s\"\n{mean}")).contains("of which workflow?"));
    assert!(wrong(&format!("workflow = \"w\"\nstage = \"z\"\n{mean}")).contains('z'));
}

#[test]
fn waits_where_the_queue_is_full() {
    // M/M/1/10 at 1.5: those who find a place wait for all before them.
    let sets = ["workflow.w.stage.s.size.overload=true", "run.horizon=30min"];
    let results = run(&read("21-overload-with-bounded-queue", "scenario.toml", &sets).unwrap());
    let weights: Vec<f64> = (0..=10).map(|n| 1.5_f64.powi(n)).collect();
    let all: f64 = weights.iter().sum();
    let length: f64 = weights.iter().enumerate().map(|(n, weight)| n.saturating_sub(1) as f64 * weight / all).sum();
    let served = 150.0 * (1.0 - weights[10] / all);
    near(value_of(&results, "queue_length", "mean", at_stage("no fault")), length, 0.02 * length);
    near(value_of(&results, "wait", "mean", at_stage("no fault")), length / served, 0.02 * length / served);
}

#[test]
fn waits_are_the_same_ahead_and_by_events() {
    let text = TWO_SLOTS
        .replace("size = { concurrency = 2 } }", "size = { concurrency = 2 }, queue = 40, expired = \"drop\" }")
        .replace(
            "client.deadline = \"1min\"",
            "client = { deadline = \"300ms\", attempts = 3, timeout = \"60ms\", backoff = \"10ms\" }",
        )
        .replace("replications = 10", "timeline = \"100ms\"")
        .replace("20min", "5min")
        + "[fault.crash]\nstrikes = { cell = 1 }\neffect = \"crash\"\nat = \"1min\"\nfor = \"7s\"\n\
           [fault.slow]\nstrikes = { stage = \"s\" }\neffect = { slow = 2 }\nat = \"2min\"\nfor = \"20s\"\n";
    let scenario = crate::support::read(&text);
    let platform = crate::support::platform(&scenario);
    let ahead = cellsim::experiment::replication::run(&scenario, &platform, 0);
    let events = cellsim::experiment::replication::run_by_events_only(&scenario, &platform, 0);
    for (ahead, events) in
        [(&ahead.with_faults, &events.with_faults), (ahead.without.as_ref().unwrap(), events.without.as_ref().unwrap())]
    {
        assert_eq!(ahead.waits, events.waits);
        assert_eq!(ahead.timeline.bins, events.timeline.bins);
        assert!(ahead.waits[0].seconds > 10.0 && ahead.waits[0].attempts > 30_000, "{:?}", ahead.waits);
        // One station: its queue over time is the time waited in it.
        let waiting = ahead.timeline.waiting();
        assert_eq!(waiting.len(), 3_000);
        near(waiting.iter().sum::<f64>() / 10.0, ahead.waits[0].seconds, 1e-6);
        assert!(waiting.iter().all(|&mean| (0.0..=40.0).contains(&mean)));
    }
    assert_eq!(ahead.busy_while, events.busy_while);
}

/// Means of a birth-death process with arrivals at `rate`, deaths by state, up to `most`: (number in it, above `servers`, share lost).
fn birth_death(rate: f64, deaths: impl Fn(usize) -> f64, most: usize, servers: usize) -> (f64, f64, f64) {
    let mut weights = vec![1.0];
    for n in 1..=most {
        weights.push(weights[n - 1] * rate / deaths(n));
    }
    let all: f64 = weights.iter().sum();
    let mean = |of: &dyn Fn(usize) -> usize| {
        weights.iter().enumerate().map(|(n, weight)| of(n) as f64 * weight / all).sum::<f64>()
    };
    (mean(&|n| n), mean(&|n| n.saturating_sub(servers)), weights[most] / all)
}

#[test]
fn services_that_slow_each_other() {
    let text =
        TWO_SLOTS.replace("concurrency = 2 }", "concurrency = 4 }, slows_by = \"25%\"").replace("1.6/s", "1.5/s");
    let pace = |n: usize| n as f64 * 100.0 / (1.0 + 0.25 * (n - 1) as f64);
    let (inside, waiting, _) = birth_death(150.0, |n| pace(n.min(4)), 400, 4);
    let results = run_text(&text);
    let latency = inside / 150.0 + 0.001;
    near(of(&results, "latency", "mean"), latency, 0.03 * latency);
    near(value_of(&results, "queue_length", "mean", at_stage("no fault")), waiting, 0.05 * waiting);
    near(of(&results, "utilization", "mean"), (inside - waiting) / 4.0, 0.01);
    // All at once, four at most at full pace, twenty at most in all.
    let shared = text
        .replace("slows_by = \"25%\"", "slows_by = \"5%\", discipline = \"processor-sharing\", queue = 16")
        .replace("1.5/s", "2.5/s");
    let pace = |n: usize| n.min(4) as f64 * 100.0 / (1.0 + 0.05 * (n - 1) as f64);
    let (inside, _, lost) = birth_death(250.0, pace, 20, 4);
    let results = run_text(&shared);
    near(of(&results, "error_share", "mean"), lost, 0.05 * lost);
    let latency = inside / (250.0 * (1.0 - lost)) + 0.001;
    near(of(&results, "ok_latency", "mean"), latency, 0.03 * latency);
    let refused = problems(&shared.replace(", queue = 16", ""));
    assert!(refused.contains("slower it is, without end"), "{refused}");
    assert!(problems(&text.replace("concurrency = 4", "utilization = \"60%\"")).contains("not known beforehand"));
    // 300/s is below 400/s, and above the 228/s that four do which slow each other.
    let refused =
        cellsim::world::platform::Platform::new(&crate::support::read(&text.replace("1.5/s", "3/s"))).unwrap_err();
    assert!(refused.message.contains("which slow each other: busy at 131 %"), "{}", refused.message);
}

#[test]
fn crashes_and_cuts_of_services_that_slow_each_other() {
    // Whatever strikes, every request ends once, and no slot is lost: afterwards all is as before.
    let text = TWO_SLOTS
        .replace("concurrency = 2 }", "concurrency = 4 }, slows_by = \"10%\"")
        .replace("1min", "2s")
        .replace("20min", "6min")
        .replace("replications = 10", "replications = 2")
        + "[fault.crash]\nstrikes = { cell = 1 }\neffect = \"crash\"\nat = \"30s\"\nfor = \"10s\"\n\
           [fault.cut]\nstrikes = { cell = 1 }\neffect = { capacity = \"25%\" }\nat = \"2min\"\nfor = \"30s\"\n";
    let results = run_text(&text);
    let last = Of { condition: Some("with faults"), ..Of::default() };
    near(value_of(&results, "goodput", "end", last), 160.0, 6.0);
    let crash = value_of(&results, "error_share", "mean", Of { fault: "crash", ..Of::default() });
    assert!(crash > 0.99, "{crash}");
    let cut = value_of(&results, "error_share", "mean", Of { fault: "cut", ..Of::default() });
    assert!((0.3..0.9).contains(&cut), "160/s, of which one slot does 100: {cut}");
}

/// A hundred workers of one slot.
fn workers(load: f64, pick: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"{}/s\"\nclient.deadline = \"1h\"\n\
         stage.s = {{ service_time = {{ exponential = \"10ms\" }}, size = {{ concurrency = 1 }}, workers = {{ count = 100{pick} }} }}\n\
         [run]\nwarmup = \"5s\"\nhorizon = \"20s\"\nreplications = 4\n",
        100.0 * load
    )
}

#[test]
fn the_least_loaded_of_two_workers() {
    let results = run_text(&workers(0.9, ", pick = { least_loaded_of = 2 }"));
    let right = 0.01 * two_choices::mean_sojourn(2, 0.9);
    near(of(&results, "latency", "mean"), right, 0.04 * right);
    // One that is drawn is a worker at random; loads as old as a second send everybody to those that were idle then.
    let random = of(&run_text(&workers(0.7, ", pick = { least_loaded_of = 1 }")), "latency", "mean");
    near(random, 0.01 / 0.3, 0.001);
    let stale = of(&run_text(&workers(0.7, ", pick = { least_loaded_of = 2, refresh = \"1s\" }")), "latency", "mean");
    assert!(stale > 2.0 * random, "{stale}");
    let fresh = of(&run_text(&workers(0.7, ", pick = { least_loaded_of = 2, refresh = \"1ms\" }")), "latency", "mean");
    let right = 0.01 * two_choices::mean_sojourn(2, 0.7);
    near(fresh, right, 0.06 * right);
    let refused = problems(&workers(0.7, ", shard = 2, pick = { least_loaded_of = 3 }"));
    assert!(refused.contains("a customer is served by 2 of them"), "{refused}");
}
