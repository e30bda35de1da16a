//! Classes of equal exposure, into which all that a fault can strike is divided.

use super::reach::Reach;
use crate::engine::stats::anchored::{Sample, Stratum};

/// Sizes within this factor are equal.
const EQUAL: f64 = 1.1;

/// Classes of equal exposure that a fault is divided into at most.
const CLASSES: usize = 8;

/// How large a target is.
pub(crate) type Size<'a> = &'a dyn Fn(&Reach) -> f64;

/// Names a class by its smallest and its largest size.
pub(crate) type Label<'a> = &'a dyn Fn(f64, f64) -> String;

/// Divides the targets that matter into classes of equal exposure: those that are as large as the largest never with smaller ones.
pub(crate) fn classes(
    targets: &[Reach],
    matters: &dyn Fn(&Reach) -> bool,
    size: Size<'_>,
    label: Label<'_>,
) -> (Vec<Stratum>, Vec<Option<usize>>) {
    let mut sizes: Vec<(f64, usize)> =
        targets.iter().enumerate().filter(|(_, reach)| matters(reach)).map(|(at, reach)| (size(reach), at)).collect();
    let all = sizes.len() as f64;
    sizes.retain(|one| one.0 > 0.0);
    sizes.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let largest = sizes.last().map_or(0.0, |one| one.0);
    let top = sizes.partition_point(|one| one.0 * EQUAL < largest);
    let mut factor = EQUAL;
    let groups = loop {
        let mut groups: Vec<&[(f64, usize)]> = Vec::new();
        let mut rest = &sizes[..top];
        while let Some(first) = rest.first() {
            let (group, more) = rest.split_at(rest.partition_point(|one| one.0 <= factor * first.0));
            groups.push(group);
            rest = more;
        }
        if groups.len() < CLASSES {
            groups.push(&sizes[top..]);
            break groups;
        }
        factor *= EQUAL;
    };
    let mut class_of = vec![None; targets.len()];
    let mut strata = Vec::new();
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        for &(_, target) in group {
            class_of[target] = Some(strata.len());
        }
        strata.push(Stratum {
            label: label(group[0].0, group[group.len() - 1].0),
            weight: group.len() as f64 / all,
            mean_exposure: group.iter().map(|one| one.0).sum::<f64>() / group.len() as f64,
            sample: Sample::default(),
        });
    }
    (strata, class_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_few_and_the_largest_stands_alone() {
        let reach =
            |n: f64| Reach { customers: vec![n], subscriptions: vec![n], within_reach: vec![n], requests: Vec::new() };
        let targets: Vec<Reach> =
            (0..100).map(|i| reach(f64::from(1 + i * i))).chain([reach(0.0), reach(50_000.0)]).collect();
        let (strata, class_of) =
            classes(&targets, &|_| true, &|reach| reach.customers[0], &|low, high| format!("{low} to {high}"));
        assert!(strata.len() <= CLASSES);
        let last = &strata[strata.len() - 1];
        assert_eq!((last.label.as_str(), last.mean_exposure), ("50000 to 50000", 50_000.0));
        assert!((last.weight - 1.0 / 102.0).abs() < 1e-12);
        assert_eq!((class_of[100], class_of[101]), (None, Some(strata.len() - 1)));
        let mean: f64 = strata.iter().map(|one| one.weight * one.mean_exposure).sum();
        let exact = targets.iter().map(|one| one.customers[0]).sum::<f64>() / 102.0;
        assert!((mean / exact - 1.0).abs() < 1e-12);
    }
}
