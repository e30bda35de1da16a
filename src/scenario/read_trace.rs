//! Recorded requests: `[trace] csv = "requests.csv"`.

use super::csv_file::Instant;
use super::demand::TraceRow;
use super::document::Read;
use super::keys::Keys;
use super::tier::Tier;

use super::workflow::Workflow;
use crate::units::{self, Nanos};

/// Reads `[trace]`: columns time, workflow, and tier or customer ("enterprise/17"); sorted by time.
pub(super) fn trace(keys: &Keys<'_>, tiers: &[Tier], workflows: &[Workflow]) -> Option<Vec<TraceRow>> {
    let context = keys.context;
    let file = keys.required("csv", "csv = \"requests.csv\"", |node| context.read_csv(node))?;
    let place = keys.get("csv").map_or(keys.place, |node| &node.place);
    let time = context.keep(file.required("time", place));
    let workflow = context.keep(file.required("workflow", place));
    let (tier, customer) = (file.column("tier"), file.column("customer"));
    if tier.is_none() && customer.is_none() {
        let error = place.error("a trace without a column `tier` or `customer`", "asked for here");
        context.problem(error.help("add the tier of each request, or its customer as \"enterprise/17\""));
        return None;
    }
    let (time, workflow) = (time?, workflow?);
    let mut rows = Vec::with_capacity(file.len());
    // Dates count from the first row.
    let origin = match file.field(0, time).instant() {
        Ok(Instant::Absolute(seconds)) => Some(seconds),
        _ => None,
    };
    for row in 0..file.len() {
        let read = || -> Read<TraceRow> {
            let field = file.field(row, time);
            let seconds = match field.instant()? {
                Instant::Relative(seconds) => seconds,
                Instant::Absolute(seconds) => seconds - origin.unwrap_or(seconds),
            };
            if seconds < 0.0 {
                return Err(Box::new(field.error("earlier than the first row").help("sort the rows by time")));
            }
            if seconds > units::seconds(super::text::LONGEST) {
                return Err(Box::new(field.error("more than 100 years after time 0")));
            }
            let at: Nanos = units::nanos(seconds);
            let field = file.field(row, workflow);
            let Some(workflow) = workflows.iter().position(|workflow| workflow.name == field.text) else {
                return Err(Box::new(missing(field, "workflow", workflows.iter().map(|workflow| &*workflow.name))));
            };
            let written = customer.map(|column| file.field(row, column)).filter(|field| !field.text.is_empty());
            let field = written.or(tier.map(|column| file.field(row, column))).unwrap_or(field);
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
    Some(rows)
}

fn missing<'a>(
    field: super::csv_file::Field<'_>,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> crate::diagnostic::Diagnostic {
    let error = field.error(format!("there is no {what} `{}`", field.text));
    match super::text::nearest(field.text, known.clone()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("{what}s here: {}", known.collect::<Vec<_>>().join(", "))),
    }
}
