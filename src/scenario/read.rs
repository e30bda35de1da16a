//! From files to a scenario: every part is read, then held against the others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cells::{self, Layout};
use super::context::{Context, hexadecimal};
use super::document::{Entry, Node, Place, Read};
use super::expect_keys::Names;
use super::expectation;
use super::grammar::shape::About;
use super::keys::Keys;
use super::origin::Origin;
use super::platform::Platform;
use super::read_fault::fault;
use super::read_workflow::{self, Surroundings};
use super::root::{
    CELLS, CLIENT, CONTRACT, COST, CUSTOMER, EXPECT, EXTENDS, FAULT, ROUTER, RUN, SCENARIO, STAGE, TIER, TITLE,
    WORKFLOW, ZONES,
};
use super::tier::{self, Cohort, Neighbours, Tier};
use super::unknown::unknown;
use super::workflow::{self, Workflow};
use super::{Scenario, contract, cost, incident_level, load, read_router, read_trace, run, unused};
use crate::catalogue::Level;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::printable::in_a_line;

impl Scenario {
    /// Reads a scenario file with everything that it extends, then applies `--set` arguments (`path=value`).
    ///
    /// # Errors
    /// Everything that is wrong with the files, as far as it can be told at once.
    pub fn read(path: &Path, sets: &[String]) -> Result<Scenario, Diagnostics> {
        let context = Context::of(path);
        let document = load::load(&context, path, sets);
        Scenario::of(&context, document, path)
    }

    /// Reads a scenario from a text that extends nothing.
    ///
    /// # Errors
    /// Everything that is wrong with it, as far as it can be told at once.
    ///
    /// # Example
    /// ```
    /// let text = "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n\
    ///     [workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"1s\"\n\
    ///     stage.s = { service_time = \"10ms\", size = { concurrency = 2 } }\n";
    /// let scenario = cellsim::scenario::Scenario::from_text("small", text).unwrap();
    /// assert_eq!((scenario.name.as_str(), scenario.tiers[0].customers), ("small", 10));
    /// ```
    pub fn from_text(name: &str, text: &str) -> Result<Scenario, Diagnostics> {
        let context = Context::default();
        Scenario::of(&context, load::load_text(name, text), Path::new(name))
    }

    /// Resolves a document: everything that is read, then held against the rest.
    pub(super) fn of(context: &Context, document: Read<Node>, path: &Path) -> Result<Scenario, Diagnostics> {
        let document = document.map_err(|error| Diagnostics(vec![*error]))?;
        context.root.set(Some(&SCENARIO));
        let scenario = context.shaped(&document, &SCENARIO, |keys| resolve(keys, path)).flatten();
        // What is wrong keeps readers from meeting what comes after it.
        let remarks = if context.has_problems() { Vec::new() } else { unused::look(context, &document) };
        let problems = context.take_problems();
        match scenario {
            Some(scenario) if problems.is_empty() => {
                honoured(Scenario { remarks, ..finished(scenario, document, context) })
            }
            _ if problems.is_empty() => {
                // A reader that fails says why; this is for the one that forgets to.
                Err(Diagnostic::file(path.display().to_string(), "the scenario cannot be read").into())
            }
            _ => Err(Diagnostics(problems)),
        }
    }
}

/// Refuses what the scenario's level cannot honour.
fn honoured(scenario: Scenario) -> Result<Scenario, Diagnostics> {
    let refused = match scenario.run.level {
        Level::Request => incident_level::missing(&scenario),
        Level::Incident => incident_level::refused(&scenario),
    };
    if refused.is_empty() { Ok(scenario) } else { Err(Diagnostics(refused)) }
}

/// Refuses sizes of a tier's own cells where tiers share them. Inherited ones do not apply, and may stand.
fn shared(keys: &Keys<'_>, tiers: &[Entry], layout: &Layout) {
    let (Layout::Shared { .. }, Some(by)) =
        (layout, keys.get(&CELLS).and_then(|cells| cells.child(cells::SHARED_BY.name)))
    else {
        return;
    };
    for tier in tiers {
        for key in [cells::CUSTOMERS_PER_CELL.name, cells::TIER_CELLS.name] {
            let Some(node) = tier.node.child(key).filter(|node| node.top_rank() >= by.top_rank()) else { continue };
            let error = node.error(format!("tiers share cells, so `{key}` of a tier has no effect"), "no effect");
            keys.context.problem(error.help("leave it out; `cells.count` says how many cells each workflow has"));
        }
    }
}

/// Adds what only a complete scenario has: its digest, and where its keys were written.
fn finished(mut scenario: Scenario, document: Node, context: &Context) -> Scenario {
    let parts = (
        (&scenario.zones, &scenario.tiers, &scenario.cohorts, &scenario.workflows, &scenario.layout),
        (&scenario.router, &scenario.cost, &scenario.faults, &scenario.trace, &scenario.run, &scenario.expectations),
    );
    // Serializing plain structures of numbers and names cannot fail; infinite bounds are written as null.
    let resolved = serde_json::to_vec(&parts).unwrap_or_default();
    scenario.digests = vec![("scenario".to_owned(), hexadecimal(&resolved))];
    scenario.digests.extend(context.digests());
    scenario.priors = context.priors();
    scenario.origin = Arc::new(Origin::new(document));
    scenario
}

