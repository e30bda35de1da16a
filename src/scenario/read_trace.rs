//! Recorded requests: `[trace] csv = "requests.csv"`.

use super::csv_file::CsvFile;
use super::date::Date;
use super::demand::TraceRow;
use super::document::Read;
use super::grammar::key::{self, Key};
use super::grammar::shape::{About, Kind, REQUEST_LEVEL, Refusal, Shape};
use super::keys::Keys;
use super::tier::Tier;
use super::times::{Instant, Numbers};
use super::workflow::Workflow;
use crate::catalogue::Level;
use crate::units::{self, Nanos};

/// Recorded requests.
pub(super) const TRACE: About = About::new(
    "trace",
    Kind::Table(&TRACED),
    "requests recorded elsewhere, played back beside the drawn ones: [trace](#trace)",
)
.only(
    Level::Request,
    Refusal {
        message: "the incident level knows flows, not single requests",
        label: "recorded requests",
        help: REQUEST_LEVEL,
    },
);
/// Shape of `[trace]`.
const TRACED: Shape = Shape::new("trace", "`trace`", &[&CSV, &COLUMNS]);

const CSV: About = About::new("csv", Kind::File, "the file: columns `time`, `workflow`, and `tier` or `customer`")
    .required("csv = \"requests.csv\"");
const COLUMNS: About =
    About::new("columns", Kind::Table(&COLUMN_NAMES), "which column is which").without("as they are called");

const COLUMN_NAMES: Shape =
    Shape::new("columns of a trace", "`columns`", &[TIME.about(), WORKFLOW.about(), TIER.about(), CUSTOMER.about()]);
const TIME: Key<String> = key::text("time", "when a request comes").without("`\"time\"`");
const WORKFLOW: Key<String> = key::text("workflow", "its workflow").without("`\"workflow\"`");
const TIER: Key<String> = key::text("tier", "the tier that it comes from").without("`\"tier\"`");
const CUSTOMER: Key<String> = key::text("customer", "the customer that it comes from").without("`\"customer\"`");

