//! What is known of a metric without measuring it: the table of all metrics.

use super::cause::Cause;
use super::condition::Condition;
use super::level::Level;
use super::metric::Metric;
use super::statistic::Statistic::{
    self, AtLeast, Busiest, End, Exactly, Mean, P50, P90, P95, P99, P999, Share, Under, Worst,
};
use super::unit::LimitUnit;

/// What is known of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// The metric.
    pub metric: Metric,
    /// Name, as in summary.csv.
    pub name: &'static str,
    /// Statistics that it has.
    pub statistics: &'static [Statistic],
    /// Those of them that only years have.
    years: &'static [Statistic],
    /// What its limits may be written in; `share` statistics are always shares. Without any, nothing may be expected of it.
    pub units: &'static [LimitUnit],
    /// What it may be asked of.
    pub filters: Filters,
    /// Which direction is better.
    good: Good,
    /// The world that it is judged in where nobody says which.
    pub judged: Condition,
    /// The table of the scenario without which there is nothing to measure.
    pub table: Option<&'static str>,
    /// The one level that measures it; `None`: both do.
    level: Option<Level>,
    /// Per what its mean is, at the request level.
    pub per: Per,
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

/// Which direction is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Good {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither: it is a property of the design.
    Neither,
}

/// Per what a mean is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// It is no mean of incidents.
    Nothing,
    /// Per incident.
    Incident,
    /// Per replication.
    Run,
}

impl Per {
    /// Returns the text used in files.
    pub fn text(self) -> &'static str {
        match self {
            Per::Nothing => "",
            Per::Incident => "incident",
            Per::Run => "run",
        }
    }
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
const LATENCY: &[Statistic] = &[P50, P90, P95, P99, P999, Mean, Share];

