//! A sweep on one screen: the cheapest point that keeps everything, what each point costs and keeps, which lever moves what.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::effects::{self, Change};
use super::entry::{Entry, Judgements, Measure, State, Tables};
use super::outcome::Sweep;
use crate::catalogue::Level;
use crate::engine::stats::{Estimate, Judgement};
use crate::number;
use crate::report::estimate;
use crate::report::exit_code::ExitCode;
use crate::report::section::Section;
use crate::report::style::Style;
use crate::report::table::{Align, Cell, Table, wrap};
use crate::report::terminal::WIDTH;
use crate::units::seconds;

/// Points that keep everything, shown at most.
const FINE: usize = 6;
/// Measures in a table, shown at most.
const MEASURES: usize = 4;
/// Points left out of which the reason is told.
const PRUNED: usize = 3;

/// The first line, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// "CHEAPEST THAT KEEPS ALL 4".
    pub word: String,
    /// What the word means.
    pub style: Style,
    /// The point.
    pub text: String,
}

impl Headline {
    /// Returns the line.
    pub fn line(&self, sweep: &Sweep, colour: bool) -> String {
        let file = sweep.space.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let code = sweep.exit_code().number();
        format!("{}: {}  {file}  exit {code}", self.style.paint(&self.word, colour), self.text)
    }
}

/// Returns the first line.
pub fn headline(sweep: &Sweep) -> Headline {
    let mut line = verdict(sweep);
    if sweep.interrupted() {
        let done = sweep.points.len() - sweep.count(|state| matches!(state, State::Left));
        line.word = format!("INTERRUPTED after {done} of {} points, {}", sweep.points.len(), line.word);
        line.style = Style::Doubt;
    }
    line
}

fn verdict(sweep: &Sweep) -> Headline {
    let points = number::of(sweep.points.len() as f64, "point");
    let Some(reference) = sweep.reference else {
        let why = match &sweep.points.first().map(|entry| &entry.state) {
            Some(State::Pruned(why)) => format!("all of {points} are out without simulation; point 1: {why}"),
            _ => format!("none of {points} is done"),
        };
        return Headline { word: "NO POINT".to_owned(), style: Style::Bad, text: why };
    };
    let entry = &sweep.points[reference];
    let price = entry.cost().map_or_else(String::new, |cost| format!(": {} a month", number::dollars(cost)));
    let point = format!("point {}{price} ({})", entry.tried.point.number, sweep.space.describe(&entry.tried.point));
    let judged = entry.judgements().unwrap_or_default();
    let first = judged.first.as_ref().map_or_else(String::new, |one| format!("{} ({})", one.what, one.limit));
    let headline = |word: String, style, text| Headline { word, style, text };
    match (sweep.winner, judged.all()) {
        (_, 0) => headline("NOTHING EXPECTED".to_owned(), Style::Strong, format!("{points}, {}", cheapest(sweep))),
        (Some(_), all) => {
            let word = if entry.cost().is_some() { "CHEAPEST THAT KEEPS ALL" } else { "KEEPS ALL" };
            headline(format!("{word} {all}"), Style::Good, point)
        }
        (None, all) if judged.counts[1] > 0 => {
            headline(format!("NONE KEEPS ALL {all}"), Style::Bad, format!("closest is {point}: it breaks {first}"))
        }
        (None, all) => {
            let text = format!("closest is {point}: undecided is {first}");
            headline(format!("NONE IS KNOWN TO KEEP ALL {all}"), Style::Doubt, text)
        }
    }
}

fn cheapest(sweep: &Sweep) -> String {
    let costs =
        sweep.points.iter().filter(|entry| entry.found().is_some()).filter_map(|entry| Some((entry, entry.cost()?)));
    match costs.min_by(|a, b| a.1.total_cmp(&b.1)) {
        Some((entry, cost)) => {
            format!("the cheapest is point {}: {} a month", entry.tried.point.number, number::dollars(cost))
        }
        None => "no prices".to_owned(),
    }
}

