//! What happens second by second? Requests that came out ok, that failed, retries; faulted cells in a panel of their own.

use super::axis::Axis;
use super::font;
use super::numbers::{count, plain};
use super::scene::{Face, Scene};
use super::series::{self, Bin, Labels};
use super::style::{self, BLUE, HEIGHT, Ink, MARGIN, MUTED, PURPLE, RED, SMALL, TEXT, WIDTH};
use crate::experiment::results::{Results, TimelineRow};
use crate::report::number;

const LEFT: f64 = MARGIN + 54.0;
const RIGHT: f64 = WIDTH - MARGIN;
const TOP: f64 = 108.0;
const BOTTOM: f64 = HEIGHT - 58.0;
/// Room for a panel's title.
const TITLE: f64 = 30.0;
/// Texts in a row keep apart in viewers that replace the font by a wider one.
const SLACK: f64 = 1.06;
/// More bins than this are not told apart.
const BINS: usize = 1000;

type Pick = fn(&TimelineRow) -> Option<[f64; 3]>;

/// Draws the chart; `None` without a time line.
pub fn scene(results: &Results) -> Option<Scene> {
    let rows = &results.timeline;
    let row = series::row_seconds(rows);
    let (first, last) = (rows.first()?.second, rows.last()?.second + row);
    let size = series::bin_rows(rows.len(), BINS);
    let means = (row * size as f64 > 1.0).then(|| number::span(row * size as f64));
    let x = Axis::linear(first, last, LEFT, RIGHT);
    let spans = series::spans(&results.faults, first, last);
    let labels = Labels::place(&x, &spans, LEFT, RIGHT);
    let mut scene = style::frame(HEIGHT, "What happens second by second?", &subtitle(results, means.as_deref()));

    let bins = |pick: Pick| series::bins(rows, size, series::mean, pick);
    let ok = bins(|row| Some(row.ok));
    let failed = bins(|row| Some(row.failed));
    let retries = bins(|row| Some(row.retries));
    let faulted = series::bins(rows, size, series::most, |row| Some(row.faulted_cells));
    let top = TOP + labels.height();
    let height = BOTTOM - top - 3.0 * TITLE;
    let panels = {
        let upper = top + TITLE;
        let middle = upper + 0.36 * height + TITLE;
        let lower = middle + 0.42 * height + TITLE;
        [(upper, middle - TITLE), (middle, lower - TITLE), (lower, BOTTOM)]
    };
    // The first title stands above the faults' names, so that these touch what they name.
    let titles = [TOP + 12.0, panels[1].0 - 10.0, panels[2].0 - 10.0];
    labels.draw(&mut scene, &x, &spans, &panels);
    panel(&mut scene, &x, panels[0], titles[0], "Requests per second that came out", &[(&ok, BLUE, "ok")]);
    let cells = match &means {
        None => "Cells under a fault".to_owned(),
        Some(span) => format!("Cells under a fault, most within {span}"),
    };
    let wrong = [(&failed, RED, "failed requests"), (&retries, PURPLE, "retries")];
    panel(&mut scene, &x, panels[1], titles[1], "Per second:", &wrong);
    panel(&mut scene, &x, panels[2], titles[2], &cells, &[(&faulted, TEXT, "")]);
    series::time_axis(&mut scene, &x, first, last, BOTTOM);
    Some(scene)
}

fn subtitle(results: &Results, means: Option<&str>) -> String {
    let runs = match results.replications_done {
        0 | 1 => "1 run".to_owned(),
        runs => format!("median of {}, band from 10 to 90 %", count(u64::from(runs), "run", "runs")),
    };
    let means = means.map_or_else(String::new, |span| format!(" · means of {span}"));
    format!("{} · {runs}{means} · requests count where they arrive · faults shaded", results.title)
}

/// One panel: its title with the names of its lines in their colours, its axis, its lines.
fn panel(
    scene: &mut Scene,
    x: &Axis,
    (top, bottom): (f64, f64),
    base: f64,
    title: &str,
    lines: &[(&Vec<Bin>, Ink, &str)],
) {
    let most = lines.iter().map(|(bins, _, _)| series::greatest(bins)).fold(0.0, f64::max);
    let y = Axis::up_to(most, bottom, top);
    let wanted = if most > 0.0 { ((bottom - top) / 34.0).clamp(1.0, 5.0) } else { 1.0 };
    y.draw_left(scene, LEFT, RIGHT, wanted, plain);
    scene.text(LEFT, base, title, Face::new(SMALL).ink(MUTED));
    let mut place = LEFT + SLACK * font::width(title, SMALL, false) + 6.0;
    if most <= 0.0 {
        scene.text(
            f64::midpoint(LEFT, RIGHT),
            f64::midpoint(top, bottom) + 4.5,
            "none",
            Face::new(SMALL).ink(MUTED).middle(),
        );
    }
    for (bins, ink, name) in lines {
        series::draw(scene, x, &y, bins, *ink);
        scene.text(place, base, name, Face::new(SMALL).bold().ink(*ink));
        place += SLACK * font::width(name, SMALL, true) + 12.0;
    }
}
