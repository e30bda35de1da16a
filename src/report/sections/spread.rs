//! Section 1: how far each failure spreads, and how long it lasts.

use crate::experiment::outcome::{FaultSummary, Outcome, Requests};
use crate::number;
use crate::report::estimate;
use crate::report::section::Section;
use crate::report::table::{Align, Cell, Table};

/// No more faults than this are shown; the files have all.
const SHOWN: usize = 12;

/// Returns the section.
pub fn section(results: &Outcome, requests: &Requests) -> Section {
    let random = has_random(requests);
    let mut section = Section::new("1 HOW FAR DOES EACH FAILURE SPREAD?", aside(results, requests, random));
    if requests.faults.is_empty() {
        section.note("", no_fault(results));
        return section;
    }
    section.table = Some(table(results, requests, random));
    notes(results, requests, &mut section);
    section
}

/// Says that there is nothing to spread, and which faults are inactive.
pub fn no_fault(results: &Outcome) -> String {
    match results.facts.inactive.as_slice() {
        [] => "This run has no faults: there is nothing to spread.".to_owned(),
        inactive => format!("No fault is active in this run: see run.faults. Inactive: {}.", inactive.join(", ")),
    }
}

/// Returns whether a fault struck at random times; one that never struck tells nothing.
pub fn has_random(requests: &Requests) -> bool {
    requests.faults.iter().any(|fault| fault.incidents > 0 && fault.span_seconds.is_none())
}

fn aside(results: &Outcome, requests: &Requests, random: bool) -> String {
    if requests.faults.is_empty() {
        return String::new();
    }
    let runs = results.replications_done;
    let confidence = number::percent(results.confidence);
    let unit = if random { "customers per incident" } else { "customers" };
    let worst = if random { "worst incident" } else { "worst replication" };
    match runs {
        1 => format!("{unit}; one replication: no interval"),
        runs => format!("{unit}; mean of {runs} replications, {confidence} interval; {worst}"),
    }
}

/// Returns the faults that are shown, in the order of the file: those that harm most.
fn shown(requests: &Requests) -> Vec<&FaultSummary> {
    let mut faults: Vec<(usize, &FaultSummary)> = requests.faults.iter().enumerate().collect();
    let harmed = |fault: &FaultSummary| fault.harmed.value.unwrap_or(0.0);
    faults.sort_by(|a, b| harmed(b.1).total_cmp(&harmed(a.1)));
    faults.truncate(SHOWN);
    faults.sort_by_key(|&(index, _)| index);
    faults.into_iter().map(|(_, fault)| fault).collect()
}

fn table(results: &Outcome, requests: &Requests, random: bool) -> Table {
    let right = Align::Right;
    let mut columns = vec![("fault", Align::Left), ("strikes", Align::Left)];
    if random {
        columns.push(("incidents", right));
    }
    columns.extend([
        ("exposed", right),
        ("idle", right),
        ("harmed", right),
        ("worst", right),
        ("% customers", right),
        ("% traffic", right),
    ]);
    let mut table = Table::new(&columns).named_by(0);
    for fault in shown(requests) {
        let mut cells: Vec<Cell> = vec![fault.name.as_str().into(), fault.strikes.as_str().into()];
        if random {
            cells.push(number::whole(fault.incidents).into());
        }
        if fault.incidents == 0 {
            // One that struck before another had recovered belongs to that one's incident.
            let merged = requests.incidents.iter().any(|one| one.fault.split('+').any(|name| name == fault.name));
            let harmed = if merged { "-" } else { "no incident" };
            cells.extend(["-", "-", harmed, "-", "-", "-"].map(Cell::from));
        } else {
            cells.extend(numbers(results, fault).map(Cell::from));
        }
        table.row(cells);
    }
    table
}

fn numbers(results: &Outcome, fault: &FaultSummary) -> [String; 6] {
    let mean = |estimate: &crate::engine::stats::Estimate| {
        estimate.value.map_or_else(|| "not measured".to_owned(), number::count)
    };
    [
        mean(&fault.exposed),
        mean(&fault.idle),
        estimate::at(results.confidence).bare(&fault.harmed),
        fault.harmed_worst.map_or_else(|| "-".to_owned(), number::whole),
        fault.share_of_customers.value.map_or_else(|| "-".to_owned(), number::percent),
        fault.share_of_traffic.map_or_else(|| "-".to_owned(), number::rough_percent),
    ]
}

