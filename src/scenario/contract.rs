//! What a tier was promised.

/// The promise to one tier.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Contract {
    /// Availability sold, as a share (0.9999).
    pub sla: f64,
    /// What availability is computed from.
    pub measure: Measure,
    /// What is judged as one: each workflow of a customer, or all its workflows together.
    pub counts: Counts,
    /// Requests as the client sees them, or attempts as the server sees them.
    pub unit: CountedUnit,
    /// A minute is bad from this failed share on.
    pub bad_from: f64,
    /// A minute with fewer requests is good.
    pub min_requests: u32,
    /// Whose requests decide whether a minute is bad.
    pub judged_on: JudgedOn,
    /// Credits, from the least severe to the most.
    pub credits: Vec<Credit>,
    /// Share of entitled customers that claim their credit.
    pub claimed: f64,
}

/// What availability is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// 1 - bad minutes / minutes.
    BadMinutes,
    /// ok / all requests.
    Requests,
    /// 1 - mean of the failed shares of 5-minute intervals, empty ones 0.
    MeanErrorShare,
}

/// What is judged as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// (customer, workflow, window).
    PerWorkflow,
    /// (customer, window): all workflows pooled.
    PerCustomer,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountedUnit {
    /// The client's view.
    Requests,
    /// The server's view.
    Attempts,
}

/// Whose requests decide whether a minute is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JudgedOn {
    /// The customer's own.
    OwnRequests,
    /// Those of all customers of its home cell.
    HomeCell,
}

/// A credit: below this availability, this share of the window's fees.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Credit {
    /// Availability under which it is due.
    pub below: f64,
    /// Share of the window's fees for the workflow.
    pub share: f64,
}
