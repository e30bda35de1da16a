//! The keys of `[[expect]]`.

use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind, Others, Shape};
use super::grammar::words::listed;
use super::limit::LIMITS;
use crate::catalogue::{Alert, Cause, Condition, Filter, Level, LookupPath};
use crate::units::Nanos;

/// The names that an expectation may filter by: faults, tiers, workflows.
pub(super) struct Names<'a> {
    /// In the order of the filters' keys.
    pub(super) lists: [&'a [String]; 4],
    /// The level of the run, which measures some metrics and not others.
    pub(super) level: Level,
    /// The tables of the scenario that some metrics need.
    pub(super) tables: &'a [&'static str],
    /// The greatest number of cells down at once that is asked for.
    pub(super) cells_down: Option<u32>,
}

/// Shape of `[[expect]]`.
pub(super) const EXPECT: Shape = Shape {
    others: Some(Others {
        called: "STATISTIC",
        pattern: "^(mean|worst|share|end|busiest|p[0-9]+([.][0-9]+)?|(at_least|exactly)_[0-9]+)$",
        kind: Kind::Table(&LIMITS),
    }),
    ..Shape::new(
        "expect",
        "`expect`",
        &[
            &METRIC,
            &FAULT,
            &TIER,
            &WORKFLOW,
            &STAGE,
            PATH.about(),
            CAUSE.about(),
            ALERT.about(),
            UNDER.about(),
            &CONDITION,
        ],
    )
};
pub(super) const METRIC: About =
    About::new("metric", Kind::Name("metric"), "what is measured, see below").required("metric = \"blast_radius\"");
pub(super) const FAULT: About = About::new("fault", Kind::Name("fault"), "of the incidents of this fault");
pub(super) const TIER: About = About::new("tier", Kind::Name("tier"), "of this tier's customers").without("all tiers");
pub(super) const WORKFLOW: About =
    About::new("workflow", Kind::Name("workflow"), "of this workflow").without("all workflows");
pub(super) const STAGE: About = About::new("stage", Kind::Name("stage"), "of this stage, beside its `workflow`");
pub(super) const FILTER_KEYS: [&About; 4] = [&FAULT, &TIER, &WORKFLOW, &STAGE];
pub(super) const PATH: Key<LookupPath> =
    key::word("path", "of `router_latency`: lookups on this path only").without("all lookups");
pub(super) const CAUSE: Key<Cause> =
    key::word("cause", "of `error_share`: requests that failed for this reason only").without("for any");
pub(super) const ALERT: Key<Alert> = key::word("alert", "of `burn_rate_alerts`: this alert");
pub(super) const UNDER: Key<Nanos> =
    key::positive_duration("under", "beside `share` of `latency` and `ok_latency`: the latency that is meant");
pub(super) const CONDITION: About =
    About::new("condition", Kind::Word(worlds), "`\"with faults\"` or `\"no fault\"`: which world")
        .without("as the metric is judged");
pub(super) const WORLDS: [Condition; 2] = [Condition::NoFault, Condition::WithFaults];

/// The worlds that an expectation may name, each with what it is.
fn worlds() -> Vec<(&'static str, &'static str)> {
    listed::<Condition>().into_iter().filter(|world| WORLDS.iter().any(|one| one.text() == world.0)).collect()
}

/// Whether a key says what an expectation is about, and is no statistic.
pub(super) fn is_identity(key: &str) -> bool {
    IDENTITY.contains(&key) || Filter::named(key).is_some()
}

/// What an expectation is known by, beside its filters.
const IDENTITY: [&str; 3] = ["metric", "under", "condition"];

/// Returns the keys that an expectation is known by.
pub(super) fn identity() -> impl Iterator<Item = &'static str> {
    IDENTITY.into_iter().chain(Filter::ALL.into_iter().map(Filter::text))
}
