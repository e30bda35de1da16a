//! Study files: which scenarios, which levers, which points, and what `size` is to find.

use super::filter::{self, Is};
use super::lever::Written;
use super::values;
use crate::catalogue::Spec;
use crate::scenario::context::Context;
use crate::scenario::document::{Entry, Node, Place, Read, Value};
use crate::scenario::grammar::key::{self, Defaulted};
use crate::scenario::grammar::shape::Plain::Text;
use crate::scenario::grammar::shape::{About, Kind, Others, Shape};
use crate::scenario::grammar::words::words;
use crate::scenario::keys::Keys;
use crate::scenario::load::STUDY as STUDY_KEY;
use crate::scenario::text;
use crate::scenario::unknown::unknown;

/// Shape of a study file.
pub(in crate::scenario) const STUDY: Shape = Shape::new("study", "the study", &[&SCENARIO, &LEVER, &WHERE, &SIZE]);

/// The first key of a study file.
pub(super) const SCENARIO: About = About::new(
    STUDY_KEY,
    Kind::Any(&[Kind::Text, Kind::List(&Kind::Text)]),
    "the scenario file, or several: expectations of all must hold. The first key of the file",
)
.required("scenario = \"mine.toml\"");
const LEVER: About = About::new("lever", Kind::Table(&LEVERS), "what is varied: [lever](#levername)");
const LEVERS: Shape = Shape::of_names("levers", "NAME", Kind::Table(&ONE_LEVER));
const ONE_LEVER: Shape = Shape::new("lever", "a lever", &[&PATH, &VALUES, &ALSO, &COST]);
const PATH: About = About::new("path", Kind::Text, "the key of the scenario that is varied")
    .required("path = \"tier.smb.customers_per_cell.target\"");
const VALUES: About = About::new(
    "values",
    Kind::Any(&[Kind::List(&Kind::Anything), Kind::Text]),
    "what it is to be: a list, `\"a..b/n\"` (equally spaced) or `\"a..b*n\"` (in equal ratios). `\"x2\"` is a multiple of what the \
     scenario says; of a table `true` is as the scenario says, `false` leaves it out",
)
.required("values = [1_000, 2_500, 5_000]");
const ALSO: About =
    About::new("also", Kind::Table(&ALSO_PATHS), "paths that move with it: `{ PATH = [..] }`, as many values each");
const ALSO_PATHS: Shape = Shape {
    others: Some(Others { called: "PATH", pattern: "^.+$", kind: Kind::Anything }),
    ..Shape::new("also", "`also`", &[])
};
const COST: About = About::new(
    "cost",
    Kind::List(&Kind::DollarsPerMonth),
    "what each value costs a month beyond `[cost]` of the scenario",
)
.without("nothing");
const WHERE: About =
    About::new("where", Kind::List(&Kind::Table(&ONE_WHERE)), "which points are left: [where](#where)");
const ONE_WHERE: Shape = Shape::new("where", "`where`", &[&WHOSE, &AT_MOST, &AT_LEAST, &NOT]);
const WHOSE: About =
    About::new("lever", Kind::Text, "the lever that is compared").required("lever = \"enterprise-cell\"");
const AT_MOST: About = About::new("at_most", Kind::Anything, "its value is at most this, or at most `\"lever.OTHER\"`");
const AT_LEAST: About = About::new("at_least", Kind::Anything, "at least this");
const NOT: About = About::new("not", Kind::Anything, "not this");
const SIZE: About = About::new("size", Kind::Table(&SIZES), "what `size` is to find: [size](#size)");
const SIZES: Shape = Shape::new("size", "`size`", &[MINIMIZE.about(), CONFIDENCE.about(), &NEAR_ENOUGH]);
const MINIMIZE: Defaulted<Minimize> = key::word("minimize", "what the best design has least of").or(Text("cost"));
const CONFIDENCE: Defaulted<f64> = key::positive_share("confidence", "how sure the answer is to be").or(Text("95%"));
const NEAR_ENOUGH: About = About::new(
    "near_enough",
    Kind::Table(&NEAR),
    "what no more runs are spent on, by metric: `\"2%\"` of the limit, or `\"0.1 points\"` of a share",
);
const NEAR: Shape = Shape {
    others: Some(Others { called: "METRIC", pattern: "^.+$", kind: Kind::Text }),
    ..Shape::new("near_enough", "`near_enough`", &[])
};

