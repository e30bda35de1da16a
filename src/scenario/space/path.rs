//! Paths of a scenario: checked against the grammar and the names that there are, read and written in a document.

use crate::scenario::document::{Entry, Node, Place, Read, Source, Table, Value, parse};
use crate::scenario::grammar::tree;
use crate::scenario::root::{CUSTOMER, EXPECT, EXTENDS, FAULT, SCENARIO, TIER, TITLE, WORKFLOW};
use crate::scenario::text::nearest;
use crate::scenario::unknown::unknown;

/// Returns the keys of a path as TOML divides it; `None` if it is no path.
pub(super) fn keys_of(path: &str) -> Option<Vec<String>> {
    let parsed = parse(&Source::set(format!("{path}=0")), 0).ok()?;
    let (mut keys, mut node) = (Vec::new(), &parsed);
    while let Some(table) = node.table() {
        let [entry] = table.entries.as_slice() else { return None };
        keys.push(entry.key.clone());
        node = &entry.node;
    }
    matches!(node.value, Value::Integer(0)).then_some(keys)
}

/// Tables of the top level whose entries have names that the scenario gives.
fn is_named(key: &str) -> bool {
    [TIER.name, WORKFLOW.name, CUSTOMER.name, FAULT.name].contains(&key)
}

/// Returns whether a path concerns a document: the tier, workflow, customer or fault that it names is there.
pub(super) fn concerns(document: &Node, keys: &[String]) -> bool {
    match keys {
        [root, name, ..] if is_named(root) => document.child(root).and_then(|table| table.child(name)).is_some(),
        _ => true,
    }
}

/// Refuses a path that leads to nothing in a scenario of this grammar, or to a name that no document has.
pub(super) fn check(place: &Place, keys: &[String], documents: &[&Node]) -> Read<()> {
    let path = keys.join(".");
    let root = keys.first().map_or("", String::as_str);
    if [EXTENDS.name, TITLE.name, EXPECT.name].contains(&root) {
        let help = "levers are what is designed or happens: tiers, cells, stages, clients, the router, faults, run";
        return Err(Box::new(place.error(format!("`{root}` is no lever"), "cannot be varied").help(help)));
    }
    let mut shape = Some(&SCENARIO);
    for (at, key) in keys.iter().enumerate() {
        let walked = keys[..at].join(".");
        let Some(here) = shape else {
            // `p99.9` is a key with a point in it.
            if key.bytes().all(|byte| byte.is_ascii_digit()) {
                break;
            }
            let error = place.error(format!("`{walked}` is a value and has no key `{key}`"), "leads nowhere");
            return Err(Box::new(error.help(format!("vary `{walked}` itself"))));
        };
        shape = match (here.key(key), here.others) {
            (Some(about), _) => about.table(),
            (None, Some(others)) => others.kind.table(),
            (None, None) => return Err(nowhere(place, &path, (&walked, key), here.keys().map(|key| key.name))),
        };
        if at == 1 && is_named(root) && !documents.iter().any(|document| concerns(document, keys)) {
            let entries = documents.iter().filter_map(|document| document.child(root)?.table());
            let names: Vec<&str> = entries.flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect();
            let message = format!("the scenario has no {root} `{key}`");
            return Err(Box::new(unknown(place, message, key, names, &format!("{root}s here"))));
        }
    }
    Ok(())
}

/// A key that there is not: the nearest path.
fn nowhere(
    place: &Place,
    path: &str,
    (walked, key): (&str, &str),
    known: impl Iterator<Item = &'static str> + Clone,
) -> Box<crate::diagnostic::Diagnostic> {
    let error = place.error(format!("a scenario has no key `{path}`"), "leads nowhere");
    let before = if walked.is_empty() { String::new() } else { format!("{walked}.") };
    if let Some(near) = nearest(key, known.clone()) {
        return Box::new(error.help(format!("did you mean `{before}{near}`?")));
    }
    let directory = tree::directory(&SCENARIO);
    let last = path.rsplit('.').next().unwrap_or(key);
    if let Some(homes) = directory.get(last) {
        let homes: Vec<String> = homes.iter().take(3).map(|home| format!("`{}`", home.path())).collect();
        return Box::new(error.help(format!("`{last}` works as {}", homes.join(" or "))));
    }
    let known: Vec<&str> = known.collect();
    let of = if walked.is_empty() { "the top level".to_owned() } else { format!("`{walked}`") };
    Box::new(error.help(format!("keys of {of}: {}", known.join(", "))))
}

