//! Random valid scenarios, each drawn from one seed.

use cellsim::engine::rng::{Key, Slot, below};

/// Draws one after another from a seed.
pub(crate) struct Dice {
    key: Key,
    thrown: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice { key: Key(seed).named("dice"), thrown: 0 }
    }

    fn bits(&mut self) -> u64 {
        self.thrown += 1;
        self.key.nth(self.thrown).draw(Slot::named("throw"))
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn from(&mut self, low: u32, high: u32) -> u32 {
        low + below(self.bits(), high - low + 1)
    }

    /// True in so many of a hundred.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.from(1, 100) <= share
    }

    pub(crate) fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.from(0, among.len() as u32 - 1) as usize]
    }

    /// A line in so many of a hundred cases, else nothing.
    fn maybe(&mut self, share: u32, line: String) -> String {
        if self.percent(share) { line + "\n" } else { String::new() }
    }
}

const TIERS: [&str; 3] = ["gold", "silver", "bronze"];
const WORKFLOWS: [&str; 3] = ["call", "mail", "text"];
const LAWS: [&str; 7] = [
    "\"10ms\"",
    "{ exponential = \"15ms\" }",
    "{ p50 = \"8ms\", p99 = \"40ms\" }",
    "{ uniform = { from = \"1ms\", to = \"20ms\" } }",
    "{ pareto = { min = \"4ms\", shape = 1.5 } }",
    "{ hyperexponential = [{ share = \"90%\", mean = \"5ms\" }, { share = \"10%\", mean = \"60ms\" }] }",
    "{ gamma = { mean = \"10ms\", shape = 0.5 } }",
];

/// What a fault may refer to.
struct Names {
    tiers: usize,
    workflows: usize,
    zones: u32,
    shared: bool,
    router: bool,
    whale: bool,
    /// Stages of each workflow, pools only.
    pools: Vec<Vec<String>>,
    /// Parts of stages of each workflow, as a fault may strike them.
    parts: Vec<Vec<String>>,
}

/// A scenario of every kind of part, small enough to run in a moment.
pub(crate) fn scenario(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let mut names = Names {
        tiers: dice.from(1, 3) as usize,
        workflows: dice.from(1, 3) as usize,
        zones: dice.from(1, 4),
        shared: dice.percent(20),
        router: dice.percent(75),
        whale: dice.percent(30),
        pools: Vec::new(),
        parts: Vec::new(),
    };
    let mut text = format!("zones = {}\n", names.zones);
    for tier in &TIERS[..names.tiers] {
        text +=
            &format!("[tier.{tier}]\ncustomers = {}\nsla = \"{}\"\n", dice.from(6, 60), dice.pick(&["99.9%", "99%"]));
        let cut = match dice.from(0, 2) {
            0 => format!("cells = {}\n", dice.from(1, 4)),
            1 => format!("customers_per_cell = {{ target = {} }}\n", dice.from(5, 30)),
            _ => format!("customers_per_cell = {{ target = {}, min = 2, max = 60 }}\n", dice.from(5, 30)),
        };
        // Where tiers share cells it would have no effect.
        if !names.shared {
            text += &cut;
        }
        let rate = dice.from(5, 60);
        text += &dice.maybe(30, format!("new_customers = \"{rate}/min\""));
        text += &contract(dice, tier);
    }
    if names.whale {
        text += &format!("[customer.whale]\ncount = 2\ntier = \"{}\"\ndemand = \"{}/s\"\n", TIERS[0], dice.from(1, 9));
        text += &dice.maybe(50, "cell = \"dedicated\"".to_owned());
    }
    for workflow in 0..names.workflows {
        let (part, pools, parts) = work(dice, workflow);
        text += &part;
        names.pools.push(pools);
        names.parts.push(parts);
    }
    if names.shared {
        text += &format!("[cells]\nshared_by = \"tiers\"\ncount = {}\n", dice.from(1, 3));
    }
    if names.router {
        text += &router(dice);
    }
    for number in 0..dice.from(0, 4) {
        text += &fault(dice, number, &names);
    }
    text += &format!(
        "[run]\nfaults = \"all\"\nwarmup = \"{}s\"\nhorizon = \"{}s\"\nreplications = 2\nseed = {}\n",
        dice.pick(&["0", "5", "20"]),
        dice.pick(&["90", "100", "150"]),
        dice.from(1, 1_000_000)
    );
    text
}

