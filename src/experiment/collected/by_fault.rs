//! Incidents by the fault that began them: looked up, not searched for, since there may be many faults and many incidents.

use super::replications::Collected;
use crate::experiment::replication::incident::Incident;
use crate::scenario::Scenario;

/// Incidents by fault. A compound incident is counted for the fault that began it.
#[derive(Debug)]
pub(crate) struct ByFault<'a> {
    /// By fault, then by replication: those that it began.
    own: Vec<Vec<Vec<&'a Incident>>>,
    /// By fault: those that it only joined, the first one first.
    joined: Vec<Vec<&'a Incident>>,
    /// By replication: all.
    all: Vec<&'a [Incident]>,
}

impl<'a> ByFault<'a> {
    /// Sorts the incidents of all replications.
    pub(crate) fn of(scenario: &Scenario, collected: &'a Collected) -> ByFault<'a> {
        let (faults, runs) = (scenario.faults.len(), collected.runs.len());
        let mut own = vec![vec![Vec::new(); runs]; faults];
        let mut joined = vec![Vec::new(); faults];
        for (run, of_run) in collected.runs.iter().enumerate() {
            for incident in &of_run.incidents {
                let (first, others) = (incident.faults[0], &incident.faults[1..]);
                own[first][run].push(incident);
                for &fault in others {
                    joined[fault].push(incident);
                }
            }
        }
        let all = collected.runs.iter().map(|run| run.incidents.as_slice()).collect();
        ByFault { own, joined, all }
    }

    /// Returns the incidents that a fault began, by replication.
    pub(crate) fn began(&self, fault: usize) -> &[Vec<&'a Incident>] {
        &self.own[fault]
    }

    /// Returns the first incident that a fault only joined.
    pub(crate) fn first_joined(&self, fault: usize) -> Option<&'a Incident> {
        self.joined[fault].first().copied()
    }

    /// Returns why a fault that struck has no incident of its own: other faults' incidents were under way each time.
    pub(crate) fn counted_with(&self, scenario: &Scenario, fault: usize) -> Option<String> {
        if self.joined[fault].is_empty() || !self.own[fault].iter().all(Vec::is_empty) {
            return None;
        }
        let mut with: Vec<usize> = self.joined[fault].iter().map(|one| one.faults[0]).collect();
        with.sort_unstable();
        with.dedup();
        let names: Vec<&str> = with.iter().map(|&fault| scenario.faults[fault].name.as_str()).collect();
        let names = names.join(" and ");
        let help = "ask for that, or run this fault alone, or let it strike later or elsewhere";
        Some(format!("its incidents were counted with {names}, which had not recovered: {help}"))
    }

    /// Sums over each run's incidents; of those that a fault began, if one is given.
    pub(crate) fn sums(&self, fault: Option<usize>, of: fn(&Incident) -> u64) -> Vec<f64> {
        match fault {
            Some(fault) => self.own[fault].iter().map(|run| run.iter().copied().map(of).sum::<u64>() as f64).collect(),
            None => self.all.iter().map(|run| run.iter().map(of).sum::<u64>() as f64).collect(),
        }
    }
}
