//! Look-ups in the tables of an outcome: by name, not by search, since both tables and questions may be many.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::budget::BudgetRow;
use super::fault::FaultSummary;
use super::row::Row;
use crate::catalogue::Metric;

/// Where things are in the tables of an outcome; found out at the first question.
#[derive(Debug)]
pub struct Lookup<Index>(OnceLock<Index>);

impl<Index> Lookup<Index> {
    pub(super) fn get(&self, find: impl FnOnce() -> Index) -> &Index {
        self.0.get_or_init(find)
    }
}

impl<Index> Default for Lookup<Index> {
    fn default() -> Lookup<Index> {
        Lookup(OnceLock::new())
    }
}

impl<Index> Clone for Lookup<Index> {
    /// Tables that are copied may be changed: a copy finds out for itself.
    fn clone(&self) -> Lookup<Index> {
        Lookup::default()
    }
}

/// Rows without a fault, by metric, tier and workflow.
#[derive(Debug)]
pub struct RowIndex(HashMap<(Metric, String, String), Vec<usize>>);

impl RowIndex {
    pub(super) fn of(rows: &[Row]) -> RowIndex {
        let mut index: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.subject.fault.is_none()) {
            let key = (row.subject.metric, row.subject.tier().to_owned(), row.subject.workflow().to_owned());
            index.entry(key).or_default().push(at);
        }
        RowIndex(index)
    }

    pub(super) fn about(&self, metric: Metric, tier: &str, workflow: &str) -> &[usize] {
        let key = (metric, tier.to_owned(), workflow.to_owned());
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Budgets by tier, and summaries by fault.
#[derive(Debug)]
pub struct RequestIndex {
    budgets: HashMap<String, Vec<usize>>,
    faults: HashMap<String, usize>,
}

impl RequestIndex {
    pub(super) fn of(budgets: &[BudgetRow], faults: &[FaultSummary]) -> RequestIndex {
        let mut of_tier: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, row) in budgets.iter().enumerate() {
            of_tier.entry(row.tier.clone()).or_default().push(at);
        }
        let faults = faults.iter().map(|fault| fault.name.clone()).zip(0..).collect();
        RequestIndex { budgets: of_tier, faults }
    }

    pub(super) fn budgets_of(&self, tier: &str) -> &[usize] {
        self.budgets.get(tier).map_or(&[], Vec::as_slice)
    }

    pub(super) fn fault(&self, name: &str) -> Option<usize> {
        self.faults.get(name).copied()
    }
}