fn contract(dice: &mut Dice, tier: &str) -> String {
    if dice.percent(50) {
        return String::new();
    }
    let measure = dice.pick(&["bad-minutes", "requests", "mean-error-share"]);
    let unit = dice.pick(&["requests", "attempts"]);
    let judged = if dice.percent(30) { "judged_on = \"home-cell\"" } else { "counts = \"per customer\"" };
    let good_under =
        if unit == "requests" { dice.maybe(40, "good_under = \"60ms\"".to_owned()) } else { String::new() };
    format!(
        "[tier.{tier}.contract]\nmeasure = \"{measure}\"\nunit = \"{unit}\"\n{judged}\nbad_from = \"{}%\"\n{good_under}",
        dice.from(1, 20)
    )
}

fn work(dice: &mut Dice, workflow: usize) -> (String, Vec<String>, Vec<String>) {
    let name = WORKFLOWS[workflow];
    let mut text = format!("[workflow.{name}]\ndemand = \"0.{}/s\"\n", dice.from(1, 9));
    text += &dice.maybe(40, "skew = { zipf = 1.0 }".to_owned());
    let adoption = dice.from(30, 100);
    text += &dice.maybe(40, format!("adoption = \"{adoption}%\""));
    let at = dice.from(5, 60);
    text += &dice.maybe(20, format!("profile = {{ surge = {{ factor = 2, at = \"{at}s\", for = \"20s\" }} }}"));
    let batch = dice.from(1, 6);
    text += &dice.maybe(20, format!("arrivals = {{ batch = {batch} }}"));
    let timeout = dice.from(20, 400);
    let backoff = dice.pick(&[
        "\"0ms\"",
        "\"20ms\"",
        "{ first = \"10ms\", growth = \"decorrelated\", max = \"1s\" }",
        "{ first = \"10ms\", jitter = \"equal\" }",
        "{ first = \"50ms\", factor = 3, jitter = \"full\" }",
    ]);
    text += &format!(
        "client = {{ deadline = \"{}ms\", timeout = \"{timeout}ms\", attempts = {}, backoff = {backoff}{}{}{} }}\n",
        timeout + dice.from(0, 3000),
        dice.from(1, 5),
        if dice.percent(40) { ", retry_budget = \"20%\"" } else { "" },
        if dice.percent(30) { ", remembers_cell = true" } else { "" },
        match dice.from(0, 9) {
            0..2 => format!(", hedge = \"{}ms\"", timeout / 2),
            2 => format!(", hedge = {{ after = \"{}ms\", copies = 3 }}", timeout / 4),
            _ => String::new(),
        },
    );
    let stages = dice.from(1, 3);
    let (mut pools, mut parts) = (Vec::new(), Vec::new());
    for stage in 1..=stages {
        let law = dice.pick(&LAWS);
        let luck = dice.pick(&["\"attempt\"", "\"request\"", "\"30%\""]);
        if dice.percent(25) {
            text += &format!("stage.s{stage} = {{ kind = \"delay\", service_time = {law}, luck = {luck} }}\n");
            continue;
        }
        if dice.percent(15) {
            let (to, needs) = (dice.from(2, 8), dice.pick(&["\"all\"", "\"none\"", "1", "2"]));
            let hedge = if dice.percent(50) { ", hedge = \"12ms\"" } else { "" };
            text += &format!(
                "stage.s{stage} = {{ kind = \"fan-out\", service_time = {law}, luck = {luck}, to = {to}, needs = {needs}{hedge} }}\n"
            );
            parts.push(format!("stage = \"s{stage}\", destination = {}", dice.from(1, to)));
            continue;
        }
        pools.push(format!("s{stage}"));
        let slows = dice.percent(30);
        let size = match dice.from(if slows { 3 } else { 0 }, 3) {
            3 => format!("{{ concurrency = 64 }}, slows_by = \"{}%\"", i32::from(slows)),
            0 => "{ concurrency = 64 }".to_owned(),
            1 => format!("{{ utilization = \"{}%\" }}", dice.from(30, 85)),
            _ => "{ utilization = \"70%\", cells = \"own\" }".to_owned(),
        };
        let discipline = dice.pick(&["fifo", "fifo", "lifo", "processor-sharing"]);
        let (count, shard) = (dice.from(2, 4), dice.from(1, 2));
        let workers = match dice.from(0, 11) {
            10 => format!(", workers = {{ count = {count}, pick = {{ least_loaded_of = 2 }} }}"),
            11 => format!(", workers = {{ count = {count}, pick = {{ least_loaded_of = 2, refresh = \"700ms\" }} }}"),
            0 => format!(", workers = {count}"),
            1 => format!(", workers = {{ count = {count}, shard = {shard} }}"),
            2 => format!(", workers = {{ count = {}, shard = {shard}, assign = \"fixed\" }}", 2 * count),
            _ => String::new(),
        };
        if !workers.is_empty() {
            parts.push(format!("stage = \"s{stage}\", worker = {}", dice.from(1, count)));
        }
        let bounded = dice.percent(50) || slows && discipline == "processor-sharing";
        let queue = if bounded { dice.from(0, 30).to_string() } else { "\"unlimited\"".to_owned() };
        text += &format!(
            "stage.s{stage} = {{ service_time = {law}, luck = {luck}, size = {size}, queue = {queue}, discipline = \"{}\", \
             expired = \"{}\", instance = {{ concurrency = {}, min_per_zone = {} }}{workers} }}\n",
            discipline,
            if discipline == "processor-sharing" { "serve" } else { dice.pick(&["serve", "drop"]) },
            dice.from(1, 4),
            dice.from(0, 2),
        );
    }
    (text, pools, parts)
}

