//! The tables of a run at the incident level.

use super::column::{Column, described, table};
use super::requests::of;
use super::sheet::Sheet;
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::years::{
    AlertYears, CauseYears, Cells, CellsDown, Exceedance, TierYears, WorstIncident, Years,
};
use crate::number::{exact, exact_or_empty};
use crate::report::id;

/// Lines of a table from what a run over years has.
fn lines<'a, T>(results: &'a Outcome, list: impl Fn(&'a Years) -> &'a [T]) -> &'a [T] {
    results.years().map_or(&[], list)
}

/// incidents.csv.
pub(super) const INCIDENTS: Sheet = Sheet {
    file: "incidents.csv",
    about: "one of the hundred incidents that cost most customer-minutes",
    columns: || described(&incident_columns()),
    write: |results| table(&incident_columns(), lines(results, |years| &years.worst_incidents)),
};

fn incident_columns<'a>() -> [Column<&'a WorstIncident>; 8] {
    [
        Column::text("replication", "from 1", |one| one.replication.to_string()),
        Column::text("fault", "the one that strikes most cells at once", |one| one.fault.clone()),
        Column::text("onset_s", "seconds from time 0", |one| exact(one.onset_seconds)),
        Column::text("end_s", "when all was as in health again", |one| exact(one.end_seconds)),
        Column::text("exposed", "customers", |one| exact(one.exposed)),
        Column::text("harmed", "customers: expected number, given what happened", |one| exact(one.harmed)),
        Column::text("customer_minutes", "", |one| exact(one.customer_minutes)),
        Column::text("recovery", "`recovered`, `still faulted`, `not recovered`", |one| one.recovery.clone()),
    ]
}

/// windows.csv.
pub(super) const WINDOWS: Sheet = Sheet {
    file: "windows.csv",
    about: "what contract months keep, by tier and workflow",
    columns: || described(&window_columns()),
    write: |results| table(&window_columns(), lines(results, |years| &years.tiers)),
};

fn window_columns<'a>() -> [Column<&'a TierYears>; 15] {
    [
        Column::text("id", "unique in this table", |row| {
            id::line("window", &[("tier", &row.tier), ("workflow", of(row.workflow.as_ref()))])
        }),
        Column::text("tier", "", |row| row.tier.clone()),
        Column::text("workflow", "empty: all", |row| of(row.workflow.as_ref()).to_owned()),
        Column::text("sla", "", |row| exact(row.sla)),
        Column::interval("meets_sla", "share of (customer, workflow, window) that keep it", |row| Some(&row.meets_sla)),
        Column::interval("no_sla_miss", "share of windows in which every customer does", |row| Some(&row.no_sla_miss)),
        Column::interval("bad_minutes_mean", "of a customer's window", |row| Some(&row.bad_minutes)),
        Column::interval("bad_minutes_p95", "", |row| Some(&row.bad_minutes_p95)),
        Column::text("window", "what is judged as one", |row| row.window.clone()),
        Column::text("allowed", "bad minutes that the shortest window allows", |row| {
            exact_or_empty(row.allowed.map(|allowed| allowed[0]))
        }),
        Column::text(
            "allowed_most",
            "and the longest: months and quarters differ, and each is judged by its own",
            |row| exact_or_empty(row.allowed.map(|allowed| allowed[1])),
        ),
        Column::text("bad_minutes_worst", "of a customer in one window", |row| exact(row.worst.0)),
        Column::text("worst_window_ends_year", "when that window ended", |row| exact(row.worst.1)),
        Column::interval("credits_a_year", "dollars", |row| row.credits.as_ref()),
        Column::state("of `meets_sla`", |row| &row.meets_sla),
    ]
}

/// causes.csv.
pub(super) const CAUSES: Sheet = Sheet {
    file: "causes.csv",
    about: "what a fault does in a year",
    columns: || described(&cause_columns()),
    write: |results| table(&cause_columns(), lines(results, |years| &years.causes)),
};

