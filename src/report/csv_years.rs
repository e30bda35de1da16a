//! The tables of a run at the incident level.

use super::csv::{state, table, triple, whole};
use super::id;
use super::number::{exact, exact_or_empty};
use crate::engine::stats::Estimate;
use crate::experiment::outcome::Outcome;
use crate::experiment::outcome::years::{Cells, Years};

/// Rows of a table from what a run over years has.
fn rows<'a, T: 'a, const N: usize>(
    results: &'a Outcome,
    list: impl Fn(&'a Years) -> &'a [T],
    row: impl Fn(&'a T) -> [String; N] + 'a,
) -> impl Iterator<Item = [String; N]> + 'a {
    results.years.as_ref().map_or(&[][..], list).iter().map(row)
}

fn reason(estimate: &Estimate) -> String {
    estimate.reason.clone().unwrap_or_default()
}

/// incidents.csv: the incidents that cost most customer-minutes.
pub(super) fn incidents(results: &Outcome) -> Vec<u8> {
    let header = ["replication", "fault", "onset_s", "end_s", "exposed", "harmed", "customer_minutes", "recovery"];
    let rows = rows(
        results,
        |years| &years.worst_incidents,
        |one| {
            [
                one.replication.to_string(),
                one.fault.clone(),
                exact(one.onset_seconds),
                exact(one.end_seconds),
                exact(one.exposed),
                exact(one.harmed),
                exact(one.customer_minutes),
                one.recovery.clone(),
            ]
        },
    );
    table(header, rows)
}

/// windows.csv: what contract months keep, by tier and workflow.
pub(super) fn windows(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "tier",
        "workflow",
        "sla",
        "kept",
        "kept_ci_low",
        "kept_ci_high",
        "all_kept",
        "all_kept_ci_low",
        "all_kept_ci_high",
        "bad_minutes_mean",
        "bad_minutes_mean_ci_low",
        "bad_minutes_mean_ci_high",
        "bad_minutes_p95",
        "bad_minutes_p95_ci_low",
        "bad_minutes_p95_ci_high",
        "window",
        "allowed",
        "allowed_most",
        "bad_minutes_worst",
        "worst_window_ends_year",
        "credits_a_year",
        "credits_a_year_ci_low",
        "credits_a_year_ci_high",
        "state",
        "reason",
    ];
    let rows = rows(
        results,
        |years| &years.tiers,
        |tier| {
            let [kept, kept_low, kept_high] = triple(&tier.kept);
            let [all, all_low, all_high] = triple(&tier.all_kept);
            let [mean, mean_low, mean_high] = triple(&tier.bad_minutes);
            let [p95, p95_low, p95_high] = triple(&tier.bad_minutes_p95);
            let credits = tier.credits.as_ref().map(triple);
            let [credits, credits_low, credits_high] = credits.unwrap_or_default();
            [
                id::line("window", &[("tier", &tier.tier), ("workflow", &tier.workflow)]),
                tier.tier.clone(),
                tier.workflow.clone(),
                exact(tier.sla),
                kept,
                kept_low,
                kept_high,
                all,
                all_low,
                all_high,
                mean,
                mean_low,
                mean_high,
                p95,
                p95_low,
                p95_high,
                tier.window.clone(),
                exact(tier.allowed[0]),
                exact(tier.allowed[1]),
                exact(tier.worst.0),
                exact(tier.worst.1),
                credits,
                credits_low,
                credits_high,
                state(tier.kept.state).to_owned(),
                reason(&tier.kept),
            ]
        },
    );
    table(header, rows)
}

