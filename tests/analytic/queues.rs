//! Stations against queueing theory beyond the self-test: Pollaczek-Khinchine, batches, the model of the benchmark.

use cellsim::engine::theory::mg1::Mg1;
use cellsim::experiment::selftest::Station;

use crate::judge::{confidence, mean_inside, row_inside};
use crate::support::{mean_sojourns, read, run_text};

const UNLIMITED: &str = "\"unlimited\"";

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
