//! Reading recorded incidents: columns by name, starts and ends or durations, dates or numbers.

use super::context::Context;
use super::csv_file::{CsvFile, Field};
use super::date::Date;
use super::day_order::NumberedDate;
use super::document::{Entry, Node, Place, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::{About, Kind, Others, Shape};
use super::keys::Keys;
use super::recorded::{Incident, Recorded, Rows};
use super::run::Run;
use super::times::{Instant, Numbers, span, timestamp};
use super::{text, values};
use crate::units::{self, Nanos};

/// What a cell may say in place of an end.
const OPEN: [&str; 8] = ["", "-", "null", "none", "nan", "n/a", "open", "ongoing"];

/// The columns of a file.
struct Columns {
    start: usize,
    end: Option<usize>,
    duration: Option<usize>,
    share: Option<usize>,
    /// Of bare numbers in the column of durations, in seconds.
    unit: f64,
}

/// How one row ends.
#[derive(Debug, Clone, Copy)]
enum End {
    At(Instant),
    After(f64),
    Open,
}

/// The keys of a recorded schedule.
pub(super) const KEYS: [&About; 5] = [&CSV, &WHERE, FROM.about(), &COLUMNS, UNIT.about()];

pub(super) const CSV: About = About::new(
    "csv",
    Kind::File,
    "recorded: the file; a path relative to the file that says it. The header says what separates the fields: `,`, `;` (then \
     numbers may have a decimal comma) or tab",
)
.required_if("required if recorded", "csv = \"incidents.csv\"");
const COLUMNS: About = About::new(
    "columns",
    Kind::Table(&COLUMN_NAMES),
    "`{ start = \"opened_at\", end = \"closed_at\", duration = \"minutes\", share = \"impact\" }`: which column is which",
)
.without("as they are called");
const WHERE: About = About::new(
    "where",
    Kind::Table(&FILTERS),
    "`{ vendor = \"AWS\", service = [\"ec2\", \"elb\"] }`: rows to keep. Nothing else is read of the others but when they start",
)
.without("all rows");
const FROM: Key<f64> =
    key::by("from", Kind::Written("2019-01-01T00:00:00Z"), from, "the date that is time 0: `\"2019-01-01T00:00:00Z\"`")
        .without("see below");
const UNIT: Defaulted<Nanos> =
    key::by("unit", Kind::Written("ms"), values::unit, "of bare numbers in the column of durations").or(Text("s"));

const COLUMN_NAMES: Shape =
    Shape::new("columns of incidents", "`columns`", &[START.about(), END.about(), DURATION.about(), SHARE.about()]);
const START: Key<String> = key::text("start", "when an incident starts").without("`start` or `start_time`");
const END: Key<String> = key::text("end", "when it ends").without("`end` or `end_time`");
const DURATION: Key<String> = key::text("duration", "how long it lasts").without("`duration`");
const SHARE: Key<String> =
    key::text("share", "how much of it is struck: scales `errors`; of a crash or a blackhole, so many attempts fail")
        .without("`share`, or `status`, where it has numbers only");
const FILTERS: Shape = Shape {
    others: Some(Others { called: "COLUMN", pattern: "", kind: Kind::Any(&[Kind::Text, Kind::List(&Kind::Text)]) }),
    ..Shape::new("where", "`where`", &[])
};

fn from(node: &Node) -> Read<f64> {
    let by_numbers = |text| NumberedDate::of(text).and_then(|date| date.timestamp(date.order()?));
    let instant = node.text().and_then(|text| timestamp(text).or_else(|| by_numbers(text)));
    instant.ok_or_else(|| Box::new(node.expected("a date and time", "\"2019-01-01T00:00:00Z\"")))
}

/// Reads the keys of a recorded schedule. An `instant` effect needs no end.
pub(super) fn recorded(keys: &Keys<'_>, run: &Run, instant: bool) -> Option<Recorded> {
    let context = keys.context;
    let node = keys.get(&CSV);
    let file = keys.required(&CSV, |node| context.read_csv(node));
    let (from, unit) = (keys.read(&FROM), keys.read(&UNIT));
    let (file, node) = (file?, node?);
    let filters = filters(context, keys.get(&WHERE), &file);
    let columns = match keys.get(&COLUMNS) {
        Some(_) => keys.table(&COLUMNS, |keys| columns_of(keys, &file, &node.place, instant))?,
        None => default_columns(context, &file, &node.place, instant),
    };
    let (filters, mut columns) = (filters?, columns?);
    columns.unit = units::seconds(unit);
    if let Some(entry) = keys.entry(&UNIT).filter(|_| columns.duration.is_none()) {
        let error = entry.key_place.error("`unit` has no effect here", "no column of durations");
        context.problem(error.help("it is the unit of bare numbers in the column `duration`"));
    }
    let matches = |row: usize| {
        filters.iter().all(|(column, words)| words.iter().any(|word| word == file.field(row, *column).text))
    };
    let name = std::path::Path::new(file.name())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut rows = Rows { file: name, all: file.len(), ..Rows::default() };
    // The times of all rows, so that faults which read different rows of a file keep their distance.
    let mut starts = Vec::with_capacity(file.len());
    let mut read = Vec::new();
    for row in 0..file.len() {
        if !matches(row) {
            rows.filtered += 1;
            starts.extend(file.field(row, columns.start).instant().ok());
            continue;
        }
        let one = context.keep(columns.read(&file, row))?;
        starts.push(one.0);
        read.push((row, one));
    }
    let numbers = Numbers::of(starts.iter().copied(), from.is_some());
    let first_day = run.starts_on.map(Date::seconds);
    let earliest = starts.iter().filter_map(|&start| match numbers.meant(start) {
        Instant::Absolute(seconds) => Some(seconds),
        Instant::Relative(_) => None,
    });
    let earliest = earliest.fold(f64::INFINITY, f64::min);
    if from.is_none() && first_day.is_some() && earliest.is_finite() {
        context.uses_the_calendar();
    }
    let origin = from.or(first_day).unwrap_or(earliest);
    let horizon = units::seconds(run.horizon);
    let relative = |instant: Instant| match numbers.meant(instant) {
        Instant::Relative(seconds) => seconds,
        Instant::Absolute(seconds) => seconds - origin,
    };
    let mut incidents = Vec::new();
    for (row, (start, end, share)) in read {
        let start_at = relative(start);
        let end_at = match end {
            _ if instant => start_at,
            End::At(end) => {
                let field = file.field(row, columns.end.unwrap_or(columns.start));
                if matches!(numbers.meant(start), Instant::Relative(_))
                    != matches!(numbers.meant(end), Instant::Relative(_))
                {
                    context.problem(field.error("seconds and dates in one row"));
                    return None;
                }
                if relative(end) < start_at {
                    context.problem(field.error("an incident that ends before it starts"));
                    return None;
                }
                relative(end)
            }
            End::After(seconds) => start_at + seconds,
            End::Open => horizon.max(start_at),
        };
        let left_out = if share == Some(0.0) {
            Some(&mut rows.well)
        } else if start_at >= horizon {
            Some(&mut rows.after)
        } else if !instant && end_at <= start_at {
            Some(&mut rows.empty)
        } else if start_at < 0.0 && end_at <= 0.0 {
            Some(&mut rows.before)
        } else {
            None
        };
        if let Some(count) = left_out {
            *count += 1;
            continue;
        }
        rows.open += usize::from(matches!(end, End::Open) && !instant);
        rows.under_way += usize::from(start_at < 0.0);
        let end_at = end_at.min(units::seconds(text::LONGEST));
        incidents.push(Incident { start: nanos(start_at), end: nanos(end_at), share, was_under_way: start_at < 0.0 });
    }
    if incidents.is_empty() {
        context.problem(nothing_left(node, &rows, horizon));
        return None;
    }
    incidents.sort_by_key(|incident| (incident.start, incident.end));
    Some(Recorded { incidents, rows })
}

fn nanos(seconds: f64) -> Nanos {
    units::nanos(seconds.max(0.0))
}

fn nothing_left(node: &Node, rows: &Rows, horizon: f64) -> crate::diagnostic::Diagnostic {
    let label = format!("{rows}; the horizon is {horizon} s");
    let error = node.error("no recorded incident lies within the run", label);
    error.help(if rows.filtered == rows.all {
        "no row has the words that `where` asks for"
    } else if rows.empty + rows.well + rows.filtered == rows.all {
        "only a flush is an instant: give each row an end, or a duration"
    } else {
        "raise `run.horizon`, or set `from` to the date that is to be time 0 (numbers then count from 1970)"
    })
}

/// Finds the columns by their usual names.
fn default_columns(context: &Context, file: &CsvFile, place: &Place, instant: bool) -> Option<Columns> {
    let find = |names: &[&str]| names.iter().find_map(|name| file.column(name));
    let share = find(&["share"]).or_else(|| find(&["status"]).filter(|&column| is_numbers(file, column)));
    complete(
        context,
        file,
        place,
        [find(&["start", "start_time"]), find(&["end", "end_time"]), find(&["duration"]), share],
        instant,
    )
}

/// A column of states, as trackers have it, is no share.
fn is_numbers(file: &CsvFile, column: usize) -> bool {
    (0..file.len()).map(|row| file.field(row, column).text).all(|text| text.is_empty() || text.parse::<f64>().is_ok())
}

/// Reads `columns = { start = "opened_at", end = "closed_at", duration = "minutes", share = "impact" }`.
fn columns_of(keys: &Keys<'_>, file: &CsvFile, place: &Place, instant: bool) -> Option<Columns> {
    let named = |key: &Key<String>, names: &[&str]| match keys.get(key) {
        None => Some(names.iter().find_map(|name| file.column(name))),
        Some(node) => {
            let name = keys.read(key)?;
            keys.context.keep(file.required(&name, &node.place)).map(Some)
        }
    };
    let start = named(&START, &["start", "start_time"]);
    let end = named(&END, &["end", "end_time"]);
    let duration = named(&DURATION, &["duration"]);
    let share = named(&SHARE, &["share"]);
    complete(keys.context, file, place, [start?, end?, duration?, share?], instant)
}

/// Start, end, duration and share make the columns of a file, if those are there which must be.
fn complete(
    context: &Context,
    file: &CsvFile,
    place: &Place,
    [start, end, duration, share]: [Option<usize>; 4],
    instant: bool,
) -> Option<Columns> {
    let missing = |name: &str| {
        let help = "say which one it is: `columns = { start = \"opened_at\", end = \"closed_at\" }`";
        context.keep(file.required(name, place).map_err(|error| match error.help {
            None => Box::new(error.help(help)),
            Some(_) => Box::new(error.note(help)),
        }));
    };
    if start.is_none() {
        missing("start");
    }
    if end.is_none() && duration.is_none() && !instant {
        missing("end");
        return None;
    }
    Some(Columns { start: start?, end, duration, share, unit: 1.0 })
}

impl Columns {
    fn read(&self, file: &CsvFile, row: usize) -> Read<(Instant, End, Option<f64>)> {
        let start = file.field(row, self.start).instant()?;
        let share = self.share.map(|column| file.field(row, column)).filter(|field| !field.text.is_empty());
        let share = share.map(|field| match field.number()? {
            share if share > 1.0 => Err(Box::new(field.error("a share above 1"))),
            share => Ok(share),
        });
        let is_open = |field: &Field<'_>| OPEN.iter().any(|word| field.text.eq_ignore_ascii_case(word));
        let end = self.end.map(|column| file.field(row, column)).filter(|field| !is_open(field));
        let duration = self.duration.map(|column| file.field(row, column)).filter(|field| !is_open(field));
        let end = match (end, duration) {
            (Some(end), _) => End::At(end.instant()?),
            (None, Some(duration)) => End::After(self.lasts(duration)?),
            (None, None) => End::Open,
        };
        Ok((start, end, share.transpose()?))
    }

    /// Reads "10min", "1:30:00", or a bare number.
    fn lasts(&self, field: Field<'_>) -> Read<f64> {
        if field.is_number() {
            return Ok(field.number()? * self.unit);
        }
        let written = span(field.text).or_else(|| text::duration(field.text).ok().map(units::seconds));
        written.ok_or_else(|| {
            let error = field.error("not a duration");
            Box::new(error.help("write 90 (seconds, or what `unit` says), \"1h 30min\", or \"1:30:00\""))
        })
    }
}

/// Reads `where = { vendor = "AWS", service = ["ec2", "elb"] }`: columns and the words allowed in them.
fn filters(context: &Context, node: Option<&Node>, file: &CsvFile) -> Option<Vec<(usize, Vec<String>)>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let Some(table) = node.table() else {
        context.problem(node.expected("a table of columns and their values", "{ vendor = \"AWS\" }"));
        return None;
    };
    let read = |entry: &Entry| -> Read<(usize, Vec<String>)> {
        let column = file.required(&entry.key, &entry.key_place)?;
        let words = match &entry.node.value {
            Value::List(_) => values::list(&entry.node, "[\"AWS\"]", values::text)?,
            _ => vec![values::text(&entry.node)?],
        };
        Ok((column, words))
    };
    table.entries.iter().map(|entry| context.keep(read(entry))).collect()
}
