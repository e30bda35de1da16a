//! What holds in every world: a listener that counts what it is told and complains about what cannot be.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;

use cellsim::experiment::outcome::Outcome;
use cellsim::experiment::replication::Replication;
use cellsim::experiment::replication::budget::Taken;
use cellsim::units::Nanos;
use cellsim::world::platform::population::SubId;
use cellsim::world::requests::happening::{Happening, Observer, Resolved};
use cellsim::world::requests::station::Station;
use cellsim::world::requests::world::World;

/// One request that is not over.
#[derive(Debug, Clone, Default)]
struct Open {
    count: u32,
    /// Whether others of the same customer arrived at that instant: in a batch.
    has_company: bool,
    attempts: u32,
}

/// Listens to a world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checker {
    open: BTreeMap<(SubId, Nanos), Open>,
    /// By class: (deadline, most attempts).
    clients: Vec<(Nanos, u8)>,
    now: Nanos,
    pub(crate) arrived: u64,
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    pub(crate) problems: Vec<String>,
}

impl Checker {
    pub(crate) fn new(world: &World) -> Checker {
        let classes = &world.setting().platform.classes;
        Checker {
            clients: classes.iter().map(|class| (class.client.deadline, class.client.attempts)).collect(),
            ..Checker::default()
        }
    }

    fn complain(&mut self, problem: String) {
        if self.problems.len() < 10 {
            self.problems.push(problem);
        }
    }

    fn at(&mut self, now: Nanos, what: &str) {
        if now < self.now {
            self.complain(format!("{what} at {now}, after {}", self.now));
        }
        self.now = now;
    }

    /// Looks at the state of the world between two events.
    pub(crate) fn look(&mut self, world: &World) {
        let platform = &world.setting().platform;
        for (station, spec) in world.stations.iter().zip(&platform.stations) {
            let name = || format!("{} of cell {}", spec.stage, platform.cells[spec.cell as usize].name);
            let (busy, slots, waiting) = (station.busy(), station.slots(), station.waiting());
            if busy > spec.size.slots || slots > spec.size.slots {
                self.complain(format!("{}: {busy} busy, {slots} of {} slots", name(), spec.size.slots));
            }
            // Slots that a fault takes from shared attempts leave them waiting.
            let shared = station.is_shared() && slots < spec.size.slots;
            if !shared && spec.pool.queue.is_some_and(|queue| waiting > queue) {
                self.complain(format!("{}: {waiting} wait", name()));
            }
            if waiting > 0 && busy < slots {
                self.complain(format!("{}: {waiting} wait while {busy} of {slots} work", name()));
            }
        }
        for (index, cell) in world.cells.iter().enumerate() {
            let first = platform.cells[index].first_station as usize;
            let stations = &world.stations[first..first + platform.cells[index].stations as usize];
            let within: u32 = stations.iter().map(Station::load).sum();
            if within > cell.inside {
                self.complain(format!("{}: {within} at stations, {} inside", platform.cells[index].name, cell.inside));
            }
        }
    }

    /// Every request that arrived before the horizon is over.
    pub(crate) fn finish(&mut self, horizon: Nanos) {
        let left = self.open.iter().find(|((_, arrival), _)| *arrival < horizon).map(|(key, _)| *key);
        if let Some((sub, arrival)) = left {
            self.complain(format!("the request of {sub} at {arrival} never ended"));
        }
    }
}

impl Observer for Checker {
    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Arrived { sub, at, .. } => self.arrived(sub, at),
            Happening::Attempt { sub, class, number, arrival, started } => {
                self.attempt(sub, class, number, arrival, started);
            }
            Happening::Resolved(request) => self.resolved(&request),
            _ => {}
        }
    }
}

impl Checker {
    pub(crate) fn arrived(&mut self, sub: SubId, at: Nanos) {
        self.at(at, "an arrival");
        self.arrived += 1;
        let open = self.open.entry((sub, at)).or_default();
        open.count += 1;
        open.has_company |= open.count > 1;
    }

    pub(crate) fn attempt(&mut self, sub: SubId, class: u16, number: u8, arrival: Nanos, started: Nanos) {
        self.at(started, "an attempt");
        let (deadline, most) = self.clients[class as usize];
        if number == 0 || number > most {
            self.complain(format!("attempt {number} of at most {most}"));
        }
        if started >= arrival + deadline {
            self.complain(format!("an attempt {} after its arrival", started - arrival));
        }
        match self.open.get_mut(&(sub, arrival)) {
            None => self.complain(format!("an attempt of nothing: {sub}, {arrival}")),
            Some(open) => {
                open.attempts += 1;
                let (made, has_company) = (open.attempts, open.has_company);
                if !has_company && made != u32::from(number) {
                    self.complain(format!("attempt {number} is the {made}. one"));
                }
            }
        }
    }

