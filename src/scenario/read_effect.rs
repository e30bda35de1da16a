//! Reading `effect`: what a fault does to what it strikes.

use super::document::{Node, Read, Value};
use super::fault::{Effect, SharePer};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text};
use super::grammar::shape::{About, Kind, Refusal, Shape};
use super::keys::Keys;
use super::values;
use crate::units::Nanos;

/// What the incident level says beside a fault that it does not know.
pub(super) const NOT_THERE: &str = "not at the incident level";
/// What to do with it.
pub(super) const LEAVE_OUT: &str = "leave the fault out: `false` in place of its table";

/// What a fault does.
pub(super) const EFFECT: About = About::new(
    "effect",
    Kind::Any(&[Kind::Fixed("crash"), Kind::Fixed("blackhole"), Kind::Fixed("flush"), Kind::Table(&EFFECTS)]),
    "a word, or a table that combines several: [effect](#effect)",
)
.required("effect = \"crash\"");

/// Shape of `effect`.
pub(super) const EFFECTS: Shape = Shape::new(
    "effect",
    "`effect`",
    &[
        CRASH.about(),
        BLACKHOLE.about(),
        FLUSH.about(),
        ERRORS.about(),
        PER.about(),
        SLOW.about(),
        SLOW_BY.about(),
        CAPACITY.about(),
        DEMAND.about(),
    ],
);

const CRASH: Defaulted<bool> =
    key::switch("crash", "also `effect = \"crash\"`: what is in flight is lost, attempts are refused until the end")
        .or(Switch(false));
const BLACKHOLE: Defaulted<bool> =
    key::switch("blackhole", "also `effect = \"blackhole\"`: attempts vanish: only the client's timeout tells")
        .or(Switch(false));
/// The cache forgets.
pub(super) const FLUSH: Defaulted<bool> =
    key::switch("flush", "also `effect = \"flush\"`: the router's cache forgets; an instant, without `for`")
        .not_all(Refusal {
            message: "how a cache fills again is a matter of single requests",
            label: NOT_THERE,
            help: LEAVE_OUT,
        })
        .or(Switch(false));
const ERRORS: Key<f64> = key::share(
    "errors",
    "`\"60%\"`: a share gets an error. An attempt that gets it is answered at once, before any work: what is left has shorter \
     queues (with `stage = ...` the stages before that one have done theirs)",
)
.without("none");
const PER: Defaulted<SharePer> = key::word(
    "per",
    "of what `errors` is a share: each `\"attempt\"` has its own luck, all attempts of a `\"request\"` share one, a \
     `\"customer\"` is struck or not, or a share of `\"slot\"`s is bad",
)
.or(Text("attempt"));
const SLOW: Key<f64> = key::positive_number("slow", "`3`: service (or latency) takes 3 times as long").without("1");
const SLOW_BY: Key<Nanos> =
    key::duration("slow_by", "`\"200ms\"`: service (or latency) takes so much longer").without("`\"0s\"`");
const CAPACITY: Key<f64> = key::by(
    "capacity",
    Kind::Any(&[Kind::Number, Kind::Share]),
    multiplier,
    "`\"50%\"`: slots, or the store's lookups per second, times this factor; delays and fan-outs have none",
)
.without("none");
const DEMAND: Key<f64> = key::number(
    "demand",
    "`20`: demand times this factor, recorded and new customers' requests included (recorded ones are repeated); strikes a \
     customer, a tier, a workflow or everything, never cells. Above 1, the extra requests load stations, router and store, but \
     are nobody's demand: no request, attempt or failure is counted for them",
)
.without("none");

fn multiplier(node: &Node) -> Read<f64> {
    match node.value {
        Value::Text(_) => values::share(node),
        _ => values::number(node),
    }
}

/// Reads `effect = "crash"`, or a table that combines several.
pub(super) fn effects(keys: &Keys<'_>) -> Option<Vec<Effect>> {
    let Some(node) = keys.get(&EFFECT) else {
        keys.missing(&EFFECT);
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
        Value::Table(_) => keys.table(&EFFECT, combined).flatten(),
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            keys.context.problem(node.expected("an effect", "\"crash\", or { errors = \"60%\" }"));
            None
        }
    }
}

fn combined(keys: &Keys<'_>) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    for (key, effect) in [(CRASH, Effect::Crash), (BLACKHOLE, Effect::Blackhole), (FLUSH, Effect::Flush)] {
        if keys.read(&key) {
            effects.push(effect);
        }
    }
    if effects.contains(&Effect::Crash) && effects.contains(&Effect::Blackhole) {
        let error = keys.place.error("what has crashed answers at once, a black hole never does", "both at once");
        keys.context.problem(error.help("keep `crash` or `blackhole`"));
    }
    let per = keys.read(&PER);
    if let Some(share) = keys.read(&ERRORS) {
        effects.push(Effect::Errors { share, per });
    } else if let Some(entry) = keys.entry(&PER).filter(|_| keys.get(&ERRORS).is_none()) {
        let error = entry.key_place.error("`per` has no effect here", "says what `errors` is a share of");
        keys.context.problem(error.help("add `errors = \"60%\"`"));
    }
    let (factor, shift) = (keys.read(&SLOW), keys.read(&SLOW_BY));
    if keys.get(&SLOW).is_some() || keys.get(&SLOW_BY).is_some() {
        effects.push(Effect::Slow { factor: factor.unwrap_or(1.0), shift: shift.unwrap_or(0) });
    }
    if let Some(factor) = keys.read(&CAPACITY) {
        effects.push(Effect::Capacity { factor });
    }
    if let Some(factor) = keys.read(&DEMAND) {
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
