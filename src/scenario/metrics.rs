//! The metrics that an expectation may name.

use super::run::Level;

/// What a limit may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitUnit {
    /// A bare number, or "50 customers".
    Customers,
    /// "2%".
    Share,
    /// "150%": a share that may be above 100 %.
    OpenShare,
    /// "250ms"; in the row: seconds.
    Duration,
    /// A bare number, or "500 minutes": customer-minutes.
    Minutes,
    /// "400/s".
    Rate,
    /// "$150000/month", or "$150000".
    Dollars,
    /// A bare number.
    Plain,
}

impl LimitUnit {
    /// Returns the unit of the rows that it selects, as in summary.csv.
    pub fn unit(self) -> &'static str {
        match self {
            LimitUnit::Customers => "customers",
            LimitUnit::Share | LimitUnit::OpenShare => "share",
            LimitUnit::Duration => "s",
            LimitUnit::Minutes => "min",
            LimitUnit::Rate => "/s",
            LimitUnit::Dollars => "$",
            LimitUnit::Plain => "",
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Name, as in summary.csv.
    pub name: &'static str,
    /// Statistics that it has.
    pub statistics: &'static [&'static str],
    /// What its limits may be written in; `share` statistics are always shares.
    pub units: &'static [LimitUnit],
    /// The levels that measure it.
    pub levels: &'static [Level],
    /// What it is.
    pub about: &'static str,
}

use LimitUnit::{Customers, Dollars, Duration, Minutes, OpenShare, Plain, Rate, Share};

const QUANTILES: &[&str] = &["p50", "p90", "p99", "p99.9"];

const BOTH: &[Level] = &[Level::Request, Level::Incident];
const REQUEST: &[Level] = &[Level::Request];
const INCIDENT: &[Level] = &[Level::Incident];

/// Every metric that an expectation may name.
pub const METRICS: [Metric; 26] = [
    metric("blast_radius", &["mean", "worst"], &[Customers, Share], BOTH, "customers harmed by one incident"),
    metric("exposed", &["mean", "worst"], &[Customers, Share], BOTH, "customers homed where the fault strikes"),
    metric("quiet", &["mean", "worst"], &[Customers, Share], REQUEST, "exposed customers that sent nothing meanwhile"),
    metric(
        "down",
        &["mean", "worst"],
        &[Customers, Share],
        REQUEST,
        "customers with a minute of at least 95 % failures",
    ),
    metric("spillover", &["mean", "worst"], &[Customers, Share], REQUEST, "harmed customers that were not exposed"),
    metric("customer_minutes", &["mean", "worst"], &[Minutes], BOTH, "harmed minutes, summed over customers"),
    metric("availability", &["mean", "worst"], &[Share], BOTH, "availability as the contract computes it"),
    metric("error_share", &["mean"], &[Share], REQUEST, "failed requests / all requests"),
    metric("month_budget_used", &["mean", "worst"], &[OpenShare], REQUEST, "bad minutes / bad minutes a month allows"),
    metric("months_still_kept", &["mean"], &[Customers, Share], REQUEST, "customers that still keep their month"),
    metric("sla_attainment", &["mean"], &[Share], BOTH, "share of customers, workflows and months that keep the SLA"),
    metric("sla_attainment_of_all", &["mean"], &[Share], BOTH, "share of months in which every customer keeps it"),
    metric("bad_minutes", &["mean", "p95"], &[Minutes], INCIDENT, "bad minutes of a customer's contract month"),
    metric("incidents", &["mean"], &[Plain], INCIDENT, "incidents a year"),
    metric("yearly_minutes", &["mean"], &[Minutes], INCIDENT, "harmed minutes a year, summed over customers"),
    metric("credits", &["mean"], &[Dollars], BOTH, "credits for broken promises, per month"),
    metric("latency", QUANTILES, &[Duration], REQUEST, "latency of all requests; failed ones are beyond every value"),
    metric("ok_latency", QUANTILES, &[Duration], REQUEST, "latency of the requests that succeeded"),
    metric("router_latency", QUANTILES, &[Duration], REQUEST, "latency of the router's look-up"),
    metric(
        "recovery",
        &["p50", "worst", "share"],
        &[Duration],
        REQUEST,
        "time from onset to normal; share that recovers",
    ),
    metric("retry_amplification", &["mean"], &[Plain], REQUEST, "attempts / requests"),
    metric("goodput", &["mean"], &[Rate], REQUEST, "successful requests per second"),
    metric("hit_ratio", &["mean"], &[Share], REQUEST, "look-ups that the router's cache answers"),
    metric("store_load", &["mean", "worst"], &[Rate], REQUEST, "look-ups per second at the mapping store"),
    metric("utilization", &["mean", "busiest"], &[OpenShare], REQUEST, "busy slots / slots, without faults"),
    metric("cost", &["mean"], &[Dollars], BOTH, "cost of the platform per month"),
];

const fn metric(
    name: &'static str,
    statistics: &'static [&'static str],
    units: &'static [LimitUnit],
    levels: &'static [Level],
    about: &'static str,
) -> Metric {
    Metric { name, statistics, units, levels, about }
}
