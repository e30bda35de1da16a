//! Points and what became of them, and the numbers that are looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::found::{Found, Judged, OUTCOMES, Table};
use super::points::Tried;
use super::run::Ran;
use crate::catalogue::Unit;
use crate::engine::stats::{Estimate, Judgement, State as Worth};

/// A point and what became of it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is.
    pub tried: Tried,
    /// What became of it.
    pub state: State,
    /// The first point with the same scenarios, whose runs are this one's.
    pub taken_from: Option<usize>,
}

/// What became of a point.
#[derive(Debug, Clone)]
pub enum State {
    /// Run: what was found, for each file of the study.
    Done(Vec<Arc<Found>>),
    /// Left out: why.
    Pruned(String),
    /// Not yet run: the sweep was ended.
    Left,
}

/// A number that is looked at: one that an expectation judges, or one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its identifier, where it is first met: what an expectation judges may differ with the faults that there are.
    pub id: String,
    /// "cell-outage, enterprise, worst".
    pub what: String,
    /// "share".
    pub unit: String,
    /// The expectation that judges it: file and line, and limit.
    pub limit: Option<(String, String)>,
    /// In the table of which file of the study.
    pub file: usize,
}

impl Measure {
    /// Returns the unit of its numbers.
    pub fn unit(&self) -> Unit {
        Unit::named(&self.unit).unwrap_or(Unit::Plain)
    }

    /// Returns how the expectation came out that judges it.
    pub fn judged<'a>(&self, found: &'a [Arc<Found>]) -> Option<&'a Judged> {
        self.judged_in(found.get(self.file)?)
    }

    /// Returns the same in what one scenario found.
    pub fn judged_in<'a>(&self, found: &'a Found) -> Option<&'a Judged> {
        let (place, _) = self.limit.as_ref()?;
        found.judged.iter().find(|one| one.place == *place && one.what == self.what)
    }

    /// Returns its identifier in what one scenario found.
    pub fn id_in(&self, found: &Found) -> Option<String> {
        match self.limit {
            Some(_) => self.judged_in(found).map(|one| one.id.clone()),
            None => Some(self.id.clone()),
        }
    }
}

/// How the expectations of a point came out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgements {
    /// Kept, breached, undecided, not measured.
    pub counts: [usize; 4],
    /// The first that is breached, else the first that is not kept.
    pub first: Option<Judged>,
    /// Platform and credits a month.
    pub total: Option<Estimate>,
}

impl Judgements {
    /// Returns whether everything is kept, and something is expected.
    pub fn is_fine(&self) -> bool {
        self.counts[0] > 0 && self.counts[1..] == [0, 0, 0]
    }

    /// Returns how many expectations there are.
    pub fn all(&self) -> usize {
        self.counts.iter().sum()
    }
}

impl Entry {
    /// Returns what was found, if it was run.
    pub fn found(&self) -> Option<&[Arc<Found>]> {
        match &self.state {
            State::Done(found) => Some(found),
            State::Pruned(_) | State::Left => None,
        }
    }

    /// Returns how its expectations came out; none if it was not run.
    pub fn judgements(&self) -> Option<Judgements> {
        let found = self.found()?;
        Some(judgements(found.iter().map(Arc::as_ref), self.tried.known.as_ref().and_then(|known| known.cost)))
    }

    /// Returns what it costs a month, if that is known.
    pub fn cost(&self) -> Option<f64> {
        self.tried.known.as_ref()?.cost
    }
}

/// Counts how expectations came out.
pub(super) fn judgements<'a>(found: impl Iterator<Item = &'a Found> + Clone, cost: Option<f64>) -> Judgements {
    let mut counts = [0; 4];
    let all: Vec<&Judged> = found.clone().flat_map(|found| &found.judged).collect();
    for one in &all {
        counts[place(one.judgement())] += 1;
    }
    let first = [Judgement::Breached, Judgement::Undecided, Judgement::NotMeasured]
        .into_iter()
        .find_map(|word| all.iter().find(|one| one.judgement() == word));
    let total = cost.map(|cost| {
        let mut total = Estimate::exact(cost);
        for table in found.map(Found::table) {
            let credits = table.ids().filter(|id| id.starts_with("credits.mean{tier=") && !id.contains("workflow="));
            total = credits.filter_map(|id| table.estimate(id)).fold(total, plus);
        }
        total
    });
    Judgements { counts, first: first.map(|one| (*one).clone()), total }
}

/// Adds estimates; their intervals add up, whatever one has to do with the other.
fn plus(a: Estimate, b: Estimate) -> Estimate {
    let sum = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
    let state = if b.state == Worth::Exact { a.state } else { b.state };
    Estimate {
        value: sum(a.value, b.value),
        low: sum(a.low, b.low),
        high: sum(a.high, b.high),
        n: a.n.max(b.n),
        state,
        reason: b.reason,
    }
}

