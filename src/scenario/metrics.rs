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
    CustomerMinutes,
    /// A bare number, or "15min", "500 minutes": of one customer.
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
            LimitUnit::CustomerMinutes | LimitUnit::Minutes => "min",
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
    /// What it may be asked of.
    pub filters: Filters,
    /// What it is.
    pub about: &'static str,
}

/// The filters of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// Without this one there is no number.
    pub needs: Option<&'static str>,
    /// Those that it may have.
    pub takes: &'static [&'static str],
}

const STRUCK: Filters = Filters { needs: Some("fault"), takes: &["fault", "tier"] };
const INCIDENT: Filters = Filters { needs: Some("fault"), takes: &["fault"] };
const CAUSE: Filters = Filters { needs: None, takes: &["fault"] };
const PROMISE: Filters = Filters { needs: Some("tier"), takes: &["tier", "workflow"] };
const BUDGET: Filters = Filters { needs: Some("tier"), takes: &["tier", "workflow", "fault"] };
const SERVICE: Filters = Filters { needs: None, takes: &["fault", "tier", "workflow"] };
const DEMAND: Filters = Filters { needs: None, takes: &["tier", "workflow"] };
const QUEUE: Filters = Filters { needs: Some("stage"), takes: &["tier", "workflow", "stage"] };
const PLATFORM: Filters = Filters { needs: None, takes: &[] };

use LimitUnit::{CustomerMinutes, Customers, Dollars, Duration, Minutes, OpenShare, Plain, Rate, Share};

/// At least so many cells: N stands for a number.
const AT_LEAST: &str = "at_least_N";

/// Exactly so many cells.
const EXACTLY: &str = "exactly_N";

const QUANTILES: &[&str] = &["p50", "p90", "p95", "p99", "p99.9"];
const LATENCY: &[&str] = &["p50", "p90", "p95", "p99", "p99.9", "mean", "share"];

