//! What warnings say.

use crate::experiment::outcome::Warning;
use crate::number;
use crate::world::flow::doubt::Doubt;

/// Returns a warning as it is shown.
pub fn text(warning: &Warning) -> String {
    match warning {
        Warning::Remark(text) => text.clone(),
        Warning::FaultWithoutEffect { fault } => {
            format!("fault `{fault}` changes nothing: its effect leaves all as it is")
        }
        Warning::BeyondTheHorizon { beyond, recorded, horizon } => format!(
            "{} of {} recorded requests come at the horizon or later and are not played: horizon = \"{horizon}\" would hold \
             them all",
            count(*beyond),
            count(*recorded)
        ),
        Warning::NobodyTriesTwice { keys } => {
            format!("no client tries twice (attempts = 1), so {} has no effect", keys.join(" and "))
        }
        Warning::UnderItsMin { cell, customers, min, filled_by_one } => {
            let why = if *filled_by_one { ": its busiest customer fills it" } else { "" };
            let (customers, min) = (number::whole((*customers).into()), number::whole((*min).into()));
            format!("{cell} holds {customers} customers, under its min of {min}{why}")
        }
        Warning::MoreUnderTheirMin(more) => format!("and {} more cells are under their min", count(*more)),
        Warning::ZoneLoss { workflow, tier, stage, utilization } => {
            let left = match utilization.is_finite() {
                true => format!(
                    "the busiest cell would be {} % utilized after the loss of a zone",
                    number::fixed(100.0 * utilization, 0)
                ),
                false => "all of the busiest cell stands in one zone: nothing is left after its loss".to_owned(),
            };
            let cells = tier.as_ref().map_or_else(|| workflow.clone(), |tier| format!("{workflow}/{tier}"));
            format!("{cells} stage {stage}: {left}")
        }
        Warning::DeadlineBeyondHorizon { times } => format!(
            "the longest deadline is {} times the horizon: the run goes on until every counted request is over",
            number::fixed(*times, 0)
        ),
        Warning::RetryStorm { class, attempts, stage, is_fixed, utilization } => {
            let sized = if *is_fixed { " of fixed concurrency" } else { "" };
            format!(
                "a retry storm could hold {class} down: {} attempts per request make its stage {stage}{sized} {} % utilized",
                number::fixed(*attempts, 1),
                number::fixed(100.0 * utilization, 0)
            )
        }
        Warning::WholeSlots { fault, stage, slots, taken, meant, in_zone } => {
            let (noun, is) = (if *slots == 1 { "slot" } else { "slots" }, if *taken == 1 { "is" } else { "are" });
            let of_all = format!("{taken} {is} taken away, {}", share(f64::from(*taken) / f64::from(*slots)));
            let meant = share(*meant);
            match in_zone {
                Some((zone, there)) => format!(
                    "fault {fault} counts whole slots: {there} of {slots} {noun} of {stage} stand in zone {zone}; {of_all}, \
                     where a share of {meant} was meant"
                ),
                None => format!("fault {fault} takes whole slots: {meant} of {slots} {noun} of {stage}: {of_all}"),
            }
        }
        Warning::WillNotBeMeasured { metric, file, line, why } => {
            format!("{metric} at {file}:{line} will not be measured: {why}")
        }
        Warning::FailsInHealth { failed, allowed } => format!(
            "without any fault {} % of requests fail, more than the strictest tier may lose ({} %)",
            number::short(100.0 * failed),
            number::short(100.0 * allowed)
        ),
        Warning::Compound { compound, incidents, strikes } => {
            let are = if *compound == 1 { "incident is" } else { "incidents are" };
            format!(
                "{} of {} {are} compound ({} strikes in all): a fault struck before an earlier one had recovered for good; counted \
                 for the first",
                count(*compound),
                count(*incidents),
                number::whole(*strikes)
            )
        }
        Warning::Folded { replications, groups, of_each } => format!(
            "{} replications were folded into {} groups of {}: intervals rest on the groups",
            number::whole((*replications).into()),
            count(*groups),
            number::whole((*of_each).into())
        ),
        Warning::NeverRecovered { cause, stuck, incidents } => {
            let (stuck, incidents) = (number::whole(*stuck), number::whole(*incidents));
            format!("{cause}: {stuck} of {incidents} incidents never recovered (metastable)")
        }
        Warning::Rough { cells, error, asked } => format!(
            "{cells} cells down at once: a relative error of {} %, where {} % was aimed at; more trials help",
            number::fixed(100.0 * error, 0),
            number::fixed(100.0 * asked, 0)
        ),
        Warning::BetweenTwoStates { in_health, cells, flows } => format!(
            "{} of {} cells in health, and {} flows in all years, stand between two states: retries bring a \
             station to just 100 %, where the share that fails jumps; what is reported of them lies in between",
            number::whole(*in_health),
            number::whole(*cells),
            number::whole(*flows)
        ),
        Warning::KnownRoughly { doubt, stage } => roughly(*doubt, stage),
        Warning::CellFailsInHealth { failed } => format!(
            "without any fault up to {} % of a cell's requests fail, more than the strictest tier may lose",
            number::fixed(100.0 * failed, 3)
        ),
    }
}

/// What is known roughly only of a stage.
fn roughly(doubt: Doubt, stage: &str) -> String {
    match doubt {
        Doubt::Chance => format!(
            "whether retries hold stage {stage} down after a fault is a matter of chance: it is told as if what comes were even; the \
             request level shows how often it is"
        ),
        Doubt::Drops => format!(
            "stage {stage} drops expired work, and its services vary more than exponential ones: up to a fifth more is lost than told"
        ),
        Doubt::Cache => {
            "the mapping store is lost again before the cache has filled: who asks often has an entry again, which is counted as if \
             all asked alike"
                .to_owned()
        }
        Doubt::Again => {
            format!("three and more attempts meet the full queue of stage {stage}: up to twice as much is lost there as told")
        }
    }
}

/// Writes how many there are.
fn count(of: usize) -> String {
    number::whole(of as u64)
}

/// Writes a share in per cent with at most one decimal.
fn share(share: f64) -> String {
    let shown = (share * 1000.0).round() / 10.0;
    format!("{shown} %")
}
