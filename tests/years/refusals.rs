//! What the incident level cannot honour is an error with its line, never ignored.

use cellsim::scenario::Scenario;

use crate::outages;

/// Reads a text; the message must point at the line with `mark`.
#[track_caller]
fn refused(text: &str, mark: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scenario.toml");
    std::fs::write(&path, text).expect("the temporary folder takes files");
    let problems = Scenario::read(&path, &[]).expect_err(mark);
    let line = text.lines().position(|line| line.contains(mark)).expect("the mark is in the text") as u32 + 1;
    let found: Vec<_> = problems.0.iter().map(|problem| (problem.line(), problem.message.clone())).collect();
    assert!(found.iter().any(|(at, _)| *at == Some(line)), "{mark} in line {line}: {found:?}");
}

#[test]
fn each_by_its_line() {
    let plain = outages(5, "");
    let with = |from: &str, to: &str| plain.replacen(from, to, 1);
    let expect = |metric: &str| format!("{plain}[[expect]]\nmetric = \"{metric}\"\np99 = {{ at_most = \"1s\" }}\n");
    refused(&expect("latency"), "metric = \"latency\"");
    refused(&with("sla =", "new_customers = \"4/day\"\nsla ="), "new_customers");
    refused(&with("sla =", "contract.counts = \"per customer\"\nsla ="), "per customer");
    refused(&with("sla =", "contract.unit = \"attempts\"\nsla ="), "attempts");
    let profile = "profile = { surge = { factor = 2, at = \"90s\", for = \"1min\" } }\nprice =";
    refused(&with("price =", profile), "profile");
    let steps: Vec<String> = (0..2_000).map(|at| format!("{{ at = \"{at}min\", factor = {} }}", at + 1)).collect();
    let profile = format!("profile = {{ steps = [{}] }}\nprice =", steps.join(", "));
    refused(&with("price =", &profile), "profile");
    refused(
        &with(
            "each = \"cell\"\neffect = \"crash\"",
            "strikes = { zone = \"a\" }\neffect = { errors = \"5%\", per = \"customer\" }",
        ),
        "per = \"customer\"",
    );
    refused(
        &with(
            "each = \"cell\"\neffect = \"crash\"",
            "strikes = { tier = \"t\", customer = \"busiest\" }\neffect = { errors = \"5%\" }",
        ),
        "busiest",
    );
    refused(&with("price =", "arrivals = { batch = 5 }\nprice ="), "arrivals");
    refused(&with("level =", "calibration = { replications = 1 }\nlevel ="), "calibration");
    refused(&with("level =", "warmup = \"1min\"\nlevel ="), "warmup");
    refused(&with("sla =", "contract.excludes = [\"outrage\"]\nsla ="), "outrage");
    refused(&with("level = \"incident\"", "level = \"year\""), "year");
    refused(&with("level =", "starts_on = \"2026-02-30\"\nlevel ="), "2026-02-30");
    refused(&with("mttr =", "waves = { sizes = [\"10%\"], bake = \"1h\", after = \"1min\" }\nmttr ="), "waves");
    // What retries share, and the cache's habits.
    let retries = |more: &str| with("price =", &format!("client.attempts = 3\n{more}\nprice ="));
    refused(&retries("stage.serve.luck = \"request\""), "luck");
    refused(&retries("stage.serve.luck = \"50%\""), "luck");
    refused(&format!("{}[router]\n", retries("client.remembers_cell = true")), "remembers_cell");
    refused(&with("[run]", "[router]\ncache.coalesce = true\n[run]"), "coalesce");
    refused(&with("[run]", "[router]\ncache.fill_after_timeout = false\n[run]"), "fill_after_timeout");
    let flush = "[router]\n[fault.flush]\nstrikes = { router = \"cache\" }\neffect = \"flush\"\nmtbf = \"30d\"\n[run]";
    refused(&with("[run]", flush), "effect = \"flush\"");
    refused(&with("mtbf = \"30d\"", "mtbf = { prior = \"configuration\" }"), "prior");
    refused(&with("mtbf = \"30d\"", "mtbf = { prior = \"moon\" }"), "moon");
}

/// What of a cache, its store and the local copy only single requests can tell.
#[test]
fn look_ups_that_flows_cannot_follow() {
    let with = |router: &str, effect: &str| {
        let fault = format!(
            "[router]\n{router}\n[fault.f]\nstrikes = {{ router = \"store\" }}\neffect = {effect}\nmtbf = \"30d\"\nmttr = \"5min\"\n[run]"
        );
        outages(5, "").replacen("[run]", &fault, 1)
    };
    let accepted = |text: &str| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("scenario.toml");
        std::fs::write(&path, text).expect("the temporary folder takes files");
        Scenario::read(&path, &[]).map_err(|problems| problems.render(false, 120)).expect(text);
    };
    let ttl = "cache.ttl = \"5min\"";
    for effect in ["{ errors = \"50%\" }", "{ errors = \"99%\", per = \"request\" }", "{ slow_by = \"700ms\" }"] {
        refused(&with(ttl, effect), effect);
        refused(&with("cache.entries = 300", effect), effect);
        accepted(&with("cache.hit_ratio = \"90%\"", effect));
    }
    for effect in ["\"crash\"", "\"blackhole\"", "{ errors = \"100%\" }", "{ slow = 3 }"] {
        accepted(&with(ttl, effect));
    }
    // A thousand customers with 20 requests a minute are 333 look-ups a second.
    let store = |capacity: &str| format!("{ttl}\nstore.capacity = \"{capacity}\"");
    refused(&with(&store("350/s"), "\"crash\""), "350/s");
    accepted(&with(&store("450/s"), "\"crash\""));
    refused(&with(&store("600/s"), "{ capacity = \"50%\" }"), "600/s");
    accepted(&with(&store("600/s"), "{ capacity = \"0%\" }"));
    let copy =
        |covers: &str| format!("when_down = {{ store = \"last-known\", local_copy = {{ covers = \"{covers}\" }} }}");
    refused(&with(&copy("80%"), "\"crash\""), "80%");
    accepted(&with(&copy("100%"), "{ errors = \"50%\" }"));
    accepted(&with(&format!("{ttl}\n{}", copy("100%")), "{ errors = \"50%\" }"));
    accepted(&with(&copy("80%"), "\"blackhole\""));
}

#[test]
fn the_request_level_refuses_what_only_years_have() {
    let text = outages(5, "").replace("level = \"incident\"", "level = \"request\"").replace("10 years", "5min");
    refused(&text.replace("sla =", "contract.excludes = [\"outage\"]\nsla ="), "excludes");
    refused(&text.replace("level =", "starts_on = \"2026-01-01\"\nlevel ="), "starts_on");
    refused(&text.replace("level =", "calibration = { replications = 4 }\nlevel ="), "calibration");
    refused(&format!("{text}[[expect]]\nmetric = \"incidents\"\nmean = {{ at_most = 5 }}\n"), "metric = \"incidents\"");
}