/// Every metric that an expectation may name.
pub const METRICS: [Metric; 51] = [
    metric(
        "blast_radius",
        &["mean", "p50", "p95", "p99", "worst"],
        &[Customers, Share],
        STRUCK,
        "customers harmed by one incident",
    ),
    metric("exposed", &["mean", "worst"], &[Customers, Share], STRUCK, "customers homed where the fault strikes"),
    metric("quiet", &["mean", "worst"], &[Customers, Share], STRUCK, "exposed customers that sent nothing meanwhile"),
    metric(
        "down",
        &["mean", "worst"],
        &[Customers, Share],
        STRUCK,
        "customers with a minute of at least 95 % failures",
    ),
    metric("spillover", &["mean", "worst"], &[Customers, Share], STRUCK, "harmed customers that were not exposed"),
    metric(
        "customer_minutes",
        &["mean", "worst"],
        &[CustomerMinutes],
        INCIDENT,
        "harmed minutes of one incident, summed over customers",
    ),
    metric(
        "run_minutes",
        &["mean"],
        &[CustomerMinutes],
        CAUSE,
        "harmed minutes of a run, summed over customers and incidents",
    ),
    metric("run_incidents", &["mean"], &[Plain], CAUSE, "incidents of a run"),
    metric(
        "false_harmed",
        &["mean"],
        &[Customers],
        INCIDENT,
        "customers that luck alone makes count as harmed by one incident",
    ),
    metric("availability", &["mean", "worst"], &[Share], PROMISE, "availability as the contract computes it"),
    metric("error_share", &["mean"], &[Share], SERVICE, "failed requests / all requests"),
    metric("error_share_refused", &["mean"], &[Share], DEMAND, "requests refused by what crashed / all requests"),
    metric("error_share_full", &["mean"], &[Share], DEMAND, "requests that found a queue full / all requests"),
    metric("error_share_timed-out", &["mean"], &[Share], DEMAND, "requests timed out / all requests"),
    metric("error_share_dropped", &["mean"], &[Share], DEMAND, "requests lost in a crash / all requests"),
    metric("error_share_error", &["mean"], &[Share], DEMAND, "requests that got an error / all requests"),
    metric("error_share_unrouted", &["mean"], &[Share], DEMAND, "requests whose cell was not found / all requests"),
    metric("month_budget_used", &["mean", "worst"], &[OpenShare], BUDGET, "bad minutes / bad minutes a month allows"),
    metric("months_still_kept", &["mean"], &[Customers, Share], PROMISE, "customers that still keep their month"),
    metric(
        "sla_attainment",
        &["mean"],
        &[Share],
        PROMISE,
        "share of customers, workflows and months that keep the SLA",
    ),
    metric("latency", LATENCY, &[Duration], SERVICE, "latency of all requests; failed ones are beyond every value"),
    metric("ok_latency", LATENCY, &[Duration], SERVICE, "latency of the requests that succeeded"),
    metric("router_latency", QUANTILES, &[Duration], PLATFORM, "latency of the router's look-up"),
    metric(
        "recovery",
        &["p50", "worst", "share"],
        &[Duration],
        INCIDENT,
        "time from onset to normal; share that recovers",
    ),
    metric("retry_amplification", &["mean", "end"], &[Plain], DEMAND, "attempts and hedges / requests"),
    metric("call_amplification", &["mean"], &[Plain], DEMAND, "calls of fan-outs / calls without hedges"),
    metric("request_rate", &["mean"], &[Rate], DEMAND, "requests per second"),
    metric(
        "attempt_rate",
        &["mean", "end"],
        &[Rate],
        DEMAND,
        "attempts per second, without the extra requests of a demand fault",
    ),
    metric(
        "goodput",
        &["mean", "end"],
        &[Rate],
        DEMAND,
        "successful requests per second, without the extra requests of a demand fault",
    ),
    metric("hit_ratio", &["mean"], &[Share], PLATFORM, "look-ups that the router's cache answers"),
    metric("store_load", &["mean", "worst", "end"], &[Rate], PLATFORM, "look-ups per second at the mapping store"),
    metric("utilization", &["mean", "busiest"], &[OpenShare], CAUSE, "busy slots / slots"),
    metric("wait", &["mean", "worst"], &[Duration], QUEUE, "time that an attempt waits for a slot of a stage"),
    metric("queue_length", &["mean", "worst"], &[Plain], QUEUE, "attempts that wait for a slot of a stage"),
    metric("cells", &["mean"], &[Plain], PLATFORM, "cells"),
    metric("instances", &["mean"], &[Plain], PLATFORM, "instances"),
    metric("cost", &["mean"], &[Dollars], PLATFORM, "cost of the platform per month"),
    metric("cost_cells", &["mean"], &[Dollars], PLATFORM, "of it: fixed cost of cells"),
    metric("cost_people", &["mean"], &[Dollars], PLATFORM, "of it: people"),
    metric("cost_instances", &["mean"], &[Dollars], PLATFORM, "of it: instances"),
    metric("cost_data", &["mean"], &[Dollars], PLATFORM, "of it: what grows with load"),
    metric("cost_other", &["mean"], &[Dollars], PLATFORM, "of it: requests and router"),
    metric("cost_undivided", &["mean"], &[Dollars], PLATFORM, "cost of one cell per workflow, per month"),
    metric(
        "sla_attainment_of_all",
        &["mean"],
        &[Share],
        PROMISE,
        "share of months in which every customer keeps the SLA",
    ),
    metric("sla_silent", &["mean"], &[Share], PROMISE, "share of months without a request"),
    metric("bad_minutes", &["mean", "p95", "worst"], &[Minutes], PROMISE, "bad minutes of a customer"),
    metric("incidents", &["mean"], &[Plain], CAUSE, "incidents a year"),
    metric("yearly_minutes", &["mean"], &[CustomerMinutes], CAUSE, "harmed minutes a year, summed over customers"),
    metric("credits", &["mean"], &[Dollars], PROMISE, "credits for broken promises, per month"),
    metric("cells_down_share", &[AT_LEAST, EXACTLY], &[Share], PLATFORM, "share of time with N cells down at once"),
    metric("cells_down_entries", &[AT_LEAST], &[Plain], PLATFORM, "times a year that it comes to N cells down at once"),
];