fn notes(results: &Outcome, requests: &Requests, section: &mut Section) {
    let hidden = requests.faults.len().saturating_sub(SHOWN);
    if hidden > 0 {
        section.note("more", format!("{hidden} more faults, none harms more than these: summary.csv"));
    }
    if let Some(text) = single_cell(results, requests) {
        section.note("single-cell baseline", text);
    }
    let struck: Vec<&FaultSummary> = shown(requests).into_iter().filter(|fault| fault.incidents > 0).collect();
    if !struck.is_empty() {
        section.note("time to recover", recovery(&struck));
    }
    for fault in &struck {
        if fault.not_recovered > 0 {
            let (stuck, of) = (number::whole(fault.not_recovered), number::whole(fault.incidents));
            section.note("stuck", format!("{}: {stuck} of {of} incidents never recovered (metastable)", fault.name));
        }
        if fault.twin_down > 0 {
            let (down, of) = (number::whole(fault.twin_down), number::whole(fault.incidents));
            let text = format!(
                "{}: {down} of {of} incidents became as their fault-free twin, which was down itself",
                fault.name
            );
            section.note("no recovery", text);
        }
        if fault.no_requests > 0 {
            let (idle, of) = (number::whole(fault.no_requests), number::whole(fault.incidents));
            section.note(
                "no requests",
                format!("{}: {idle} of {of} incidents show no recovery: there were no requests", fault.name),
            );
        }
        let open = fault.censored + fault.still_faulted;
        if open > 0 {
            let (open, of) = (number::whole(open), number::whole(fault.incidents));
            let text = format!(
                "{}: the horizon came before {open} of {of} incidents could show that they recover",
                fault.name
            );
            section.note("cut short", text);
        }
        if let Some(spilled) = fault.spillover.value.filter(|&spilled| spilled > 0.0) {
            let text = format!("{} also harms {} it does not strike", fault.name, number::of(spilled, "customer"));
            section.note("spillover", text);
        }
        if fault.false_harmed.value.is_some_and(|counted| counted > 0.0) {
            let counted = estimate::at(results.confidence).bare(&fault.false_harmed);
            section.note("chance", format!("{}: {counted} count as harmed if nothing but chance differs", fault.name));
        }
        if estimate::is_missing(&fault.harmed) {
            section.note("not measured", format!("{}: {}", fault.name, estimate::reason(&fault.harmed)));
        }
    }
}

/// Returns what the fault that cells contain best would expose in the single-cell baseline.
fn single_cell(results: &Outcome, requests: &Requests) -> Option<String> {
    if !results.facts.has_walls() {
        return None;
    }
    let gain = |fault: &FaultSummary| {
        let (there, here) = (fault.single_cell_exposed? as f64, fault.exposed.value?);
        (there > here).then_some(there - here)
    };
    let best = requests.faults.iter().rev().max_by(|a, b| gain(a).unwrap_or(0.0).total_cmp(&gain(b).unwrap_or(0.0)))?;
    gain(best)?;
    let exposed = best.single_cell_exposed?;
    let share = number::percent(exposed as f64 / results.facts.customers.max(1) as f64);
    let customers = number::of(exposed as f64, "customer");
    Some(format!("one cell per workflow: the same {} exposes {customers} ({share})", best.name))
}

/// Returns how long it took until all was as without the fault, from onset.
fn recovery(faults: &[&FaultSummary]) -> String {
    let share = |fault: &FaultSummary| {
        format!("{} of {}", number::whole(fault.recovery_seconds.len() as u64), number::whole(fault.incidents))
    };
    let text = |fault: &FaultSummary| match fault.recovery_median {
        Some(median) => format!("{} {}", fault.name, number::clock(median)),
        None if fault.no_requests == fault.incidents => format!("{} not measured", fault.name),
        None => format!("{} not within the horizon", fault.name),
    };
    let alike = faults.windows(2).all(|pair| share(pair[0]) == share(pair[1]));
    if alike {
        let texts: Vec<String> = faults.iter().map(|fault| text(fault)).collect();
        return format!("{}  (median; {})", texts.join(" · "), share(faults[0]));
    }
    let texts: Vec<String> = faults.iter().map(|fault| format!("{} ({})", text(fault), share(fault))).collect();
    format!("{}  (median)", texts.join(" · "))
}