/// Returns the answer as a test case.
pub fn suite(sweep: &Sweep) -> TestSuite {
    let headline = headline(sweep);
    let message = format!("{}: {}", headline.word, headline.text);
    let status = match sweep.exit_code() {
        ExitCode::Fine => TestCaseStatus::success(),
        ExitCode::Breached => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_type("breached");
            status
        }
        _ => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(message);
            status
        }
    };
    let mut case = TestCase::new("some point keeps every expectation", status);
    case.set_classname(sweep.space.name.as_str());
    let mut suite = TestSuite::new(sweep.space.name.as_str());
    suite.add_test_case(case);
    suite
}

/// Returns what was swept, in a line.
pub fn header(sweep: &Sweep) -> String {
    let simulated = sweep.count(|state| matches!(state, State::Done(_)));
    let pruned = sweep.count(|state| matches!(state, State::Pruned(_)));
    let (run, files) = (&sweep.space.scenarios[0].run, sweep.space.scenarios.len());
    let length = seconds(run.horizon);
    let years = length / (365.0 * 86_400.0);
    let length = match run.level {
        Level::Incident if years >= 1.0 => number::of((years * 100.0).round() / 100.0, "year"),
        _ => number::span(length),
    };
    let customers: u64 = sweep.space.scenarios[0].tiers.iter().map(|tier| u64::from(tier.customers)).sum();
    let different =
        if sweep.simulated < simulated * files { format!(" as {} different", sweep.simulated) } else { String::new() };
    [
        sweep.space.name.clone(),
        number::of(customers as f64, "customer"),
        number::of(sweep.space.levers.len() as f64, "lever"),
        format!(
            "{}: {simulated} simulated{different}, {pruned} pruned",
            number::of(sweep.points.len() as f64, "point")
        ),
        format!("{} of {length} each", number::of(f64::from(sweep.replications), "replication")),
    ]
    .join(" · ")
}

/// Returns the sections: points, levers.
pub fn sections(sweep: &Sweep) -> Vec<Section> {
    vec![points(sweep), levers(sweep)]
}

/// Returns the text for a terminal, without its last line.
pub fn render(sweep: &Sweep, colour: bool, terminal: bool) -> String {
    let mut lines = vec![headline(sweep).line(sweep, colour), String::new()];
    lines.extend(wrap(&header(sweep), WIDTH));
    for section in sections(sweep).iter().filter(|section| !section.is_empty()) {
        lines.push(String::new());
        lines.extend(section.lines(WIDTH, colour, terminal));
    }
    lines.join("\n") + "\n"
}

/// The points that are shown: the cheapest that keep everything, then the cheapest of each that breaks something else.
fn shown(sweep: &Sweep) -> Vec<(usize, Judgements)> {
    let done = sweep.points.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.judgements()?)));
    let mut done: Vec<(usize, Judgements)> = done.collect();
    let cost = |at: usize| sweep.points[at].cost().unwrap_or(f64::INFINITY);
    done.sort_by(|a, b| cost(a.0).total_cmp(&cost(b.0)));
    let (fine, others): (Vec<_>, Vec<_>) =
        done.into_iter().partition(|(_, judged)| judged.is_fine() || judged.all() == 0);
    let mut shown: Vec<(usize, Judgements)> = fine.into_iter().take(FINE).collect();
    let mut broken: Vec<(String, Judgement)> = Vec::new();
    for (at, judged) in others {
        let Some(first) = &judged.first else { continue };
        let kind = (first.id.clone(), first.judgement());
        if !broken.contains(&kind) {
            broken.push(kind);
            shown.push((at, judged));
        }
    }
    shown
}

