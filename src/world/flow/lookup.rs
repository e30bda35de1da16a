//! The router as a flow: how many look-ups fail, and how long the others take.
//!
//! # Model
//! A look-up asks the cache, on a miss the store, and passes the network. What a step that is down does to it is what the
//! scenario says (`when_down`). A store that is asked for more than it can do refuses what is too much if its queue is full
//! within a time-out, and else keeps everybody waiting beyond it. Where entries of the cache are customers' own and no look-up at
//! the store succeeds, those described here are of the customers that have an entry ([`super::entries`]).

use std::sync::Arc;

use super::caller::{Ends, Failing};
use super::condition::Condition;
use super::entries::Entries;
use super::model::{CellModel, Model, StepModel, Tenancy};
use crate::engine::law::Law;
use crate::engine::law::sum::{Branch, Sum};
use crate::engine::theory::cache::{Expiry, Keys};
use crate::scenario::fault::{Effect, RouterStep, SharePer};
use crate::scenario::router::{Hits, Latencies, Router};
use crate::units::{SECOND, seconds};
use crate::world::platform::class::Class;

/// What look-ups meet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lookup {
    /// Look-ups that fail.
    pub failing: Failing,
    /// Mean seconds after which one that fails fast does so.
    pub after: f64,
    /// Requests all of whose look-ups fail.
    pub doomed: f64,
    /// Requests whose look-ups fail if they have to ask the store, and how many of them do.
    pub unlucky: (f64, f64),
    /// Share of look-ups that the cache answers in health.
    pub hits: f64,
    /// What entries it has in health.
    pub entries: Entries,
    /// Share of requests whose customer has an entry in health, by class; empty if entries are nobody's.
    pub held: Vec<f64>,
    /// Mean seconds from the first to the last attempt of requests that have to ask the store, by class, if that answers nobody
    /// and entries are customers' own.
    pub unfilled: Option<Vec<f64>>,
    /// How long one takes, in seconds: a sum of these, each one of several.
    pub time: Vec<Vec<Branch>>,
    /// By class: the law of an attempt's time, look-up and path, without waits and with nothing slowed in the cells.
    pub attempts: Vec<Arc<Sum>>,
}

/// What the cache is asked for where every factor of demand is 1, by class; nothing where its hit ratio is given.
#[derive(Debug)]
pub struct CacheKeys(Vec<Keys>);

impl CacheKeys {
    /// Returns what the cache of a router is asked for.
    pub fn new(model: &Model, router: Option<&Router>) -> CacheKeys {
        if router.is_none_or(|router| matches!(router.cache.hits, Hits::Ratio(_))) {
            return CacheKeys(Vec::new());
        }
        let rates = &model.platform.population.rate;
        let of_class = |class: &Class| {
            let mine = &rates[class.first as usize..(class.first + class.count) as usize];
            Keys::grouped(mine.iter().map(|&rate| f64::from(rate)))
        };
        CacheKeys(model.platform.classes.iter().map(of_class).collect())
    }

    /// Returns it at a level of demand.
    fn at(&self, model: &Model, level: usize) -> Keys {
        let mut all = Keys::default();
        self.0.iter().enumerate().for_each(|(class, keys)| all.extend(keys, model.levels.factors(class)[level]));
        all
    }

    /// Returns the share of requests whose customer has an entry so many seconds after the cache was empty, over the share in health.
    pub fn refilled(&self, model: &Model, level: usize, entries: Entries, time: f64) -> f64 {
        let keys = self.at(model, level);
        let held = keys.weighted(|rate| entries.held(rate));
        let again = keys.weighted(|rate| entries.held(rate).min(-libm::expm1(-rate * time)));
        if held > 0.0 { again / held } else { 1.0 }
    }

    /// Returns the share of each class's requests whose customer has an entry.
    fn held(&self, model: &Model, level: usize, entries: Entries) -> Vec<f64> {
        let of_class = |(class, keys): (usize, &Keys)| {
            let mut mine = Keys::default();
            mine.extend(keys, model.levels.factors(class)[level]);
            mine.weighted(|rate| entries.held(rate))
        };
        self.0.iter().enumerate().map(of_class).collect()
    }
}

/// What strikes do to one step.
#[derive(Debug, Clone, Copy)]
struct Step {
    failing: Failing,
    doomed: f64,
    slow: (f64, f64),
    capacity: f64,
}

