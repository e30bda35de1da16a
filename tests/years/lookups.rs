//! Look-ups over years: the cache while its store is lost, the local copy, what errors at each step cost.

use crate::support::{Of, read_with, run_with, value_of};
use crate::{cause, years};
use cellsim::experiment::outcome::{Outcome, Warning};
use cellsim::world::flow::doubt::Doubt;

/// A thousand customers in two cells, and a fault on a step of the router.
fn text(router: &str, workflow: &str, fault: &str) -> String {
    format!(
        "zones = 1\n[tier.t]\ncustomers = 1000\ncells = 2\nsla = \"99%\"\ncontract.measure = \"requests\"\n\
         [router]\n{router}\n[workflow.w]\n{workflow}\n\
         stage.s = {{ kind = \"delay\", service_time = \"20ms\" }}\n[fault.f]\n{fault}\n[run]\nfaults = \"scripted\"\n"
    )
}

const ONCE: &str = "client = { timeout = \"500ms\", deadline = \"2s\" }";
const THRICE: &str = "client = { timeout = \"500ms\", deadline = \"2s\", attempts = 3, backoff = \"20ms\" }";

fn workflow(demand: &str, client: &str) -> String {
    format!("demand = \"{demand}\"\n{client}")
}

fn fault(step: &str, effect: &str, lasts: &str) -> String {
    format!("strikes = {{ router = \"{step}\" }}\neffect = {effect}\nat = \"2min\"\nfor = \"{lasts}\"")
}

const T: Of<'static> = Of { tier: "t", workflow: "", fault: "", condition: None, unit: None };
const F: Of<'static> = Of { tier: "", workflow: "", fault: "f", condition: None, unit: None };
const MONTH: [&str; 3] = ["run.level=incident", "run.horizon=30d", "run.replications=2"];

/// Minutes that a month loses, by requests or bad ones.
fn lost(text: &str, more: &[&str]) -> f64 {
    value_of(&run_with(text, &[&MONTH[..], more].concat()), "bad_minutes", "mean", T)
}

#[track_caller]
fn close(found: f64, exact: f64, within: f64) {
    assert!((found - exact).abs() <= within * exact, "{found} {exact}");
}

#[test]
fn entries_expire_and_a_miss_stays_a_miss() {
    // Five of six have an entry, which lasts half of five minutes more in the mean: 20 - 5/6 x 2.5 minutes.
    let exact = 20.0 - 2.5 * 5.0 / 6.0;
    for client in [ONCE, THRICE] {
        for effect in ["\"crash\"", "{ errors = \"100%\" }", "{ errors = \"100%\", per = \"request\" }"] {
            let text = text("cache.ttl = \"5min\"", &workflow("1/min", client), &fault("store", effect, "20min"));
            let found = lost(&text, &[]);
            close(found, exact, 1e-3);
            // With luck of its own each look-up would miss once in six; without any cache all would fail.
            assert!(found > 5.0 * 20.0 / 6.0 && found < 0.95 * 20.0, "{found}");
        }
    }
    // What never answers is noticed half a second later, and who asks again as it ends is served: 0.52 s before it.
    let blackhole = text("cache.ttl = \"5min\"", &workflow("1/min", THRICE), &fault("store", "\"blackhole\"", "20min"));
    close(lost(&blackhole, &[]), exact - 1.03 / 60.0, 1e-3);
    // For less than its life: entries of a day are nearly all there.
    let day = text("cache.ttl = \"1d\"", &workflow("1/min", ONCE), &fault("store", "\"crash\"", "20min"));
    close(lost(&day, &[]), 20.0 - 1440.0 / 1441.0 * 20.0 * (1.0 - 10.0 / 1440.0), 1e-3);
    // For longer: 45 s are over within the first minute.
    let short = text("cache.ttl = \"45s\"", &workflow("20/min", ONCE), &fault("store", "\"crash\"", "20min"));
    close(lost(&short, &[]), 20.0 - 15.0 / 16.0 * 0.375, 1e-3);
}

