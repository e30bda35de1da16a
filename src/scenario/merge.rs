//! Merging: a document laid over another, key by key.
//!
//! What a layer says replaces what the layers below say, value by value; tables merge. `false` leaves an inherited
//! table entry out (where the inherited value is itself true or false, it is just a value). Expectations have no
//! names: one with the metric and the filters of an inherited one (and of the same world) replaces it.

use std::collections::BTreeMap;

use super::document::{Entry, Node, Table, Value};
use super::expect_keys;

/// The key of what must hold.
pub(super) const EXPECT: &str = "expect";

/// The key of what goes wrong, and of expectations of it.
pub(super) const FAULT: &str = "fault";

/// Lays one document over another.
pub(super) fn documents(mut base: Node, mut over: Node) -> Node {
    let inherited = take(&mut base, EXPECT);
    let own = take(&mut over, EXPECT);
    let removed = removed_faults(&over);
    let mut merged = overlay(base, over);
    if let (Some(entry), Value::Table(table)) = (expectations(inherited, own, &removed), &mut merged.value) {
        table.entries.push(entry);
    }
    merged
}

/// Lays one value over another.
pub(super) fn overlay(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Table(below), Value::Table(above)) => {
            Node { value: Value::Table(tables(below, above)), place: base.place, rank: base.rank.max(over.rank) }
        }
        (_, value) => Node { value, place: over.place, rank: over.rank },
    }
}

/// Lays a more specific table over a more general one: where both give alternatives, the specific one's count.
pub(super) fn specific(general: &Node, special: &Node) -> Node {
    overlay(general.clone(), raised(special))
}

/// More than any chain of `extends` and `--set` has layers.
const LEVEL: u32 = 1 << 20;

fn raised(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(raised).collect()),
        Value::Table(table) => Value::Table(Table {
            entries: table
                .entries
                .iter()
                .map(|entry| super::document::Entry { node: raised(&entry.node), ..entry.clone() })
                .collect(),
        }),
        other => other.clone(),
    };
    Node { value, place: node.place.clone(), rank: node.rank + LEVEL }
}

fn tables(below: Table, above: Table) -> Table {
    let order: BTreeMap<String, usize> =
        above.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
    let mut above: Vec<Option<Entry>> = above.entries.into_iter().map(Some).collect();
    let mut entries = Vec::with_capacity(below.entries.len() + above.len());
    for entry in below.entries {
        let Some(over) = order.get(&entry.key).and_then(|&at| above[at].take()) else {
            entries.push(entry);
            continue;
        };
        let is_switch = matches!(entry.node.value, Value::Bool(_));
        if !matches!(over.node.value, Value::Bool(false)) || is_switch {
            entries.push(Entry { node: overlay(entry.node, over.node), ..entry });
        }
    }
    entries.extend(above.into_iter().flatten());
    Table { entries }
}

fn take(document: &mut Node, key: &str) -> Option<super::document::Entry> {
    let Value::Table(table) = &mut document.value else { return None };
    let index = table.entries.iter().position(|entry| entry.key == key)?;
    Some(table.entries.remove(index))
}

fn removed_faults(over: &Node) -> Vec<String> {
    let Some(faults) = over.child(FAULT).and_then(Node::table) else { return Vec::new() };
    let is_removal = |node: &Node| matches!(node.value, Value::Bool(false));
    faults.entries.iter().filter(|entry| is_removal(&entry.node)).map(|entry| entry.key.clone()).collect()
}

fn expectations(
    inherited: Option<super::document::Entry>,
    own: Option<super::document::Entry>,
    removed: &[String],
) -> Option<super::document::Entry> {
    let (Some(mut below), above) = (inherited.clone(), own.clone()) else { return own };
    let Value::List(kept) = &mut below.node.value else { return own.or(inherited) };
    kept.retain(|one| {
        let fault = one.child(FAULT).and_then(Node::text);
        !fault.is_some_and(|fault| removed.iter().any(|name| name == fault))
    });
    match above.map(|entry| entry.node) {
        None => {}
        Some(Node { value: Value::List(items), .. }) => {
            for item in items {
                match kept.iter().position(|old| identity(old) == identity(&item)) {
                    Some(index) => kept[index] = item,
                    None => kept.push(item),
                }
            }
        }
        // Not a list: keep it, so that the reader can say so.
        Some(_) => return own,
    }
    Some(below)
}

fn identity(expectation: &Node) -> Vec<Option<&str>> {
    expect_keys::identity().map(|key| expectation.child(key).and_then(Node::text)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::document::tests::parsed;
    use super::*;

    fn merged(base: &str, over: &str) -> Node {
        documents(parsed(base), parsed(over))
    }

    #[test]
    fn tables_merge_key_by_key() {
        let node = merged("[t]\na = 1\nb = 2\n", "t.b = 3\nt.c = 4\n");
        let t = node.child("t").unwrap();
        for (key, value) in [("a", 1), ("b", 3), ("c", 4)] {
            assert!(matches!(t.child(key).unwrap().value, Value::Integer(found) if found == value), "{key}");
        }
    }

    #[test]
    fn false_removes_but_switches_stay_switches() {
        let node = merged("[t]\na = {x = 1}\nb = \"1s\"\nc = true\n", "[t]\na = false\nb = false\nc = false\n");
        let t = node.child("t").unwrap();
        assert!(t.child("a").is_none() && t.child("b").is_none());
        assert!(matches!(t.child("c").unwrap().value, Value::Bool(false)));
    }

    #[test]
    fn expectations_replace_their_like_and_go_with_their_fault() {
        let base = "[[expect]]\nmetric = \"m\"\nfault = \"f\"\n[[expect]]\nmetric = \"m\"\nmean = 1\n[fault.f]\n";
        let node =
            merged(base, "[fault]\nf = false\n[[expect]]\nmetric = \"m\"\nmean = 2\n[[expect]]\nmetric = \"n\"\n");
        let Value::List(items) = &node.child("expect").unwrap().value else { panic!("not a list") };
        assert_eq!(items.len(), 2);
        assert!(matches!(items[0].child("mean").unwrap().value, Value::Integer(2)));
    }

    #[test]
    fn specific_values_outrank_general_ones() {
        let node = specific(&parsed("a = 1\nb = 1\n"), &parsed("b = 2\n"));
        assert!(node.child("b").unwrap().top_rank() > node.child("a").unwrap().top_rank());
    }
}
