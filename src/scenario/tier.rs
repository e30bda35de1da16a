//! Tiers and named customers.

use super::cells::CellRule;
use super::cells::{self, Layout};
use super::context::Context;
use super::contract;
use super::contract::Contract;
use super::document::{Entry, Node, Read, Table, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Text, Whole};
use super::grammar::shape::{About, Kind, Refusal, Shape};
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

/// Shape of `[tier.NAME]`.
pub(super) const TIER: Shape = Shape::new(
    "tier",
    "a tier",
    &[CUSTOMERS.about(), &cells::CUSTOMERS_PER_CELL, &cells::TIER_CELLS, &SLA, NEW_CUSTOMERS.about(), &CONTRACT],
);

const CUSTOMERS: Key<u32> = key::count("customers", ("customers", 1, MOST), "number of customers, named ones included")
    .required("customers = 200");
const SLA: About =
    About::new("sla", Kind::Share, "promised availability; below 100 %").without("required, here or in the contract");
/// Customers that join.
pub(super) const NEW_CUSTOMERS: Defaulted<f64> =
    key::rate("new_customers", "rate at which customers arrive; only they use the router's placement")
        .not_all(Refusal {
            message: "the incident level has a population that does not change",
            label: "customers join",
            help: "write new_customers = \"0/s\": years of growth are another design",
        })
        .or(Text("0/s"));
/// What the tier was promised.
pub(super) const CONTRACT: About =
    About::new("contract", Kind::Table(&contract::CONTRACT), "any key of [contract](#contract), for this tier")
        .without("`[contract]`")
        .layered();

/// Reads `[tier.NAME]`.
pub(super) fn tier(
    context: &Context,
    entry: &Entry,
    contract: Option<&Node>,
    workflows: &[String],
    layout: &Layout,
) -> Option<Tier> {
    let what = format!("tier `{}`", entry.key);
    let read = |keys: &Keys<'_>| {
        let customers = keys.read(&CUSTOMERS);
        let new_customers = keys.read(&NEW_CUSTOMERS);
        let cells = cells::rules(keys, workflows, layout);
        let contract = contract::contract(context, &promised(keys, contract));
        Some(Tier { name: entry.key.clone(), customers: customers?, cells, contract: contract?, new_customers })
    };
    context.called(&entry.node, &TIER, &what, read).flatten()
}

/// Lays a tier's own contract and its `sla` over the common contract.
fn promised(keys: &Keys<'_>, common: Option<&Node>) -> Node {
    let empty = keys.nothing();
    let common = Node { place: keys.place.clone(), ..common.cloned().unwrap_or_else(|| empty.clone()) };
    let mut merged = keys.get(&CONTRACT).map_or_else(|| common.clone(), |own| merge::specific(&common, own));
    if let Some(entry) = keys.entry(&SLA) {
        let own = keys.get(&CONTRACT).and_then(|own| own.child(SLA.name));
        if own.is_some_and(|own| own.top_rank() == entry.node.top_rank()) {
            let error = entry.key_place.error("`sla` is given twice for this tier", "and in its contract");
            keys.context.problem(error.help("keep one of them"));
        }
        if own.is_none_or(|own| own.top_rank() < entry.node.top_rank()) {
            let over = Node { value: Value::Table(Table { entries: vec![entry.clone()] }), ..empty };
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

/// Shape of `[customer.NAME]`.
pub(super) const CUSTOMER: Shape =
    Shape::new("customer", "a customer", &[COUNT.about(), &IN_TIER, &WORKFLOWS, DEMAND.about(), &CELL]);

const COUNT: Defaulted<u32> =
    key::count("count", ("customers", 1, MOST), "how many of them: NAME/1, NAME/2 and so on").or(Whole(1));
const IN_TIER: About = About::new("tier", Kind::Name("tier"), "their tier").required("tier = \"enterprise\"");
const WORKFLOWS: About =
    About::new("workflows", Kind::List(&Kind::Name("workflow")), "the workflows they use, and no others")
        .without("all the tier has demand for");
const DEMAND: Key<f64> =
    key::rate("demand", "rate of each of them, in each of its workflows").without("the tier's mean");
const CELL: About = About::new(
    "cell",
    Kind::Any(&[Kind::Fixed("placed"), Kind::Fixed("dedicated"), Kind::Written("messaging/enterprise/3")]),
    "`\"placed\"` like anybody, `\"dedicated\"`: a cell of its own each, or a cell: `\"messaging/enterprise/3\"` \
     (`\"messaging/1\"` if cells are shared)",
)
.or(Text("placed"));

/// Reads `[customer.NAME]`.
pub(super) fn cohort(context: &Context, entry: &Entry, known: &Neighbours<'_>) -> Option<Cohort> {
    let read = |keys: &Keys<'_>| read_cohort(keys, &entry.key, known);
    context.called(&entry.node, &CUSTOMER, &format!("customer `{}`", entry.key), read)?
}

fn read_cohort(keys: &Keys<'_>, name: &str, known: &Neighbours<'_>) -> Option<Cohort> {
    let tiers: Vec<&str> = known.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let names: Vec<&str> = known.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    if let Some(entry) = keys.entry(&IN_TIER).filter(|_| tiers.contains(&name)) {
        let error = entry.key_place.error(format!("`{name}` is the name of a tier, too"), "of this customer");
        keys.context.problem(error.help("give the customer another name: faults refer to both as NAME/1"));
    }
    let count = keys.read(&COUNT);
    let tier = keys.required(&IN_TIER, |node| values::reference(node, "tier", &tiers));
    let demand = keys.read(&DEMAND);
    let listed = keys.optional(&WORKFLOWS, |node| {
        values::list(node, "[\"messaging\"]", |node| Ok((values::reference(node, "workflow", &names)?, node)))
    });
    let has_list = keys.get(&WORKFLOWS).is_some();
    let home = |workflows: &[usize], tier| keys.or(&CELL, Home::Placed, |node| home(node, workflows, tier, known));
    let tier = tier?;
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