impl Metric {
    /// Returns the filters of one of its statistics: the last minute is the whole platform's.
    pub fn filters_of(&self, statistic: &str) -> Filters {
        if statistic == "end" { PLATFORM } else { self.filters }
    }

    /// Returns whether it is known with and without faults, so that an expectation may say which it means.
    pub fn has_conditions(&self) -> bool {
        let both = ["hit_ratio", "store_load", "router_latency"];
        [SERVICE, DEMAND, QUEUE].contains(&self.filters) || both.contains(&self.name) || self.name == "utilization"
    }

    /// Returns whether its rows by fault may be told by workflow, too.
    pub fn takes_fault_and_workflow(&self) -> bool {
        self.filters == SERVICE
    }

    /// Returns whether its statistic `share` is of requests under a latency.
    pub fn has_share_under(&self) -> bool {
        self.statistics == LATENCY
    }

    /// Returns the table of the scenario without which there is nothing to measure.
    pub fn table(&self) -> Option<&'static str> {
        match self.name {
            "cost" => Some("cost"),
            name if name.starts_with("cost_") => Some("cost"),
            "hit_ratio" | "store_load" | "router_latency" => Some("router"),
            _ => None,
        }
    }

    /// Returns whether it has this statistic: "mean", or "at_least_3".
    ///
    /// # Example
    /// ```
    /// use cellsim::scenario::metrics::METRICS;
    /// let metric = METRICS.iter().find(|metric| metric.name == "cells_down_share").unwrap();
    /// assert!(metric.has("at_least_3") && !metric.has("at_least_0") && !metric.has("at_least_N") && !metric.has("mean"));
    /// ```
    pub fn has(&self, statistic: &str) -> bool {
        match numbered(statistic) {
            Some((kind, _)) => self.statistics.contains(&kind),
            None => self.statistics.contains(&statistic) && ![AT_LEAST, EXACTLY].contains(&statistic),
        }
    }

    /// Returns whether a level measures one of its statistics.
    pub fn measures(&self, statistic: &str, level: Level) -> bool {
        let only = |which: Level| which == level;
        self.is_measured_at(level)
            && match (self.name, statistic) {
                ("bad_minutes", "p95") | ("blast_radius", "p50" | "p95" | "p99") => only(Level::Incident),
                _ => true,
            }
    }

    /// Returns whether a level measures it.
    pub fn is_measured_at(&self, level: Level) -> bool {
        let both = [
            "bad_minutes",
            "cells",
            "instances",
            "cost_cells",
            "cost_people",
            "cost_instances",
            "cost_data",
            "cost_other",
            "cost_undivided",
            "blast_radius",
            "exposed",
            "customer_minutes",
            "availability",
            "sla_attainment",
            "sla_attainment_of_all",
            "cost",
            "credits",
        ];
        let incidents = ["incidents", "yearly_minutes", "cells_down_share", "cells_down_entries"];
        match level {
            Level::Request => !incidents.contains(&self.name),
            Level::Incident => both.contains(&self.name) || incidents.contains(&self.name),
        }
    }
}

/// Returns what a statistic with a number counts, and the number: ("at_least_N", 3).
pub fn numbered(statistic: &str) -> Option<(&'static str, u32)> {
    [AT_LEAST, EXACTLY].into_iter().find_map(|kind| {
        let number: u32 = statistic.strip_prefix(kind.trim_end_matches('N'))?.parse().ok()?;
        // Each row has one name: no leading zeros or signs.
        (number > 0 && statistic.ends_with(&format!("_{number}"))).then_some((kind, number))
    })
}

const fn metric(
    name: &'static str,
    statistics: &'static [&'static str],
    units: &'static [LimitUnit],
    filters: Filters,
    about: &'static str,
) -> Metric {
    Metric { name, statistics, units, filters, about }
}