/// Every metric.
pub const SPECS: [Spec; 52] = [
    spec(
        Metric::BlastRadius,
        "blast_radius",
        &[Mean, P50, P95, P99, Worst],
        COUNT,
        STRUCK,
        Good::Less,
        "customers harmed by one incident",
    )
    .over_years(&[P50, P95, P99])
    .per(Per::Incident),
    spec(
        Metric::Exposed,
        "exposed",
        &[Mean, Worst],
        COUNT,
        STRUCK,
        Good::Less,
        "customers homed where the fault strikes",
    ),
    spec(
        Metric::Quiet,
        "quiet",
        &[Mean, Worst],
        COUNT,
        STRUCK,
        Good::Neither,
        "exposed customers that sent nothing meanwhile",
    )
    .only(Level::Request),
    spec(
        Metric::Down,
        "down",
        &[Mean, Worst],
        COUNT,
        STRUCK,
        Good::Less,
        "customers with a minute of at least 95 % failures",
    )
    .only(Level::Request),
    spec(
        Metric::Spillover,
        "spillover",
        &[Mean, Worst],
        COUNT,
        STRUCK,
        Good::Less,
        "harmed customers that were not exposed",
    )
    .only(Level::Request),
    spec(
        Metric::CustomerMinutes,
        "customer_minutes",
        &[Mean, Worst],
        CUSTOMER_MINUTES,
        INCIDENT,
        Good::Less,
        "harmed minutes of one incident, summed over customers",
    )
    .per(Per::Incident),
    spec(
        Metric::RunMinutes,
        "run_minutes",
        &[Mean],
        CUSTOMER_MINUTES,
        CAUSE,
        Good::Less,
        "harmed minutes of a run, summed over customers and incidents",
    )
    .only(Level::Request)
    .per(Per::Run),
    spec(Metric::RunIncidents, "run_incidents", &[Mean], PLAIN, CAUSE, Good::Neither, "incidents of a run")
        .only(Level::Request)
        .per(Per::Run),
    spec(
        Metric::FalseHarmed,
        "false_harmed",
        &[Mean],
        CUSTOMERS,
        INCIDENT,
        Good::Less,
        "customers that luck alone makes count as harmed by one incident",
    )
    .only(Level::Request),
    spec(
        Metric::Availability,
        "availability",
        &[Mean, Worst],
        SHARE,
        PROMISE,
        Good::More,
        "availability as the contract computes it",
    ),
    spec(Metric::ErrorShare, "error_share", &[Mean], SHARE, SERVICE, Good::Less, "failed requests / all requests")
        .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::Refused),
        "error_share_refused",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests refused by what crashed / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::Full),
        "error_share_full",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests that found a queue full / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::TimedOut),
        "error_share_timed-out",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests timed out / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::Dropped),
        "error_share_dropped",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests lost in a crash / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::Error),
        "error_share_error",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests that got an error / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::ErrorShareBy(Cause::Unrouted),
        "error_share_unrouted",
        &[Mean],
        SHARE,
        DEMAND,
        Good::Less,
        "requests whose cell was not found / all requests",
    )
    .only(Level::Request),
    spec(
        Metric::MonthBudgetUsed,
        "month_budget_used",
        &[Mean, Worst],
        OPEN_SHARE,
        BUDGET,
        Good::Less,
        "bad minutes / bad minutes a month allows",
    )
    .only(Level::Request),
    spec(
        Metric::MonthsStillKept,
        "months_still_kept",
        &[Mean],
        COUNT,
        PROMISE,
        Good::More,
        "customers that still keep their month",
    )
    .only(Level::Request),
    spec(
        Metric::SlaAttainment,
        "sla_attainment",
        &[Mean],
        SHARE,
        PROMISE,
        Good::More,
        "share of customers, workflows and months that keep the SLA",
    ),
    spec(
        Metric::Latency,
        "latency",
        LATENCY,
        DURATION,
        SERVICE,
        Good::Less,
        "latency of all requests; failed ones are beyond every value",
    )
    .only(Level::Request)
    .calm(),
    spec(
        Metric::OkLatency,
        "ok_latency",
        LATENCY,
        DURATION,
        SERVICE,
        Good::Less,
        "latency of the requests that succeeded",
    )
    .only(Level::Request)
    .calm(),
    spec(
        Metric::RouterLatency,
        "router_latency",
        QUANTILES,
        DURATION,
        PLATFORM,
        Good::Less,
        "latency of the router's look-up",
    )
    .only(Level::Request)
    .calm()
    .of("router"),
    spec(
        Metric::Recovery,
        "recovery",
        &[P50, Worst, Share],
        DURATION,
        INCIDENT,
        Good::Less,
        "time from onset to normal; share that recovers",
    )
    .only(Level::Request),
    spec(
        Metric::RetryAmplification,
        "retry_amplification",
        &[Mean, End],
        PLAIN,
        DEMAND,
        Good::Less,
        "attempts and hedges / requests",
    )
    .only(Level::Request),
    spec(
        Metric::CallAmplification,
        "call_amplification",
        &[Mean],
        PLAIN,
        DEMAND,
        Good::Less,
        "calls of fan-outs / calls without hedges",
    )
    .only(Level::Request),
    spec(Metric::RequestRate, "request_rate", &[Mean], RATE, DEMAND, Good::Neither, "requests per second")
        .only(Level::Request),
    spec(
        Metric::AttemptRate,
        "attempt_rate",
        &[Mean, End],
        RATE,
        DEMAND,
        Good::Neither,
        "attempts per second, without the extra requests of a demand fault",
    )
    .only(Level::Request),
    spec(
        Metric::Goodput,
        "goodput",
        &[Mean, End],
        RATE,
        DEMAND,
        Good::More,
        "successful requests per second, without the extra requests of a demand fault",
    )
    .only(Level::Request),
    spec(
        Metric::HitRatio,
        "hit_ratio",
        &[Mean],
        SHARE,
        PLATFORM,
        Good::More,
        "look-ups that the router's cache answers",
    )
    .only(Level::Request)
    .of("router"),
    spec(
        Metric::StoreLoad,
        "store_load",
        &[Mean, Worst, End],
        RATE,
        PLATFORM,
        Good::Less,
        "look-ups per second at the mapping store",
    )
    .only(Level::Request)
    .of("router"),
    spec(Metric::Utilization, "utilization", &[Mean, Busiest], OPEN_SHARE, CAUSE, Good::Neither, "busy slots / slots")
        .only(Level::Request)
        .calm(),
    spec(
        Metric::Wait,
        "wait",
        &[Mean, Worst],
        DURATION,
        QUEUE,
        Good::Less,
        "time that an attempt waits for a slot of a stage",
    )
    .only(Level::Request)
    .calm(),
    spec(
        Metric::QueueLength,
        "queue_length",
        &[Mean, Worst],
        PLAIN,
        QUEUE,
        Good::Less,
        "attempts that wait for a slot of a stage",
    )
    .only(Level::Request)
    .calm(),
    spec(Metric::Cells, "cells", &[Mean], PLAIN, PLATFORM, Good::Neither, "cells"),
    spec(Metric::Instances, "instances", &[Mean], PLAIN, PLATFORM, Good::Neither, "instances"),
    spec(Metric::Cost, "cost", &[Mean], DOLLARS, PLATFORM, Good::Less, "cost of the platform per month").of("cost"),
    spec(Metric::CostCells, "cost_cells", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: fixed cost of cells")
        .of("cost"),
    spec(Metric::CostPeople, "cost_people", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: people").of("cost"),
    spec(Metric::CostInstances, "cost_instances", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: instances")
        .of("cost"),
    spec(Metric::CostData, "cost_data", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: what grows with load")
        .of("cost"),
    spec(Metric::CostOther, "cost_other", &[Mean], DOLLARS, PLATFORM, Good::Less, "of it: requests and router")
        .of("cost"),
    spec(
        Metric::CostUndivided,
        "cost_undivided",
        &[Mean],
        DOLLARS,
        PLATFORM,
        Good::Neither,
        "cost of one cell per workflow, per month",
    )
    .of("cost"),
    spec(
        Metric::SlaAttainmentOfAll,
        "sla_attainment_of_all",
        &[Mean],
        SHARE,
        PROMISE,
        Good::More,
        "share of months in which every customer keeps the SLA",
    ),
    spec(Metric::SlaSilent, "sla_silent", &[Mean], SHARE, PROMISE, Good::Neither, "share of months without a request")
        .only(Level::Request),
    spec(
        Metric::BadMinutes,
        "bad_minutes",
        &[Mean, P95, Worst],
        MINUTES,
        PROMISE,
        Good::Less,
        "bad minutes of a customer",
    )
    .over_years(&[P95]),
    spec(Metric::Incidents, "incidents", &[Mean], PLAIN, CAUSE, Good::Neither, "incidents a year")
        .only(Level::Incident),
    spec(
        Metric::YearlyMinutes,
        "yearly_minutes",
        &[Mean],
        CUSTOMER_MINUTES,
        CAUSE,
        Good::Less,
        "harmed minutes a year, summed over customers",
    )
    .only(Level::Incident),
    spec(Metric::Credits, "credits", &[Mean], DOLLARS, PROMISE, Good::Less, "credits for broken promises, per month"),
    spec(
        Metric::CellsDownShare,
        "cells_down_share",
        &[AtLeast(0), Exactly(0)],
        SHARE,
        PLATFORM,
        Good::Less,
        "share of time with N cells down at once",
    )
    .only(Level::Incident),
    spec(
        Metric::CellsDownEntries,
        "cells_down_entries",
        &[AtLeast(0)],
        PLAIN,
        PLATFORM,
        Good::Less,
        "times a year that it comes to N cells down at once",
    )
    .only(Level::Incident),
    spec(
        Metric::BurnRateAlerts,
        "burn_rate_alerts",
        &[Mean],
        &[],
        PROMISE,
        Good::Less,
        "alerts of a burn rate, a year",
    )
    .only(Level::Incident),
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

impl Spec {
    const fn only(self, level: Level) -> Spec {
        Spec { level: Some(level), ..self }
    }

    /// How good the service is: what faults do to it depends on how long the drill is.
    const fn calm(self) -> Spec {
        Spec { judged: Condition::NoFault, ..self }
    }

    const fn of(self, table: &'static str) -> Spec {
        Spec { table: Some(table), ..self }
    }

    const fn over_years(self, years: &'static [Statistic]) -> Spec {
        Spec { years, ..self }
    }

    const fn per(self, per: Per) -> Spec {
        Spec { per, ..self }
    }

    /// Returns those of which something may be expected.
    pub fn expectable() -> impl Iterator<Item = &'static Spec> {
        SPECS.iter().filter(|spec| !spec.units.is_empty())
    }

    /// Returns the filters of one of its statistics: the last minute is the whole platform's.
    pub fn filters_of(&self, statistic: Statistic) -> Filters {
        if statistic == End { PLATFORM } else { self.filters }
    }

    /// Returns whether it is known with and without faults, so that an expectation may say which it means.
    pub fn has_conditions(&self) -> bool {
        [SERVICE, DEMAND, QUEUE].contains(&self.filters)
            || self.table == Some("router")
            || self.metric == Metric::Utilization
    }

    /// Returns whether its rows by fault may be told by workflow, too.
    pub fn takes_fault_and_workflow(&self) -> bool {
        self.filters == SERVICE
    }

    /// Returns whether its statistic `share` is of requests under a latency.
    pub fn has_share_under(&self) -> bool {
        self.statistics == LATENCY
    }

    /// Returns whether it has this statistic.
    ///
    /// # Example
    /// ```
    /// use cellsim::catalogue::{Metric, Statistic};
    /// let spec = Metric::CellsDownShare.spec();
    /// assert!(spec.has(Statistic::AtLeast(3)) && !spec.has(Statistic::Mean));
    /// ```
    pub fn has(&self, statistic: Statistic) -> bool {
        self.statistics.contains(&statistic.kind())
    }

    /// Returns whether a level measures one of its statistics.
    pub fn measures(&self, statistic: Statistic, level: Level) -> bool {
        self.is_measured_at(level) && (level == Level::Incident || !self.years.contains(&statistic))
    }

    /// Returns whether a level measures it.
    pub fn is_measured_at(&self, level: Level) -> bool {
        self.level.is_none_or(|only| only == level)
    }

    /// Returns which direction of a statistic is better: a share of those that recover, or are fast, is good.
    pub fn good(&self, statistic: Statistic) -> Good {
        match statistic {
            Share | Under(_) => Good::More,
            _ => self.good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_line_and_one_name() {
        for (at, spec) in SPECS.iter().enumerate() {
            assert!(std::ptr::eq(spec.metric.spec(), spec), "{}", spec.name);
            assert_eq!(Metric::named(spec.name), Some(spec.metric));
            assert!(SPECS[..at].iter().all(|other| other.name != spec.name), "{}", spec.name);
        }
        for cause in Cause::ALL {
            assert_eq!(Metric::ErrorShareBy(cause).name(), format!("error_share_{}", cause.name()));
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
        assert_eq!(Metric::Latency.spec().good(Under(1)), Good::More);
    }
}
