//! The caller's side.

use super::context::Context;
use super::document::{Node, Read, Value};
use super::grammar::key::{self, Defaulted, Key};
use super::grammar::shape::Plain::{Switch, Text, Whole};
use super::grammar::shape::{About, Kind, REQUEST_LEVEL, Refusal, Shape};
use super::grammar::words::words;
use super::keys::Keys;
use super::values;
use crate::catalogue::Level;
use crate::units::{MILLISECOND, Nanos, SECOND};

/// How a client behaves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Client {
    /// Timeout of one attempt.
    pub timeout: Nanos,
    /// Deadline of the request, over all attempts; always finite.
    pub deadline: Nanos,
    /// Attempts at most, the first included.
    pub attempts: u8,
    /// Pause before a retry.
    pub backoff: Backoff,
    /// Tokens for retries, per (customer, workflow).
    pub retry_budget: Option<RetryBudget>,
    /// Further copies of an attempt that takes long; the first answer counts.
    pub hedge: Option<Hedge>,
    /// Whether the client remembers its cell instead of asking the router again on a retry.
    pub remembers_cell: bool,
}

impl Client {
    /// Returns whether its pause before a retry is other than the default.
    pub fn has_own_backoff(&self) -> bool {
        self.backoff != default_backoff(self.deadline)
    }
}

/// Further copies of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// After this long without an answer the next copy is sent.
    pub after: Nanos,
    /// How many there may be.
    pub copies: u8,
}

impl serde::Serialize for Hedge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One copy is known by its delay alone.
        if self.copies == 1 {
            self.after.serialize(serializer)
        } else {
            (self.after, self.copies).serialize(serializer)
        }
    }
}

/// Pause before a retry.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Backoff {
    /// How the pause grows.
    pub growth: Growth,
    /// First pause.
    pub first: Nanos,
    /// Longest pause.
    pub max: Nanos,
    /// How chance spreads it.
    pub jitter: Jitter,
}

/// How the pause grows.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub enum Growth {
    /// Always the first pause.
    Constant,
    /// Times `factor` each time.
    Exponential {
        /// Factor from one pause to the next.
        factor: f64,
    },
    /// Uniform between the first pause and three times the last one (Brooker 2015).
    Decorrelated,
}

words! {
    /// How chance spreads a pause b.
    pub enum Jitter {
        /// All of the pause.
        None = "none",
        /// Half to all of it.
        Equal = "equal",
        /// 0 to all of it.
        Full = "full",
    }
}

words! {
    /// What `growth` says.
    enum GrowthWord {
        /// Always the first pause.
        Constant = "constant",
        /// Longer by a factor each time.
        Exponential = "exponential",
        /// Uniform between the first pause and three times the last one.
        Decorrelated = "decorrelated",
    }
}

/// A token bucket: every request adds `ratio`, every retry takes 1.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct RetryBudget {
    /// Retries allowed per request.
    pub ratio: f64,
    /// Tokens at most, and at the start.
    pub burst: f64,
}

/// Whoever waits longer is no caller any more; and every run goes on for so long after its horizon.
const LONGEST_DEADLINE: Nanos = 24 * 3600 * SECOND;

/// Shape of `client`.
pub(super) const CLIENT: Shape = Shape::new(
    "client",
    "`client`",
    &[DEADLINE.about(), TIMEOUT.about(), ATTEMPTS.about(), &BACKOFF, &RETRY_BUDGET, &HEDGE, REMEMBERS_CELL.about()],
);

const DEADLINE: Key<Nanos> =
    key::by("deadline", Kind::Duration, deadline, "of a request, over all its attempts; at most a day")
        .required("deadline = \"3s\"");
const TIMEOUT: Key<Nanos> =
    key::positive_duration("timeout", "of one attempt; at most the deadline").without("the deadline");
const ATTEMPTS: Defaulted<u32> =
    key::count("attempts", ("attempts", 1, 100), "at most, the first included; 1 to 100. Retries are never assumed")
        .or(Whole(1));
