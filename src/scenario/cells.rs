//! How customers are cut into cells.

/// Which walls there are.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Layout {
    /// Every tier has cells of its own (the default).
    PerTier,
    /// All tiers share the cells of a workflow: `cells = { shared_by = "tiers", count = 1 }`.
    /// `customers_per_cell` and `tier.X.cells` do not apply.
    Shared {
        /// Number of cells of each workflow.
        count: u32,
    },
}

/// How one tier's customers of one workflow are cut.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum CellRule {
    /// As many cells as needed for `target` customers each.
    Target {
        /// Customers wanted in each cell.
        target: u32,
        /// Below this a cell is reported as too small.
        min: Option<u32>,
        /// Placement stops here.
        max: Option<u32>,
    },
    /// Exactly so many cells.
    Count(u32),
}