words! {
    /// What the best design has least of.
    pub enum Minimize {
        /// What the platform costs a month.
        Cost = "cost",
        /// The same and the credits that broken months pay.
        CostAndCredits = "cost+credits",
    }
}

/// What `size` is to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// What the best design has least of.
    pub minimize: Minimize,
    /// How sure the answer is to be.
    pub confidence: f64,
    /// By metric: what no more runs are spent on.
    pub near_enough: Vec<(String, Near)>,
}

/// A difference that does not matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Near {
    /// This share of the limit.
    Relative(f64),
    /// So much of a share: 0.1 points are 0.001.
    Points(f64),
}

/// A study file, read.
pub(super) struct StudyFile {
    /// The scenario files, as written, and where.
    pub(super) scenarios: Vec<(String, Place)>,
    /// The levers.
    pub(super) levers: Vec<Written>,
    /// What is left of the points.
    pub(super) filters: Vec<filter::Written>,
    /// What `size` is to find.
    pub(super) size: Option<Size>,
}

/// Returns whether a document is a study: its first key says which scenario.
pub(super) fn is_study(document: &Node) -> bool {
    let first = document.table().and_then(|table| table.entries.first());
    first.is_some_and(|entry| entry.key == SCENARIO.name)
}

/// Reads a study file; what is wrong goes to the context.
pub(super) fn read(context: &Context, document: &Node) -> Option<StudyFile> {
    context.shaped(document, &STUDY, |keys| {
        let scenarios = keys.required(&SCENARIO, files).unwrap_or_default();
        let levers = keys.named(&LEVER).iter().filter_map(|entry| lever(context, entry)).collect();
        let filters = keys.get(&WHERE).map_or_else(Vec::new, |node| filters(context, node));
        let size = keys.table(&SIZE, |keys| Size {
            minimize: keys.read(&MINIMIZE),
            confidence: keys.read(&CONFIDENCE),
            near_enough: keys.get(&NEAR_ENOUGH).map_or_else(Vec::new, |node| near_enough(context, node)),
        });
        StudyFile { scenarios, levers, filters, size }
    })
}

fn files(node: &Node) -> Read<Vec<(String, Place)>> {
    let one = |node: &Node| match node.text() {
        Some(file) => Ok((file.to_owned(), node.place.clone())),
        None => Err(Box::new(node.expected("the path of a scenario file", "\"mine.toml\""))),
    };
    match &node.value {
        Value::List(items) if items.is_empty() => Err(Box::new(node.error("a study of no scenario", "no file"))),
        Value::List(items) => items.iter().map(one).collect(),
        _ => one(node).map(|file| vec![file]),
    }
}

fn lever(context: &Context, entry: &Entry) -> Option<Written> {
    let read = |keys: &Keys<'_>| {
        let path = keys.required(&PATH, |node| match node.text() {
            Some(path) => Ok((path.to_owned(), node.place.clone())),
            None => Err(Box::new(node.expected("a path of the scenario", "\"tier.smb.customers_per_cell.target\""))),
        });
        let listed = keys.required(&VALUES, |node| Ok((values::listed(node)?, node.place.clone())));
        let also = keys.get(&ALSO).map_or_else(Vec::new, |node| also(context, node));
        let cost = keys.optional(&COST, |node| match &node.value {
            Value::List(items) => Ok((items.clone(), node.place.clone())),
            _ => Err(Box::new(node.expected("a cost for each value", "[\"$0/month\", \"$4000/month\"]"))),
        });
        let (path, place) = path?;
        Some(Written { name: Some(entry.key.clone()), path, place, values: listed?, also, cost })
    };
    context.called(&entry.node, &ONE_LEVER, &format!("`lever.{}`", entry.key), read).flatten()
}

