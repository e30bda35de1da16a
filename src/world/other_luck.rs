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

use super::arrivals::Arrival;
use super::cache::Content;
use super::newcomers::Newcomer;
use super::platform::Platform;
use super::population::{NONE, SubId};
use super::run::World;
use crate::engine::rng::{Key, Slot, Stream, below};
use crate::scenario::router::Hits;
use crate::scenario::stage::Discipline;
use crate::units::Nanos;

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

impl World {
    /// From now on this world has other luck than the one that it was copied from, where no request carries it.
    pub fn meet_other_luck(&mut self, key: Key) {
        let platform = Arc::clone(&self.platform);
        let (setting, now) = (Arc::clone(&self.setting), self.now);
        let newcomers = setting.newcomers.subs.iter().zip(&self.newcomer_homes);
        // Who has no place yet is in no cache.
        let joined = |(newcomer, home): (&Newcomer, &(u32, Nanos))| {
            if home.0 == NONE { 0.0 } else { platform.classes[newcomer.class as usize].mean_rate }
        };
        let joined: Vec<f64> = newcomers.map(joined).collect();
        let rate = |sub: SubId| match platform.population.rate.get(sub as usize) {
            Some(&rate) => f64::from(rate),
            None => joined[sub as usize - platform.home.len()],
        };
        if let Some(router) = &mut self.router {
            router.content.draw_again(&mut Stream::new(key.named("cache")), now, rate);
        }
        let one_more = |(at, class): (usize, &super::platform::Class)| {
            let key = key.named("one more").nth(at as u64);
            let sub = class.first + below(key.draw(WHO), class.count);
            Arrival { at: self.now, key, sub, class: at as u16, surge: true }
        };
        let classes = platform.classes.iter().enumerate().filter(|(_, class)| class.count > 0);
        self.arrivals.add_trace(Arc::new(classes.map(one_more).collect()));
    }
}

impl Content {
    /// Draws the content again, as it is in the long run. Of those whose requests are recorded no rate is known: their life times
    /// stay as they are, and so does a list of the most recent that holds one of them.
    fn draw_again(&mut self, stream: &mut Stream, now: Nanos, rate: impl Fn(SubId) -> f64) {
        match self {
            Content::Ratio { .. } => {}
            Content::Ttl { ttl, ends } => {
                let life = *ttl as f64;
                for (sub, end) in ends.iter_mut().enumerate() {
                    // Two draws for each, whatever becomes of them.
                    let (absent, rest) = (stream.exponential(), -(-stream.exponential()).exp_m1());
                    let rate = rate(sub as SubId) / 1e9;
                    if rate > 0.0 {
                        // Present r T / (1 + r T) of the time: an exponential is below x with probability 1 - e^-x.
                        let present = -libm::log1p(-rate * life / (1.0 + rate * life));
                        *end = if absent < present { now + (rest * life) as Nanos } else { now };
                    }
                }
            }
            Content::Lru(lru) => {
                let subs = 0..lru.subscriptions();
                if subs.clone().any(|sub| lru.holds(sub) && rate(sub) == 0.0) {
                    return;
                }
                let mut last: Vec<(f64, SubId)> = subs.map(|sub| (stream.exponential() / rate(sub), sub)).collect();
                last.retain(|(ago, _)| ago.is_finite());
                last.sort_by(|a, b| b.0.total_cmp(&a.0));
                for (_, sub) in last {
                    lru.fill(sub);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::cache::{Expiry, lru_hit_ratio, ttl_hit_ratio_of_all};

    fn share_of_hits(content: &mut Content, rates: &[f64], now: Nanos) -> f64 {
        let all: f64 = rates.iter().sum();
        let hits = |(sub, rate): (usize, &f64)| if content.look_up(sub as SubId, Key(1), now) { *rate } else { 0.0 };
        rates.iter().enumerate().map(hits).sum::<f64>() / all
    }

    #[test]
    fn what_is_drawn_again_is_what_theory_expects() {
        let rates: Vec<f64> = (1..=20_000).map(|rank| 2000.0 / f64::from(rank)).collect();
        let (now, key) = (1_000_000_000_000, Key(3));
        for (hits, theory) in [
            (Hits::Ttl(1_000_000_000), ttl_hit_ratio_of_all(&rates, 1.0, Expiry::AfterFill)),
            (Hits::Lru(2000), lru_hit_ratio(&rates, 2000.0)),
        ] {
            let mut content = Content::new(hits, rates.len());
            content.draw_again(&mut Stream::new(key), now, |sub| rates[sub as usize]);
            let found = share_of_hits(&mut content, &rates, now);
            // The sum of w^2 p (1 - p) over customers of weight w in it with probability p is 0.006^2.
            assert!((found - theory).abs() < 4.0 * 0.006, "{hits:?}: {found} {theory}");
        }
    }
}
