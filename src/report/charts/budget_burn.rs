//! How much of the month's budget is burnt? Bad minutes of a customer's contract month against what is allowed.

use super::axis::Axis;
use super::ink::{BLUE, EDGE, MUTED, RED, TEXT};
use super::limits::{self, About};
use super::scene::{Face, Scene};
use super::style::{self, LABEL, MARGIN, Mark, SMALL, WIDTH};
use crate::catalogue::{Metric, Statistic};
use crate::experiment::outcome::years::TierYears;
use crate::experiment::outcome::{Outcome, Verdict};
use crate::number;
use crate::report::period;
use crate::report::sections::years::allowed;

const LEFT: f64 = MARGIN + 240.0;
const RIGHT: f64 = WIDTH - MARGIN - 150.0;
const TOP: f64 = 150.0;
const ROW: f64 = 44.0;

/// Draws the chart; `None` where no window is whole.
pub fn scene(results: &Outcome) -> Option<Scene> {
    let years = results.years()?;
    let rows: Vec<_> = years.tiers.iter().filter(|tier| tier.bad_minutes_p95.value.is_some()).collect();
    if rows.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * rows.len() as f64;
    let period = period::of_all(&results.facts);
    let rests_on = format!(
        "bad minutes of a contract {period} over those allowed · {} years · {}",
        number::significant(years.years, 3),
        results.title
    );
    let question = format!("How much of the {period}’s error budget is used?");
    let mut scene = style::frame(bottom + 80.0, &answer(&rows, period), &question, &rests_on);
    let set: Vec<Vec<(&Verdict, f64)>> = rows.iter().map(|tier| limits(results, tier)).collect();
    let set_at = set.iter().flatten().map(|(_, share)| *share);
    let values: Vec<f64> = rows.iter().flat_map(|tier| tier.used).chain([1.0]).chain(set_at).collect();
    let x = Axis::log_from_zero(&values, 0.01, LEFT, RIGHT);
    let named = |value: f64| if value == 0.0 { "0".to_owned() } else { format!("{} x", number::tick(value)) };
    x.draw_below(&mut scene, TOP, bottom, 6.0, named);
    scene.line(&[(x.at(1.0), TOP), (x.at(1.0), bottom)], 2.0, RED);
    scene.text(x.at(1.0), TOP - 8.0, "all that is allowed", Face::new(SMALL).bold().ink(RED).middle());
    scene.text(WIDTH - MARGIN, TOP - 8.0, "p95 of allowed, min", Face::new(SMALL).ink(MUTED).right());
    for (row, (tier, set)) in rows.iter().zip(&set).enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        let name = match &tier.workflow {
            None => tier.tier.clone(),
            Some(workflow) => format!("{} / {workflow}", tier.tier),
        };
        let face = Face::new(LABEL).ink(TEXT).right();
        scene.text(LEFT - 14.0, y + 5.0, &name, if tier.workflow.is_none() { face.bold() } else { face });
        let minutes = format!("{} of {}", number::count(tier.bad_minutes_p95.value.unwrap_or(0.0)), allowed(tier));
        scene.text(WIDTH - MARGIN, y + 5.0, &minutes, Face::new(LABEL).ink(TEXT).right());
        for (limit, share) in set {
            limits::stroke(&mut scene, limit, (x.at(*share), y), 0.5 * ROW - 3.0, (LEFT, RIGHT));
        }
        let [mean, p95, worst] = tier.used.map(|share| x.at(share));
        scene.line(&[(mean, y), (worst, y)], 1.5, EDGE);
        Mark::Dot.draw(&mut scene, mean, y, BLUE);
        Mark::Tick.draw(&mut scene, p95, y, BLUE);
        Mark::Ring.draw(&mut scene, worst, y, MUTED);
    }
    let (most, worst) = (format!("95 % of {period}s"), format!("worst {period} seen"));
    let keys = [(Mark::Dot, BLUE, "mean"), (Mark::Tick, BLUE, most.as_str()), (Mark::Ring, MUTED, worst.as_str())];
    style::key(&mut scene, MARGIN, 116.0, &keys);
    Some(scene)
}

/// The tier whose months burn most.
fn answer(rows: &[&TierYears], period: &str) -> String {
    let most = rows.iter().reduce(|a, b| if b.used[1] > a.used[1] { b } else { a });
    let Some(tier) = most.filter(|tier| tier.used[1] > 0.0) else {
        return format!("95 % of {period}s burn nothing of what is allowed");
    };
    let of = tier.workflow.as_ref().map_or_else(String::new, |workflow| format!(", {workflow}"));
    format!(
        "Most: {}{of}; one {period} in 20 burns {} x what is allowed, or more",
        tier.tier,
        number::tick(tier.used[1])
    )
}

/// Limits of the bad minutes of a tier's month, as shares of what is allowed.
fn limits<'a>(results: &'a Outcome, tier: &TierYears) -> Vec<(&'a Verdict, f64)> {
    let workflow = tier.workflow.as_deref().unwrap_or_default();
    let of =
        |metric, statistic| limits::of(results, About { tier: &tier.tier, workflow, ..About::of(metric, statistic) });
    let minutes = [Statistic::Mean, Statistic::P95, Statistic::Worst];
    let minutes = minutes.into_iter().flat_map(|statistic| of(Metric::BadMinutes, statistic));
    let shares = [Statistic::Mean, Statistic::Worst];
    let shares = shares.into_iter().flat_map(|statistic| of(Metric::MonthBudgetUsed, statistic));
    let least = tier.allowed.map(|allowed| allowed[0]);
    let minutes = minutes.filter_map(|limit| Some((limit, limit.limit.value() / least?)));
    minutes.chain(shares.map(|limit| (limit, limit.limit.value()))).collect()
}
