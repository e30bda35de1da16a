//! Profiles: how the change of demand over time is written.
//!
//! Daily, hourly and recorded profiles are scaled to a mean of 1, so that `demand` stays the mean; a surge and
//! plain steps are not, since they say what is done to demand.

use super::context::Context;
use super::demand::Profile;
use super::document::{Node, Read, Value};
use super::keys::Keys;
use super::times::{Instant, Numbers};
use super::values;
use crate::units::{DAY, HOUR, MINUTE, Nanos};

/// Length of the steps that stand for a daily curve.
const DAILY_STEP: Nanos = 15 * MINUTE;

/// Reads a profile.
pub(super) fn profile(context: &Context, node: &Node) -> Option<Profile> {
    match &node.value {
        Value::Text(_) => context.keep(values::choice(node, &[("constant", ())])).map(|()| Profile::constant()),
        Value::Table(_) => context.table(node, "`profile`", read).flatten(),
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            let example = "\"constant\", or { daily = { peak_at = \"14h\", low = \"40%\" } }";
            context.problem(node.expected("a profile", example));
            None
        }
    }
}

fn read(keys: &Keys<'_>) -> Option<Profile> {
    const KINDS: [&str; 5] = ["daily", "hours", "surge", "steps", "csv"];
    // Known to every kind, so that an inherited one can be overridden by another.
    for key in ["every", "starts_at", "time", "value", "step", "repeat"] {
        keys.get(key);
    }
    let Some((kind, node)) = keys.alternative(&KINDS) else {
        keys.missing("daily", "daily = { peak_at = \"14h\", low = \"40%\" }");
        return None;
    };
    for (key, kinds) in [
        ("every", &["steps"][..]),
        ("starts_at", &["daily", "hours"]),
        ("time", &["csv"]),
        ("value", &["csv"]),
        ("step", &["csv"]),
        ("repeat", &["csv"]),
    ] {
        if let Some(entry) = keys.entry(key).filter(|_| !kinds.contains(&kind) && !keys.is_older(key, kind)) {
            let why = format!("belongs to {}", kinds.join(" and "));
            keys.context.problem(entry.key_place.error(format!("`{key}` has no effect here"), why));
        }
    }
    let profile = match kind {
        "daily" => keys.context.table(node, "`daily`", daily).flatten().map(|profile| started(keys, profile)),
        "hours" => keys.context.keep(hours(node)).map(|profile| started(keys, profile)),
        "surge" => keys.context.table(node, "`surge`", surge).flatten(),
        "steps" => steps(keys, node),
        _ => recorded(keys, node),
    };
    let profile = profile?;
    if profile.peak() <= 0.0 {
        keys.context.problem(node.error("a profile without any demand", "0 all the time"));
        return None;
    }
    Some(profile)
}

fn daily(keys: &Keys<'_>) -> Option<Profile> {
    let peak_at = keys.required("peak_at", "peak_at = \"14h\"", |node| match values::duration(node)? {
        time if time >= DAY => Err(Box::new(node.error("a time of day is less than 24h", "too late"))),
        time => Ok(time),
    });
    let low = keys.required("low", "low = \"40%\"", |node| {
        values::share(node)
            .map_err(|error| Box::new(error.note("the least demand of the day, as a share of the peak's")))
    })?;
    let peak_at = peak_at?;
    let count = DAY / DAILY_STEP;
    let steps = (0..count).map(|index| {
        let middle = (index * DAILY_STEP + DAILY_STEP / 2) as f64 - peak_at as f64;
        let angle = std::f64::consts::TAU * middle / DAY as f64;
        (index * DAILY_STEP, low + (1.0 - low) * (1.0 + libm::cos(angle)) / 2.0)
    });
    Some(normalised(Profile { steps: steps.collect(), period: Some(DAY) }, DAY))
}

fn hours(node: &Node) -> Read<Profile> {
    let hours = values::list(node, "24 numbers, one for each hour of the day", values::number)?;
    if hours.len() != 24 {
        let label = format!("{} numbers", hours.len());
        return Err(Box::new(node.error("a day has 24 hours", label).help("write one number for each hour")));
    }
    let steps = hours.into_iter().enumerate().map(|(hour, factor)| (hour as Nanos * HOUR, factor));
    Ok(normalised(Profile { steps: steps.collect(), period: Some(DAY) }, DAY))
}

/// Turns a day so that it begins at `starts_at`.
fn started(keys: &Keys<'_>, profile: Profile) -> Profile {
    let start = keys.or("starts_at", 0, values::duration) % DAY;
    if start == 0 {
        return profile;
    }
    let at_start = profile.steps.iter().rev().find(|step| step.0 <= start).map_or(1.0, |step| step.1);
    let turned = |step: &(Nanos, f64)| ((step.0 + DAY - start) % DAY, step.1);
    let mut steps: Vec<_> = profile.steps.iter().map(turned).filter(|step| step.0 != 0).collect();
    steps.push((0, at_start));
    steps.sort_by_key(|step| step.0);
    Profile { steps, ..profile }
}

