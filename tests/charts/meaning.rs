//! What charts say: the same as the summary, the answer first, limits where they lie, and nothing that was not measured.

use cellsim::catalogue::{Metric, Statistic, Subject, Unit};
use cellsim::engine::stats::{Estimate, State};
use cellsim::experiment::outcome::{Judgement, Outcome, Verdict};
use cellsim::number;
use cellsim::report::{charts, estimate};
use cellsim::scenario::expectation::Limit;

use crate::fixture::{estimate as interval, exact, of_requests, twilio};
use crate::support::{run_text, summary};

/// A platform with a profile, a router, two tiers and faults of every kind that a chart shows.
const REQUESTS: &str = r#"
title = "two tiers"
[tier.large]
customers = 12
cells = 3
sla = "99.9%"
[tier.small]
customers = 40
cells = 2
sla = "99%"
[client]
deadline = "1s"
[workflow.w]
demand = "1/s"
profile = { steps = [{ at = "0s", factor = 1 }, { at = "1h", factor = 2.5 }] }
stage.s = { service_time = { exponential = "50ms" }, size = { concurrency = 6 } }
[router]
cache = { hit_ratio = "90%", latency = "1ms" }
store = { latency = "5ms", capacity = "200/s" }
placement = { policy = "least-loaded", by = "load", latency = "1ms" }
[fault.crash]
strikes = { workflow = "w", tier = "large", cell = 1 }
effect = "crash"
at = "1min"
for = "2min"
[fault.flush]
strikes = { router = "cache" }
effect = "flush"
at = "4min"
[run]
horizon = "6min"
warmup = "10s"
replications = 8
[[expect]]
metric = "blast_radius"
fault = "crash"
worst = { at_most = "1 customer" }
[[expect]]
metric = "month_budget_used"
tier = "large"
worst = { at_most = "2%" }
[[expect]]
metric = "latency"
workflow = "w"
p99 = { at_most = "1ms" }
[[expect]]
metric = "utilization"
busiest = { at_most = "1%" }
[[expect]]
metric = "store_load"
mean = { at_most = "1/s" }
"#;

/// Years of two causes, with credits and limits.
const YEARS: &str = r#"
title = "years"
[tier.t]
customers = 1000
cells = 10
sla = "99.9%"
[workflow.w]
demand = "20/min"
client.deadline = "1s"
price = "$1/request"
stage.s = { service_time = "10ms", size = { utilization = "10%" } }
[contract]
credits = [{ below = "99.9%", share = "10%" }]
[fault.outage]
each = "cell"
effect = "crash"
mtbf = "30d"
mttr = { p50 = "5min", p95 = "40min" }
[fault.config]
one_of = "platform"
effect = "crash"
mtbf = "200d"
mttr = "10min"
[run]
level = "incident"
horizon = "5 years"
replications = 10
[[expect]]
metric = "sla_attainment"
tier = "t"
mean = { at_least = "99.99%" }
[[expect]]
metric = "blast_radius"
fault = "outage"
worst = { at_most = "50 customers" }
[[expect]]
metric = "bad_minutes"
tier = "t"
p95 = { at_most = "1 minute" }
[[expect]]
metric = "yearly_minutes"
fault = "outage"
mean = { at_most = "1000 minutes" }
"#;

/// A text of a chart, whether it is one of a scale or of a column's head, and its size in the picture.
struct Text {
    text: String,
    is_muted: bool,
    x: f64,
    y: f64,
}

fn texts(svg: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut lines = svg.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("<text") {
            continue;
        }
        let number = |key: &str| {
            let rest = &line[line.find(&format!(" {key}=\"")).unwrap() + key.len() + 3..];
            rest[..rest.find('"').unwrap()].parse::<f64>().unwrap()
        };
        let text = lines.next().unwrap();
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&apos;", "'");
        texts.push(Text { text, is_muted: line.contains("#5B6775"), x: number("x"), y: number("y") });
    }
    texts
}