#[test]
fn minutes_are_bad_for_those_whose_entry_is_gone() {
    let text = text("cache.ttl = \"5min\"", &workflow("1/min", THRICE), &fault("store", "\"crash\"", "20min"));
    let found = lost(&text, &["tier.t.contract.measure=bad-minutes"]);
    // A minute without requests is good. Of those with an entry it goes in minute 1 to 5, in the mean in the middle of the third.
    let (whole, part) = (1.0 - (-1.0_f64).exp(), (-1.0_f64).exp());
    close(found, 20.0 * whole / 6.0 + (17.0 * whole + part) * 5.0 / 6.0, 5e-3);
    // Busy ones lose every minute from the one in which it goes.
    let busy = text.replace("1/min", "200/min");
    let found = lost(&busy, &["tier.t.contract.measure=bad-minutes"]);
    close(found, 20.0 / 1001.0 + 18.0 * 1000.0 / 1001.0, 5e-3);
    // Whose entry goes in the first minute, one in five, loses all of them; in the mean of all it would be 18.
    let results = run_with(&busy, &[&MONTH[..], &["tier.t.contract.measure=bad-minutes"]].concat());
    for statistic in ["p95", "worst"] {
        close(value_of(&results, "bad_minutes", statistic, T), 20.0, 1e-6);
    }
}

#[test]
fn of_the_most_recently_used_none_gives_way() {
    let lru = |entries: u32| {
        let router = format!("cache.entries = {entries}");
        lost(&text(&router, &workflow("1/min", THRICE), &fault("store", "\"crash\"", "10min")), &[])
    };
    close(lru(250), 7.5, 1e-3);
    assert!(lru(1000) < 1e-9, "all fit");
    // Each look-up with luck of its own would fail (3/4)^3 of the time.
    assert!(lru(250) > 1.5 * 10.0 * 0.75_f64.powi(3));
}

#[test]
fn a_second_loss_finds_the_cache_as_the_first_has_left_it() {
    // Ten minutes empty a cache of five; a minute later, at a request a minute, 1 - 1 / e have an entry again, none older than a minute.
    let twice = format!(
        "{}\n[fault.again]\nstrikes = {{ router = \"store\" }}\neffect = \"crash\"\nat = \"13min\"\nfor = \"5min\"",
        fault("store", "\"crash\"", "10min")
    );
    let text = text("cache.ttl = \"5min\"", &workflow("1/min", ONCE), &twice);
    let results = run_with(&text, &MONTH);
    let (first, again) = (10.0 - 2.5 * 5.0 / 6.0, 5.0 - 4.5 * (1.0 - (-1.0_f64).exp()));
    close(value_of(&results, "bad_minutes", "mean", T), first + again, 2e-3);
    assert!(
        results.warnings.iter().any(|warning| matches!(warning, Warning::KnownRoughly { doubt: Doubt::Cache, .. })),
        "{:?}",
        results.warnings
    );
    // As by requests.
    let requests = run_with(&text, &["run.horizon=20min", "run.warmup=2s", "run.replications=8"]);
    close(value_of(&requests, "error_share", "mean", T) * 20.0, first + again, 0.02);
    // A day later it is as in health.
    let later = text.replace("13min", "1d");
    close(lost(&later, &[]), first + 5.0 - 2.5 * 5.0 / 6.0, 1e-3);
}

#[test]
fn a_given_ratio_is_the_luck_of_each_look_up() {
    let ratio =
        |effect: &str| text("cache.hit_ratio = \"60%\"", &workflow("10/min", THRICE), &fault("store", effect, "10min"));
    let all = 0.4_f64.powi(3);
    close(lost(&ratio("\"crash\""), &[]), 10.0 * all, 1e-3);
    close(lost(&ratio("{ errors = \"50%\" }"), &[]), 10.0 * 0.2_f64.powi(3), 1e-3);
    // Half of the requests have no luck at the store, however often they try; but they may hit.
    close(lost(&ratio("{ errors = \"50%\", per = \"request\" }"), &[]), 10.0 * 0.5 * all, 1e-3);
    close(lost(&ratio("{ errors = \"100%\", per = \"request\" }"), &[]), 10.0 * all, 1e-3);
}