/// Reads `[trace]`: columns time, workflow, and tier or customer ("enterprise/17"), or as `columns` names them; sorted by time.
/// At least one row comes before the horizon. Dates count from the day on which the run `starts_on`, if it says one.
pub(super) fn trace(
    keys: &Keys<'_>,
    tiers: &[Tier],
    workflows: &[Workflow],
    horizon: Option<Nanos>,
) -> Option<Vec<TraceRow>> {
    let context = keys.context;
    let file = keys.required(&CSV, |node| context.read_csv(node))?;
    let place = keys.get(&CSV).map_or(keys.place, |node| &node.place);
    let [time, workflow, tier, customer] = columns(keys, &file)?;
    let usual = |column: Option<usize>, name| column.map_or_else(|| context.keep(file.required(name, place)), Some);
    let (time, workflow) = (usual(time, "time"), usual(workflow, "workflow"));
    if tier.is_none() && customer.is_none() {
        let error = place.error("a trace without a column `tier` or `customer`", "asked for here");
        let help = "add the tier of each request, or its customer as \"enterprise/17\"; or say which column it is: \
                    `columns = { tier = \"plan\" }`";
        context.problem(error.help(help));
        return None;
    }
    let (time, workflow) = (time?, workflow?);
    let mut rows = Vec::with_capacity(file.len());
    // Dates, and numbers that count from 1970, count from the day of time 0, or from the earliest row.
    let times = file.instants(time);
    let numbers = Numbers::of(times.iter().copied(), false);
    let dates = times.into_iter().filter_map(|time| match numbers.meant(time) {
        Instant::Absolute(seconds) => Some(seconds),
        Instant::Relative(_) => None,
    });
    let earliest = dates.fold(f64::INFINITY, f64::min);
    let starts_on = context.starts_on();
    if starts_on.is_some() && earliest.is_finite() {
        context.uses_the_calendar();
    }
    let origin = starts_on.map_or(earliest, Date::seconds);
    for row in 0..file.len() {
        let read = || -> Read<TraceRow> {
            let field = file.field(row, time);
            let seconds = match numbers.meant(field.instant()?) {
                Instant::Relative(_) => field.number()?,
                Instant::Absolute(seconds) => seconds - origin,
            };
            if seconds < 0.0 {
                let error = field.error("a request before time 0");
                return Err(Box::new(
                    error.help("time 0 is the day of `run.starts_on`: let it start on an earlier one"),
                ));
            }
            if seconds > units::seconds(super::text::LONGEST) {
                return Err(Box::new(field.error("more than 100 years after time 0")));
            }
            let at: Nanos = units::nanos(seconds);
            let field = file.field(row, workflow);
            let Some(workflow) = workflows.iter().position(|workflow| workflow.name == field.text) else {
                return Err(Box::new(missing(field, "workflow", workflows.iter().map(|workflow| &*workflow.name))));
            };
            let named = |column: Option<usize>| {
                column.map(|column| file.field(row, column)).filter(|field| !field.text.is_empty())
            };
            let written = named(customer);
            let Some(field) = written.or_else(|| named(tier)) else {
                let place = file.place(row).error("a request of no customer and no tier", "this row");
                return Err(Box::new(
                    place.help("write its customer (\"enterprise/17\"), or its tier in a column `tier`"),
                ));
            };
            let name = field.text.split('/').next().unwrap_or("");
            let Some(tier) = tiers.iter().position(|tier| tier.name == name) else {
                return Err(Box::new(missing(field, "tier", tiers.iter().map(|tier| &*tier.name))));
            };
            let customer = match field.text.split_once('/') {
                None if written.is_some() => {
                    let error = field.error("not a customer");
                    return Err(Box::new(error.help("write the tier and the number, like \"enterprise/17\"")));
                }
                None => None,
                Some((_, number)) => {
                    let most = tiers[tier].customers;
                    let number = number.parse().ok().filter(|number| (1..=most).contains(number));
                    let label = format!("customers of {name} are numbered from 1 to {most}");
                    Some(number.ok_or_else(|| Box::new(field.error("there is no such customer").help(label)))? - 1)
                }
            };
            if workflows[workflow].classes[tier].is_none() {
                let message = format!("tier `{name}` does not use workflow `{}`", workflows[workflow].name);
                let error = field.error(message);
                return Err(Box::new(
                    error.help("give the workflow a demand for this tier; \"trace\" if it has no other"),
                ));
            }
            Ok(TraceRow { at, workflow, tier, customer })
        };
        rows.push(context.keep(read())?);
    }
    rows.sort_by_key(|row| row.at);
    if let (Some(first), Some(horizon)) = (rows.first(), horizon)
        && first.at >= horizon
    {
        let label = format!(
            "the first comes after {} s, the horizon is {} s",
            units::seconds(first.at),
            units::seconds(horizon)
        );
        let error = place.error("no recorded request comes before the horizon", label);
        context.problem(error.help("raise `run.horizon`, or let the times of the file begin near 0"));
        return None;
    }
    Some(rows)
}

/// Finds the columns: by the names in `columns`, else by their own.
fn columns(keys: &Keys<'_>, file: &CsvFile) -> Option<[Option<usize>; 4]> {
    let named = [&TIME, &WORKFLOW, &TIER, &CUSTOMER];
    let mut found = named.map(|key| file.column(key.name));
    if keys.get(&COLUMNS).is_none() {
        return Some(found);
    }
    let read = |keys: &Keys<'_>| {
        for (column, key) in found.iter_mut().zip(named) {
            if let Some(node) = keys.get(key) {
                let name = keys.read(key)?;
                *column = Some(keys.context.keep(file.required(&name, &node.place))?);
            }
        }
        Some(found)
    };
    keys.table(&COLUMNS, read)?
}

fn missing<'a>(
    field: super::csv_file::Field<'_>,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> crate::diagnostic::Diagnostic {
    if field.text.is_empty() {
        return field.error(format!("a request of no {what}"));
    }
    let error = field.error(format!("there is no {what} `{}`", field.text));
    match super::text::nearest(field.text, known.clone()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("{what}s here: {}", known.collect::<Vec<_>>().join(", "))),
    }
}