/// The numbers of a text, as written: "0 (0 to 3,039)" has "0", "0" and "3,039".
fn numbers(text: &str) -> Vec<&str> {
    let is_part = |letter: char| letter.is_ascii_digit() || ",.:".contains(letter);
    let parts = text.split(|letter| !is_part(letter)).map(|part| part.trim_matches([',', '.', ':']));
    parts.filter(|part| part.bytes().any(|byte| byte.is_ascii_digit())).collect()
}

/// Everything that the summary and the tables say, as people read it.
fn said(results: &Outcome) -> String {
    let mut said = summary(results);
    let mut add = |text: String| {
        said.push(' ');
        said += &text;
    };
    for row in &results.rows {
        add(estimate::at(results.confidence).with_unit(&row.estimate, row.subject.unit));
        add(estimate::at(results.confidence).bare(&row.estimate));
        add(row.estimate.value.map(|value| estimate::quantity(value, row.subject.unit)).unwrap_or_default());
    }
    for row in results.requests().into_iter().flat_map(|requests| &requests.budgets) {
        add(estimate::at(results.confidence).with_unit(&row.share_worst, Unit::Share));
        add(estimate::at(results.confidence).bare(&row.used_worst));
    }
    add(results.title.clone());
    said
}

/// Every number of a chart that is not one of a scale is said in the summary or the tables, in the same digits.
#[track_caller]
fn agrees(results: &Outcome, not_said: &[(&str, &str)]) {
    let said = said(results);
    let said = numbers(&said);
    for (chart, svg) in charts::svgs(results).unwrap() {
        for Text { text, is_muted, .. } in texts(&svg) {
            let is_scale = is_muted && text.split_whitespace().count() <= 4;
            let is_known = not_said.iter().any(|(of, start)| *of == chart && text.starts_with(start));
            if is_scale || is_known {
                continue;
            }
            for number in numbers(&text) {
                assert!(said.contains(&number), "{chart}: {number} of \"{text}\" is nowhere else");
            }
        }
    }
}

#[test]
fn numbers_read_as_in_the_summary() {
    let results = run_text(REQUESTS);
    // Of a second or a single cell no table for people tells.
    let not_said = [
        ("timeline", "At most"),
        ("cell-load", "Busiest of"),
        ("timeline", "What happens"),
        ("blast-radius", "How far"),
        ("month-budget", "What does"),
    ];
    agrees(&results, &not_said);
    // An interval stands in a chart as a whole, as in the summary.
    let summary = summary(&results);
    let harmed = estimate::at(results.confidence).bare(&results.requests().unwrap().faults[0].harmed);
    assert!(harmed.contains(['±', '(']), "{harmed}");
    let charts = charts::svgs(&results).unwrap();
    let chart = |name: &str| texts(&charts.iter().find(|(chart, _)| *chart == name).unwrap().1);
    assert!(summary.contains(&harmed) && chart("blast-radius").iter().any(|one| one.text == harmed), "{harmed}");
    let used = estimate::at(results.confidence).bare(
        &results
            .requests()
            .unwrap()
            .budgets
            .iter()
            .find(|row| row.tier == "large" && row.fault.is_none())
            .unwrap()
            .used_worst,
    );
    let shown = chart("month-budget").iter().any(|one| one.text.starts_with(&format!("{used} used")));
    assert!(summary.contains(&used) && shown, "{used}");
}

