//! Luck of customers: faults that strike some of them wholly and leave the others alone.
//!
//! # Model
//! Who is struck is drawn once for an episode, and anew for the next one: episodes are independent. Within an episode each customer
//! has one luck, a number even in (0, 1): it is struck while the share of customers that are struck lies above it. A customer's
//! minutes are independent given its lucks, so that what an account asks of them follows by adding one episode after the other.

use super::account::Alike;
use super::counted::Sum;

/// Cases that are told apart; beyond, neighbours are taken together, with the mean of what they have.
const CASES: usize = 1024;
/// Parts of minutes in which more and more are struck that are told apart, in all.
const PARTS: usize = 16;
/// Lucks up to which each customer's own chances are told apart besides.
const LUCKS: usize = 16;
/// Cases that differ by less, relatively, are one.
const SAME: f64 = 1e-12;

/// The minutes of an account, by who has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Parted {
    /// All customers.
    pub common: Vec<Alike>,
    /// By episode and luck, the best luck first: share of customers, and the minutes that they have.
    pub episodes: Vec<Vec<(f64, Vec<Alike>)>>,
}

/// Returns the shares of customers that differ in luck where these shares are struck, from the first to the last of a minute, the
/// best luck first: how many, and the least share that strikes them (above 1: none does).
pub fn lucks(struck: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut ranges: Vec<(f64, f64)> = struck.collect();
    ranges.dedup();
    // Of few minutes in which more and more are struck, parts are told apart.
    let growing = ranges.iter().filter(|(first, last)| first < last).count().max(1);
    let parts = (PARTS / growing).max(1);
    let within = |(first, last): (f64, f64)| {
        let between = if first < last { 1..parts } else { 1..1 };
        [first, last].into_iter().chain(between.map(move |at| first + (last - first) * at as f64 / parts as f64))
    };
    let mut levels: Vec<f64> = ranges.into_iter().flat_map(within).filter(|&struck| struck > 0.0).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let mut lucks = vec![(1.0 - levels.last().copied().unwrap_or(0.0), 2.0)];
    for (at, &level) in levels.iter().enumerate().rev() {
        lucks.push((level - if at > 0 { levels[at - 1] } else { 0.0 }, level));
    }
    lucks
}

/// Tells the minutes of an account apart by who has them, of customers who have an entry in the cache in health with this
/// probability, by level of demand; `None` if luck plays no part.
pub fn part(minutes: &[Alike], held: impl Fn(usize) -> f64) -> Option<Parted> {
    let mut parted = Parted { common: Vec::new(), episodes: Vec::new() };
    let mut numbers: Vec<(u32, Vec<Alike>)> = Vec::new();
    for alike in minutes {
        match alike.split {
            None => parted.common.push(*alike),
            Some(split) => match numbers.iter_mut().rev().find(|(episode, _)| *episode == split.episode) {
                Some((_, mine)) => mine.push(*alike),
                None => numbers.push((split.episode, vec![*alike])),
            },
        }
    }
    for (_, mine) in &numbers {
        let held = |alike: &Alike| held(usize::from(alike.level));
        let levels = lucks(mine.iter().filter_map(|alike| Some(alike.split?.struck_of(held(alike)))));
        let minutes_of = |luck: (f64, f64)| {
            let resolved = |alike: &Alike| Alike { share: alike.share_of(luck, held(alike)), split: None, ..*alike };
            mine.iter().map(resolved).collect()
        };
        parted.episodes.push(levels.into_iter().map(|luck| (luck.0, minutes_of(luck))).collect());
    }
    (!parted.episodes.is_empty()).then_some(parted)
}

/// What customers of one luck have of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// Share of customers.
    pub weight: f64,
    /// Bad minutes that they expect.
    pub minutes: f64,
    /// The same as a sum of chances.
    pub chances: Sum,
    /// Mean and variance of what the window is judged by, if that is another sum.
    pub sum: (f64, f64),
}

impl Case {
    /// Returns what a share of customers has.
    pub fn new(weight: f64, chances: Sum, sum: (f64, f64)) -> Case {
        Case { weight, minutes: chances.sure + chances.mean, chances, sum }
    }
}

