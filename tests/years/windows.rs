//! Windows of contracts: of days, months, quarters, rolling ones, unlike ones together; their limits never contradict each other.

use cellsim::engine::stats::Estimate;
use cellsim::experiment::outcome::Outcome;

use crate::support::{Of, row, run_with};
use crate::years;

/// Cells of 20 customers, each out for ten hours about once in so many days; both of two tiers have a half of them.
fn outages(cells: u32, days: u32) -> String {
    let customers = 20 * cells;
    let tier = |name: &str| format!("[tier.{name}]\ncustomers = {customers}\ncells = {cells}\nsla = \"99.9%\"\n");
    format!(
        "{}{}[workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\nprice = \"$1/request\"\n\
         stage.s = {{ service_time = \"10ms\", size = {{ utilization = \"10%\" }} }}\n\
         [fault.outage]\neach = \"cell\"\neffect = \"crash\"\nmtbf = \"{days}d\"\nmttr = \"10h\"\n\
         [run]\nlevel = \"incident\"\nhorizon = \"1 year\"\nreplications = 40\n",
        tier("t"),
        tier("u")
    )
}

/// The share of windows of so many days that outages of ten hours take, of a cell that is up for so many days in the mean.
///
/// One is kept if the cell is up at its beginning and stays so, but for the minutes that are allowed at either end.
fn lost(window: f64, up: f64) -> f64 {
    let allowed = (0.001 * window * 1440.0).floor() / 1440.0;
    1.0 - up / (up + 10.0 / 24.0) * f64::exp(-(window - 2.0 * allowed) / up)
}

fn mean(windows: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    windows.iter().map(|&window| of(window)).sum::<f64>() / windows.len() as f64
}

#[track_caller]
fn holds(what: &str, estimate: &Estimate, truth: f64, slack: f64) {
    let (low, high) = (estimate.low.expect("a limit"), estimate.high.expect("a limit"));
    assert!(low - slack <= truth && truth <= high + slack, "{what}: {truth} is not in {estimate:?}");
    let near = |value: f64| (value - truth).abs() < 0.2 * truth + 3.0 * slack;
    assert!(estimate.value.is_some_and(near), "{what}: {truth}: {estimate:?}");
}

fn of(tier: &str) -> Of<'_> {
    Of { tier, ..Of::default() }
}

#[test]
fn every_kind_of_window_keeps_what_theory_says() {
    let (cells, up, mut told) = (4_i32, 60.0, 0);
    let months = [31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0];
    let kinds: [(&str, &[f64]); 6] = [
        ("7d", &[7.0]),
        ("30d", &[30.0]),
        ("{ rolling = \"7d\" }", &[7.0]),
        ("{ rolling = \"30d\" }", &[30.0]),
        ("month", &months),
        ("quarter", &[90.0, 91.0, 92.0, 92.0]),
    ];
    for (kind, windows) in kinds {
        let calendar = if windows.len() > 1 { "run.starts_on=2026-01-01" } else { "run.seed=4" };
        let sets = [&format!("contract.window={kind}"), calendar, "run.confidence=99.9%"];
        let results = run_with(&outages(cells as u32, 60), &sets);
        for tier in ["t", "u"] {
            let number = |metric: &str| row(&results, metric, "mean", of(tier));
            let kept = |window: f64| 1.0 - lost(window, up);
            holds(kind, number("sla_attainment"), mean(windows, kept), 0.002);
            holds(kind, number("sla_attainment_of_all"), mean(windows, |window| kept(window).powi(cells)), 0.002);
            // Each outage takes its ten hours and parts of two minutes.
            let bad = mean(windows, |window| window / (up + 10.0 / 24.0) * 600.9);
            holds(kind, number("bad_minutes"), bad, 1e-4 * bad);
            holds(kind, number("availability"), 1.0 - bad / 1440.0 / mean(windows, |window| window), 1e-6);
        }
        // Single histories, counted by their windows: what luck took beyond all that strikes can take in the mean is not told.
        for seed in ["run.seed=1", "run.seed=2", "run.seed=3"] {
            // The strip shows the first windows of many.
            let long = if kind.contains("rolling") { "run.horizon=120d" } else { "run.horizon=1 year" };
            let one = run_with(&outages(cells as u32, 60), &[sets[0], calendar, "run.replications=1", seed, long]);
            for (tier, strip) in ["t", "u"].iter().zip(&years(&one).strip) {
                let shares = |share: &dyn Fn(f64) -> f64| {
                    strip.iter().map(|&lost| share(lost)).sum::<f64>() / strip.len() as f64
                };
                let by_all = |window: f64| 1.0 - (1.0 - lost(window, up)).powi(cells);
                for (metric, counted, in_reach) in [
                    ("sla_attainment", shares(&|lost| lost), mean(windows, |window| lost(window, up))),
                    ("sla_attainment_of_all", shares(&|lost| f64::from(u8::from(lost > 1e-9))), mean(windows, by_all)),
                ] {
                    let found = 1.0 - row(&one, metric, "mean", of(tier)).value.expect("measured");
                    let is_told = (found - counted).abs() < 1e-6;
                    let is_cut = found < counted && found > 0.98 * in_reach;
                    assert!(is_told || is_cut, "{kind}, {metric}: {counted}, {found}");
                    told += u32::from(is_told);
                }
            }
        }
    }
    assert!(told > 8, "{told} of 72");
}

