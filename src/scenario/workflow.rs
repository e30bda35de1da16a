//! Workflows, and what each is for each tier.

use super::client::Client;
use super::demand::{ArrivalProcess, Demand, Profile, Skew};
use super::stage::Stage;

/// A product family with one affinity.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Workflow {
    /// Name, as in `[workflow.NAME]`.
    pub name: String,
    /// Channels it serves, for the reader.
    pub serves: Vec<String>,
    /// The workflow as each tier (index) meets it; `None` where the tier has no demand for it.
    pub classes: Vec<Option<Class>>,
}

/// A workflow as one tier meets it, every override applied.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Class {
    /// Share of the tier's customers that use it.
    pub adoption: f64,
    /// Mean requests per second of an adopting customer, or the recorded trace alone.
    pub demand: Demand,
    /// How requests follow each other.
    pub arrivals: ArrivalProcess,
    /// How demand differs between customers.
    pub skew: Skew,
    /// How demand changes over time.
    pub profile: Profile,
    /// The callers.
    pub client: Client,
    /// Steps, in order.
    pub path: Vec<Stage>,
    /// Dollars a customer pays per request.
    pub price: f64,
}