fn also(context: &Context, node: &Node) -> Vec<(String, Place, Vec<Node>)> {
    let Some(table) = node.table() else {
        context.problem(node.expected("a table of paths", "also = { \"fault.x.mttr.p95\" = [\"90min\", \"45min\"] }"));
        return Vec::new();
    };
    let mut all = Vec::new();
    flat(&table.entries, "", &mut all);
    let read = |(path, entry): (String, &Entry)| {
        let values = context.keep(values::listed(&entry.node))?;
        Some((path, entry.key_place.clone(), values))
    };
    all.into_iter().filter_map(read).collect()
}

/// Paths may be written in quotes, or as TOML divides them.
fn flat<'a>(entries: &'a [Entry], before: &str, all: &mut Vec<(String, &'a Entry)>) {
    for entry in entries {
        let path = format!("{before}{}", entry.key);
        match &entry.node.value {
            Value::Table(inner) => flat(&inner.entries, &format!("{path}."), all),
            _ => all.push((path, entry)),
        }
    }
}

fn filters(context: &Context, node: &Node) -> Vec<filter::Written> {
    let Value::List(items) = &node.value else {
        context.problem(node.expected("a list of tables", "[[where]]"));
        return Vec::new();
    };
    let read = |keys: &Keys<'_>| {
        let lever = keys.required(&WHOSE, |node| match node.text() {
            Some(name) => {
                let name = name.strip_prefix("lever.").unwrap_or(name);
                Ok((name.to_owned(), node.place.clone()))
            }
            None => Err(Box::new(node.expected("the name of a lever", "it in quotes"))),
        });
        let given = [(&AT_MOST, Is::AtMost), (&AT_LEAST, Is::AtLeast), (&NOT, Is::Not)];
        let given: Vec<(Is, &Node)> = given.into_iter().filter_map(|(key, is)| Some((is, keys.get(key)?))).collect();
        if given.is_empty() {
            let error = keys.place.error("`where` says nothing of its lever", "needs a condition");
            context.problem(error.help("add `at_most = 20`, `at_least = ..` or `not = ..`"));
        }
        let lever = lever?;
        let written = |(is, with): (Is, &Node)| filter::Written { lever: lever.clone(), is, with: with.clone() };
        Some(given.into_iter().map(written).collect::<Vec<_>>())
    };
    let all = items.iter().filter_map(|item| context.shaped(item, &ONE_WHERE, read).flatten());
    all.flatten().collect()
}

fn near_enough(context: &Context, node: &Node) -> Vec<(String, Near)> {
    let Some(table) = node.table() else {
        context.problem(node.expected("a table of metrics", "{ latency = \"2%\", cost = \"1%\" }"));
        return Vec::new();
    };
    let read = |entry: &Entry| {
        let metric = entry.key.split(['.', '{', '@', ':']).next().unwrap_or_default();
        let known: Vec<&str> = Spec::expectable().map(|spec| spec.name).collect();
        if !known.contains(&metric) {
            let message = format!("there is no metric `{metric}`");
            return Err(Box::new(unknown(&entry.key_place, message, metric, known, "metrics")));
        }
        let wrong = || {
            Box::new(entry.node.expected("a difference that does not matter", "\"2%\" of the limit, or \"0.1 points\""))
        };
        let written = entry.node.text().ok_or_else(wrong)?;
        let points = ["points", "point"].into_iter().find_map(|word| written.trim().strip_suffix(word));
        let near = match points {
            Some(number) => text::percentage(&format!("{}%", number.trim())).map(Near::Points),
            None => text::percentage(written).map(Near::Relative),
        };
        near.map(|near| (entry.key.clone(), near)).map_err(|_| wrong())
    };
    table.entries.iter().filter_map(|entry| context.keep(read(entry))).collect()
}
