//! The table of all metrics.

use std::fmt;

use super::cause::Cause;
use super::condition::Condition;
use super::level::Level;
use super::metric::Metric;
use super::spec::{
    BUDGET, CAUSE, DEMAND, Filters, Good, INCIDENT, LATENCY, PLATFORM, PROMISE, Per, QUEUE, SERVICE, STRUCK, Spec,
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
pub const SPECS: [Spec; 52] = [
    spec(Metric::BlastRadius, "blast_radius", &[Mean, P50, P95, P99, Worst], COUNT, STRUCK, Good::Less, "customers harmed by one incident").over_years(&[P50, P95, P99]).per(Per::Incident),
    spec(Metric::Exposed, "exposed", &[Mean, Worst], COUNT, STRUCK, Good::Less, "customers homed where the fault strikes"),
    spec(Metric::Quiet, "quiet", &[Mean, Worst], COUNT, STRUCK, Good::Neither, "exposed customers that sent nothing meanwhile").only(Level::Request),
    spec(Metric::Down, "down", &[Mean, Worst], COUNT, STRUCK, Good::Less, "customers with a minute of at least 95 % failures").only(Level::Request),
    spec(Metric::Spillover, "spillover", &[Mean, Worst], COUNT, STRUCK, Good::Less, "harmed customers that were not exposed").only(Level::Request),
    spec(Metric::CustomerMinutes, "customer_minutes", &[Mean, Worst], CUSTOMER_MINUTES, INCIDENT, Good::Less, "harmed minutes of one incident, summed over customers").per(Per::Incident),
    spec(Metric::RunMinutes, "run_minutes", &[Mean], CUSTOMER_MINUTES, CAUSE, Good::Less, "harmed minutes of a run, summed over customers and incidents").only(Level::Request).per(Per::Run),
    spec(Metric::RunIncidents, "run_incidents", &[Mean], PLAIN, CAUSE, Good::Neither, "incidents of a run").only(Level::Request).per(Per::Run),
    spec(Metric::FalseHarmed, "false_harmed", &[Mean], CUSTOMERS, INCIDENT, Good::Less, "customers that luck alone makes count as harmed by one incident").only(Level::Request),
    spec(Metric::Availability, "availability", &[Mean, Worst], SHARE, PROMISE, Good::More, "availability as the contract computes it"),
    spec(Metric::ErrorShare, "error_share", &[Mean], SHARE, SERVICE, Good::Less, "failed requests / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::Refused), "error_share_refused", &[Mean], SHARE, DEMAND, Good::Less, "requests refused by what crashed / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::Full), "error_share_full", &[Mean], SHARE, DEMAND, Good::Less, "requests that found a queue full / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::TimedOut), "error_share_timed-out", &[Mean], SHARE, DEMAND, Good::Less, "requests timed out / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::Dropped), "error_share_dropped", &[Mean], SHARE, DEMAND, Good::Less, "requests lost in a crash / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::Error), "error_share_error", &[Mean], SHARE, DEMAND, Good::Less, "requests that got an error / all requests").only(Level::Request),
    spec(Metric::ErrorShareBy(Cause::Unrouted), "error_share_unrouted", &[Mean], SHARE, DEMAND, Good::Less, "requests whose cell was not found / all requests").only(Level::Request),
    spec(Metric::MonthBudgetUsed, "month_budget_used", &[Mean, Worst], OPEN_SHARE, BUDGET, Good::Less, "bad minutes / bad minutes a month allows").only(Level::Request),
    spec(Metric::MonthsStillKept, "months_still_kept", &[Mean], COUNT, PROMISE, Good::More, "customers that still keep their month").only(Level::Request),
    spec(Metric::SlaAttainment, "sla_attainment", &[Mean], SHARE, PROMISE, Good::More, "share of customers, workflows and months that keep the SLA"),
    spec(Metric::Latency, "latency", LATENCY, DURATION, SERVICE, Good::Less, "latency of all requests; failed ones are beyond every value").only(Level::Request).calm(),
    spec(Metric::OkLatency, "ok_latency", LATENCY, DURATION, SERVICE, Good::Less, "latency of the requests that succeeded").only(Level::Request).calm(),
    spec(Metric::RouterLatency, "router_latency", QUANTILES, DURATION, PLATFORM, Good::Less, "latency of the router's look-up").only(Level::Request).calm().of("router"),
    spec(Metric::Recovery, "recovery", &[P50, Worst, Share], DURATION, INCIDENT, Good::Less, "time from onset to normal; share that recovers").only(Level::Request),
    spec(Metric::RetryAmplification, "retry_amplification", &[Mean, End], PLAIN, DEMAND, Good::Less, "attempts and hedges / requests").only(Level::Request),
    spec(Metric::CallAmplification, "call_amplification", &[Mean], PLAIN, DEMAND, Good::Less, "calls of fan-outs / calls without hedges").only(Level::Request),
    spec(Metric::RequestRate, "request_rate", &[Mean], RATE, DEMAND, Good::Neither, "requests per second").only(Level::Request),
    spec(Metric::AttemptRate, "attempt_rate", &[Mean, End], RATE, DEMAND, Good::Neither, "attempts per second, without the extra requests of a demand fault").only(Level::Request),
    spec(Metric::Goodput, "goodput", &[Mean, End], RATE, DEMAND, Good::More, "successful requests per second, without the extra requests of a demand fault").only(Level::Request),
    spec(Metric::HitRatio, "hit_ratio", &[Mean], SHARE, PLATFORM, Good::More, "look-ups that the router's cache answers").only(Level::Request).of("router"),
    spec(Metric::StoreLoad, "store_load", &[Mean, Worst, End], RATE, PLATFORM, Good::Less, "look-ups per second at the mapping store").only(Level::Request).of("router"),
    spec(Metric::Utilization, "utilization", &[Mean, Busiest], OPEN_SHARE, CAUSE, Good::Neither, "busy slots / slots").only(Level::Request).calm(),
    spec(Metric::Wait, "wait", &[Mean, Worst], DURATION, QUEUE, Good::Less, "time that an attempt waits for a slot of a stage").only(Level::Request).calm(),
    spec(Metric::QueueLength, "queue_length", &[Mean, Worst], PLAIN, QUEUE, Good::Less, "attempts that wait for a slot of a stage").only(Level::Request).calm(),
    spec(Metric::Cells, "cells", &[Mean], PLAIN, PLATFORM, Good::Neither, "cells"),
    spec(Metric::Instances, "instances", &[Mean], PLAIN, PLATFORM, Good::Neither, "instances"),
    spec(Metric::Cost, "cost", &[Mean], DOLLARS, PLATFORM, Good::Less, "cost of the platform per month").of("cost"),
    spec(Metric::CostCells, "cost_cells", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: fixed cost of cells").of("cost"),
    spec(Metric::CostPeople, "cost_people", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: people").of("cost"),
    spec(Metric::CostInstances, "cost_instances", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: instances").of("cost"),
    spec(Metric::CostData, "cost_data", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: what grows with load").of("cost"),
    spec(Metric::CostOther, "cost_other", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: requests and router").of("cost"),
    spec(Metric::CostUndivided, "cost_undivided", &[Mean], DOLLARS, PLATFORM, Good::Neither, "cost of one cell per workflow, per month").of("cost"),
    spec(Metric::SlaAttainmentOfAll, "sla_attainment_of_all", &[Mean], SHARE, PROMISE, Good::More, "share of months in which every customer keeps the SLA"),
    spec(Metric::SlaSilent, "sla_silent", &[Mean], SHARE, PROMISE, Good::Neither, "share of months without a request").only(Level::Request),
    spec(Metric::BadMinutes, "bad_minutes", &[Mean, P95, Worst], MINUTES, PROMISE, Good::Less, "bad minutes of a customer").over_years(&[P95]),
    spec(Metric::Incidents, "incidents", &[Mean], PLAIN, CAUSE, Good::Neither, "incidents a year").only(Level::Incident),
    spec(Metric::YearlyMinutes, "yearly_minutes", &[Mean], CUSTOMER_MINUTES, CAUSE, Good::Less, "harmed minutes a year, summed over customers").only(Level::Incident),
    spec(Metric::Credits, "credits", &[Mean], DOLLARS, PROMISE, Good::Less, "credits for broken promises, per month"),
    spec(Metric::CellsDownShare, "cells_down_share", &[AtLeast(0), Exactly(0)], SHARE, PLATFORM, Good::Less, "share of time with N cells down at once").only(Level::Incident),
    spec(Metric::CellsDownEntries, "cells_down_entries", &[AtLeast(0)], PLAIN, PLATFORM, Good::Less, "times a year that it comes to N cells down at once").only(Level::Incident),
    spec(Metric::BurnRateAlerts, "burn_rate_alerts", &[Mean], &[], PROMISE, Good::Less, "alerts of a burn rate, a year").only(Level::Incident),
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
        for cause in Cause::ALL {
            assert_eq!(Metric::ErrorShareBy(cause).name(), format!("error_share_{}", cause.text()));
        }
    }

    #[test]
    fn directions_that_are_better() {
        let of = |good| SPECS.iter().filter(|spec| spec.good == good).map(|spec| spec.name).collect::<Vec<_>>();
        let more =
            ["availability", "months_still_kept", "sla_attainment", "goodput", "hit_ratio", "sla_attainment_of_all"];
        assert_eq!(of(Good::More), more);
        assert_eq!(
            of(Good::Neither),
            [
                "quiet",
                "run_incidents",
                "request_rate",
                "attempt_rate",
                "utilization",
                "cells",
                "instances",
                "cost_undivided",
                "sla_silent",
                "incidents"
            ]
        );
        assert_eq!(Metric::Recovery.spec().good(Share), Good::More);
        assert_eq!(Metric::Latency.spec().good(Statistic::Under(1)), Good::More);
    }
}
