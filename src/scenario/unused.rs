//! What is said in vain: general values that everything more specific overrides.
//!
//! `[client]`, `[stage]` and `[contract]` hold for all who say nothing else, `[workflow.X]` for all of its tiers. A value there that
//! no reader has met has no effect at all: where it stands in a file, that is worth a remark; whoever writes `--set` asks for an
//! effect, and none is an error.

use super::context::Context;
use super::document::{Entry, Node};
use super::grammar::shape::About;
use super::met::is_set;
use super::{read_workflow, root, tier};

/// Looks for values in vain: those of `--set` are problems, those of files come back as remarks. Remarks are made as well about a
/// `--set` that some override.
pub(super) fn look(context: &Context, document: &Node) -> Vec<String> {
    let mut remarks = Vec::new();
    for (general, specific) in generals(document) {
        for (path, leaf) in leaves(general.node) {
            let name = format!("{}.{}", general.name, path.join("."));
            let above = specific.iter().filter_map(|one| Some((deepest(one.node, &path)?, &one.name)));
            let above: Vec<(&Node, &String)> = above.collect();
            let by = |(node, name): &(&Node, &String)| {
                format!("line {} of {} (`{name}`)", node.place.line(), node.place.source.name)
            };
            match (context.met.has(leaf), is_set(leaf)) {
                (false, true) => {
                    let error = leaf.error(format!("`{name}` has no effect"), "overridden everywhere");
                    let help = above.first().map(|first| format!("{} is more specific: set that one", by(first)));
                    context.problem(help.into_iter().fold(error, crate::diagnostic::Diagnostic::help));
                }
                (false, false) => {
                    let whose =
                        above.first().map_or_else(String::new, |first| format!(": {} is more specific", by(first)));
                    let place = format!("{}:{}", leaf.place.source.name, leaf.place.line());
                    remarks.push(format!("`{name}` at {place} has no effect{whose}"));
                }
                (true, true) => {
                    let exact = above.iter().find(|(node, _)| node.table().is_none());
                    remarks.extend(
                        exact.map(|one| format!("--set {name} has no effect where {} is more specific", by(one))),
                    );
                }
                (true, false) => {}
            }
        }
    }
    remarks
}

/// A table of general values, or one of more specific ones, with its name.
struct Named<'a> {
    name: String,
    node: &'a Node,
}

/// Returns the tables of general values, each with those that override it.
fn generals(document: &Node) -> Vec<(Named<'_>, Vec<Named<'_>>)> {
    let below = |key: &About| document.child(key.name).and_then(Node::table).map_or(&[][..], |table| &table.entries);
    let mut client = Vec::new();
    let mut stage = Vec::new();
    let mut contract = Vec::new();
    let mut found = Vec::new();
    for workflow in below(&root::WORKFLOW) {
        let own = format!("workflow.{}", workflow.key);
        let mut layers = vec![(own.clone(), &workflow.node)];
        let tiers =
            workflow.node.child(read_workflow::TIER.name).and_then(Node::table).map_or(&[][..], |table| &table.entries);
        layers.extend(tiers.iter().map(|tier| (format!("{own}.tier.{}", tier.key), &tier.node)));
        for (name, layer) in &layers {
            client.extend(
                layer.child(read_workflow::CLIENT.name).map(|node| Named { name: format!("{name}.client"), node }),
            );
            let stages =
                layer.child(read_workflow::STAGE.name).and_then(Node::table).map_or(&[][..], |table| &table.entries);
            let named = |entry: &'_ Entry| format!("{name}.stage.{}", entry.key);
            stage.extend(stages.iter().map(|entry| Named { name: named(entry), node: &entry.node }));
        }
        let specific = layers.into_iter().skip(1).map(|(name, node)| Named { name, node }).collect();
        found.push((Named { name: own, node: &workflow.node }, specific));
    }
    for tier in below(&root::TIER) {
        let own = format!("tier.{}", tier.key);
        // `sla` in a tier is a key of its contract.
        contract.push(Named { name: own.clone(), node: &tier.node });
        contract
            .extend(tier.node.child(tier::CONTRACT.name).map(|node| Named { name: format!("{own}.contract"), node }));
    }
    for (key, specific) in [(root::CLIENT, client), (root::STAGE, stage), (root::CONTRACT, contract)] {
        if let Some(node) = document.child(key.name) {
            found.push((Named { name: key.name.to_owned(), node }, specific));
        }
    }
    found
}

/// Returns the values in a table with their paths: those that are no tables, and what is read as a whole. Stages and tiers within a
/// workflow are not general.
fn leaves(node: &Node) -> Vec<(Vec<&str>, &Node)> {
    fn visit<'a>(node: &'a Node, path: &mut Vec<&'a str>, found: &mut Vec<(Vec<&'a str>, &'a Node)>) {
        let Some(table) = node.table() else {
            found.push((path.clone(), node));
            return;
        };
        let whole = [read_workflow::SERVES.name, read_workflow::TIER.name, read_workflow::PATH.name];
        for entry in table.entries.iter().filter(|entry| !whole.contains(&entry.key.as_str())) {
            path.push(&entry.key);
            visit(&entry.node, path, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    visit(node, &mut Vec::new(), &mut found);
    found
}

/// Returns the value at a path, or what stands above it in its place.
fn deepest<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    let mut found = node.child(path[0])?;
    for key in &path[1..] {
        match found.child(key) {
            Some(next) => found = next,
            None => break,
        }
    }
    Some(found)
}
