//! The sections of a run over years: what SLAs keep, how far failures spread, what it costs.

use crate::catalogue::{Alert, Unit};
use crate::engine::stats::{Estimate, State};
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::years::{AlertYears, AtOnce, CauseYears, Cells, CellsDown, TierYears, Years};
use crate::number;
use crate::report::section::Section;
use crate::report::table::{Align, Cell, Table};
use crate::report::{estimate, period};

/// Returns the sections that answer the three questions.
pub fn sections(results: &Outcome, years: &Years) -> Vec<Section> {
    vec![kept(results, years), spread(results, years), cost(results, years)]
}

/// Returns what was simulated.
pub fn header(results: &Outcome, years: &Years) -> String {
    let facts = &results.facts;
    let a_year = years.incidents as f64 / years.years.max(f64::MIN_POSITIVE);
    let each = number::significant(results.horizon_seconds / (365.0 * 86_400.0), 3);
    [
        results.name.clone(),
        format!("{} years ({} replications x {each})", number::significant(years.years, 3), results.replications_done),
        number::of(facts.customers as f64, "customer"),
        number::of(facts.cells as f64, "cell"),
        format!("{}, {} a year", number::of(years.incidents as f64, "incident"), number::significant(a_year, 3)),
    ]
    .join(" · ")
}

/// "71.5 % ± 0.3", without a unit that the heading names.
fn share(results: &Outcome, estimate: &Estimate) -> String {
    estimate::at(results.confidence).with_unit(estimate, Unit::Share)
}

fn value(estimate: &Estimate) -> String {
    estimate.value.map_or_else(|| "not measured".to_owned(), number::count)
}

fn kept(results: &Outcome, years: &Years) -> Section {
    let right = Align::Right;
    let period = period::named(years.tiers.iter().map(|tier| tier.window.as_str()));
    let aside = format!("contract {period}: one customer, one workflow, {}", years.window);
    let mut section = Section::new("1 DOES EVERY TIER MEET ITS SLA?", aside);
    let missless = format!("{period}s with no miss*");
    let credits = years.tiers.iter().any(|tier| tier.credits.is_some());
    let mut columns = vec![
        ("tier", Align::Left),
        ("SLA", Align::Left),
        ("meets SLA", right),
        (missless.as_str(), right),
        ("bad minutes: mean", right),
        ("p95", right),
        ("allowed", right),
    ];
    if credits {
        columns.push(("credits/year", right));
    }
    let mut table = Table::new(&columns).named_by(0);
    for tier in years.tiers.iter().filter(|tier| tier.workflow.is_none()) {
        let mut cells: Vec<Cell> = vec![
            tier.tier.as_str().into(),
            number::sold(tier.sla).into(),
            share(results, &tier.meets_sla).into(),
            share(results, &tier.no_sla_miss).into(),
            value(&tier.bad_minutes).into(),
            value(&tier.bad_minutes_p95).into(),
            allowed(tier).into(),
        ];
        if credits {
            let dollars = tier.credits.as_ref().and_then(|credits| credits.value);
            cells.push(dollars.map_or_else(|| "-".to_owned(), number::dollars).into());
        }
        table.row(cells);
    }
    section.table = Some(table);
    section.note("", format!("* {period}s in which every customer of the tier meets the SLA of every workflow"));
    if let Some(reason) = years.tiers.iter().find(|tier| estimate::is_missing(&tier.meets_sla)) {
        section.note("not measured", estimate::reason(&reason.meets_sla));
    }
    if let Some(text) = alike(years) {
        section.note("", text);
    }
    if let Some(text) = alerts(years) {
        section.note("alerts", text);
    }
    section
}

/// Writes the bad minutes that a window allows: "43.2", "417.6 to 446.4" where windows differ.
pub fn allowed(tier: &TierYears) -> String {
    let Some([least, most]) = tier.allowed else { return "not measured".to_owned() };
    match least == most {
        true => number::count(least),
        false => format!("{} to {}", number::fixed(least, 1), number::fixed(most, 1)),
    }
}