#[test]
fn credits_of_unlike_windows_are_summed() {
    let text = outages(4, 60);
    let credits = "contract.credits=[{ below = \"target\", share = \"10%\" }]";
    let unlike = ["tier.t.contract.window=7d", "tier.u.contract.window=30d", credits, "run.confidence=99%"];
    let results = run_with(&text, &unlike);
    // 80 customers with 20 requests a minute at a dollar, for a year: a tenth of it is due for every window that is lost.
    let fees = 0.1 * 80.0 * 20.0 * 1440.0 * 365.0;
    let by_tier = |tier: &str| row(&results, "credits", "mean", of(tier)).scaled(365.0 / 30.0);
    let (short, long) = (by_tier("t"), by_tier("u"));
    holds("windows of 7 days", &short, fees * lost(7.0, 60.0), 0.003 * fees);
    holds("windows of 30 days", &long, fees * lost(30.0, 60.0), 0.003 * fees);
    let sum = years(&results).credits.clone().expect("credits are promised");
    holds("both", &sum, fees * (lost(7.0, 60.0) + lost(30.0, 60.0)), 0.003 * fees);
    let close = |found: Option<f64>, sum: f64| (found.expect("a number") / sum - 1.0).abs() < 1e-9;
    assert!(close(sum.value, short.value.expect("a number") + long.value.expect("a number")), "{sum:?}");
    // Limits of both hold at once: those of the sum lie no nearer to it.
    assert!(sum.low.expect("a limit") <= short.low.expect("a limit") + long.low.expect("a limit"), "{sum:?}");
    assert!(sum.high.expect("a limit") >= short.high.expect("a limit") + long.high.expect("a limit"), "{sum:?}");
    // Tiers of the same windows are one sum of their own.
    let alike = run_with(&text, &["contract.window=7d", credits, "run.confidence=99%"]);
    let sum = years(&alike).credits.clone().expect("credits are promised");
    holds("alike", &sum, 2.0 * fees * lost(7.0, 60.0), 0.003 * fees);
}

/// No limits contradict each other.
#[track_caller]
fn coherent(what: &str, results: &Outcome) {
    for tier in ["t", "u"] {
        for workflow in ["", "w", "v"] {
            let number = |metric: &str, statistic: &str| row(results, metric, statistic, Of { workflow, ..of(tier) });
            let (kept, all) = (number("sla_attainment", "mean"), number("sla_attainment_of_all", "mean"));
            let rises = |one: Option<f64>, other: Option<f64>| one.zip(other).is_none_or(|(one, other)| one <= other);
            assert!(rises(all.value, kept.value), "{what}: {kept:?} {all:?}");
            assert!(rises(all.low, kept.low) && rises(all.high, kept.high), "{what}: {kept:?} {all:?}");
            for metric in ["sla_attainment", "sla_attainment_of_all", "bad_minutes", "availability"] {
                let found = number(metric, "mean");
                assert!(rises(found.low, found.value) && rises(found.value, found.high), "{what}, {metric}: {found:?}");
                let greatest = if metric == "bad_minutes" { f64::INFINITY } else { 1.0 };
                assert!(found.low.is_none_or(|low| low >= 0.0) && rises(found.high, Some(greatest)), "{found:?}");
            }
            // Bad minutes and availability say the same.
            let (bad, available) = (number("bad_minutes", "mean"), number("availability", "mean"));
            let same = |bad: Option<f64>, good: Option<f64>, length: f64| {
                bad.zip(good).is_none_or(|(bad, good)| (1.0 - bad / length - good).abs() < 1e-9)
            };
            let length = bad.value.zip(available.value).map_or(1.0, |(bad, good)| bad / (1.0 - good));
            let ends = same(bad.low, available.high, length) && same(bad.high, available.low, length);
            assert!(ends || bad.value == Some(0.0), "{what}: {bad:?} {available:?}");
            let (p95, worst) = (number("bad_minutes", "p95"), number("bad_minutes", "worst"));
            assert!(rises(p95.value, worst.high), "{what}: {p95:?} {worst:?}");
        }
    }
}

