//! Reading workflows: each as every tier meets it.

use super::context::Context;
use super::demand::{Demand, Profile};
use super::document::{Entry, Node, Read, Table, Value};
use super::grammar::key::{self, Defaulted};
use super::grammar::shape::Plain::{Empty, Text};
use super::grammar::shape::{About, Kind, Shape};
use super::keys::Keys;
use super::stage::Stage;
use super::unknown::unknown;
use super::workflow::{Class, Workflow};
use super::{client, demand, merge, profile, read_stage, values};

/// What a workflow's reader needs to know of the rest of the file.
pub(super) struct Surroundings<'a> {
    /// Tier names.
    pub(super) tiers: &'a [String],
    /// `[client]`.
    pub(super) client: Option<&'a Node>,
    /// `[stage]`.
    pub(super) stage: Option<&'a Node>,
}

/// Shape of `[workflow.NAME]`.
pub(super) const WORKFLOW: Shape =
    Shape { base: Some(&CLASS), ..Shape::new("workflow", "a workflow", &[SERVES.about(), &TIER]) };

/// Shape of what a workflow is for one tier.
pub(super) const CLASS: Shape = Shape::new(
    "class",
    "a workflow",
    &[
        &demand::DEMAND,
        &demand::ADOPTION,
        demand::SKEW.about(),
        demand::ARRIVALS.about(),
        PROFILE.about(),
        &PATH,
        &STAGE,
        &CLIENT,
        PRICE.about(),
    ],
);

/// Channels.
pub(super) const SERVES: Defaulted<Vec<String>> =
    key::by("serves", Kind::List(&Kind::Text), serves, "channels, for the reader").or(Empty);
/// What is said for one tier.
pub(super) const TIER: About =
    About::new("tier", Kind::Table(&TIERS), "`tier.Y`: any of the keys above but `serves`, for one tier").layered();
const TIERS: Shape = Shape::of_names("workflow by tier", "NAME", Kind::Table(&CLASS));

/// How demand changes over time.
pub(super) const PROFILE: Defaulted<Profile> =
    key::shared("profile", profile::PROFILE, profile::profile, "[how demand changes over time](#profile)")
        .or(Text("constant"));
/// The stages that a request passes.
pub(super) const PATH: About =
    About::new("path", Kind::List(&Kind::Name("stage")), "the stages a request passes, in order")
        .without("the stages in the order of the file");
/// The stages of a workflow.
pub(super) const STAGE: About =
    About::new("stage", Kind::Table(&STAGES), "`stage.NAME`: keys of [stage](#stage)").without("`[stage]`").layered();
const STAGES: Shape = Shape::of_names("stages", "NAME", Kind::Table(&read_stage::STAGE));
/// The caller's side of a workflow.
pub(super) const CLIENT: About =
    About::new("client", Kind::Table(&client::CLIENT), "keys of [client](#client)").without("`[client]`").layered();
const PRICE: Defaulted<f64> =
    key::dollars_per_request("price", "what a customer pays: credits are a share of it").or(Text("$0/request"));

fn serves(node: &Node) -> Read<Vec<String>> {
    values::list(node, "[\"SMS\", \"MMS\"]", values::text)
}

/// Reads `[workflow.NAME]` as every tier meets it.
pub(super) fn workflow(context: &Context, entry: &Entry, around: &Surroundings<'_>) -> Option<Workflow> {
    let what = format!("workflow `{}`", entry.key);
    let Some(table) = entry.node.table() else {
        context.problem(entry.node.expected("a table", &format!("[workflow.{}] and its keys below", entry.key)));
        return None;
    };
    let read = |keys: &Keys<'_>| (keys.read(&SERVES), keys.get(&TIER).cloned());
    let (serves, overrides) = context.called(&entry.node, &WORKFLOW, &what, read)?;
    let own = |entry: &&Entry| ![SERVES.name, TIER.name].contains(&entry.key.as_str());
    let common = Table { entries: table.entries.iter().filter(own).cloned().collect() };
    let common = Node { value: Value::Table(common), ..entry.node.clone() };
    if let Some(overrides) = &overrides {
        check_tiers(context, overrides, around.tiers);
    }
    let mut classes = Vec::with_capacity(around.tiers.len());
    for tier in around.tiers {
        let special = overrides.as_ref().and_then(|overrides| overrides.child(tier));
        let merged = match special {
            None => common.clone(),
            Some(special) => {
                // Only what is no table cannot be merged; a table's own keys are checked by the reader.
                if special.table().is_none() {
                    context.problem(special.expected("a table", &format!("[workflow.{}.tier.{tier}]", entry.key)));
                }
                merge::specific(&common, special)
            }
        };
        classes.push(context.called(&merged, &CLASS, &what, |keys| class(keys, tier, around)).flatten());
    }
    if !context.has_problems() && classes.iter().all(Option::is_none) {
        let error = entry.key_place.error(format!("nobody uses {what}"), "has no demand");
        context.problem(error.help("add `demand = \"5/s\"`, or `demand = \"trace\"` with [trace]"));
    }
    Some(Workflow { name: entry.key.clone(), serves, classes })
}