fn surge(keys: &Keys<'_>) -> Option<Profile> {
    let factor = keys.required("factor", "factor = 3", values::number);
    let at = keys.required("at", "at = \"5min\"", values::duration);
    let lasts = keys.required("for", "for = \"2min\"", values::positive_duration);
    let (factor, at, lasts) = (factor?, at?, lasts?);
    let mut steps = vec![(0, 1.0), (at, factor), (at.saturating_add(lasts), 1.0)];
    if at == 0 {
        steps.remove(0);
    }
    Some(Profile { steps, period: None })
}

fn steps(keys: &Keys<'_>, node: &Node) -> Option<Profile> {
    let items = keys.context.keep(values::list(node, "[{ at = \"5min\", factor = 2 }]", Ok))?;
    let read = |item| {
        keys.context.table(item, "a step", |keys| {
            let at = keys.required("at", "at = \"5min\"", values::duration);
            let factor = keys.required("factor", "factor = 2", values::number);
            Some((at?, factor?))
        })?
    };
    let mut steps: Vec<(Nanos, f64)> = items.into_iter().map(read).collect::<Option<_>>()?;
    if steps.first().is_none_or(|step| step.0 > 0) {
        steps.insert(0, (0, 1.0));
    }
    if steps.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        keys.context.problem(node.error("steps must follow each other", "one is not after the one before it"));
        return None;
    }
    let period = keys.optional("every", values::positive_duration);
    if let (Some(period), Some(last)) = (period, steps.last())
        && last.0 >= period
    {
        keys.context.problem(node.error("a step after the end of the period", "must be before `every`"));
        return None;
    }
    Some(Profile { steps, period })
}

fn recorded(keys: &Keys<'_>, node: &Node) -> Option<Profile> {
    let file = keys.context.keep(keys.context.read_csv(node));
    let name = |key, default: &str| keys.or(key, default.to_owned(), values::text);
    let (time, value) = (name("time", "time"), name("value", "value"));
    let step = keys.optional("step", values::positive_duration);
    let repeat = keys.or("repeat", true, values::boolean);
    let place_of = |key| keys.get(key).map_or(&node.place, |node| &node.place);
    let file = file?;
    let value = keys.context.keep(file.required(&value, place_of("value")))?;
    let time = match step {
        Some(_) => None,
        None => Some(keys.context.keep(file.required(&time, place_of("time")))?),
    };
    let mut steps: Vec<(Nanos, f64)> = Vec::with_capacity(file.len());
    let mut origin = None;
    let times = time.map_or(Vec::new(), |column| file.instants(column));
    let numbers = Numbers::of(times.into_iter(), false);
    for row in 0..file.len() {
        let factor = keys.context.keep(file.field(row, value).number())?;
        let at = match (step, time) {
            (Some(step), _) => (row as Nanos).saturating_mul(step),
            (None, Some(column)) => {
                let field = file.field(row, column);
                let instant = numbers.meant(keys.context.keep(field.instant())?);
                let (Instant::Relative(seconds) | Instant::Absolute(seconds)) = instant;
                let passed = seconds - *origin.get_or_insert(seconds);
                let late = passed > crate::units::seconds(super::text::LONGEST);
                let at = crate::units::nanos(passed);
                if late || passed < 0.0 || steps.last().is_some_and(|last| at <= last.0) {
                    let message =
                        if late { "more than 100 years after the first row" } else { "not after the row before" };
                    keys.context.problem(field.error(message).help("sort the rows by time"));
                    return None;
                }
                at
            }
            (None, None) => return None,
        };
        steps.push((at, factor));
    }
    // The last row lasts as long as the one before it.
    let last = steps.last()?.0;
    let length = step.or_else(|| steps.len().checked_sub(2).map(|index| last - steps[index].0));
    let end = last.saturating_add(length.unwrap_or(5 * MINUTE));
    let profile = Profile { steps, period: repeat.then_some(end) };
    Some(normalised(profile, end))
}

/// Scales a profile to a mean of 1 over its length; one without demand stays as it is.
fn normalised(mut profile: Profile, end: Nanos) -> Profile {
    let ends = profile.steps.iter().skip(1).map(|step| step.0).chain([end]);
    let total: f64 = profile.steps.iter().zip(ends).map(|(step, next)| step.1 * (next - step.0) as f64).sum();
    let mean = total / end as f64;
    if mean > 0.0 && mean.is_finite() {
        profile.steps.iter_mut().for_each(|step| step.1 /= mean);
    }
    profile
}