#[test]
fn numbers_of_years_read_as_in_the_summary() {
    let results = run_text(YEARS);
    let not_said = [
        ("attainment", "Which months"),
        ("exceedance", "Once a year"),
        ("budget-burn", "Most: "),
        ("yearly-minutes", "12 % of the customer-minutes"),
        ("attainment", "year "),
    ];
    agrees(&results, &not_said);
    let summary = summary(&results);
    let charts = charts::svgs(&results).unwrap();
    let has = |name: &str, text: &str| {
        texts(&charts.iter().find(|(chart, _)| *chart == name).unwrap().1).iter().any(|one| one.text.contains(text))
    };
    let years = results.years().unwrap();
    let kept = estimate::at(results.confidence).with_unit(&years.tiers[0].meets_sla, Unit::Share);
    assert!(summary.contains(&kept) && has("attainment", &kept), "{kept}");
    for cause in &years.causes {
        let minutes = estimate::at(results.confidence).large(&cause.minutes);
        assert!(summary.contains(&minutes) && has("yearly-minutes", &minutes), "{minutes}");
    }
    for (chart, limit) in [
        ("attainment", "at least 99.99 %: BREACHED"),
        ("exceedance", "outage: limit 50 customers: BREACHED"),
        ("budget-burn", "limit 1 min: BREACHED"),
        ("yearly-minutes", "limit 1,000 min: BREACHED"),
    ] {
        assert!(has(chart, limit), "{chart}: {limit}");
    }
}

#[test]
fn the_first_line_is_the_answer_and_the_second_the_question() {
    for results in [run_text(REQUESTS), run_text(YEARS), twilio()] {
        for (chart, svg) in charts::svgs(&results).unwrap() {
            let texts = texts(&svg);
            assert!(!texts[0].text.ends_with('?') && texts[0].y < texts[1].y, "{chart}: {}", texts[0].text);
            assert!(texts[1].text.contains("? · "), "{chart}: {}", texts[1].text);
        }
    }
}

#[test]
fn limits_are_drawn_where_they_are_broken() {
    let results = run_text(REQUESTS);
    let charts = charts::svgs(&results).unwrap();
    for (chart, limit) in [
        ("blast-radius", "limit 1 customer: BREACHED"),
        ("month-budget", "limit 2 %: BREACHED"),
        ("latency-tail", "w p99: limit 1 ms: BREACHED"),
        ("cell-load", "limit 1 %: BREACHED"),
        ("store-load", "limit 1/s: BREACHED"),
    ] {
        let svg = &charts.iter().find(|(name, _)| *name == chart).unwrap().1;
        assert!(texts(svg).iter().any(|one| one.text == limit), "{chart}: {limit}");
    }
}

/// A limit of a tier stands in its own row, with the tier's own number.
#[test]
fn a_limit_of_a_tier_says_so() {
    let mut results = twilio();
    results.verdicts = vec![Verdict {
        outcome: Judgement::Breached,
        what: "noisy-customer, smb, mean".into(),
        subject: Subject {
            tier: Some("smb".into()),
            fault: Some("noisy-customer".into()),
            ..Subject::new(Metric::BlastRadius, Statistic::Mean, Unit::Share)
        },
        estimate: interval(0.0215, 0.0003),
        limit: Limit::AtMost(0.02),
        limit_text: "2%".into(),
        place: "twilio.toml:159".into(),
        note: String::new(),
    }];
    let svg = charts::blast_radius::scene(&results).unwrap().svg().unwrap();
    assert!(texts(&svg).iter().any(|one| one.text == "smb: limit 2 %: BREACHED"));
}

#[test]
fn cells_are_shown_at_the_peak_beside_what_was_measured() {
    let results = run_text(REQUESTS);
    let cell = &results.requests().unwrap().cells[0];
    // The run saw a factor of 1, the profile's peak is 2.5.
    assert!((cell.peak_over_run.unwrap() - 2.5).abs() < 1e-9, "{cell:?}");
    let measured = |cell: &cellsim::experiment::outcome::curves::CellLoad| cell.utilization.value.unwrap();
    let busiest = results.requests().unwrap().cells.iter().max_by(|a, b| measured(a).total_cmp(&measured(b))).unwrap();
    let svg = charts::cell_load::scene(&results).unwrap().svg().unwrap();
    let texts = texts(&svg);
    let [run, peak] = [1.0, 2.5].map(|factor| number::percent(factor * measured(busiest)));
    let lost = number::percent(busiest.utilization_zone_lost);
    assert!(texts[0].text.ends_with(&format!("{run} utilized, {peak} at the peak, {lost} after the loss of a zone")));
    for name in ["at the peak", "at the peak, after the loss of a zone"] {
        assert!(texts.iter().any(|one| one.text == name), "{name}");
    }
    let flat = charts::cell_load::scene(&twilio()).unwrap().svg().unwrap();
    assert!(!flat.contains("at the peak"), "without a profile there is nothing to tell apart");
}