/// All lucks of a window, in order of their bad minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cases(pub Vec<Case>);

impl Cases {
    /// Returns the cases of a window that all customers have alike.
    pub fn one(chances: Sum, sum: (f64, f64)) -> Cases {
        Cases(vec![Case::new(1.0, chances, sum)])
    }

    /// Adds an episode: what customers of each luck have of it.
    pub fn add(&mut self, episode: &[Case]) {
        let both = |one: &Case, other: &Case| Case {
            weight: one.weight * other.weight,
            minutes: one.minutes + other.minutes,
            chances: one.chances.and(other.chances),
            sum: (one.sum.0 + other.sum.0, one.sum.1 + other.sum.1),
        };
        let pairs = self.0.iter().flat_map(|one| episode.iter().map(move |other| both(one, other)));
        let mut all: Vec<Case> = pairs.filter(|case| case.weight > 0.0).collect();
        all.sort_by(|one, other| one.minutes.total_cmp(&other.minutes));
        let most = all.last().map_or(0.0, |case| case.minutes);
        self.0 = folded(&all, |first, case| case.minutes - first.minutes <= SAME * most);
        if self.0.len() > CASES {
            let (least, width) = (self.0[0].minutes, (most - self.0[0].minutes) / CASES as f64);
            let place = |case: &Case| ((case.minutes - least) / width) as usize;
            self.0 = folded(&self.0, |first, case| place(first) == place(case));
        }
    }

    /// Returns the bad minutes that customers expect, over all lucks.
    pub fn mean(&self) -> f64 {
        self.0.iter().map(|case| case.weight * case.minutes).sum()
    }

    /// Returns the law of a customer's bad minutes: (minutes, probability).
    pub fn law(&self) -> Vec<(f64, f64)> {
        let of_case = |case: &Case| -> Vec<(f64, f64)> {
            // Many lucks are a law by themselves.
            let law = if self.0.len() > LUCKS { vec![(case.minutes, 1.0)] } else { case.chances.law() };
            law.into_iter().map(|(minutes, odds)| (minutes, odds * case.weight)).collect()
        };
        let mut law: Vec<(f64, f64)> = self.0.iter().flat_map(of_case).collect();
        if self.0.len() > 1 {
            law.sort_by(|one, other| one.0.total_cmp(&other.0));
            law.dedup_by(|more, one| {
                let is_same = more.0 == one.0;
                one.1 += if is_same { more.1 } else { 0.0 };
                is_same
            });
        }
        law
    }

    /// Returns whether customers of one luck may come to different numbers.
    pub fn is_drawn(&self) -> bool {
        self.0.iter().any(|case| !case.chances.is_certain())
    }

    /// Returns the most bad minutes that at least this share of customers comes to.
    pub fn most(&self, share: f64) -> f64 {
        let mut above = 0.0;
        let found = self.0.iter().rev().find(|case| {
            above += case.weight;
            above >= share
        });
        found.or(self.0.first()).map_or(0.0, |case| case.minutes)
    }
}

