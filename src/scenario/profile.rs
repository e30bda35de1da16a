//! Profiles: how the change of demand over time is written.
//!
//! Daily, hourly and recorded profiles are scaled to a mean of 1, so that `demand` stays the mean; a surge and
//! plain steps are not, since they say what is done to demand.

use super::context::Context;
use super::demand::Profile;
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text};
use super::grammar::shape::{About, Kind, Shape};
use super::keys::Keys;
use super::times::{Instant, Numbers};
use super::values;
use crate::units::{self, DAY, HOUR, MINUTE, Nanos};

/// Length of the steps that stand for a daily curve.
const DAILY_STEP: Nanos = 15 * MINUTE;

/// What a profile may be.
pub(super) const PROFILE: Kind = Kind::Any(&[Kind::Fixed("constant"), Kind::Table(&PROFILES)]);

const PROFILES: Shape = Shape::new(
    "profile",
    "`profile`",
    &[
        &DAILY,
        HOURS.about(),
        &SURGE,
        &STEPS,
        &CSV,
        EVERY.about(),
        STARTS_AT.about(),
        TIME.about(),
        VALUE.about(),
        STEP.about(),
        REPEAT.about(),
    ],
);
const DAILY: About =
    About::new("daily", Kind::Table(&DAY_SHAPE), "a cosine in steps of 15 minutes, scaled to a mean of 1")
        .required_if("this, or another kind", "daily = { peak_at = \"14h\", low = \"40%\" }");
const HOURS: Key<Profile> = key::by(
    "hours",
    Kind::List(&Kind::Number),
    hours,
    "24 numbers: one factor for each hour of the day, scaled to a mean of 1",
);
const SURGE: About = About::new("surge", Kind::Table(&SURGES), "demand times `factor` for a while");
const STEPS: About = About::new(
    "steps",
    Kind::List(&Kind::Table(&STEP_SHAPE)),
    "`[{ at = \"5min\", factor = 2 }, ...]`; 1 before the first",
);
const CSV: About = About::new(
    "csv",
    Kind::File,
    "a recorded rate, scaled to a mean of 1: each row holds until the next one, the last one as long as the one before it. Dates count from the day of `run.starts_on`, else from the first row",
);
const EVERY: Key<Nanos> = key::positive_duration("every", "of `steps`: repeated after this long").without("never");
const STARTS_AT: Defaulted<Nanos> = key::duration(
    "starts_at",
    "of `daily` and `hours`: the time of day at time 0; midnight where `run.starts_on` is given",
)
.or(Text("0s"));
const TIME: Defaulted<String> = key::text("time", "of a `csv`: the column of times").or(Text("time"));
const VALUE: Defaulted<String> = key::text("value", "of a `csv`: the column of rates").or(Text("value"));
const STEP: Key<Nanos> =
    key::positive_duration("step", "of a `csv`: from one row to the next, in place of a column of times")
        .without("none");
const REPEAT: Defaulted<bool> =
    key::switch("repeat", "of a `csv`: whether it begins again after its end; `false`: the last value stays")
        .or(Switch(true));

const DAY_SHAPE: Shape = Shape::new("daily", "`daily`", &[PEAK_AT.about(), LOW.about()]);
const PEAK_AT: Key<Nanos> =
    key::by("peak_at", Kind::Duration, time_of_day, "when demand is greatest").required("peak_at = \"14h\"");
const LOW: Key<f64> =
    key::by("low", Kind::Share, low, "the night's demand as a share of the peak's").required("low = \"40%\"");

const SURGES: Shape = Shape::new("surge", "`surge`", &[FACTOR.about(), AT.about(), FOR.about()]);
const STEP_SHAPE: Shape = Shape::new("step", "a step", &[AT.about(), STEP_FACTOR.about()]);
const FACTOR: Key<f64> = key::number("factor", "demand times this").required("factor = 3");
const STEP_FACTOR: Key<f64> = key::number("factor", "demand times this from then on").required("factor = 2");
const AT: Key<Nanos> = key::duration("at", "when it begins").required("at = \"5min\"");
const FOR: Key<Nanos> = key::positive_duration("for", "how long it lasts").required("for = \"2min\"");

/// Reads a profile.
pub(super) fn profile(context: &Context, node: &Node) -> Option<Profile> {
    match &node.value {
        Value::Text(_) => context.keep(values::choice(node, &[("constant", ())])).map(|()| Profile::constant()),
        Value::Table(_) => context.shaped(node, &PROFILES, read).flatten(),
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::List(_) => {
            let example = "\"constant\", or { daily = { peak_at = \"14h\", low = \"40%\" } }";
            context.problem(node.expected("a profile", example));
            None
        }
    }
}

/// Keys that only some kinds have.
const DETAILS: [(&About, &[&About]); 6] = [
    (EVERY.about(), &[&STEPS]),
    (STARTS_AT.about(), &[&DAILY, HOURS.about()]),
    (TIME.about(), &[&CSV]),
    (VALUE.about(), &[&CSV]),
    (STEP.about(), &[&CSV]),
    (REPEAT.about(), &[&CSV]),
];