fn cause_columns<'a>() -> [Column<&'a CauseYears>; 13] {
    [
        Column::text("id", "unique in this table", |row| id::line("cause", &[("fault", &row.fault)])),
        Column::text("fault", "", |row| row.fault.clone()),
        Column::text(
            "incidents",
            "its own strikes that were seen, those within an incident of another fault too",
            |row| row.incidents.to_string(),
        ),
        Column::interval("incidents_a_year", "how often it strikes by its clock or script", |row| Some(&row.a_year)),
        Column::interval("harmed_mean", "customers harmed by one incident", |row| Some(&row.harmed_mean)),
        Column::text("harmed_p50", "", |row| exact_or_empty(row.harmed[0])),
        Column::text("harmed_p95", "", |row| exact_or_empty(row.harmed[1])),
        Column::text("harmed_worst", "", |row| exact_or_empty(row.harmed[2])),
        Column::interval("customer_minutes_a_year", "", |row| Some(&row.minutes)),
        Column::text("share_of_customer_minutes", "", |row| exact(row.share)),
        Column::text("fewer_with_more_cells", "whether more cells would help", |row| more_cells(row.with_more_cells)),
        Column::text("never_recovered", "incidents", |row| row.stuck.to_string()),
        Column::state("of `harmed_mean`", |row| &row.harmed_mean),
    ]
}

fn more_cells(cells: Cells) -> String {
    let text = match cells {
        Cells::FewerPerIncident => "per incident, not in sum",
        Cells::Nothing => "no",
        Cells::FewerNeighbours => "fewer neighbours",
    };
    text.to_owned()
}

/// exceedance.csv.
pub(super) const EXCEEDANCE: Sheet = Sheet {
    file: "exceedance.csv",
    about: "how often incidents harm at least so many customers",
    columns: || described(&exceedance_columns()),
    write: |results| table(&exceedance_columns(), lines(results, |years| &years.exceedance)),
};

fn exceedance_columns<'a>() -> [Column<&'a Exceedance>; 5] {
    [
        Column::text("id", "unique in this table", |row| {
            id::line("exceedance", &[("at_least", &exact(row.customers)), ("fault", of(row.fault.as_ref()))])
        }),
        Column::text("fault", "empty: all", |row| of(row.fault.as_ref()).to_owned()),
        Column::text("customers", "at least so many: 1, 2, 5, 10, ..", |row| exact(row.customers)),
        Column::interval("a_year", "incidents", |row| Some(&row.a_year)),
        Column::state("", |row| &row.a_year),
    ]
}

/// alerts.csv.
pub(super) const ALERTS: Sheet = Sheet {
    file: "alerts.csv",
    about: "how often a burn-rate alert would have fired",
    columns: || described(&alert_columns()),
    write: |results| table(&alert_columns(), lines(results, |years| &years.alerts)),
};

fn alert_columns<'a>() -> [Column<&'a AlertYears>; 6] {
    [
        Column::text("id", "unique in this table", |row| {
            let filters = [("alert", row.alert.text()), ("tier", &row.tier), ("workflow", &row.workflow)];
            id::measure(("burn_rate_alerts", "mean"), &filters, "", "")
        }),
        Column::text("tier", "", |row| row.tier.clone()),
        Column::text("workflow", "", |row| row.workflow.clone()),
        Column::text("alert", "`14.4x/1 h`, `6x/6 h`, `3x/1 day`, `1x/3 days`", |row| row.alert.to_string()),
        Column::interval("a_year", "", |row| Some(&row.a_year)),
        Column::state("", |row| &row.a_year),
    ]
}

/// rare.csv.
pub(super) const RARE: Sheet = Sheet {
    file: "rare.csv",
    about: "a number of cells down at once, from 1 (with `[run.rare]`)",
    columns: || described(&rare_columns()),
    write: |results| {
        let at_once = results.years().and_then(|years| years.at_once.as_ref());
        table(&rare_columns(), at_once.map_or(&[][..], |at_once| &at_once.cells_down))
    },
};

fn rare_columns<'a>() -> [Column<&'a CellsDown>; 11] {
    [
        Column::text("id", "unique in this table", |row| {
            id::line("cells_down", &[("at_least", &row.cells.to_string())])
        }),
        Column::text("cells_down", "", |row| row.cells.to_string()),
        Column::interval("share_exactly", "of time with exactly so many down at once", |row| Some(&row.exactly)),
        Column::interval("share", "of time with at least so many", |row| Some(&row.share)),
        Column::interval("a_year", "times that it comes to so many", |row| Some(&row.a_year)),
        Column::text("minutes", "that it then lasts, on average", |row| exact_or_empty(row.minutes())),
        Column::text("relative_error", "standard error of `share` over its value", |row| {
            exact_or_empty(row.relative_error)
        }),
        Column::text("trials", "independent trials", |row| row.trials.to_string()),
        Column::text("contributed", "trials that came to so many: with fewer than 50 there is no number", |row| {
            row.contributed.to_string()
        }),
        Column::text("copies", "in which a trial goes on that comes to so many", |row| row.copies.to_string()),
        Column::state("of `share`", |row| &row.share),
    ]
}