/// causes.csv: what each cause does in a year.
pub(super) fn causes(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "cause",
        "incidents",
        "incidents_a_year",
        "incidents_a_year_ci_low",
        "incidents_a_year_ci_high",
        "harmed_mean",
        "harmed_mean_ci_low",
        "harmed_mean_ci_high",
        "harmed_p50",
        "harmed_p95",
        "harmed_worst",
        "customer_minutes_a_year",
        "customer_minutes_a_year_ci_low",
        "customer_minutes_a_year_ci_high",
        "share_of_customer_minutes",
        "fewer_with_more_cells",
        "never_recovered",
        "state",
        "reason",
    ];
    let rows = rows(
        results,
        |years| &years.causes,
        |cause| {
            let [rate, rate_low, rate_high] = triple(&cause.a_year);
            let [mean, mean_low, mean_high] = triple(&cause.harmed_mean);
            let [minutes, minutes_low, minutes_high] = triple(&cause.minutes);
            let [p50, p95, worst] = cause.harmed.map(exact_or_empty);
            let cells = match cause.with_more_cells {
                Cells::FewerPerIncident => "per incident, not in sum",
                Cells::Nothing => "no",
                Cells::FewerNeighbours => "fewer neighbours",
            };
            [
                id::line("cause", &[("fault", &cause.cause)]),
                cause.cause.clone(),
                whole(cause.incidents),
                rate,
                rate_low,
                rate_high,
                mean,
                mean_low,
                mean_high,
                p50,
                p95,
                worst,
                minutes,
                minutes_low,
                minutes_high,
                exact(cause.share),
                cells.to_owned(),
                whole(cause.stuck),
                state(cause.harmed_mean.state).to_owned(),
                reason(&cause.harmed_mean),
            ]
        },
    );
    table(header, rows)
}

/// exceedance.csv: how often incidents harm at least so many customers.
pub(super) fn exceedance(results: &Outcome) -> Vec<u8> {
    let header = ["id", "cause", "customers", "a_year", "a_year_ci_low", "a_year_ci_high", "state", "reason"];
    let rows = rows(
        results,
        |years| &years.exceedance,
        |row| {
            let [value, low, high] = triple(&row.a_year);
            let (state, reason) = (state(row.a_year.state).to_owned(), reason(&row.a_year));
            let id = id::line("exceedance", &[("at_least", &exact(row.customers)), ("fault", &row.cause)]);
            [id, row.cause.clone(), exact(row.customers), value, low, high, state, reason]
        },
    );
    table(header, rows)
}

/// alerts.csv: how often burn-rate alerts would have fired.
pub(super) fn alerts(results: &Outcome) -> Vec<u8> {
    let header = ["id", "tier", "workflow", "alert", "a_year", "a_year_ci_low", "a_year_ci_high", "state", "reason"];
    let rows = rows(
        results,
        |years| &years.alerts,
        |row| {
            let [value, low, high] = triple(&row.a_year);
            let (state, reason) = (state(row.a_year.state).to_owned(), reason(&row.a_year));
            let filters = [("alert", row.alert.as_str()), ("tier", &row.tier), ("workflow", &row.workflow)];
            let id = id::measure(("burn_rate_alerts", "mean"), &filters, "", "");
            [id, row.tier.clone(), row.workflow.clone(), row.alert.clone(), value, low, high, state, reason]
        },
    );
    table(header, rows)
}

/// rare.csv: how many cells are down at once.
pub(super) fn rare(results: &Outcome) -> Vec<u8> {
    let header = [
        "id",
        "cells_down",
        "share_exactly",
        "share_exactly_ci_low",
        "share_exactly_ci_high",
        "share",
        "share_ci_low",
        "share_ci_high",
        "a_year",
        "a_year_ci_low",
        "a_year_ci_high",
        "minutes",
        "relative_error",
        "histories",
        "contributed",
        "copies",
        "state",
        "reason",
    ];
    let rows = rows(
        results,
        |years| years.at_once.as_ref().map_or(&[][..], |at_once| &at_once.cells_down),
        |row| {
            let [exactly, exactly_low, exactly_high] = triple(&row.exactly);
            let [share, share_low, share_high] = triple(&row.share);
            let [a_year, a_year_low, a_year_high] = triple(&row.a_year);
            [
                id::line("cells_down", &[("at_least", &row.cells.to_string())]),
                row.cells.to_string(),
                exactly,
                exactly_low,
                exactly_high,
                share,
                share_low,
                share_high,
                a_year,
                a_year_low,
                a_year_high,
                exact_or_empty(row.minutes()),
                exact_or_empty(row.relative_error),
                whole(row.histories),
                whole(row.contributed),
                row.copies.to_string(),
                state(row.share.state).to_owned(),
                reason(&row.share),
            ]
        },
    );
    table(header, rows)
}
