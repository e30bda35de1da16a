//! Look-ups in the tables of an outcome: by name, not by search, since both tables and questions may be many.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::budget::BudgetRow;
use super::fault::FaultSummary;
use super::row::Row;
use crate::catalogue::Metric;

/// Where things are in the tables of an outcome; found out at the first question.
#[derive(Debug, Default)]
pub struct Lookup(OnceLock<Places>);

impl Lookup {
    pub(super) fn get(&self, rows: &[Row], budgets: &[BudgetRow], faults: &[FaultSummary]) -> &Places {
        self.0.get_or_init(|| Places::of(rows, budgets, faults))
    }
}

impl Clone for Lookup {
    /// Tables that are copied may be changed: a copy finds out for itself.
    fn clone(&self) -> Lookup {
        Lookup::default()
    }
}

/// Places in the tables.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Rows without a fault, by metric, tier and workflow.
    rows: HashMap<(Metric, String, String), Vec<usize>>,
    /// Budgets, by tier.
    budgets: HashMap<String, Vec<usize>>,
    /// Summaries, by fault.
    faults: HashMap<String, usize>,
}

impl Places {
    fn of(rows: &[Row], budgets: &[BudgetRow], faults: &[FaultSummary]) -> Places {
        let mut places = Places::default();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.subject.fault.is_none()) {
            let key = (row.subject.metric, row.subject.tier().to_owned(), row.subject.workflow().to_owned());
            places.rows.entry(key).or_default().push(at);
        }
        for (at, row) in budgets.iter().enumerate() {
            places.budgets.entry(row.tier.clone()).or_default().push(at);
        }
        places.faults = faults.iter().map(|fault| fault.name.clone()).zip(0..).collect();
        places
    }

    pub(super) fn rows_about(&self, metric: Metric, tier: &str, workflow: &str) -> &[usize] {
        let key = (metric, tier.to_owned(), workflow.to_owned());
        self.rows.get(&key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn budgets_of(&self, tier: &str) -> &[usize] {
        self.budgets.get(tier).map_or(&[], Vec::as_slice)
    }

    pub(super) fn fault(&self, name: &str) -> Option<usize> {
        self.faults.get(name).copied()
    }
}