/// Takes neighbours together that belong to the first of them; a case has then the mean of all in it.
fn folded(cases: &[Case], together: impl Fn(&Case, &Case) -> bool) -> Vec<Case> {
    let mut folded = Vec::with_capacity(cases.len());
    let mut rest = cases;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|case| together(first, case)).count().max(1);
        let (mine, others) = rest.split_at(length);
        rest = others;
        let weight: f64 = mine.iter().map(|case| case.weight).sum();
        let mean = |of: fn(&Case) -> f64| match mine {
            [one] => of(one),
            all => all.iter().map(|case| case.weight * of(case)).sum::<f64>() / weight,
        };
        let sum = (mean(|case| case.sum.0), mean(|case| case.sum.1));
        let chances = Sum {
            sure: mean(|case| case.chances.sure),
            mean: mean(|case| case.chances.mean),
            variance: mean(|case| case.chances.variance),
            is_count: first.chances.is_count,
        };
        folded.push(Case { weight, minutes: mean(|case| case.minutes), chances, sum });
    }
    folded
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::account::Split;
    use super::*;

    fn alike(share: f64, split: Option<(f64, u32)>) -> Alike {
        let split = split.map(|(struck, episode)| Split { struck, gone: None, share: 1.0, episode });
        Alike { share, minutes: 1, covered: 1.0, split, level: 0 }
    }

    fn certain(minutes: f64) -> Sum {
        Sum { sure: minutes, is_count: true, ..Sum::default() }
    }

    #[test]
    fn an_episode_has_one_luck() {
        assert_eq!(part(&[alike(0.5, None)], |_| 1.0), None);
        let found =
            part(&[alike(0.0, Some((0.25, 1))), alike(0.5, None), alike(0.1, Some((0.25, 1)))], |_| 1.0).unwrap();
        assert_eq!(found.common, [alike(0.5, None)]);
        let shares = |luck: usize| found.episodes[0][luck].1.iter().map(|alike| alike.share).collect::<Vec<_>>();
        assert_eq!((found.episodes.len(), found.episodes[0].len()), (1, 2));
        assert_eq!((found.episodes[0][0].0, shares(0)), (0.75, vec![0.0, 0.1]));
        assert_eq!((found.episodes[0][1].0, shares(1)), (0.25, vec![1.0, 1.0]));
    }

    #[test]
    fn a_part_that_strikes_more_strikes_those_of_the_other_part_too() {
        let found = part(&[alike(0.0, Some((0.3, 1))), alike(0.0, Some((0.44, 1)))], |_| 1.0).unwrap();
        let by_luck: Vec<(f64, f64)> = found.episodes[0]
            .iter()
            .map(|(share, minutes)| (*share, minutes.iter().map(|alike| alike.share).sum()))
            .collect();
        let expected = [(0.56, 0.0), (0.14, 1.0), (0.3, 2.0)];
        for (found, expected) in by_luck.iter().zip(expected) {
            assert!((found.0 - expected.0).abs() < 1e-12 && found.1 == expected.1, "{by_luck:?}");
        }
        // As many minutes as there are.
        let mean: f64 = by_luck.iter().map(|(share, minutes)| share * minutes).sum();
        assert!((mean - 0.74).abs() < 1e-12);
    }

    #[test]
    fn episodes_are_independent() {
        let episode = |minutes: f64| {
            [(0.9, 0.0), (0.1, minutes)].map(|(weight, minutes)| Case::new(weight, certain(minutes), (minutes, 0.0)))
        };
        // Alike: as many cases as a binomial law has values.
        let mut alike = Cases::one(certain(1.0), (1.0, 0.0));
        (0..8).for_each(|_| alike.add(&episode(5.0)));
        assert_eq!(alike.0.len(), 9);
        assert!((alike.0[8].weight - 1e-8).abs() < 1e-20 && (alike.mean() - 5.0).abs() < 1e-12);
        for (share, most) in [(0.5, 6.0), (1e-9, 41.0), (1e-7, 36.0)] {
            assert!((alike.most(share) - most).abs() < 1e-9, "{share}: {}", alike.most(share));
        }
        // All different: few cases, the same mean and nearly the same variance.
        let mut unlike = Cases::one(certain(0.0), (0.0, 0.0));
        let lengths = (0..40).map(|at| 1.0 + libm::sqrt(f64::from(at)));
        lengths.clone().for_each(|minutes| unlike.add(&episode(minutes)));
        let weight: f64 = unlike.0.iter().map(|case| case.weight).sum();
        let second: f64 = unlike.0.iter().map(|case| case.weight * case.minutes * case.minutes).sum();
        let mean: f64 = lengths.clone().map(|minutes| 0.1 * minutes).sum();
        let variance: f64 = lengths.map(|minutes| 0.09 * minutes * minutes).sum();
        assert!(unlike.0.len() <= CASES + 1 && (weight - 1.0).abs() < 1e-9);
        assert!((unlike.mean() - mean).abs() < 1e-9, "{} {mean}", unlike.mean());
        assert!(((second - mean * mean) / variance - 1.0).abs() < 1e-3);
    }
}
