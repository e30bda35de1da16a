//! Expectations judged against the tidy table.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Condition, Filter, LookupPath, Metric, Statistic, Subject, Unit};
use crate::engine::stats::{self, Estimate, Judgement, Threshold};
use crate::experiment::measures::contracts;
use crate::experiment::outcome::{Facts, Row, Verdict};
use crate::number;
use crate::scenario::Scenario;
use crate::scenario::expectation::{Expectation, Limit};
use crate::scenario::fault::{Clock, Schedule, ScopeKind, Strikes};
use crate::world::operations::faults;

/// What is known without a run.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What follows from it.
    pub facts: &'a Facts,
}

/// Judges expectations.
pub fn judge_all(known: Known<'_>, rows: &[Row]) -> Vec<Verdict> {
    let table = Table::of(rows);
    known.scenario.expectations.iter().map(|expectation| judge(known, expectation, &table)).collect()
}

/// The tidy table, in which rows are looked up.
struct Table<'a> {
    rows: &'a [Row],
    /// By metric and fault.
    by_subject: BTreeMap<(Metric, &'a str), Vec<&'a Row>>,
    faults: BTreeSet<&'a str>,
    /// By metric and statistic: what they are measured by, in words.
    filters: OnceCell<BTreeMap<(Metric, Statistic), BTreeSet<String>>>,
}

