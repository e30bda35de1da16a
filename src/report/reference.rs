//! Tables of documents that follow from the program: metrics, result files and their columns, exit codes.

use super::csv::column::Described;
use super::csv::{self, Sheet};
use super::exit_code::ExitCode;
use crate::catalogue::{Condition, Filter, Good, Level, LimitUnit, Per, SPECS, Spec, Statistic};
use crate::words::Worded as _;

/// Returns the table of a name, in Markdown; `None` if there is none.
///
/// # Example
/// ```
/// let codes = cellsim::report::reference::table("exit codes").unwrap();
/// assert!(codes.starts_with("| code | meaning |\n|---|---|\n| 0 | "));
/// ```
pub fn table(name: &str) -> Option<String> {
    Some(match name {
        "metrics" => metrics(),
        "expectations" => expectations(),
        "conditions" => words(&Condition::WORDS.iter().map(|one| (one.word, one.sentence)).collect::<Vec<_>>()),
        "levels" => words(&Level::WORDS.iter().map(|one| (one.word, one.sentence)).collect::<Vec<_>>()),
        "exit codes" => exit_codes(),
        "files of requests" => files(Level::Request),
        "files of years" => files(Level::Incident),
        "compare.csv" => columns(&csv::comparison_columns()),
        name => {
            let (level, file) =
                name.split_once(", ").map_or((Level::Request, name), |(file, _)| (Level::Incident, file));
            let sheet = csv::tables_of(level).iter().find(|sheet| sheet.file == file)?;
            columns(&(sheet.columns)())
        }
    })
}

/// Returns a table with these columns.
fn head(columns: &[&str]) -> String {
    format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn words(words: &[(&str, &str)]) -> String {
    let rows: Vec<String> = words
        .iter()
        .map(|(word, sentence)| {
            let word = if word.is_empty() { "empty".to_owned() } else { format!("`{word}`") };
            row(&[&word, sentence.trim().trim_end_matches('.')])
        })
        .collect();
    head(&["word", "meaning"]) + &rows.concat()
}

fn exit_codes() -> String {
    let rows = ExitCode::ALL.map(|code| row(&[&code.number().to_string(), code.meaning()]));
    head(&["code", "meaning"]) + &rows.concat()
}

fn files(level: Level) -> String {
    let one = |sheet: &Sheet| row(&[&format!("`{}`", sheet.file), sheet.about]);
    head(&["file", "one line per"]) + &csv::tables_of(level).iter().map(one).collect::<String>()
}

fn columns(columns: &[Described]) -> String {
    let one = |(names, about): &Described| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        row(&[&names.join(", "), about])
    };
    head(&["column", "meaning"]) + &columns.iter().map(one).collect::<String>()
}

/// Every metric: what it is.
fn metrics() -> String {
    let one = |spec: &Spec| {
        let unit = units(spec).join(" or ");
        let level = match spec.level() {
            None => "both",
            Some(level) => level.text(),
        };
        let good = match spec.good(Statistic::Mean) {
            Good::Less => "less",
            Good::More => "more",
            Good::Neither => "",
        };
        let per = match spec.per {
            Per::Nothing => "",
            per => per.text(),
        };
        row(&[&format!("`{}`", spec.name), &statistics(spec), &unit, level, good, per, spec.about])
    };
    head(&["metric", "statistics", "unit", "level", "better", "mean per", "what it is"])
        + &SPECS.iter().map(one).collect::<String>()
}

fn units(spec: &Spec) -> Vec<&'static str> {
    let mut units: Vec<&str> = Vec::new();
    for unit in spec.units.iter().map(|unit| unit.unit().text()) {
        let unit = if unit.is_empty() { "number" } else { unit };
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    units
}

/// The statistics of a metric, those that only years have marked.
fn statistics(spec: &Spec) -> String {
    let one = |statistic: &Statistic| {
        let only = spec.level().is_none() && !spec.measures(*statistic, Level::Request);
        format!("{statistic}{}", if only { "\\*" } else { "" })
    };
    spec.statistics.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What may be expected: in what a limit is written, what it may be asked of, where it is judged.
fn expectations() -> String {
    let one = |spec: &'static Spec| {
        let written: Vec<&str> = spec.units.iter().map(|unit| written(*unit)).collect();
        let filters: Vec<String> = spec
            .filters
            .takes
            .iter()
            .map(|filter| match spec.filters.needs.contains(filter) || is_needed_too(spec, *filter) {
                true => format!("**{filter}**"),
                false => filter.to_string(),
            })
            .collect();
        let filters = if filters.is_empty() { "none".to_owned() } else { filters.join(", ") };
        let world = if spec.has_conditions() { spec.judged.text() } else { "" };
        let needs = spec.table.map_or_else(String::new, |table| format!("[{table}]"));
        row(&[&format!("`{}`", spec.name), &statistics(spec), &written.join(" or "), &filters, world, &needs])
    };
    head(&["metric", "statistics", "limit written as", "filters (bold: needed)", "judged", "needs"])
        + &Spec::expectable().map(one).collect::<String>()
}

/// A stage is one of a workflow.
fn is_needed_too(spec: &Spec, filter: Filter) -> bool {
    filter == Filter::Workflow && spec.filters.needs.contains(&Filter::Stage)
}

/// How a limit of a unit is written.
fn written(unit: LimitUnit) -> &'static str {
    match unit {
        LimitUnit::Customers => "`50`, `\"50 customers\"`",
        LimitUnit::Share => "`\"2%\"`",
        LimitUnit::OpenShare => "`\"150%\"`",
        LimitUnit::Duration => "`\"250ms\"`",
        LimitUnit::CustomerMinutes => "`500`, `\"500 minutes\"`",
        LimitUnit::Minutes => "`15`, `\"15min\"`",
        LimitUnit::Rate => "`\"400/s\"`",
        LimitUnit::Dollars => "`\"$150000/month\"`",
        LimitUnit::Plain => "`1.5`",
    }
}