/// Returns the place of an outcome among those that are counted.
fn place(outcome: Judgement) -> usize {
    OUTCOMES.iter().position(|(one, _)| *one == outcome).unwrap_or(3)
}

/// Puts points together with what was found.
pub fn entries(tried: Vec<Tried>, ran: &Ran) -> Vec<Entry> {
    let found: BTreeMap<&String, Arc<Found>> =
        ran.found.iter().map(|(key, found)| (key, Arc::new(found.clone()))).collect();
    let mut first: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let entry = |tried: Tried| {
        let keys = tried.keys();
        let state = match &tried.pruned {
            Some(why) => State::Pruned(why.clone()),
            None => match keys.iter().find_map(|key| ran.failed.get(key)) {
                Some(why) => State::Pruned(why.clone()),
                None => {
                    let all: Option<Vec<Arc<Found>>> = keys.iter().map(|key| found.get(key).cloned()).collect();
                    all.map_or(State::Left, State::Done)
                }
            },
        };
        let is_done = matches!(state, State::Done(_));
        let earlier = is_done.then(|| *first.entry(keys).or_insert(tried.point.number));
        let taken_from = earlier.filter(|&number| number != tried.point.number);
        Entry { tried, state, taken_from }
    };
    tried.into_iter().map(entry).collect()
}

/// Returns the cheapest point that keeps everything, and the one that comes nearest to that.
pub fn chosen(points: &[Entry]) -> (Option<usize>, Option<usize>) {
    let judged: Vec<(usize, Judgements)> =
        points.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.judgements()?))).collect();
    let cost = |at: usize| points[at].cost().unwrap_or(f64::INFINITY);
    let by_cost = |a: &&(usize, Judgements), b: &&(usize, Judgements)| cost(a.0).total_cmp(&cost(b.0));
    let winner = judged.iter().filter(|(_, one)| one.is_fine()).min_by(by_cost).map(|(at, _)| *at);
    let badness = |one: &Judgements| (one.counts[1], one.counts[2] + one.counts[3]);
    let nearest =
        judged.iter().min_by(|a, b| badness(&a.1).cmp(&badness(&b.1)).then_with(|| by_cost(a, b))).map(|(at, _)| *at);
    (winner, winner.or(nearest))
}

/// Lists the numbers that expectations judge, then those that are asked for.
pub fn measures(points: &[Entry], show: &[String]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    let done = || points.iter().filter_map(Entry::found);
    for (file, found) in done().flat_map(|all| all.iter().enumerate()) {
        for one in &found.judged {
            let is_known = |known: &Measure| {
                let place = known.limit.as_ref().map(|(place, _)| place);
                (known.file, place, &known.what) == (file, Some(&one.place), &one.what)
            };
            if !measures.iter().any(is_known) {
                let limit = Some((one.place.clone(), one.limit.clone()));
                let (id, what, unit) = (one.id.clone(), one.what.clone(), one.unit.clone());
                measures.push(Measure { id, what, unit, limit, file });
            }
        }
    }
    for id in show.iter().filter(|id| !measures.iter().any(|known| known.id == **id)).collect::<Vec<_>>() {
        let mut tables = done().flat_map(|all| all.iter().enumerate());
        let unit = |(file, found): (usize, &Arc<Found>)| Some((file, found.table().cell(id, "unit")?.to_owned()));
        let (file, unit) = tables.find_map(unit).unwrap_or_default();
        measures.push(Measure { id: id.clone(), what: id.clone(), unit, limit: None, file });
    }
    measures
}

/// The tables of points, read when they are first asked for.
#[derive(Debug)]
pub struct Tables<'a> {
    points: &'a [Entry],
    read: std::cell::RefCell<BTreeMap<(usize, usize), Arc<Table>>>,
}

impl<'a> Tables<'a> {
    /// Returns the tables of these points.
    pub fn of(points: &'a [Entry]) -> Tables<'a> {
        Tables { points, read: std::cell::RefCell::default() }
    }

    /// Returns a point's table of a file of the study.
    pub fn get(&self, point: usize, file: usize) -> Option<Arc<Table>> {
        let found = self.points[point].found()?.get(file)?;
        let mut read = self.read.borrow_mut();
        Some(Arc::clone(read.entry((point, file)).or_insert_with(|| Arc::new(found.table()))))
    }

    /// Returns a measure of a point.
    pub fn estimate(&self, point: usize, measure: &Measure) -> Option<Estimate> {
        let id = measure.id_in(self.points[point].found()?.get(measure.file)?)?;
        self.get(point, measure.file)?.estimate(&id)
    }
}