fn router(dice: &mut Dice) -> String {
    let hits = dice.pick(&["hit_ratio = \"80%\"", "ttl = \"3s\"", "entries = 20"]);
    let coalesces = dice.percent(40);
    let mut text = format!(
        "[router]\nlatencies = \"{}\"\ncache = {{ {hits}, latency = {}, coalesce = {}, fill_after_timeout = {} }}\n",
        dice.pick(&["per-step", "total"]),
        dice.pick(&["\"5ms\"", "{ exponential = \"3ms\" }"]),
        coalesces,
        dice.percent(60),
    );
    let (capacity, queue) = (dice.from(5, 60), dice.from(0, 20));
    // A store that a given hit ratio overloads without any fault is refused.
    let capacity = if hits.starts_with("hit_ratio") && !coalesces { 100 * capacity } else { capacity };
    let capacity = match dice.from(0, 3) {
        0 => format!("capacity = \"{capacity}/s\", queue = {queue}"),
        1 => format!("capacity = \"{capacity}/s\""),
        _ => "capacity = \"unlimited\"".to_owned(),
    };
    text += &format!(
        "store = {{ latency = {}, {capacity}, replication_lag = \"{}s\" }}\n",
        dice.pick(&["\"15ms\"", "{ exponential = \"15ms\" }"]),
        dice.from(0, 5)
    );
    text += &format!(
        "placement = {{ policy = \"{}\", by = \"{}\" }}\nnetwork.latency = {}\n",
        dice.pick(&["least-loaded", "random", "two-choices", "consistent-hash"]),
        dice.pick(&["customers", "load"]),
        dice.pick(&["\"0s\"", "\"1ms\"", "{ exponential = \"1ms\" }"]),
    );
    if dice.percent(60) {
        text += &format!(
            "when_down = {{ cache = \"{}\", store = \"last-known\", local_copy = {{ covers = \"{}%\", refresh = \"10s\" }} }}\n",
            dice.pick(&["ask-store", "fail"]),
            dice.from(0, 100)
        );
    }
    text
}