fn points(sweep: &Sweep) -> Section {
    let shown = shown(sweep);
    let has_credits = shown
        .iter()
        .any(|(at, judged)| judged.total.as_ref().and_then(|total| total.value) != sweep.points[*at].cost());
    let has_cost = shown.iter().any(|(at, _)| sweep.points[*at].cost().is_some());
    let measures: Vec<&Measure> = looked_at(sweep);
    let mut columns = vec![("point".to_owned(), Align::Right)];
    columns.extend(sweep.space.levers.iter().map(|lever| (lever.name.clone(), Align::Right)));
    columns.push(("cells".to_owned(), Align::Right));
    columns.extend(has_cost.then(|| ("per month".to_owned(), Align::Right)));
    columns.extend(has_credits.then(|| ("total*".to_owned(), Align::Right)));
    columns.extend(measures.iter().map(|measure| (measure.what.clone(), Align::Right)));
    columns.push(("verdict".to_owned(), Align::Left));
    let columns: Vec<(&str, Align)> = columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
    let (mut table, tables) = (Table::new(&columns), Tables::of(&sweep.points));
    for (at, judged) in &shown {
        let entry = &sweep.points[*at];
        let mut cells: Vec<Cell> = vec![entry.tried.point.number.to_string().into()];
        let pairs = sweep.space.levers.iter().zip(&entry.tried.point.choices);
        cells.extend(pairs.map(|(lever, choice)| Cell::from(value(lever.shown(*choice)))));
        cells.push(entry.tried.known.as_ref().map_or_else(String::new, |known| number::whole(known.cells)).into());
        let money = |cost: Option<f64>| cost.map_or_else(|| "-".to_owned(), number::dollars);
        cells.extend(has_cost.then(|| money(entry.cost()).into()));
        cells.extend(has_credits.then(|| judged.total.as_ref().map_or_else(|| "-".to_owned(), total).into()));
        cells.extend(measures.iter().map(|measure| number_of(tables.estimate(*at, measure), measure).into()));
        cells.push(outcome(judged));
        table.row(cells);
    }
    let mut section = Section::new(
        "1 WHAT DOES EACH POINT COST AND KEEP?",
        format!("the {FINE} cheapest that keep everything, then the cheapest of each that breaks; all in points.csv"),
    );
    section.table = Some(table);
    if has_credits {
        section.note("*", "platform and credits");
    }
    if let (Some(winner), Some(again)) = (sweep.winner, &sweep.again) {
        let number = sweep.points[winner].tried.point.number;
        let total = again
            .total
            .as_ref()
            .filter(|_| has_credits)
            .map_or_else(String::new, |one| format!(", total {}", total(one)));
        section.note(
            "",
            format!(
                "Chosen among many: on {} that took no part in the choice point {number} keeps {} of {}{total}.",
                number::of(f64::from(sweep.replications), "other run"),
                again.counts[0],
                again.all(),
            ),
        );
    }
    let pruned: Vec<(&Entry, &String)> = sweep
        .points
        .iter()
        .filter_map(|entry| match &entry.state {
            State::Pruned(why) => Some((entry, why)),
            State::Done(_) | State::Left => None,
        })
        .collect();
    for (entry, why) in pruned.iter().take(PRUNED) {
        section.note(
            "pruned",
            format!("point {} ({}): {why}", entry.tried.point.number, sweep.space.describe(&entry.tried.point)),
        );
    }
    if pruned.len() > PRUNED {
        section.note("pruned", format!("and {} more (points.csv)", pruned.len() - PRUNED));
    }
    for remark in &sweep.remarks {
        section.note("note", remark.clone());
    }
    section
}

/// The measures that tables show: those that are judged, then those that were asked for.
fn looked_at(sweep: &Sweep) -> Vec<&Measure> {
    let (asked, judged): (Vec<&Measure>, Vec<&Measure>) = sweep.measures.iter().partition(|one| one.limit.is_none());
    let room = MEASURES.saturating_sub(asked.len()).max(1);
    judged.into_iter().take(room).chain(asked).collect()
}

fn value(text: &str) -> String {
    text.parse::<u64>().map_or_else(|_| text.to_owned(), number::whole)
}

fn total(estimate: &Estimate) -> String {
    let text = estimate::unleveled().large(estimate);
    if text.starts_with(|letter: char| letter.is_ascii_digit()) { format!("${text}") } else { text }
}

fn number_of(estimate: Option<Estimate>, measure: &Measure) -> String {
    estimate.map_or_else(|| "not measured".to_owned(), |one| estimate::unleveled().with_unit(&one, measure.unit()))
}

