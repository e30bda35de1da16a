//! Which months broke the promise? The share of customers that lost each contract month of one history.

use super::numbers::percent;
use super::scene::{Face, Scene};
use super::style::{self, GREEN, GRID, LABEL, MARGIN, MUTED, RED, SMALL, TEXT, WIDTH};
use crate::experiment::results::Results;
use crate::report::number;

const LEFT: f64 = MARGIN + 200.0;
const RIGHT: f64 = WIDTH - MARGIN - 90.0;
const TOP: f64 = 120.0;
const ROW: f64 = 70.0;

/// Draws the chart; `None` where no window is whole.
pub fn scene(results: &Results) -> Option<Scene> {
    let years = results.years.as_ref()?;
    let windows = years.strip.len();
    let tiers: Vec<_> = years.tiers.iter().filter(|tier| tier.workflow == "all").collect();
    if windows == 0 || tiers.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * tiers.len() as f64;
    let subtitle = format!(
        "First history, {windows} contract months; the redder, the more customers lost theirs · {}",
        results.title
    );
    let mut scene = style::frame(bottom + 70.0, "Which months broke the promise?", &subtitle);
    let width = (RIGHT - LEFT) / windows as f64;
    for (row, tier) in tiers.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        scene.text(LEFT - 12.0, top + 26.0, &tier.tier, Face::new(LABEL).bold().ink(TEXT).right());
        let sold = format!("sold {}", number::sold(tier.sla));
        scene.text(LEFT - 12.0, top + 46.0, &sold, Face::new(SMALL).ink(MUTED).right());
        let kept = tier.kept.value.map_or_else(|| "not measured".to_owned(), percent);
        scene.text(RIGHT + 10.0, top + 36.0, &kept, Face::new(LABEL).bold().ink(TEXT));
        for (index, lost) in years.strip.iter().enumerate() {
            let Some(&lost) = lost.get(row) else { continue };
            let ink = match lost {
                lost if lost < 5e-4 => GREEN.faint(0.35),
                // A single cell's customers must be seen beside a platform's.
                lost => RED.faint((0.25 + 0.75 * lost.sqrt()).min(1.0)),
            };
            scene.rect(LEFT + width * index as f64, top + 8.0, (width - 1.0).max(0.5), ROW - 16.0, ink);
        }
    }
    scene.line(&[(LEFT, bottom + 4.0), (RIGHT, bottom + 4.0)], 1.0, GRID);
    let year = 365.0 / 30.0;
    for mark in 0..=(windows as f64 / year) as usize {
        let x = LEFT + width * year * mark as f64;
        scene.text(x, bottom + 24.0, &format!("year {mark}"), Face::new(SMALL).ink(MUTED));
    }
    scene.text(RIGHT + 10.0, TOP - 6.0, "kept, all", Face::new(SMALL).ink(MUTED));
    Some(scene)
}
