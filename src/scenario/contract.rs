//! What a tier was promised.

use super::calendar::Window;
use super::context::Context;
use super::date::Date;
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Empty, Text, Whole};
use super::grammar::shape::{About, Kind, Refusal, Shape};
use super::grammar::words::words;
use super::keys::Keys;
use super::values;
use crate::catalogue::Level;
use crate::units::{DAY, Nanos};

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

words! {
    /// What availability is computed from.
    pub enum Measure {
        /// 1 - bad minutes / minutes.
        BadMinutes = "bad-minutes",
        /// ok / all requests.
        Requests = "requests",
        /// 1 - mean of the failed shares of 5-minute intervals, empty ones 0.
        MeanErrorShare = "mean-error-share",
    }
}

words! {
    /// What is judged as one.
    pub enum Counts {
        /// (customer, workflow, window).
        PerWorkflow = "per workflow",
        /// (customer, window): all workflows pooled.
        PerCustomer = "per customer",
    }
}

words! {
    /// What is counted.
    pub enum CountedUnit {
        /// The client's view.
        Requests = "requests",
        /// The server's view.
        Attempts = "attempts",
    }
}

words! {
    /// Whose requests decide whether a minute is bad.
    pub enum JudgedOn {
        /// The customer's own.
        OwnRequests = "own-requests",
        /// Those of all customers of its home cell.
        HomeCell = "home-cell",
    }
}

/// A credit: below this availability, this share of the window's fees.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Credit {
    /// Availability under which it is due.
    pub below: f64,
    /// Share of the window's fees for the workflow.
    pub share: f64,
}

/// Shape of a contract.
pub(super) const CONTRACT: Shape = Shape::new(
    "contract",
    "`contract`",
    &[
        SLA.about(),
        COUNTS.about(),
        UNIT.about(),
        MEASURE.about(),
        BAD_FROM.about(),
        MIN_REQUESTS.about(),
        GOOD_UNDER.about(),
        JUDGED_ON.about(),
        &CREDITS,
        CLAIMED.about(),
        WINDOW.about(),
        EXCLUDES.about(),
    ],
);

/// Availability sold.
pub(super) const SLA: Key<f64> = key::by("sla", Kind::Share, sla, "promised availability; below 100 %")
    .required_if("required, here or in the tier", "sla = \"99.9%\"");
/// What is judged as one.
pub(super) const COUNTS: Defaulted<Counts> =
    key::word("counts", "judged as one: a customer's workflow, or `\"per customer\"`: all its workflows pooled")
        .not_all(Refusal {
            message: "the incident level judges each workflow of a customer",
            label: "pools workflows",
            help: "write counts = \"per workflow\"",
        })
        .or(Text("per workflow"));
/// What is counted.
pub(super) const UNIT: Defaulted<CountedUnit> =
    key::word("unit", "what is counted: `\"requests\"` (the client's view) or `\"attempts\"` (the server's)")
        .not_all(Refusal {
            message: "the incident level counts requests",
            label: "counts attempts",
            help: "write unit = \"requests\"",
        })
        .or(Text("requests"));
const MEASURE: Defaulted<Measure> = key::word(
    "measure",
    "`\"bad-minutes\"`, `\"requests\"`, or `\"mean-error-share\"` (mean of 5-minute failed shares)",
)
.or(Text("bad-minutes"));
const BAD_FROM: Defaulted<f64> =
    key::positive_share("bad_from", "failed share from which a minute is bad").or(Text("5%"));
const MIN_REQUESTS: Defaulted<u32> =
    key::count("min_requests", ("requests", 1, values::MOST), "a minute with fewer requests is good").or(Whole(1));
/// An answer that took longer is as bad as none.
pub(super) const GOOD_UNDER: Key<Nanos> = key::positive_duration(
    "good_under",
    "`\"300ms\"`: a request that took longer counts as failed, in all measures of the contract, in what is harmed and in \
     recovery; it is in no `error_share`. Not with `unit = \"attempts\"`",
)
.without("none")
.only(
    Level::Request,
    Refusal {
        message: "flows have no latencies: an answer is in time or not",
        label: "by latency",
        help: "leave `good_under` out, or leave it to a run with level = \"request\"",
    },
);
const JUDGED_ON: Defaulted<JudgedOn> =
    key::word("judged_on", "or `\"home-cell\"`: the share of the customer's whole cell counts")
        .or(Text("own-requests"));
