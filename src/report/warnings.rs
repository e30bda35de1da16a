//! What warnings say.

use crate::experiment::outcome::Warning;
use crate::report::number;
use crate::world::flow::doubt::Doubt;

/// Returns a warning as it is shown.
pub fn text(warning: &Warning) -> String {
    match warning {
        Warning::Remark(text) => text.clone(),
        Warning::FaultWithoutEffect { fault } => {
            format!("fault `{fault}` changes nothing: its effect leaves all as it is")
        }
        Warning::BeyondTheHorizon { beyond, recorded, horizon } => format!(
            "{beyond} of {recorded} recorded requests come at the horizon or later and are not played: horizon = \"{horizon}\" \
             would hold them all"
        ),
        Warning::NobodyTriesTwice { keys } => {
            format!("no client tries twice (attempts = 1), so {} has no effect", keys.join(" and "))
        }
        Warning::UnderItsMin { cell, customers, min, filled_by_one } => {
            let why = if *filled_by_one { ": its busiest customer fills it" } else { "" };
            format!("{cell} holds {customers} customers, under its min of {min}{why}")
        }
        Warning::MoreUnderTheirMin(more) => format!("and {more} more cells are under their min"),
        Warning::ZoneLoss { workflow, tier, stage, utilization } => {
            let left = match utilization.is_finite() {
                true => format!(
                    "the busiest cell is asked for {:.0} % of what is left after the loss of a zone",
                    100.0 * utilization
                ),
                false => "all of the busiest cell stands in one zone: nothing is left after its loss".to_owned(),
            };
            format!("{workflow}/{tier} stage {stage}: {left}")
        }
        Warning::DeadlineBeyondHorizon { times } => format!(
            "the longest deadline is {times:.0} times the horizon: the run goes on until every counted request is over"
        ),
        Warning::RetryStorm { class, attempts, stage, is_fixed, utilization } => {
            let sized = if *is_fixed { " of fixed concurrency" } else { "" };
            format!(
                "a retry storm could hold {class} down: {attempts:.1} attempts a request make its stage {stage}{sized} {:.0} % \
                 busy",
                100.0 * utilization
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
                "{compound} of {incidents} {are} compound ({strikes} strikes in all): a fault struck before an earlier one had \
                 recovered for good; counted for the first"
            )
        }
        Warning::Folded { replications, groups, of_each } => format!(
            "{replications} replications were folded into {groups} groups of {of_each}: intervals rest on the groups"
        ),
        Warning::NeverRecovered { cause, stuck, incidents } => {
            format!("{cause}: {stuck} of {incidents} incidents never recovered (metastable)")
        }
        Warning::Rough { cells, error, asked } => format!(
            "{cells} cells down at once: a relative error of {:.0} %, where {:.0} % was aimed at; more histories help",
            100.0 * error,
            100.0 * asked
        ),
        Warning::BetweenTwoStates { in_health, cells, flows } => format!(
            "{in_health} of {cells} cells in health, and {flows} flows in all years, stand between two states: retries bring a \
             station to just 100 %, where the share that fails jumps; what is reported of them lies in between"
        ),
        Warning::KnownRoughly { doubt, stage } => roughly(*doubt, stage),
        Warning::CellFailsInHealth { failed } => format!(
            "without any fault up to {:.3} % of a cell's requests fail, more than the strictest tier may lose",
            100.0 * failed
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

/// Writes a share in per cent with at most one decimal.
fn share(share: f64) -> String {
    let shown = (share * 1000.0).round() / 10.0;
    format!("{shown} %")
}
