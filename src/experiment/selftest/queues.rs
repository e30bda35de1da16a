//! Stations: Erlang B and C, finite room, any law of service, impatience, stages in a row.

use super::case::{Case, Check};
use crate::catalogue::{Cause, Metric, Statistic};
use crate::engine::special::solve::invert_increasing;
use crate::engine::theory::erlang_b;
use crate::engine::theory::md1::Md1;
use crate::engine::theory::mh1::Mh1;
use crate::engine::theory::mmc::Mmc;
use crate::engine::theory::mmck::Mmck;
use crate::engine::theory::patience::Patience;
use crate::engine::theory::tandem::Tandem;

/// One cell, one stage, 100 customers.
#[derive(Debug, Clone, Copy)]
pub struct Station<'a> {
    /// Requests per second.
    pub rate: f64,
    /// Law of the service time, as a scenario writes it.
    pub service: &'a str,
    /// Slots.
    pub slots: u32,
    /// Waiting places, as a scenario writes them.
    pub queue: &'a str,
    /// Horizon.
    pub seconds: u32,
    /// Replications.
    pub replications: u32,
}

impl Station<'_> {
    /// Returns the scenario.
    pub fn text(&self) -> String {
        let Station { rate, service, slots, queue, seconds, replications } = self;
        format!(
            "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
             [workflow.w]\ndemand = \"{}/s\"\nclient.deadline = \"10min\"\n\
             stage.s = {{ service_time = {service}, size = {{ concurrency = {slots} }}, queue = {queue} }}\n\
             [run]\nwarmup = \"10s\"\nhorizon = \"{seconds}s\"\nreplications = {replications}\n",
            rate / 100.0,
        )
    }
}

/// Quantiles that are checked of a time in system.
const TOLD: [(Statistic, f64); 3] = [(Statistic::P50, 0.5), (Statistic::P90, 0.9), (Statistic::P99, 0.99)];

fn exponential(service_rate: f64) -> String {
    format!("{{ exponential = \"{}us\" }}", 1e6 / service_rate)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        erlang_c("m-m-1", 1, 0.7, 1000.0, 130),
        erlang_c("m-m-10", 10, 0.9, 900.0, 700),
        erlang_c("m-m-40", 40, 0.8, 3200.0, 10),
        finite_room("m-m-1-2", 1, 1, 0.9, 1000.0),
        finite_room("m-m-10-15", 10, 5, 0.95, 950.0),
        constant_service(),
        hyperexponential_service(),
        patience("patience", 10, 0.9, 0.015),
        patience("patience-of-many", 40, 0.95, 0.025),
        tandem(),
    ];
    let laws = [
        ("erlang-b-constant", "\"10ms\""),
        ("erlang-b-log-normal", "{ mean = \"10ms\", cv = 1.5 }"),
        (
            "erlang-b-hyperexponential",
            "{ hyperexponential = [{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"55ms\" }] }",
        ),
        // 6 ms x 2.5 / 1.5
        ("erlang-b-pareto", "{ pareto = { min = \"6ms\", shape = 2.5 } }"),
    ];
    cases.extend(laws.map(|(name, service)| insensitive(name, service)));
    cases
}

fn erlang_c(name: &'static str, slots: u32, utilization: f64, rate: f64, seconds: u32) -> Case {
    let service_rate = rate / (f64::from(slots) * utilization);
    let service = exponential(service_rate);
    let station = Station { rate, service: &service, slots, queue: "\"unlimited\"", seconds, replications: 30 };
    let theory = Mmc { arrival_rate: rate, service_rate, servers: slots };
    let mut checks = TOLD.map(|(name, p)| Check::of(Metric::Latency, name, theory.sojourn_quantile(p))).to_vec();
    checks.push(Check::of(Metric::Utilization, Statistic::Mean, utilization));
    checks.push(Check::of(Metric::RequestRate, Statistic::Mean, rate));
    Case { name, theory: "Erlang C: M/M/c", text: station.text(), checks }
}

const POLLACZEK_KHINCHINE: &str = "Pollaczek and Khinchine: M/G/1";

fn constant_service() -> Case {
    let (rate, service) = (1000.0, 0.0007);
    let station =
        Station { rate, service: "\"700us\"", slots: 1, queue: "\"unlimited\"", seconds: 60, replications: 30 };
    let theory = Md1 { arrival_rate: rate, service };
    let checks = TOLD.map(|(name, p)| Check::of(Metric::Latency, name, theory.sojourn_quantile(p))).to_vec();
    Case { name: "m-d-1", theory: POLLACZEK_KHINCHINE, text: station.text(), checks }
}

