//! The router's cache, retries, zones, faults that come and go, and what a crash takes from a contract.

use super::case::{Case, Check};
use super::queues;
use crate::catalogue::{Metric, Statistic};
use crate::engine::theory::cache::{Expiry, lru_hit_ratio, ttl_hit_ratio_of_all};
use crate::engine::theory::renewal::Repairable;
use crate::engine::theory::retries::Retries;
use crate::scenario::Scenario;
use crate::world::platform::Platform;

pub(super) fn cases() -> Vec<Case> {
    vec![
        cache_ratio(),
        cache_ttl("cache-ttl-skewed", "1s", 1.0, "{ zipf = 0.8 }"),
        cache_ttl("cache-ttl-equal", "4s", 4.0, "\"equal\""),
        cache_ttl_warm(),
        cache_lru("cache-lru-small", 100),
        cache_lru("cache-lru-large", 800),
        retries("no-retries", 0.3, 1),
        retries("three-attempts", 0.3, 3),
        retries("four-attempts", 0.6, 4),
        per_request(),
        zone("zone-of-two", 2),
        zone("zone-of-five", 5),
        outages(),
        measured_services(),
        measured_repairs(),
        crash("crash-on-the-minute", "2min", 20),
        crash("crash-at-a-random-second", "2min ± 30s", 600),
    ]
}

/// 2,000 customers of unlike demand, 1,000 requests per second in all, a router, nothing else to wait for.
fn router(cache: &str, skew: &str) -> String {
    format!(
        "[tier.t]\ncustomers = 2000\ncells = 4\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.5/s\"\nskew = {skew}\nclient.deadline = \"1min\"\n\
         stage.s = {{ kind = \"delay\", service_time = \"1ms\" }}\n\
         [router]\ncache = {{ {cache}, latency = \"1us\" }}\nstore.latency = \"2us\"\n\
         [run]\nwarmup = \"90s\"\nhorizon = \"90s\"\nreplications = 12\n"
    )
}

const ZIPF: &str = "{ zipf = 0.8 }";

/// Requests per second of each customer; none if the scenario cannot be read, which running it will tell.
fn rates(text: &str) -> Vec<f64> {
    let platform = Scenario::from_text("rates", text).ok().and_then(|scenario| Platform::new(&scenario).ok());
    platform.map_or(Vec::new(), |platform| platform.population.rate.iter().map(|&rate| f64::from(rate)).collect())
}

fn cache_ratio() -> Case {
    let checks =
        vec![Check::of(Metric::HitRatio, Statistic::Mean, 0.8), Check::of(Metric::StoreLoad, Statistic::Mean, 200.0)];
    let text = router("hit_ratio = \"80%\"", ZIPF);
    Case { name: "cache-ratio", theory: "misses reach the store", text, checks }
}

fn cache_ttl(name: &'static str, ttl: &str, seconds: f64, skew: &str) -> Case {
    let text = router(&format!("ttl = \"{ttl}\""), skew);
    let hits = ttl_hit_ratio_of_all(&rates(&text), seconds, Expiry::AfterFill);
    let checks = vec![
        Check::of(Metric::HitRatio, Statistic::Mean, hits),
        Check::of(Metric::StoreLoad, Statistic::Mean, 1000.0 * (1.0 - hits)),
    ];
    Case { name, theory: "renewal of an entry's life", text, checks }
}

/// A life much longer than the run: only a cache that begins as in the long run, its entries not in step, is right from time 0.
fn cache_ttl_warm() -> Case {
    let text = router("ttl = \"4min\"", "\"equal\"").replace("warmup = \"90s\"", "warmup = \"1s\"");
    let text = text.replace("customers = 2000", "customers = 10000").replace("0.5/s", "0.05/s");
    let hits = ttl_hit_ratio_of_all(&rates(&text), 240.0, Expiry::AfterFill);
    let checks = vec![
        Check::of(Metric::HitRatio, Statistic::Mean, hits),
        Check::of(Metric::StoreLoad, Statistic::Mean, 500.0 * (1.0 - hits)),
    ];
    Case { name: "cache-warm", theory: "renewal of an entry's life, from the start", text, checks }
}

fn cache_lru(name: &'static str, entries: u32) -> Case {
    let text = router(&format!("entries = {entries}"), ZIPF);
    let hits = lru_hit_ratio(&rates(&text), f64::from(entries));
    Case { name, theory: "Che's approximation", text, checks: vec![Check::of(Metric::HitRatio, Statistic::Mean, hits)] }
}

/// One workflow of 5,000 customers and 1,000 requests per second with nothing to wait for, and a fault over the whole horizon.
fn struck(zones: u32, attempts: u32, strikes: &str, effect: &str) -> String {
    format!(
        "zones = {zones}\n[tier.t]\ncustomers = 5000\ncells = 5\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.2/s\"\n\
         client = {{ deadline = \"10s\", attempts = {attempts}, backoff = \"10ms\" }}\n\
         stage.s = {{ service_time = \"1ms\", size = {{ concurrency = 100 }} }}\n\
         [fault.f]\nstrikes = {{ {strikes} }}\neffect = {effect}\nat = \"0s\"\nfor = \"5min\"\n\
         [run]\nwarmup = \"1s\"\nhorizon = \"1min\"\nreplications = 20\n"
    )
}

const WORKFLOW: &str = "workflow = \"w\"";

