//! Reading `strikes`: the filter that says what a fault strikes.

use super::cells::Layout;
use super::document::{Node, Read};
use super::fault::{CellFilter, CellRef, CustomerRef, RouterStep};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Switch;
use super::grammar::shape::{About, Kind, Shape};
use super::keys::Keys;
use super::platform::Platform;
use super::read_part::{self, DESTINATION, WORKER, WORKERS_OF};
use super::tier::most_cells;
use super::values::{self, MOST};

/// What is struck, before the effects decide between cells and customers.
pub(super) enum Struck {
    /// A step of the router.
    Router(RouterStep),
    /// Cells.
    Cells(CellFilter),
    /// One customer.
    Customer {
        /// Workflow index.
        workflow: Option<usize>,
        /// Tier index.
        tier: Option<usize>,
        /// Who.
        customer: CustomerRef,
    },
}

/// What is struck.
pub(super) const STRIKES: About =
    About::new("strikes", Kind::Table(&STRUCK), "a filter; what is not said matches everything: [strikes](#strikes)")
        .required_if(
            "everything; required if scripted or recorded",
            "strikes = { workflow = \"messaging\", tier = \"enterprise\", cell = 1 }",
        );

/// Shape of `strikes`.
pub(super) const STRUCK: Shape = Shape::new(
    "strikes",
    "`strikes`",
    &[
        &WORKFLOW,
        &TIER,
        &CELL,
        &CELL_OF,
        &STAGE,
        &DESTINATION,
        &WORKER,
        &WORKERS_OF,
        &ZONE,
        &CUSTOMER,
        ROUTER.about(),
        PLATFORM.about(),
    ],
);

const WORKFLOW: About = About::new("workflow", Kind::Name("workflow"), "its cells");
const TIER: About = About::new(
    "tier",
    Kind::Name("tier"),
    "its cells; with shared cells it strikes only that tier's attempts, and leaves everybody's slots alone",
);
const CELL: About = About::new("cell", Kind::Count("cells", 1, MOST), "its number, from 1, within workflow and tier");
const CELL_OF: About = About::new(
    "cell_of",
    Kind::Written("enterprise/17"),
    "the cell a customer lives in: `\"enterprise/17\"`, `\"whale\"` (the first), `\"whale/2\"`, or `\"busiest\"`",
);
const STAGE: About = About::new("stage", Kind::Name("stage"), "only this stage");
const ZONE: About = About::new("zone", Kind::Name("zone"), "only what stands in this zone");
const CUSTOMER: About = About::new(
    "customer",
    Kind::Written("enterprise/17"),
    "a customer itself, written as in `cell_of`: for `demand` and `errors`",
);
const ROUTER: Key<RouterStep> =
    key::word("router", "a step: `\"cache\"`, `\"store\"`, `\"placement\"`, `\"network\"`; alone");
const PLATFORM: Defaulted<bool> = key::switch("platform", "`true`: everything; alone").or(Switch(false));

/// Reads `strikes`; without it, everything.
pub(super) fn strikes(keys: &Keys<'_>, platform: &Platform<'_>) -> Option<Struck> {
    match keys.get(&STRIKES) {
        None => Some(Struck::Cells(CellFilter::default())),
        Some(_) => keys.table(&STRIKES, |keys| read(keys, platform)).flatten(),
    }
}

