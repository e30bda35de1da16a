//! Reading when a fault happens: scripted, random, or as recorded.

use super::context::Context;
use super::date::WEEKDAYS;
use super::document::{Node, Read};
use super::fault::{Clock, Schedule, ScopeKind};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::Text;
use super::grammar::shape::{About, Kind};
use super::keys::Keys;
use super::run::Run;
use super::{law, read_recorded as recorded, text, values};
use crate::engine::law::Law;
use crate::units::{self, DAY, MINUTE, Nanos};

/// From the end of the warm-up.
pub(super) const AT: About = About::new(
    "at",
    Kind::Written("2min ± 30s"),
    "scripted: `\"2min\"` from the end of the warm-up, or `\"2min ± 30s\"` (`+-`): uniform in that range. After the warm-up and \
     before the horizon. `\"sunday 02:00\"` (also `± 30min`): every week at this time (UTC), or every so many weeks with \
     `every = \"2 weeks\"`; needs `run.starts_on`",
)
.required_if("required if scripted, without `every`", "at = \"2min\"");
/// How long a scripted fault lasts.
pub(super) const FOR: Key<Nanos> = key::positive_duration("for", "scripted: how long it lasts (not for a flush)")
    .required_if("required if scripted", "for = \"2min\"");
/// Again and again.
pub(super) const EVERY: Key<Nanos> = key::positive_duration(
    "every",
    "scripted: `\"10min\"`: again and again at this distance, longer than `for`; first at `at`, or else when that time has \
     passed for the first time; all of them are shifted alike by `±`",
)
.without("once");
/// Time between failures.
pub(super) const MTBF: Key<Law> = key::shared(
    "mtbf",
    law::LAW,
    law::time_between,
    "random: time from recovery to the next onset: a distribution; a bare duration is the mean of an exponential",
)
.required_if("required if random", "mtbf = \"180d\"");
/// Time to repair.
pub(super) const MTTR: About = About::new("mttr", law::LAW, "random: time to repair, a distribution (not for a flush)")
    .required_if("required if random", "mttr = { p50 = \"10min\", p95 = \"45min\" }");
/// A clock for each.
pub(super) const EACH: Key<ScopeKind> =
    key::word("each", "random: every `\"cell\"` (`\"zone\"`, `\"tier\"`, `\"workflow\"`) has its own clock");
/// One clock.
pub(super) const ONE_OF: Defaulted<ScopeKind> = key::word(
    "one_of",
    "random: one clock that strikes one `\"cell\"` (`\"zone\"`, ...) at a time, or, `\"platform\"`, everything that is struck",
)
.or(Text("platform"));

/// Reads the one of the three schedules that is given. An `instant` effect needs no `for`.
pub(super) fn schedule(keys: &Keys<'_>, run: &Run, instant: bool) -> Option<Schedule> {
    let scripted_by: &[&About] = &[&AT, &EVERY, &FOR];
    let groups = [scripted_by, &[&MTBF, &MTTR, &EACH, &ONE_OF], &recorded::KEYS];
    match keys.group(&groups) {
        None => {
            let error = keys.place.error(format!("{} never happens", keys.what), "needs a schedule");
            let help = "add `at` and `for` (if this happens; again and again with `every`), `mtbf` and `mttr` (how often), or `csv` (as recorded)";
            keys.context.problem(error.help(help));
            None
        }
        Some(0) => scripted(keys, run, instant),
        Some(1) => random(keys, instant),
        Some(_) => recorded::recorded(keys, run, instant).map(Schedule::Trace),
    }
}

fn scripted(keys: &Keys<'_>, run: &Run, instant: bool) -> Option<Schedule> {
    let every = keys.read(&EVERY);
    let at = match (keys.get(&AT), every) {
        (None, Some(every)) => first_of(keys, every, run),
        _ => keys.required(&AT, |node| onset(keys.context, node, run)),
    };
    let lasts = match (instant, keys.entry(&FOR)) {
        (true, None) => Some(0),
        (true, Some(entry)) => {
            let error = entry.key_place.error("a flush is an instant", "`for` has no effect here");
            keys.context.problem(error.help("leave `for` out"));
            None
        }
        (false, _) => keys.read(&FOR),
    };
    let onset = at?;
    let (at, spread, lasts) = (onset.at, onset.spread, lasts?);
    let every = every.or(onset.weekly.then_some(7 * DAY));
    if let Some(every) = every {
        let entry = keys.entry(&EVERY).or(keys.entry(&AT))?;
        if lasts >= every {
            let error = entry.node.error("a fault that comes again before it is over", "not longer than `for`");
            keys.context.problem(error.help("make `for` shorter, or `every` longer"));
            return None;
        }
        let times = run.horizon / every;
        if times > MOST_TIMES {
            let error =
                entry.node.error(format!("a fault that comes {times} times"), format!("more than {MOST_TIMES}"));
            keys.context.problem(error.help("let it come less often, or for a shorter horizon"));
            return None;
        }
    }
    Some(Schedule::Scripted { at, spread, lasts, every })
}

/// A fault may come so often in a run.
const MOST_TIMES: u64 = 1_000_000;

