//! Levers: paths of the scenario with values to try, resolved against what the scenario says.

use super::quantity::{self, Dimension};
use super::{path, values};
use crate::diagnostic::Diagnostic;
use crate::scenario::document::{Node, Place, Read, Value};
use crate::scenario::grammar::shape::Absent;
use crate::scenario::grammar::tree::{Found, follow};
use crate::scenario::load::ranked;
use crate::scenario::merge;
use crate::scenario::root::SCENARIO;
use crate::scenario::unknown::unknown;
use crate::scenario::values::dollars_per_month;

/// A path of the scenario with values to try.
#[derive(Debug, Clone)]
pub struct Lever {
    /// Its name: given, or the shortest end of its path that no other lever has.
    pub name: String,
    /// The path.
    pub path: String,
    /// The values, in the order in which they are given.
    pub choices: Vec<Choice>,
    /// What the scenario itself says at the path; `None` if it says nothing.
    pub as_written: Option<String>,
    /// Whether it changes who asks for what, so that points do not meet the same requests.
    pub changes_demand: bool,
    /// What the scenario itself says, as a quantity.
    pub(super) base: Option<(Dimension, f64)>,
    /// Its own path, then those that move with it, as keys.
    pub(super) paths: Vec<Vec<String>>,
}

/// One value of a lever.
#[derive(Debug, Clone)]
pub struct Choice {
    /// As it is shown: "20", "10min", "false".
    pub text: String,
    /// The same as a number in the unit of its kind, for an axis; `None` if it is none.
    pub quantity: Option<f64>,
    /// What it costs a month beyond `[cost]`.
    pub extra_cost: f64,
    pub(super) measured: Option<(Dimension, f64)>,
    /// What happens at each path of the lever.
    pub(super) actions: Vec<Action>,
}

/// What a value does at a path.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Nothing: what the scenario says stays.
    AsWritten,
    /// Leaves the table out.
    LeftOut(Place),
    /// Says this instead.
    Value(Node),
    /// Says a multiple of it.
    Times(f64, Place),
}

/// A lever as somebody wrote it.
#[derive(Debug)]
pub(super) struct Written {
    /// The name that it is given.
    pub(super) name: Option<String>,
    /// Its path.
    pub(super) path: String,
    /// Where the path stands.
    pub(super) place: Place,
    /// Its values, and where they stand.
    pub(super) values: (Vec<Node>, Place),
    /// Paths that move with it, with as many values.
    pub(super) also: Vec<(String, Place, Vec<Node>)>,
    /// What each value costs, if that is said.
    pub(super) cost: Option<(Vec<Node>, Place)>,
}

impl Lever {
    /// Resolves a lever against the scenarios of the study.
    pub(super) fn of(written: &Written, documents: &[&Node], problems: &mut Vec<Diagnostic>) -> Option<Lever> {
        let before = problems.len();
        let mut keep = |result: Read<()>| problems.extend(result.err().map(|error| *error));
        let count = written.values.0.len();
        let mut all: Vec<(&String, &Place, &[Node])> = vec![(&written.path, &written.place, &written.values.0)];
        all.extend(written.also.iter().map(|(path, place, values)| (path, place, values.as_slice())));
        let mut paths = Vec::new();
        for (path, place, values) in &all {
            let keys = path::keys_of(path).ok_or_else(|| {
                let error = place.error(format!("`{path}` is not a path of keys"), "not a path");
                Box::new(error.help("write it like tier.smb.customers_per_cell.target"))
            });
            keep(keys.as_ref().map_err(Clone::clone).and_then(|keys| path::check(place, keys, documents)));
            if values.len() != count {
                let message = format!("`{path}` has {} values, and its lever {count}", values.len());
                keep(Err(Box::new(place.error(message, "moves with it").help("give as many values to both"))));
            }
            paths.extend(keys);
        }
        let costs = written.cost.as_ref().map_or(Ok(vec![0.0; count]), |(nodes, place)| {
            if nodes.len() == count {
                nodes.iter().map(dollars_per_month).collect()
            } else {
                let message = format!("{} costs for {count} values", nodes.len());
                Err(Box::new(place.error(message, "one for each value").help("\"$0/month\" where it costs nothing")))
            }
        });
        keep(costs.as_ref().map(|_| ()).map_err(Clone::clone));
        if count == 0 {
            keep(Err(Box::new(
                written.values.1.error("a lever without values", "no values").help("write at least two"),
            )));
        }
        if problems.len() > before {
            return None;
        }
        let mut choices: Vec<Choice> = Vec::new();
        for (index, extra_cost) in costs.ok()?.into_iter().enumerate() {
            let mut actions = Vec::new();
            for ((path, _, values), keys) in all.iter().zip(&paths) {
                match action(&values[index], path, keys, documents) {
                    Ok(action) => actions.push(action),
                    Err(error) => problems.push(*error),
                }
            }
            let (Some(first), true) = (actions.first(), actions.len() == all.len()) else { continue };
            let node = resolved(first, &paths[0], documents);
            let text = match (first, &node) {
                (Action::LeftOut(_), _) => "false".to_owned(),
                (Action::AsWritten, Some(node)) if node.table().is_none() => values::shown(node),
                (Action::AsWritten, _) => "true".to_owned(),
                (_, Some(node)) => values::shown(node),
                (_, None) => values::shown(&written.values.0[index]),
            };
            let place = &written.values.0[index].place;
            if choices.iter().any(|other| other.text == text && other.extra_cost == extra_cost) {
                let error = place.error(format!("the value {text} twice in one lever"), "the same as one before");
                problems.push(error.help("leave one of them out"));
            }
            let measured = node.as_ref().and_then(quantity::of);
            let quantity = measured.map(|(_, quantity)| quantity);
            choices.push(Choice { text, quantity, extra_cost, measured, actions });
        }
        if problems.len() > before {
            return None;
        }
        let written_at = documents.iter().find_map(|document| path::get(document, &paths[0]));
        Some(Lever {
            name: written.name.clone().unwrap_or_default(),
            path: written.path.trim().to_owned(),
            choices,
            as_written: written_at
                .map(|node| if node.table().is_some() { "true".to_owned() } else { values::shown(node) }),
            changes_demand: paths.iter().any(|keys| changes_demand(keys)),
            base: written_at.and_then(quantity::of),
            paths,
        })
    }

