//! Arrivals: when the next request comes, and whose it is.
//!
//! Each process (tier, workflow, cohort; a surge; the recorded trace) is a Poisson process of its own stream, so that adding one
//! changes no other. A profile is a change of time of the unit-rate process. A tournament over the processes' next instants finds
//! the one that comes first.
//!
//! # Model
//! Independent customers with Poisson demand, superposed: the next request of the process is exponential, its customer is drawn
//! by the customers' shares.

use std::sync::Arc;

use super::walk::Walk;
use crate::engine::alias::Alias;
use crate::engine::rng::{Key, Slot, Stream};
use crate::scenario::demand::{Profile, TraceRow};
use crate::units::{NEVER, Nanos};
use crate::world::platform::Platform;
use crate::world::platform::population::{NONE, SubId};

/// One request, as demanded: whatever the platform is, it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Nanos,
    /// Its key.
    pub key: Key,
    /// Whose.
    pub sub: SubId,
    /// Class index.
    pub class: u16,
    /// Made by a demand fault: loads stations, is nobody's demand.
    pub surge: bool,
}

/// Keys of the further requests of a batch.
const MEMBER: Slot = Slot::named("arrivals/member of a batch");

/// Where a source's requests come from.
#[derive(Debug, Clone)]
enum Kind {
    Poisson {
        stream: Stream,
        /// The process's own clock, in nanoseconds: kept unrounded, so that rounding gaps does not bias fast streams.
        clock: f64,
        /// Mean gap at multiplier 1, in nanoseconds.
        gap: f64,
        walk: Walk,
        alias: Arc<Alias>,
        first: SubId,
        /// The latest instant before which requests come, in nanoseconds.
        until: f64,
    },
    /// Several requests at each instant of another source.
    Batches {
        epochs: Box<Source>,
        size: u32,
        /// How many of the current batch are still to come.
        left: u32,
    },
    Trace {
        rows: Arc<Vec<Arrival>>,
        next: usize,
    },
}

/// One arrival process, its next request drawn.
#[derive(Debug, Clone)]
struct Source {
    kind: Kind,
    key: Key,
    serial: u64,
    next: Arrival,
}

impl Source {
    /// Returns a source whose first request is drawn.
    fn new(kind: Kind, class: u16, surge: bool, key: Key) -> Source {
        let next = Arrival { at: NEVER, key, sub: NONE, class, surge };
        let mut source = Source { kind, key, serial: 0, next };
        source.draw();
        source
    }

    /// Returns the next request and draws the one after it.
    #[inline]
    fn take(&mut self) -> Arrival {
        let arrival = self.next;
        self.draw();
        arrival
    }

    #[inline]
    fn draw(&mut self) {
        match &mut self.kind {
            Kind::Poisson { stream, clock, gap, walk, alias, first, until } => {
                let work = stream.exponential() * *gap;
                let next = *clock + work;
                // The common case is constant demand, or a gap within a segment.
                *clock = if walk.multiplier == 1.0 && next < walk.end { next } else { walk.advance(*clock, work) };
                if *clock >= *until {
                    self.next.at = NEVER;
                    return;
                }
                self.next.key = self.key.nth(self.serial);
                self.serial += 1;
                // Whose it is, is read off the key itself; all other draws hash it first.
                self.next.sub = *first + alias.pick(self.next.key.0);
                // By way of i64, to which processors convert in one instruction.
                self.next.at = ((*clock + 0.5) as i64).cast_unsigned();
            }
            Kind::Batches { epochs, size, left } => {
                if *left == 0 {
                    // The first of a batch is the epoch's own request.
                    self.next = epochs.take();
                    *left = *size;
                    self.key = self.next.key.part(MEMBER);
                } else if let Kind::Poisson { alias, first, .. } = &epochs.kind {
                    self.next.key = self.key.nth(u64::from(*size - *left));
                    self.next.sub = *first + alias.pick(self.next.key.0);
                }
                *left -= 1;
            }
            Kind::Trace { rows, next } => match rows.get(*next) {
                Some(row) => {
                    self.next = *row;
                    *next += 1;
                }
                None => self.next.at = NEVER,
            },
        }
    }
}

/// All arrival processes of one world.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    sources: Vec<Source>,
    instants: Vec<Nanos>,
    /// Tournament: node i holds the winner of nodes 2i and 2i + 1; leaves are sources.
    winners: Vec<u32>,
    leaves: usize,
}