impl<'a> Table<'a> {
    fn of(rows: &'a [Row]) -> Table<'a> {
        let mut by_subject: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in rows {
            by_subject.entry((row.subject.metric, row.subject.fault())).or_default().push(row);
        }
        let faults = by_subject.keys().map(|subject| subject.1).collect();
        Table { rows, by_subject, faults, filters: OnceCell::new() }
    }

    fn filters(&self, metric: Metric, statistic: Statistic) -> Vec<String> {
        let all = self.filters.get_or_init(|| {
            let mut all: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
            for row in self.rows {
                all.entry((row.subject.metric, row.subject.statistic)).or_default().insert(filters_of(&row.subject));
            }
            all
        });
        all.get(&(metric, statistic)).into_iter().flatten().cloned().collect()
    }
}

/// What a row is about, in words.
fn filters_of(subject: &Subject) -> String {
    let named = [Filter::Fault, Filter::Tier, Filter::Workflow, Filter::Stage, Filter::Cause, Filter::Alert];
    let named: Vec<&str> =
        named.into_iter().filter(|&filter| !subject.filter(filter).is_empty()).map(Filter::text).collect();
    if named.is_empty() { "no filter".to_owned() } else { named.join(" and ") }
}

/// Judges one expectation.
///
/// Latency and utilization are judged in the fault-free world unless a condition or a fault says otherwise: they say how good the service is, and what faults do to it depends
/// on how long the drill is. Everything else is judged in the world with its faults.
fn judge(known: Known<'_>, expectation: &Expectation, table: &Table<'_>) -> Verdict {
    let asked = &expectation.subject();
    // The world is chosen among what is left.
    let matches_filters = |row: &&Row| Subject { condition: asked.condition, ..row.subject.clone() } == *asked;
    let near = table.by_subject.get(&(asked.metric, asked.fault()));
    let found: Vec<&Row> = near.into_iter().flatten().copied().filter(matches_filters).collect();
    let preferred = asked.condition;
    let other = if preferred == Condition::NoFault { Condition::WithFaults } else { Condition::NoFault };
    let row = found
        .iter()
        .find(|row| row.subject.condition == preferred)
        .or_else(|| found.iter().find(|row| row.subject.condition != other))
        .or_else(|| found.first());
    let threshold = match expectation.limit {
        Limit::AtMost(limit) => Threshold::AtMost(limit),
        Limit::AtLeast(limit) => Threshold::AtLeast(limit),
    };
    let estimate = row.map_or_else(|| Estimate::null(missing(expectation, table)), |row| row.estimate.clone());
    let outcome = stats::verdict(&estimate, threshold);
    let note = match outcome {
        Judgement::Kept | Judgement::Breached => String::new(),
        Judgement::NotMeasured => estimate.reason.clone().unwrap_or_default(),
        Judgement::Undecided => match stats::replications_to_decide(&estimate, threshold) {
            // How much of a month is lost in health, a longer horizon tells as well as more of them.
            Some(_) if expectation.metric == Metric::MonthsWithinSla => {
                "more replications or a longer horizon would tell more of a month".to_owned()
            }
            Some(more) if estimate.low.is_some() && estimate.state != stats::State::Bound => {
                let per_incident = row.is_some_and(|row| {
                    row.subject.condition == Condition::IfTheseHappen && row.subject.fault.is_some()
                });
                let unit = match expectation.metric {
                    Metric::CellsDownShare | Metric::CellsDownEntries => "trials",
                    Metric::BlastRadius | Metric::Down | Metric::Idle | Metric::Spillover | Metric::CustomerMinutes
                        if per_incident =>
                    {
                        "incidents"
                    }
                    _ => "replications",
                };
                format!("about {} more {unit} would decide", number::whole(more))
            }
            _ => {
                let reason = estimate.reason.clone();
                let reason = reason.unwrap_or_else(|| "no number of replications in sight would decide".to_owned());
                by_construction(known, expectation, &estimate).map_or(reason.clone(), |hint| reason + &hint)
            }
        },
    };
    let named = [Filter::Cause, Filter::Alert, Filter::Fault, Filter::Tier, Filter::Workflow, Filter::Stage];
    let named = named.map(|filter| asked.filter(filter));
    let mut what: Vec<&str> = named.into_iter().filter(|name| !name.is_empty()).collect();
    // Of a fault one asks how many it harms, unless said otherwise.
    if expectation.fault.is_none() || expectation.metric != Metric::BlastRadius {
        what.insert(0, expectation.metric.name());
    }
    let statistic = expectation.statistic.to_string();
    what.push(&statistic);
    what.extend(expectation.path.map(LookupPath::text));
    what.extend(expectation.condition.map(Condition::text));
    Verdict {
        outcome,
        what: what.join(", "),
        subject: row.map_or_else(|| asked.clone(), |row| row.subject.clone()),
        estimate,
        limit: expectation.limit,
        limit_text: expectation.limit_text.clone(),
        place: format!("{}:{}", expectation.file, expectation.line),
        note,
    }
}

/// Says what to do where a largest value is undecided because more is possible than was seen: runs cannot exclude that.
fn by_construction(
    Known { scenario, facts }: Known<'_>,
    expectation: &Expectation,
    estimate: &Estimate,
) -> Option<String> {
    let Limit::AtMost(limit) = expectation.limit else { return None };
    let counts_customers = [Metric::BlastRadius, Metric::Exposed, Metric::Down].contains(&expectation.metric);
    let most = estimate.high.filter(|&high| high > limit)?;
    if expectation.statistic != Statistic::Worst || !counts_customers {
        return None;
    }
    let name = expectation.fault.as_ref()?;
    let fault = scenario.faults.iter().find(|fault| fault.name == *name)?;
    let strikes_one_cell = match (&fault.strikes, &fault.schedule) {
        (_, Schedule::Random { clock: Clock::Each(ScopeKind::Cell) | Clock::OneOf(ScopeKind::Cell), .. }) => true,
        (Strikes::Cells(filter), _) => filter.cell.is_some(),
        _ => false,
    };
    // Strikes that overlap make one incident of several cells, however small they are.
    let largest = facts.groups.iter().map(|group| group.largest).max().unwrap_or(0) as f64;
    let hint = match expectation.unit {
        Unit::Customers if strikes_one_cell && most <= largest => {
            format!("bound it by customers_per_cell.max = {}", limit.floor())
        }
        _ => "it must follow from what its strikes can reach".to_owned(),
    };
    Some(format!("; no number of replications can show it: {hint}"))
}

/// Returns why no run of this scenario can measure what is expected, if that is plain before one.
pub fn unmeasurable(expectation: &Expectation, scenario: &Scenario) -> Option<String> {
    let asleep = |name: &&String| {
        scenario.faults.iter().any(|fault| fault.name == **name && !faults::is_awake(fault, scenario.run.faults))
    };
    if let Some(name) = expectation.fault.as_ref().filter(asleep) {
        return Some(asleep_text(name));
    }
    let attainment =
        matches!(expectation.metric, Metric::SlaAttainment | Metric::SlaAttainmentOfAll | Metric::SlaSilent);
    let tier = expectation.tier.as_ref().and_then(|name| scenario.tiers.iter().position(|tier| tier.name == *name));
    contracts::why_no_attainment(scenario, tier).filter(|_| attainment).map(str::to_owned)
}

fn asleep_text(fault: &str) -> String {
    format!("fault `{fault}` is inactive in this run: see run.faults")
}

/// Says why there is no such number.
fn missing(expectation: &Expectation, table: &Table<'_>) -> String {
    if let Some(fault) = &expectation.fault
        && !table.faults.contains(fault.as_str())
    {
        return asleep_text(fault);
    }
    let filters = table.filters(expectation.metric, expectation.statistic);
    if filters.is_empty() {
        let lacking = match expectation.metric {
            Metric::CallAmplification => ": there is no fan-out",
            Metric::Credits => ": no contract has any",
            Metric::CostSingleCell => ": it cannot be built",
            Metric::Utilization => ": there are no stations with slots",
            _ => "",
        };
        return format!("this run has no {} {}{lacking}", expectation.statistic, expectation.metric);
    }
    format!("{} {} is measured by {}", expectation.statistic, expectation.metric, filters.join(", or by "))
}