    /// Returns how the value of a point is shown; `None`: as the scenario says.
    pub fn shown(&self, choice: Option<usize>) -> &str {
        match choice {
            Some(choice) => &self.choices[choice].text,
            None => self.as_written.as_deref().unwrap_or("as it is"),
        }
    }

    /// Does to a document what one of its values says.
    pub(super) fn apply(&self, choice: usize, mut document: Node, rank: u32) -> Node {
        for (keys, action) in self.paths.iter().zip(&self.choices[choice].actions) {
            if !path::concerns(&document, keys) {
                continue;
            }
            match action {
                Action::AsWritten => {}
                Action::LeftOut(place) => {
                    let node = Node { value: Value::Bool(false), place: place.clone(), rank };
                    document = merge::documents(document, path::only(keys, node));
                }
                Action::Value(node) => path::put(&mut document, keys, ranked(node.clone(), rank)),
                Action::Times(..) => {
                    if let Some(node) = resolved(action, keys, &[&document]) {
                        path::put(&mut document, keys, ranked(node, rank));
                    }
                }
            }
        }
        document
    }
}

/// Says what a value does at a path.
fn action(node: &Node, path: &str, keys: &[String], documents: &[&Node]) -> Read<Action> {
    let place = &node.place;
    let here = || documents.iter().find_map(|document| path::get(document, keys));
    if let Some(factor) = values::factor(node) {
        let times = Action::Times(factor, place.clone());
        if resolved(&times, keys, documents).is_some() {
            return Ok(times);
        }
        let (message, help) = match here() {
            Some(node) => {
                (format!("`{path}` is {}, which has no multiples", values::shown(node)), "write the values themselves")
            }
            None => {
                (format!("the scenario does not say `{path}`, so it has no multiples"), "write the values themselves")
            }
        };
        return Err(Box::new(place.error(message, "a multiple of what?").help(help)));
    }
    let is_switch = here().is_some_and(|node| matches!(node.value, Value::Bool(_)))
        || matches!(follow(&SCENARIO, &keys.join(".")), Some(Found::Key(key)) if matches!(key.kind, crate::scenario::grammar::shape::Kind::Switch));
    match node.value {
        Value::Bool(_) if is_switch => Ok(Action::Value(node.clone())),
        Value::Bool(said) if here().is_some() => {
            Ok(if said { Action::AsWritten } else { Action::LeftOut(place.clone()) })
        }
        Value::Bool(_) => {
            let message = format!("the scenario has no `{path}` to keep or to leave out");
            let near = keys.split_last().map_or_else(Vec::new, |(_, above)| {
                let tables = documents.iter().filter_map(|document| path::get(document, above)?.table());
                tables.flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect()
            });
            let last = keys.last().map_or("", String::as_str);
            Err(Box::new(unknown(place, message, last, near, "written there")))
        }
        _ => Ok(Action::Value(node.clone())),
    }
}

/// Returns the value that stands at a path after an action, in the first document that it concerns.
fn resolved(action: &Action, keys: &[String], documents: &[&Node]) -> Option<Node> {
    let written = || documents.iter().find_map(|document| path::get(document, keys).cloned());
    match action {
        Action::AsWritten => written(),
        Action::LeftOut(_) => None,
        Action::Value(node) => Some(node.clone()),
        Action::Times(factor, place) => {
            let base = written().or_else(|| default(keys, place))?;
            let value = quantity::times(&base, *factor)?;
            let mut node = Node { value, place: place.clone(), rank: 0 };
            values::placed(&mut node, place);
            Some(node)
        }
    }
}

/// Returns what holds where a key is not written.
fn default(keys: &[String], place: &Place) -> Option<Node> {
    match follow(&SCENARIO, &keys.join("."))? {
        Found::Key(key) if matches!(key.absent, Absent::Value(_)) => {
            Some(Node { value: key.absent.value(), place: place.clone(), rank: 0 })
        }
        Found::Key(_) | Found::Name(_) => None,
    }
}

/// Whether a path says who asks for what, or with which luck.
fn changes_demand(keys: &[String]) -> bool {
    let says = ["customers", "customer", "demand", "skew", "seed", "trace", "profile", "arrivals"];
    keys.iter().any(|key| says.contains(&key.as_str()))
}

/// Gives each lever without a name the shortest end of its path that no other lever has.
pub(super) fn name(levers: &mut [Lever]) {
    let ends: Vec<Vec<String>> = levers.iter().map(|lever| lever.paths[0].clone()).collect();
    for index in 0..levers.len() {
        if !levers[index].name.is_empty() {
            continue;
        }
        let own = &ends[index];
        let end = |length: usize| own[own.len() - length..].join(".");
        let is_free = |name: &String| {
            let others = levers.iter().zip(&ends).enumerate().filter(|(other, _)| *other != index);
            let mut others = others.map(|(_, pair)| pair);
            !others.any(|(lever, keys)| {
                lever.name == *name || keys.join(".").ends_with(&format!(".{name}")) || keys.join(".") == *name
            })
        };
        levers[index].name = (1..=own.len()).map(end).find(is_free).unwrap_or_else(|| own.join("."));
    }
}