/// Says where tiers differ in nothing but the promise.
fn alike(years: &Years) -> Option<String> {
    let means: Vec<f64> =
        years.tiers.iter().filter(|tier| tier.workflow.is_none()).filter_map(|tier| tier.bad_minutes.value).collect();
    let (least, most) = means.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &mean| (a.min(mean), b.max(mean)));
    let sold: Vec<f64> = years.tiers.iter().map(|tier| tier.sla).collect();
    let differ = sold.iter().any(|&sla| sla != sold[0]);
    (means.len() > 1 && differ && most > 0.0 && most <= 1.1 * least).then(|| {
        "All tiers lose about as many minutes: only the promise differs, hardly anything in the design.".to_owned()
    })
}

/// How often each alert would have fired for the tier and workflow that it fires for most.
fn alerts(years: &Years) -> Option<String> {
    let times = |alert: &AlertYears| alert.a_year.value.unwrap_or(0.0);
    let most = |which: Alert| {
        let fired = years.alerts.iter().filter(|alert| alert.alert == which && times(alert) > 0.0);
        fired.max_by(|a, b| times(a).total_cmp(&times(b)))
    };
    let text = |alert: &AlertYears| {
        let times = number::significant(times(alert), 2);
        format!("{}: {times} a year ({}/{})", alert.alert, alert.workflow, alert.tier)
    };
    let texts: Vec<String> = Alert::ALL.into_iter().filter_map(most).map(text).collect();
    (!texts.is_empty()).then(|| format!("burn-rate alerts, where most: {}", texts.join(" · ")))
}

fn spread(results: &Outcome, years: &Years) -> Section {
    let right = Align::Right;
    let mut section = Section::new("2 HOW FAR DO FAILURES SPREAD?", "customers harmed by one incident");
    if years.causes.is_empty() {
        section.note("", super::spread::no_fault(results));
        return section;
    }
    let mut table = Table::new(&[
        ("fault", Align::Left),
        ("a year", right),
        ("customers: median", right),
        ("p95", right),
        ("worst", right),
        ("customer-minutes/year", right),
        ("share", right),
        ("more cells help?", Align::Left),
    ])
    .named_by(0);
    let mut causes: Vec<&CauseYears> = years.causes.iter().collect();
    causes.sort_by(|a, b| b.share.total_cmp(&a.share));
    for cause in causes {
        // An expected number of customers: whole, unless that would make it nothing.
        let whole = |size: f64| number::count(if size < 1.0 { size } else { size.round() });
        let size = |size: Option<f64>| size.map_or_else(|| "-".to_owned(), whole);
        table.row(vec![
            cause.fault.as_str().into(),
            cause.a_year.value.map_or_else(|| "-".to_owned(), |rate| number::significant(rate, 3)).into(),
            size(cause.harmed[0]).into(),
            size(cause.harmed[1]).into(),
            size(cause.harmed[2]).into(),
            estimate::at(results.confidence).large(&cause.minutes).into(),
            number::rough_percent(cause.share).into(),
            verdict(cause.with_more_cells).into(),
        ]);
    }
    section.table = Some(table);
    let everywhere: f64 =
        years.causes.iter().filter(|cause| cause.with_more_cells == Cells::Nothing).map(|cause| cause.share).sum();
    if everywhere > 0.0 {
        let share = number::rough_percent(everywhere);
        section.note("", format!("{share} of the customer-minutes come from faults that no number of cells contains."));
    }
    let yearly = |customers: f64| {
        let found = years.exceedance.iter().find(|row| row.fault.is_none() && row.customers == customers)?;
        Some(format!("{} customers {}", number::whole(customers as u64), rate(&found.a_year)))
    };
    let texts: Vec<String> = [100.0, 1_000.0, 10_000.0, 100_000.0].into_iter().filter_map(yearly).collect();
    if !texts.is_empty() {
        section.note("a year", format!("incidents that harm at least: {}", texts.join(" · ")));
    }
    if let Some(at_once) = &years.at_once {
        cells_at_once(&mut section, at_once);
    }
    section
}

/// Rounds to two significant digits: what is known of rare events is not more.
fn two_digits(value: f64) -> f64 {
    let unit = libm::pow(10.0, libm::floor(libm::log10(value)) - 1.0);
    if unit >= 1.0 { (value / unit).round() * unit } else { (10.0 * value).round() / 10.0 }
}