impl Arrivals {
    /// Adds the process of some customers that starts at `from` and ends before `until`: so many requests a second, `batch` of them
    /// at a time.
    #[expect(clippy::too_many_arguments, reason = "a process is these things")]
    pub fn add_process(
        &mut self,
        key: Key,
        class: u16,
        profile: &Arc<Profile>,
        warmup: Nanos,
        alias: Arc<Alias>,
        first: SubId,
        (rate, batch): (f64, u32),
        (from, until): (Nanos, Nanos),
        surge: bool,
    ) {
        if rate <= 0.0 {
            return;
        }
        let from = from as f64;
        let kind = Kind::Poisson {
            stream: Stream::new(key.named("gaps")),
            clock: from,
            gap: 1e9 * f64::from(batch) / rate,
            walk: Walk::new(Arc::clone(profile), warmup, from),
            alias,
            first,
            until: until.min(1 << 62) as f64,
        };
        let key = key.named("requests");
        if batch == 1 {
            return self.add(kind, class, surge, key);
        }
        let epochs = Box::new(Source::new(kind, class, surge, key));
        self.add(Kind::Batches { epochs, size: batch, left: 0 }, class, surge, key);
    }

    /// Adds recorded requests.
    pub fn add_trace(&mut self, rows: Arc<Vec<Arrival>>) {
        self.add(Kind::Trace { rows, next: 0 }, 0, false, Key(0));
    }

    /// Returns the recorded requests.
    pub fn recorded(&self) -> Arc<Vec<Arrival>> {
        let rows = self.sources.iter().find_map(|source| match &source.kind {
            Kind::Trace { rows, .. } if rows.iter().any(|row| !row.surge) => Some(Arc::clone(rows)),
            Kind::Trace { .. } | Kind::Poisson { .. } | Kind::Batches { .. } => None,
        });
        // Others repeat it, or are nobody's demand.
        rows.unwrap_or_default()
    }

    fn add(&mut self, kind: Kind, class: u16, surge: bool, key: Key) {
        self.sources.push(Source::new(kind, class, surge, key));
        self.rebuild();
    }

    fn rebuild(&mut self) {
        self.leaves = self.sources.len().next_power_of_two();
        self.instants = self.sources.iter().map(|source| source.next.at).collect();
        self.instants.resize(self.leaves, NEVER);
        self.winners = vec![0; 2 * self.leaves];
        for leaf in 0..self.leaves {
            self.winners[self.leaves + leaf] = leaf as u32;
        }
        for node in (1..self.leaves).rev() {
            self.play(node);
        }
    }

    #[inline]
    fn play(&mut self, node: usize) {
        let (a, b) = (self.winners[2 * node], self.winners[2 * node + 1]);
        self.winners[node] = if self.instants[b as usize] < self.instants[a as usize] { b } else { a };
    }

    /// Returns the instant of the next request, `NEVER` if there is none.
    #[inline]
    pub fn next_instant(&self) -> Nanos {
        if self.leaves == 0 { NEVER } else { self.instants[self.winners[1] as usize] }
    }

    /// Takes the next request; there is one.
    #[inline]
    pub fn take(&mut self) -> Arrival {
        let source = self.winners[1] as usize;
        let arrival = self.sources[source].take();
        self.instants[source] = self.sources[source].next.at;
        let mut node = (self.leaves + source) / 2;
        while node > 0 {
            self.play(node);
            node /= 2;
        }
        arrival
    }
}

/// Returns whether a process as of [`Arrivals::add_process`] has any request in [`since`, `until`).
pub(super) fn has_any(
    key: Key,
    profile: &Arc<Profile>,
    warmup: Nanos,
    (rate, batch): (f64, u32),
    (from, until): (Nanos, Nanos),
    since: Nanos,
) -> bool {
    if rate <= 0.0 {
        return false;
    }
    let mut stream = Stream::new(key.named("gaps"));
    let mut walk = Walk::new(Arc::clone(profile), warmup, from as f64);
    let mut at = from as f64;
    loop {
        at = walk.advance(at, stream.exponential() * 1e9 * f64::from(batch) / rate);
        if at >= since.min(until) as f64 {
            return at < until as f64;
        }
    }
}