    pub(crate) fn resolved(&mut self, request: &Resolved) {
        if request.failed.is_some() {
            self.at(request.at, "a failure");
        } else if request.at < self.now {
            // A good end may be told ahead of time, never late.
            self.complain(format!("an end at {}, told at {}", request.at, self.now));
        }
        let (deadline, _) = self.clients[request.class as usize];
        if request.at < request.arrival || request.at > request.arrival + deadline {
            self.complain(format!("ended at {}, arrived at {}", request.at, request.arrival));
        }
        *(if request.failed.is_none() { &mut self.ok } else { &mut self.failed }) += 1;
        let key = (request.sub, request.arrival);
        match self.open.get_mut(&key) {
            None => self.complain(format!("an end of nothing: {key:?}")),
            Some(open) if open.attempts == 0 => self.complain(format!("an end without an attempt: {key:?}")),
            Some(open) if open.count == 1 => {
                self.open.remove(&key);
            }
            Some(open) => open.count -= 1,
        }
    }
}

/// What holds in the books of a replication.
pub(crate) fn books(replication: &Replication) -> Vec<String> {
    let mut problems = Vec::new();
    let worlds = [Some(&replication.with_faults), replication.without.as_ref()];
    for counted in worlds.into_iter().flatten() {
        let mut by_second = 0;
        for (class, tally) in counted.tallies.iter().enumerate() {
            if tally.latency.total() != tally.ok() {
                problems.push(format!("class {class}: {} ok, {} latencies", tally.ok(), tally.latency.total()));
            }
            by_second += tally.requests;
        }
        let bins: u64 = counted.timeline.bins.iter().map(|bin| u64::from(bin.requests)).sum();
        if bins != by_second {
            problems.push(format!("{bins} requests in the timeline, {by_second} in the tallies"));
        }
        if counted.timeline.bins.iter().any(|bin| bin.hits > bin.lookups) {
            problems.push("more hits than lookups".to_owned());
        }
        if counted.busy.iter().any(|busy| !(0.0..1e6).contains(busy)) {
            problems.push(format!("mean busy slots: {:?}", counted.busy));
        }
    }
    for incident in &replication.incidents {
        for count in &incident.by_tier {
            let unharmed = count.exposed as i64 - count.quiet as i64 - (count.harmed as i64 - count.spillover as i64);
            if unharmed < 0 || count.down > count.harmed || count.spillover > count.harmed {
                problems.push(format!("{}: {count:?}", incident.strikes));
            }
        }
        let harmed: u64 = incident.by_tier.iter().map(|count| count.harmed).sum();
        if (incident.customer_minutes == 0) != (harmed == 0) || incident.customer_minutes < harmed {
            problems.push(format!("{}: {} minutes of {harmed}", incident.strikes, incident.customer_minutes));
        }
        if incident.end < incident.onset || incident.faults.is_empty() {
            problems.push(format!("{}: from {} to {}", incident.strikes, incident.onset, incident.end));
        }
    }
    for budget in &replication.budgets {
        let available = 0.0..=1.0;
        let fits = available.contains(&budget.worst_availability) && available.contains(&budget.mean_availability);
        if !fits
            || budget.alike.iter().flat_map(|part| &part.used).map(|used| used.customers).sum::<u64>()
                != budget.customers
            || budget.mean > budget.worst + 1e-9
        {
            problems.push(format!("{budget:?}"));
        }
        // No fault takes more than all of the run does.
        let more = |&Taken { worst, mean, .. }: &Taken| {
            worst > budget.worst + 1e-9 || mean > budget.mean + 1e-9 || mean > worst + 1e-9 || mean < 0.0
        };
        if budget.by_fault.iter().any(more) {
            problems.push(format!("a fault takes more than all: {budget:?}"));
        }
    }
    problems
}

/// What holds in every table of results.
pub(crate) fn tables(results: &Outcome) -> Vec<String> {
    let mut problems = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for row in &results.rows {
        let id = cellsim::report::id::of_row(row);
        if !ids.insert(id.clone()) {
            problems.push(format!("{id} twice"));
        }
        let numbers = [row.estimate.low, row.estimate.value, row.estimate.high];
        let in_order = numbers.iter().flatten().is_sorted();
        if !in_order || numbers.iter().flatten().any(|number| !number.is_finite()) {
            problems.push(format!("{row:?}"));
        }
        if row.subject.unit.text() == "share"
            && row.subject.metric.name() != "month_budget_used"
            && row.estimate.value.is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            problems.push(format!("a share outside 0..1: {row:?}"));
        }
        if row.estimate.value.is_none() && row.estimate.reason.is_none() {
            problems.push(format!("no number and no reason: {row:?}"));
        }
    }
    problems
}
