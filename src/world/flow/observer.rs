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
    /// Where customers without an entry in the router's cache are not served: the share of entries that is gone when it begins, and
    /// when it ends.
    pub gone: Option<(f64, f64)>,
    /// The contract does not count it.
    pub excluded: bool,
    /// Level of demand meanwhile.
    pub level: usize,
}

/// A fault strikes: one activation of it, or one wave of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Onset<'a> {
    /// Fault index.
    pub fault: usize,
    /// Key of the activation: the waves of one release share theirs.
    pub key: u64,
    /// When.
    pub at: Nanos,
    /// When the fault is over.
    pub until: Nanos,
    /// The cells in which it strikes somebody.
    pub cells: &'a [u32],
    /// False for one that lasted already when the run began.
    pub counted: bool,
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
    /// An incident begins, with this strike.
    fn opened(&mut self, incident: u32, onset: Onset<'_>);
    /// A fault strikes within the run, alone or as a part of what goes on already; the waves of one release strike once.
    fn struck(&mut self, _fault: usize) {}
    /// Another strike on cells of an open incident, and perhaps more: it is part of that one.
    fn joined(&mut self, incident: u32, onset: Onset<'_>);
    /// Two incidents have become one: `gone` is part of `incident` now.
    fn merged(&mut self, incident: u32, gone: u32);
    /// A tenancy's requests failed. Stretches of one tenancy come in order of time.
    fn failed(&mut self, stretch: Stretch);
    /// An incident is over.
    fn closed(&mut self, incident: u32, at: Nanos, cells: &[u32], ending: Ending);
    /// A contract window of this calendar is over; a rolling one may not be whole yet.
    fn window_ended(&mut self, calendar: usize, from: Nanos, to: Nanos);
}