fn resolve(keys: &Keys<'_>, path: &Path) -> Option<Scenario> {
    let context = keys.context;
    let name =
        path.file_stem().map_or_else(|| "scenario".to_owned(), |stem| in_a_line(&stem.to_string_lossy()).into_owned());
    keys.get(&EXTENDS);
    let title = keys.read(&TITLE).unwrap_or_else(|| name.clone());
    let zones = keys.read(&ZONES);
    let layout = keys.table_or_nothing(&CELLS, cells::layout);
    let run = keys.table_or_nothing(&RUN, run::run);
    context.begins_on(run.as_ref().and_then(|run| run.starts_on));
    let cost = keys.table(&COST, cost::cost);
    let router = keys.table(&ROUTER, read_router::router).flatten();
    let contract = keys.get(&CONTRACT);
    let around = (keys.get(&CLIENT), keys.get(&STAGE));
    let (tiers, workflows) = (keys.named(&TIER), keys.named(&WORKFLOW));
    let cohorts = keys.named(&CUSTOMER);
    let faults = keys.named(&FAULT);
    let (trace, expect) = (keys.get(&read_trace::TRACE), keys.get(&EXPECT));
    if tiers.is_empty() {
        missing(keys, &TIER, "[tier.NAME] with customers, customers_per_cell and sla");
    }
    if workflows.is_empty() {
        missing(keys, &WORKFLOW, "[workflow.NAME] with demand, client.deadline and stages");
    }
    let layout = layout?;
    shared(keys, tiers, &layout);
    let (tiers, workflows) = classes(context, tiers, workflows, contract, around, &layout)?;
    let known = Neighbours { tiers: &tiers, workflows: &workflows, layout: &layout };
    let cohorts: Vec<Option<Cohort>> = cohorts.iter().map(|entry| tier::cohort(context, entry, &known)).collect();
    let cohorts = cohorts.into_iter().collect::<Option<Vec<_>>>()?;
    crowded(keys, &tiers, &cohorts);
    let trace = match trace {
        None => Some(Vec::new()),
        Some(_) => {
            let read =
                |keys: &Keys<'_>| read_trace::trace(keys, &tiers, &workflows, run.as_ref().map(|run| run.horizon));
            keys.table(&read_trace::TRACE, read).flatten()
        }
    };
    idle(keys, &workflows, trace.as_deref());
    let run = run?;
    let platform = Platform {
        zones: &zones,
        tiers: &tiers,
        cohorts: &cohorts,
        workflows: &workflows,
        layout: &layout,
        has_router: keys.get(&ROUTER).is_some(),
        run: &run,
    };
    let fault_names: Vec<String> = faults.iter().map(|entry| entry.key.clone()).collect();
    let faults: Vec<_> = faults.iter().map(|entry| fault(context, entry, &platform)).collect();
    excluded(keys, &tiers, &fault_names);
    undated(keys, run.level);
    let tier_names: Vec<String> = tiers.iter().map(|tier| tier.name.clone()).collect();
    let workflow_names: Vec<String> = workflows.iter().map(|workflow| workflow.name.clone()).collect();
    let mut stage_names: Vec<String> = Vec::new();
    for stage in workflows.iter().flat_map(|one| &one.classes).flatten().flat_map(|class| &class.path) {
        if !stage_names.contains(&stage.name) {
            stage_names.push(stage.name.clone());
        }
    }
    let tables = [&COST, &ROUTER].into_iter().filter(|table| keys.get(table).is_some());
    let tables: Vec<&str> = tables.map(|table| table.name).collect();
    let names = Names {
        lists: [&fault_names, &tier_names, &workflow_names, &stage_names],
        level: run.level,
        tables: &tables,
        cells_down: run.rare.map(|rare| rare.cells_down),
    };
    let expectations = expect.map_or_else(Vec::new, |node| expectation::expectations(context, node, &names));
    Some(Scenario {
        name,
        title,
        path: PathBuf::from(in_a_line(&path.display().to_string()).into_owned()),
        zones,
        tiers,
        cohorts,
        workflows,
        layout,
        router,
        cost,
        faults: faults.into_iter().collect::<Option<Vec<_>>>()?,
        trace: trace?,
        run,
        expectations,
        digests: Vec::new(),
        priors: Vec::new(),
        remarks: Vec::new(),
        origin: Arc::default(),
    })
}