/// Says how often, and for how long, how many cells are down at once.
fn cells_at_once(section: &mut Section, at_once: &AtOnce) {
    let said = |row: &CellsDown| {
        let (Some(a_year), Some(minutes)) = (row.a_year.value, row.minutes()) else {
            return format!("{}: not measured ({})", row.cells, estimate::reason(&row.share));
        };
        let often = match a_year {
            often if often >= 1.0 => format!("{} times a year", number::significant(often, 3)),
            seldom => format!("once in {} years", number::count(two_digits(1.0 / seldom))),
        };
        format!("{}: {often} for {} min", row.cells, number::significant(minutes, 2))
    };
    // One cell is down in each incident: that is told above.
    let several: Vec<&CellsDown> = match at_once.cells_down.as_slice() {
        [_, several @ ..] if !several.is_empty() => several.iter().collect(),
        all => all.iter().collect(),
    };
    let rows: Vec<String> = several.iter().map(|row| said(row)).collect();
    let error = several.iter().filter_map(|row| row.relative_error).fold(0.0, f64::max);
    let error = if error > 0.0 { format!(" (relative error {})", number::rough_percent(error)) } else { String::new() };
    section.note("at once", format!("cells down, at least {}{error}", rows.join(" · ")));
    let mut text = format!("whole cells are taken down by {}", at_once.counted.join(", "));
    if !at_once.left_out.is_empty() {
        text += &format!("; left out: {}", at_once.left_out.join("; "));
    }
    section.note("", text);
}

fn rate(estimate: &Estimate) -> String {
    match (estimate.value, estimate.high) {
        (Some(0.0), Some(high)) => format!("at most {}", number::significant(number::up(high, 2), 2)),
        (Some(value), _) => number::significant(value, 2),
        (None, _) => "not measured".to_owned(),
    }
}

fn verdict(cells: Cells) -> &'static str {
    match cells {
        Cells::FewerPerIncident => "per incident only",
        Cells::Nothing => "no",
        Cells::FewerNeighbours => "fewer neighbours",
    }
}

/// "total $19.0 M ± 1.4 = platform 2.2 + credits 16.8": all rounded where the interval says that digits end; `None` without a
/// two-sided interval.
fn total(platform: f64, credits: &Estimate) -> Option<String> {
    let (value, low, high) = (credits.value?, credits.low?, credits.high?);
    let half = (high - low) / 2.0;
    if credits.state != State::Estimate || half <= 0.0 {
        return None;
    }
    let total = platform + value;
    let (unit, letter) = match total {
        total if total >= 1e6 => (1e6, " M"),
        total if total >= 1e4 => (1e3, " k"),
        _ => (1.0, ""),
    };
    // One digit of the half-width, two if it begins with a one.
    let leading = libm::floor(libm::log10(half / unit / 2.0));
    let decimals = (-leading).clamp(0.0, 6.0) as usize;
    let shown = |dollars: f64| number::fixed(dollars / unit, decimals);
    let step = libm::pow(10.0, decimals as f64);
    let half = number::fixed((half / unit * step - 1e-6).ceil() / step, decimals);
    Some(format!("total ${}{letter} ± {half} = platform {} + credits {}", shown(total), shown(platform), shown(value)))
}

fn cost(results: &Outcome, years: &Years) -> Section {
    let platform = results.facts.cost.as_ref().map(|cost| cost.total * 365.0 / 30.0);
    let mut parts = Vec::new();
    if let Some(platform) = platform {
        parts.push(format!("platform {}", number::dollars(platform)));
    }
    if let Some(credits) = &years.credits {
        parts.push(format!("credits {}", estimate::at(results.confidence).with_unit(credits, Unit::Dollars)));
    }
    if let (Some(platform), Some(credits)) = (platform, &years.credits)
        && let Some(total) = total(platform, credits)
    {
        parts = vec![total];
    }
    let mut section = Section::new("3 WHAT DOES IT COST?", if parts.is_empty() { "" } else { "per year" });
    if !years.priors.is_empty() {
        let names: Vec<&str> = years.priors.iter().map(|prior| prior.split(':').next().unwrap_or(prior)).collect();
        let text = format!("published numbers stand in for one's own: {} (manifest.json)", names.join(", "));
        section.note("priors", text);
    }
    match parts.is_empty() {
        true => section.note("", "There is neither [cost] nor a contract with credits, so money is not counted."),
        false => section.note("", parts.join(" · ")),
    }
    section
}