#[test]
fn the_local_copy_and_the_store_stand_in() {
    let copy = "when_down = { store = \"last-known\", local_copy = { covers = \"100%\" } }";
    for cache in ["cache.hit_ratio = \"60%\"", "cache.ttl = \"2min\"", "cache.entries = 200"] {
        let with_copy = format!("{cache}\n{copy}");
        for effect in ["\"crash\"", "{ errors = \"70%\" }", "{ errors = \"70%\", per = \"request\" }"] {
            let text = text(&with_copy, &workflow("3/min", THRICE), &fault("store", effect, "10min"));
            assert!(lost(&text, &[]) < 1e-9, "{cache} {effect}");
            let broken = text.replace("\"store\" }", "\"cache\" }");
            assert!(lost(&broken, &[]) < 1e-9, "{cache} {effect}: the store answers for the cache");
            let fails = broken.replace("when_down = { store", "when_down = { cache = \"fail\", store");
            assert!(lost(&fails, &[]) > 1.0, "{cache} {effect}: nothing answers for the cache");
        }
    }
    // No copy helps who is not told that the store is gone.
    let silent = text(
        &format!("cache.ttl = \"2min\"\n{copy}"),
        &workflow("3/min", ONCE),
        &fault("store", "\"blackhole\"", "10min"),
    );
    close(lost(&silent, &[]), 10.0 - 6.0 / 7.0, 1e-3);
}

fn harmed(results: &Outcome) -> f64 {
    value_of(results, "blast_radius", "mean", F)
}

#[test]
fn both_levels_agree() {
    let skewed = |demand: &str| format!("{}\nskew = {{ pareto = 1.4 }}", workflow(demand, THRICE));
    let cases = [
        (text("cache.ttl = \"5min\"", &workflow("1/min", ONCE), &fault("store", "\"crash\"", "15min")), "20min"),
        (text("cache.ttl = \"45s\"", &skewed("4/min"), &fault("store", "\"blackhole\"", "5min")), "9min"),
        (text("cache.entries = 300", &skewed("2/min"), &fault("store", "\"crash\"", "5min")), "9min"),
        (
            text(
                "cache.hit_ratio = \"60%\"",
                &workflow("4/min", THRICE),
                &fault("store", "{ errors = \"60%\", per = \"request\" }", "5min"),
            ),
            "9min",
        ),
    ];
    for (text, horizon) in cases {
        let text = text.replace("\"requests\"", "\"bad-minutes\"");
        let horizon_set = format!("run.horizon={horizon}");
        let sets = [horizon_set.as_str(), "run.warmup=2s", "run.replications=8"];
        let requests = run_with(&text, &sets);
        let minutes = requests
            .requests()
            .expect("requests were run")
            .incidents
            .iter()
            .map(|incident| incident.customer_minutes as f64)
            .sum::<f64>()
            / 8.0;
        let flows = run_with(&text, &MONTH);
        let found = cause(&flows, "f").minutes.value.expect("measured") * years(&flows).years / 2.0;
        assert!((found / minutes - 1.0).abs() < 0.03, "{text}\ncustomer-minutes {found} {minutes}");
        let (one, other) = (harmed(&flows), harmed(&requests));
        assert!((one / other - 1.0).abs() < 0.03, "{text}\nharmed {one} {other}");
        let bad = |results: &Outcome| value_of(results, "bad_minutes", "mean", T);
        assert!((bad(&flows) / bad(&requests) - 1.0).abs() < 0.03, "{text}\nbad {} {}", bad(&flows), bad(&requests));
    }
}

#[test]
fn years_with_a_cache_are_the_same_on_any_number_of_threads() {
    let text = text(
        "cache.ttl = \"5min\"",
        &workflow("1/min", THRICE),
        "strikes = { router = \"store\" }\neffect = \"crash\"\nmtbf = \"60d\"\nmttr = \"20min\"",
    );
    let scenario =
        read_with(&text, &["run.level=incident", "run.horizon=2 years", "run.replications=6", "run.faults=random"]);
    let text = |threads| cellsim::report::json::run(&crate::support::run_on(&scenario, threads), "", "", &[]);
    assert_eq!(text(1), text(3));
}
