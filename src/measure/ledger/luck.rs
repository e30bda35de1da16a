//! Luck of customers: faults that strike some of them wholly and leave the others alone.
//!
//! # Model
//! Who is struck is drawn once for an episode, each customer with the same probability. A customer's minutes are independent
//! given its luck, so that whatever is asked of them is the mean over its possible lucks. Of more than six episodes in one
//! account the further ones are taken as an even share of failures for everybody.

use super::account::Alike;

/// Episodes of one account whose luck is followed: 64 cases.
const FOLLOWED: usize = 6;

/// Returns the cases of a customer's luck: probability, and the minutes that it then has; `None` if luck plays no part.
pub fn cases(minutes: &[Alike]) -> Option<Vec<(f64, Vec<Alike>)>> {
    let mut episodes: Vec<(u32, f64)> = Vec::new();
    for split in minutes.iter().filter_map(|alike| alike.split) {
        match episodes.iter_mut().find(|(episode, _)| *episode == split.episode) {
            // The part of an episode in which most are struck says how many that are.
            Some((_, struck)) => *struck = struck.max(split.struck),
            None => episodes.push((split.episode, split.struck)),
        }
    }
    if episodes.is_empty() {
        return None;
    }
    let followed = &episodes[..episodes.len().min(FOLLOWED)];
    let case = |lucks: u32| {
        let mut probability = 1.0;
        for (bit, (_, struck)) in followed.iter().enumerate() {
            probability *= if lucks >> bit & 1 == 1 { *struck } else { 1.0 - struck };
        }
        let resolved = minutes.iter().map(|alike| {
            let Some(split) = alike.split else { return *alike };
            let share = match followed.iter().position(|(episode, _)| *episode == split.episode) {
                Some(bit) if lucks >> bit & 1 == 1 => split.share,
                Some(_) => alike.share,
                None => alike.share + split.struck * (split.share - alike.share),
            };
            Alike { share, split: None, ..*alike }
        });
        (probability, resolved.collect())
    };
    Some((0..1 << followed.len()).map(case).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::account::Split;
    use super::*;

    fn alike(share: f64, split: Option<(f64, u32)>) -> Alike {
        let split = split.map(|(struck, episode)| Split { struck, share: 1.0, episode });
        Alike { share, minutes: 1, covered: 1.0, split }
    }

    #[test]
    fn an_episode_has_one_luck() {
        assert_eq!(cases(&[alike(0.5, None)]), None);
        let found = cases(&[alike(0.0, Some((0.25, 1))), alike(0.5, None), alike(0.1, Some((0.25, 1)))]).unwrap();
        let shares = |case: usize| found[case].1.iter().map(|alike| alike.share).collect::<Vec<_>>();
        assert_eq!((found[0].0, shares(0)), (0.75, vec![0.0, 0.5, 0.1]));
        assert_eq!((found[1].0, shares(1)), (0.25, vec![1.0, 0.5, 1.0]));
    }

    #[test]
    fn episodes_are_independent() {
        let minutes: Vec<Alike> = (0..8).map(|episode| alike(0.0, Some((0.1, episode)))).collect();
        let found = cases(&minutes).unwrap();
        assert_eq!(found.len(), 64);
        assert!((found.iter().map(|case| case.0).sum::<f64>() - 1.0).abs() < 1e-12);
        // The mean share is the same, followed or not.
        for at in [0, 7] {
            let mean: f64 = found.iter().map(|(probability, minutes)| probability * minutes[at].share).sum();
            assert!((mean - 0.1).abs() < 1e-12, "{at}");
        }
    }
}
