//! The platform as faults see it.

use super::cells::Layout;
use super::run::Run;
use super::tier::{Cohort, Tier};
use super::workflow::Workflow;

/// What a fault may refer to.
pub(super) struct Platform<'a> {
    /// Zone names.
    pub(super) zones: &'a [String],
    /// Service classes.
    pub(super) tiers: &'a [Tier],
    /// Named customers.
    pub(super) cohorts: &'a [Cohort],
    /// Product families.
    pub(super) workflows: &'a [Workflow],
    /// Which walls there are.
    pub(super) layout: &'a Layout,
    /// Whether there is a router.
    pub(super) has_router: bool,
    /// How it is run.
    pub(super) run: &'a Run,
}
