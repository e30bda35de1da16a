//! Warnings: what a reader must know about a design or a study, as facts. How they read is the report's business.

use crate::catalogue::Metric;
use crate::world::flow::doubt::Doubt;

/// Something that a reader must know.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// What the scenario says in vain, as its reader noticed it.
    Remark(String),
    /// The effect of a fault leaves all as it is.
    FaultWithoutEffect {
        /// Its name.
        fault: String,
    },
    /// Recorded requests that the run is too short for.
    BeyondTheHorizon {
        /// So many.
        beyond: usize,
        /// Of so many.
        recorded: usize,
        /// A horizon that holds them all, as a scenario writes it.
        horizon: String,
    },
    /// Keys of clients that only matter to those who try twice, which none does.
    NobodyTriesTwice {
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// A cell has fewer customers than it should at least.
    UnderItsMin {
        /// The cell.
        cell: String,
        /// Customers in it.
        customers: u32,
        /// Customers that it should have.
        min: u32,
        /// Whether one of them is half of its demand or more.
        filled_by_one: bool,
    },
    /// So many more cells have fewer than they should.
    MoreUnderTheirMin(usize),
    /// A cell cannot carry its demand once a zone is lost.
    ZoneLoss {
        /// The cell's workflow.
        workflow: String,
        /// The cell's tier.
        tier: Option<String>,
        /// The stage that is busiest.
        stage: String,
        /// Demand over what is left; infinite if nothing is.
        utilization: f64,
    },
    /// The longest deadline is longer than the horizon.
    DeadlineBeyondHorizon {
        /// So many times.
        times: f64,
    },
    /// All clients retrying at once could hold a stage down.
    RetryStorm {
        /// The class of requests.
        class: String,
        /// Attempts a request.
        attempts: f64,
        /// The stage.
        stage: String,
        /// Whether its concurrency is fixed.
        is_fixed: bool,
        /// How busy they make it.
        utilization: f64,
    },
    /// A fault takes whole slots, which is another share than the one that was meant.
    WholeSlots {
        /// The fault.
        fault: String,
        /// The stage.
        stage: String,
        /// Slots of its station.
        slots: u32,
        /// Slots that are taken away.
        taken: u32,
        /// The share that was meant.
        meant: f64,
        /// The struck zone, and the slots in it.
        in_zone: Option<(String, u32)>,
    },
    /// An expectation that no run of this scenario can measure.
    WillNotBeMeasured {
        /// Of what.
        metric: Metric,
        /// Where it is written.
        file: String,
        /// In which line.
        line: u32,
        /// Why not.
        why: String,
    },
    /// More requests fail without any fault than the strictest tier may lose.
    FailsInHealth {
        /// Share that fails.
        failed: f64,
        /// Share that may.
        allowed: f64,
    },
    /// Faults struck before earlier ones had recovered.
    Compound {
        /// Incidents that are compound.
        compound: usize,
        /// Of so many.
        incidents: usize,
        /// Strikes in all of these.
        strikes: u64,
    },
    /// Replications were folded into groups.
    Folded {
        /// Replications.
        replications: u32,
        /// Groups.
        groups: usize,
        /// Replications in each.
        of_each: u32,
    },
    /// Incidents of a cause that never recovered.
    NeverRecovered {
        /// The cause.
        cause: String,
        /// So many.
        stuck: u64,
        /// Of so many.
        incidents: u64,
    },
    /// The chance of cells down at once is known less well than was aimed at.
    Rough {
        /// Cells down at once.
        cells: u32,
        /// Relative error.
        error: f64,
        /// Relative error that was aimed at.
        asked: f64,
    },
    /// Flows that stand between two states.
    BetweenTwoStates {
        /// Cells in health that do.
        in_health: u64,
        /// Of so many.
        cells: u64,
        /// Flows of all years that do.
        flows: u64,
    },
    /// Something about a stage is known roughly only: no number is exact.
    KnownRoughly {
        /// What.
        doubt: Doubt,
        /// The stage; none of the cache.
        stage: String,
    },
    /// In some cell more requests fail without any fault than the strictest tier may lose.
    CellFailsInHealth {
        /// Share of its requests that fail.
        failed: f64,
    },
}
