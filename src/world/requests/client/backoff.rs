//! Backoff: how long a client waits before it tries again.
//!
//! # References
//! Brooker 2015: *Exponential backoff and jitter*.

use crate::engine::rng::unit;
use crate::scenario::client::{Backoff, Growth, Jitter};
use crate::units::Nanos;

/// Returns the pause before attempt `next` (from 2), given 64 random bits for each attempt.
pub fn pause(backoff: &Backoff, next: u8, bits: impl Fn(u8) -> u64) -> Nanos {
    let (first, max) = (backoff.first as f64, backoff.max as f64);
    let luck = unit(bits(next));
    let base = match backoff.growth {
        Growth::Constant => first,
        Growth::Exponential { factor } => first * libm::pow(factor, f64::from(next - 2)),
        Growth::Decorrelated => {
            // Each pause depends on the one before: they are drawn anew, from their own keys, rather than remembered.
            let step = |last: f64, attempt| first + unit(bits(attempt)) * (3.0 * last - first).max(0.0);
            return (2..=next).fold(first, |last, attempt| step(last, attempt).min(max)).round() as Nanos;
        }
    }
    .min(max);
    let pause = match backoff.jitter {
        Jitter::None => base,
        Jitter::Equal => base / 2.0 + luck * base / 2.0,
        Jitter::Full => luck * base,
    };
    pause.round() as Nanos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::MILLISECOND;

    fn backoff(growth: Growth, jitter: Jitter) -> Backoff {
        Backoff { growth, first: 100 * MILLISECOND, max: 1000 * MILLISECOND, jitter }
    }

    #[test]
    fn exponential_pauses_double_up_to_the_longest() {
        let backoff = backoff(Growth::Exponential { factor: 2.0 }, Jitter::None);
        let pauses: Vec<Nanos> = (2..8).map(|next| pause(&backoff, next, |_| 7) / MILLISECOND).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
    }

    #[test]
    fn jitter_spreads_as_said() {
        let half = |_| 1 << 63;
        let growth = Growth::Constant;
        assert_eq!(pause(&backoff(growth, Jitter::None), 2, half), 100 * MILLISECOND);
        assert_eq!(pause(&backoff(growth, Jitter::Equal), 2, half), 75 * MILLISECOND);
        assert_eq!(pause(&backoff(growth, Jitter::Full), 2, half), 50 * MILLISECOND);
        // Decorrelated: the middle of 100 and 3 x 100 ms, then of 100 and 3 x 200 ms.
        let decorrelated = backoff(Growth::Decorrelated, Jitter::Full);
        assert_eq!(pause(&decorrelated, 2, half), 200 * MILLISECOND);
        assert_eq!(pause(&decorrelated, 3, half), 350 * MILLISECOND);
    }
}