/// Credits for broken promises.
pub(super) const CREDITS: About = About::new(
    "credits",
    Kind::List(&Kind::Table(&CREDIT)),
    "`[{ below = \"target\", share = \"10%\" }, ...]`: below this availability (a share, or `\"target\"`: the sla), this share \
     of the month's fees for the workflow",
)
.without("none");
const CLAIMED: Defaulted<f64> = key::share("claimed", "share of entitled customers that claim").or(Text("100%"));
/// What is judged as one.
pub(super) const WINDOW: Key<Window> = key::shared(
    "window",
    Kind::Any(&[Kind::Duration, Kind::Fixed("month"), Kind::Fixed("quarter"), Kind::Table(&ROLLING_WINDOW)]),
    window,
    "what is judged as one, and what a month's budget is of: `\"7d\"`, `\"28d\"`, `\"90d\"` (any whole days, from time 0); at \
     the incident level also `\"month\"` or `\"quarter\"` of the calendar (need `run.starts_on`), or `{ rolling = \"30d\" }`: \
     at the end of every day the last 30 days, so that what is kept is a share of (customer, workflow, day); no credits with it",
)
.without("30 days, or over years with `run.starts_on` calendar months");
/// Faults that do not count.
pub(super) const EXCLUDES: Defaulted<Vec<String>> = key::by(
    "excludes",
    Kind::List(&Kind::Name("fault")),
    excludes,
    "faults that do not count, by name: `[\"maintenance\"]`",
)
.only(
    Level::Incident,
    Refusal {
        message: "the request level judges every minute: what is announced for a month is no drill",
        label: "not at the request level",
        help: "write level = \"incident\", or leave `excludes` out",
    },
)
.or(Empty);

const CREDIT: Shape = Shape::new("credit", "a credit", &[&BELOW, SHARE.about()]);
const BELOW: About = About::new(
    "below",
    Kind::Any(&[Kind::Share, Kind::Fixed("target")]),
    "availability under which it is due: a share, or `\"target\"`: the sla",
)
.required("below = \"target\"");
const SHARE: Key<f64> = key::share("share", "share of the month's fees for the workflow").required("share = \"10%\"");

const ROLLING_WINDOW: Shape = Shape::new("window", "`window`", &[ROLLING.about()]);
const ROLLING: Key<u32> =
    key::by("rolling", Kind::Duration, whole_days, "the last so many days").required("rolling = \"30d\"");

/// Reads a tier's contract: `[tier.X.contract]` over `[contract]`; `tier.X.sla` counts as one of its keys.
pub(super) fn contract(context: &Context, merged: &Node) -> Option<Contract> {
    context.called(merged, &CONTRACT, "the contract", read).flatten()
}

fn sla(node: &Node) -> Read<f64> {
    match values::positive_share(node)? {
        1.0 => {
            let error = node.error("nobody can keep 100 %", "leaves no bad minute at all");
            Err(Box::new(error.help("write what is sold, like \"99.99%\"")))
        }
        sla => Ok(sla),
    }
}

fn excludes(node: &Node) -> Read<Vec<String>> {
    values::list(node, "[\"maintenance\"]", values::text)
}

fn read(keys: &Keys<'_>) -> Option<Contract> {
    let sla = keys.read(&SLA);
    let target = sla.unwrap_or(0.5);
    let credits =
        keys.or(&CREDITS, Vec::new(), |node| values::list(node, "[{ below = \"target\", share = \"10%\" }]", Ok));
    let read_credit = |node| {
        keys.context.shaped(node, &CREDIT, |credit| {
            let below = credit.required(&BELOW, |node| below(node, target));
            let share = credit.read(&SHARE);
            Some(Credit { below: below?, share: share? })
        })?
    };
    let mut credits: Vec<Credit> = credits.into_iter().filter_map(read_credit).collect();
    credits.sort_by(|one, other| other.below.total_cmp(&one.below));
    let unit = keys.read(&UNIT);
    let good_under = keys.read(&GOOD_UNDER);
    if let (CountedUnit::Attempts, Some(entry)) = (unit, keys.entry(&GOOD_UNDER).filter(|_| good_under.is_some())) {
        let message = "`good_under` is the client's view: how long a request took";
        let error = entry.key_place.error(message, "but `unit` counts attempts");
        keys.context.problem(error.help("write unit = \"requests\", or leave `good_under` out"));
    }
    let contract = Contract {
        sla: target,
        measure: keys.read(&MEASURE),
        counts: keys.read(&COUNTS),
        unit,
        bad_from: keys.read(&BAD_FROM),
        min_requests: keys.read(&MIN_REQUESTS),
        good_under,
        judged_on: keys.read(&JUDGED_ON),
        credits,
        claimed: keys.read(&CLAIMED),
        window: keys.read(&WINDOW),
        excludes: keys.read(&EXCLUDES),
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

/// Reads `window = "28d"`, `"month"`, `"quarter"` or `{ rolling = "30d" }`.
fn window(context: &Context, node: &Node) -> Option<Window> {
    match node.text() {
        Some("month") => Some(Window::Month),
        Some("quarter") => Some(Window::Quarter),
        Some(_) => context.keep(whole_days(node).map(Window::Days).map_err(|error| {
            Box::new(error.note("\"7d\", \"28d\", \"month\", \"quarter\", or { rolling = \"30d\" }"))
        })),
        None => context.shaped(node, &ROLLING_WINDOW, |keys| keys.read(&ROLLING).map(Window::Rolling)).flatten(),
    }
}

fn whole_days(node: &Node) -> Read<u32> {
    match values::positive_duration(node)? {
        length if length.is_multiple_of(DAY) && length <= LONGEST => Ok((length / DAY) as u32),
        _ => Err(Box::new(node.error("a contract window of no whole days, or of more than 10 years", "write \"28d\""))),
    }
}

/// The longest contract window.
const LONGEST: Nanos = 3650 * DAY;