impl Step {
    fn new(strikes: &[(RouterStep, Vec<Effect>)], which: RouterStep) -> Step {
        let mut step = Step { failing: Failing::default(), doomed: 0.0, slow: (1.0, 0.0), capacity: 1.0 };
        for effect in strikes.iter().filter(|(struck, _)| *struck == which).flat_map(|(_, effects)| effects) {
            match *effect {
                Effect::Crash => step.failing = step.failing.then(Failing { fast: 1.0, slow: 0.0 }),
                Effect::Blackhole => step.failing = Failing { fast: 0.0, slow: 1.0 },
                Effect::Errors { share, per: SharePer::Request } => {
                    step.doomed = 1.0 - (1.0 - step.doomed) * (1.0 - share);
                }
                Effect::Errors { share, .. } => step.failing = step.failing.then(Failing { fast: share, slow: 0.0 }),
                Effect::Slow { factor, shift } => step.slow = (step.slow.0 * factor, step.slow.1 + seconds(shift)),
                Effect::Capacity { factor } => step.capacity *= factor,
                Effect::Flush | Effect::Demand { .. } => {}
            }
        }
        step
    }
}

/// A store that answers less than this share has lost all.
const LOST: f64 = 1e-9;

/// How long a step takes, in seconds.
fn slowed(law: &Law, step: &Step) -> Branch {
    Branch::slowed(&law.scaled(1.0 / SECOND as f64), step.slow.0, step.slow.1)
}

impl Lookup {
    /// Returns what look-ups meet in health at a level of demand; `keys` are what the cache is asked for.
    pub fn new(model: &Model, router: Option<&Router>, keys: &CacheKeys, level: usize) -> Lookup {
        let Some(router) = router else { return Lookup::default().with_attempts(model) };
        let (hits, entries) = match router.cache.hits {
            Hits::Ratio(ratio) => (ratio, Entries::ByChance),
            Hits::Ttl(lasts) => {
                let lasts = seconds(lasts);
                (keys.at(model, level).ttl_hit_ratio(lasts, Expiry::AfterFill), Entries::Live(lasts))
            }
            Hits::Lru(room) => {
                let (keys, room) = (keys.at(model, level), f64::from(room));
                (keys.lru_hit_ratio(room), Entries::Stay(keys.characteristic_time(room)))
            }
        };
        let held = keys.held(model, level, entries);
        Lookup { hits, entries, held, ..Lookup::default() }.under(model, router, level, &[])
    }

    /// Returns what look-ups meet at this level under strikes, when the platform is asked as in health.
    pub fn under(&self, model: &Model, router: &Router, level: usize, strikes: &[(RouterStep, Vec<Effect>)]) -> Lookup {
        let [mut cache, mut store, network] =
            [RouterStep::Cache, RouterStep::Store, RouterStep::Network].map(|step| Step::new(strikes, step));
        let asks_store = router.when_down.cache_asks_store;
        // Requests without the cache, which ask the store instead; and all without the store.
        let without_cache = if asks_store { std::mem::take(&mut cache.doomed) } else { 0.0 };
        cache.failing = cache.failing.then(Failing { fast: without_cache, slow: 0.0 });
        if store.doomed >= 1.0 {
            store.doomed = 0.0;
            store.failing = store.failing.then(Failing { fast: 1.0, slow: 0.0 });
        }
        let broken = if asks_store { 0.0 } else { cache.failing.fast };
        let asking = |hits: f64| {
            (1.0 - cache.failing.slow) * (1.0 - hits) * (1.0 - cache.failing.fast)
                + if asks_store { cache.failing.fast } else { 0.0 }
        };
        let to_store = asking(self.hits);
        let covered = match router.local_copy.filter(|_| router.when_down.store_last_known) {
            Some(copy) => copy.covers,
            None => 0.0,
        };
        let (quick, long) = (slowed(&router.cache.latency, &cache), slowed(&router.store.latency, &store));
        let at_store = overload(model, router, level, (store.capacity, to_store), quick.mean()).then(store.failing);
        // Who is refused there does not wait for its answer, and is answered from the local copy, if it is in it.
        let answered = 1.0 - at_store.fast;
        let at_store = Failing { fast: at_store.fast * (1.0 - covered), slow: at_store.slow };
        let is_lost = at_store.total() >= 1.0 - LOST;
        let failing = |to_store: f64| Failing {
            fast: broken + to_store * at_store.fast,
            slow: cache.failing.slow + to_store * at_store.slow,
        };
        let unfilled = (is_lost && self.entries != Entries::ByChance).then(|| {
            let ends = Ends::plain(failing(asking(0.0)), quick.mean());
            model.callers.iter().map(|caller| caller.effect(&ends).reach).collect()
        });
        let to_store = if unfilled.is_some() { asking(1.0) } else { to_store };
        let looked_up = failing(to_store);
        let long = long.with_share(to_store * answered);
        // In the cache at once, at the store after it, in the network after both.
        let (refused, passed) = (to_store * at_store.fast, 1.0 - looked_up.total());
        let times = refused * quick.mean() + passed * network.failing.fast * (quick.mean() + long.mean());
        let fast = looked_up.then(network.failing).fast;
        let after = if fast > 0.0 { times / fast } else { 0.0 };
        let mut time = match router.latencies {
            Latencies::PerStep => vec![vec![quick], vec![long]],
            Latencies::Total => vec![vec![quick.with_share(1.0 - long.share), long]],
        };
        time.push(vec![slowed(&router.network, &network)]);
        let without_any = if is_lost { without_cache } else { cache.doomed };
        Lookup {
            failing: looked_up.then(network.failing),
            after,
            doomed: 1.0 - (1.0 - without_any) * (1.0 - network.doomed),
            unlucky: (store.doomed * (1.0 - covered), to_store),
            hits: self.hits,
            entries: self.entries,
            held: self.held.clone(),
            unfilled,
            time,
            attempts: Vec::new(),
        }
        .with_attempts(model)
    }