fn read(keys: &Keys<'_>, platform: &Platform<'_>) -> Option<Struck> {
    let workflows: Vec<&str> = platform.workflows.iter().map(|workflow| workflow.name.as_str()).collect();
    let tiers: Vec<&str> = platform.tiers.iter().map(|tier| tier.name.as_str()).collect();
    let problems = || keys.context.has_problems();
    let before = problems();
    let router = keys.read(&ROUTER);
    let workflow = keys.optional(&WORKFLOW, |node| values::reference(node, "workflow", &workflows));
    let tier = keys.optional(&TIER, |node| values::reference(node, "tier", &tiers));
    let zone = keys.optional(&ZONE, |node| values::reference(node, "zone", platform.zones));
    let stage = keys.optional(&STAGE, |node| stage(node, platform, workflow, tier));
    let everything = keys.read(&PLATFORM);
    let which = keys.alternative(&[&CELL, &CELL_OF, &CUSTOMER]);
    if problems() && !before {
        return None;
    }
    let scope = Scope { platform, workflow, tier };
    let of_stage = (workflow, stage.as_deref());
    let part = read_part::part(keys, platform, of_stage, |node| {
        let customer = scope.customer(node)?;
        scope.lives(node, &customer)?;
        Ok(customer)
    });
    if problems() && !before {
        return None;
    }
    let others = [&WORKFLOW, &TIER, &ZONE, &STAGE, &DESTINATION, &WORKER, &WORKERS_OF, &CELL, &CELL_OF, &CUSTOMER];
    let given: Vec<&str> = others.into_iter().filter(|key| keys.get(key).is_some()).map(|key| key.name).collect();
    if let (true, [first, ..]) = (router.is_some() || everything, given.as_slice()) {
        let owner: &About = if router.is_some() { &ROUTER } else { &PLATFORM };
        let place = keys.get(owner).map_or(keys.place, |node| &node.place);
        let owner = owner.name;
        let error = place.error(format!("`{owner}` and `{first}` exclude each other"), "strikes something else");
        keys.context.problem(error.help(format!("keep `{owner}` alone, or leave it out")));
        return None;
    }
    if let Some(step) = router {
        if !platform.has_router {
            let place = keys.get(&ROUTER).map_or(keys.place, |node| &node.place);
            let error = place.error("there is no router to strike", "the scenario has none");
            keys.context.problem(error.help("add [router]"));
            return None;
        }
        return Some(Struck::Router(step));
    }
    let used = |workflow: usize, tier: usize| platform.workflows[workflow].classes[tier].is_some();
    if let (Some(workflow), Some(tier)) = (workflow, tier)
        && !used(workflow, tier)
    {
        let message = format!("tier `{}` does not use workflow `{}`", tiers[tier], workflows[workflow]);
        keys.context.problem(keys.place.error(message, "strikes nothing"));
        return None;
    }
    let filter = CellFilter { workflow, tier, cell: None, stage, part, zone };
    match which {
        None if given.is_empty() && !everything => {
            let error = keys.place.error("a filter that says nothing", "strikes what?");
            keys.context.problem(error.help("write strikes = { platform = true } to strike everything"));
            None
        }
        None => Some(Struck::Cells(filter)),
        Some((key, node)) if key.is(&CELL) => {
            let number = keys.context.keep(scope.number(node))?;
            Some(Struck::Cells(CellFilter { cell: Some(CellRef::Number(number)), ..filter }))
        }
        Some((key, node)) if key.is(&CELL_OF) => {
            let customer = keys.context.keep(scope.customer(node))?;
            keys.context.keep(scope.lives(node, &customer))?;
            // The busiest customer needs its class; the others bring their own tier.
            let (workflow, tier) = scope.only(&customer);
            Some(Struck::Cells(CellFilter { cell: Some(CellRef::Of(customer)), workflow, tier, ..filter }))
        }
        Some((_, node)) => {
            let customer = keys.context.keep(scope.customer(node))?;
            if filter.stage.is_some() || filter.zone.is_some() {
                let error = node.error("a customer has no stage and no zone", "strikes a customer");
                keys.context.problem(error.help("leave `stage` and `zone` out, or write `cell_of`"));
                return None;
            }
            let (workflow, tier) = scope.only(&customer);
            Some(Struck::Customer { workflow, tier, customer })
        }
    }
}

fn stage(node: &Node, platform: &Platform<'_>, workflow: Option<usize>, tier: Option<usize>) -> Read<String> {
    let mut names: Vec<&str> = Vec::new();
    for (index, other) in platform.workflows.iter().enumerate() {
        if workflow.is_some_and(|workflow| workflow != index) {
            continue;
        }
        let of_tier = |(index, class): (usize, &'_ Option<super::workflow::Class>)| {
            tier.is_none_or(|tier| tier == index) && class.is_some()
        };
        for (index, class) in other.classes.iter().enumerate() {
            let Some(class) = class.as_ref().filter(|_| of_tier((index, class))) else { continue };
            names.extend(class.path.iter().map(|stage| stage.name.as_str()));
        }
    }
    names.sort_unstable();
    names.dedup();
    values::reference(node, "stage", &names).map(|index| names[index].to_owned())
}

/// The part of the platform that the rest of the filter leaves.
struct Scope<'a> {
    platform: &'a Platform<'a>,
    workflow: Option<usize>,
    tier: Option<usize>,
}

