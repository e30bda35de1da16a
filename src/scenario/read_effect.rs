//! Reading `effect`: what a fault does to what it strikes.

use super::document::{Node, Value};
use super::fault::{Effect, SharePer};
use super::keys::Keys;
use super::values;

/// Reads `effect = "crash"`, or a table that combines several.
pub(super) fn effects(keys: &Keys<'_>) -> Option<Vec<Effect>> {
    let Some(node) = keys.get("effect") else {
        keys.missing("effect", "effect = \"crash\"");
        return None;
    };
    match &node.value {
        Value::Text(_) => {
            let words = [("crash", Effect::Crash), ("blackhole", Effect::Blackhole), ("flush", Effect::Flush)];
            let effect = values::choice(node, &words).map_err(|error| {
                let error = error.note("other effects are tables: { errors = \"60%\" }, { slow = 3 }, { demand = 20 }");
                Box::new(error.note("answers to a fault are not modelled: no evacuation, failover or autoscaling"))
            });
            keys.context.keep(effect).map(|effect| vec![effect])
        }
        Value::Table(_) => keys.context.table(node, "`effect`", combined).flatten(),
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            keys.context.problem(node.expected("an effect", "\"crash\", or { errors = \"60%\" }"));
            None
        }
    }
}

fn combined(keys: &Keys<'_>) -> Option<Vec<Effect>> {
    let pers = [
        ("attempt", SharePer::Attempt),
        ("request", SharePer::Request),
        ("customer", SharePer::Customer),
        ("slot", SharePer::Slot),
    ];
    let mut effects = Vec::new();
    for (key, effect) in [("crash", Effect::Crash), ("blackhole", Effect::Blackhole), ("flush", Effect::Flush)] {
        if keys.or(key, false, values::boolean) {
            effects.push(effect);
        }
    }
    if effects.contains(&Effect::Crash) && effects.contains(&Effect::Blackhole) {
        let error = keys.place.error("what has crashed answers at once, a black hole never does", "both at once");
        keys.context.problem(error.help("keep `crash` or `blackhole`"));
    }
    let per = keys.or("per", SharePer::Attempt, |node| values::choice(node, &pers));
    if let Some(share) = keys.optional("errors", values::share) {
        effects.push(Effect::Errors { share, per });
    } else if let Some(entry) = keys.entry("per").filter(|_| keys.get("errors").is_none()) {
        let error = entry.key_place.error("`per` has no effect here", "says what `errors` is a share of");
        keys.context.problem(error.help("add `errors = \"60%\"`"));
    }
    let factor = keys.or("slow", 1.0, values::positive_number);
    let shift = keys.or("slow_by", 0, values::duration);
    if keys.get("slow").is_some() || keys.get("slow_by").is_some() {
        effects.push(Effect::Slow { factor, shift });
    }
    let multiplier = |node: &Node| match node.value {
        Value::Text(_) => values::share(node),
        _ => values::number(node),
    };
    if let Some(factor) = keys.optional("capacity", multiplier) {
        effects.push(Effect::Capacity { factor });
    }
    if let Some(factor) = keys.optional("demand", values::number) {
        effects.push(Effect::Demand { factor });
    }
    if effects.is_empty() {
        let error = keys.place.error("a fault without any effect", "nothing happens");
        keys.context
            .problem(error.help("write effect = \"crash\", or { errors = \"60%\" }, { slow = 3 }, { demand = 20 }"));
        return None;
    }
    Some(effects)
}
