//! How much of the month's budget is burnt? Bad minutes of a customer's contract month against what is allowed.

use super::axis::Axis;
use super::numbers::plain;
use super::scene::{Face, Scene};
use super::style::{self, BLUE, EDGE, LABEL, MARGIN, MUTED, Mark, RED, SMALL, TEXT, WIDTH};
use crate::experiment::results::Results;
use crate::report::number;

const LEFT: f64 = MARGIN + 240.0;
const RIGHT: f64 = WIDTH - MARGIN - 40.0;
const TOP: f64 = 150.0;
const ROW: f64 = 44.0;

/// Draws the chart; `None` where no window is whole.
pub fn scene(results: &Results) -> Option<Scene> {
    let years = results.years.as_ref()?;
    let rows: Vec<_> = years.tiers.iter().filter(|tier| tier.bad_minutes_p95.value.is_some()).collect();
    if rows.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * rows.len() as f64;
    let subtitle = format!(
        "Bad minutes of a customer's contract month over those that its month allows · {} years · {}",
        number::significant(years.years, 3),
        results.title
    );
    let mut scene = style::frame(bottom + 80.0, "How much of the month's budget is burnt?", &subtitle);
    let values: Vec<f64> = rows.iter().flat_map(|tier| tier.used).chain([1.0]).collect();
    let x = Axis::log_from_zero(&values, 0.01, LEFT, RIGHT);
    let named = |value: f64| if value == 0.0 { "0".to_owned() } else { format!("{} x", plain(value)) };
    x.draw_below(&mut scene, TOP, bottom, 6.0, named);
    scene.line(&[(x.at(1.0), TOP), (x.at(1.0), bottom)], 2.0, RED);
    scene.text(x.at(1.0), TOP - 8.0, "all that is allowed", Face::new(SMALL).bold().ink(RED).middle());
    for (row, tier) in rows.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        let name =
            if tier.workflow == "all" { tier.tier.clone() } else { format!("{} / {}", tier.tier, tier.workflow) };
        let face = Face::new(LABEL).ink(TEXT).right();
        scene.text(LEFT - 14.0, y + 5.0, &name, if tier.workflow == "all" { face.bold() } else { face });
        let [mean, p95, worst] = tier.used.map(|share| x.at(share));
        scene.line(&[(mean, y), (worst, y)], 1.5, EDGE);
        Mark::Dot.draw(&mut scene, mean, y, BLUE);
        Mark::Tick.draw(&mut scene, p95, y, BLUE);
        Mark::Ring.draw(&mut scene, worst, y, MUTED);
    }
    let keys =
        [(Mark::Dot, BLUE, "mean"), (Mark::Tick, BLUE, "95 % of months"), (Mark::Ring, MUTED, "worst month seen")];
    style::key(&mut scene, MARGIN, 116.0, &keys);
    Some(scene)
}
