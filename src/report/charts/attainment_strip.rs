//! Which months broke the promise? The share of customers that lost each contract month of one history.

use super::font;
use super::ink::{GRID, Ink, MUTED, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic, Unit};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::years::TierYears;
use crate::number::{self, percent};
use crate::report::estimate;
use crate::report::period;

const LEFT: f64 = MARGIN + 200.0;
const RIGHT: f64 = WIDTH - MARGIN - 216.0;
const TOP: f64 = 150.0;
const ROW: f64 = 70.0;

/// Draws the chart; `None` where no window is whole.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let years = results.years()?;
    let windows = years.strip.iter().map(Vec::len).max().unwrap_or(0);
    let tiers: Vec<_> = years.tiers.iter().filter(|tier| tier.workflow.is_none()).collect();
    if windows == 0 || tiers.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * tiers.len() as f64;
    let period = period::of_all(&results.facts);
    let rests_on =
        format!("first replication, {} · {}", number::of(windows as f64, &format!("contract {period}")), results.title);
    let mut scene = style::frame(
        bottom + 70.0,
        &answer(results, &tiers, period),
        &format!("Which {period}s missed the SLA?"),
        &rests_on,
    );
    for (row, tier) in tiers.iter().enumerate() {
        let top = TOP + ROW * row as f64;
        scene.text(LEFT - 12.0, top + 26.0, &tier.tier, Face::new(LABEL).bold().ink(TEXT).right());
        let sold = format!("SLA {}", number::sold(tier.sla));
        scene.text(LEFT - 12.0, top + 46.0, &sold, Face::new(SMALL).ink(MUTED).right());
        let set = limits::of(results, About { tier: &tier.tier, ..About::of(Metric::SlaAttainment, Statistic::Mean) });
        let kept = estimate::at(results.confidence).with_unit(&tier.meets_sla, Unit::Share);
        let room = WIDTH - MARGIN + 12.0 - RIGHT - 10.0;
        let size = [LABEL, SMALL, 12.0, 11.0].into_iter().find(|&size| font::width(&kept, size, true) <= room);
        let kept_at = top + if set.is_empty() { 39.0 } else { 30.0 };
        scene.text(RIGHT + 10.0, kept_at, &kept, Face::new(size.unwrap_or(11.0)).bold().ink(TEXT));
        if let Some(limit) = set.first() {
            scene.text(RIGHT + 10.0, top + 49.0, &limits::text(limit), Face::new(SMALL).bold().ink(limits::ink(limit)));
        }
        let strip = years.strip.get(row).map_or(&[][..], Vec::as_slice);
        let width = (RIGHT - LEFT) / strip.len().max(1) as f64;
        for (index, &lost) in strip.iter().enumerate() {
            let ink = ink(lost);
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
    scene.text(RIGHT + 10.0, TOP - 6.0, "meets SLA, all years", Face::new(SMALL).ink(MUTED));
    let steps =
        STEPS.map(|(lost, ink)| (Mark::Square, ink, if lost == 0.0 { "all kept".to_owned() } else { percent(lost) }));
    let steps: Vec<(Mark, Ink, &str)> = steps.iter().map(|(mark, ink, name)| (*mark, *ink, name.as_str())).collect();
    scene.text(LEFT, 116.0, &format!("customers who lost the {period}:"), Face::new(SMALL).ink(MUTED));
    style::key(&mut scene, LEFT + 200.0, 116.0, &steps);
    Some(scene)
}

/// The tier that meets its SLA least.
fn answer(results: &Outcome, tiers: &[&TierYears], period: &str) -> String {
    let kept = |tier: &TierYears| tier.meets_sla.value.unwrap_or(f64::INFINITY);
    match tiers.iter().reduce(|a, b| if kept(b) < kept(a) { b } else { a }) {
        Some(tier) if kept(tier).is_finite() => format!(
            "{} meets its {} SLA least: in {} of contract {period}s",
            tier.tier,
            number::sold(tier.sla),
            estimate::at(results.confidence).with_unit(&tier.meets_sla, Unit::Share)
        ),
        _ => format!("How many {period}s meet the SLA was not measured"),
    }
}

/// Colours of some shares of customers, from light to dark also without colour; those between are mixed.
const STEPS: [(f64, Ink); 5] = [
    (0.0, Ink::opaque(226, 240, 232)),
    (0.01, Ink::opaque(247, 205, 150)),
    (0.1, Ink::opaque(232, 148, 66)),
    (0.5, Ink::opaque(196, 78, 0)),
    (1.0, Ink::opaque(110, 36, 6)),
];

/// The colour of a share of customers that lost their month: the darker, the more.
fn ink(lost: f64) -> Ink {
    let lost = lost.clamp(0.0, 1.0);
    let next = STEPS.iter().position(|(share, _)| lost <= *share).unwrap_or(STEPS.len() - 1).max(1);
    let ((low, from), (high, to)) = (STEPS[next - 1], STEPS[next]);
    from.mixed(to, (lost - low) / (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_lost_the_darker() {
        let lightness = |lost: f64| {
            let (red, green, blue) = ink(lost).rgb;
            0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue)
        };
        let shares = [0.0, 0.0005, 0.002, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0];
        assert!(shares.is_sorted_by(|a, b| lightness(*a) > lightness(*b)));
        assert_eq!(ink(0.0), STEPS[0].1);
        assert_eq!(ink(1.0), STEPS[4].1);
    }
}