/// Reads tiers and workflows, which refer to each other by name.
fn classes(
    context: &Context,
    tiers: &[Entry],
    workflows: &[Entry],
    contract: Option<&Node>,
    around: (Option<&Node>, Option<&Node>),
    layout: &Layout,
) -> Option<(Vec<Tier>, Vec<Workflow>)> {
    let names = |entries: &[Entry]| entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
    let (tier_names, workflow_names) = (names(tiers), names(workflows));
    let read: Vec<_> =
        tiers.iter().map(|entry| tier::tier(context, entry, contract, &workflow_names, layout)).collect();
    let surroundings = Surroundings { tiers: &tier_names, client: around.0, stage: around.1 };
    let used: Vec<_> = workflows.iter().map(|entry| read_workflow::workflow(context, entry, &surroundings)).collect();
    let (read, used) = (read.into_iter().collect::<Option<Vec<_>>>()?, used.into_iter().collect::<Option<Vec<_>>>()?);
    if context.has_problems() || read.is_empty() || used.is_empty() {
        return None;
    }
    for (index, entry) in tiers.iter().enumerate() {
        if used.iter().all(|workflow| workflow.classes[index].is_none()) {
            let error = entry.key_place.error(format!("tier `{}` has no demand for any workflow", entry.key), "idle");
            context.problem(error.help(format!("name it in a workflow: demand = {{ {} = \"1/s\" }}", entry.key)));
        }
    }
    Some((read, used))
}

/// Refuses a date of time 0 on which nothing depends.
fn undated(keys: &Keys<'_>, level: Level) {
    let starts_on = keys.get(&RUN).and_then(Node::table).and_then(|table| table.get(run::STARTS_ON.name));
    if let Some(entry) = starts_on.filter(|_| level == Level::Request && !keys.context.is_calendar_used()) {
        let error = entry.key_place.error("`starts_on` has no effect here", "nothing depends on the date");
        let help = "calendar months are judged with level = \"incident\"; at the request level only faults on a day of the \
                    week and recordings with dates need it";
        keys.context.problem(error.help(help));
    }
}

/// Refuses more named customers than a tier has.
fn crowded(keys: &Keys<'_>, tiers: &[Tier], cohorts: &[Cohort]) {
    for (index, tier) in tiers.iter().enumerate() {
        let named: u64 = cohorts.iter().filter(|cohort| cohort.tier == index).map(|cohort| cohort.count as u64).sum();
        if named <= tier.customers as u64 {
            continue;
        }
        let last = cohorts.iter().rfind(|cohort| cohort.tier == index).map(|cohort| cohort.name.clone());
        let entry = keys.named(&CUSTOMER).iter().find(|entry| Some(&entry.key) == last.as_ref());
        let place = entry.map_or(keys.place, |entry| &entry.key_place);
        let message = format!("tier `{}` has {} customers, but {named} named ones", tier.name, tier.customers);
        keys.context.problem(place.error(message, "too many").help("named customers are among the tier's `customers`"));
    }
}

/// Refuses exclusions of faults that are not there.
fn excluded(keys: &Keys<'_>, tiers: &[Tier], faults: &[String]) {
    for tier in tiers {
        for name in tier.contract.excludes.iter().filter(|name| !faults.contains(name)) {
            let own =
                keys.get(&TIER).and_then(|node| node.child(&tier.name)).and_then(|node| node.child(CONTRACT.name));
            let common = keys.get(&CONTRACT);
            let node = [own, common].into_iter().flatten().find_map(|node| node.child(contract::EXCLUDES.name));
            let place = node.map_or(keys.place, |node| &node.place);
            let known = faults.iter().map(String::as_str);
            keys.context.problem(unknown(
                place,
                format!("there is no fault `{name}` to exclude"),
                name,
                known,
                "faults",
            ));
        }
    }
}

/// Refuses workflows that wait for a trace which is not there.
fn idle(keys: &Keys<'_>, workflows: &[Workflow], trace: Option<&[super::demand::TraceRow]>) {
    let Some(trace) = trace else { return };
    for (index, workflow) in workflows.iter().enumerate() {
        let recorded = |class: &&workflow::Class| class.demand == super::demand::Demand::Trace;
        let waits = workflow.classes.iter().flatten().any(|class| recorded(&class));
        if waits && !trace.iter().any(|row| row.workflow == index) {
            let entry = keys.named(&WORKFLOW).iter().find(|entry| entry.key == workflow.name);
            let place = entry.map_or(keys.place, |entry| &entry.key_place);
            let error = place.error(format!("workflow `{}` has no request in the trace", workflow.name), "idle");
            keys.context.problem(error.help("add [trace] with `csv = \"requests.csv\"`, or a demand like \"5/s\""));
        }
    }
}

fn missing(keys: &Keys<'_>, key: &About, example: &str) {
    let what = key.name;
    if keys
        .all()
        .iter()
        .any(|entry| entry.key == what && entry.node.table().is_none_or(|table| !table.entries.is_empty()))
    {
        return;
    }
    let place = Place { span: 0..0, ..keys.place.clone() };
    keys.context.problem(place.error(format!("the scenario has no {what}"), "").help(format!("add {example}")));
}