fn check_tiers(context: &Context, overrides: &Node, tiers: &[String]) {
    let Some(table) = overrides.table() else {
        context.problem(overrides.expected("a table of tiers", "[workflow.messaging.tier.enterprise]"));
        return;
    };
    for entry in table.entries.iter().filter(|entry| !tiers.contains(&entry.key)) {
        let message = format!("there is no tier `{}`", entry.key);
        let known = tiers.iter().map(String::as_str);
        context.problem(unknown(&entry.key_place, message, &entry.key, known, "tiers here"));
    }
}

fn class(keys: &Keys<'_>, tier: &str, around: &Surroundings<'_>) -> Option<Class> {
    let context = keys.context;
    let adoption = match keys.get(&demand::ADOPTION) {
        None => Some(1.0),
        Some(node) => match demand::of_tier(context, node, around.tiers, tier) {
            None => Some(1.0),
            Some(node) => context.keep(values::share(node)),
        },
    };
    if keys.get(&demand::DEMAND).is_none() {
        keys.missing(&demand::DEMAND);
    }
    let demand = keys.get(&demand::DEMAND).and_then(|node| demand::demand(context, node, around.tiers, tier));
    if let (Some(Demand::Trace), Some(entry)) = (demand, keys.entry(&demand::ARRIVALS)) {
        let error = entry.key_place.error("`arrivals` has no effect here", "the trace says when they come");
        context.problem(error.help("leave it out, or give a rate as `demand`"));
    }
    let (arrivals, skew, profile) = (keys.read(&demand::ARRIVALS), keys.read(&demand::SKEW), keys.read(&PROFILE));
    let price = keys.read(&PRICE);
    let client = client::client(context, &cascaded(keys, around.client, keys.get(&CLIENT)));
    let path = path(keys, around);
    let class =
        Class { adoption: adoption?, demand: demand?, arrivals, skew, profile, client: client?, path: path?, price };
    let used = class.adoption > 0.0 && class.demand != Demand::Rate(0.0);
    used.then_some(class)
}

/// Lays what is said here over what is said for all; where neither is said, an empty table stands here.
fn cascaded(keys: &Keys<'_>, common: Option<&Node>, own: Option<&Node>) -> Node {
    match (common, own) {
        (None, None) => keys.nothing(),
        (Some(node), None) | (None, Some(node)) => node.clone(),
        (Some(common), Some(own)) => Node { place: own.place.clone(), ..merge::specific(common, own) },
    }
}

/// Reads the path and the stages on it; without a path, the stages in the order of the file.
fn path(keys: &Keys<'_>, around: &Surroundings<'_>) -> Option<Vec<Stage>> {
    let context = keys.context;
    let stages = keys.get(&STAGE);
    let empty = Table::default();
    let table = stages.map_or(Some(&empty), Node::table);
    let Some(table) = table else {
        if let Some(node) = stages {
            context.problem(node.expected("a table of stages", "stage.accept.service_time = \"8ms\""));
        }
        return None;
    };
    let declared: Vec<&str> = table.entries.iter().map(|entry| entry.key.as_str()).collect();
    let names: Vec<String> = match keys.get(&PATH) {
        None => declared.iter().map(|name| (*name).to_owned()).collect(),
        Some(node) => {
            let names = context.keep(values::list(node, "[\"accept\", \"submit\"]", values::text))?;
            for entry in table.entries.iter().filter(|entry| !names.contains(&entry.key)) {
                let message = format!("stage `{}` is not on the path", entry.key);
                let known = names.iter().map(String::as_str);
                context.problem(unknown(&entry.key_place, message, &entry.key, known, "the path"));
            }
            if names.iter().enumerate().any(|(index, name)| names[..index].contains(name)) {
                context.problem(
                    node.error("a stage that is on the path twice", "not supported").help("give it two names"),
                );
            }
            names
        }
    };
    if names.is_empty() {
        let error = keys.place.error(format!("{} has no stages", keys.what), "needs a path");
        context.problem(error.help("add `path = [\"accept\"]` and `stage.accept.service_time = \"8ms\"`"));
        return None;
    }
    if names.len() > 255 {
        context.problem(keys.place.error("a path of more than 255 stages", "too long"));
        return None;
    }
    names
        .iter()
        .map(|name| {
            let own = table.get(name).map(|entry| &entry.node);
            read_stage::stage(context, name, &cascaded(keys, around.stage, own))
        })
        .collect()
}
