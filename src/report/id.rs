//! Identifiers of measures: the same in every run, so that two tables can be joined by one column.
//!
//! `blast_radius.mean{fault=cell-crash,tier=smb}@faults:customers` is metric, statistic, filters in the order of their names, the
//! condition and the unit. A filter that is missing means "all".

use crate::catalogue::{Filter, Subject};
use crate::experiment::outcome::Row;

/// Returns the identifier of a row of summary.csv.
pub fn of_row(row: &Row) -> String {
    of_subject(&row.subject)
}

/// Returns the identifier of what a number is of.
pub fn of_subject(subject: &Subject) -> String {
    let filters = Filter::ALL.map(|filter| (filter.text(), subject.filter(filter)));
    let named = (subject.metric.name(), &*subject.statistic.to_string());
    measure(named, &filters, subject.condition.text(), subject.unit.text())
}

/// Returns the identifier of a measure: name and statistic, filters in the order of their names, condition, unit.
pub fn measure(named: (&str, &str), filters: &[(&str, &str)], condition: &str, unit: &str) -> String {
    debug_assert!(filters.is_sorted_by_key(|filter| filter.0), "filters are in the order of their names");
    let mut id = named.0.to_owned();
    if !named.1.is_empty() {
        id += &format!(".{}", plain(named.1));
    }
    let given = filters.iter().filter(|(_, value)| !value.is_empty());
    let given: Vec<String> = given.map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if !given.is_empty() {
        id += &format!("{{{}}}", given.join(","));
    }
    match condition {
        "" => {}
        "with faults" => id += "@faults",
        "if these happen" => id += "@if",
        other => id += &format!("@{}", plain(&other.replace(' ', "-"))),
    }
    if !unit.is_empty() {
        id += &format!(":{unit}");
    }
    id
}

/// Returns the identifier of a line of another table: what it is about, and its filters.
pub fn line(about: &str, filters: &[(&str, &str)]) -> String {
    measure((about, ""), filters, "", "")
}

/// Writes the letters that divide an identifier in another way.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '{' | '}' | ',' | '=' | '@' | ':' | '%' => plain += &format!("%{:02X}", letter as u32),
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_name_what_is_given() {
        let filters = [("fault", "cell-crash"), ("tier", "smb"), ("workflow", "")];
        let named = ("blast_radius", "mean");
        assert_eq!(measure(named, &filters, "", "customers"), "blast_radius.mean{fault=cell-crash,tier=smb}:customers");
        assert_eq!(measure(("latency", "p99"), &[], "no fault", "s"), "latency.p99@no-fault:s");
        assert_eq!(measure(("cost", "total"), &[("tier", "")], "with faults", ""), "cost.total@faults");
        assert_eq!(line("cause", &[("fault", "a,b=c")]), "cause{fault=a%2Cb%3Dc}");
        assert_eq!(line("window", &[("tier", "smb"), ("workflow", "")]), "window{tier=smb}");
    }
}