fn hyperexponential_service() -> Case {
    let (rate, branches) = (1000.0, [(0.8, 0.0004), (0.2, 0.0019)]);
    let service =
        "{ hyperexponential = [{ share = \"80%\", mean = \"400us\" }, { share = \"20%\", mean = \"1900us\" }] }";
    let station = Station { rate, service, slots: 1, queue: "\"unlimited\"", seconds: 400, replications: 30 };
    let theory = |p| Mh1::new(rate, &branches).map_or(f64::INFINITY, |queue| queue.sojourn_quantile(p));
    let checks = TOLD.map(|(name, p)| Check::of(Metric::Latency, name, theory(p))).to_vec();
    Case { name: "m-h-1", theory: POLLACZEK_KHINCHINE, text: station.text(), checks }
}

/// A scenario's clients all have the same time-out: M/M/c+D, the sister of Erlang A, whose patience is exponential. A client also
/// gives up when it is being served; the slot then goes on.
fn patience(name: &'static str, slots: u32, load: f64, timeout: f64) -> Case {
    let service_rate = 100.0;
    let rate = f64::from(slots) * service_rate * load;
    let service = exponential(service_rate);
    let station = Station {
        rate,
        service: &service,
        slots,
        queue: "\"unlimited\", expired = \"drop\"",
        seconds: 160,
        replications: 30,
    };
    let theory = Patience { arrival_rate: rate, service_rate, servers: slots, patience: timeout };
    let late = 1.0 - theory.served_within(timeout);
    let mut checks = vec![
        Check::of(Metric::Utilization, Statistic::Mean, theory.utilization()),
        Check { cause: Some(Cause::TimedOut), ..Check::of(Metric::ErrorShare, Statistic::Mean, late) },
        Check::of(Metric::Goodput, Statistic::Mean, rate * (1.0 - late)),
    ];
    let median = invert_increasing(0.5, |t| theory.served_within(t.min(timeout)));
    if median < timeout {
        checks.push(Check::of(Metric::Latency, Statistic::P50, median));
    }
    let text = station.text().replace("\"10min\"", &format!("\"{}ms\"", 1e3 * timeout));
    Case { name, theory: "impatient callers: M/M/c+D", text, checks }
}

fn finite_room(name: &'static str, slots: u32, queue: u32, utilization: f64, rate: f64) -> Case {
    let service_rate = rate / (f64::from(slots) * utilization);
    let (service, room) = (exponential(service_rate), queue.to_string());
    let station = Station { rate, service: &service, slots, queue: &room, seconds: 100, replications: 20 };
    let theory = Mmck { arrival_rate: rate, service_rate, servers: slots, room: slots + queue };
    let checks = vec![
        Check::of(Metric::ErrorShare, Statistic::Mean, theory.refused()),
        Check { cause: Some(Cause::Full), ..Check::of(Metric::ErrorShare, Statistic::Mean, theory.refused()) },
        Check::of(Metric::Utilization, Statistic::Mean, theory.utilization()),
        Check::of(Metric::Goodput, Statistic::Mean, theory.throughput()),
    ];
    Case { name, theory: "birth and death: M/M/c/K", text: station.text(), checks }
}

fn insensitive(name: &'static str, service: &str) -> Case {
    let station = Station { rate: 800.0, service, slots: 10, queue: "0", seconds: 100, replications: 24 };
    let checks = vec![Check::of(Metric::ErrorShare, Statistic::Mean, erlang_b::blocking(8.0, 10))];
    Case { name, theory: "Erlang B, whatever the law of service", text: station.text(), checks }
}

fn tandem() -> Case {
    let text = "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"8/s\"\nclient.deadline = \"10min\"\npath = [\"a\", \"b\", \"c\"]\n\
         [workflow.w.stage]\n\
         a = { service_time = { exponential = \"1ms\" }, size = { concurrency = 1 } }\n\
         b = { service_time = { exponential = \"800us\" }, size = { concurrency = 1 } }\n\
         c = { service_time = { exponential = \"600us\" }, size = { concurrency = 1 } }\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"300s\"\nreplications = 30\n";
    let theory = Tandem { arrival_rate: 800.0, service_rates: vec![1000.0, 1250.0, 1e4 / 6.0] };
    let checks = TOLD.map(|(name, p)| Check::of(Metric::Latency, name, theory.sojourn_quantile(p))).to_vec();
    Case { name: "tandem", theory: "Jackson: stages in a row", text: text.to_owned(), checks }
}