#[test]
fn a_store_that_never_recovers_looks_so() {
    let last_second = |svg: &str| {
        let bottom = texts(svg).iter().map(|one| one.y).fold(0.0, f64::max);
        let clocks = texts(svg).into_iter().filter(|one| one.y < bottom && one.is_muted && one.text.contains(':'));
        clocks.filter(|one| !one.text.contains(' ')).max_by(|a, b| a.x.total_cmp(&b.x)).unwrap().text
    };
    let recovers = charts::store_load::scene(&twilio()).unwrap().svg().unwrap();
    assert!(recovers.contains("recovers after 0:04") && !recovers.contains("not recovered"));
    assert!(last_second(&recovers).starts_with("10:"), "{}", last_second(&recovers));
    let mut results = twilio();
    let flush = of_requests(&mut results).faults.iter_mut().find(|fault| fault.name == "cache-flush").unwrap();
    (flush.recovery_median, flush.not_recovered) = (None, 20);
    flush.recovery_seconds.clear();
    let never = charts::store_load::scene(&results).unwrap().svg().unwrap();
    assert!(never.contains("not recovered: 20 of 20 incidents") && !never.contains("recovers after"));
    assert!(["14:30", "15:00"].contains(&last_second(&never).as_str()), "to the horizon: {}", last_second(&never));
}

/// Where every failed request was retried once, both lines are the same: none may hide the other.
#[test]
fn failed_requests_and_retries_have_panels_of_their_own() {
    let mut results = twilio();
    for row in &mut of_requests(&mut results).timeline {
        row.retries = row.failed;
    }
    let svg = charts::timeline::scene(&results).unwrap().svg().unwrap();
    let texts = texts(&svg);
    let place = |name: &str| texts.iter().find(|one| one.text.starts_with(name)).unwrap().y;
    let places = ["Requests that came out ok", "Requests that failed", "Retries", "Cells under a fault"].map(place);
    assert!(places.is_sorted_by(|a, b| b - a > 200.0), "{places:?}");
}

/// Only a bound is dashed: what was measured is not.
#[test]
fn dashes_mean_that_something_is_only_bounded() {
    let shortest = |svg: &str| {
        let lines = svg.lines().filter_map(|line| {
            let points = line.strip_prefix("<polyline")?.split_once("points=\"")?.1.split_once('"')?.0;
            let points: Vec<(f64, f64)> = points
                .split_whitespace()
                .filter_map(|point| point.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())))
                .collect();
            (points.len() == 2 && points[0].1 == points[1].1).then(|| (points[1].0 - points[0].0).abs())
        });
        lines.filter(|length| (*length - 24.0).abs() < 1.1).count()
    };
    let mut results = twilio();
    for fault in &mut of_requests(&mut results).faults {
        fault.harmed = interval(20.0, 12.0);
    }
    let measured = charts::blast_radius::scene(&results).unwrap().svg().unwrap();
    let bound = Estimate { state: State::Bound, low: Some(1.0), high: Some(5_000.0), ..exact(20.0) };
    of_requests(&mut results).faults[0].harmed = bound;
    let bounded = charts::blast_radius::scene(&results).unwrap().svg().unwrap();
    assert!(shortest(&measured) == 0 && shortest(&bounded) > 5, "{} {}", shortest(&measured), shortest(&bounded));
}
