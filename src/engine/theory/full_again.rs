//! How likely a queue that is full now is full again after a time.
//!
//! # Model
//! M/M/c/K is a birth-death process, whose transition probabilities are sums of exponentials (Karlin and McGregor): of the one from
//! full to full, P(t) = sum of w_i e^(-r_i t), all w_i are positive and one of the rates is 0, with the share of time that the
//! queue is full. Rates and weights are the eigenvalues of the tridiagonal matrix, made symmetric, and the squares of their vectors'
//! first components (Golub and Welsch). States far below the full one are taken together in groups, with the probabilities and the
//! conductances of the chain: what comes back from there comes back late.
//!
//! Who is refused is not alone: others were shortly before and after, and they come again too. At a time s from a refusal there are
//! refusals beyond the usual at a rate proportional to P(s) - P(infinity); after their pauses they are as many more arrivals. With them
//! the chain is followed in time from the full state (implicit Euler steps, extrapolated). This counts the echo of one time of
//! refusals, not echoes of echoes.
//!
//! # References
//! Karlin and McGregor (1957), The differential equations of birth-and-death processes, Transactions of the AMS 85. Golub and Welsch
//! (1969), Calculation of Gauss quadrature rules, Mathematics of Computation 23.

/// The probability that a queue that is full now is full after a time.
#[derive(Debug, Clone, PartialEq)]
pub struct FullAgain {
    /// Rates of decay and their weights: the one that does not decay first.
    decays: Vec<(f64, f64)>,
    /// Rates from each group of states to the next one down, and back up.
    down: Vec<f64>,
    up: Vec<f64>,
    /// Arrivals per unit of time.
    arrival_rate: f64,
}

/// A pool with a bounded queue, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounded {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Services per unit of time of one busy server.
    pub service_rate: f64,
    /// Parallel slots c, at least 1.
    pub servers: u32,
    /// Places in queue.
    pub places: u32,
    /// How many times faster than so the queue grows and shrinks by one.
    pub speed: f64,
}

/// States that are told apart next to the full one; beyond, groups of so large a part of what lies between.
const APART: usize = 24;
const PART: usize = 8;
/// States that are looked at.
const DEEP: usize = 4096;
/// What is so much less likely than the full state is never met, and from what is so much likelier nothing comes back.
const GONE: f64 = 1e-15;

impl FullAgain {
    /// Finds it for a pool that is full for a share `full` of the time (above 0).
    ///
    /// # Example
    /// ```
    /// use cellsim::engine::theory::full_again::{Bounded, FullAgain};
    /// // One slot without a queue: full with 1/3, and P(t) = 1/3 + 2/3 e^(-3 t).
    /// let one = Bounded { arrival_rate: 1.0, service_rate: 2.0, servers: 1, places: 0, speed: 1.0 };
    /// let again = FullAgain::new(one, 1.0 / 3.0).after((0.5, 0.5));
    /// assert!((again - (1.0 / 3.0 + 2.0 / 3.0 * (-1.5_f64).exp())).abs() < 1e-12);
    /// ```
    pub fn new(pool: Bounded, full: f64) -> FullAgain {
        let room = pool.servers as usize + pool.places as usize;
        // From the full state downwards: weights relative to it, and the sum of resistances down to each.
        let (mut weights, mut resistances) = (vec![1.0], vec![0.0]);
        let matters = |weight: f64| (GONE..1.0 / GONE).contains(&weight);
        while weights.len() <= room.min(DEEP) && matters(weights[weights.len() - 1]) {
            let number = room + 1 - weights.len();
            let leaving = pool.service_rate * number.min(pool.servers as usize) as f64;
            let speed = if number > pool.servers as usize { pool.speed } else { 1.0 };
            let weight: f64 = weights[weights.len() - 1];
            resistances.push(resistances[resistances.len() - 1] + 1.0 / (weight * leaving * speed));
            weights.push(weight * leaving / pool.arrival_rate);
        }
        // What lies deeper is added to the last group.
        let known: f64 = weights.iter().sum();
        let deeper = if weights.len() <= room { (1.0 / full - known).max(0.0) } else { 0.0 };
        let (mut masses, mut centres) = (Vec::new(), Vec::new());
        let mut first = 0;
        while first < weights.len() {
            let size = if first < APART { 1 } else { (first / PART).max(1) };
            let end = (first + size).min(weights.len());
            masses.push(weights[first..end].iter().sum::<f64>());
            centres.push(resistances[first.midpoint(end - 1)]);
            first = end;
        }
        if let Some(last) = masses.last_mut() {
            *last += deeper;
        }
        let conductances: Vec<f64> = centres.windows(2).map(|pair| 1.0 / (pair[1] - pair[0])).collect();
        let beside = |at: usize| conductances.get(at).copied().unwrap_or(0.0);
        let before = |at: usize| if at == 0 { 0.0 } else { beside(at - 1) };
        let diagonal = (0..masses.len()).map(|at| (before(at) + beside(at)) / masses[at]).collect();
        let off = (0..masses.len()).map(|at| match at + 1 < masses.len() {
            true => -beside(at) / (masses[at] * masses[at + 1]).sqrt(),
            false => 0.0,
        });
        let mut decays = spectrum(diagonal, off.collect());
        decays.sort_by(|a, b| a.0.total_cmp(&b.0));
        // In the long run it is full for its share of the time.
        let rest: f64 = decays.iter().skip(1).map(|decay| decay.1).sum();
        let scale = if rest > 0.0 { (1.0 - full) / rest } else { 0.0 };
        for (at, decay) in decays.iter_mut().enumerate() {
            *decay = if at == 0 { (0.0, full) } else { (decay.0.max(0.0), decay.1 * scale) };
        }
        decays.retain(|decay| decay.1 > 1e-15);
        let down = conductances.iter().zip(&masses).map(|(one, mass)| one / mass).collect();
        let up = conductances.iter().zip(&masses[1..]).map(|(one, mass)| one / mass).collect();
        FullAgain { decays, down, up, arrival_rate: pool.arrival_rate }
    }

