//! What follows from a scenario without running it, for `validate`.

use super::section::Section;
use super::sections::walls;
use super::style::Style;
use super::table::{Align, Cell, Table};
use super::terminal::WIDTH;
use crate::experiment::design::work::Work;
use crate::experiment::outcome::{Facts, GroupFacts, StationFacts, TierFacts, Warning};
use crate::number;
use crate::report::{period, warnings};

/// Returns the summary of the derived facts.
pub fn render(scenario: &str, facts: &Facts, work: &Work, warnings: &[Warning], colour: bool) -> String {
    let checks = match warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        many => format!(", {many} warnings"),
    };
    let mut lines = vec![format!("{} {scenario}{checks}  exit 0", Style::Good.paint("VALID", colour)), String::new()];
    lines.push(header(facts));
    lines.push(super::work::line(work));
    let mut sections = vec![tiers(facts), cells(facts), stations(facts), cost(facts)];
    let mut checks = Section::new("", "");
    if !facts.inactive.is_empty() {
        checks.note("inactive", format!("{}: run.faults says which faults are active", facts.inactive.join(", ")));
    }
    for line in &facts.recorded {
        checks.note("recorded", line.as_str());
    }
    for warning in warnings {
        checks.note("warning", warnings::text(warning));
    }
    sections.push(checks);
    for section in sections.iter().filter(|section| !section.is_empty()) {
        lines.push(String::new());
        lines.extend(section.lines(WIDTH, colour, colour));
    }
    lines.join("\n") + "\n"
}

fn header(facts: &Facts) -> String {
    format!(
        "{} · {} · {} requests/s · {} · zones {}",
        number::of(facts.customers as f64, "customer"),
        number::of(facts.cells as f64, "cell"),
        number::significant(facts.requests_per_second, 4),
        number::of(facts.instances as f64, "instance"),
        facts.zones.join(", "),
    )
}

/// What contracts are judged over: "30 days", or by tier "7 days (smb), 28 days (enterprise)".
pub(super) fn windows(facts: &Facts) -> String {
    match facts.tiers.windows(2).all(|pair| pair[0].window == pair[1].window) {
        true => facts.tiers.first().map_or_else(String::new, |tier| tier.window.clone()),
        false => {
            let each: Vec<String> = facts.tiers.iter().map(|tier| format!("{} ({})", tier.window, tier.name)).collect();
            each.join(", ")
        }
    }
}

/// The bad minutes that a window allows: of months and quarters the least and the most.
fn allowed(tier: &TierFacts) -> String {
    let (least, most) = tier.window_minutes;
    match least == most {
        true => number::significant(tier.allowed_minutes, 3),
        false => {
            let [least, most] = [least, most].map(|minutes| number::significant((1.0 - tier.sla) * minutes as f64, 3));
            format!("{least} to {most}")
        }
    }
}

fn tiers(facts: &Facts) -> Section {
    let aside = match windows(facts) {
        calendar if calendar.starts_with("calendar") => format!("contracts by {calendar}"),
        days => format!("a contract {} of {days}", period::of_all(facts)),
    };
    let mut section = Section::new("TIERS", aside);
    let right = Align::Right;
    let mut table = Table::new(&[
        ("tier", Align::Left),
        ("customers", right),
        ("SLA", Align::Left),
        ("bad minutes allowed", right),
    ]);
    for tier in &facts.tiers {
        table.row(vec![
            tier.name.as_str().into(),
            number::whole(tier.customers).into(),
            number::sold(tier.sla).into(),
            allowed(tier).into(),
        ]);
    }
    section.table = Some(table);
    section
}

fn cells(facts: &Facts) -> Section {
    let mut section = Section::new("CELLS", "smallest and largest: customers of a cell that is not dedicated");
    let right = Align::Right;
    let mut table = Table::new(&[
        ("workflow", Align::Left),
        ("tier", Align::Left),
        ("cells", right),
        ("customers", right),
        ("smallest", right),
        ("largest", right),
        ("requests/s", right),
        ("busiest cell", right),
    ]);
    for group in &facts.groups {
        let mut cells: Vec<Cell> = vec![group.workflow.as_str().into(), group.tier.as_deref().unwrap_or("all").into()];
        let counts = [group.cells, group.customers, group.smallest, group.largest];
        cells.extend(counts.map(|count| number::whole(count).into()));
        let rates = [group.requests_per_second, group.busiest_requests_per_second];
        cells.extend(rates.map(|rate| number::significant(rate, 3).into()));
        table.row(cells);
    }
    section.table = Some(table);
    section
}

fn stations(facts: &Facts) -> Section {
    let mut section =
        Section::new("STATIONS", "slots of the busiest cell; utilization at the profile's peak, without faults");
    let right = Align::Right;
    let mut table = Table::new(&[
        ("workflow", Align::Left),
        ("tier", Align::Left),
        ("stage", Align::Left),
        ("slots", right),
        ("instances", right),
        ("utilization, mean", right),
        ("busiest", right),
        ("one zone lost", right),
    ]);
    for group in &facts.groups {
        for station in &group.stations {
            table.row(station_row(group, station));
        }
    }
    section.table = Some(table);
    section
}

fn station_row(group: &GroupFacts, station: &StationFacts) -> Vec<Cell> {
    // A station that cannot keep up is what this table is read for.
    let busy = |share: f64| {
        let style = if share >= 1.0 { Style::Bad } else { Style::Plain };
        let text = if share.is_finite() { number::percent(share) } else { "none left".to_owned() };
        Cell::styled(text, style)
    };
    vec![
        group.workflow.as_str().into(),
        group.tier.as_deref().unwrap_or("all").into(),
        station.stage.as_str().into(),
        number::whole(station.slots).into(),
        number::whole(station.instances).into(),
        busy(station.utilization_mean),
        busy(station.utilization_busiest),
        busy(station.utilization_zone_lost),
    ]
}

fn cost(facts: &Facts) -> Section {
    let mut section = walls::from_facts(facts);
    "COST".clone_into(&mut section.title);
    section
}
