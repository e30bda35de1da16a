//! The table of all metrics.

use std::fmt;

use super::cause::Cause;
use super::condition::Condition;
use super::level::Level;
use super::metric::Metric;
use super::spec::{
    ALERTS, BUDGET, BY_FAULT, DEMAND, FAILURES, Filters, Good, INCIDENT, LATENCY, LOOK_UPS, PLATFORM, PROMISE, Per,
    QUEUE, SERVICE, STRUCK, Spec,
};
use super::statistic::Statistic::{self, AtLeast, Busiest, End, Exactly, Mean, P50, P90, P95, P99, P999, Share, Worst};
use super::unit::LimitUnit;

const COUNT: &[LimitUnit] = &[LimitUnit::Customers, LimitUnit::Share];
const CUSTOMERS: &[LimitUnit] = &[LimitUnit::Customers];
const CUSTOMER_MINUTES: &[LimitUnit] = &[LimitUnit::CustomerMinutes];
const MINUTES: &[LimitUnit] = &[LimitUnit::Minutes];
const SHARE: &[LimitUnit] = &[LimitUnit::Share];
const OPEN_SHARE: &[LimitUnit] = &[LimitUnit::OpenShare];
const DURATION: &[LimitUnit] = &[LimitUnit::Duration];
const RATE: &[LimitUnit] = &[LimitUnit::Rate];
const DOLLARS: &[LimitUnit] = &[LimitUnit::Dollars];
const PLAIN: &[LimitUnit] = &[LimitUnit::Plain];

const QUANTILES: &[Statistic] = &[P50, P90, P95, P99, P999];

