//! Tiers and named customers.

use super::cells::CellRule;
use super::cells::{self, Layout};
use super::context::Context;
use super::contract;
use super::contract::Contract;
use super::document::{Entry, Node, Place, Read};
use super::keys::Keys;
use super::merge;
use super::values::{self, MOST};
use super::workflow::Workflow;

/// A service class.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Tier {
    /// Name, as in `[tier.NAME]`.
    pub name: String,
    /// Number of customers, named ones included.
    pub customers: u32,
    /// How its customers are cut into cells, per workflow index.
    pub cells: Vec<CellRule>,
    /// What was promised.
    pub contract: Contract,
    /// New customers per second.
    pub new_customers: f64,
}

/// Named customers: `[customer.NAME]`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Cohort {
    /// Name, as in `[customer.NAME]`.
    pub name: String,
    /// How many there are; they are among the tier's `customers`.
    pub count: u32,
    /// Tier index.
    pub tier: usize,
    /// Workflow indices they use (these and no others).
    pub workflows: Vec<usize>,
    /// Requests per second of each, per workflow in `workflows`; `None`: as any customer of the tier (its mean).
    pub demand: Option<f64>,
    /// Where they live.
    pub home: Home,
}

/// Where named customers live.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub enum Home {
    /// Placed by the policy, like anybody.
    Placed,
    /// A cell of their own, each, per workflow.
    Dedicated,
    /// Cell number `number` (from 1) of their tier in this workflow (index).
    Cell {
        /// Workflow index.
        workflow: usize,
        /// Cell number, from 1.
        number: u32,
    },
}

/// Reads `[tier.NAME]`.
pub(super) fn tier(
    context: &Context,
    entry: &Entry,
    contract: Option<&Node>,
    workflows: &[String],
    layout: &Layout,
) -> Option<Tier> {
    let what = format!("tier `{}`", entry.key);
    context
        .table(&entry.node, &what, |keys| {
            let customers =
                keys.required("customers", "customers = 200", |node| values::count(node, "customers", 1, MOST));
            let new_customers = keys.or("new_customers", 0.0, values::rate);
            let cells = cells::rules(keys, workflows, layout);
            let contract = contract::contract(context, &promised(keys, &entry.node.place, contract));
            Some(Tier { name: entry.key.clone(), customers: customers?, cells, contract: contract?, new_customers })
        })
        .flatten()
}

/// Lays a tier's own contract and its `sla` over the common contract.
fn promised(keys: &Keys<'_>, place: &Place, common: Option<&Node>) -> Node {
    let empty =
        Node { value: super::document::Value::Table(super::document::Table::default()), place: place.clone(), rank: 0 };
    let common = Node { place: place.clone(), ..common.cloned().unwrap_or_else(|| empty.clone()) };
    let mut merged = keys.get("contract").map_or_else(|| common.clone(), |own| merge::specific(&common, own));
    if let Some(entry) = keys.entry("sla") {
        let own = keys.get("contract").and_then(|own| own.child("sla"));
        if own.is_some_and(|own| own.top_rank() == entry.node.top_rank()) {
            let error = entry.key_place.error("`sla` is given twice for this tier", "and in its contract");
            keys.context.problem(error.help("keep one of them"));
        }
        if own.is_none_or(|own| own.top_rank() < entry.node.top_rank()) {
            let table = super::document::Table { entries: vec![entry.clone()] };
            let over = Node { value: super::document::Value::Table(table), ..empty };
            merged = merge::specific(&merged, &over);
        }
    }
    merged
}

/// What named customers may refer to.
pub(super) struct Neighbours<'a> {
    /// All tiers.
    pub(super) tiers: &'a [Tier],
    /// All workflows.
    pub(super) workflows: &'a [Workflow],
    /// Which walls there are.
    pub(super) layout: &'a Layout,
}

/// Reads `[customer.NAME]`.
pub(super) fn cohort(context: &Context, entry: &Entry, known: &Neighbours<'_>) -> Option<Cohort> {
    context.table(&entry.node, &format!("customer `{}`", entry.key), |keys| read_cohort(keys, &entry.key, known))?
}

