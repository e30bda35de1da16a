//! Luck that no request carries: what is in a cache, whom a request shares a slot with.
//!
//! # Model
//! Draws belong to requests, so two worlds meet the same ones. What a cache by life time or by least recent use holds, how fast a
//! station goes that its attempts share, and which worker had the least load, follows from all requests before: once a fault has changed one of them, others
//! meet other hits and other company, to nobody's advantage. How many requests that alone makes fail is seen between two worlds
//! without the fault that differ in this luck only, from one instant on:
//!
//! - the cache's content is drawn again, from what it holds in the long run. By life time T, a customer of rate r is in it with
//!   probability r T / (1 + r T), for a uniform rest of T; by least recent use, those are in it whose last requests, each an
//!   exponential time of rate r ago, are the most recent;
//! - each class sends one request more, which is nobody's demand.
//!
//! # References
//! Che, Tung and Wang (2002), Hierarchical Web Caching Systems, IEEE JSAC 20 (independent requests, renewal of an entry).

use std::sync::Arc;

use super::demand::arrivals::Arrival;
use super::router::long_run;
use super::world::World;
use crate::engine::rng::{Key, Slot, below};
use crate::scenario::router::Hits;
use crate::scenario::stage::Discipline;
use crate::world::platform::Platform;
use crate::world::platform::class::Class;
use crate::world::platform::newcomers::Newcomer;
use crate::world::platform::population::SubId;

const WHO: Slot = Slot::named("other luck/who");

/// Returns whether requests carry all luck: the same request meets the same draws, and nothing else is luck.
pub fn is_carried(platform: &Platform) -> bool {
    let by_ratio = |hits: &Hits| matches!(hits, Hits::Ratio(_));
    platform.router.as_ref().is_none_or(|router| by_ratio(&router.cache.hits))
        && platform.stations.iter().all(|station| {
            let pool = &station.pool;
            let by_load = pool.workers.is_some_and(|workers| workers.pick.is_some());
            pool.discipline != Discipline::ProcessorSharing && pool.slows_by == 0.0 && !by_load
        })
}

/// From now on a world has other luck than the one that it was copied from, where no request carries it.
pub fn meet(world: &mut World, key: Key) {
    let (platform, setting, now) = (Arc::clone(&world.platform), Arc::clone(&world.setting), world.now);
    // Who has no place yet is in no cache.
    let joined = |(newcomer, is_placed): (&Newcomer, bool)| {
        if is_placed { platform.classes[newcomer.class as usize].mean_rate } else { 0.0 }
    };
    let joined: Vec<f64> = setting.newcomers.subs.iter().zip(world.homes.placed()).map(joined).collect();
    let rates = long_run::rates(&platform, now);
    let rate = |sub: SubId| match rates.get(sub as usize) {
        Some(&rate) => rate,
        None => joined[sub as usize - platform.home.len()],
    };
    if let Some(router) = &mut world.router {
        let latency = router.fill_latency();
        router.content.draw_long_run(key.named("cache"), now, latency, rate);
    }
    let one_more = |(at, class): (usize, &Class)| {
        let key = key.named("one more").nth(at as u64);
        let sub = class.first + below(key.draw(WHO), class.count);
        Arrival { at: now, key, sub, class: at as u16, surge: true }
    };
    let classes = platform.classes.iter().enumerate().filter(|(_, class)| class.count > 0);
    world.arrivals.add_trace(Arc::new(classes.map(one_more).collect()));
}