const BACKOFF: About = About::new(
    "backoff",
    Kind::Any(&[Kind::Duration, Kind::Table(&BACKOFFS)]),
    "pause before a retry; a bare duration is a constant pause without jitter",
)
.without("see below");
const RETRY_BUDGET: About = About::new(
    "retry_budget",
    Kind::Any(&[Kind::Share, Kind::Table(&BUDGET)]),
    "share of requests that may be retried: `\"10%\"`, or `{ ratio = \"10%\", burst = 10 }`; a token bucket for each customer \
     and workflow",
)
.without("none");
/// Further copies of an attempt.
pub(super) const HEDGE: About = About::new(
    "hedge",
    Kind::Any(&[Kind::Duration, Kind::Table(&HEDGES)]),
    "after this long without an answer a second copy of the attempt is sent, by way of the router; the first answer counts. \
     `{ after = \"50ms\", copies = 2 }`: further ones, each so long after the one before, as long as that one has not failed. \
     The last one earlier than `timeout`. Neither `attempts` nor `retry_budget` limits it",
)
.without("none")
.only(
    Level::Request,
    Refusal {
        message: "the incident level knows no hedges",
        label: "hedges",
        help: REQUEST_LEVEL,
    },
);
/// Whether a retry goes to the cell of the first attempt.
pub(super) const REMEMBERS_CELL: Defaulted<bool> = key::switch(
    "remembers_cell",
    "whether a retry goes to the cell of the first attempt instead of asking the router again",
)
.not_all(Refusal {
    message: "the incident level looks every attempt's cell up",
    label: "retries do not",
    help: "write remembers_cell = false",
})
.or(Switch(false));

const BACKOFFS: Shape =
    Shape::new("backoff", "`backoff`", &[FIRST.about(), GROWTH.about(), FACTOR.about(), MAX.about(), JITTER.about()]);
const FIRST: Defaulted<Nanos> = key::duration("first", "first pause").or(Text("100ms"));
const GROWTH: Defaulted<GrowthWord> = key::word(
    "growth",
    "`\"constant\"`, `\"exponential\"`, or `\"decorrelated\"` (uniform between the first pause and three times the last)",
)
.or(Text("exponential"));
const FACTOR: Defaulted<f64> =
    key::by("factor", Kind::Number, factor, "of an exponential pause, at least 1").or(Whole(2));
const MAX: Key<Nanos> = key::duration("max", "longest pause").without("the deadline");
const JITTER: Defaulted<Jitter> = key::word(
    "jitter",
    "`\"none\"`, `\"equal\"` (half to all of the pause), `\"full\"` (0 to all of it); not for a decorrelated pause",
)
.or(Text("full"));

const HEDGES: Shape = Shape::new("hedge", "`hedge`", &[AFTER.about(), COPIES.about()]);
const AFTER: Key<Nanos> = key::positive_duration("after", "so long after the copy before").required("after = \"50ms\"");
const COPIES: Defaulted<u32> = key::count("copies", ("copies", 1, 10), "further copies, up to 10").or(Whole(1));

const BUDGET: Shape = Shape::new("retry_budget", "`retry_budget`", &[RATIO.about(), BURST.about()]);
const RATIO: Key<f64> = key::share("ratio", "retries allowed per request").required("ratio = \"10%\"");
const BURST: Defaulted<f64> = key::number("burst", "tokens at most and at the start").or(Whole(10));

/// Reads a client, every override applied.
pub(super) fn client(context: &Context, merged: &Node) -> Option<Client> {
    context.shaped(merged, &CLIENT, read).flatten()
}

fn deadline(node: &Node) -> Read<Nanos> {
    let infinite = match &node.value {
        Value::Float(number) => number.is_infinite(),
        Value::Text(text) => matches!(text.trim(), "inf" | "infinite" | "never" | "none" | "∞"),
        Value::Integer(_) | Value::Bool(_) | Value::List(_) | Value::Table(_) => false,
    };
    if infinite {
        let error = node.error("every request has a finite deadline", "not finite");
        return Err(Box::new(error.help("write how long callers wait at most, like \"3s\"")));
    }
    match values::positive_duration(node)? {
        deadline if deadline > LONGEST_DEADLINE => {
            let error = node.error("a deadline of more than a day", "as good as none");
            Err(Box::new(error.help("a run goes on until every request is over: write how long callers really wait")))
        }
        deadline => Ok(deadline),
    }
}

fn factor(node: &Node) -> Read<f64> {
    match values::number(node)? {
        factor if factor < 1.0 => Err(Box::new(node.error("a pause that shrinks", "must be at least 1"))),
        factor => Ok(factor),
    }
}

