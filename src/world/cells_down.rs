//! Which random faults take whole cells down, and on which clocks: what "so many cells at once" is asked of.
//!
//! # Model
//! A fault takes a cell down if, once that cell's flow has settled under it alone, at least 95 % of the requests of everybody who
//! lives there fail, detected or not. It is down from onset to repair: what is late or waits beyond that is not counted, and
//! neither is what two faults do together but none of them alone.

use std::sync::Arc;

use super::flow::condition::Condition;
use super::flow::health::Health;
use super::flow::model::Model;
use super::flow::state::{CellState, NEVER};
use super::flow::surroundings::Surroundings;
use crate::engine::rng::Key;
use crate::engine::splitting::Clock;
use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, Schedule};
use crate::scenario::rare::Rare;
use crate::world::operations::effects::Strike;
use crate::world::operations::faults;
use crate::world::platform::build_error::BuildError;
use crate::world::platform::scope::Target;

/// Failed share of requests from which a cell is down.
const DOWN: f64 = 0.95;

/// Crossings after which a flow is taken as it is.
const CROSSINGS: usize = 100;

/// Which faults take cells down, and on which clocks.
#[derive(Debug, Clone)]
pub struct Outages {
    /// Their clocks, in nanoseconds; the units are cells.
    pub clocks: Vec<Clock>,
    /// One for each fault that is awake.
    pub faults: Vec<Counted>,
}

/// Whether a fault counts.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Fault index.
    pub fault: usize,
    /// Most cells that one of its failures takes down.
    pub cells: usize,
    /// Why it is left out, if it is.
    pub left_out: Option<String>,
}

impl Outages {
    /// Finds the random faults that take cells down.
    pub fn new(scenario: &Scenario, model: &Model, health: &Health) -> Outages {
        // Targets do not depend on chance; the key is nobody's.
        let random = faults::clocks(scenario, &model.platform, Key(0));
        let mut outages = Outages { clocks: Vec::new(), faults: Vec::new() };
        for (index, fault) in scenario.faults.iter().enumerate() {
            if !faults::is_awake(fault, scenario.run.faults) {
                continue;
            }
            let mut counted = Counted { fault: index, cells: 0, left_out: kind_left_out(fault) };
            let mut most = 0.0_f64;
            if let (None, Schedule::Random { up, down, .. }) = (&counted.left_out, &fault.schedule) {
                for clock in random.iter().filter(|clock| clock.fault == index) {
                    let mut takes = Vec::new();
                    for target in clock.targets() {
                        let (cells, failed) = taken_down((scenario, model, health), index, target, down.mean());
                        most = most.max(failed);
                        counted.cells = counted.cells.max(cells.len());
                        takes.push(cells);
                    }
                    if takes.iter().any(|cells| !cells.is_empty()) {
                        outages.clocks.push(Clock { up: up.clone(), down: down.clone(), takes });
                    }
                }
                if counted.cells == 0 {
                    counted.left_out = Some(format!("at most {} of a cell's requests fail", percent(most)));
                }
            }
            outages.faults.push(counted);
        }
        outages
    }

    /// Returns how many cells can be down at once: not more, at any rate.
    fn most(&self, cells: usize) -> usize {
        let mut reached = vec![false; cells];
        self.clocks.iter().flat_map(|clock| &clock.takes).flatten().for_each(|&cell| reached[cell as usize] = true);
        let together: usize = self.clocks.iter().map(|clock| clock.takes.iter().map(Vec::len).max().unwrap_or(0)).sum();
        together.min(reached.iter().filter(|&&reached| reached).count())
    }

    /// Refuses what no history of these clocks can show.
    ///
    /// # Errors
    /// If no fault takes a cell down, or never so many at once.
    pub fn check(&self, rare: &Rare, scenario: &Scenario, cells: usize) -> Result<(), BuildError> {
        let refused = |key: &str, message: String, label: &str, help: String| {
            Err(BuildError { key: format!("run.{key}"), message, label: label.to_owned(), help })
        };
        if self.clocks.is_empty() {
            let why: Vec<String> = self.faults.iter().filter_map(|fault| fault.why(scenario)).collect();
            let help = match why.as_slice() {
                [] => "add a fault with mtbf, mttr and effect = \"crash\", and wake it: run.faults = \"random\""
                    .to_owned(),
                why => format!("what is active: {}", why.join("; ")),
            };
            let message = "no random fault that is active takes a whole cell down".to_owned();
            return refused("rare", message, "nothing to count", help);
        }
        let most = self.most(cells);
        if rare.cells_down as usize > most {
            let message = match rare.cells_down as usize > cells {
                true => format!("{} cells down at once, of a platform of {cells}", rare.cells_down),
                false => {
                    format!("{} cells are never down at once: the faults take down {most} at most", rare.cells_down)
                }
            };
            return refused("rare.cells_down", message, "too many", format!("write cells_down = {most}, or less"));
        }
        Ok(())
    }
}

