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
    let windows = years.strip.iter().map(Vec::len).max().unwrap_or(0);
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
    for (row, tier) in tiers.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        scene.text(LEFT - 12.0, top + 26.0, &tier.tier, Face::new(LABEL).bold().ink(TEXT).right());
        let sold = format!("sold {}", number::sold(tier.sla));
        scene.text(LEFT - 12.0, top + 46.0, &sold, Face::new(SMALL).ink(MUTED).right());
        let kept = tier.kept.value.map_or_else(|| "not measured".to_owned(), percent);
        scene.text(RIGHT + 10.0, top + 36.0, &kept, Face::new(LABEL).bold().ink(TEXT));
        let strip = years.strip.get(row).map_or(&[][..], Vec::as_slice);
        let width = (RIGHT - LEFT) / strip.len().max(1) as f64;
        for (index, &lost) in strip.iter().enumerate() {
            let ink = match lost {
                lost if lost < 5e-4 => GREEN.faint(0.35),
                // A single cell's customers must be seen beside a platform's.
                lost => RED.faint((0.25 + 0.75 * lost.sqrt()).min(1.0)),
            };
            scene.rect(LEFT + width * index as f64, top + 8.0, (width - 1.0).max(0.5), ROW - 16.0, ink);
        }
    }
    scene.line(&[(LEFT, bottom + 4.0), (RIGHT, bottom + 4.0)], 1.0, GRID);
    // Tiers whose windows differ have no years in common.
    let days = tiers[0].days_apart;
    let years = if tiers.iter().all(|tier| tier.days_apart == days) { windows as f64 * days / 365.0 } else { 0.0 };
    for mark in 0..=years as usize {
        let x = LEFT + (RIGHT - LEFT) * mark as f64 / years.max(1e-9);
        scene.text(x, bottom + 24.0, &format!("year {mark}"), Face::new(SMALL).ink(MUTED));
    }
    scene.text(RIGHT + 10.0, TOP - 6.0, "kept, all", Face::new(SMALL).ink(MUTED));
    Some(scene)
}
