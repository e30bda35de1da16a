//! Many things by the draws of each: in their order, or the least of them.
//!
//! Draws are spread evenly over all 64 bits, so their upper bits are good buckets: a counting sort by these, then each bucket by
//! itself. Things are numbers from 0; of equal draws the lower number comes first.

use crate::stop;

/// Things in a bucket, about.
const EACH: u32 = 512;

/// Returns how far a draw is shifted to give its bucket, and the number of buckets.
fn buckets(count: u32) -> (u32, usize) {
    let bits = (count / EACH).max(2).ilog2().min(14);
    (64 - bits, 1 << bits)
}

/// Returns numbers, each with something of its own, in the order of their draws; `about` tells both of a number.
pub fn in_order<T: Copy + Default>(
    numbers: impl Iterator<Item = u32> + Clone,
    about: impl Fn(u32) -> (u64, T),
) -> impl Iterator<Item = (u32, T)> {
    let about = |number| {
        stop::point();
        about(number)
    };
    let count = numbers.clone().count();
    let (shift, buckets) = buckets(count as u32);
    let mut next = vec![0_u32; buckets + 1];
    numbers.clone().for_each(|number| next[(about(number).0 >> shift) as usize + 1] += 1);
    (1..=buckets).for_each(|bucket| next[bucket] += next[bucket - 1]);
    let mut sorted = vec![(0_u64, 0_u32, T::default()); count];
    for number in numbers {
        let (draw, with) = about(number);
        let place = &mut next[(draw >> shift) as usize];
        sorted[*place as usize] = (draw, number, with);
        *place += 1;
    }
    let mut from = 0;
    for end in next {
        stop::point();
        sorted[from..end as usize].sort_unstable_by_key(|&(draw, number, _)| (draw, number));
        from = end as usize;
    }
    sorted.into_iter().map(|(_, number, with)| (number, with))
}

/// Returns which `wanted` of the numbers below `count` have the least draws, in the order of numbers.
pub fn least(count: u32, wanted: u32, draw: impl Fn(u32) -> u64) -> Vec<u32> {
    if wanted >= count {
        return (0..count).collect();
    }
    let draw = |number| {
        stop::point();
        draw(number)
    };
    let (shift, buckets) = buckets(count);
    let mut counts = vec![0_u32; buckets];
    (0..count).for_each(|number| counts[(draw(number) >> shift) as usize] += 1);
    // All of the buckets below the last one, and some of the last.
    let mut left = wanted;
    let last = counts
        .iter()
        .position(|&count| {
            left < count || {
                left -= count;
                false
            }
        })
        .unwrap_or(buckets) as u64;
    let mut of_last: Vec<(u64, u32)> = Vec::new();
    of_last.extend((0..count).map(|number| (draw(number), number)).filter(|(draw, _)| draw >> shift == last));
    of_last.sort_unstable();
    let beyond = of_last.get(left as usize).copied().unwrap_or((u64::MAX, u32::MAX));
    let mut found = Vec::with_capacity(wanted as usize);
    found.extend((0..count).filter(|&number| (draw(number), number) < beyond));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rng::Key;

    #[test]
    fn as_a_plain_sort_has_them() {
        for (count, bits) in [(0_u32, 0), (1, 0), (7, 0), (700, 0), (5_000, 0), (5_000, 54), (3_000, 64)] {
            // With few bits left many draws are equal.
            let draw = |number: u32| Key(9).nth(u64::from(number)).0.checked_shr(bits).unwrap_or(0) << bits.min(63);
            let mut plain: Vec<(u64, u32)> = (0..count).map(|number| (draw(number), number)).collect();
            plain.sort_unstable();
            let plain: Vec<u32> = plain.into_iter().map(|(_, number)| number).collect();
            let found: Vec<(u32, u32)> = in_order(0..count, |number| (draw(number), number + 1)).collect();
            assert_eq!(found, plain.iter().map(|&number| (number, number + 1)).collect::<Vec<_>>());
            for wanted in [0, 1, count / 3, count.saturating_sub(1), count, count + 1] {
                let mut sorted = plain[..wanted.min(count) as usize].to_vec();
                sorted.sort_unstable();
                assert_eq!(least(count, wanted, draw), sorted, "{wanted} of {count}");
            }
        }
    }
}
