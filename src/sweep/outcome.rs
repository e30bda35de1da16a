//! What a sweep found: every point with its verdicts, the cheapest that keeps everything, and that one measured again.

use super::effects::{self, Effect};
use super::entry::{Entry, Judgements, Measure, State, Tables, chosen, entries, judgements, measures};
use super::found::{Found, Judged};
use super::journal::Journal;
use super::points::{Tried, key};
use super::run::{Ran, Task};
use super::trials::{Trial, Trials};
use crate::engine::stats::Judgement;
use crate::report::exit_code::ExitCode;
use crate::scenario::Scenario;
use crate::scenario::space::Space;

/// All that a sweep found.
#[derive(Debug)]
pub struct Sweep {
    /// What was varied.
    pub space: Space,
    /// Every point, in their order.
    pub points: Vec<Entry>,
    /// The numbers that expectations judge, and those that are asked for besides, in their order.
    pub measures: Vec<Measure>,
    /// The cheapest point that keeps everything (an index).
    pub winner: Option<usize>,
    /// The point that the others are compared with: the winner, or the one that comes nearest to it.
    pub reference: Option<usize>,
    /// What the winner came to on other histories.
    pub again: Option<Judgements>,
    /// What each lever moves.
    pub effects: Vec<Effect>,
    /// What else would move the measures that no lever moves.
    pub trials: Trials,
    /// Replications of each point.
    pub replications: u32,
    /// Master seed.
    pub seed: u64,
    /// Scenarios that were simulated for the points: those that are alike count once.
    pub simulated: usize,
    /// What a reader must know.
    pub remarks: Vec<String>,
    /// Whether it was ended before everything was run.
    pub cut_short: bool,
    /// The journal of a complete sweep, until everything is written.
    pub journal: Option<Journal>,
}

/// Returns the tasks of points, each scenario once.
pub fn tasks(tried: &[Tried]) -> Vec<Task> {
    let mut seen = std::collections::BTreeSet::new();
    let scenarios = tried.iter().filter(|one| one.pruned.is_none()).flat_map(|one| &one.scenarios);
    let fresh = scenarios.filter(|scenario| seen.insert(key(scenario)));
    fresh.map(|scenario| Task { key: key(scenario), scenario: scenario.clone() }).collect()
}

/// Returns the tasks that measure a point again, on histories after those that it was chosen by.
pub fn again(tried: &Tried, replications: Option<u32>) -> Vec<Task> {
    let next = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.run.before += replications.unwrap_or(scenario.run.replications);
        Task { key: again_key(&key(&scenario)), scenario }
    };
    tried.scenarios.iter().map(next).collect()
}

fn again_key(key: &str) -> String {
    format!("{key} again")
}

impl Sweep {
    /// Puts a sweep together, before its winner is measured again and other levers are tried.
    pub fn of(space: Space, tried: Vec<Tried>, ran: &Ran, show: &[String], run: (u32, u64)) -> Sweep {
        let simulated = tasks(&tried).iter().filter(|task| ran.found.contains_key(&task.key)).count();
        let points = entries(tried, ran);
        let (winner, reference) = chosen(&points);
        let measures = measures(&points, show);
        let effects = reference.map_or_else(Vec::new, |at| effects::effects(&space, &points, at));
        let mut remarks = space.remarks.clone();
        for lever in space.levers.iter().filter(|lever| lever.changes_demand) {
            remarks.push(format!("lever {} changes demand: its points do not meet the same requests", lever.name));
        }
        let (replications, seed) = run;
        Sweep {
            space,
            points,
            measures,
            winner,
            reference,
            again: None,
            effects,
            trials: Trials::default(),
            replications,
            seed,
            simulated,
            remarks,
            cut_short: false,
            journal: None,
        }
    }

    /// Adds what the winner came to on other histories.
    pub fn measured_again(&mut self, ran: &Ran) {
        let Some(winner) = self.winner else { return };
        let keys = self.points[winner].tried.keys();
        let found: Option<Vec<&Found>> = keys.iter().map(|key| ran.found.get(&again_key(key))).collect();
        self.again = found.map(|found| judgements(found.into_iter(), self.points[winner].cost()));
    }

    /// Adds what else would move what no lever moves.
    pub fn tried(&mut self, trials: Vec<Trial>, ran: &Ran) {
        let unmoved = self.unmoved();
        if let Some(reference) = self.reference {
            self.trials = Trials::of(&self.points, reference, &unmoved, trials, ran);
        }
    }

    /// Says why nothing else was tried.
    pub fn no_trials(&mut self) {
        let names: Vec<String> = self.unmoved().into_iter().map(|measure| measure.what).collect();
        let why = "what else would move it is tried at the incident level only";
        self.trials.why_none =
            Some(format!("No lever here is seen to move, or no point keeps: {}; {why}.", names.join("; ")));
    }

    /// Returns the judged measures that no lever moves, or that every point breaches.
    pub fn unmoved(&self) -> Vec<Measure> {
        let judged = self.measures.iter().filter(|measure| measure.limit.is_some());
        judged.filter(|measure| !self.is_moved(measure) || self.is_breached(measure)).cloned().collect()
    }

    /// Returns whether some lever is seen to move a measure.
    pub fn is_moved(&self, measure: &Measure) -> bool {
        let Some(reference) = self.reference else { return false };
        let tables = Tables::of(&self.points);
        let ends = |lever| effects::ends(&tables, (&self.points, reference), lever, measure);
        (0..self.space.levers.len()).filter_map(ends).any(|(_, _, change)| change.is_seen())
    }

    /// Returns whether every point breaches the limit of a measure.
    fn is_breached(&self, measure: &Measure) -> bool {
        let done = self.points.iter().filter_map(Entry::found);
        let outcomes: Vec<Judgement> = done.filter_map(|found| measure.judged(found).map(Judged::judgement)).collect();
        !outcomes.is_empty() && outcomes.into_iter().all(|outcome| outcome == Judgement::Breached)
    }

    /// Returns how many points came to this.
    pub fn count(&self, is: impl Fn(&State) -> bool) -> usize {
        self.points.iter().filter(|entry| is(&entry.state)).count()
    }

    /// Returns whether anything is left to be run.
    pub fn interrupted(&self) -> bool {
        self.cut_short || self.points.iter().any(|entry| matches!(entry.state, State::Left))
    }

    /// Returns the exit code that it deserves.
    pub fn exit_code(&self) -> ExitCode {
        let judged: Vec<Judgements> = self.points.iter().filter_map(Entry::judgements).collect();
        let expects = judged.iter().any(|one| one.all() > 0);
        if self.interrupted() {
            ExitCode::Undecided
        } else if self.winner.is_some() || (!expects && !judged.is_empty()) {
            ExitCode::Fine
        } else if judged.iter().all(|one| one.counts[1] > 0) {
            ExitCode::Breached
        } else {
            ExitCode::Undecided
        }
    }
}
