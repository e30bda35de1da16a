//! The incident level: bounded queues in health, faults that strike some customers, months of the calendar.

use super::case::{Case, Check};
use crate::catalogue::{Metric, Statistic};
use crate::engine::special::gamma;
use crate::engine::theory::erlang_b;
use crate::engine::theory::mmck::Mmck;

pub(super) fn cases() -> Vec<Case> {
    vec![
        full("flow-without-a-queue", "\"10ms\"", 10, 0, erlang_b::blocking(7.5, 10)),
        full("flow-with-a-queue", EXPONENTIAL, 10, 5, room(10, 5)),
        full("flow-with-one-slot", EXPONENTIAL, 1, 3, room(1, 3)),
        two_branches(),
        some_customers(),
        calendar(),
    ]
}

/// The stationary state of the chain by least squares, apart from this program.
fn two_branches() -> Case {
    let service = "{ hyperexponential = [{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"55ms\" }] }";
    Case {
        theory: "a full queue over years: M/H2/c/K",
        ..full("flow-with-two-branches", service, 2, 5, 0.104_402_170_344_557)
    }
}

const EXPONENTIAL: &str = "{ exponential = \"10ms\" }";

/// A row of the tier.
fn of_tier(metric: Metric, theory: f64) -> Check {
    Check { filters: ("", "t"), ..Check::of(metric, Statistic::Mean, theory) }
}

fn room(servers: u32, queue: u32) -> f64 {
    let arrival_rate = 75.0 * f64::from(servers);
    Mmck { arrival_rate, service_rate: 100.0, servers, room: servers + queue }.refused()
}

/// A station asked for 75 % of its slots, judged by requests; nothing is drawn.
fn full(name: &'static str, service: &str, slots: u32, queue: u32, refused: f64) -> Case {
    let text = format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"{}/min\"\nclient.deadline = \"10min\"\n\
         stage.s = {{ service_time = {service}, size = {{ concurrency = {slots} }}, queue = {queue} }}\n\
         [run]\nlevel = \"incident\"\nhorizon = \"60d\"\nreplications = 3\n",
        45 * slots
    );
    let checks = vec![Check { is_exact: true, ..of_tier(Metric::Availability, 1.0 - refused) }];
    Case { name, theory: "a full queue over years: M/M/c/K", text, checks }
}

/// 30 % of the customers fail wholly for five minutes every three days: strikes are a Poisson process, those of one customer too,
/// and 43.2 minutes a month are eight of them.
fn some_customers() -> Case {
    let text = "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99.9%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"600/min\"\nclient.deadline = \"1s\"\nstage.s = { kind = \"delay\", service_time = \"5ms\" }\n\
         [fault.f]\nstrikes = { platform = true }\neffect = { errors = \"30%\", per = \"customer\" }\nmtbf = \"3d\"\nmttr = \"5min\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"30 years\"\nreplications = 60\n";
    let strikes = 0.3 * 43_200.0 / (4_320.0 + 5.0);
    let checks =
        vec![of_tier(Metric::BadMinutes, 5.0 * strikes), of_tier(Metric::SlaAttainment, gamma::above(9.0, strikes))];
    Case { name: "struck-customers", theory: "strikes thinned at random: Poisson", text: text.to_owned(), checks }
}

/// Two outages in January, one in February of 2024: 300, 120 and 400 minutes of 91 days, and the 5 ms of requests in flight at each.
fn calendar() -> Case {
    let outage = |name: &str, at: u32, lasts: u32| {
        format!(
            "[fault.{name}]\nstrikes = {{ platform = true }}\neffect = \"crash\"\nat = \"{at}h\"\nfor = \"{lasts}min\"\n"
        )
    };
    let text = format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"600/min\"\nclient.deadline = \"1s\"\nstage.s = {{ kind = \"delay\", service_time = \"5ms\" }}\n\
         {}{}{}[run]\nlevel = \"incident\"\nfaults = \"all\"\nstarts_on = \"2024-01-01\"\nhorizon = \"91d\"\nreplications = 3\n",
        outage("one", 100, 300),
        outage("two", 600, 120),
        outage("three", 800, 400)
    );
    let exact = |metric, theory| Check { is_exact: true, ..of_tier(metric, theory) };
    let bad = 820.0 + 3.0 * 0.005 / 60.0;
    let checks = vec![exact(Metric::BadMinutes, bad / 3.0), exact(Metric::Availability, 1.0 - bad / (91.0 * 1440.0))];
    Case { name: "calendar-months", theory: "months of 31, 29 and 31 days", text, checks }
}
