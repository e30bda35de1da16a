//! What happens second by second? Requests that came out ok, that failed, retries, faulted cells: each in a panel of its own.

use super::axis::Axis;
use super::ink::{BLUE, Ink, MUTED, PURPLE, RED, TEXT};
use super::scene::{Face, Scene};
use super::series::{self, Bin, Labels};
use super::style::{self, HEIGHT, MARGIN, SMALL, WIDTH};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::curves::TimelineRow;
use crate::number;

const LEFT: f64 = MARGIN + 54.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 108.0;
const BOTTOM: f64 = HEIGHT - 58.0;
/// Room for a panel's title.
const TITLE: f64 = 30.0;
/// Heights of the panels, as shares of what the titles leave.
const SHARES: [f64; 4] = [0.34, 0.26, 0.24, 0.16];
/// More bins than this are not told apart.
const BINS: usize = 1000;

type Pick = fn(&TimelineRow) -> Option<[f64; 3]>;

/// Draws the chart; `None` without a timeline.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let requests = results.requests()?;
    let rows = &requests.timeline;
    let row = series::row_seconds(rows);
    let (first, last) = (rows.first()?.second, rows.last()?.second + row);
    let size = series::bin_rows(rows.len(), BINS);
    let means = (row * size as f64 > 1.0).then(|| number::span(row * size as f64));
    let x = Axis::linear(first, last, LEFT, RIGHT);
    let spans = series::spans(&requests.faults, first, last);
    let labels = Labels::place(&x, &spans, LEFT, RIGHT);

    let bins = |pick: Pick| series::bins(rows, size, series::mean, pick);
    let ok = bins(|row| Some(row.ok));
    let failed = bins(|row| Some(row.failed));
    let retries = bins(|row| Some(row.retries));
    let question = "What happens second by second?";
    let mut scene = style::frame(HEIGHT, &answer(&failed, &ok, &spans), question, &rests_on(results, means.as_deref()));
    let faulted = series::bins(rows, size, series::most, |row| Some(row.faulted_cells));
    let top = TOP + labels.height();
    let height = BOTTOM - top - SHARES.len() as f64 * TITLE;
    let mut upper = top;
    let panels = SHARES.map(|share| {
        let panel = (upper + TITLE, upper + TITLE + share * height);
        upper = panel.1;
        panel
    });
    labels.draw(&mut scene, &x, &spans, &panels);
    let cells = match &means {
        None => "Cells under a fault".to_owned(),
        Some(span) => format!("Cells under a fault, most within {span}"),
    };
    let drawn = [
        ("Requests that came out ok, per second", &ok, BLUE),
        ("Requests that failed, per second", &failed, RED),
        ("Retries, per second", &retries, PURPLE),
        (cells.as_str(), &faulted, TEXT),
    ];
    for (index, ((name, bins, ink), place)) in drawn.into_iter().zip(panels).enumerate() {
        // The first title stands above the faults' names, so that these touch what they name.
        let base = if index == 0 { TOP + 12.0 } else { place.0 - 10.0 };
        panel(&mut scene, &x, place, (name, base), bins, ink);
    }
    series::time_axis(&mut scene, &x, first, last, BOTTOM);
    Some(scene)
}

/// When most requests fail, and how many.
fn answer(failed: &[Bin], ok: &[Bin], spans: &[series::Span<'_>]) -> String {
    let Some(&(time, [_, most, _])) = failed.iter().reduce(|a, b| if b.1[1] > a.1[1] { b } else { a }) else {
        return "Nothing was measured".to_owned();
    };
    if most <= 0.0 {
        return "No request fails in most replications".to_owned();
    }
    let ok = ok.iter().find(|(at, _)| *at == time).map_or(0.0, |(_, values)| values[1]);
    let under: Vec<&str> =
        spans.iter().filter(|(_, start, end)| (*start..=end + 1.0).contains(&time)).map(|(name, ..)| *name).collect();
    let under = if under.is_empty() { String::new() } else { format!(", under {}", under.join(" and ")) };
    let share = number::percent(most / (most + ok));
    format!(
        "At most {} requests fail a second ({share}), at {}{under}",
        number::count(most),
        number::clock(time.floor())
    )
}

fn rests_on(results: &Outcome, means: Option<&str>) -> String {
    let runs = match results.replications_done {
        0 | 1 => "1 replication".to_owned(),
        runs => format!("median of {}, band from 10 to 90 %", number::of(f64::from(runs), "replication")),
    };
    let means = means.map_or_else(String::new, |span| format!(" · means of {span}"));
    format!("{runs}{means} · requests count where they arrive · faults shaded · {}", results.title)
}

/// One panel: its title in the colour of its line, its axis, its line.
fn panel(scene: &mut Scene, x: &Axis, (top, bottom): (f64, f64), (title, base): (&str, f64), bins: &[Bin], ink: Ink) {
    let most = series::greatest(bins);
    let y = Axis::up_to(most, bottom, top);
    let wanted = if most > 0.0 { ((bottom - top) / 34.0).clamp(1.0, 5.0) } else { 1.0 };
    y.draw_left(scene, LEFT, RIGHT, wanted, number::tick);
    scene.text(LEFT, base, title, Face::new(SMALL).bold().ink(ink));
    if most <= 0.0 {
        let none = Face::new(SMALL).ink(MUTED).middle();
        scene.text(f64::midpoint(LEFT, RIGHT), f64::midpoint(top, bottom) + 4.5, "none", none);
    }
    series::draw(scene, x, &y, bins, ink);
}
