//! One replication: a history of years.

use std::collections::BTreeSet;

use crate::engine::splitting::Tally;
use crate::measure::ledger::books::{Books, Ground};
use crate::measure::ledger::totals::Totals;
use crate::world::flow::doubt::Doubt;
use crate::world::flow::run::FlowWorld;

/// One replication's totals.
#[derive(Debug)]
pub struct Replication {
    /// From 0.
    pub index: u32,
    /// What its books hold.
    pub totals: Totals,
    /// Operations events.
    pub events: u64,
    /// Flows that stand between two states.
    pub unsettled: u64,
    /// Stations of which something was known roughly only.
    pub doubts: BTreeSet<(u32, Doubt)>,
    /// Its histories of cells that are down at once.
    pub rare: Vec<Tally>,
}

/// Runs one replication.
pub fn replicate(ground: &Ground<'_>, index: u32) -> Replication {
    let key = ground.scenario.run.history(index);
    let mut books = Books::new(ground, index == 0);
    let mut world = FlowWorld::new(ground.scenario, ground.model, ground.health, key);
    world.run(&mut books);
    Replication {
        index,
        events: world.events_done(),
        unsettled: world.unsettled(),
        doubts: world.doubts().clone(),
        totals: books.finish(),
        rare: Vec::new(),
    }
}
