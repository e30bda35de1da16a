//! Tiers and named customers.
use super::cells::CellRule;
use super::contract::Contract;

/// A service class.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Tier {
    /// Name, as in `[tier.NAME]`.
    pub name: String,
    /// Number of customers, named ones included.
    pub customers: u32,
    /// How its customers are cut into cells, per workflow index.
    pub cells: Vec<CellRule>,
    /// What was promised.
    pub contract: Contract,
    /// New customers per second.
    pub new_customers: f64,
}

/// Named customers: `[customer.NAME]`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cohort {
    /// Name, as in `[customer.NAME]`.
    pub name: String,
    /// How many there are; they are among the tier's `customers`.
    pub count: u32,
    /// Tier index.
    pub tier: usize,
    /// Workflow indices they use (these and no others).
    pub workflows: Vec<usize>,
    /// Requests per second of each, per workflow in `workflows`; `None`: as any customer of the tier (its mean).
    pub demand: Option<f64>,
    /// Where they live.
    pub home: Home,
}

/// Where named customers live.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Home {
    /// Placed by the policy, like anybody.
    Placed,
    /// A cell of their own, each, per workflow.
    Dedicated,
    /// Cell number `number` (from 1) of their tier in this workflow (index).
    Cell {
        /// Workflow index.
        workflow: usize,
        /// Cell number, from 1.
        number: u32,
    },
}
