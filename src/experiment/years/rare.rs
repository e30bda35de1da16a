//! How many cells are down at once: histories split where they come near, and the rows they give.
//!
//! Histories belong to replications: more of these are more of those, and they stop together.

use rayon::prelude::*;

use crate::catalogue::{Metric, Statistic, Unit};
use crate::engine::rng::Slot;
use crate::engine::special::beta::student;
use crate::engine::splitting::{System, Tally};
use crate::engine::stats::{self, Estimate};
use crate::experiment::measures::table::{About, Rows};
use crate::experiment::outcome::years::{AtOnce, CellsDown};
use crate::scenario::Scenario;
use crate::scenario::rare::{self, Rare};
use crate::scenario::run::Run;
use crate::units::{DAY, seconds};
use crate::world::cells_down::Outages;
use crate::world::flow::health::Health;
use crate::world::flow::model::Model;
use crate::world::platform::build_error::BuildError;

const HISTORY: Slot = Slot::named("rare");

/// Entries to the greatest number of cells, over all histories, that give a relative error of 1: copies of one history have much
/// in common. Measured (60 cells, 4 at once: 3.4 to 4.1); what comes out is reported.
const ENTRIES: f64 = 6.0;

/// Entries of one history at least: most histories should contribute, however large the error may be.
const OF_EACH: f64 = 3.0;

/// Clocks looked at, over all histories: these are shorter than the horizon where that would be too many.
const LOOKS: f64 = 1e8;

/// Repairs that a history lasts at least, if the horizon does.
const REPAIRS: f64 = 20.0;

/// Nanoseconds of a year.
const YEAR: f64 = 365.0 * DAY as f64;

/// What the histories of all replications have in common.
#[derive(Debug)]
pub struct Histories {
    ask: Rare,
    run: Run,
    system: System,
    /// Nanoseconds.
    horizon: f64,
    replications: u32,
    of_each: u32,
    outages: Outages,
}

impl Histories {
    /// Prepares what `[run.rare]` asks for; `None` if it is not asked.
    ///
    /// # Errors
    /// If nothing in the scenario can show it.
    pub fn new(scenario: &Scenario, model: &Model, health: &Health) -> Result<Option<Histories>, BuildError> {
        let Some(ask) = scenario.run.rare else { return Ok(None) };
        let outages = Outages::new(scenario, model, health);
        let cells = model.cells.len();
        outages.check(&ask, scenario, cells)?;
        let replications = scenario.run.replications;
        let of_each = ask.of_each(replications);
        let histories = f64::from(of_each) * f64::from(replications);
        let clocks = &outages.clocks;
        let failures: f64 = clocks.iter().map(|clock| 1.0 / (clock.up.mean() + clock.down.mean())).sum();
        let longest = clocks.iter().map(|clock| clock.down.mean()).fold(0.0, f64::max);
        let affordable = LOOKS / (histories * failures * clocks.len() as f64);
        let horizon = affordable.max(REPAIRS * longest).min(scenario.run.horizon as f64);
        let down = ask.cells_down as usize;
        let system = match ask.split {
            true => {
                let entries = (ENTRIES / (ask.error * ask.error * histories)).max(OF_EACH);
                System::new(clocks.clone(), cells, down, horizon, entries)
            }
            false => System::with_copies(clocks.clone(), cells, vec![1; down + 1], horizon),
        };
        Ok(Some(Histories { ask, run: scenario.run, system, horizon, replications, of_each, outages }))
    }

    /// Follows the histories of a replication.
    pub fn follow(&self, replication: u32) -> Vec<Tally> {
        let key = self.run.history(replication).part(HISTORY);
        let one = |index: u32| self.system.follow(key.nth(u64::from(index)));
        // Replications run in parallel already, unless there are few.
        match self.replications < rayon::current_num_threads() as u32 {
            true => (0..self.of_each).into_par_iter().map(one).collect(),
            false => (0..self.of_each).map(one).collect(),
        }
    }

    /// Adds rows and returns the table.
    pub(super) fn rows(&self, rows: &mut Rows<'_>, tallies: &[Tally]) -> AtOnce {
        let down = self.ask.cells_down as usize;
        let mut table = Vec::new();
        for cells in 1..=down {
            let exactly: Vec<f64> = tallies.iter().map(|tally| tally.time[cells] / self.horizon).collect();
            let at_least: Vec<f64> =
                tallies.iter().map(|tally| tally.time[cells..].iter().sum::<f64>() / self.horizon).collect();
            let entries: Vec<f64> = tallies.iter().map(|tally| tally.entries[cells] * YEAR / self.horizon).collect();
            let contributed = at_least.iter().filter(|&&share| share > 0.0).count() as u64;
            let [exactly, share, a_year] =
                [exactly, at_least, entries].map(|values| self.estimate(&values, cells, rows.confidence));
            let (at_least, just) = (Statistic::AtLeast(cells as u32), Statistic::Exactly(cells as u32));
            let of_time = (Unit::Share, "time");
            rows.add((Metric::CellsDownShare, at_least), of_time, About::default(), share.clone());
            rows.add((Metric::CellsDownShare, just), of_time, About::default(), exactly.clone());
            rows.add((Metric::CellsDownEntries, at_least), (Unit::Plain, "a year"), About::default(), a_year.clone());
            table.push(CellsDown {
                cells: cells as u32,
                relative_error: relative_error(&share, rows.confidence),
                exactly,
                share,
                a_year,
                trials: tallies.len() as u64,
                contributed,
                copies: self.system.copies()[cells],
            });
        }
        let scenario = rows.scenario;
        let counted = self.outages.faults.iter().filter(|fault| fault.left_out.is_none());
        AtOnce {
            cells_down: table,
            asked_error: self.ask.error,
            trial_years: seconds(self.horizon as u64) / seconds(YEAR as u64),
            counted: counted.map(|fault| scenario.faults[fault.fault].name.clone()).collect(),
            left_out: self.outages.faults.iter().filter_map(|fault| fault.why(scenario)).collect(),
            events: tallies.iter().map(|tally| tally.events).sum(),
        }
    }

    /// The mean over histories, if enough of them say something.
    fn estimate(&self, values: &[f64], cells: usize, confidence: f64) -> Estimate {
        let contributed = values.iter().filter(|&&value| value > 0.0).count();
        if contributed < rare::FEWEST as usize {
            let of = values.len();
            let why = match self.ask.split {
                true => "more trials, or longer ones",
                false => "split = true",
            };
            let text = format!(
                "{contributed} of {of} trials come to {cells} cells down, and {} must contribute: try {why}",
                rare::FEWEST
            );
            return Estimate::null(text);
        }
        stats::mean(values, confidence).not_negative()
    }
}

/// Standard error over value.
fn relative_error(estimate: &Estimate, confidence: f64) -> Option<f64> {
    let freedom = estimate.n.checked_sub(1).filter(|&freedom| freedom > 0)?;
    let value = estimate.value.filter(|&value| value > 0.0)?;
    Some((estimate.high? - value) / student(freedom as f64, confidence) / value)
}