/// Returns what stands at a path.
pub(super) fn get<'a>(document: &'a Node, keys: &[String]) -> Option<&'a Node> {
    keys.iter().try_fold(document, |node, key| node.child(key))
}

/// Puts a value at a path, whatever stood there; tables on the way are made.
pub(super) fn put(document: &mut Node, keys: &[String], value: Node) {
    // Whoever speaks of a key on the way, but for the tables that have names, speaks of the lever.
    let own = if keys.first().is_some_and(|root| is_named(root)) { 2 } else { 1 };
    descend(document, keys, own, value);
}

fn descend(node: &mut Node, keys: &[String], own: usize, value: Node) {
    let [key, rest @ ..] = keys else {
        *node = value;
        return;
    };
    if node.table().is_none() {
        (node.value, node.place, node.rank) = (Value::Table(Table::default()), value.place.clone(), value.rank);
    }
    let Value::Table(table) = &mut node.value else { return };
    let position = table.entries.iter().position(|entry| entry.key == *key).unwrap_or_else(|| {
        let empty = Node { value: Value::Table(Table::default()), place: value.place.clone(), rank: value.rank };
        table.entries.push(Entry { key: key.clone(), key_place: value.place.clone(), node: empty });
        table.entries.len() - 1
    });
    let entry = &mut table.entries[position];
    if own == 0 || rest.is_empty() {
        entry.key_place = value.place.clone();
    }
    descend(&mut entry.node, rest, own.saturating_sub(1), value);
}

/// Returns a document that says this of a path and nothing else.
pub(super) fn only(keys: &[String], value: Node) -> Node {
    let mut document = Node { value: Value::Table(Table::default()), place: value.place.clone(), rank: value.rank };
    put(&mut document, keys, value);
    document
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::scenario::document::tests::parsed;

    fn keys(path: &str) -> Vec<String> {
        keys_of(path).unwrap()
    }

    fn refused(path: &str) -> String {
        let document = parsed("[tier.smb]\n[tier.enterprise]\n[fault.crash]\n");
        let error = check(&document.place, &keys(path), &[&document]).unwrap_err();
        format!("{}: {}", error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn paths_are_divided_as_toml_does() {
        assert_eq!(keys("tier.smb.cells"), ["tier", "smb", "cells"]);
        assert_eq!(keys("a.\"b.c\""), ["a", "b.c"]);
        assert!(keys_of("a b").is_none() && keys_of("").is_none() && keys_of("a=1\nb").is_none());
    }

    #[test]
    fn a_path_that_leads_nowhere_names_the_nearest() {
        assert!(refused("tier.smb.costumers").contains("did you mean `tier.smb.customers`?"));
        assert!(refused("tier.smbs.customers").contains("no tier `smbs`: did you mean `smb`?"));
        assert!(
            refused("run.customers_per_cell").contains("`customers_per_cell` works as `tier.NAME.customers_per_cell`")
        );
        assert!(refused("tier.smb.customers.x").contains("a value and has no key `x`"));
        assert!(refused("title").contains("no lever"));
        let document = parsed("[tier.smb]\n[fault.crash]\n");
        for path in ["tier.smb.customers_per_cell.target", "fault.crash.mttr.p99.9", "run.seed", "fault.crash"] {
            assert!(check(&document.place, &keys(path), &[&document]).is_ok(), "{path}");
        }
    }

    #[test]
    fn values_are_put_where_they_belong() {
        let mut document = parsed("[a]\nb = 1\nc = { d = 2 }\n");
        let value = || parsed("x = 7").child("x").unwrap().clone();
        for path in ["a.b", "a.c", "a.e.f"] {
            put(&mut document, &keys(path), value());
            assert!(matches!(get(&document, &keys(path)).unwrap().value, Value::Integer(7)), "{path}");
        }
    }
}