fn read_cohort(keys: &Keys<'_>, name: &str, known: &Neighbours<'_>) -> Option<Cohort> {
    let tiers: Vec<&str> = known.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let names: Vec<&str> = known.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    if let Some(entry) = keys.entry("tier").filter(|_| tiers.contains(&name)) {
        let error = entry.key_place.error(format!("`{name}` is the name of a tier, too"), "of this customer");
        keys.context.problem(error.help("give the customer another name: faults refer to both as NAME/1"));
    }
    let count = keys.or("count", 1, |node| values::count(node, "customers", 1, MOST));
    let tier = keys.required("tier", "tier = \"enterprise\"", |node| values::reference(node, "tier", &tiers));
    let demand = keys.optional("demand", values::rate);
    let listed = keys.optional("workflows", |node| {
        values::list(node, "[\"messaging\"]", |node| Ok((values::reference(node, "workflow", &names)?, node)))
    });
    let has_list = keys.get("workflows").is_some();
    let home = |workflows: &[usize], tier| keys.or("cell", Home::Placed, |node| home(node, workflows, tier, known));
    let Some(tier) = tier else {
        keys.get("cell");
        return None;
    };
    let used = |workflow: &Workflow| workflow.classes[tier].is_some();
    let workflows: Vec<usize> = match listed {
        Some(listed) => {
            for (index, node) in &listed {
                if !used(&known.workflows[*index]) {
                    let message = format!("tier `{}` has no demand for `{}`", tiers[tier], names[*index]);
                    let error = node.error(message, "not used by this tier");
                    keys.context.problem(error.help("give the workflow a `demand` for this tier"));
                }
            }
            let mut workflows: Vec<usize> = listed.into_iter().map(|listed| listed.0).collect();
            workflows.sort_unstable();
            workflows.dedup();
            workflows
        }
        None if has_list => Vec::new(),
        None => (0..names.len()).filter(|index| used(&known.workflows[*index])).collect(),
    };
    let home = home(&workflows, tier);
    if workflows.is_empty() && !keys.context.has_problems() {
        keys.context.problem(keys.place.error("named customers that use no workflow", "needs `workflows`"));
    }
    Some(Cohort { name: name.to_owned(), count, tier, workflows, demand, home })
}

fn home(node: &Node, workflows: &[usize], tier: usize, known: &Neighbours<'_>) -> Read<Home> {
    let written = values::text(node)?;
    match written.as_str() {
        "placed" => return Ok(Home::Placed),
        "dedicated" => return Ok(Home::Dedicated),
        _ => {}
    }
    let shared = matches!(known.layout, Layout::Shared { .. });
    let help = if shared {
        "write \"placed\", \"dedicated\", or a cell like \"messaging/1\""
    } else {
        "write \"placed\", \"dedicated\", or a cell like \"messaging/enterprise/3\""
    };
    let parts: Vec<&str> = written.split('/').collect();
    let (workflow, owner, number) = match parts.as_slice() {
        [workflow, number] if shared => (*workflow, None, *number),
        [workflow, tier, number] if !shared => (*workflow, Some(*tier), *number),
        _ => {
            return Err(Box::new(
                node.error(format!("`{written}` is not the name of a cell"), "no such cell").help(help),
            ));
        }
    };
    let names: Vec<&str> = known.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    let workflow = values::named(node, workflow, "workflow", &names)?;
    if owner.is_some_and(|owner| owner != known.tiers[tier].name) {
        return Err(Box::new(node.error("a cell of another tier than the customer's", "of another tier")));
    }
    if !workflows.contains(&workflow) {
        return Err(Box::new(node.error("a cell of a workflow that the customer does not use", "not in `workflows`")));
    }
    let number = cell_number(node, number)?;
    let most = most_cells(&known.tiers[tier], known.workflows, workflow, tier, known.layout);
    if number > most {
        let error = node.error(format!("there is no cell number {number}"), format!("there are {most} at most"));
        return Err(Box::new(error));
    }
    Ok(Home::Cell { workflow, number })
}

fn cell_number(node: &Node, text: &str) -> Read<u32> {
    text.parse().ok().filter(|number| *number >= 1).ok_or_else(|| {
        Box::new(node.error(format!("`{text}` is not the number of a cell"), "cells are numbered from 1"))
    })
}

/// Returns the greatest number that a cell made by the rule may have; dedicated cells come on top of it.
pub(super) fn most_cells(owner: &Tier, workflows: &[Workflow], workflow: usize, tier: usize, layout: &Layout) -> u32 {
    if let Layout::Shared { count } = layout {
        return *count;
    }
    match &owner.cells[workflow] {
        CellRule::Count(count) => *count,
        CellRule::Target { target, .. } => {
            let adoption = workflows[workflow].classes[tier].as_ref().map_or(0.0, |class| class.adoption);
            let placed = (owner.customers as f64 * adoption).ceil() as u32;
            placed.div_ceil(*target).max(1)
        }
    }
}
