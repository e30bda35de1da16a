//! What a request costs: the cell model and twilio.toml through the public API, beside the cell model as a plain loop over
//! `std::collections::BinaryHeap` of structs.
//!
//! `cargo bench --bench request_path` prints criterion's timings and then, from interleaved runs, the ratios that count: absolute
//! times move with the machine, ratios of one run much less.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cellsim::engine::histogram::Histogram;
use cellsim::engine::rng::Key;
use cellsim::experiment::replication;
use cellsim::scenario::Scenario;
use cellsim::units::{MILLISECOND, Nanos, SECOND, nanos};
use cellsim::world::platform::Platform;
use criterion::{Criterion, Throughput, criterion_group};
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

/// An event of the plain loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Event {
    at: Nanos,
    sequence: u64,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Arrival,
    Routed { cell: u32, arrived: Nanos },
    Served { cell: u32, arrived: Nanos },
}

impl Ord for Event {
    fn cmp(&self, other: &Event) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Event) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Plain {
    heap: BinaryHeap<Event>,
    sequence: u64,
    rng: Xoshiro256PlusPlus,
}

impl Plain {
    fn schedule(&mut self, at: Nanos, kind: Kind) {
        self.sequence += 1;
        self.heap.push(Event { at, sequence: self.sequence, kind });
    }

    fn exponential(&mut self, mean: f64) -> Nanos {
        let draw: f64 = Exp1.sample(&mut self.rng);
        nanos(draw * mean)
    }
}

/// The cell model as anybody would write it: returns requests served.
fn plain_loop(horizon: Nanos) -> u64 {
    let mut plain = Plain { heap: BinaryHeap::new(), sequence: 0, rng: Xoshiro256PlusPlus::seed_from_u64(1) };
    let mut busy = [0_u32; 10];
    let mut queues: Vec<VecDeque<Nanos>> = vec![VecDeque::new(); 10];
    let mut histogram = Histogram::new();
    plain.schedule(0, Kind::Arrival);
    while let Some(event) = plain.heap.pop() {
        let now = event.at;
        match event.kind {
            Kind::Arrival => {
                if now < horizon {
                    let gap = plain.exponential(1.0 / 9000.0);
                    plain.schedule(now + gap, Kind::Arrival);
                }
                let customer = (plain.rng.next_u64() % 1000) as u32;
                let hit = plain.rng.next_u64() % 100 < 95;
                let latency = if hit { 5 * MILLISECOND } else { 20 * MILLISECOND };
                plain.schedule(now + latency, Kind::Routed { cell: customer % 10, arrived: now });
            }
            Kind::Routed { cell, arrived } => {
                if busy[cell as usize] < 10 {
                    busy[cell as usize] += 1;
                    let service = plain.exponential(0.010);
                    plain.schedule(now + service, Kind::Served { cell, arrived });
                } else {
                    queues[cell as usize].push_back(arrived);
                }
            }
            Kind::Served { cell, arrived } => {
                histogram.record(now - arrived);
                if let Some(arrived) = queues[cell as usize].pop_front() {
                    let service = plain.exponential(0.010);
                    plain.schedule(now + service, Kind::Served { cell, arrived });
                } else {
                    busy[cell as usize] -= 1;
                }
            }
        }
    }
    black_box(&histogram).total()
}

/// A scenario ready to run, fault-free.
struct Model {
    name: &'static str,
    scenario: Scenario,
    platform: Arc<Platform>,
}