/// When a scripted fault begins.
struct Onset {
    at: Nanos,
    spread: Nanos,
    weekly: bool,
}

/// Without `at`, what comes every so often comes first when that time has passed.
fn first_of(keys: &Keys<'_>, every: Nanos, run: &Run) -> Option<Onset> {
    if every < run.horizon {
        return Some(Onset { at: every, spread: 0, weekly: false });
    }
    let place = keys.get(&EVERY).map_or(keys.place, |node| &node.place);
    let error = place.error("a fault that begins after the end of the run", "longer than the horizon");
    keys.context.problem(error.help("raise `run.horizon`, or say with `at` when it comes first"));
    None
}

/// Reads "2min", or "2min ± 30s", or "sunday 02:00".
fn onset(context: &Context, node: &Node, run: &Run) -> Read<Onset> {
    let written = node.text().unwrap_or("").trim();
    if written.starts_with('-') {
        let error = node.error("a fault that begins before the end of the warm-up", "before time 0");
        return Err(Box::new(error.help("`at` counts from the end of the warm-up, which is time 0")));
    }
    let halves = ["±", "+-", "+/-"].iter().find_map(|sign| written.split_once(sign));
    let spread = halves.map_or(Ok(0), |(_, spread)| {
        text::duration(spread).map_err(|label| {
            let error = node.error(format!("expected a time and its spread, found \"{written}\""), label);
            Box::new(error.help("write \"2min ± 30s\""))
        })
    })?;
    let first = halves.map_or(written, |(at, _)| at.trim());
    let weekday = in_week(node, first)?;
    let at = match (weekday, run.starts_on) {
        (Some(of_week), Some(day)) => {
            context.uses_the_calendar();
            // The first one that begins within the run, however early it may come.
            let today = day.weekday() as Nanos * DAY;
            let at = (of_week + 7 * DAY - today) % (7 * DAY);
            if at < spread { at + 7 * DAY } else { at }
        }
        (Some(_), None) => {
            let error = node.error("a day of the week, but no day on which the run begins", "which day is time 0?");
            return Err(Box::new(error.help("add `starts_on = \"2026-01-01\"` to [run]")));
        }
        (None, _) if halves.is_none() => values::duration(node)?,
        (None, _) => text::duration(first).map_err(|label| {
            let error = node.error(format!("expected a time and its spread, found \"{written}\""), label);
            Box::new(error.help("write \"2min ± 30s\""))
        })?,
    };
    if spread > at {
        let error =
            node.error("a fault that may begin before the end of the warm-up", "the spread is larger than the time");
        return Err(Box::new(error.help("`at` counts from the end of the warm-up, which is time 0")));
    }
    if at.saturating_add(spread) >= run.horizon {
        let horizon = units::seconds(run.horizon);
        let error = node.error("a fault that begins after the end of the run", format!("the horizon is {horizon} s"));
        return Err(Box::new(error.help("raise `run.horizon`, or let the fault begin earlier")));
    }
    Ok(Onset { at, spread, weekly: weekday.is_some() })
}

/// Reads "sunday 02:00" as the time from the beginning of a Monday; `None` if it is no day of the week.
fn in_week(node: &Node, written: &str) -> Read<Option<Nanos>> {
    let (day, time) = written.split_once(' ').unwrap_or((written, ""));
    let is_day =
        |name: &&str| day.len() >= 3 && name.get(..day.len()).is_some_and(|name| name.eq_ignore_ascii_case(day));
    let Some(day) = WEEKDAYS.iter().position(is_day) else { return Ok(None) };
    let minutes = |time: &str| {
        let (hours, minutes) = time.split_once(':')?;
        let number = |text: &str| text.parse::<u64>().ok().filter(|_| (1..=2).contains(&text.len()));
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    match minutes(time.trim()) {
        Some(minutes) => Ok(Some(day as Nanos * DAY + minutes * MINUTE)),
        None => {
            let error =
                node.error(format!("expected a day of the week and a time, found \"{written}\""), "no time of day");
            Err(Box::new(error.help("write \"sunday 02:00\"")))
        }
    }
}

fn random(keys: &Keys<'_>, instant: bool) -> Option<Schedule> {
    let up = keys.read(&MTBF);
    let down = match (instant, keys.entry(&MTTR)) {
        (true, None) => Some(Law::Constant(0.0)),
        (true, Some(entry)) => {
            let error = entry.key_place.error("a flush is an instant", "`mttr` has no effect here");
            keys.context.problem(error.help("leave `mttr` out"));
            None
        }
        (false, None) => {
            keys.missing(&MTTR);
            None
        }
        (false, Some(entry)) => match law::law(keys.context, &entry.node)? {
            Law::Constant(0.0) => {
                keys.context.problem(entry.node.error("a repair that takes no time", "must not be 0"));
                None
            }
            law => Some(law),
        },
    };
    let clock = match keys.alternative(&[EACH.about(), ONE_OF.about()]) {
        Some((key, _)) if key.is(&EACH) => keys.read(&EACH).map(Clock::Each),
        _ => Some(Clock::OneOf(keys.read(&ONE_OF))),
    };
    Some(Schedule::Random { up: up?, down: down?, clock: clock? })
}
