//! A full pool: how levels of its queue follow from each other, and how long its queue is waited for.

use super::level::Level;
use crate::engine::special::matrix::Matrix;
use crate::engine::theory::phases::Phases;

/// Levels from which on reductions are taken as alike: their difference.
const ALIKE: f64 = 1e-14;
/// What is left of those who wait when nobody does any more.
const NOBODY: f64 = 1e-22;

/// A pool all of whose slots are busy.
pub(super) struct Full {
    pub(super) states: usize,
    arrival_rate: f64,
    /// Rates without an end of service.
    pub(super) stays: Matrix,
    /// Rates with one, and with the next one that begins.
    pub(super) ends: Matrix,
}

impl Full {
    pub(super) fn new(service: &Phases, level: &Level, arrival_rate: f64) -> Full {
        let states = level.states.len();
        let mut ends = Matrix::zeros(states, states);
        for (at, phase, rate) in level.ends(service) {
            for (next, begins) in service.begins.iter().enumerate().filter(|(_, begins)| **begins > 0.0) {
                ends[(at, level.moved(&level.states[at], Some(phase), Some(next)))] += rate * begins;
            }
        }
        Full { states, arrival_rate, stays: level.within(service), ends }
    }

    /// What takes a level to the next one, where this one is asked for `within`.
    pub(super) fn reduced(&self, within: &Matrix) -> Matrix {
        let left = Matrix::zeros(self.states, self.states).plus(-1.0, within).inverse();
        Matrix::zeros(self.states, self.states).plus(self.arrival_rate, &left)
    }

    /// How the last level follows from the one before, that one from the one before it, and so on. Deeper ones are as the last.
    pub(super) fn reductions(&self, places: u32) -> Vec<Matrix> {
        let arrivals = Matrix::diagonal(self.states, self.arrival_rate);
        let mut found: Vec<Matrix> = Vec::new();
        for _ in 0..places {
            let within = match found.last() {
                None => self.stays.clone(),
                Some(next) => self.stays.plus(-1.0, &arrivals).plus(1.0, &next.times(&self.ends)),
            };
            let next = self.reduced(&within);
            let is_alike = found.last().is_some_and(|last| last.plus(-1.0, &next).largest() <= ALIKE * next.largest());
            found.push(next);
            if is_alike {
                break;
            }
        }
        found
    }

    /// The same for a queue without a limit.
    pub(super) fn unbounded(&self) -> Matrix {
        let one = Matrix::diagonal(self.states, 1.0);
        let leave = Matrix::diagonal(self.states, self.arrival_rate).plus(-1.0, &self.stays).inverse();
        let (mut up, mut down) = (self.reduced(&self.stays.plus(-self.arrival_rate, &one)), leave.times(&self.ends));
        let (mut falls, mut reach) = (down.clone(), up.clone());
        for _ in 0..60 {
            let both = up.times(&down).plus(1.0, &down.times(&up));
            let left = one.plus(-1.0, &both).inverse();
            (up, down) = (left.times(&up.times(&up)), left.times(&down.times(&down)));
            falls = falls.plus(1.0, &reach.times(&down));
            reach = reach.times(&up);
            if reach.largest() < 1e-16 {
                break;
            }
        }
        // R = lambda (lambda - D0 - lambda G)^-1.
        let within = self.stays.plus(-self.arrival_rate, &one).plus(self.arrival_rate, &falls);
        self.reduced(&within)
    }

    /// Shares of those who wait, by phases that they find, which wait for longer than each time.
    pub(super) fn above_unbounded(
        &self,
        reduction: &Matrix,
        waiting: Vec<f64>,
        longest: f64,
        points: usize,
    ) -> Vec<f64> {
        let age = self.stays.plus(1.0, &reduction.times(&self.ends));
        let all: f64 = waiting.iter().sum();
        // From j² to (j + 1)² are 2 j + 1 steps.
        let mut step = age.exponential(longest / (points * points) as f64);
        let two = step.times(&step);
        let mut left = waiting;
        let mut above = vec![1.0];
        for _ in 0..points {
            left = step.after(&left);
            above.push(left.iter().sum::<f64>() / all);
            step = step.times(&two);
        }
        above
    }

    /// The same where the numbers are in a queue, by number from 0 and phases.
    pub(super) fn above(&self, mut queue: Vec<Vec<f64>>, longest: f64, points: usize) -> Vec<f64> {
        let all: f64 = queue.iter().flatten().sum();
        if all <= 0.0 {
            return vec![0.0; points + 1];
        }
        let fastest = (0..self.states).fold(0.0, |fastest: f64, at| fastest.max(-self.stays[(at, at)]));
        let stays = Sparse::new(&Matrix::diagonal(self.states, 1.0).plus(1.0 / fastest, &self.stays));
        let ends = Sparse::new(&Matrix::zeros(self.states, self.states).plus(1.0 / fastest, &self.ends));
        // After each end of a phase, real or not, how many still wait.
        let mut left = vec![1.0];
        while left[left.len() - 1] > NOBODY {
            let levels = queue.len();
            for at in 0..levels {
                let mut next = vec![0.0; self.states];
                stays.add(&queue[at], &mut next);
                if at + 1 < levels {
                    ends.add(&queue[at + 1], &mut next);
                }
                queue[at] = next;
            }
            left.push(queue.iter().flatten().sum::<f64>() / all);
        }
        (0..=points)
            .map(|at| poisson_mean(&left, fastest * longest * ((at * at) as f64 / (points * points) as f64)))
            .collect()
    }
}

/// The mean of a falling sequence at a Poisson number.
fn poisson_mean(sequence: &[f64], mean: f64) -> f64 {
    if mean <= 0.0 {
        return sequence[0];
    }
    // Each term from its neighbour, from where they are largest, or where the sequence ends.
    let middle = (mean as usize).min(sequence.len() - 1);
    let log = middle as f64 * libm::log(mean) - mean - libm::lgamma(middle as f64 + 1.0);
    let mut sum = 0.0;
    let mut term = libm::exp(log);
    for at in (0..=middle).rev() {
        sum += term * sequence[at];
        term *= at as f64 / mean;
        if term < 1e-40 {
            break;
        }
    }
    term = libm::exp(log);
    for (at, value) in sequence.iter().enumerate().skip(middle + 1) {
        term *= mean / at as f64;
        sum += term * value;
        if term < 1e-40 {
            break;
        }
    }
    sum
}

/// The cells of a matrix that are not 0.
struct Sparse(Vec<(u32, u32, f64)>);

impl Sparse {
    pub(super) fn new(matrix: &Matrix) -> Sparse {
        let size = matrix.rows();
        let cells = (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
        Sparse(
            cells
                .map(|(row, column)| (row as u32, column as u32, matrix[(row, column)]))
                .filter(|cell| cell.2 != 0.0)
                .collect(),
        )
    }

    /// Adds a row times the matrix.
    pub(super) fn add(&self, row: &[f64], sum: &mut [f64]) {
        for &(from, to, rate) in &self.0 {
            sum[to as usize] += row[from as usize] * rate;
        }
    }
}