    fn with_attempts(mut self, model: &Model) -> Lookup {
        self.attempts =
            (0..model.paths.len()).map(|class| Arc::new(self.attempt(model, class, |_| (1.0, 0.0)))).collect();
        self
    }

    /// Returns the law of the time of a class's attempt without waits, where steps are slowed by a factor and seconds.
    pub fn attempt(&self, model: &Model, class: usize, slow: impl Fn(&StepModel) -> (f64, f64)) -> Sum {
        let mut sum = Sum::up_to(model.callers[class].timeout);
        self.time.iter().for_each(|branches| sum.add(branches));
        for step in &model.paths[class] {
            let (factor, shift) = slow(step);
            sum.add(&[Branch::slowed(&step.law, factor, shift)]);
        }
        sum
    }

    /// Returns, by tenancy of a cell, the law of an attempt's time without waits; `slowed` finds it for a class some of whose
    /// stages are slowed by these factors and seconds.
    pub fn attempts_in(
        &self,
        model: &Model,
        cell: &CellModel,
        condition: &Condition,
        mut slowed: impl FnMut(usize, &[(f64, f64)]) -> Arc<Sum>,
    ) -> Vec<Arc<Sum>> {
        let tenancies = model.tenancies[cell.tenancies.clone()].iter().zip(&condition.slow);
        let law = |(tenancy, slow): (&Tenancy, &Vec<(f64, f64)>)| match slow.iter().all(|&slow| slow == (1.0, 0.0)) {
            true => Arc::clone(&self.attempts[tenancy.class as usize]),
            false => slowed(tenancy.class as usize, slow),
        };
        tenancies.map(law).collect()
    }

    /// Returns the mean time of a look-up, in seconds.
    pub fn mean_time(&self) -> f64 {
        self.time.iter().flatten().map(Branch::mean).sum()
    }
}

/// Returns the share of look-ups at the store that it cannot do; they reach it after so many seconds.
fn overload(model: &Model, router: &Router, level: usize, (factor, to_store): (f64, f64), after: f64) -> Failing {
    let Some(capacity) = router.store.capacity.map(|capacity| capacity * factor) else { return Failing::default() };
    if capacity <= 0.0 {
        return Failing { fast: 1.0, slow: 0.0 };
    }
    // Those that fail are asked for again: attempts and failures settle together.
    let mut failing = Failing::default();
    for _ in 0..200 {
        let at_store = Failing { fast: to_store * failing.fast, slow: to_store * failing.slow };
        let attempts: f64 = model
            .tenancies
            .iter()
            .map(|tenancy| {
                let class = tenancy.class as usize;
                let rate = tenancy.rate * model.levels.factors(class)[level];
                rate * model.callers[class].amplification(&Ends::plain(at_store, after))
            })
            .sum();
        let asked = attempts * to_store;
        let shortest = model.callers.iter().map(|caller| caller.timeout).fold(f64::INFINITY, f64::min);
        let next = if asked <= capacity {
            Failing::default()
        } else if router.store.queue.is_some_and(|places| f64::from(places) < capacity * shortest) {
            Failing { fast: 1.0 - capacity / asked, slow: 0.0 }
        } else {
            Failing { fast: 0.0, slow: 1.0 }
        };
        if (next.total() - failing.total()).abs() < 1e-12 {
            break;
        }
        failing = next;
    }
    failing
}
