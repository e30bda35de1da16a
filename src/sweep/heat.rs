//! heat.svg: the two levers with most values, and the first number that an expectation judges.

use super::entry::{Entry, Measure, State, Tables};
use super::outcome::Sweep;
use super::text;
use crate::engine::stats::Judgement;
use crate::report::charts::Scene;
use crate::report::charts::heat::{Fate, Heat, Square, scene};
use crate::report::estimate;

/// Values of a lever that there is room for.
const MOST: usize = 16;

/// Draws the chart; `None` where no two levers make a grid around the point that the others are compared with.
pub fn chart(sweep: &Sweep) -> Option<Scene> {
    let reference = sweep.reference?;
    let measure = sweep.measures.first()?;
    let mut levers: Vec<usize> = (0..sweep.space.levers.len()).collect();
    let size = |lever: usize| sweep.space.levers[lever].choices.len();
    levers.retain(|&lever| (2..=MOST).contains(&size(lever)));
    levers.sort_by_key(|&lever| std::cmp::Reverse(size(lever)));
    let (&across, &up) = (levers.first()?, levers.get(1)?);
    let base = &sweep.points[reference].tried.point.choices;
    let tables = Tables::of(&sweep.points);
    let at = |column: usize, row: usize| {
        let wanted = |lever: usize| match lever {
            _ if lever == across => Some(column),
            _ if lever == up => Some(row),
            _ => base[lever],
        };
        let is_it = |entry: &Entry| {
            entry.tried.point.choices.iter().enumerate().all(|(lever, choice)| *choice == wanted(lever))
        };
        sweep.points.iter().position(is_it)
    };
    let square = |column, row| at(column, row).map_or_else(missing, |at| square(sweep, &tables, measure, at));
    let squares: Vec<Vec<Square>> =
        (0..size(up)).map(|row| (0..size(across)).map(|column| square(column, row)).collect()).collect();
    if squares.iter().flatten().filter(|square| square.value.is_some()).count() < 2 {
        return None;
    }
    let lever = |index: usize| {
        let lever = &sweep.space.levers[index];
        (lever.name.clone(), lever.choices.iter().map(|choice| choice.text.clone()).collect())
    };
    let headline = text::headline(sweep);
    Some(scene(&Heat {
        answer: format!("{}: {}", headline.word, headline.text),
        question: measure.what.clone(),
        rests_on: text::header(sweep),
        across: lever(across),
        up: lever(up),
        squares,
        limit: measure.limit.as_ref().map_or_else(String::new, |(_, limit)| limit.clone()),
    }))
}

fn missing() -> Square {
    Square { value: None, text: String::new(), fate: Fate::Missing }
}

fn square(sweep: &Sweep, tables: &Tables<'_>, measure: &Measure, at: usize) -> Square {
    let entry = &sweep.points[at];
    let found = match &entry.state {
        State::Pruned(_) => return Square { text: "pruned".to_owned(), fate: Fate::Pruned, ..missing() },
        State::Left => return missing(),
        State::Done(found) => found,
    };
    let Some(one) = tables.estimate(at, measure) else { return missing() };
    let fate = match measure.judged(found).map(super::found::Judged::judgement) {
        Some(Judgement::Kept) | None => Fate::Kept,
        Some(Judgement::Breached) => Fate::Breached,
        Some(Judgement::Undecided | Judgement::NotMeasured) => Fate::Undecided,
    };
    let text = |value| estimate::quantity(value, measure.unit());
    Square { value: one.value, text: one.value.map_or_else(|| "not measured".to_owned(), text), fate }
}