fn fault(dice: &mut Dice, number: u32, names: &Names) -> String {
    let workflow = dice.from(0, names.workflows as u32 - 1) as usize;
    let tier = TIERS[dice.from(0, names.tiers as u32 - 1) as usize];
    let word = WORKFLOWS[workflow];
    let zone = ["a", "b", "c", "d"][dice.from(0, names.zones - 1) as usize];
    let (mut strikes, on_router, on_customers) = match dice.from(0, 11) {
        10 | 11 if !names.parts[workflow].is_empty() => {
            (format!("workflow = \"{word}\", {}", names.parts[workflow][0]), false, false)
        }
        0 if names.shared => (format!("workflow = \"{word}\", cell = 1"), false, false),
        0 => (format!("workflow = \"{word}\", tier = \"{tier}\", cell = 1"), false, false),
        1 => (format!("workflow = \"{word}\", tier = \"{tier}\", cell_of = \"busiest\""), false, false),
        2 => (format!("zone = \"{zone}\""), false, false),
        3 => (format!("workflow = \"{word}\""), false, false),
        4 => (format!("tier = \"{tier}\""), false, false),
        5 if !names.pools[workflow].is_empty() => {
            (format!("workflow = \"{word}\", stage = \"{}\"", names.pools[workflow][0]), false, false)
        }
        6 | 7 if names.router => {
            (format!("router = \"{}\"", dice.pick(&["cache", "store", "placement", "network"])), true, false)
        }
        8 if names.whale => ("customer = \"whale/2\"".to_owned(), false, true),
        8 => (format!("workflow = \"{word}\", tier = \"{tier}\", customer = \"busiest\""), false, true),
        _ => ("platform = true".to_owned(), false, false),
    };
    let share = dice.from(0, 100);
    let mut effect = if on_customers {
        match dice.from(0, 2) {
            0 => format!("{{ errors = \"{share}%\", per = \"{}\" }}", dice.pick(&["attempt", "request", "customer"])),
            _ => format!("{{ demand = {} }}", dice.pick(&["0", "0.5", "1", "3", "20"])),
        }
    } else {
        match dice.from(0, 6) {
            2 => "\"blackhole\"".to_owned(),
            3 => format!("{{ slow = {}, slow_by = \"{}ms\" }}", dice.pick(&["0.5", "3"]), dice.from(0, 50)),
            4 => format!("{{ errors = \"{share}%\", per = \"{}\" }}", dice.pick(&["attempt", "request", "customer"])),
            5 if !on_router => format!("{{ capacity = \"{share}%\" }}"),
            0 | 1 | 5 => "\"crash\"".to_owned(),
            _ if !on_router => format!("{{ errors = \"{share}%\", per = \"slot\" }}\ndetected_after = \"5s\""),
            _ => format!("{{ slow = 2, errors = \"{share}%\" }}"),
        }
    };
    // Neither delays nor fan-outs have slots.
    let slots = match strikes.find("workflow") {
        Some(_) => names.pools[workflow].len(),
        None => names.pools.iter().map(Vec::len).sum(),
    };
    if (slots == 0 || strikes.contains("destination")) && (effect.contains("capacity") || effect.contains("slot")) {
        "\"crash\"".clone_into(&mut effect);
    }
    // Shared cells have no slots of one tier.
    if names.shared && strikes.contains("tier") && (effect.contains("capacity") || effect.contains("slot")) {
        "\"crash\"".clone_into(&mut effect);
    }
    if on_router && strikes.contains("cache") && dice.percent(50) {
        "\"flush\"".clone_into(&mut effect);
    }
    if on_router && strikes.contains("store") && dice.percent(50) {
        effect = format!("{{ capacity = \"{}%\" }}", dice.pick(&["0", "20", "60", "100"]));
    }
    if !on_router && !on_customers && dice.percent(10) {
        "platform = true".clone_into(&mut strikes);
        effect = format!("{{ demand = {} }}", dice.pick(&["0.3", "1", "2", "4"]));
    }
    if strikes.contains("zone") && effect == "\"crash\"" && dice.percent(60) {
        effect += "\ndetected_after = \"4s\"";
    }
    let instant = effect.contains("flush");
    let whole = on_router || on_customers || effect.contains("demand") || effect.contains("customer");
    let schedule = if dice.percent(35) {
        let clock = match dice.from(0, 4) {
            _ if whole => String::new(),
            0 => "each = \"cell\"\n".to_owned(),
            1 if !strikes.contains("zone") => "one_of = \"zone\"\n".to_owned(),
            2 => "one_of = \"cell\"\n".to_owned(),
            3 => "each = \"workflow\"\n".to_owned(),
            _ => String::new(),
        };
        let repair = if instant { "" } else { "mttr = { exponential = \"10s\" }\n" };
        format!("{clock}mtbf = \"{}s\"\n{repair}", dice.from(20, 90))
    } else {
        let lasts = if instant { String::new() } else { format!("for = \"{}s\"\n", dice.from(1, 60)) };
        format!("at = \"{}s ± {}s\"\n{lasts}", dice.from(5, 80), dice.from(0, 5))
    };
    format!("[fault.f{number}]\nstrikes = {{ {strikes} }}\neffect = {effect}\n{schedule}")
}
