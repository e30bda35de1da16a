//! What flows know roughly only: it is said, and no number of such years is exact.

use std::collections::BTreeSet;

use super::groups::Groups;
use crate::experiment::outcome::Warning;
use crate::measure::ledger::books::Ground;
use crate::world::flow::doubt::Doubt;

/// Whether flows knew all of these years.
pub(super) fn are_none(ground: &Ground<'_>, done: &Groups) -> bool {
    ground.health.doubts.is_empty() && done.doubts.is_empty()
}

/// What is known roughly only, by stage.
pub(super) fn told(ground: &Ground<'_>, done: &Groups) -> Vec<Warning> {
    let stations = &ground.model.platform.stations;
    let all = ground.health.doubts.iter().chain(&done.doubts);
    let by_stage: BTreeSet<(Doubt, &str)> =
        all.map(|&(at, doubt)| (doubt, stations.get(at as usize).map_or("", |station| &station.stage))).collect();
    let warning = |(doubt, stage): (Doubt, &str)| Warning::KnownRoughly { doubt, stage: stage.to_owned() };
    by_stage.into_iter().map(warning).collect()
}
