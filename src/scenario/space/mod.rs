//! The design space: levers, the values that they are given, and the points that these make.
//!
//! A *lever* is a path of the scenario with values to try. A *point* is one choice of all levers; it has a number, and resolves to one
//! scenario for each file of the study, read and checked like any other. Levers are written on the command line (`vary`) or in a study
//! file (`study_file`), as `values`; `path` checks where they lead, `lever` resolves them against what the scenario says, `filter`
//! leaves points out, `points` lists them.

mod filter;
mod lever;
mod path;
mod points;
mod quantity;
mod study_file;
#[cfg(test)]
mod tests;
mod values;
mod vary;

use std::path::{Path, PathBuf};

use super::Scenario;
use super::context::Context;
use super::document::{Node, Place, Source, parse};
use super::load::{LARGEST, LAST_RANK, load};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::printable::in_a_line;
use filter::Filter;
pub use lever::{Choice, Lever};
pub use points::{Plan, Point};
pub(super) use study_file::STUDY;
use study_file::StudyFile;
pub use study_file::{Minimize, Near, Size};

/// What is varied, of which scenarios.
#[derive(Debug, Clone)]
pub struct Space {
    /// File stem: the name of the results folder.
    pub name: String,
    /// The study file, or the scenario, as it may be shown.
    pub path: PathBuf,
    /// The levers, in the order in which they are given.
    pub levers: Vec<Lever>,
    /// The scenarios as they are, without any lever.
    pub scenarios: Vec<Scenario>,
    /// What `size` is to find, where a study file says so.
    pub size: Option<Size>,
    /// What is remarkable about the levers.
    pub remarks: Vec<String>,
    /// Digests of the files read: (path as written, digest).
    pub digests: Vec<(String, String)>,
    filters: Vec<Filter>,
    bases: Vec<Base>,
    /// Names of the texts in which levers are written.
    sources: Vec<String>,
}

/// A scenario before any lever.
#[derive(Debug, Clone)]
struct Base {
    path: PathBuf,
    document: Node,
    digests: Vec<(String, String)>,
}

impl Base {
    /// Reads a document in the place of the scenario's own.
    fn read(&self, document: Node) -> Result<Scenario, Diagnostics> {
        let context = Context::of(&self.path);
        context.reads_as(&self.digests);
        Scenario::of(&context, Ok(document), &self.path)
    }
}

/// Why a point is no scenario.
#[derive(Debug, Clone)]
pub enum Refused {
    /// A value of a lever cannot be read: the study is wrong.
    Value(Diagnostics),
    /// The values are fine, and what they make together is no platform.
    Design(Diagnostics),
}

impl Space {
    /// Reads a study file or a scenario, with levers (`[NAME:]PATH=VALUES`) and `--set` arguments of the command line.
    ///
    /// # Errors
    /// Everything that is wrong with study, levers and scenarios, as far as it can be told at once.
    pub fn read(path: &Path, varies: &[String], sets: &[String]) -> Result<Space, Diagnostics> {
        let context = Context::of(path);
        context.root.set(Some(&STUDY));
        let one = |error: Box<Diagnostic>| Diagnostics(vec![*error]);
        let text = context.read_text(path, LARGEST).map_err(one)?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let source = Source::new(Context::named(path), folder.clone(), text, context.shows(path));
        let document = parse(&source, 0).map_err(one)?;
        let mut sources = vec![vary::SOURCE.to_owned()];
        let (study, files) = if study_file::is_study(&document) {
            let study = study_file::read(&context, &document);
            let problems = context.take_problems();
            let Some(study) = study.filter(|_| problems.is_empty()) else { return Err(Diagnostics(problems)) };
            sources.push(source.name.clone());
            let files = study.scenarios.iter().map(|(file, place)| (folder.join(file), Some(place.clone()))).collect();
            (study, files)
        } else {
            let none = StudyFile { scenarios: Vec::new(), levers: Vec::new(), filters: Vec::new(), size: None };
            (none, vec![(path.to_owned(), None)])
        };
        let (mut bases, mut scenarios) = (Vec::new(), Vec::new());
        for (file, named) in files {
            let context = Context::of(&file);
            let document = load(&context, &file, sets).map_err(|error| match &named {
                // What is wrong inside a file is shown there; a file that cannot be read, where it is named.
                Some(place) if error.span.is_none() && error.withheld.is_none() => {
                    Diagnostics(vec![place.error(error.message.clone(), "named here")])
                }
                _ => Diagnostics(vec![*error]),
            })?;
            let digests = context.digests();
            scenarios.push(Scenario::of(&context, Ok(document.clone()), &file)?);
            bases.push(Base { path: file, document, digests });
        }
        Space::with((path, sources, context), study, (bases, scenarios), varies)
    }

