//! Progress of a sweep: one line for all points, on standard error if that is a terminal; and a line of JSON for each point that is
//! done, where programs read them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};

use super::{interrupt, output};
use crate::engine::stats::Judgement;
use crate::number;
use crate::report::exit_code::ExitCode;
use crate::report::work::time;
use crate::scenario::space::Space;
use crate::sweep::found::{Found, OUTCOMES};
use crate::sweep::points::Tried;
use crate::sweep::run::Follower;

/// Shows how many points are done, how many keep everything, and the cheapest of them.
pub(super) struct SweepProgress {
    bar: ProgressBar,
    lines: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: Option<Instant>,
    tasks: usize,
    done: usize,
    points: Vec<Watched>,
    /// How the expectations of each scenario came out.
    outcomes: BTreeMap<String, [usize; 4]>,
}

/// A point that is waited for.
struct Watched {
    number: usize,
    levers: Map<String, Value>,
    keys: Vec<String>,
    cost: Option<f64>,
    told: bool,
}

impl SweepProgress {
    /// Returns a line for these points; on anything but a terminal, and if `quiet`, it draws nothing. With `lines` each point that is
    /// done is printed.
    pub(super) fn new(quiet: bool, lines: bool, space: &Space, tried: &[Tried]) -> SweepProgress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        // A template that cannot be read would be a bug; the plain bar serves as well.
        bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
        let watched = |one: &Tried| {
            let pairs = space.levers.iter().zip(&one.point.choices);
            Watched {
                number: one.point.number,
                levers: pairs.map(|(lever, choice)| (lever.name.clone(), json!(lever.shown(*choice)))).collect(),
                keys: one.keys(),
                cost: one.known.as_ref().and_then(|known| known.cost),
                told: false,
            }
        };
        let points = tried.iter().filter(|one| one.pruned.is_none()).map(watched).collect();
        SweepProgress { bar, lines, state: Mutex::new(State { points, ..State::default() }) }
    }

    /// Says what was done before.
    pub(super) fn know(&self, found: &BTreeMap<String, Found>) {
        if let Ok(mut state) = self.state.lock() {
            state.outcomes.extend(found.iter().map(|(key, found)| (key.clone(), outcomes(found))));
            self.tell(&mut state);
        }
    }

    /// Clears the line.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn tell(&self, state: &mut State) {
        let State { points, outcomes, .. } = state;
        for point in points.iter_mut().filter(|point| self.lines && !point.told) {
            let Some(counts) = counts(&point.keys, outcomes) else { continue };
            point.told = true;
            let mut line = json!({ "point": point.number, "levers": point.levers, "cost": point.cost });
            for ((_, word), count) in OUTCOMES.iter().zip(counts) {
                line[word.replace(' ', "_")] = json!(count);
            }
            // A reader that has gone is no error.
            output::print(&format!("{line}\n"), ExitCode::Fine);
        }
    }
}

fn outcomes(found: &Found) -> [usize; 4] {
    let count = |outcome: Judgement| found.judged.iter().filter(|one| one.judgement() == outcome).count();
    OUTCOMES.map(|(outcome, _)| count(outcome))
}

/// How the expectations of a point came out, if all of its scenarios are done.
fn counts(keys: &[String], outcomes: &BTreeMap<String, [usize; 4]>) -> Option<[usize; 4]> {
    let mut sum = [0; 4];
    for key in keys {
        sum.iter_mut().zip(outcomes.get(key)?).for_each(|(sum, count)| *sum += count);
    }
    Some(sum)
}

impl State {
    fn line(&self) -> String {
        let (mut done, mut fine, mut best) = (0, 0, f64::INFINITY);
        for point in &self.points {
            let Some([kept, others @ ..]) = counts(&point.keys, &self.outcomes) else { continue };
            done += 1;
            if kept > 0 && others == [0, 0, 0] {
                fine += 1;
                best = best.min(point.cost.unwrap_or(f64::INFINITY));
            }
        }
        let mut line = format!("sweep  {done} of {} points · {fine} kept everything", self.points.len());
        if best.is_finite() {
            line += &format!(" · best so far {}", number::dollars(best));
        }
        if let Some(begun) = self.begun.filter(|_| self.done > 0) {
            let each = begun.elapsed().as_secs_f64() / self.done as f64;
            line += &format!(" · {} left", time(each * self.tasks.saturating_sub(self.done) as f64));
        }
        line
    }
}

impl Follower for SweepProgress {
    fn begun(&self, tasks: usize) {
        interrupt::begun();
        // What is done is in the journal.
        interrupt::at_stake();
        if let Ok(mut state) = self.state.lock() {
            (state.begun, state.tasks, state.done) = (Some(Instant::now()), tasks, 0);
            self.bar.set_message(state.line());
        }
        self.bar.enable_steady_tick(Duration::from_millis(500));
    }

    fn done(&self, key: &str, found: &Found) {
        if let Ok(mut state) = self.state.lock() {
            state.outcomes.insert(key.to_owned(), outcomes(found));
            state.done += 1;
            self.tell(&mut state);
            self.bar.set_message(state.line());
        }
    }

    fn stopped(&self) -> bool {
        interrupt::stopped()
    }
}
