//! Reading `[fault.NAME]`: what is struck, what happens to it, and when, held against each other.

use super::cells::Layout;
use super::context::Context;
use super::document::Entry;
use super::fault::{CellFilter, Clock, Effect, Fault, RouterStep, Schedule, ScopeKind, SharePer, Strikes};
use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Shape};
use super::keys::Keys;
use super::platform::Platform;
use super::read_effect::{EFFECT, effects};
use super::read_recorded;
use super::read_schedule::{self, schedule};
use super::read_strikes::{STRIKES, Struck, strikes};
use super::read_waves::{WAVES, waves};
use super::stage::StageKind;
use crate::units::Nanos;

/// Shape of `[fault.NAME]`.
pub(super) const FAULT: Shape = Shape {
    base: Some(&RECORDED),
    ..Shape::new(
        "fault",
        "a fault",
        &[
            &STRIKES,
            &EFFECT,
            DETECTED_AFTER.about(),
            &read_schedule::AT,
            read_schedule::FOR.about(),
            read_schedule::EVERY.about(),
            read_schedule::MTBF.about(),
            &read_schedule::MTTR,
            read_schedule::EACH.about(),
            read_schedule::ONE_OF.about(),
            &WAVES,
        ],
    )
};
const RECORDED: Shape = Shape::new("recorded", "a recorded fault", &read_recorded::KEYS);

const DETECTED_AFTER: Key<Nanos> = key::duration(
    "detected_after",
    "only for a crash of a zone, and for bad slots: from then on the capacity that is gone receives no attempts. Without it \
     they keep failing until the end of the fault: bad slots are then the same as errors per attempt",
)
.without("never");

/// Reads `[fault.NAME]`.
pub(super) fn fault(context: &Context, entry: &Entry, platform: &Platform<'_>) -> Option<Fault> {
    context.called(&entry.node, &FAULT, &format!("fault `{}`", entry.key), |keys| read(keys, entry, platform))?
}

fn read(keys: &Keys<'_>, entry: &Entry, platform: &Platform<'_>) -> Option<Fault> {
    let effects = effects(keys);
    let struck = strikes(keys, platform);
    let instant = effects.as_ref().is_some_and(|effects| effects.iter().all(|effect| *effect == Effect::Flush));
    let schedule = schedule(keys, platform.run, instant);
    let detected_after = keys.read(&DETECTED_AFTER);
    let (effects, struck, schedule) = (effects?, struck?, schedule?);
    if matches!(schedule, Schedule::Scripted { .. } | Schedule::Trace(_)) && keys.get(&STRIKES).is_none() {
        keys.missing(&STRIKES);
        return None;
    }
    shares_fit(keys, &effects, &schedule)?;
    let strikes = target(keys, &effects, struck, &schedule)?;
    let each_tier = matches!(
        schedule,
        Schedule::Random { clock: Clock::Each(ScopeKind::Tier) | Clock::OneOf(ScopeKind::Tier), .. }
    );
    let of_tier = matches!(&strikes, Strikes::Cells(filter) if filter.tier.is_some() || each_tier);
    if of_tier && !matches!(platform.layout, Layout::PerTier) && effects.iter().any(takes_capacity) {
        let place = keys.get(&STRIKES).map_or(keys.place, |node| &node.place);
        let error =
            place.error("shared cells have no slots of one tier: their capacity is everybody's", "strikes a tier");
        keys.context.problem(error.help("leave `tier` out to strike the capacity of all"));
        return None;
    }
    fits(keys, &effects, &strikes, &schedule, platform)?;
    let tiers: Vec<&str> = platform.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let waves = waves(keys, &tiers, &strikes, &schedule);
    if let Some(entry) = keys.entry(&DETECTED_AFTER) {
        let zonal = by_zone(&strikes, &schedule) && effects.contains(&Effect::Crash);
        let slots = effects.iter().any(|effect| matches!(effect, Effect::Errors { per: SharePer::Slot, .. }));
        if !zonal && !slots {
            let error = entry.key_place.error("`detected_after` has no effect on this fault", "nothing to detect");
            let help = "it tells when the capacity of a crashed zone, or of bad slots (errors with per = \"slot\"), is \
                        taken out: elsewhere attempts fail until the fault ends";
            keys.context.problem(error.help(help));
            return None;
        }
    }
    Some(Fault {
        name: entry.key.clone(),
        line: entry.key_place.line(),
        strikes,
        effects,
        schedule,
        detected_after,
        waves,
    })
}

/// Refuses recorded shares of what has none: half of a slowdown or of a flush is nothing that anybody measured.
fn shares_fit(keys: &Keys<'_>, effects: &[Effect], schedule: &Schedule) -> Option<()> {
    let Schedule::Trace(recorded) = schedule else { return Some(()) };
    let has_shares = recorded.incidents.iter().any(|one| one.share.is_some_and(|share| share < 1.0));
    let is_scaled = |effect: &Effect| matches!(effect, Effect::Errors { .. } | Effect::Crash | Effect::Blackhole);
    if !has_shares || effects.iter().all(is_scaled) {
        return Some(());
    }
    let place = keys.get(&read_recorded::CSV).map_or(keys.place, |node| &node.place);
    let error =
        place.error("recorded shares scale errors, and this fault has another effect", "has a column of shares");
    keys.context.problem(error.help("write effect = { errors = \"100%\" }, or name another column: columns.share"));
    None
}

