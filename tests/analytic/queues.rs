//! Stations against queueing theory: Erlang B and C, finite room, Pollaczek-Khinchine, tandem queues.

use cellsim::engine::theory::erlang_b;
use cellsim::engine::theory::mg1::Mg1;
use cellsim::engine::theory::mmc::Mmc;
use cellsim::engine::theory::mmck::Mmck;
use cellsim::engine::theory::tandem::Tandem;
use cellsim::units::Nanos;
use cellsim::world::observer::{Observer, Resolved};
use cellsim::world::population::SubId;

use crate::judge::{confidence, mean_inside, row_inside};
use crate::support::{read, run_out, run_text, world};

/// One cell, one stage, 100 customers.
struct Station<'a> {
    rate: f64,
    service: &'a str,
    slots: u32,
    queue: &'a str,
    seconds: u32,
    replications: u32,
}

impl Station<'_> {
    fn text(&self) -> String {
        let Station { rate, service, slots, queue, seconds, replications } = self;
        format!(
            "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
             [workflow.w]\ndemand = \"{}/s\"\nclient.deadline = \"10min\"\n\
             stage.s = {{ service_time = {service}, size = {{ concurrency = {slots} }}, queue = {queue} }}\n\
             [run]\nwarmup = \"10s\"\nhorizon = \"{seconds}s\"\nreplications = {replications}\n{}\n",
            rate / 100.0,
            confidence()
        )
    }
}

const UNLIMITED: &str = "\"unlimited\"";

/// p50, p90 and p99 of the time in system, and utilization, against Erlang C.
fn erlang_c(slots: u32, utilization: f64, rate: f64, seconds: u32) {
    let service_rate = rate / (f64::from(slots) * utilization);
    let service = format!("{{ exponential = \"{}us\" }}", 1e6 / service_rate);
    let station = Station { rate, service: &service, slots, queue: UNLIMITED, seconds, replications: 30 };
    let results = run_text(&station.text());
    let theory = Mmc { arrival_rate: rate, service_rate, servers: slots };
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        row_inside(&results, "latency", statistic, theory.sojourn_quantile(p));
    }
    row_inside(&results, "utilization", "mean", utilization);
    row_inside(&results, "request_rate", "mean", rate);
}

#[test]
fn ten_slots_at_90_per_cent_are_erlang_c() {
    erlang_c(10, 0.9, 900.0, 700);
}

#[test]
fn one_slot_at_70_per_cent_is_erlang_c() {
    erlang_c(1, 0.7, 1000.0, 130);
}

#[test]
fn forty_slots_at_80_per_cent_are_erlang_c() {
    erlang_c(40, 0.8, 3200.0, 10);
}

#[test]
fn finite_room_refuses_as_birth_and_death_say() {
    for (slots, queue, utilization, rate) in [(10, 5, 0.95, 950.0), (1, 1, 0.9, 1000.0)] {
        let service_rate = rate / (f64::from(slots) * utilization);
        let service = format!("{{ exponential = \"{}us\" }}", 1e6 / service_rate);
        let room = queue.to_string();
        let station = Station { rate, service: &service, slots, queue: &room, seconds: 100, replications: 20 };
        let results = run_text(&station.text());
        let theory = Mmck { arrival_rate: rate, service_rate, servers: slots, room: slots + queue };
        row_inside(&results, "error_share", "mean", theory.refused());
        row_inside(&results, "error_share_full", "mean", theory.refused());
        row_inside(&results, "utilization", "mean", theory.utilization());
        row_inside(&results, "goodput", "mean", theory.throughput());
    }
}

#[test]
fn without_a_queue_the_law_of_service_does_not_matter() {
    let laws = [
        "\"10ms\"",
        "{ mean = \"10ms\", cv = 1.5 }",
        "{ hyperexponential = [{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"55ms\" }] }",
        "{ pareto = { min = \"6ms\", shape = 2.5 } }", // 6 ms x 2.5 / 1.5
    ];
    for service in laws {
        let station = Station { rate: 800.0, service, slots: 10, queue: "0", seconds: 100, replications: 24 };
        let results = run_text(&station.text());
        row_inside(&results, "error_share", "mean", erlang_b::blocking(8.0, 10));
    }
}

/// Sums the time in system of the requests that arrive within a span.
struct Sojourn {
    from: Nanos,
    until: Nanos,
    sum: f64,
    n: f64,
}