/// Turns the rows of a recorded trace into requests; a row that names only a tier draws its customer by the class's shares.
pub fn trace(platform: &Platform, rows: &[TraceRow], key: Key) -> Vec<Arrival> {
    let key = key.named("trace");
    let mut requests = Vec::with_capacity(rows.len());
    for (serial, row) in rows.iter().enumerate() {
        let Some(class) = platform.population.class_of[row.workflow][row.tier] else { continue };
        let request = key.nth(serial as u64);
        let sub = match row.customer {
            Some(number) => {
                let customer = platform.population.tier_start[row.tier] + number;
                platform.population.subscription(row.workflow, customer).unwrap_or(NONE)
            }
            None => {
                let spec = &platform.classes[class as usize];
                let process = platform.population.processes.iter().find(|process| process.class == class);
                process.map_or(spec.first, |process| process.first + process.alias.pick(request.0))
            }
        };
        if sub != NONE {
            requests.push(Arrival { at: row.at + platform.warmup, key: request, sub, class, surge: false });
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;

    fn arrivals(rates: &[f64], profile: Profile) -> Arrivals {
        let mut arrivals = Arrivals::default();
        let profile = Arc::new(profile);
        for (i, &rate) in rates.iter().enumerate() {
            let alias = Arc::new(Alias::new(&[1.0; 10]));
            arrivals.add_process(
                Key(7).nth(i as u64),
                i as u16,
                &profile,
                0,
                alias,
                10 * i as u32,
                (rate, 1),
                (0, NEVER),
                false,
            );
        }
        arrivals
    }

    fn until(arrivals: &mut Arrivals, end: Nanos) -> Vec<Arrival> {
        std::iter::from_fn(|| (arrivals.next_instant() < end).then(|| arrivals.take())).collect()
    }

    #[test]
    fn in_order_and_at_the_given_rate() {
        let rates = [100.0, 30.0, 5.0, 7.0, 60.0, 1.0, 0.0, 12.0, 3.0, 80.0];
        let all = until(&mut arrivals(&rates, Profile::constant()), 1000 * SECOND);
        assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at));
        for (class, rate) in rates.into_iter().enumerate() {
            let class = class as u16;
            let n = all.iter().filter(|arrival| arrival.class == class).count() as f64;
            assert!((n - rate * 1000.0).abs() <= 4.5 * (rate * 1000.0_f64).sqrt(), "{n} of {rate}");
        }
    }

    #[test]
    fn a_batch_arrives_at_one_instant() {
        let mut arrivals = Arrivals::default();
        let alias = Arc::new(Alias::new(&[1.0; 10]));
        let profile = Arc::new(Profile::constant());
        arrivals.add_process(Key(7), 0, &profile, 0, alias, 0, (100.0, 5), (0, NEVER), false);
        let all = until(&mut arrivals, 1000 * SECOND);
        assert!(all.chunks_exact(5).all(|batch| batch.iter().all(|one| one.at == batch[0].at)));
        let mut instants: Vec<Nanos> = all.iter().map(|one| one.at).collect();
        instants.dedup();
        assert!((instants.len() as f64 - 20_000.0).abs() < 4.5 * 20_000_f64.sqrt(), "{} batches", instants.len());
        let mut keys: Vec<u64> = all.iter().map(|one| one.key.0).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
        assert!((0..10).all(|sub| all.iter().any(|one| one.sub == sub)));
    }

    #[test]
    fn adding_a_process_changes_no_other() {
        let few = until(&mut arrivals(&[100.0, 30.0], Profile::constant()), 10 * SECOND);
        let mut more = until(&mut arrivals(&[100.0, 30.0, 50.0], Profile::constant()), 10 * SECOND);
        more.retain(|arrival| arrival.class < 2);
        assert_eq!(few, more);
    }

    #[test]
    fn a_profile_changes_the_rate_by_its_multiplier() {
        let profile = Profile { steps: vec![(0, 0.5), (SECOND, 0.0), (2 * SECOND, 2.5)], period: Some(3 * SECOND) };
        let all = until(&mut arrivals(&[1000.0], profile), 300 * SECOND);
        let mut counts = [0.0; 3];
        for arrival in &all {
            counts[(arrival.at / SECOND % 3) as usize] += 1.0;
        }
        for (count, multiplier) in counts.iter().zip([0.5, 0.0, 2.5]) {
            let expected: f64 = 100.0 * 1000.0 * multiplier;
            assert!((count - expected).abs() <= 4.5 * expected.sqrt(), "{count} instead of {expected}");
        }
    }
}