/// Decides between cells and customers, by the effects; what has a clock in each part of the platform strikes cells.
fn target(keys: &Keys<'_>, effects: &[Effect], struck: Struck, schedule: &Schedule) -> Option<Strikes> {
    let place = keys.get(&STRIKES).map_or(keys.place, |node| &node.place);
    let filter = match struck {
        Struck::Router(step) => return Some(Strikes::Router(step)),
        Struck::Cells(filter) => filter,
        Struck::Customer { workflow, tier, customer } => {
            let on_customers = |effect: &Effect| {
                matches!(effect, Effect::Demand { .. })
                    || matches!(effect, Effect::Errors { per, .. } if *per != SharePer::Slot)
            };
            if effects.iter().all(on_customers) {
                return Some(Strikes::Customers { workflow, tier, customer: Some(customer) });
            }
            let error = place.error("a customer cannot crash or slow down: its cell can", "strikes a customer");
            keys.context.problem(error.help("write `cell_of` instead of `customer` to strike the cell it lives in"));
            return None;
        }
    };
    let demands = effects.iter().filter(|effect| matches!(effect, Effect::Demand { .. })).count();
    let whole = filter.cell.is_none() && filter.stage.is_none() && filter.zone.is_none();
    let per_customer =
        |effect: &Effect| matches!(effect, Effect::Demand { .. } | Effect::Errors { per: SharePer::Customer, .. });
    if demands > 0 && !effects.iter().all(per_customer) {
        let error = place.error("demand comes from customers, the other effects strike cells", "cannot strike both");
        keys.context.problem(error.help("make two faults with the same `at` and `for`"));
        return None;
    }
    if demands > 0 && !whole {
        let error = place.error("demand comes from customers, not from cells, stages or zones", "strikes a part");
        keys.context.problem(error.help("strike a workflow, a tier or a customer"));
        return None;
    }
    let by_part = matches!(schedule, Schedule::Random { clock: Clock::Each(scope) | Clock::OneOf(scope), .. } if *scope != ScopeKind::Platform);
    if whole && effects.iter().all(per_customer) && (demands > 0 || !by_part) {
        return Some(Strikes::Customers { workflow: filter.workflow, tier: filter.tier, customer: None });
    }
    Some(Strikes::Cells(filter))
}

/// Refuses effects and clocks that mean nothing to what is struck.
fn fits(
    keys: &Keys<'_>,
    effects: &[Effect],
    strikes: &Strikes,
    schedule: &Schedule,
    platform: &Platform<'_>,
) -> Option<()> {
    let refuse = |key: &About, message: &str, help: &str| {
        let place = keys.get(key).map_or(keys.place, |node| &node.place);
        keys.context.problem(place.error(message, "does not fit").help(help));
        None
    };
    for effect in effects {
        match (effect, strikes) {
            (Effect::Flush, Strikes::Router(RouterStep::Cache)) => {}
            (Effect::Flush, _) => {
                return refuse(
                    &EFFECT,
                    "only the router's cache can be flushed",
                    "write strikes = { router = \"cache\" }",
                );
            }
            (Effect::Demand { .. }, Strikes::Router(_)) => {
                return refuse(
                    &EFFECT,
                    "demand comes from customers, not from the router",
                    "strike a tier or a customer",
                );
            }
            (Effect::Capacity { .. }, Strikes::Router(step)) if *step != RouterStep::Store => {
                let help = "of the router's steps only the store has a capacity: strikes = { router = \"store\" }";
                return refuse(&EFFECT, "this step has no capacity to lose", help);
            }
            (Effect::Errors { per: SharePer::Slot, .. }, Strikes::Router(_)) => {
                return refuse(&EFFECT, "the router has no slots", "write per = \"attempt\"");
            }
            (effect, Strikes::Cells(filter)) if takes_capacity(effect) && !has_slots(platform, filter) => {
                let help = "delays and fan-outs have no slots: slow them down, or write per = \"attempt\"";
                return refuse(&EFFECT, "there is no capacity to lose", help);
            }
            _ => {}
        }
    }
    if let Schedule::Random { clock: Clock::Each(scope) | Clock::OneOf(scope), .. } = schedule {
        let only_whole = !matches!(strikes, Strikes::Cells(_)) && *scope != ScopeKind::Platform;
        if only_whole {
            let help = "write one_of = \"platform\": one clock for all that is struck";
            return refuse(&STRIKES, "only what strikes cells has a clock in each of them", help);
        }
    }
    Some(())
}

/// Returns whether an effect takes capacity away, rather than to strike attempts one by one.
fn takes_capacity(effect: &Effect) -> bool {
    matches!(effect, Effect::Capacity { .. } | Effect::Errors { per: SharePer::Slot, .. })
}

/// Returns whether the filter leaves any stage with slots.
fn has_slots(platform: &Platform<'_>, filter: &CellFilter) -> bool {
    let workflows = platform.workflows.iter().enumerate();
    let workflows = workflows.filter(|(index, _)| filter.workflow.is_none_or(|workflow| workflow == *index));
    let classes = workflows.flat_map(|(_, workflow)| workflow.classes.iter().enumerate());
    let classes = classes.filter(|(index, _)| filter.tier.is_none_or(|tier| tier == *index));
    let mut stages = classes.filter_map(|(_, class)| class.as_ref()).flat_map(|class| &class.path);
    stages.any(|stage| {
        matches!(stage.kind, StageKind::Pool(_)) && filter.stage.as_ref().is_none_or(|name| *name == stage.name)
    })
}

fn by_zone(strikes: &Strikes, schedule: &Schedule) -> bool {
    let clock = matches!(
        schedule,
        Schedule::Random { clock: Clock::Each(ScopeKind::Zone) | Clock::OneOf(ScopeKind::Zone), .. }
    );
    clock || matches!(strikes, Strikes::Cells(filter) if filter.zone.is_some())
}
