//! Faults: what strikes where, how, and when.
use super::grammar::words::words;
use super::recorded::Recorded;
use super::waves::Waves;
use crate::engine::law::Law;
use crate::units::Nanos;

/// One entry of `[fault.NAME]`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Fault {
    /// Name.
    pub name: String,
    /// Line of the file that made it, for messages; no part of what the scenario is.
    #[serde(skip)]
    pub line: u32,
    /// What is struck.
    pub strikes: Strikes,
    /// What happens to it.
    pub effects: Vec<Effect>,
    /// When.
    pub schedule: Schedule,
    /// When capacity that is gone stops receiving attempts, counted from onset.
    pub detected_after: Option<Nanos>,
    /// It reaches its cells wave by wave; `None`: all at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waves: Option<Waves>,
}

/// What is struck.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Strikes {
    /// Everything that matches: cells, or the stations of one stage in them, or the part in one zone.
    Cells(CellFilter),
    /// One step of the router.
    Router(RouterStep),
    /// Customers themselves (demand faults, errors per customer): those of a class or one of them.
    Customers {
        /// Workflow index; `None`: all.
        workflow: Option<usize>,
        /// Tier index; `None`: all.
        tier: Option<usize>,
        /// One customer; `None`: all.
        customer: Option<CustomerRef>,
    },
}

/// Cells that match; `None` matches all.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct CellFilter {
    /// Workflow index.
    pub workflow: Option<usize>,
    /// Tier index. With shared cells: only this tier's attempts are struck.
    pub tier: Option<usize>,
    /// Which cell.
    pub cell: Option<CellRef>,
    /// Stage name: only its stations.
    pub stage: Option<String>,
    /// Only a part of that stage.
    pub part: Option<StagePart>,
    /// Zone index: only the slots in it.
    pub zone: Option<usize>,
}

/// A part of a stage.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum StagePart {
    /// A destination of a fan-out, from 1.
    Destination(u32),
    /// A worker, from 1.
    Worker(u32),
    /// All workers that serve a customer, in the cell it lives in.
    WorkersOf(CustomerRef),
}

/// Which cell.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum CellRef {
    /// By number (from 1) within the workflow and tier (which are then both given), or within the workflow if cells are shared.
    Number(u32),
    /// The home of a customer.
    Of(CustomerRef),
}

/// Which customer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum CustomerRef {
    /// The one with most demand (in the workflow and tier given).
    Busiest,
    /// By number (from 1) within a tier: "enterprise/17".
    Number {
        /// Tier index.
        tier: usize,
        /// From 1.
        number: u32,
    },
    /// A named customer: "whale" or "whale/2".
    Named {
        /// Cohort index.
        cohort: usize,
        /// From 1.
        number: u32,
    },
}

words! {
    /// A step of the router.
    pub enum RouterStep {
        /// The mapping cache.
        Cache = "cache",
        /// The mapping store.
        Store = "store",
        /// Placement of new customers.
        Placement = "placement",
        /// The network to the cell.
        Network = "network",
    }
}

/// What happens to what is struck.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Effect {
    /// In-flight work is lost at onset, attempts are refused at once until the end.
    Crash,
    /// Attempts vanish: only the client's timeout tells.
    Blackhole,
    /// Service (or latency) takes `factor` times as long, plus `shift`.
    Slow {
        /// Factor, at least 0.
        factor: f64,
        /// Added time.
        shift: Nanos,
    },
    /// A share of attempts gets an error.
    Errors {
        /// The share.
        share: f64,
        /// A share of what.
        per: SharePer,
    },
    /// Slots (or lookups per second) are multiplied by `factor`.
    Capacity {
        /// Factor, at least 0.
        factor: f64,
    },
    /// The cache forgets.
    Flush,
    /// Demand is multiplied by `factor`.
    Demand {
        /// Factor, at least 0.
        factor: f64,
    },
}

words! {
    /// What a share of effect is a share of.
    pub enum SharePer {
        /// Each attempt has its own luck: retries help.
        Attempt = "attempt",
        /// All attempts of a request share one luck: retries do not help.
        Request = "request",
        /// A customer is struck or not, for the whole incident.
        Customer = "customer",
        /// A share of slots is bad: as attempts until detected, then that capacity is gone.
        Slot = "slot",
    }
}

/// When a fault happens.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Schedule {
    /// If this happens.
    Scripted {
        /// Onset, from the end of the warm-up.
        at: Nanos,
        /// Onset is uniform in `at - spread ..= at + spread`.
        spread: Nanos,
        /// How long; 0 for an instant (a flush).
        lasts: Nanos,
        /// Again and again at this distance, all shifted alike; `None`: once.
        #[serde(skip_serializing_if = "Option::is_none")]
        every: Option<Nanos>,
    },
    /// How often this happens.
    Random {
        /// Time from the last recovery (or the start) to the next onset.
        up: Law,
        /// Time from onset to repair.
        down: Law,
        /// One clock for each instance, or one clock that strikes one instance (or the platform) at a time.
        clock: Clock,
    },
    /// As recorded.
    Trace(Recorded),
}

/// Which clocks a random fault has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Clock {
    /// Every instance of this scope has its own.
    Each(ScopeKind),
    /// One clock; it strikes one instance of this scope, drawn.
    OneOf(ScopeKind),
}

words! {
    /// What a clock belongs to.
    pub enum ScopeKind {
        /// The cells that the filter matches.
        Cell = "cell",
        /// Each zone.
        Zone = "zone",
        /// Each tier.
        Tier = "tier",
        /// Each workflow.
        Workflow = "workflow",
        /// Everything that the filter matches, at once.
        Platform = "platform",
    }
}