/// Every metric.
#[rustfmt::skip]
pub const SPECS: [Spec; 46] = [
    spec(Metric::BlastRadius, "blast_radius", &[Mean, P50, P95, P99, Worst], COUNT, STRUCK, Good::Less, "customers harmed by one incident: some minute of theirs failed here and not in the incident's twin").over_years(&[P50, P95, P99]).per(Per::Incident),
    spec(Metric::Exposed, "exposed", &[Mean, Worst], COUNT, STRUCK, Good::Less, "customers homed where the fault strikes"),
    spec(Metric::Idle, "idle", &[Mean, Worst], COUNT, STRUCK, Good::Neither, "exposed customers that sent nothing during the incident").only(Level::Request),
    spec(Metric::Down, "down", &[Mean, Worst], COUNT, STRUCK, Good::Less, "customers with a minute in which at least 95 % of their requests failed").only(Level::Request),
    spec(Metric::Spillover, "spillover", &[Mean, Worst], COUNT, STRUCK, Good::Less, "harmed customers that were not exposed").only(Level::Request),
    spec(Metric::CustomerMinutes, "customer_minutes", &[Mean, Worst], CUSTOMER_MINUTES, INCIDENT, Good::Less, "harmed minutes of one incident (mean over years: of one strike), summed over customers").per(Per::Incident),
    spec(Metric::ReplicationMinutes, "replication_minutes", &[Mean], CUSTOMER_MINUTES, BY_FAULT, Good::Less, "harmed minutes of a replication, summed over customers and incidents: by fault, and of all").only(Level::Request).per(Per::Replication),
    spec(Metric::ReplicationIncidents, "replication_incidents", &[Mean], PLAIN, BY_FAULT, Good::Neither, "incidents of a replication: by fault, and of all").only(Level::Request).per(Per::Replication),
    spec(Metric::FalseHarmed, "false_harmed", &[Mean], CUSTOMERS, INCIDENT, Good::Less, "customers that would count as harmed by one incident if there were no fault and nothing but chance differed ([method.md](method.md)); null where requests carry all randomness").only(Level::Request),
    spec(Metric::Availability, "availability", &[Mean, Worst], SHARE, PROMISE, Good::More, "availability as the contract computes it, over the horizon"),
    spec(Metric::ErrorShare, "error_share", &[Mean], SHARE, FAILURES, Good::Less, "failed requests / all requests; with `cause`, those that failed for this reason; by fault, while it lasts").only(Level::Request),
    spec(Metric::MonthBudgetUsed, "month_budget_used", &[Mean, Worst], OPEN_SHARE, BUDGET, Good::Less, "bad minutes (or failed share) / what a contract month of 30 days, or the contract's `window`, allows; by fault: the sum over its incidents").only(Level::Request),
    spec(Metric::MonthsWithinSla, "months_within_sla", &[Mean], COUNT, PROMISE, Good::More, "contract months (a customer and a workflow, or a customer, as the contract counts) that these faults leave within the SLA, if the rest of the month is as without faults ([method.md](method.md#rest-of-month))").only(Level::Request),
    spec(Metric::SlaAttainment, "sla_attainment", &[Mean], SHARE, PROMISE, Good::More, "share of contract months (customer, workflow, month) within the SLA; at the request level only with random faults and whole months in the horizon"),
    spec(Metric::Latency, "latency", LATENCY, DURATION, SERVICE, Good::Less, "latency of all requests; a failed one is beyond every value, so that there is no mean then. By fault, while it lasts (by tier and workflow at once only if an expectation asks)").only(Level::Request).calm(),
    spec(Metric::OkLatency, "ok_latency", LATENCY, DURATION, SERVICE, Good::Less, "latency of the requests that succeeded").only(Level::Request).calm(),
    spec(Metric::RouterLatency, "router_latency", QUANTILES, DURATION, LOOK_UPS, Good::Less, "latency of the router's lookups: of all, one that found no cell being beyond every value, or of those on one `path`").only(Level::Request).calm().of("router"),
    spec(Metric::Recovery, "recovery", &[P50, Worst, Share], DURATION, INCIDENT, Good::Less, "time from onset until all is as in the twin (Kaplan-Meier); `share` of incidents that recover, a bound where the horizon cut some short ([method.md](method.md#recovery))").only(Level::Request),
    spec(Metric::RetryAmplification, "retry_amplification", &[Mean, End], PLAIN, DEMAND, Good::Less, "attempts and hedges / requests").only(Level::Request),
    spec(Metric::CallAmplification, "call_amplification", &[Mean], PLAIN, DEMAND, Good::Less, "calls of fan-outs / calls without hedges; only where there are fan-outs").only(Level::Request),
    spec(Metric::RequestRate, "request_rate", &[Mean], RATE, DEMAND, Good::Neither, "requests per second").only(Level::Request),
    spec(Metric::AttemptRate, "attempt_rate", &[Mean, End], RATE, DEMAND, Good::Neither, "attempts per second, without the extra requests of a demand fault; `end`: by when they started").only(Level::Request),
    spec(Metric::Goodput, "goodput", &[Mean, End], RATE, DEMAND, Good::More, "successful requests per second, without the extra requests of a demand fault").only(Level::Request),
    spec(Metric::HitRatio, "hit_ratio", &[Mean], SHARE, PLATFORM, Good::More, "lookups that the router's cache answers / all lookups").only(Level::Request).of("router"),
    spec(Metric::StoreLoad, "store_load", &[Mean, Worst, End], RATE, PLATFORM, Good::Less, "lookups per second at the mapping store, those of a demand fault's extra requests included; `worst`: the busiest second of a replication, in the mean over replications (as are the longest wait, the longest queue and the worst customer's budget)").only(Level::Request).of("router"),
    spec(Metric::Utilization, "utilization", &[Mean, Busiest], OPEN_SHARE, BY_FAULT, Good::Neither, "busy slots / slots, of all stations and of the busiest: without faults, with them, and while each fault lasts. Slots are those without faults, whatever a fault has taken").only(Level::Request).calm(),
    spec(Metric::Wait, "wait", &[Mean, Worst], DURATION, QUEUE, Good::Less, "time that an attempt waits for a slot of a stage, over all that got one or a place in the queue; `worst`: where it is longest of all cells and workers. Null where all are served at once").only(Level::Request).calm(),
    spec(Metric::QueueLength, "queue_length", &[Mean, Worst], PLAIN, QUEUE, Good::Less, "attempts that wait for a slot of a stage, mean over the horizon and over its queues (one in each cell, one for each worker); `worst`: of the longest queue").only(Level::Request).calm(),
    spec(Metric::Cells, "cells", &[Mean], PLAIN, PLATFORM, Good::Neither, "cells"),
    spec(Metric::Instances, "instances", &[Mean], PLAIN, PLATFORM, Good::Neither, "instances"),
    spec(Metric::Cost, "cost", &[Mean], DOLLARS, PLATFORM, Good::Less, "cost of the platform per month").of("cost"),
    spec(Metric::CostCells, "cost_cells", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: fixed cost of cells").of("cost"),
    spec(Metric::CostPeople, "cost_people", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: people").of("cost"),
    spec(Metric::CostInstances, "cost_instances", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: instances").of("cost"),
    spec(Metric::CostData, "cost_data", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: what grows with load").of("cost"),
    spec(Metric::CostOther, "cost_other", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: requests and router").of("cost"),
    spec(Metric::CostSingleCell, "cost_single_cell", &[Mean], DOLLARS, PLATFORM, Good::Neither, "cost of the single-cell baseline per month: one cell per workflow").of("cost"),
    spec(Metric::SlaAttainmentOfAll, "sla_attainment_of_all", &[Mean], SHARE, PROMISE, Good::More, "share of months in which every customer meets the SLA"),
    spec(Metric::SlaSilent, "sla_silent", &[Mean], SHARE, PROMISE, Good::Neither, "share of contract months without a request").only(Level::Request),
    spec(Metric::BadMinutes, "bad_minutes", &[Mean, P95, Worst], MINUTES, PROMISE, Good::Less, "bad minutes of a customer: over the horizon, at the incident level in a contract month").over_years(&[P95]),
    spec(Metric::Incidents, "incidents", &[Mean], PLAIN, BY_FAULT, Good::Neither, "incidents per year").only(Level::Incident).per(Per::Year),
    spec(Metric::YearlyMinutes, "yearly_minutes", &[Mean], CUSTOMER_MINUTES, BY_FAULT, Good::Less, "harmed minutes per year, summed over customers").only(Level::Incident).per(Per::Year),
    spec(Metric::Credits, "credits", &[Mean], DOLLARS, PROMISE, Good::Less, "credits for missed SLAs, per month"),
    spec(Metric::CellsDownShare, "cells_down_share", &[AtLeast(0), Exactly(0)], SHARE, PLATFORM, Good::Less, "share of time with N cells down at once").only(Level::Incident),
    spec(Metric::CellsDownEntries, "cells_down_entries", &[AtLeast(0)], PLAIN, PLATFORM, Good::Less, "times per year that N cells come to be down at once").only(Level::Incident).per(Per::Year),
    spec(Metric::BurnRateAlerts, "burn_rate_alerts", &[Mean], PLAIN, ALERTS, Good::Less, "burn-rate alerts that would have fired, per year").only(Level::Incident).per(Per::Year),
];

/// Names that metrics had before, and those that they have.
const RENAMED: [(&str, Metric); 5] = [
    ("quiet", Metric::Idle),
    ("run_minutes", Metric::ReplicationMinutes),
    ("run_incidents", Metric::ReplicationIncidents),
    ("months_still_kept", Metric::MonthsWithinSla),
    ("cost_undivided", Metric::CostSingleCell),
];

const fn spec(
    metric: Metric,
    name: &'static str,
    statistics: &'static [Statistic],
    units: &'static [LimitUnit],
    filters: Filters,
    good: Good,
    about: &'static str,
) -> Spec {
    let (level, table) = (None, None);
    Spec {
        metric,
        name,
        statistics,
        years: &[],
        units,
        filters,
        good,
        judged: Condition::WithFaults,
        table,
        level,
        per: Per::Nothing,
        about,
    }
}

impl Metric {
    /// Returns what is known of it.
    pub fn spec(self) -> &'static Spec {
        // Not any other's: a metric without a line would bear another's name.
        SPECS.iter().find(|spec| spec.metric == self).expect("every metric has a line in the table")
    }

    /// Returns its name in files and scenarios.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Returns the metric of this name.
    pub fn named(name: &str) -> Option<Metric> {
        SPECS.iter().find(|spec| spec.name == name).map(|spec| spec.metric)
    }

    /// Returns what a metric is written like today that had this name before.
    pub fn renamed(old: &str) -> Option<String> {
        if let Some(cause) = old.strip_prefix("error_share_").and_then(Cause::named) {
            return Some(format!("metric = \"error_share\" with cause = \"{cause}\""));
        }
        let found = RENAMED.iter().find(|(before, _)| *before == old)?;
        Some(format!("metric = \"{}\"", found.1))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

crate::words::serialized_as_text!(Metric);

impl Spec {
    /// Returns those of which something may be expected.
    pub fn expectable() -> impl Iterator<Item = &'static Spec> {
        SPECS.iter().filter(|spec| !spec.units.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_line_and_one_name() {
        for (at, spec) in SPECS.iter().enumerate() {
            assert_eq!(spec.metric.spec(), spec);
            assert_eq!(Metric::named(spec.name), Some(spec.metric));
            assert!(SPECS[..at].iter().all(|other| other.name != spec.name), "{}", spec.name);
        }
    }

    #[test]
    fn old_names_are_known_and_free() {
        for (old, _) in RENAMED {
            assert_eq!(Metric::named(old), None, "{old}");
        }
        assert_eq!(Metric::renamed("quiet").as_deref(), Some("metric = \"idle\""));
        let timed_out = Metric::renamed("error_share_timed-out");
        assert_eq!(timed_out.as_deref(), Some("metric = \"error_share\" with cause = \"timed-out\""));
        assert_eq!(Metric::renamed("latency"), None);
    }

    #[test]
    fn directions_that_are_better() {
        let of = |good| SPECS.iter().filter(|spec| spec.good == good).map(|spec| spec.name).collect::<Vec<_>>();
        let more =
            ["availability", "months_within_sla", "sla_attainment", "goodput", "hit_ratio", "sla_attainment_of_all"];
        assert_eq!(of(Good::More), more);
        assert_eq!(
            of(Good::Neither),
            [
                "idle",
                "replication_incidents",
                "request_rate",
                "attempt_rate",
                "utilization",
                "cells",
                "instances",
                "cost_single_cell",
                "sla_silent",
                "incidents"
            ]
        );
        assert_eq!(Metric::Recovery.spec().good(Share), Good::More);
        assert_eq!(Metric::Latency.spec().good(Statistic::Under(1)), Good::More);
    }
}
