//! Progress of a sweep: one line for all points, on standard error if that is a terminal.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::interrupt;
use crate::engine::stats::Judgement;
use crate::number;
use crate::report::work::time;
use crate::sweep::found::Found;
use crate::sweep::points::Tried;
use crate::sweep::run::Follower;

/// Shows how many points are done, how many keep everything, and the cheapest of them.
pub(super) struct SweepProgress {
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: Option<Instant>,
    tasks: usize,
    done: usize,
    /// Points by the digests of their scenarios, with what they cost.
    points: Vec<(Vec<String>, Option<f64>)>,
    /// By scenario: whether it keeps everything.
    keeps: BTreeMap<String, bool>,
}

impl SweepProgress {
    /// Returns a line for these points; on anything but a terminal, and if `quiet`, it draws nothing.
    pub(super) fn new(quiet: bool, tried: &[Tried]) -> SweepProgress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        // A template that cannot be read would be a bug; the plain bar serves as well.
        bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
        let cost = |one: &Tried| one.known.as_ref().and_then(|known| known.cost);
        let points = tried.iter().filter(|one| one.pruned.is_none()).map(|one| (one.keys(), cost(one))).collect();
        SweepProgress { bar, state: Mutex::new(State { points, ..State::default() }) }
    }

    /// Clears the line.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl State {
    fn line(&self) -> String {
        let (mut done, mut fine, mut best) = (0, 0, f64::INFINITY);
        for (keys, cost) in &self.points {
            let known: Option<Vec<bool>> = keys.iter().map(|key| self.keeps.get(key).copied()).collect();
            let Some(known) = known else { continue };
            done += 1;
            if known.into_iter().all(|keeps| keeps) {
                fine += 1;
                best = best.min(cost.unwrap_or(f64::INFINITY));
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
            let keeps = !found.judged.is_empty() && found.judged.iter().all(|one| one.judgement() == Judgement::Kept);
            state.keeps.insert(key.to_owned(), keeps);
            state.done += 1;
            self.bar.set_message(state.line());
        }
    }

    fn stopped(&self) -> bool {
        interrupt::stopped()
    }
}
