use cellsim::engine::law::Law;
use cellsim::experiment::replication;
use cellsim::scenario::*;
use cellsim::units::*;
use cellsim::world::platform::Platform;
use std::sync::Arc;
fn main() {
    let horizon: u64 = std::env::args().nth(1).map_or(60, |a| a.parse().unwrap());
    let contract = contract::Contract {
        sla: 0.999,
        measure: contract::Measure::BadMinutes,
        counts: contract::Counts::PerWorkflow,
        unit: contract::CountedUnit::Requests,
        bad_from: 0.05,
        min_requests: 1,
        judged_on: contract::JudgedOn::OwnRequests,
        credits: vec![],
        claimed: 1.0,
    };
    let s = Scenario {
        name: "x".into(),
        title: "x".into(),
        path: "x".into(),
        zones: vec!["a".into()],
        tiers: vec![tier::Tier {
            name: "t".into(),
            customers: 1000,
            cells: vec![cells::CellRule::Count(10)],
            contract,
            new_customers: 0.0,
        }],
        cohorts: vec![],
        layout: cells::Layout::PerTier,
        workflows: vec![workflow::Workflow {
            name: "w".into(),
            serves: vec![],
            classes: vec![Some(workflow::Class {
                adoption: 1.0,
                demand: demand::Demand::Rate(9.0),
                skew: demand::Skew::Equal,
                profile: demand::Profile::constant(),
                client: client::Client {
                    timeout: SECOND,
                    deadline: SECOND,
                    attempts: 1,
                    backoff: client::Backoff {
                        growth: client::Growth::Constant,
                        first: 0,
                        max: 0,
                        jitter: client::Jitter::None,
                    },
                    retry_budget: None,
                    remembers_cell: false,
                },
                path: vec![stage::Stage {
                    name: "s".into(),
                    service_time: Law::Exponential { mean: 1e7 },
                    luck_of_request: 0.0,
                    kind: stage::StageKind::Pool(stage::Pool {
                        size: stage::Size::Concurrency(10),
                        queue: None,
                        discipline: stage::Discipline::Fifo,
                        expired: stage::Expired::Serve,
                        instance_concurrency: 10,
                        min_per_zone: 1,
                    }),
                }],
                price: 0.0,
            })],
        }],
        router: Some(router::Router {
            latencies: router::Latencies::PerStep,
            cache: router::Cache {
                hits: router::Hits::Ratio(0.95),
                latency: Law::Constant(5e6),
                coalesce: false,
                fill_after_timeout: true,
            },
            store: router::Store { latency: Law::Constant(15e6), capacity: None, queue: None, replication_lag: 0 },
            placement: router::Placement {
                policy: router::PlacementPolicy::LeastLoaded,
                by: router::PlacementBy::Customers,
                latency: Law::Constant(0.0),
            },
            network: Law::Constant(0.0),
            when_down: router::WhenDown { cache_asks_store: true, store_last_known: false },
            local_copy: None,
        }),
        cost: None,
        faults: vec![],
        trace: vec![],
        run: run::Run {
            faults: run::FaultChoice::Scripted,
            warmup: SECOND,
            horizon: horizon * SECOND,
            replications: 1,
            seed: 1,
            confidence: 0.95,
            harm_share: 0.05,
        },
        expectations: vec![],
        digests: vec![],
    };
    let p = Arc::new(Platform::new(&s).unwrap());
    for r in 0..3 {
        let t = std::time::Instant::now();
        let out = replication::run(&s, &p, r);
        let n = out.with_faults.tallies[0].requests;
        let h = &out.with_faults.tallies[0].latency;
        println!(
            "{n} requests ok {} {:.1} ns/request p50 {:?} p99 {:?} budget {:?}",
            out.with_faults.tallies[0].ok,
            t.elapsed().as_nanos() as f64 / n as f64,
            h.at_rank(n / 2).unwrap().0 / 1e6,
            h.at_rank(n * 99 / 100).unwrap().0 / 1e6,
            out.budgets[0]
        );
    }
}