    fn with(
        (path, sources, context): (&Path, Vec<String>, Context),
        study: StudyFile,
        (bases, scenarios): (Vec<Base>, Vec<Scenario>),
        varies: &[String],
    ) -> Result<Space, Diagnostics> {
        let mut problems = Vec::new();
        let mut written = study.levers;
        for text in varies {
            match vary::read(text) {
                Ok(lever) => written.push(lever),
                Err(error) => problems.push(*error),
            }
        }
        let documents: Vec<&Node> = bases.iter().map(|base| &base.document).collect();
        let mut levers: Vec<Lever> = Vec::new();
        let (mut remarks, mut seen) = (Vec::new(), Vec::<Vec<String>>::new());
        for one in &written {
            let Some(lever) = Lever::of(one, &documents, &mut problems) else { continue };
            if let Some(twice) = lever.paths.iter().find(|keys| seen.contains(keys)) {
                let error =
                    one.place.error(format!("`{}` is varied twice", twice.join(".")), "by another lever already");
                problems.push(error.help("one lever with all values, or `also` for what moves together"));
            }
            if !lever.name.is_empty() && levers.iter().any(|other| other.name == lever.name) {
                problems.push(one.place.error(format!("two levers are called `{}`", lever.name), "this one"));
            }
            seen.extend(lever.paths.iter().cloned());
            if lever.choices.len() == 1 {
                remarks
                    .push(format!("lever {} has one value, {}: it moves nothing", lever.path, lever.choices[0].text));
            }
            levers.push(lever);
        }
        lever::name(&mut levers);
        let mut filters = Vec::new();
        // Without its levers no condition can be told right from wrong.
        if problems.is_empty() {
            for one in &study.filters {
                match Filter::of(one, &levers) {
                    Ok(filter) => filters.push(filter),
                    Err(error) => problems.push(*error),
                }
            }
        }
        if problems.is_empty() && levers.is_empty() {
            let nothing = Diagnostic::file(Context::named(path), "nothing is varied");
            problems.push(nothing.help("--vary tier.smb.customers_per_cell.target=1000,2500,5000, or a study file"));
        }
        if !problems.is_empty() {
            return Err(Diagnostics(problems));
        }
        let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let stem = stem.strip_suffix(".study").unwrap_or(&stem);
        let mut digests = context.digests();
        digests.extend(bases.iter().flat_map(|base| base.digests.iter().cloned()));
        digests.dedup();
        Ok(Space {
            name: in_a_line(stem).into_owned(),
            path: PathBuf::from(in_a_line(&path.display().to_string()).into_owned()),
            levers,
            scenarios,
            size: study.size,
            remarks,
            digests,
            filters,
            bases,
            sources,
        })
    }

    /// Returns the points of a plan that `[[where]]` leaves, numbered in their order.
    ///
    /// # Errors
    /// There are more than `most`, or none.
    pub fn points(&self, plan: Plan, most: usize, seed: u64) -> Result<Vec<Point>, Diagnostics> {
        points::list(&self.levers, &self.filters, plan, most, seed).map_err(|error| Diagnostics(vec![*error]))
    }

    /// Returns the scenarios of a point, one for each file of the study.
    ///
    /// # Errors
    /// Why it is none, at the line of the value or of what it contradicts.
    pub fn at(&self, point: &Point) -> Result<Vec<Scenario>, Refused> {
        let mut scenarios = Vec::with_capacity(self.bases.len());
        for base in &self.bases {
            match base.read(self.document(base, point)) {
                Ok(scenario) => scenarios.push(scenario),
                Err(problems) => return Err(self.refused(point, problems)),
            }
        }
        Ok(scenarios)
    }

