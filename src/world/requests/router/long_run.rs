//! The router's cache as it is in the long run: what each entry's age is at a moment that nobody has chosen.
//!
//! # Model
//! Requests of a customer are Poisson. An entry that lives for T is filled by a lookup that misses, a latency L after it, and is
//! found until T later; the next lookup comes 1/r after that in the mean. At a random moment it is there with probability
//! T / (T + 1/r + L), and what is left of its life is uniform. Entries of different customers are independent: not in step.
//! Of a list of the most recently used, what counts is when each customer was last looked up: an exponential time ago.
//!
//! A batch looks a customer up once, however many of its requests are that customer's. Where demand changes over time, the rate
//! is the mean over the last T.

use super::Router;
use super::cache::Content;
use crate::engine::rng::{Key, Slot};
use crate::scenario::router::{Hits, Starts};
use crate::units::{Nanos, seconds};
use crate::world::platform::Platform;
use crate::world::platform::population::SubId;

const ABSENT: Slot = Slot::named("cache/absent");
const LEFT: Slot = Slot::named("cache/life left");
const AGO: Slot = Slot::named("cache/last used");

/// Gives the cache the content with which it starts: as in the long run, or none.
pub fn start(router: &mut Router, platform: &Platform, key: Key) {
    let Some(spec) = platform.router.as_ref().map(|router| (router.cache.starts, router.cache.hits)) else { return };
    match spec {
        (Starts::Cold, _) => router.content.flush(),
        // Full as it is.
        (Starts::Warm, Hits::Ratio(_)) => {}
        (Starts::Warm, Hits::Ttl(_) | Hits::Lru(_)) => {
            let (rates, latency) = (rates(platform, 0), router.fill_latency());
            let rate = |sub: SubId| rates.get(sub as usize).copied().unwrap_or(0.0);
            router.content.draw_long_run(key.named("cache"), 0, latency, rate);
        }
    }
}

/// Returns, by subscription, how often it is looked up: times a second, of those that were there from the start.
pub fn rates(platform: &Platform, now: Nanos) -> Vec<f64> {
    let since = now as f64 - platform.warmup as f64;
    let span = match platform.router.as_ref().map(|router| router.cache.hits) {
        Some(Hits::Ttl(lasts)) => lasts as f64,
        // All that counts is who asks more often than others; a given ratio needs no rates.
        Some(Hits::Lru(_) | Hits::Ratio(_)) | None => f64::INFINITY,
    };
    let mut rates: Vec<f64> = platform.population.rate.iter().map(|&rate| f64::from(rate)).collect();
    for process in &platform.population.processes {
        let class = &platform.classes[process.class as usize];
        let factor = if span.is_finite() { class.profile.mean_before(since, span) } else { 1.0 };
        let (all, batch) = (process.rate, f64::from(class.batch));
        if factor == 1.0 && batch == 1.0 {
            continue;
        }
        let first = process.first as usize;
        for rate in &mut rates[first..first + process.alias.entries()] {
            let missed = libm::log1p(-(*rate / all).min(1.0)) * batch;
            let once = if batch == 1.0 { *rate } else { -all / batch * libm::expm1(missed) };
            *rate = once * factor;
        }
    }
    rates
}

impl Content {
    /// Draws the content as it is in the long run, when entries are filled `latency` seconds after the lookup that misses. Of those
    /// whose requests are recorded no rate is known: their entries stay as they are, and so does a list of the most recent that
    /// holds one of them.
    pub fn draw_long_run(&mut self, key: Key, now: Nanos, latency: f64, rate: impl Fn(SubId) -> f64) {
        match self {
            Content::Ratio { .. } => {}
            Content::Ttl { ttl, ends } => {
                let life = seconds(*ttl);
                for (sub, end) in ends.iter_mut().enumerate() {
                    let rate = rate(sub as SubId);
                    if rate > 0.0 {
                        let luck = key.nth(sub as u64);
                        let present = rate * life / (1.0 + rate * (life + latency));
                        let left = luck.uniform(LEFT) * *ttl as f64;
                        *end = if luck.uniform(ABSENT) < present { now.saturating_add(left as Nanos) } else { now };
                    }
                }
            }
            Content::Lru(lru) => {
                let subs = 0..lru.subscriptions();
                if subs.clone().any(|sub| lru.holds(sub) && rate(sub) == 0.0) {
                    return;
                }
                let ago = |sub: SubId| -libm::log1p(-key.nth(u64::from(sub)).uniform(AGO)) / rate(sub);
                let mut last: Vec<(f64, SubId)> =
                    subs.filter(|&sub| rate(sub) > 0.0).map(|sub| (ago(sub), sub)).collect();
                // Only the most recent ones stay, whatever was there before; the last of those in step is the most recent.
                let newest_first = |a: &(f64, SubId), b: &(f64, SubId)| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1));
                let room = lru.capacity() as usize;
                if room < last.len() {
                    last.select_nth_unstable_by(room, newest_first);
                    last.truncate(room);
                }
                last.sort_unstable_by(newest_first);
                last.into_iter().rev().for_each(|(_, sub)| lru.fill(sub));
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
    fn what_is_drawn_is_what_theory_expects() {
        let rates: Vec<f64> = (1..=20_000).map(|rank| 2000.0 / f64::from(rank)).collect();
        let (now, key) = (1_000_000_000_000, Key(3));
        for (hits, theory) in [
            (Hits::Ttl(1_000_000_000), ttl_hit_ratio_of_all(&rates, 1.0, Expiry::AfterFill)),
            (Hits::Lru(2000), lru_hit_ratio(&rates, 2000.0)),
        ] {
            let mut content = Content::new(hits, rates.len());
            content.draw_long_run(key, now, 0.0, |sub| rates[sub as usize]);
            let found = share_of_hits(&mut content, &rates, now);
            // The sum of w^2 p (1 - p) over customers of weight w in it with probability p is 0.006^2.
            assert!((found - theory).abs() < 4.0 * 0.006, "{hits:?}: {found} {theory}");
        }
    }
}
