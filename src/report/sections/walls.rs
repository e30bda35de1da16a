//! Section 3: what the walls between cells cost.

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
        let mut section = Section::new("3 WHAT DO THE WALLS COST?", "");
        section.note("", "There is no [cost] in the scenario, so money is not counted.");
        section.note("", instances(facts));
        return section;
    };
    let mut section = Section::new("3 WHAT DO THE WALLS COST?", "per month");
    section.note("this design", split(here));
    if let Some(there) = facts.undivided.as_ref().and_then(|undivided| undivided.cost) {
        section.note("undivided", comparison(facts, here, &there));
    }
    if let Some(why) = &facts.why_no_undivided {
        section.note("undivided", format!("cannot be built: {why}"));
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
    let walls = here.total - there.total;
    if !facts.has_walls() {
        return format!("{total}  one cell per workflow: there are no walls in this design");
    }
    let each = number::dollars(walls / facts.customers.max(1) as f64);
    match walls > 0.0 {
        true => format!("{total}  so the walls cost {}: {each} a customer", number::dollars(walls)),
        false => format!("{total}  so the walls cost nothing"),
    }
}

/// Returns how many instances there are, and why not fewer.
fn instances(facts: &Facts) -> String {
    let mut text = number::of(facts.instances as f64, "instance");
    if let Some(busy) = facts.utilization_mean {
        text += &format!(", {} busy", number::percent(busy));
        if let Some(asked) = facts.utilization_asked {
            text += &format!(" ({} asked)", number::percent(asked));
        }
    }
    let mut reasons = Vec::new();
    if facts.floor_decides {
        reasons.push("the least number per stage and cell decides".to_owned());
    }
    if let Some(undivided) = facts.undivided.as_ref().filter(|_| facts.has_walls()) {
        reasons.push(format!("undivided needs {}", number::whole(undivided.instances)));
    }
    if !reasons.is_empty() {
        text += ": ";
        text += &reasons.join("; ");
    }
    text
}