    /// Says whose fault it is, and which point shows it.
    fn refused(&self, point: &Point, problems: Diagnostics) -> Refused {
        let is_own = |problem: &Diagnostic| self.sources.contains(&problem.file);
        if !problems.0.iter().any(is_own) {
            return Refused::Design(problems);
        }
        let note = format!("found at point {}: {}", point.number, self.describe(point));
        let own = problems.0.into_iter().filter(is_own).map(|problem| problem.note(note.clone()));
        Refused::Value(Diagnostics(own.collect()))
    }

    /// Returns what a point chooses: "enterprise 20, repair 10min".
    pub fn describe(&self, point: &Point) -> String {
        let pairs = self.levers.iter().zip(&point.choices);
        let moved = pairs.filter(|(_, choice)| choice.is_some());
        let texts: Vec<String> =
            moved.map(|(lever, choice)| format!("{} {}", lever.name, lever.shown(*choice))).collect();
        if texts.is_empty() { "the scenario as it is".to_owned() } else { texts.join(", ") }
    }

    /// Returns what a point costs a month beyond `[cost]`.
    pub fn extra_cost(&self, point: &Point) -> f64 {
        let pairs = self.levers.iter().zip(&point.choices);
        pairs.map(|(lever, choice)| choice.map_or(0.0, |choice| lever.choices[choice].extra_cost)).sum()
    }

    /// Returns what one would try besides the levers: (path, factor), what is likely to help first.
    pub fn around(&self) -> Vec<(String, f64)> {
        let mut paths: Vec<(String, f64)> = Vec::new();
        let mut add = |path: String, better: f64| {
            if !paths.iter().any(|(known, _)| *known == path) {
                paths.push((path, better));
            }
        };
        for base in &self.bases {
            let entries = |root: &str| {
                let table = base.document.child(root).and_then(Node::table);
                table.map_or_else(Vec::new, |table| table.entries.iter().collect::<Vec<_>>())
            };
            for fault in entries("fault") {
                for (key, better) in [("mtbf", 2.0), ("mttr", 0.5), ("detected_after", 0.5), ("for", 0.5)] {
                    if fault.node.child(key).is_some() {
                        add(format!("fault.{}.{key}", fault.key), better);
                    }
                }
            }
            for tier in entries("tier") {
                match tier.node.child("customers_per_cell") {
                    Some(size) if size.child("target").is_some() => {
                        add(format!("tier.{}.customers_per_cell.target", tier.key), 0.5);
                    }
                    Some(size) if size.table().is_none() => add(format!("tier.{}.customers_per_cell", tier.key), 0.5),
                    _ => {}
                }
            }
        }
        // A lever has been tried.
        paths.retain(|(path, _)| {
            let of = |lever: &Lever| lever.path == *path || lever.path.starts_with(&format!("{path}."));
            !self.levers.iter().any(of)
        });
        let worse: Vec<(String, f64)> = paths.iter().map(|(path, better)| (path.clone(), 1.0 / better)).collect();
        paths.into_iter().chain(worse).collect()
    }

    /// Returns the scenarios of a point with a multiple of what it says at a path; `None` if there is no such design.
    pub fn with_multiple(&self, point: &Point, path: &str, factor: f64) -> Option<Vec<Scenario>> {
        let source = Source::set(format!("{path}=x{factor}"));
        let place = Place { source: std::sync::Arc::clone(&source), span: 0..source.text.len() };
        let keys = path::keys_of(path)?;
        let moved = |base: &Base| {
            let mut document = self.document(base, point);
            if let Some(node) = path::get(&document, &keys) {
                let value = quantity::times(node, factor)?;
                let mut node = Node { value, place: place.clone(), rank: LAST_RANK };
                values::placed(&mut node, &place);
                path::put(&mut document, &keys, super::load::ranked(node, LAST_RANK));
            }
            base.read(document).ok()
        };
        self.bases.iter().map(moved).collect()
    }

    /// Returns what a scenario's files say at a point.
    fn document(&self, base: &Base, point: &Point) -> Node {
        let mut document = base.document.clone();
        for (lever, choice) in self.levers.iter().zip(&point.choices) {
            if let Some(choice) = choice {
                document = lever.apply(*choice, document, LAST_RANK);
            }
        }
        document
    }
}
