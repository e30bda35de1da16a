//! What else would move a measure that no lever moves: every duration of a fault, every cell size and every time to notice, halved and
//! doubled one at a time.

use super::effects::{Change, difference};
use super::entry::{Entry, Measure, Tables};
use super::points::key;
use super::run::{Ran, Task};
use crate::engine::stats::Estimate;
use crate::experiment;
use crate::scenario::Scenario;
use crate::scenario::space::{Point, Space};

/// Points that are tried at most.
const MOST: usize = 10;
/// How many are told of each measure.
const TOLD: usize = 3;

/// One thing that is tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// "cell-outage.mttr x0.5".
    pub what: String,
    /// The scenarios of the reference point with it.
    pub scenarios: Vec<Scenario>,
}

/// A measure, its number at the reference point, and what moves it: each with the number that it then is.
pub type Unmoved = (Measure, Estimate, Vec<(String, Estimate)>);

/// What the trials found.
#[derive(Debug, Clone, Default)]
pub struct Trials {
    /// Of each measure that no lever moves: it, its number, and what moves it, the strongest first.
    pub found: Vec<Unmoved>,
    /// Why none were made, where some would have been.
    pub why_none: Option<String>,
}

/// Lists what is to be tried around a point; what makes no platform is left out.
pub fn list(space: &Space, point: &Point) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (path, factor) in space.around() {
        if trials.len() == MOST {
            break;
        }
        let Some(scenarios) = space.with_multiple(point, &path, factor) else { continue };
        if scenarios.iter().all(|scenario| experiment::facts(scenario).is_ok()) {
            let name = path.split_once('.').map_or(path.as_str(), |(_, name)| name);
            trials.push(Trial { what: format!("{name} x{factor}"), scenarios });
        }
    }
    trials
}

/// Returns the tasks of trials.
pub fn tasks(trials: &[Trial]) -> Vec<Task> {
    let all = trials.iter().flat_map(|trial| &trial.scenarios);
    all.map(|scenario| Task { key: key(scenario), scenario: scenario.clone() }).collect()
}

impl Trials {
    /// Ranks what was tried by what it does to each measure.
    pub(super) fn of(
        points: &[Entry],
        reference: usize,
        measures: &[Measure],
        trials: Vec<Trial>,
        ran: &Ran,
    ) -> Trials {
        let tables = Tables::of(points);
        let mut found = Vec::new();
        for measure in measures {
            let Some(base) = tables.estimate(reference, measure) else { continue };
            let mut moves: Vec<(f64, String, Estimate)> = Vec::new();
            for trial in &trials {
                let run = trial.scenarios.get(measure.file).and_then(|scenario| ran.found.get(&key(scenario)));
                let estimate = run.and_then(|found| found.table().estimate(&measure.id_in(found)?));
                let Some(estimate) = estimate else { continue };
                let (difference, change) = difference(&base, &estimate);
                if matches!(change, Change::Higher | Change::Lower) {
                    moves.push((difference.value.map_or(0.0, f64::abs), trial.what.clone(), estimate));
                }
            }
            moves.sort_by(|a, b| b.0.total_cmp(&a.0));
            moves.truncate(TOLD);
            let moves = moves.into_iter().map(|(_, what, estimate)| (what, estimate)).collect();
            found.push((measure.clone(), base, moves));
        }
        Trials { found, why_none: None }
    }
}
