//! Customers by all their rate classes: needed where an incident reaches several workflows, so that a customer is counted once.

use std::ops::Range;

use crate::world::flow::model::Model;
use crate::world::platform::population::NONE;

/// Customers of one tier with the same rate classes.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Tier index.
    pub tier: usize,
    /// How many.
    pub customers: f64,
    /// Their rate classes, one for each workflow that they use.
    pub classes: &'a [u32],
}

/// All groups of customers, in the order of tiers and of classes. Of ten million customers nearly each is a group of its own:
/// hence flat.
#[derive(Debug, Clone, Default)]
pub struct Joint {
    /// Tier and number of customers of each group.
    groups: Vec<(u32, u32)>,
    /// Where the classes of each group begin, and the end of the last.
    first: Vec<u32>,
    classes: Vec<u32>,
    /// Where the groups of each class begin, and the end of the last.
    first_of_class: Vec<u32>,
    of_class: Vec<u32>,
}

impl Joint {
    /// Groups the customers of a platform, given the rate class of each subscription, of so many classes.
    pub fn new(model: &Model, class_of: &[u32], rate_classes: usize) -> Joint {
        let population = &model.platform.population;
        // The classes of each customer, one after the other.
        let customers = population.customers() as usize;
        let known = || population.customer.iter().zip(class_of).filter(|(_, class)| **class != NONE);
        let (ends, of_customer) = sorted(customers, known());
        let classes = |customer: u32| &of_customer[span(&ends, customer as usize)];
        let mut joint = Joint { first: vec![0], ..Joint::default() };
        for (tier, bounds) in population.tier_start.windows(2).enumerate() {
            // By their first class, then by all of them.
            let all = (bounds[0]..bounds[1]).filter(|&customer| !classes(customer).is_empty());
            let all: Vec<u32> = all.collect();
            let firsts: Vec<u32> = all.iter().map(|&customer| classes(customer)[0]).collect();
            let (ends, all) = sorted(rate_classes, firsts.iter().zip(&all));
            for class in 0..rate_classes {
                // The next two classes beside each customer: one look at what is far apart in memory.
                let next = |customer: u32, at| classes(customer).get(at).map_or(0, |class| u64::from(*class) + 1);
                let beside = |&customer: &u32| (next(customer, 1) << 32 | next(customer, 2), customer);
                let mut alike: Vec<(u64, u32)> = all[span(&ends, class)].iter().map(beside).collect();
                alike.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| classes(a.1).cmp(classes(b.1))));
                for same in alike.chunk_by(|a, b| a.0 == b.0 && classes(a.1) == classes(b.1)) {
                    joint.groups.push((tier as u32, same.len() as u32));
                    joint.classes.extend(classes(same[0].1));
                    joint.first.push(joint.classes.len() as u32);
                }
            }
        }
        let members =
            joint.first.windows(2).zip(0_u32..).flat_map(|(bounds, group)| (bounds[0]..bounds[1]).map(move |_| group));
        let members: Vec<u32> = members.collect();
        (joint.first_of_class, joint.of_class) = sorted(rate_classes, joint.classes.iter().zip(&members));
        joint
    }

    /// Returns the groups with any of these classes, in order.
    pub fn met(&self, classes: impl Iterator<Item = usize>) -> impl Iterator<Item = Group<'_>> {
        let mut met = vec![0_u64; self.groups.len().div_ceil(64)];
        for group in classes.flat_map(|class| &self.of_class[span(&self.first_of_class, class)]) {
            met[*group as usize / 64] |= 1 << (group % 64);
        }
        met.into_iter().enumerate().flat_map(move |(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| self.group(64 * word + bit))
        })
    }

    fn group(&self, index: usize) -> Group<'_> {
        let (tier, customers) = self.groups[index];
        let classes = &self.classes[self.first[index] as usize..self.first[index + 1] as usize];
        Group { tier: tier as usize, customers: f64::from(customers), classes }
    }
}

/// Sorts values by keys below `keys`, and otherwise as they come; returns where the values of each key begin, and all values.
fn sorted<'a>(keys: usize, pairs: impl Iterator<Item = (&'a u32, &'a u32)> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; keys + 2];
    pairs.clone().for_each(|(key, _)| first[*key as usize + 2] += 1);
    (1..first.len()).for_each(|key| first[key] += first[key - 1]);
    let mut values = vec![0; first[keys + 1] as usize];
    for (key, value) in pairs {
        let place = &mut first[*key as usize + 1];
        values[*place as usize] = *value;
        *place += 1;
    }
    first.pop();
    (first, values)
}

fn span(first: &[u32], key: usize) -> Range<usize> {
    first[key] as usize..first[key + 1] as usize
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::rate_class::RateClasses;
    use super::*;
    use crate::scenario::Scenario;
    use crate::world::platform::Platform;

    #[test]
    fn each_customer_is_in_one_group_with_all_its_classes() {
        let text = "zones = 1\n[tier.a]\ncustomers = 300\ncells = 3\nsla = \"99%\"\n[tier.b]\ncustomers = 50\ncells = 2\nsla = \"99%\"\n\
            [client]\ndeadline = \"1s\"\n[workflow.v]\nadoption = \"60%\"\ndemand = \"2/min\"\nskew = { zipf = 0.7 }\nstage.s = { service_time = \"1ms\", size = { concurrency = 4 } }\n\
            [workflow.w]\nadoption = \"50%\"\ndemand = \"1/min\"\nstage.s = { service_time = \"1ms\", size = { concurrency = 4 } }\n\
            [run]\nlevel = \"incident\"\nhorizon = \"30d\"\n";
        let scenario = Scenario::from_text("joint", text).unwrap();
        let platform = Arc::new(Platform::new(&scenario).unwrap());
        let model = Model::new(&scenario, &platform);
        let rates = RateClasses::new(&scenario, &model);
        let class_of = rates.of_subs(&model);
        let population = &platform.population;
        let mut plain: BTreeMap<(usize, Vec<u32>), f64> = BTreeMap::new();
        for customer in 0..population.customers() {
            let mine = population.customer.iter().zip(&class_of).filter(|(one, _)| **one == customer);
            let classes: Vec<u32> = mine.map(|(_, class)| *class).collect();
            if !classes.is_empty() {
                *plain.entry((population.tier_of(customer), classes)).or_default() += 1.0;
            }
        }
        let joint = Joint::new(&model, &class_of, rates.classes.len());
        let found: Vec<((usize, Vec<u32>), f64)> = joint
            .met(0..rates.classes.len())
            .map(|group| ((group.tier, group.classes.to_vec()), group.customers))
            .collect();
        assert_eq!(found, plain.clone().into_iter().collect::<Vec<_>>());
        let some = [1_usize, 7];
        let met: f64 = joint.met(some.into_iter()).map(|group| group.customers).sum();
        let with =
            plain.iter().filter(|((_, classes), _)| classes.iter().any(|&class| some.contains(&(class as usize))));
        assert_eq!(met, with.map(|(_, customers)| customers).sum::<f64>());
    }
}