fn outcome(judged: &Judgements) -> Cell {
    let first = judged.first.as_ref().map_or("", |one| one.what.as_str());
    match judged {
        judged if judged.all() == 0 => "-".into(),
        judged if judged.is_fine() => Cell::styled(format!("kept {}", judged.all()), Style::Good),
        judged if judged.counts[1] > 0 => Cell::styled(format!("BREACHED {first}"), Style::Bad),
        judged if judged.counts[2] > 0 => Cell::styled(format!("UNDECIDED {first}"), Style::Doubt),
        _ => Cell::styled(format!("NOT MEASURED {first}"), Style::Doubt),
    }
}

fn levers(sweep: &Sweep) -> Section {
    let mut section = Section::new("2 WHICH LEVER MOVES WHAT?", "");
    let Some(reference) = sweep.reference else { return section };
    let number = sweep.points[reference].tried.point.number;
    section.aside = format!("first to last value of the lever, the others as in point {number}; not paired");
    let measures = looked_at(sweep);
    let has_cost = sweep.points.iter().any(|entry| entry.cost().is_some());
    let mut columns = vec![("lever", Align::Left), ("values", Align::Left)];
    columns.extend(has_cost.then_some(("per month", Align::Left)));
    columns.extend(measures.iter().map(|measure| (measure.what.as_str(), Align::Left)));
    let (mut table, tables) = (Table::new(&columns), Tables::of(&sweep.points));
    for (index, lever) in sweep.space.levers.iter().enumerate() {
        let row = effects::row(&sweep.points, reference, index);
        let (Some(first), Some(last)) = (row.first(), row.last().filter(|_| row.len() > 1)) else {
            section.note("", format!("{}: no two points differ in it alone", lever.name));
            continue;
        };
        let mut cells: Vec<Cell> = vec![lever.name.as_str().into()];
        cells.push(format!("{} to {}", value(lever.shown(first.0)), value(lever.shown(last.0))).into());
        if has_cost {
            cells.push(match (sweep.points[first.1].cost(), sweep.points[last.1].cost()) {
                (Some(one), Some(other)) if one == other => Cell::styled("the same", Style::Faint),
                (Some(one), Some(other)) => format!("{} to {}", number::dollars(one), number::dollars(other)).into(),
                _ => "-".into(),
            });
        }
        for measure in &measures {
            let ends = effects::ends(&tables, (&sweep.points, reference), index, measure);
            let change = ends.map_or(Change::NotMeasured, |(_, _, change)| change);
            let plain = |at: usize| {
                let one = tables.estimate(at, measure)?;
                let text = |value| estimate::quantity(value, measure.unit());
                Some(one.value.map_or_else(|| estimate::unleveled().with_unit(&one, measure.unit()), text))
            };
            cells.push(match (change.is_seen(), plain(first.1), plain(last.1)) {
                (true, Some(one), Some(other)) => format!("{one} to {other}").into(),
                _ => Cell::styled(change.text(), Style::Faint),
            });
        }
        table.row(cells);
    }
    section.table = Some(table);
    for (measure, base, moves) in &sweep.trials.found {
        let limit = measure.limit.as_ref().map_or_else(String::new, |(_, limit)| format!(", {limit}"));
        let now = estimate::unleveled().with_unit(base, measure.unit());
        let told: Vec<String> = moves
            .iter()
            .map(|(what, estimate)| format!("{what} {}", number_of(Some(estimate.clone()), measure)))
            .collect();
        let moved = sweep.is_moved(measure);
        let begin = if moved { "No point here keeps" } else { "No lever here is seen to move" };
        let end = if told.is_empty() {
            "Nothing that was tried is seen to move it: every time of a fault and every cell size, halved and doubled."
                .to_owned()
        } else {
            format!("What does: {}", told.join(" · "))
        };
        section.note("", format!("{begin} {} ({now}{limit}). {end}", measure.what));
    }
    if let Some(why) = &sweep.trials.why_none {
        section.note("", why.clone());
    }
    section
}
