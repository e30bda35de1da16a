//! Chance: keys instead of a shared stream.
//!
//! Every draw has an address. A *key* names a thing (a replication, an arrival process, a request, an attempt), a *slot* names a
//! purpose (a stage's service time, cache luck). The draw is a function of both, so that adding a stage, a retry or a surge
//! shifts nobody else's luck. Keys are outputs of a bijective mixer and slots are hashes of names: two draws coincide with the
//! probability of a 64-bit collision.
//!
//! Only named generators: SplitMix64 for keyed draws (Steele, Lea, Flood 2014: *Fast splittable pseudorandom number
//! generators*), Xoshiro256++ for the stream of an arrival process (Blackman, Vigna 2021: *Scrambled linear pseudorandom number
//! generators*), both held to published test vectors below.

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The golden-ratio increment of SplitMix64.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64: a bijection whose outputs look independent.
#[inline]
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The name of something that has luck of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub u64);

/// What a draw is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub u64);

impl Slot {
    /// Returns the slot of a name (FNV-1a, then mixed).
    pub const fn named(name: &str) -> Slot {
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Slot(hash ^ (hash >> 31))
    }
}

impl Key {
    /// Returns the key of replication `index` (from 0) under a master seed.
    pub fn replication(master: u64, index: u32) -> Key {
        Key(mix(mix(master.wrapping_add(GOLDEN)).wrapping_add(u64::from(index).wrapping_add(1).wrapping_mul(GOLDEN))))
    }

    /// Returns the key of a named part.
    #[inline]
    pub fn part(self, slot: Slot) -> Key {
        Key(mix(self.0.wrapping_add(slot.0)))
    }

    /// Returns the key of the part with this name.
    pub fn named(self, name: &str) -> Key {
        self.part(Slot::named(name))
    }

    /// Returns the key of the n-th of many like parts: output n of the SplitMix64 sequence that starts here.
    #[inline]
    pub fn nth(self, n: u64) -> Key {
        Key(mix(self.0.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN))))
    }

    /// Returns the 64 bits drawn for a purpose.
    #[inline]
    pub fn draw(self, slot: Slot) -> u64 {
        mix(self.0.wrapping_add(slot.0))
    }

    /// Returns a draw for a purpose, uniform in [0, 1).
    #[inline]
    pub fn uniform(self, slot: Slot) -> f64 {
        unit(self.draw(slot))
    }

    /// Returns whether an event of probability `share` happens.
    #[inline]
    pub fn happens(self, slot: Slot, share: f64) -> bool {
        self.uniform(slot) < share
    }
}

/// Turns 64 random bits into a number in [0, 1).
#[inline]
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Turns the upper 32 random bits into a whole number below `n`, by multiplication.
#[inline]
pub fn below(bits: u64, n: u32) -> u32 {
    (((bits >> 32) * u64::from(n)) >> 32) as u32
}

/// The stream of one arrival process.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// Starts a stream at a key.
    pub fn new(key: Key) -> Stream {
        Stream(Xoshiro256PlusPlus::seed_from_u64(key.0))
    }

    /// Returns an exponential draw of mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn splitmix64_gives_its_published_outputs() {
        // Vigna's splitmix64.c, seed 1234567.
        let key = Key(1234567);
        let outputs: Vec<u64> = (0..5).map(|n| key.nth(n).0).collect();
        assert_eq!(
            outputs,
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
        );
    }

    #[test]
    fn xoshiro256_plus_plus_gives_its_published_outputs() {
        // State 1, 2, 3, 4: the reference implementation's first outputs.
        let mut seed = [0_u8; 32];
        for (i, word) in (1_u64..=4).enumerate() {
            seed[i * 8..][..8].copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = Xoshiro256PlusPlus::from_seed(seed);
        let outputs: Vec<u64> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(outputs, [41943041, 58720359, 3588806011781223, 3591011842654386]);
    }

    #[test]
    fn neighbouring_keys_are_uncorrelated() {
        let n = 200_000_u64;
        let slot = Slot::named("service");
        for pair in [
            |k: Key, s: Slot, i: u64| (k.nth(i).uniform(s), k.nth(i + 1).uniform(s)),
            |k: Key, s: Slot, i: u64| (k.nth(i).uniform(s), k.nth(i).uniform(Slot::named("network"))),
            |k: Key, s: Slot, i: u64| (k.nth(i).uniform(s), Key(k.0 + 1).nth(i).uniform(s)),
            |k: Key, s: Slot, i: u64| (k.nth(i).uniform(s), k.nth(i).nth(2).uniform(s)),
        ] {
            let mut sum = 0.0;
            for i in 0..n {
                let (a, b) = pair(Key(42), slot, i);
                sum += (a - 0.5) * (b - 0.5);
            }
            let correlation = sum / n as f64 * 12.0;
            assert!(correlation.abs() < 4.5 / (n as f64).sqrt(), "correlation {correlation}");
        }
    }
}
