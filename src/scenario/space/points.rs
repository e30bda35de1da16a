//! Points of the design space: all of them, a Latin hypercube, or one lever at a time.

use super::filter::Filter;
use super::lever::Lever;
use crate::diagnostic::Diagnostic;
use crate::engine::rng::{Key, Slot, below};

/// Which points are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plan {
    /// Every combination of values, the last lever fastest.
    #[default]
    All,
    /// So many points of a Latin hypercube: each value of each lever about equally often, and points far from each other.
    Latin(u32),
    /// The scenario as it is, then each lever alone.
    OneAtATime,
}

/// A design point: one choice of all levers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its number, from 1.
    pub number: usize,
    /// The number of the chosen value of each lever; `None`: as the scenario says.
    pub choices: Vec<Option<usize>>,
}

/// Hypercubes of which the one is taken whose points are farthest from each other.
const DRAWS: u64 = 50;
/// Pairs of points that are looked at for that: with many points fewer hypercubes are drawn.
const MOST_PAIRS: u64 = 10_000_000;

/// Returns the points of a plan that the filters leave, numbered in their order.
///
/// # Errors
/// There are more than `most`, or none.
pub(super) fn list(
    levers: &[Lever],
    filters: &[Filter],
    plan: Plan,
    most: usize,
    seed: u64,
) -> Result<Vec<Point>, Box<Diagnostic>> {
    let sizes: Vec<usize> = levers.iter().map(|lever| lever.choices.len()).collect();
    let error = |message: String| Diagnostic::file("", message);
    let number = match plan {
        Plan::All => sizes.iter().fold(1.0, |product, &size| product * size as f64),
        Plan::Latin(points) => f64::from(points),
        Plan::OneAtATime => 1.0 + sizes.iter().sum::<usize>() as f64,
    };
    if number > most as f64 {
        let longest = levers.iter().max_by_key(|lever| lever.choices.len());
        let thin = longest.map_or_else(String::new, |lever| {
            format!("thin out `{}` with its {} values, or ", lever.name, lever.choices.len())
        });
        let message = format!("{number} points, and --max-points allows {most}");
        return Err(Box::new(error(message).help(format!("{thin}try some of them: --points latin:200"))));
    }
    let all = match plan {
        Plan::All => combinations(&sizes),
        Plan::Latin(points) => latin(&sizes, points as usize, seed),
        Plan::OneAtATime => one_at_a_time(&sizes),
    };
    let kept = all.into_iter().filter(|choices| filters.iter().all(|filter| filter.keeps(levers, choices)));
    let points: Vec<Point> = kept.enumerate().map(|(at, choices)| Point { number: at + 1, choices }).collect();
    if points.is_empty() {
        return Err(Box::new(error("[[where]] leaves no point".to_owned()).help("loosen one of its conditions")));
    }
    Ok(points)
}

type Choices = Vec<Option<usize>>;

fn combinations(sizes: &[usize]) -> Vec<Choices> {
    let mut all: Vec<Choices> = vec![Vec::new()];
    for &size in sizes {
        all = all
            .iter()
            .flat_map(|before| {
                (0..size).map(move |choice| before.iter().copied().chain([Some(choice)]).collect::<Choices>())
            })
            .collect();
    }
    all
}

fn one_at_a_time(sizes: &[usize]) -> Vec<Choices> {
    let mut all = vec![vec![None; sizes.len()]];
    for (lever, &size) in sizes.iter().enumerate() {
        all.extend((0..size).map(|choice| {
            let mut choices = vec![None; sizes.len()];
            choices[lever] = Some(choice);
            choices
        }));
    }
    all
}

fn latin(sizes: &[usize], points: usize, seed: u64) -> Vec<Choices> {
    let pairs = (points as u64 * points as u64).max(1);
    let draws = DRAWS.min((MOST_PAIRS / pairs).max(1));
    let key = Key(seed).named("latin hypercube");
    let mut best: Option<(f64, Vec<Choices>)> = None;
    for draw in 0..draws {
        let cube = hypercube(sizes, points, key.nth(draw));
        let nearest = if draws > 1 { nearest(&cube, sizes) } else { 0.0 };
        if best.as_ref().is_none_or(|(other, _)| nearest > *other) {
            best = Some((nearest, cube));
        }
    }
    let mut cube = best.map(|(_, cube)| cube).unwrap_or_default();
    cube.sort_unstable();
    cube.dedup();
    cube
}

/// Draws a hypercube: the points of each lever are a permutation, divided among its values.
fn hypercube(sizes: &[usize], points: usize, key: Key) -> Vec<Choices> {
    let mut cube = vec![Vec::with_capacity(sizes.len()); points];
    for (lever, &size) in sizes.iter().enumerate() {
        let key = key.nth(lever as u64);
        let mut order: Vec<usize> = (0..points).collect();
        for last in (1..points).rev() {
            let drawn = below(key.draw(Slot(last as u64)), last as u32 + 1);
            order.swap(last, drawn as usize);
        }
        for (point, place) in cube.iter_mut().zip(order) {
            point.push(Some(place * size / points));
        }
    }
    cube
}

/// Returns the square of the least distance of two points, each lever from 0 to 1.
fn nearest(cube: &[Choices], sizes: &[usize]) -> f64 {
    let mut least = f64::INFINITY;
    for (index, one) in cube.iter().enumerate() {
        for other in &cube[..index] {
            let apart = one.iter().zip(other).zip(sizes).map(|((one, other), &size)| {
                let steps = one.unwrap_or(0).abs_diff(other.unwrap_or(0)) as f64 / size.saturating_sub(1).max(1) as f64;
                steps * steps
            });
            least = least.min(apart.sum());
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lever_is_the_fastest() {
        let all = combinations(&[2, 3]);
        assert_eq!(all.len(), 6);
        assert_eq!((all[0].clone(), all[1].clone()), (vec![Some(0), Some(0)], vec![Some(0), Some(1)]));
        assert_eq!(all[5], [Some(1), Some(2)]);
    }

    #[test]
    fn one_lever_moves_at_a_time() {
        let all = one_at_a_time(&[2, 1]);
        assert_eq!(all, [vec![None, None], vec![Some(0), None], vec![Some(1), None], vec![None, Some(0)]]);
    }

    #[test]
    fn a_hypercube_has_every_value_equally_often() {
        let cube = hypercube(&[4, 5, 2], 20, Key(7));
        for (lever, size) in [(0, 4), (1, 5), (2, 2)] {
            for value in 0..size {
                let times = cube.iter().filter(|point| point[lever] == Some(value)).count();
                assert_eq!(times, 20 / size, "lever {lever}, value {value}");
            }
        }
        assert_eq!(latin(&[4, 5, 2], 10, 1), latin(&[4, 5, 2], 10, 1));
        assert_ne!(latin(&[4, 5, 2], 10, 1), latin(&[4, 5, 2], 10, 2));
        let drawn = nearest(&hypercube(&[10, 10], 10, Key(1).named("latin hypercube").nth(0)), &[10, 10]);
        assert!(nearest(&latin(&[10, 10], 10, 1), &[10, 10]) >= drawn);
    }
}
