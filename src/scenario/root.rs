//! The root of the grammar: what may stand at the top level of a scenario.

use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Whole;
use super::grammar::shape::{About, Kind, Shape};
use super::{
    cells, client, contract, cost, expect_keys, merge, read_fault, read_router, read_stage, read_trace, read_workflow,
    run, tier, values,
};

/// Shape of a scenario: every key and every table stands below it.
pub(super) const SCENARIO: Shape = Shape::new(
    "scenario",
    "the scenario",
    &[
        TITLE.about(),
        EXTENDS.about(),
        ZONES.about(),
        &TIER,
        &CONTRACT,
        &CUSTOMER,
        &CLIENT,
        &STAGE,
        &WORKFLOW,
        &read_trace::TRACE,
        &CELLS,
        &ROUTER,
        &COST,
        &FAULT,
        &RUN,
        &EXPECT,
    ],
);

/// Heading of every report.
pub(super) const TITLE: Key<String> = key::text("title", "heading of every report").without("the file's name");
/// File to lay this one over.
pub(super) const EXTENDS: Key<String> = key::text("extends", "file to lay this one over");
/// Zones of every cell.
pub(super) const ZONES: Defaulted<Vec<String>> = key::by(
    "zones",
    Kind::Any(&[Kind::Count("zones", 1, 26), Kind::List(&Kind::Text)]),
    zones,
    "count (named a, b, c, ...) or list of names; every cell spreads over all of them",
)
.or(Whole(3));
/// Service classes.
pub(super) const TIER: About =
    About::new("tier", Kind::Table(&TIERS), "service classes: [tier](#tiername)").required("[tier.NAME]").layered();
const TIERS: Shape = Shape::of_names("tiers", "NAME", Kind::Table(&tier::TIER));
/// What was promised.
pub(super) const CONTRACT: About = About::new(
    "contract",
    Kind::Table(&contract::CONTRACT),
    "what was promised; one text for all tiers: [contract](#contract)",
)
.layered();
/// Named customers.
pub(super) const CUSTOMER: About =
    About::new("customer", Kind::Table(&CUSTOMERS), "named customers: the exceptions: [customer](#customername)");
const CUSTOMERS: Shape = Shape::of_names("customers", "NAME", Kind::Table(&tier::CUSTOMER));
/// The caller's side.
pub(super) const CLIENT: About =
    About::new("client", Kind::Table(&client::CLIENT), "the caller's side: [client](#client)").layered();
/// Every stage.
pub(super) const STAGE: About = About::new(
    "stage",
    Kind::Table(&read_stage::STAGE),
    "every stage, unless `[workflow.X] stage.NAME` says otherwise: [stage](#stage)",
)
.layered();
/// Product families.
pub(super) const WORKFLOW: About =
    About::new("workflow", Kind::Table(&WORKFLOWS), "products, or API families: [workflow](#workflowname)")
        .required("[workflow.NAME]")
        .layered();
const WORKFLOWS: Shape = Shape::of_names("workflows", "NAME", Kind::Table(&read_workflow::WORKFLOW));
/// Which walls there are.
pub(super) const CELLS: About =
    About::new("cells", Kind::Table(&cells::CELLS), "how tiers are separated: [cells](#cells)");
/// The lookup path.
pub(super) const ROUTER: About =
    About::new("router", Kind::Table(&read_router::ROUTER), "the lookup path: [router](#router)").without("none");
/// Prices.
pub(super) const COST: About = About::new("cost", Kind::Table(&cost::COST), "prices: [cost](#cost)").without("none");
/// What goes wrong.
pub(super) const FAULT: About =
    About::new(merge::FAULT, Kind::Table(&FAULTS), "what is struck, what happens to it, when: [fault](#faultname)");
const FAULTS: Shape = Shape::of_names("faults", "NAME", Kind::Table(&read_fault::FAULT));
/// How to run it.
pub(super) const RUN: About = About::new("run", Kind::Table(&run::RUN), "how to run it: [run](#run)");
/// What must hold.
pub(super) const EXPECT: About =
    About::new(merge::EXPECT, Kind::List(&Kind::Table(&expect_keys::EXPECT)), "what must hold: [expect](#expect)");

/// Reads the zones: a count, or a list of names.
fn zones(node: &Node) -> Read<Vec<String>> {
    let names = match &node.value {
        Value::List(_) => values::list(node, "[\"a\", \"b\", \"c\"]", values::text)?,
        _ => return values::count(node, "zones", 1, 26).map(letters),
    };
    let distinct = names.iter().enumerate().all(|(index, name)| !names[..index].contains(name) && !name.is_empty());
    if names.is_empty() || names.len() > 250 || !distinct {
        let error = node.error("zones are a count, or a list of different names", "here they are not");
        return Err(Box::new(error.help("write zones = 3, or zones = [\"a\", \"b\", \"c\"]")));
    }
    Ok(names)
}

fn letters(count: u32) -> Vec<String> {
    ('a'..='z').take(count as usize).map(String::from).collect()
}