#[test]
fn limits_are_coherent_whatever_the_windows() {
    let text = outages(3, 90).replace(
        "[fault.outage]",
        "[workflow.v]\ndemand = \"2/min\"\nclient.deadline = \"1s\"\nprice = \"$1/request\"\n\
         stage.s = { service_time = \"10ms\", size = { utilization = \"10%\" } }\n[fault.outage]",
    );
    for kind in ["7d", "90d", "{ rolling = \"7d\" }", "{ rolling = \"28d\" }", "month", "quarter"] {
        for (seed, replications) in [(1, 2), (2, 3), (3, 3), (4, 5), (5, 12)] {
            let sets = [
                format!("contract.window={kind}"),
                format!("run.seed={seed}"),
                format!("run.replications={replications}"),
                "run.starts_on=2026-01-01".to_owned(),
            ];
            let results = run_with(&text, &sets.each_ref().map(String::as_str));
            coherent(&format!("{kind}, {seed}"), &results);
        }
    }
}

#[test]
fn what_a_release_in_waves_exposes() {
    // 50 cells of 20. Onset; after an hour each, a fifth of them and all. Caught in a wave it is found after 10 minutes, and gone
    // after 10 more; caught in the first, the second or the last with a half, a quarter, a quarter.
    let text = "[tier.t]\ncustomers = 1000\ncells = 50\nsla = \"99.9%\"\n\
         [workflow.w]\ndemand = \"20/min\"\nclient.deadline = \"1s\"\n\
         stage.s = { service_time = \"10ms\", size = { utilization = \"10%\" } }\n\
         [fault.release]\neffect = { errors = \"90%\" }\nmtbf = \"30d\"\nmttr = \"10min\"\n\
         waves = { sizes = [\"1 cell\", \"20%\", \"100%\"], bake = \"1h\", after = \"10min\", caught = \"50%\" }\n\
         [run]\nlevel = \"incident\"\nhorizon = \"4 years\"\nreplications = 10\nconfidence = \"99%\"\n";
    let results = run_with(text, &[]);
    let number = |metric: &str, statistic: &str, unit| {
        row(&results, metric, statistic, Of { fault: "release", unit: Some(unit), ..Of::default() })
    };
    // (customers, minutes that the first cell, the others of the fifth and the rest have of it), and how often.
    let ways = [(0.5, 20.0, [20.0, 0.0, 0.0]), (0.25, 200.0, [80.0, 20.0, 0.0]), (0.25, 1000.0, [140.0, 80.0, 20.0])];
    let people: f64 = ways.iter().map(|(often, people, _)| often * people).sum();
    // An exact count of who is exposed, and of what is harmed: all of them, for all of their minutes and parts of two.
    let exposed = number("exposed", "mean", "customers");
    holds("exposed", exposed, people, 0.0);
    assert!((exposed.value.expect("known") / people - 1.0).abs() < 0.02, "{exposed:?}");
    holds("harmed", number("blast_radius", "mean", "customers"), people, 0.0);
    assert_eq!(number("exposed", "worst", "customers").value, Some(1000.0));
    let minutes = |lasts: f64| if lasts > 0.0 { lasts + 0.9 } else { 0.0 };
    let each: f64 = ways
        .iter()
        .map(|(often, _, [first, fifth, rest])| {
            often * (20.0 * minutes(*first) + 180.0 * minutes(*fifth) + 800.0 * minutes(*rest))
        })
        .sum();
    let found = number("customer_minutes", "mean", "min");
    holds("minutes", found, each, 0.003 * each);
    // No more than all that it touches.
    let most: f64 = ways
        .iter()
        .map(|(often, people, [first, fifth, rest])| often * (20.0 * first + 180.0 * fifth + 800.0 * rest + people))
        .sum();
    assert!(found.high.expect("a limit") < 1.05 * most, "{most}: {found:?}");
}