    /// Returns the probability that it is full again after a time that is even between two, if nobody else comes again.
    pub fn after(&self, (low, high): (f64, f64)) -> f64 {
        let of = |&(rate, weight): &(f64, f64)| {
            let spread = rate * (high - low);
            let mean = if spread < 1e-9 { 1.0 } else { -libm::expm1(-spread) / spread };
            weight * libm::exp(-rate * low) * mean
        };
        self.decays.iter().map(of).sum::<f64>().min(1.0)
    }

    /// Returns the same if of the arrivals this rate comes again whenever refused, each after such a time of its own.
    pub fn after_with_others(&self, gap: (f64, f64), returning: f64) -> f64 {
        // Steps in time are only as good for both: of them the difference is taken.
        let more = self.followed(gap, returning) - self.followed(gap, 0.0);
        (self.after(gap) + more).clamp(self.decays[0].1, 1.0)
    }

    /// Follows the chain through a time that is even between two.
    fn followed(&self, (low, high): (f64, f64), returning: f64) -> f64 {
        let times = self.times((low, high));
        let mut state = vec![0.0; self.down.len() + 1];
        state[0] = 1.0;
        let mut sum = 0.0;
        for pair in times.windows(2) {
            let width = pair[1] - pair[0];
            let more = returning * self.echo((low, high), f64::midpoint(pair[0], pair[1])) / self.arrival_rate;
            let before = state[0];
            // Twice the half steps less the whole one: second order, and as stable.
            let (whole, half) = (self.step(&state, width, 1.0 + more), self.step(&state, width / 2.0, 1.0 + more));
            let halves = self.step(&half, width / 2.0, 1.0 + more);
            state = halves.iter().zip(&whole).map(|(halves, whole)| (2.0 * halves - whole).max(0.0)).collect();
            if pair[0] >= low {
                sum += width * f64::midpoint(before, state[0]);
            }
        }
        if high > low { sum / (high - low) } else { state[0] }
    }

    /// How many more refusals than usual come again at a time after one, as a share of those who would.
    fn echo(&self, (low, high): (f64, f64), time: f64) -> f64 {
        let decays = &self.decays[1..];
        if high <= low {
            return decays.iter().map(|(rate, weight)| weight * libm::exp(-rate * (time - low).abs())).sum();
        }
        // The integral of P(s) - P(infinity) over the times of refusals from which they come.
        let up_to = |x: f64| {
            let each = decays.iter().map(|(rate, weight)| weight * -libm::expm1(-rate * x.abs()) / rate);
            each.sum::<f64>().copysign(x)
        };
        (up_to(time - low) - up_to(time - high)) / (high - low)
    }

