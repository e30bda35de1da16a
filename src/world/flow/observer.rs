//! What flows report: stretches of time in which requests fail, and incidents.

use crate::units::Nanos;

/// A stretch of time of an incident, in which a share of a tenancy's requests fails; perhaps no more than in health.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Which customers: index of [`super::model::Model::tenancies`].
    pub tenancy: u32,
    /// Begins.
    pub from: Nanos,
    /// Ends.
    pub to: Nanos,
    /// Failed share of the requests that arrive meanwhile, but for those of struck customers.
    pub failed: f64,
    /// Share of customers that are struck: all their requests fail.
    pub struck: f64,
    /// The contract does not count it.
    pub excluded: bool,
}

/// How an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All is as in health again.
    Recovered,
    /// The horizon came first, with a fault still active.
    StillFaulted,
    /// The horizon came first, without any fault: metastable.
    NotRecovered,
}

/// Listens to flows.
pub trait FlowObserver {
    /// An incident begins: the fault that came first, and the cells in which it strikes somebody. `counted` is false for one that
    /// lasted already when the run began.
    fn opened(&mut self, incident: u32, fault: usize, at: Nanos, cells: &[u32], counted: bool);
    /// A fault strikes within the run, alone or as a part of what goes on already; the waves of one release strike once.
    fn struck(&mut self, _fault: usize) {}
    /// Another fault strikes cells of an open incident, and perhaps more: it is part of that one.
    fn joined(&mut self, incident: u32, fault: usize, cells: &[u32]);
    /// Two incidents have become one: `gone` is part of `incident` now.
    fn merged(&mut self, incident: u32, gone: u32);
    /// A tenancy's requests failed. Stretches of one tenancy come in order of time.
    fn failed(&mut self, stretch: Stretch);
    /// An incident is over.
    fn closed(&mut self, incident: u32, at: Nanos, cells: &[u32], ending: Ending);
    /// A contract window of this calendar is over; a rolling one may not be whole yet.
    fn window_ended(&mut self, calendar: usize, from: Nanos, to: Nanos);
}
