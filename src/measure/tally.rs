//! Tallies: what happened to the requests of one class, and how long they took.

use std::borrow::Cow;

use crate::catalogue::{Cause, LookupPath};
use crate::engine::histogram::Histogram;
use crate::units::Nanos;

/// Totals over one replication; replications merge by addition.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Counted requests.
    pub requests: u64,
    /// Failed ones, by cause.
    pub failed: [u64; Cause::ALL.len()],
    /// Attempts of counted requests beyond the first.
    pub retries: u64,
    /// Second copies of their attempts.
    pub hedges: u64,
    /// Calls of their fan-outs, each destination counted once.
    pub calls: u64,
    /// Calls of their fan-outs beyond these.
    pub second_calls: u64,
    /// Latency of ok requests; failed ones are beyond every latency.
    pub latency: Histogram,
    /// Ok requests that took at most as long as each of the limits that are asked about; empty before the first one.
    pub under: Vec<u64>,
}

impl Tally {
    /// Holds the latency of an ok request against these limits.
    pub fn hold(&mut self, latency: Nanos, limits: &[Nanos]) {
        self.under.resize(limits.len(), 0);
        for (under, &limit) in self.under.iter_mut().zip(limits) {
            *under += u64::from(latency <= limit);
        }
    }

    /// Returns the number of requests answered in time.
    pub fn ok(&self) -> u64 {
        self.requests - self.all_failed()
    }

    /// Returns the number of failed requests.
    pub fn all_failed(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.hedges += other.hedges;
        self.calls += other.calls;
        self.second_calls += other.second_calls;
        for (mine, theirs) in self.failed.iter_mut().zip(&other.failed) {
            *mine += theirs;
        }
        self.latency.merge(&other.latency);
        self.under.resize(self.under.len().max(other.under.len()), 0);
        for (mine, theirs) in self.under.iter_mut().zip(&other.under) {
            *mine += theirs;
        }
    }
}

/// Router totals over one replication.
#[derive(Debug, Clone, Default)]
pub struct RouterTally {
    /// Time to find the cell: in the order of [`LookupPath::ALL`].
    pub latency: [Histogram; LookupPath::ALL.len()],
    /// Look-ups that found none: refused, or given up by their clients.
    pub lost: u64,
}

impl RouterTally {
    /// Returns the latencies of one path; of all, and how many look-ups found none, beyond the last path.
    pub fn path(&self, path: usize) -> (Cow<'_, Histogram>, u64) {
        match self.latency.get(path) {
            Some(histogram) => (Cow::Borrowed(histogram), 0),
            None => {
                let mut all = Histogram::default();
                for one in &self.latency {
                    all.merge(one);
                }
                (Cow::Owned(all), self.lost)
            }
        }
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &RouterTally) {
        for (mine, theirs) in self.latency.iter_mut().zip(&other.latency) {
            mine.merge(theirs);
        }
        self.lost += other.lost;
    }
}