impl Scope<'_> {
    /// Reads the number of a cell.
    fn number(&self, node: &Node) -> Read<u32> {
        let number = values::count(node, "cells", 1, MOST)?;
        let shared = matches!(self.platform.layout, Layout::Shared { .. });
        let Some(workflow) = self.workflow.or(only(self.platform.workflows.len())) else {
            return Err(Box::new(
                node.error("the number of a cell means nothing without its workflow", "of which?")
                    .help("add `workflow`"),
            ));
        };
        let Some(tier) = self.tier.or(if shared { Some(0) } else { only(self.platform.tiers.len()) }) else {
            return Err(Box::new(
                node.error("the number of a cell means nothing without its tier", "of which?").help("add `tier`"),
            ));
        };
        let owner = &self.platform.tiers[tier];
        let most = most_cells(owner, self.platform.workflows, workflow, tier, self.platform.layout);
        if number > most {
            let name = &self.platform.workflows[workflow].name;
            let error = node.error(format!("there is no cell number {number} of `{name}`"), "too large a number");
            return Err(Box::new(error.help(format!("cells here are numbered from 1 to {most}"))));
        }
        Ok(number)
    }

    /// Reads "busiest", "enterprise/17", "whale" or "whale/2".
    fn customer(&self, node: &Node) -> Read<CustomerRef> {
        let written = values::text(node)?;
        let platform = self.platform;
        if written == "busiest" {
            let workflow = self.workflow.or(only(platform.workflows.len()));
            let tier = self.tier.or(only(platform.tiers.len()));
            if workflow.is_none() || tier.is_none() {
                let error = node.error("the busiest customer of what?", "needs a workflow and a tier");
                return Err(Box::new(error.help("add `workflow` and `tier`")));
            }
            return Ok(CustomerRef::Busiest);
        }
        let (name, number) =
            written.split_once('/').map_or((written.as_str(), None), |(name, number)| (name, Some(number)));
        let number = |most: u32| -> Read<u32> {
            number.map_or(Ok(1), |number| {
                number.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| {
                    let label = format!("{name} has numbers from 1 to {most}");
                    Box::new(node.error(format!("there is no customer `{written}`"), label))
                })
            })
        };
        if let Some(cohort) = platform.cohorts.iter().position(|cohort| cohort.name == name) {
            let reference = CustomerRef::Named { cohort, number: number(platform.cohorts[cohort].count)? };
            self.matches(node, platform.cohorts[cohort].tier, &written)?;
            return Ok(reference);
        }
        let names: Vec<&str> = platform.tiers.iter().map(|tier| tier.name.as_str()).collect();
        let known: Vec<&str> = names
            .iter()
            .copied()
            .chain(platform.cohorts.iter().map(|cohort| cohort.name.as_str()))
            .chain(["busiest"])
            .collect();
        let index = values::named(node, name, "customer", &known)?;
        if !written.contains('/') {
            let error = node.error(format!("`{name}` is a tier, not a customer"), "which of its customers?");
            return Err(Box::new(error.help(format!("write \"{name}/17\", or \"busiest\""))));
        }
        let number = number(platform.tiers[index].customers)?;
        self.matches(node, index, &written)?;
        Ok(CustomerRef::Number { tier: index, number })
    }

    /// Refuses a customer of another tier than the filter's.
    fn matches(&self, node: &Node, tier: usize, written: &str) -> Read<()> {
        match self.tier {
            Some(other) if other != tier && matches!(self.platform.layout, Layout::PerTier) => {
                let names = (&self.platform.tiers[tier].name, &self.platform.tiers[other].name);
                let error = node
                    .error(format!("`{written}` is a customer of {}, not of {}", names.0, names.1), "of another tier");
                Err(Box::new(error))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a named customer that does not use the workflow.
    fn lives(&self, node: &Node, customer: &CustomerRef) -> Read<()> {
        if let (CustomerRef::Named { cohort, .. }, Some(workflow)) = (customer, self.workflow) {
            let cohort = &self.platform.cohorts[*cohort];
            if !cohort.workflows.contains(&workflow) {
                let name = &self.platform.workflows[workflow].name;
                let error =
                    node.error(format!("`{}` does not use workflow `{name}`", cohort.name), "has no cell there");
                return Err(Box::new(error));
            }
        }
        Ok(())
    }

    /// Returns the filter's workflow and tier, filled in for the busiest customer where there is only one.
    fn only(&self, customer: &CustomerRef) -> (Option<usize>, Option<usize>) {
        match customer {
            CustomerRef::Busiest => {
                (self.workflow.or(only(self.platform.workflows.len())), self.tier.or(only(self.platform.tiers.len())))
            }
            CustomerRef::Number { .. } | CustomerRef::Named { .. } => (self.workflow, self.tier),
        }
    }
}

/// The number of the only one there is.
fn only(count: usize) -> Option<usize> {
    (count == 1).then_some(0)
}