impl Observer for Sojourn {
    fn arrived(&mut self, _sub: SubId, _class: u16, _at: Nanos) {}
    fn resolved(&mut self, request: &Resolved) {
        assert_eq!(request.failed, None, "these stations refuse nobody");
        if (self.from..self.until).contains(&request.arrival) {
            self.sum += (request.at - request.arrival) as f64 / 1e9;
            self.n += 1.0;
        }
    }
}

/// Mean time in system of each replication, in seconds.
pub(crate) fn mean_sojourns(text: &str) -> Vec<f64> {
    let scenario = read(text);
    let (from, until) = (scenario.run.warmup, scenario.run.warmup + scenario.run.horizon);
    let mean = |index| {
        let mut sojourn = Sojourn { from, until, sum: 0.0, n: 0.0 };
        run_out(&mut world(&scenario, index), &mut sojourn);
        sojourn.sum / sojourn.n
    };
    (0..scenario.run.replications).map(mean).collect()
}

#[test]
fn one_slot_waits_as_pollaczek_and_khinchine_say() {
    let laws = [
        "\"700us\"",
        "{ erlang = { mean = \"700us\", stages = 3 } }",
        "{ gamma = { mean = \"700us\", shape = 0.5 } }",
        "{ weibull = { mean = \"700us\", shape = 0.7 } }",
        "{ hyperexponential = [{ share = \"80%\", mean = \"400us\" }, { share = \"20%\", mean = \"1900us\" }] }",
    ];
    for service in laws {
        let station = Station { rate: 1000.0, service, slots: 1, queue: UNLIMITED, seconds: 100, replications: 20 };
        let text = station.text();
        let scenario = read(&text);
        let law = &scenario.class(0, 0).expect("there is one class").path[0].service_time;
        // Laws are in nanoseconds.
        let theory = Mg1::with_law(1000.0 / 1e9, law).mean_sojourn() / 1e9;
        mean_inside(service, &mean_sojourns(&text), theory);
    }
}

#[test]
fn batches_wait_for_each_other() {
    for (batch, service) in [(4, "{ exponential = \"700us\" }"), (10, "\"700us\"")] {
        let station = Station { rate: 1000.0, service, slots: 1, queue: UNLIMITED, seconds: 300, replications: 20 };
        let text = station.text().replace("stage.s", &format!("arrivals = {{ batch = {batch} }}\nstage.s"));
        let scenario = read(&text);
        let law = &scenario.class(0, 0).expect("there is one class").path[0].service_time;
        let theory = Mg1::with_law(1000.0 / 1e9, law).mean_sojourn_of_batches(batch) / 1e9;
        mean_inside(&format!("batches of {batch}"), &mean_sojourns(&text), theory);
    }
}

#[test]
fn stages_in_a_row_add_up_as_jackson_says() {
    let text = format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"8/s\"\nclient.deadline = \"10min\"\npath = [\"a\", \"b\", \"c\"]\n\
         [workflow.w.stage]\n\
         a = {{ service_time = {{ exponential = \"1ms\" }}, size = {{ concurrency = 1 }} }}\n\
         b = {{ service_time = {{ exponential = \"800us\" }}, size = {{ concurrency = 1 }} }}\n\
         c = {{ service_time = {{ exponential = \"600us\" }}, size = {{ concurrency = 1 }} }}\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"300s\"\nreplications = 30\n{}\n",
        confidence()
    );
    let theory = Tandem { arrival_rate: 800.0, service_rates: vec![1000.0, 1250.0, 1e4 / 6.0] };
    let results = run_text(&text);
    for (statistic, p) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        row_inside(&results, "latency", statistic, theory.sojourn_quantile(p));
    }
}

#[test]
fn the_cell_model_of_the_benchmark() {
    let text = format!(
        "[tier.t]\ncustomers = 1000\ncells = 10\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"9/s\"\nclient.deadline = \"1min\"\n\
         stage.s = {{ service_time = {{ exponential = \"10ms\" }}, size = {{ concurrency = 10 }} }}\n\
         [router]\ncache = {{ hit_ratio = \"95%\", latency = \"5ms\" }}\nstore.latency = \"15ms\"\n\
         [run]\nwarmup = \"5s\"\nhorizon = \"60s\"\nreplications = 20\n{}\n",
        confidence()
    );
    let results = run_text(&text);
    row_inside(&results, "latency", "p50", 0.019_121);
    row_inside(&results, "latency", "p99", 0.068_915);
    row_inside(&results, "hit_ratio", "mean", 0.95);
    row_inside(&results, "utilization", "mean", 0.9);
    mean_inside("mean of the cell model", &mean_sojourns(&text), 0.022_437_3);
}
