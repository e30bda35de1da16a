//! A world begins: everything that is scheduled beforehand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::arrivals::{Arrival, NEVER};
use super::cell_state::CellState;
use super::clients;
use super::ignored::Ignored;
use super::partners::Partners;
use super::request::Records;
use super::router::Router;
use super::setting::Setting;
use super::station::StationState;
use super::world::World;
use crate::engine::alias::Alias;
use crate::engine::event_list::EventList;
use crate::world::platform::population::{NONE, SubId};

impl World {
    /// Starts a replication's world at the beginning of the warm-up.
    pub fn new(setting: Arc<Setting>, trace: &Arc<Vec<Arrival>>) -> World {
        let platform = &setting.platform;
        let mut events = EventList::new();
        let mut arrivals = super::arrivals::base(platform, setting.key);
        if !trace.is_empty() {
            arrivals.add_trace(Arc::clone(trace));
        }
        for &(class, first, count) in &setting.newcomers.groups {
            let spec = &platform.classes[class as usize];
            arrivals.add_process(
                super::seldom::newcomers_key(setting.key, spec),
                class,
                &spec.profile,
                platform.warmup,
                Arc::new(Alias::Equal(count)),
                first,
                (spec.mean_rate * f64::from(count), spec.batch),
                (0, NEVER),
                false,
            );
        }
        let stations =
            platform.stations.iter().map(|station| StationState::new(station.size.slots, &station.pool)).collect();
        let timeouts = platform.classes.iter().map(|class| events.lane(class.client.timeout)).collect();
        let tokens = clients::first_tokens(&setting);
        let router = platform.router.as_ref().map(|spec| {
            let mut router = Router::new(spec, setting.subscriptions(), &mut events);
            router.keep_pace(&setting.activations, &setting.effects);
            router
        });
        let after_hit = router.as_ref().and_then(Router::hit_latency);
        let timeouts_after_hit = platform
            .classes
            .iter()
            .map(|class| after_hit.and_then(|hit| class.client.timeout.checked_sub(hit)).map(|rest| events.lane(rest)))
            .collect();
        let mut world = World {
            now: 0,
            events,
            arrivals,
            records: Records::default(),
            in_transit: VecDeque::new(),
            partners: Partners::default(),
            boards: BTreeMap::new(),
            sharing: BTreeMap::new(),
            may_travel: super::transit::may_travel(platform, router.as_ref()),
            stations,
            cells: vec![CellState::default(); platform.cells.len()],
            router,
            end: 0,
            limit: 0,
            crossed: Vec::new(),
            settles_ahead: true,
            timeouts,
            timeouts_after_hit,
            tokens,
            newcomer_homes: vec![(NONE, NEVER); setting.newcomers.subs.len()],
            placers: if setting.newcomers.subs.is_empty() { Vec::new() } else { platform.placers.clone() },
            active: Vec::new(),
            onsets_past: 0,
            operations_past: 0,
            ignored: Ignored::default(),
            customer_strikes: Vec::new(),
            platform: Arc::clone(platform),
            setting: Arc::clone(&setting),
        };
        for newcomer in 0..setting.newcomers.subs.len() {
            if let Some(router) = &mut world.router {
                router.content.forget((platform.home.len() + newcomer) as SubId);
            }
        }
        world.schedule_operation();
        world.start_cache();
        world
    }
}