impl Counted {
    /// Returns why it is left out, with its name: "bad-release: comes in waves".
    pub fn why(&self, scenario: &Scenario) -> Option<String> {
        Some(format!("{}: {}", scenario.faults[self.fault].name, self.left_out.as_ref()?))
    }
}

/// Returns why faults of this kind are left out, whatever they do.
fn kind_left_out(fault: &Fault) -> Option<String> {
    use crate::scenario::fault::Strikes;
    let why = match (&fault.schedule, &fault.strikes) {
        (Schedule::Scripted { .. } | Schedule::Trace(_), _) => "does not come at random",
        (_, Strikes::Router(_)) => "strikes the router, not cells",
        (_, Strikes::Customers { .. }) => "strikes customers, not cells",
        (_, Strikes::Cells(_)) if fault.waves.is_some() => "comes in waves",
        (_, Strikes::Cells(_)) => return None,
    };
    Some(why.to_owned())
}

/// Returns the cells that a fault takes down where it strikes, and the greatest share of a cell's requests that ever fails.
fn taken_down(
    (scenario, model, health): (&Scenario, &Model, &Health),
    fault: usize,
    target: &Target,
    repair: f64,
) -> (Vec<u32>, f64) {
    let Target::Cells { cells, .. } = target else { return (Vec::new(), 0.0) };
    let detected: &[bool] = if scenario.faults[fault].detected_after.is_some() { &[false, true] } else { &[false] };
    let mut most = 0.0_f64;
    let is_down = |&cell: &u32| {
        let failed = detected.iter().map(|&detected| {
            let strikes = strikes(scenario, fault, target, cell, detected);
            let failed = failed(model, health, cell, &strikes, repair);
            most = most.max(failed);
            failed
        });
        // Not only until it is detected, nor only from then on.
        failed.fold(1.0, f64::min) >= DOWN
    };
    let down = cells.iter().copied().filter(is_down).collect();
    (down, most)
}

/// Writes a share: "3.7 %", "56 %".
fn percent(share: f64) -> String {
    if share < 0.1 { format!("{:.1} %", 100.0 * share) } else { format!("{:.0} %", 100.0 * share) }
}

/// Returns how a fault bears on a cell.
fn strikes(scenario: &Scenario, fault: usize, target: &Target, cell: u32, detected: bool) -> Vec<Strike> {
    let Target::Cells { stage, zone, tier, .. } = target else { return Vec::new() };
    let everywhere = Strike {
        activation: 0,
        key: Key(0),
        place: None,
        destination: None,
        zone: *zone,
        tier: *tier,
        detected,
        effects: scenario.faults[fault].effects.clone(),
    };
    match stage {
        None => vec![everywhere],
        Some(stage) => stage.in_cell(cell).map(|place| Strike { place: Some(place), ..everywhere.clone() }).collect(),
    }
}

/// Returns the failed share of requests that everybody in a cell has at least, at any level of demand, once its flow has settled,
/// or as far as it gets within a repair (nanoseconds).
fn failed(model: &Model, health: &Health, cell: u32, strikes: &[Strike], repair: f64) -> f64 {
    let spec = &model.cells[cell as usize];
    let condition = Condition::new(model, spec, strikes);
    let at_level = |level: usize| {
        let demand = model.demand(spec, level);
        let lookup = &health.lookups[level];
        let attempts = lookup.attempts_in(model, spec, &condition, |class, slow| {
            Arc::new(lookup.attempt(model, class, |step| slow[step.stage(spec)]))
        });
        let losses = &health.losses;
        let (attempts, demand) = (&attempts, &demand);
        let around = Surroundings { model, cell: spec, condition: &condition, lookup, attempts, losses, demand };
        let mut state = CellState::new(spec, level, health.flow(model, level, cell));
        state.resolve(&around, true);
        for _ in 0..CROSSINGS {
            if state.crossing == NEVER || state.crossing as f64 > repair {
                break;
            }
            state.advance(state.crossing);
            state.resolve(&around, false);
        }
        // A cell where nobody lives fails nobody.
        if state.flow.failed.is_empty() { 0.0 } else { state.flow.failed.iter().copied().fold(1.0, f64::min) }
    };
    (0..model.levels.count()).map(at_level).fold(1.0, f64::min)
}
