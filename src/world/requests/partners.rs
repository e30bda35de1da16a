//! Partners: the copies of one attempt that are under way.

use std::collections::BTreeMap;

use super::event::Rid;

/// Who are partners: copies of one attempt, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Partners {
    team_of: BTreeMap<Rid, u64>,
    teams: BTreeMap<u64, Vec<Rid>>,
    founded: u64,
}

impl Partners {
    /// A new copy joins the one that it was made from.
    pub(super) fn join(&mut self, rid: Rid, copy: Rid) {
        let team = *self.team_of.entry(rid).or_insert_with(|| {
            self.founded += 1;
            self.teams.insert(self.founded, vec![rid]);
            self.founded
        });
        self.team_of.insert(copy, team);
        self.teams.entry(team).or_default().push(copy);
    }

    /// Returns all copies of the attempt that are under way; none if it is alone.
    pub(super) fn of(&self, rid: Rid) -> &[Rid] {
        self.team_of.get(&rid).and_then(|team| self.teams.get(team)).map_or(&[], Vec::as_slice)
    }

    /// Takes a copy out; returns the one that is alone now, if only one is left.
    pub(super) fn leave(&mut self, rid: Rid) -> Option<Rid> {
        let team = self.team_of.remove(&rid)?;
        let left = self.teams.get_mut(&team)?;
        left.retain(|&other| other != rid);
        let &[alone] = left.as_slice() else { return None };
        self.teams.remove(&team);
        self.team_of.remove(&alone);
        Some(alone)
    }

    /// Dissolves a team; returns the others.
    pub(super) fn dissolve(&mut self, rid: Rid) -> Vec<Rid> {
        let team = self.team_of.get(&rid).and_then(|team| self.teams.remove(team)).unwrap_or_default();
        for member in &team {
            self.team_of.remove(member);
        }
        team.into_iter().filter(|&other| other != rid).collect()
    }
}