impl Model {
    fn new(name: &'static str, file: &str, one_stage: bool) -> Model {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut scenario =
            Scenario::read(&path, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
        scenario.faults.clear();
        (scenario.run.warmup, scenario.run.horizon) = (10 * SECOND, 190 * SECOND);
        if one_stage {
            let classes = scenario.workflows.iter_mut().flat_map(|workflow| &mut workflow.classes);
            classes.flatten().for_each(|class| drop(class.path.drain(..class.path.len() - 1)));
        }
        let platform = Arc::new(Platform::new(&scenario).expect("the models are feasible"));
        Model { name, scenario, platform }
    }

    /// Runs one replication: requests served.
    fn run(&self) -> u64 {
        let run = replication::run(&self.scenario, &self.platform, 0);
        let counted: u64 = run.with_faults.tallies.iter().map(|tally| tally.requests).sum();
        // The warm-up's requests are simulated too.
        let all = (self.scenario.run.horizon + self.scenario.run.warmup) as f64 / self.scenario.run.horizon as f64;
        (counted as f64 * all) as u64
    }
}

fn models() -> Vec<Model> {
    vec![
        Model::new("cell model", "benches/models/cell-model.toml", false),
        Model::new("twilio.toml, one stage", "scenarios/twilio.toml", true),
        Model::new("twilio.toml, two stages", "scenarios/twilio.toml", false),
    ]
}

fn request_path(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(4));
    group.throughput(Throughput::Elements(1));
    let per_request = |run: &dyn Fn() -> u64, times: u64| {
        let mut total = Duration::ZERO;
        for _ in 0..times.div_ceil(1 << 20) {
            let start = Instant::now();
            let requests = run();
            total += start.elapsed().div_f64(requests as f64);
        }
        total.mul_f64(times as f64 / times.div_ceil(1 << 20) as f64)
    };
    group.bench_function("plain loop", |bencher| {
        bencher.iter_custom(|times| per_request(&|| plain_loop(100 * SECOND), times));
    });
    for model in models() {
        group.bench_function(model.name, |bencher| {
            bencher.iter_custom(|times| per_request(&|| model.run(), times));
        });
    }
    group.finish();
}

/// Interleaved runs: the ratio to the plain loop, round by round, then its median.
#[expect(clippy::print_stdout, reason = "a benchmark prints its result")]
fn ratios() {
    let models = models();
    let rounds = 7;
    let time = |run: &dyn Fn() -> u64| {
        let start = Instant::now();
        let requests = run();
        start.elapsed().as_secs_f64() * 1e9 / requests as f64
    };
    let mut plain = Vec::new();
    let mut others: Vec<Vec<(f64, f64)>> = vec![Vec::new(); models.len()];
    for _ in 0..rounds {
        let base = time(&|| plain_loop(200 * SECOND));
        plain.push(base);
        for (model, times) in models.iter().zip(&mut others) {
            let nanos = time(&|| model.run());
            times.push((nanos, nanos / base));
        }
    }
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!("\n{rounds} interleaved rounds, medians      ns per request   times the plain loop");
    println!("{:34} {:16.1} {:22.2}", "plain loop over BinaryHeap", median(&mut plain), 1.0);
    for (model, times) in models.iter().zip(&others) {
        let (mut nanos, mut ratios): (Vec<f64>, Vec<f64>) = times.iter().copied().unzip();
        println!("{:34} {:16.1} {:22.2}", model.name, median(&mut nanos), median(&mut ratios));
    }
}

/// The hold model: pop the next event, push one an exponential time later; the smaller half of the cost of every model above.
fn hold(criterion: &mut Criterion) {
    use cellsim::engine::event_list::{EventList, LATEST};
    let mut group = criterion.benchmark_group("event list, hold");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for size in [10_u64, 1_000, 100_000] {
        let mut list = EventList::new();
        for event in 0..size {
            list.schedule(Key(1).nth(event).0 >> 30, 0);
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        group.bench_function(format!("heap of {size}"), |bencher| {
            bencher.iter(|| {
                let (at, payload) = list.pop_before(LATEST).expect("the list never runs dry");
                let gap: f64 = Exp1.sample(&mut rng);
                list.schedule(at + (gap * 1e6) as Nanos, payload);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, hold, request_path);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    if std::env::args().any(|argument| argument == "--bench") {
        ratios();
    }
}