fn read(keys: &Keys<'_>) -> Option<Profile> {
    // Met by every kind, so that an inherited one can be overridden by another.
    for (key, _) in DETAILS {
        keys.get(key);
    }
    let Some((kind, node)) = keys.alternative(&[&DAILY, HOURS.about(), &SURGE, &STEPS, &CSV]) else {
        keys.missing(&DAILY);
        return None;
    };
    for (key, owners) in DETAILS {
        let is_idle = !owners.iter().any(|owner| owner.is(kind)) && !keys.is_older(key, kind);
        if let Some(entry) = keys.entry(key).filter(|_| is_idle) {
            let owners: Vec<&str> = owners.iter().map(|owner| owner.name).collect();
            let why = format!("belongs to {}", owners.join(" and "));
            keys.context.problem(entry.key_place.error(format!("`{}` has no effect here", key.name), why));
        }
    }
    let profile = match kind {
        kind if kind.is(&DAILY) => keys.table(&DAILY, daily).flatten().map(|day| started(keys, &day)),
        kind if kind.is(&HOURS) => keys.read(&HOURS).map(|day| started(keys, &day)),
        kind if kind.is(&SURGE) => keys.table(&SURGE, surge).flatten(),
        kind if kind.is(&STEPS) => steps(keys, node),
        _ => recorded(keys, node),
    };
    let profile = profile?;
    if profile.peak() <= 0.0 {
        keys.context.problem(node.error("a profile without any demand", "0 all the time"));
        return None;
    }
    Some(profile)
}

fn time_of_day(node: &Node) -> Read<Nanos> {
    match values::duration(node)? {
        time if time >= DAY => Err(Box::new(node.error("a time of day is less than 24h", "too late"))),
        time => Ok(time),
    }
}

fn low(node: &Node) -> Read<f64> {
    values::share(node).map_err(|error| Box::new(error.note("the least demand of the day, as a share of the peak's")))
}

fn daily(keys: &Keys<'_>) -> Option<Profile> {
    let (peak_at, low) = (keys.read(&PEAK_AT), keys.read(&LOW)?);
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

/// Turns a day so that it begins at `starts_at`: at midnight where the run begins on a day of the calendar.
fn started(keys: &Keys<'_>, day: &Profile) -> Profile {
    let start = keys.read(&STARTS_AT) % DAY;
    let entry = keys.entry(&STARTS_AT).filter(|_| start > 0);
    if let (Some(_), Some(entry)) = (keys.context.starts_on(), entry) {
        let error =
            entry.key_place.error("`starts_at` and `run.starts_on` both say when time 0 is", "another time of day");
        let help = "`run.starts_on` says that time 0 is a midnight: leave one of the two out";
        keys.context.problem(error.help(help));
    }
    day.from(start)
}

fn surge(keys: &Keys<'_>) -> Option<Profile> {
    let (factor, at, lasts) = (keys.read(&FACTOR), keys.read(&AT), keys.read(&FOR));
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
        keys.context.shaped(item, &STEP_SHAPE, |keys| {
            let (at, factor) = (keys.read(&AT), keys.read(&STEP_FACTOR));
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
    let period = keys.read(&EVERY);
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
    let (time, value) = (keys.read(&TIME), keys.read(&VALUE));
    let (step, repeat) = (keys.read(&STEP), keys.read(&REPEAT));
    let place_of = |key: &Defaulted<String>| keys.get(key).map_or(&node.place, |node| &node.place);
    let file = file?;
    let value = keys.context.keep(file.required(&value, place_of(&VALUE)))?;
    let time = match step {
        Some(_) => None,
        None => Some(keys.context.keep(file.required(&time, place_of(&TIME)))?),
    };
    let mut steps: Vec<(Nanos, f64)> = Vec::with_capacity(file.len());
    let (mut origin, mut is_dated) = (None, false);
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
                is_dated |= matches!(instant, Instant::Absolute(_));
                let late = passed > units::seconds(super::text::LONGEST);
                let at = units::nanos(passed);
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
    let profile = normalised(Profile { steps, period: repeat.then_some(end) }, end);
    match (keys.context.starts_on(), origin.filter(|_| is_dated)) {
        (Some(day), Some(first)) => placed(keys, node, &profile, (day.seconds() - first, end)),
        _ => Some(profile),
    }
}

/// Begins a recording with dates on the day of time 0, which comes `passed` seconds after its first row. One that repeats does so
/// backwards too.
fn placed(keys: &Keys<'_>, node: &Node, recording: &Profile, (passed, end): (f64, Nanos)) -> Option<Profile> {
    keys.context.uses_the_calendar();
    let start = match recording.period {
        Some(period) => units::nanos(passed.rem_euclid(units::seconds(period))),
        None if passed < 0.0 || passed >= units::seconds(end) => {
            let label = if passed < 0.0 { "its first row comes later" } else { "its last row comes before that" };
            let error = node.error("the recording does not know the day on which the run begins", label);
            keys.context.problem(error.help("let `run.starts_on` be one of its days, or the recording repeat"));
            return None;
        }
        None => units::nanos(passed),
    };
    Some(recording.from(start))
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
