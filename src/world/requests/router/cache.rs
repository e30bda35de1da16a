//! The router's mapping cache: what a lookup finds.

use std::collections::HashMap;

use super::store::Asked;
use crate::engine::rng::{Key, Slot};
use crate::scenario::router::Hits;
use crate::units::Nanos;
use crate::world::platform::population::{NONE, SubId};

const LUCK: Slot = Slot::named("router/cache luck");

/// The content of the cache.
#[derive(Debug, Clone)]
pub enum Content {
    /// Hits with a given probability, once the entry has been filled since the last flush.
    Ratio {
        /// Probability.
        ratio: f64,
        /// Flushes so far.
        epoch: u32,
        /// The epoch in which each subscription was last filled.
        filled: Vec<u32>,
        /// How many of the subscriptions before `known` were last filled in an earlier epoch: while none was, there is no need
        /// to look.
        stale: u32,
        /// From here on are those that were never looked up when the world began.
        known: SubId,
    },
    /// An entry lives this long after it was filled.
    Ttl {
        /// Life time.
        ttl: Nanos,
        /// When each subscription's entry ends.
        ends: Vec<Nanos>,
    },
    /// The least recently used entry gives way.
    Lru(Lru),
}

impl Content {
    /// Returns a cache: full for a given ratio, empty for a model (see [`super::long_run`]).
    pub fn new(hits: Hits, subscriptions: usize) -> Content {
        match hits {
            Hits::Ratio(ratio) => Content::Ratio {
                ratio,
                epoch: 0,
                filled: vec![0; subscriptions],
                stale: 0,
                known: subscriptions as SubId,
            },
            Hits::Ttl(ttl) => Content::Ttl { ttl, ends: vec![0; subscriptions] },
            Hits::Lru(entries) => Content::Lru(Lru::new(entries, subscriptions)),
        }
    }

    /// Looks a subscription up.
    #[inline]
    pub fn look_up(&mut self, sub: SubId, attempt: Key, now: Nanos) -> bool {
        match self {
            Content::Ratio { ratio, epoch, filled, stale, known } => {
                (*stale == 0 && sub < *known || filled[sub as usize] == *epoch) && attempt.happens(LUCK, *ratio)
            }
            Content::Ttl { ends, .. } => now < ends[sub as usize],
            Content::Lru(lru) => lru.touch(sub),
        }
    }

    /// Fills a subscription's entry.
    pub fn fill(&mut self, sub: SubId, now: Nanos) {
        match self {
            Content::Ratio { epoch, filled, stale, known, .. } => {
                *stale -= u32::from(sub < *known && filled[sub as usize] != *epoch);
                filled[sub as usize] = *epoch;
            }
            Content::Ttl { ttl, ends } => ends[sub as usize] = now.saturating_add(*ttl),
            Content::Lru(lru) => lru.fill(sub),
        }
    }

    /// Marks a subscription as never looked up: a new customer's, before anything happens.
    pub fn forget(&mut self, sub: SubId) {
        match self {
            Content::Ratio { filled, known, .. } => {
                filled[sub as usize] = NONE;
                *known = sub.min(*known);
            }
            Content::Ttl { ends, .. } => ends[sub as usize] = 0,
            Content::Lru(_) => {}
        }
    }

    /// Forgets everything.
    pub fn flush(&mut self) {
        match self {
            Content::Ratio { epoch, stale, known, .. } => {
                *epoch += 1;
                *stale = *known;
            }
            Content::Ttl { ends, .. } => ends.fill(0),
            Content::Lru(lru) => *lru = Lru::new(lru.capacity, lru.links.len()),
        }
    }
}

/// A least-recently-used list over subscriptions, linked through an array.
#[derive(Debug, Clone)]
pub struct Lru {
    capacity: u32,
    used: u32,
    newest: u32,
    oldest: u32,
    /// (newer, older) neighbour; `ABSENT` in `newer` if not in the cache.
    links: Vec<(u32, u32)>,
}

const ABSENT: u32 = u32::MAX - 1;

impl Lru {
    fn new(capacity: u32, subscriptions: usize) -> Lru {
        Lru { capacity, used: 0, newest: NONE, oldest: NONE, links: vec![(ABSENT, NONE); subscriptions] }
    }

    fn unlink(&mut self, sub: SubId) {
        let (newer, older) = self.links[sub as usize];
        if newer == NONE {
            self.newest = older;
        } else {
            self.links[newer as usize].1 = older;
        }
        if older == NONE {
            self.oldest = newer;
        } else {
            self.links[older as usize].0 = newer;
        }
        self.links[sub as usize] = (ABSENT, NONE);
    }

    fn link_newest(&mut self, sub: SubId) {
        self.links[sub as usize] = (NONE, self.newest);
        if self.newest == NONE {
            self.oldest = sub;
        } else {
            self.links[self.newest as usize].0 = sub;
        }
        self.newest = sub;
    }

    /// Returns how many entries it has room for.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Returns how many subscriptions there are.
    pub fn subscriptions(&self) -> u32 {
        self.links.len() as u32
    }

    /// Returns whether a subscription is in the cache.
    pub fn holds(&self, sub: SubId) -> bool {
        self.links[sub as usize].0 != ABSENT
    }

    fn touch(&mut self, sub: SubId) -> bool {
        if self.links[sub as usize].0 == ABSENT {
            return false;
        }
        self.unlink(sub);
        self.link_newest(sub);
        true
    }

    /// Makes a subscription the most recent one.
    pub fn fill(&mut self, sub: SubId) {
        if self.touch(sub) {
            return;
        }
        if self.used == self.capacity {
            let oldest = self.oldest;
            self.unlink(oldest);
            self.used -= 1;
        }
        self.link_newest(sub);
        self.used += 1;
    }
}

/// Store lookups under way that others may share.
pub type Shared = HashMap<SubId, Asked>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lru_keeps_the_most_recent() {
        let mut cache = Content::new(Hits::Lru(2), 4);
        let key = Key(1);
        cache.fill(0, 0);
        cache.fill(1, 0);
        assert!(cache.look_up(0, key, 0));
        cache.fill(2, 0);
        assert!(!cache.look_up(1, key, 0), "the least recently used gave way");
        assert!(cache.look_up(0, key, 0) && cache.look_up(2, key, 0));
        cache.flush();
        assert!(!cache.look_up(0, key, 0));
    }

    #[test]
    fn after_a_flush_everyone_misses_once() {
        let mut cache = Content::new(Hits::Ratio(1.0), 2);
        assert!(cache.look_up(0, Key(1), 0));
        cache.flush();
        assert!(!cache.look_up(0, Key(1), 0));
        cache.fill(0, 0);
        assert!(cache.look_up(0, Key(1), 0) && !cache.look_up(1, Key(1), 0));
    }

    #[test]
    fn an_entry_lives_for_its_ttl() {
        let mut cache = Content::new(Hits::Ttl(10), 1);
        cache.fill(0, 5);
        assert!(cache.look_up(0, Key(1), 14) && !cache.look_up(0, Key(1), 15));
    }
}
