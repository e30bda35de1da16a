//! Joins: several attempts of which a client, or a step, waits for whichever answers first.
//!
//! Today these are the copies of one attempt, sent because the ones before take long; the first answer counts. A join is there while
//! at least two of them are under way: an attempt that is alone needs none.

use std::collections::BTreeMap;

use crate::world::requests::attempt::AttemptId;

/// All joins: attempts that are waited for together, in the order in which they were sent.
#[derive(Debug, Clone, Default)]
pub struct Joins {
    join_of: BTreeMap<AttemptId, u64>,
    members: BTreeMap<u64, Vec<AttemptId>>,
    founded: u64,
}

impl Joins {
    /// A new attempt is waited for together with an earlier one.
    pub fn add(&mut self, earlier: AttemptId, new: AttemptId) {
        let join = *self.join_of.entry(earlier).or_insert_with(|| {
            self.founded += 1;
            self.members.insert(self.founded, vec![earlier]);
            self.founded
        });
        self.join_of.insert(new, join);
        self.members.entry(join).or_default().push(new);
    }

    /// Returns all that are waited for together with an attempt, itself included; none if it is alone.
    pub fn of(&self, id: AttemptId) -> &[AttemptId] {
        self.join_of.get(&id).and_then(|join| self.members.get(join)).map_or(&[], Vec::as_slice)
    }

    /// Takes an attempt out that has failed; returns the one that is alone now, if only one is left.
    pub fn leave(&mut self, id: AttemptId) -> Option<AttemptId> {
        let join = self.join_of.remove(&id)?;
        let left = self.members.get_mut(&join)?;
        left.retain(|&other| other != id);
        let &[alone] = left.as_slice() else { return None };
        self.members.remove(&join);
        self.join_of.remove(&alone);
        Some(alone)
    }

    /// Nobody waits any more: returns the others.
    pub fn dissolve(&mut self, id: AttemptId) -> Vec<AttemptId> {
        let members = self.join_of.get(&id).and_then(|join| self.members.remove(join)).unwrap_or_default();
        for member in &members {
            self.join_of.remove(member);
        }
        members.into_iter().filter(|&other| other != id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [AttemptId; 3] = [AttemptId(4), AttemptId(9), AttemptId(2)];

    fn three() -> Joins {
        let mut joins = Joins::default();
        joins.add(IDS[0], IDS[1]);
        joins.add(IDS[1], IDS[2]);
        joins
    }

    #[test]
    fn they_are_told_in_the_order_in_which_they_were_sent() {
        let joins = three();
        assert_eq!((joins.of(IDS[1]), joins.of(AttemptId(7))), (&IDS[..], &[][..]));
    }

    #[test]
    fn who_is_alone_is_in_no_join() {
        let mut joins = three();
        assert_eq!(joins.leave(IDS[0]), None);
        assert_eq!(joins.leave(IDS[2]), Some(IDS[1]));
        assert!(joins.of(IDS[1]).is_empty() && joins.leave(IDS[1]).is_none());
    }

    #[test]
    fn an_answer_releases_all_others() {
        let mut joins = three();
        assert_eq!(joins.dissolve(IDS[1]), [IDS[0], IDS[2]]);
        assert!(IDS.iter().all(|&id| joins.of(id).is_empty()) && joins.dissolve(IDS[1]).is_empty());
    }
}
