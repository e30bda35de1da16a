//! Section 3: the cost of cells.

use crate::experiment::outcome::{CostSplit, Facts, Outcome};
use crate::number;
use crate::report::section::Section;

/// Returns the section for a run.
pub fn section(results: &Outcome) -> Section {
    from_facts(&results.facts)
}

/// Returns the section from the derived facts alone.
pub fn from_facts(facts: &Facts) -> Section {
    let Some(here) = &facts.cost else {
        let mut section = Section::new("3 WHAT IS THE COST OF CELLS?", "");
        section.note("", "There is no [cost] in the scenario, so money is not counted.");
        section.note("", instances(facts));
        return section;
    };
    let mut section = Section::new("3 WHAT IS THE COST OF CELLS?", "per month");
    section.note("this design", split(here));
    if let Some(there) = facts.single_cell.as_ref().and_then(|single_cell| single_cell.cost) {
        section.note("single-cell baseline", comparison(facts, here, &there));
    }
    if let Some(why) = &facts.why_no_single_cell {
        section.note("single-cell baseline", format!("cannot be built: {why}"));
    }
    section.note("", instances(facts));
    section
}

/// Returns the total and its parts.
fn split(cost: &CostSplit) -> String {
    let parts = [
        ("cells", cost.cells),
        ("people", cost.people),
        ("instances", cost.instances),
        ("data", cost.data),
        ("other", cost.other),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|&(_, dollars)| dollars != 0.0)
        .map(|(name, dollars)| format!("{name} {}", number::dollars(dollars).replace('$', "")))
        .collect();
    format!("{}  {}", number::dollars(cost.total), parts.join(" · "))
}

fn comparison(facts: &Facts, here: &CostSplit, there: &CostSplit) -> String {
    let total = number::dollars(there.total);
    let overhead = here.total - there.total;
    if !facts.has_walls() {
        return format!("{total}  this design has one cell per workflow: no cell overhead");
    }
    let each = number::dollars(overhead / facts.customers.max(1) as f64);
    match overhead > 0.0 {
        true => format!("{total}  so the cell overhead is {}: {each} per customer", number::dollars(overhead)),
        false => format!("{total}  so there is no cell overhead"),
    }
}

/// Returns how many instances there are, and why not fewer.
fn instances(facts: &Facts) -> String {
    let mut text = number::of(facts.instances as f64, "instance");
    if let Some(busy) = facts.utilization_mean {
        text += &format!(", {} utilized", number::percent(busy));
        if let Some(asked) = facts.utilization_target {
            text += &format!(" (target {})", number::percent(asked));
        }
    }
    let mut reasons = Vec::new();
    if facts.floor_decides {
        reasons.push("minimum instances per zone dominate".to_owned());
    }
    if let Some(single_cell) = facts.single_cell.as_ref().filter(|_| facts.has_walls()) {
        reasons.push(format!("the single-cell baseline needs {}", number::whole(single_cell.instances)));
    }
    if !reasons.is_empty() {
        text += ": ";
        text += &reasons.join("; ");
    }
    text
}
