//! Look-ups in the tables of results: by name, not by search, since both tables and questions may be many.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::results::{BudgetRow, FaultSummary, Results, Row};
use crate::catalogue::Metric;

/// Where things are in the tables of results; found out at the first question.
#[derive(Debug, Default)]
pub struct Lookup(OnceLock<Places>);

impl Clone for Lookup {
    /// Tables that are copied may be changed: a copy finds out for itself.
    fn clone(&self) -> Lookup {
        Lookup::default()
    }
}

#[derive(Debug, Default)]
struct Places {
    /// Rows without a fault, by metric, tier and workflow.
    rows: HashMap<(Metric, String, String), Vec<usize>>,
    /// Budgets, by tier.
    budgets: HashMap<String, Vec<usize>>,
    /// Summaries, by fault.
    faults: HashMap<String, usize>,
}

impl Places {
    fn of(results: &Results) -> Places {
        let mut places = Places::default();
        for (at, row) in results.rows.iter().enumerate().filter(|(_, row)| row.subject.fault.is_none()) {
            let key = (row.subject.metric, row.subject.tier().to_owned(), row.subject.workflow().to_owned());
            places.rows.entry(key).or_default().push(at);
        }
        for (at, row) in results.budgets.iter().enumerate() {
            places.budgets.entry(row.tier.clone()).or_default().push(at);
        }
        places.faults = results.faults.iter().map(|fault| fault.name.clone()).zip(0..).collect();
        places
    }
}

impl Results {
    fn places(&self) -> &Places {
        self.lookup.0.get_or_init(|| Places::of(self))
    }

    /// Returns the rows of a metric about a tier and a workflow (empty: all) that are not about one fault, in their order.
    pub fn rows_about(&self, metric: Metric, tier: &str, workflow: &str) -> impl Iterator<Item = &Row> {
        let key = (metric, tier.to_owned(), workflow.to_owned());
        self.places().rows.get(&key).into_iter().flatten().map(|&at| &self.rows[at])
    }

    /// Returns the budgets of a tier, in their order.
    pub fn budgets_of(&self, tier: &str) -> impl DoubleEndedIterator<Item = &BudgetRow> {
        self.places().budgets.get(tier).map_or(&[][..], Vec::as_slice).iter().map(|&at| &self.budgets[at])
    }

    /// Returns what a fault did.
    pub fn fault(&self, name: &str) -> Option<&FaultSummary> {
        self.places().faults.get(name).map(|&at| &self.faults[at])
    }
}