fn read(keys: &Keys<'_>) -> Option<Client> {
    let deadline = keys.read(&DEADLINE);
    let timeout = keys.read(&TIMEOUT);
    if let (Some(deadline), Some(timeout), Some(node)) = (deadline, timeout, keys.get(&TIMEOUT))
        && timeout > deadline
    {
        let error = node.error("the timeout of an attempt is longer than the request's deadline", "too long");
        keys.context.problem(error.help("the deadline covers all attempts: raise it, or lower the timeout"));
    }
    let attempts = keys.read(&ATTEMPTS) as u8;
    let longest = deadline.unwrap_or(0);
    let backoff =
        keys.get(&BACKOFF).map_or_else(|| Some(default_backoff(longest)), |node| backoff(keys, node, longest));
    let retry_budget = keys.get(&RETRY_BUDGET).and_then(|node| budget(keys, node));
    let remembers_cell = keys.read(&REMEMBERS_CELL);
    let hedge = keys.get(&HEDGE).and_then(|node| hedge(keys, node));
    let deadline = deadline?;
    if let (Some(hedge), Some(node)) = (hedge, keys.get(&HEDGE))
        && hedge.after.saturating_mul(u64::from(hedge.copies)) >= timeout.unwrap_or(deadline)
    {
        let error = node.error("a hedge that is never sent", "not before the attempt's timeout");
        let help = "hedge earlier than `timeout`, about where the slowest 5 % begin";
        keys.context.problem(error.help(if hedge.copies == 1 { help } else { "hedge earlier, or with fewer copies" }));
    }
    Some(Client {
        timeout: timeout.unwrap_or(deadline),
        deadline,
        attempts,
        backoff: backoff?,
        retry_budget,
        hedge,
        remembers_cell,
    })
}

/// Reads `hedge = "50ms"`, or `{ after = "50ms", copies = 2 }`.
fn hedge(keys: &Keys<'_>, node: &Node) -> Option<Hedge> {
    if node.table().is_none() {
        return keys.context.keep(values::positive_duration(node)).map(|after| Hedge { after, copies: 1 });
    }
    let read = |keys: &Keys<'_>| {
        let (after, copies) = (keys.read(&AFTER), keys.read(&COPIES) as u8);
        after.map(|after| Hedge { after, copies })
    };
    keys.table(&HEDGE, read).flatten()
}

fn default_backoff(longest: Nanos) -> Backoff {
    let first = 100 * MILLISECOND;
    Backoff { growth: Growth::Exponential { factor: 2.0 }, first, max: longest.max(first), jitter: Jitter::Full }
}

fn backoff(keys: &Keys<'_>, node: &Node, longest: Nanos) -> Option<Backoff> {
    if node.text().is_some() {
        let first = keys.context.keep(values::duration(node))?;
        return Some(Backoff { growth: Growth::Constant, first, max: first, jitter: Jitter::None });
    }
    keys.table(&BACKOFF, |keys| {
        let first = keys.read(&FIRST);
        let factor = keys.read(&FACTOR);
        let growth = match keys.read(&GROWTH) {
            GrowthWord::Constant => Growth::Constant,
            GrowthWord::Exponential => Growth::Exponential { factor },
            GrowthWord::Decorrelated => Growth::Decorrelated,
        };
        let jitter = keys.read(&JITTER);
        let is_exponential = matches!(growth, Growth::Exponential { .. });
        no_use(keys, FACTOR.about(), !is_exponential, "only an exponential pause has a factor");
        no_use(keys, JITTER.about(), growth == Growth::Decorrelated, "a decorrelated pause is drawn already");
        let max = keys.read(&MAX).unwrap_or(longest.max(first));
        if max < first {
            let error = keys.place.error("the longest pause is shorter than the first", "`max` is less than `first`");
            keys.context.problem(error);
        }
        let jitter = if growth == Growth::Decorrelated { Jitter::None } else { jitter };
        Backoff { growth, first, max, jitter }
    })
}

/// Refuses a key that `growth` makes meaningless, unless it is merely inherited.
fn no_use(keys: &Keys<'_>, key: &About, useless: bool, why: &str) {
    if let Some(entry) = keys.entry(key).filter(|_| useless && !keys.is_older(key, &GROWTH)) {
        keys.context.problem(entry.key_place.error(format!("`{}` has no effect here", key.name), why));
    }
}

fn budget(keys: &Keys<'_>, node: &Node) -> Option<RetryBudget> {
    if node.table().is_none() {
        let of = |ratio| {
            keys.context.shaped(&keys.nothing(), &BUDGET, |keys| RetryBudget { ratio, burst: keys.read(&BURST) })
        };
        return keys.context.keep(values::share(node)).and_then(of);
    }
    let read = |keys: &Keys<'_>| {
        let (ratio, burst) = (keys.read(&RATIO), keys.read(&BURST));
        ratio.map(|ratio| RetryBudget { ratio, burst })
    };
    keys.table(&RETRY_BUDGET, read).flatten()
}