fn retries(name: &'static str, share: f64, attempts: u32) -> Case {
    let theory = Retries { attempts, budget: None }.at(share);
    let mut checks = vec![Check::of(Metric::ErrorShare, Statistic::Mean, theory.failed)];
    if attempts > 1 {
        checks.push(Check::of(Metric::RetryAmplification, Statistic::Mean, theory.amplification));
    }
    let text = struck(3, attempts, WORKFLOW, &format!("{{ errors = {share} }}"));
    Case { name, theory: "independent attempts", text, checks }
}

fn per_request() -> Case {
    let checks = vec![
        Check::of(Metric::ErrorShare, Statistic::Mean, 0.2),
        Check::of(Metric::RetryAmplification, Statistic::Mean, 0.8 + 3.0 * 0.2),
    ];
    let text = struck(3, 3, WORKFLOW, "{ errors = \"20%\", per = \"request\" }");
    Case { name: "errors-per-request", theory: "errors that defy retries", text, checks }
}

fn zone(name: &'static str, zones: u32) -> Case {
    let share = 1.0 / f64::from(zones);
    let checks = vec![
        Check::of(Metric::ErrorShare, Statistic::Mean, share * share),
        Check::of(Metric::RetryAmplification, Statistic::Mean, 1.0 + share),
    ];
    let text = struck(zones, 2, "zone = \"b\"", "\"crash\"");
    Case { name, theory: "two attempts in independent zones", text, checks }
}

/// A cell that fails and is repaired, of itself and all the time: requests fail while it is down.
fn outages() -> Case {
    let (unit, horizon) = (Repairable { mean_up: 50.0, mean_down: 10.0 }, 36_000.0);
    let down = unit.mean_unavailability_until(horizon);
    let text = format!(
        "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"0.2/s\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ service_time = \"100us\", size = {{ concurrency = 10 }} }}\n\
         [fault.f]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"{}s\"\nmttr = {{ exponential = \"{}s\" }}\n\
         [run]\nfaults = \"random\"\nwarmup = \"1s\"\nhorizon = \"{horizon}s\"\nreplications = 80\n",
        unit.mean_up, unit.mean_down
    );
    let checks = vec![
        Check::of(Metric::ErrorShare, Statistic::Mean, down),
        Check::of(Metric::Goodput, Statistic::Mean, 2.0 * (1.0 - down)),
    ];
    Case { name: "outages", theory: "alternating renewal: MTTR over MTTF + MTTR", text, checks }
}

/// Seven short values and a long one: between the quantiles of these, the long one would count for half.
fn measured_services() -> Case {
    let text = queues::Station {
        rate: 50.0,
        service: "{ empirical = { values = [\"10ms\", \"10ms\", \"10ms\", \"10ms\", \"10ms\", \"10ms\", \"10ms\", \"1s\"] } }",
        slots: 10,
        queue: "\"unlimited\"",
        seconds: 400,
        replications: 20,
    }
    .text();
    let checks = vec![Check::of(Metric::Utilization, Statistic::Mean, 50.0 * 0.13375 / 10.0)];
    Case { name: "measured-services", theory: "the mean of measured values", text, checks }
}

/// Repairs of measured length, over years that begin as in the long run.
fn measured_repairs() -> Case {
    let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [workflow.w]\ndemand = \"60/min\"\nclient.deadline = \"2s\"\n\
         stage.s = { kind = \"delay\", service_time = \"5ms\" }\n\
         [fault.f]\nstrikes = { platform = true }\neffect = \"crash\"\nmtbf = \"7d\"\n\
         mttr = { empirical = { values = [\"45min\", \"60min\", \"80min\", \"20h\"] } }\n\
         [run]\nlevel = \"incident\"\nhorizon = \"100years\"\nreplications = 40\n"
        .to_owned();
    let mean_down = (45.0 + 60.0 + 80.0 + 1200.0) / 4.0;
    let available = Check {
        filters: ("", "t"),
        ..Check::of(Metric::Availability, Statistic::Mean, 1.0 - mean_down / (10_080.0 + mean_down))
    };
    Case { name: "measured-repairs", theory: "the mean of measured values", text, checks: vec![available] }
}

/// A crash of two minutes: on the minute it makes two minutes bad. At a random second it touches three, of which one at an edge
/// is not bad if less than 5 % of it is struck: 3 - 2 x 5 %.
fn crash(name: &'static str, at: &str, replications: u32) -> Case {
    let text = format!(
        "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n[workflow.w]\ndemand = \"20/s\"\nclient.deadline = \"1s\"\n\
         stage.s = {{ service_time = \"1ms\", size = {{ concurrency = 20 }} }}\n\
         [fault.f]\nstrikes = {{ workflow = \"w\" }}\neffect = \"crash\"\nat = \"{at}\"\nfor = \"2min\"\n\
         [run]\nwarmup = \"1s\"\nhorizon = \"6min\"\nreplications = {replications}\n"
    );
    let is_exact = !at.contains('±');
    let theory = if is_exact { 2.0 } else { 2.9 };
    let minutes = Check { filters: ("", "t"), is_exact, ..Check::of(Metric::BadMinutes, Statistic::Mean, theory) };
    let exposed = Check { filters: ("f", ""), is_exact: true, ..Check::of(Metric::Exposed, Statistic::Mean, 10.0) };
    Case { name, theory: "minutes as the contract counts them", text, checks: vec![minutes, exposed] }
}
