//! What a tier was promised.

use super::calendar::{self, Date, Window};
use super::context::Context;
use super::document::{Node, Read, Value};
use super::keys::Keys;
use super::values;
use crate::units::Nanos;

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
    /// An answer that took longer is as bad as none; `None`: any answer before the deadline is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good_under: Option<Nanos>,
    /// Whose requests decide whether a minute is bad.
    pub judged_on: JudgedOn,
    /// Credits, from the least severe to the most.
    pub credits: Vec<Credit>,
    /// Share of entitled customers that claim their credit.
    pub claimed: f64,
    /// What it is judged over; `None`: 30 days, or calendar months where the run has a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Names of faults that do not count: announced maintenance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
}

impl Contract {
    /// Returns what it is judged over in a run that begins on this day.
    pub fn window(&self, starts_on: Option<Date>) -> Window {
        self.window.unwrap_or_else(|| Window::usual(starts_on))
    }
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

/// Reads a tier's contract: `[tier.X.contract]` over `[contract]`; `tier.X.sla` counts as one of its keys.
pub(super) fn contract(context: &Context, merged: &Node) -> Option<Contract> {
    context.table(merged, "the contract", read).flatten()
}

fn read(keys: &Keys<'_>) -> Option<Contract> {
    let measures = [
        ("bad-minutes", Measure::BadMinutes),
        ("requests", Measure::Requests),
        ("mean-error-share", Measure::MeanErrorShare),
    ];
    let counts = [("per workflow", Counts::PerWorkflow), ("per customer", Counts::PerCustomer)];
    let units = [("requests", CountedUnit::Requests), ("attempts", CountedUnit::Attempts)];
    let judges = [("own-requests", JudgedOn::OwnRequests), ("home-cell", JudgedOn::HomeCell)];
    let sla = keys.required("sla", "sla = \"99.9%\"", |node| match values::positive_share(node)? {
        1.0 => {
            let error = node.error("nobody can keep 100 %", "leaves no bad minute at all");
            Err(Box::new(error.help("write what is sold, like \"99.99%\"")))
        }
        sla => Ok(sla),
    });
    let target = sla.unwrap_or(0.5);
    let mut credits =
        keys.or("credits", Vec::new(), |node| values::list(node, "[{ below = \"target\", share = \"10%\" }]", Ok));
    let read_credit = |node| {
        keys.context.table(node, "a credit", |credit| {
            let below = credit.required("below", "below = \"target\"", |node| below(node, target));
            let share = credit.required("share", "share = \"10%\"", values::share);
            Some(Credit { below: below?, share: share? })
        })?
    };
    let mut credits: Vec<Credit> = credits.drain(..).filter_map(read_credit).collect();
    credits.sort_by(|one, other| other.below.total_cmp(&one.below));
    let unit = keys.or("unit", CountedUnit::Requests, |node| values::choice(node, &units));
    let good_under = keys.optional("good_under", values::positive_duration);
    if let (CountedUnit::Attempts, Some(entry)) = (unit, keys.entry("good_under").filter(|_| good_under.is_some())) {
        let message = "`good_under` is the client's view: how long a request took";
        let error = entry.key_place.error(message, "but `unit` counts attempts");
        keys.context.problem(error.help("write unit = \"requests\", or leave `good_under` out"));
    }
    let contract = Contract {
        sla: target,
        measure: keys.or("measure", Measure::BadMinutes, |node| values::choice(node, &measures)),
        counts: keys.or("counts", Counts::PerWorkflow, |node| values::choice(node, &counts)),
        unit,
        bad_from: keys.or("bad_from", 0.05, values::positive_share),
        min_requests: keys.or("min_requests", 1, |node| values::count(node, "requests", 1, values::MOST)),
        good_under,
        judged_on: keys.or("judged_on", JudgedOn::OwnRequests, |node| values::choice(node, &judges)),
        credits,
        claimed: keys.or("claimed", 1.0, values::share),
        window: keys.get("window").and_then(|node| calendar::window(keys, node)),
        excludes: keys.or("excludes", Vec::new(), |node| values::list(node, "[\"maintenance\"]", values::text)),
    };
    sla.map(|_| contract)
}

fn below(node: &Node, target: f64) -> Read<f64> {
    if matches!(&node.value, Value::Text(text) if text == "target") {
        return Ok(target);
    }
    let below = values::positive_share(node)?;
    if below > target {
        let error = node.error("a credit for a month that keeps its promise", "above the sla");
        return Err(Box::new(error.help("write \"target\", or a lower availability")));
    }
    Ok(below)
}
