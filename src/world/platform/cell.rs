//! Cells, and the groups of them among which customers are placed.

use std::collections::BTreeMap;

use super::class::Class;
use crate::scenario::Scenario;
use crate::scenario::cells::Layout;

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    /// "messaging/enterprise/1", "messaging/enterprise/whale-1", or "messaging/1" when tiers share cells.
    pub name: String,
    /// Workflow index.
    pub workflow: usize,
    /// Tier index; `None` when tiers share cells.
    pub tier: Option<usize>,
    /// Number within its group, from 1; 0 for a dedicated cell.
    pub number: u32,
    /// Customers placed at the start.
    pub customers: u32,
    /// Their requests per second.
    pub rate: f64,
    /// Below this many customers the cell is reported as too small.
    pub min: Option<u32>,
    /// First of its stations.
    pub first_station: u32,
    /// Number of its stations.
    pub stations: u32,
}

impl Cell {
    /// Returns whether the cell belongs to one named customer.
    pub fn is_dedicated(&self) -> bool {
        self.number == 0
    }
}

/// A group of cells among which the customers of some classes are placed: one class, or with shared cells a workflow.
pub(super) struct Group {
    pub(super) classes: Vec<usize>,
    pub(super) workflow: usize,
    pub(super) tier: Option<usize>,
}

/// Returns all groups.
pub(super) fn groups(scenario: &Scenario, classes: &[Class]) -> Vec<Group> {
    match scenario.layout {
        Layout::PerTier => (0..classes.len())
            .map(|c| Group { classes: vec![c], workflow: classes[c].workflow, tier: Some(classes[c].tier) })
            .collect(),
        Layout::Shared { .. } => {
            let mut of_workflow: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (index, class) in classes.iter().enumerate() {
                of_workflow.entry(class.workflow).or_default().push(index);
            }
            let groups = of_workflow.into_iter();
            groups.map(|(workflow, classes)| Group { classes, workflow, tier: None }).collect()
        }
    }
}