    /// Instants from 0 to `high`, `low` among them, close together where the chain or the echo changes fast.
    fn times(&self, (low, high): (f64, f64)) -> Vec<f64> {
        const FACTOR: f64 = 0.75;
        let slow = self.decays.get(1).map_or(f64::MAX, |decay| decay.0);
        let shortest = 0.2 / (self.arrival_rate + self.down.first().copied().unwrap_or(0.0));
        let mut times = vec![0.0, low, high];
        for (from, to) in [(0.0, low), (low, high)] {
            let mut width = (to - from).min(20.0 / slow);
            times.push(f64::midpoint(from, to));
            while width > shortest {
                times.extend([from + width, to - width]);
                width *= FACTOR;
            }
        }
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// An implicit step of the chain, whose arrivals are so many times the usual ones.
    fn step(&self, state: &[f64], time: f64, arrivals: f64) -> Vec<f64> {
        // (1 + time x leaving) p' - time x coming from both sides = p, from the full state on.
        let last = state.len() - 1;
        let (mut behind, mut next) = (vec![0.0; last + 1], vec![0.0; last + 1]);
        for at in 0..=last {
            let down = self.down.get(at).copied().unwrap_or(0.0);
            let (up, from_above) = match at {
                0 => (0.0, 0.0),
                _ => (self.up[at - 1] * arrivals, self.down[at - 1]),
            };
            let (before, factor) = if at == 0 { (0.0, 0.0) } else { (next[at - 1], behind[at - 1]) };
            let pivot = 1.0 + time * (down + up) - time * from_above * factor;
            behind[at] = if at < last { time * self.up[at] * arrivals / pivot } else { 0.0 };
            next[at] = (state[at] + time * from_above * before) / pivot;
        }
        for at in (0..last).rev() {
            next[at] += behind[at] * next[at + 1];
        }
        next
    }
}

/// Eigenvalues of a symmetric tridiagonal matrix, and the squares of the first components of their vectors: implicit QL. `off` is as
/// long as the diagonal, its last element 0.
fn spectrum(mut diagonal: Vec<f64>, mut off: Vec<f64>) -> Vec<(f64, f64)> {
    /// Steps for one value, after which it is taken as it is; three are usual.
    const STEPS: usize = 60;
    let size = diagonal.len();
    let mut first = vec![0.0; size];
    first[0] = 1.0;
    for low in 0..size {
        for _ in 0..STEPS {
            let is_split = |at: usize| off[at].abs() <= f64::EPSILON * (diagonal[at].abs() + diagonal[at + 1].abs());
            let high = (low..size - 1).find(|&at| is_split(at)).unwrap_or(size - 1);
            if high == low {
                break;
            }
            let shift = (diagonal[low + 1] - diagonal[low]) / (2.0 * off[low]);
            let root = (shift * shift + 1.0).sqrt().copysign(shift);
            let mut g = diagonal[high] - diagonal[low] + off[low] / (shift + root);
            let (mut sine, mut cosine, mut p) = (1.0, 1.0, 0.0);
            let mut is_done = true;
            for at in (low..high).rev() {
                let (f, b) = (sine * off[at], cosine * off[at]);
                let r = (f * f + g * g).sqrt();
                off[at + 1] = r;
                if r == 0.0 {
                    diagonal[at + 1] -= p;
                    off[high] = 0.0;
                    is_done = false;
                    break;
                }
                (sine, cosine) = (f / r, g / r);
                g = diagonal[at + 1] - p;
                let turned = (diagonal[at] - g) * sine + 2.0 * cosine * b;
                p = sine * turned;
                diagonal[at + 1] = g + p;
                g = cosine * turned - b;
                let other = first[at + 1];
                first[at + 1] = sine * first[at] + cosine * other;
                first[at] = cosine * first[at] - sine * other;
            }
            if is_done {
                diagonal[low] -= p;
                off[low] = g;
                off[high] = 0.0;
            }
        }
    }
    diagonal.into_iter().zip(first).map(|(value, first)| (value, first * first)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::theory::mmck::Mmck;

    /// By uniformization, state by state.
    fn uniformized(pool: Bounded, t: f64) -> f64 {
        let room = (pool.servers + pool.places) as usize;
        let (up, down) = (pool.arrival_rate, |n: usize| pool.service_rate * n.min(pool.servers as usize) as f64);
        let fastest = up + down(room);
        let mut now = vec![0.0; room + 1];
        now[room] = 1.0;
        let (mut term, mut sum) = (libm::exp(-fastest * t), 0.0);
        for step in 1..4000 {
            sum += term * now[room];
            term *= fastest * t / f64::from(step);
            let mut next = vec![0.0; room + 1];
            for n in 0..=room {
                let (gain, loss) = (if n < room { up } else { 0.0 }, down(n));
                next[n] += now[n] * (1.0 - (gain + loss) / fastest);
                if n < room {
                    next[n + 1] += now[n] * gain / fastest;
                }
                if n > 0 {
                    next[n - 1] += now[n] * loss / fastest;
                }
            }
            now = next;
        }
        sum
    }

    #[test]
    fn it_is_the_transition_probability_of_the_chain() {
        for (arrival_rate, servers, places, within) in
            [(2.0, 3, 5, 1e-9), (1.3, 1, 0, 1e-9), (9.0, 10, 4, 1e-9), (14.0, 10, 12, 1e-9), (38.0, 40, 60, 2e-3)]
        {
            let pool = Bounded { arrival_rate, service_rate: 1.0, servers, places, speed: 1.0 };
            let room = servers + places;
            let full = Mmck { arrival_rate, service_rate: 1.0, servers, room }.refused();
            let again = FullAgain::new(pool, full);
            for t in [0.0, 0.02, 0.3, 1.0, 4.0] {
                let (found, exact) = (again.after((t, t)), uniformized(pool, t));
                assert!((found - exact).abs() <= within, "{servers} {places} {t}: {found} {exact}");
            }
            assert!((again.after((1e6, 1e6)) - full).abs() < 1e-12);
            // Spread: the mean over the times.
            let mean = (0..200)
                .map(|at| {
                    again.after({
                        let t = 0.1 + 0.001 * (f64::from(at) + 0.5);
                        (t, t)
                    })
                })
                .sum::<f64>();
            assert!((again.after((0.1, 0.3)) - mean / 200.0).abs() < 1e-6);
        }
    }

    #[test]
    fn others_who_come_again_make_it_likelier() {
        // Two attempts at three slots and five places, services of 20 ms, a pause of 200 ms or even up to it: by Runge and Kutta,
        // state by state, apart from this program.
        let pool = Bounded { arrival_rate: 102.1, service_rate: 50.0, servers: 3, places: 5, speed: 1.0 };
        let full = Mmck { arrival_rate: 102.1, service_rate: 50.0, servers: 3, room: 8 }.refused();
        let again = FullAgain::new(pool, full);
        for (pause, alone, with_others) in [((0.2, 0.2), 0.025_076, 0.065_488), ((0.0, 0.2), 0.099_62, 0.122_8)] {
            assert!((again.after(pause) / alone - 1.0).abs() < 0.005, "{pause:?}: {}", again.after(pause));
            let found = again.after_with_others(pause, 102.1);
            assert!((found / with_others - 1.0).abs() < 0.02, "{pause:?}: {found}");
            assert_eq!(again.after_with_others(pause, 0.0), again.after(pause));
        }
        // A pause that is long has forgotten the queue, but not those who come with it.
        assert!(again.after((30.0, 30.0)) < 1.001 * full && again.after_with_others((30.0, 30.0), 102.1) > 2.0 * full);
        assert!(again.after_with_others((0.0, 30.0), 102.1) < 1.1 * full);
    }

    #[test]
    fn large_pools_are_quick_and_stay_probabilities() {
        for (servers, places) in [(3000, 3000), (20_000, 10), (1, 100_000)] {
            let pool =
                Bounded { arrival_rate: 0.98 * f64::from(servers), service_rate: 1.0, servers, places, speed: 2.0 };
            let again = FullAgain::new(pool, 1e-6);
            let found = [0.0, 1e-3, 0.1, 1.0, 10.0].map(|t| again.after((t, t)));
            assert!((found[0] - 1.0).abs() < 1e-9 && found.is_sorted_by(|a, b| a >= b), "{found:?}");
            let with_others = again.after_with_others((0.01, 1.0), 0.98 * f64::from(servers));
            assert!((1e-6..=1.0).contains(&with_others), "{with_others}");
        }
    }
}
