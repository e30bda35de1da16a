//! What must read, and what it must mean.

use std::path::Path;

use cellsim::engine::law::{Law, Measured};
use cellsim::scenario::Scenario;
use cellsim::scenario::cells::{CellRule, Layout};
use cellsim::scenario::client::{Growth, Jitter};
use cellsim::scenario::demand::{Demand, Skew};
use cellsim::scenario::expectation::Limit;
use cellsim::scenario::fault::{CellRef, Clock, CustomerRef, Effect, Schedule, ScopeKind, SharePer, Strikes};
use cellsim::scenario::router::Hits;
use cellsim::scenario::stage::{Size, StageKind};
use cellsim::scenario::tier::Home;
use cellsim::units::{DAY, HOUR, MILLISECOND, MINUTE, SECOND};

use crate::support::{Folder, MINIMAL, read, read_changed, read_with};

fn shipped(path: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
    Scenario::read(&path, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)))
}

#[test]
fn the_platform_of_the_example_reads() {
    let scenario = shipped("twilio.toml");
    assert_eq!(scenario.name, "twilio");
    assert_eq!(scenario.zones, ["a", "b", "c"]);
    let tiers: Vec<_> = scenario.tiers.iter().map(|tier| (tier.name.as_str(), tier.customers)).collect();
    assert_eq!(tiers, [("enterprise", 200), ("mid-market", 1_800), ("smb", 20_000)]);
    assert_eq!(scenario.tiers[0].contract.sla, 0.9999);
    assert_eq!(scenario.tiers[0].contract.credits[0].below, 0.9999);
    assert!((scenario.tiers[2].new_customers * 86_400.0 - 40.0).abs() < 1e-9);
    let whale = &scenario.cohorts[0];
    assert_eq!((whale.count, whale.tier, whale.demand), (2, 0, Some(250.0)));
    assert_eq!((whale.workflows.as_slice(), &whale.home), (&[0][..], &Home::Dedicated));

    let class = scenario.class(0, 0).unwrap();
    assert_eq!(class.demand, Demand::Rate(12.0));
    assert_eq!((class.adoption, &class.skew), (0.9, &Skew::Zipf(1.0)));
    assert_eq!(
        (class.client.timeout, class.client.deadline, class.client.attempts),
        (500 * MILLISECOND, 3 * SECOND, 3)
    );
    assert_eq!(scenario.class(0, 1).unwrap().client.timeout, SECOND);
    assert_eq!(class.client.backoff.growth, Growth::Exponential { factor: 2.0 });
    assert_eq!(class.client.backoff.jitter, Jitter::Full);
    let utilizations: Vec<_> = class
        .path
        .iter()
        .map(|stage| match &stage.kind {
            StageKind::Pool(pool) => pool.size,
            StageKind::Delay | StageKind::FanOut(_) => panic!("no pool"),
        })
        .collect();
    assert_eq!(utilizations[0], Size::Utilization { utilization: 0.6, own: false });
    assert_eq!(utilizations[1], Size::Utilization { utilization: 0.45, own: false });
    let Law::LogNormal { mu, sigma } = class.path[0].service_time else { panic!("not log-normal") };
    assert!((mu - 8e6_f64.ln()).abs() < 1e-12);
    assert!((mu + 2.3263478740408408 * sigma - 40e6_f64.ln()).abs() < 1e-12);

    let router = scenario.router.as_ref().unwrap();
    assert_eq!((router.cache.hits, router.store.capacity), (Hits::Ratio(0.95), Some(4000.0)));
    assert!(router.when_down.store_last_known && router.local_copy.is_some());
    assert_eq!(scenario.cost.unwrap().request, 1e-7);

    assert_eq!(scenario.faults.len(), 6);
    assert_eq!(
        scenario.faults[0].schedule,
        Schedule::Scripted { at: 2 * MINUTE, spread: 0, lasts: 2 * MINUTE, every: None }
    );
    assert_eq!(scenario.faults[2].schedule, Schedule::Scripted { at: 9 * MINUTE, spread: 0, lasts: 0, every: None });
    let noisy = Strikes::Customers { workflow: Some(0), tier: Some(2), customer: Some(CustomerRef::Busiest) };
    assert_eq!(scenario.faults[3].strikes, noisy);
    let Schedule::Random { up, clock, .. } = &scenario.faults[4].schedule else { panic!("not random") };
    assert_eq!(*up, Law::Exponential { mean: 180.0 * DAY as f64 });
    assert_eq!(*clock, Clock::Each(ScopeKind::Cell));
    let errors = Effect::Errors { share: 0.6, per: SharePer::Attempt };
    assert_eq!(scenario.faults[5].effects, [errors]);

    let lines: Vec<_> = scenario.expectations.iter().map(|one| (one.line, one.unit.text(), one.limit)).collect();
    assert_eq!(lines[0].1, "customers");
    assert_eq!(lines[1].2, Limit::AtMost(0.02));
    assert_eq!(scenario.expectations[0].limit_text, "50 customers");
    assert_eq!(lines[3].2, Limit::AtMost(0.25));
}

#[test]
fn a_sizing_extends_the_platform() {
    let base = shipped("twilio.toml");
    let small = shipped("tier-sizing/small-everything.toml");
    assert_eq!(small.tiers[2].cells[0], CellRule::Target { target: 1_000, min: Some(1_000), max: None });
    assert_eq!(small.tiers[1].cells[2], CellRule::Target { target: 100, min: Some(100), max: Some(500) });
    assert_eq!(small.expectations.len(), base.expectations.len());
    let replaced = &small.expectations[0];
    assert_eq!(replaced.limit, Limit::AtMost(20.0));
    assert!(replaced.file.ends_with("small-everything.toml"), "{}", replaced.file);
    assert!(small.expectations[1].file.ends_with("scenarios/twilio.toml"), "{}", small.expectations[1].file);
    assert_eq!(small.workflows, base.workflows);
    assert_ne!(small.digests[0], base.digests[0]);
    assert_eq!(small.digests.len(), 3);
}

#[test]
fn the_other_shipped_scenarios_read() {
    let monolith = shipped("monolith.toml");
    assert_eq!(monolith.layout, Layout::Shared { count: 1 });
    assert_eq!(monolith.cohorts[0].home, Home::Placed);
    let Strikes::Cells(filter) = &monolith.faults[0].strikes else { panic!("not cells") };
    assert!(matches!(filter.cell, Some(CellRef::Of(_))) && filter.tier.is_none());
    let cold = shipped("router-cold.toml");
    assert!(cold.faults.iter().all(|fault| fault.name != "zone-loss"));
    assert!(!cold.router.unwrap().cache.coalesce);
    assert!(shipped("router-cold-coalescing.toml").router.unwrap().cache.coalesce);
    for name in ["large-smb", "small-smb", "small-everything"] {
        shipped(&format!("tier-sizing/{name}.toml"));
    }
}

#[test]
fn the_minimal_file_has_defaults() {
    assert!(MINIMAL.lines().filter(|line| !line.is_empty()).count() <= 15);
    let scenario = read(MINIMAL).unwrap();
    assert_eq!((scenario.run.warmup, scenario.run.horizon, scenario.run.replications), (MINUTE, 15 * MINUTE, 20));
    assert_eq!(scenario.zones.len(), 3);
    let class = scenario.class(0, 0).unwrap();
    assert_eq!((class.client.timeout, class.client.attempts), (2 * SECOND, 1));
    assert_eq!(class.path[0].name, "send");
    assert!(scenario.router.is_none() && scenario.cost.is_none());
}

#[test]
fn the_digest_is_of_the_meaning_not_of_the_text() {
    let digest = |text: &str| read(text).unwrap().digests[0].clone();
    let plain = digest(MINIMAL);
    assert_eq!(plain, digest(&format!("# a comment\n{}", MINIMAL.replace("2min", "120s"))));
    assert_ne!(plain, digest(&MINIMAL.replace("0.5/s", "0.6/s")));
}

#[test]
fn sizes_of_tiers_that_come_to_share_cells_may_stand() {
    let folder = Folder::new();
    let path = folder.file("base.toml", &MINIMAL.replace(", cell = 1", ""));
    let shared = "cells.shared_by=tiers".to_owned();
    Scenario::read(&path, &[shared]).unwrap();
    let path = folder.file("own.toml", "extends = \"base.toml\"\ncells.shared_by = \"tiers\"\n");
    Scenario::read(&path, &[]).unwrap();
    let problems = Scenario::read(&path, &["tier.smb.cells=4".to_owned()]).unwrap_err();
    assert!(problems.to_string().starts_with("--set:1: tiers share cells"), "{problems}");
}

#[test]
fn set_comes_last() {
    let folder = Folder::new();
    let path = folder.file("scenario.toml", MINIMAL);
    let sets = ["tier.smb.customers_per_cell.target=50", "run.horizon=20min", "fault.crash=false", "title=Hello"];
    let scenario = Scenario::read(&path, &sets.map(String::from)).unwrap();
    assert_eq!(scenario.tiers[0].cells[0], CellRule::Target { target: 50, min: None, max: None });
    assert_eq!((scenario.run.horizon, scenario.title.as_str()), (20 * MINUTE, "Hello"));
    assert!(scenario.faults.is_empty());
    let problems = Scenario::read(&path, &["tier.smb.custmers=50".to_owned()]).unwrap_err();
    assert_eq!(problems.to_string(), "--set:1: unknown key `custmers` in tier `smb`");
}

#[test]
fn keys_can_be_located() {
    let scenario = read(MINIMAL).unwrap();
    let (_, text, span) = scenario.locate("workflow.messaging.demand").unwrap();
    assert_eq!(&text[span], "\"0.5/s\"");
    let (_, text, span) = scenario.locate("workflow.messaging.skew.zipf").unwrap();
    assert_eq!(&text[span], "messaging");
    assert!(scenario.locate("cost.cell").is_none());
    let error = scenario.error_at("workflow.messaging.demand", "too much", "here", Some("lower it"));
    assert_eq!(error.line(), Some(7));
    assert!(scenario.error_at("cost.cell", "no", "", None).to_string().contains("scenario.toml: no"));
}

#[test]
fn every_law_reads() {
    let law = |text: &str| {
        let scenario = read_changed("{ p50 = \"8ms\", p99 = \"40ms\" }", text);
        scenario.unwrap_or_else(|problems| panic!("{}", problems.render(false, 120))).class(0, 0).unwrap().path[0]
            .service_time
            .clone()
    };
    assert_eq!(law("\"250ms\""), Law::Constant(250e6));
    assert_eq!(law("{ exponential = \"10ms\" }"), Law::Exponential { mean: 10e6 });
    assert_eq!(law("{ exponential = { mean = \"10ms\" } }"), Law::Exponential { mean: 10e6 });
    assert_eq!(law("{ uniform = { from = \"1ms\", to = \"3ms\" } }"), Law::Uniform { low: 1e6, high: 3e6 });
    let normal = Law::TruncatedNormal { mean: 10e6, deviation: 2e6, low: 0.0, high: f64::INFINITY };
    assert_eq!(law("{ normal = { mean = \"10ms\", deviation = \"2ms\" } }"), normal);
    assert_eq!(law("{ gamma = { mean = \"10ms\", shape = 2 } }"), Law::Gamma { shape: 2.0, scale: 5e6 });
    assert_eq!(law("{ erlang = { mean = \"10ms\", stages = 4 } }"), Law::Gamma { shape: 4.0, scale: 2.5e6 });
    assert_eq!(law("{ weibull = { scale = \"10ms\", shape = 0.7 } }"), Law::Weibull { shape: 0.7, scale: 10e6 });
    assert_eq!(law("{ weibull = { mean = \"10ms\", shape = 1 } }"), Law::Weibull { shape: 1.0, scale: 10e6 });
    assert_eq!(law("{ pareto = { min = \"5ms\", shape = 1.5 } }"), Law::Pareto { low: 5e6, shape: 1.5 });
    let branches = "{ hyperexponential = [{ share = \"90%\", mean = \"1ms\" }, { share = \"10%\", mean = \"9ms\" }] }";
    assert_eq!(law(branches), Law::Hyperexponential(vec![(0.9, 1e6), (0.1, 9e6)]));
    let table = "{ empirical = { \"0%\" = \"1ms\", \"50%\" = \"2ms\", \"100%\" = \"9ms\" } }";
    assert_eq!(law(table), Law::Empirical(vec![(0.0, 1e6), (0.5, 2e6), (1.0, 9e6)]));
    let Law::LogNormal { mu, sigma } = law("{ mean = \"10ms\", cv = 1.5 }") else { panic!("not log-normal") };
    assert!((mu + sigma * sigma / 2.0 - 10e6_f64.ln()).abs() < 1e-12);
    assert_eq!(law("{ mean = \"10ms\", deviation = \"15ms\" }"), Law::LogNormal { mu, sigma });
    for text in ["{ p50 = \"8ms\", p99.9 = \"40ms\" }", "{ p50 = \"8ms\", \"p99.9\" = \"40ms\" }"] {
        let Law::LogNormal { mu, sigma } = law(text) else { panic!("not log-normal") };
        assert!((mu + 3.090232306167813 * sigma - 40e6_f64.ln()).abs() < 1e-12, "{text}");
    }
}

#[test]
fn a_column_of_measurements_is_a_law() {
    let folder = Folder::new();
    folder.file("measured.csv", "ms\n3\n1\n2\n");
    let law = "{ empirical = { csv = \"measured.csv\", column = \"ms\", unit = \"ms\" } }";
    let scenario = folder.read(&MINIMAL.replace("{ p50 = \"8ms\", p99 = \"40ms\" }", law)).unwrap();
    let found = &scenario.class(0, 0).unwrap().path[0].service_time;
    assert_eq!(*found, Law::Measured(Measured::new(vec![1e6, 2e6, 3e6])));
    assert_eq!(scenario.digests.len(), 3);
}

#[test]
fn an_override_may_choose_another_law_and_another_size() {
    let more = "[workflow.messaging.tier.smb]\nstage.send.service_time = { mean = \"10ms\", cv = 1 }\n\
                stage.send.size.concurrency = 4\n";
    let scenario = read_with(more).unwrap();
    let stage = &scenario.class(0, 0).unwrap().path[0];
    let Law::LogNormal { mu, sigma } = stage.service_time else { panic!("not log-normal") };
    assert!((mu + sigma * sigma / 2.0 - 10e6_f64.ln()).abs() < 1e-12);
    let StageKind::Pool(pool) = &stage.kind else { panic!("a delay") };
    assert_eq!(pool.size, Size::Concurrency(4));
    let one = read_with("[workflow.messaging.tier.smb]\nstage.send.service_time.p99 = \"50ms\"\n").unwrap();
    let other = read_changed("40ms", "50ms").unwrap();
    assert_eq!(one.workflows, other.workflows);
}

#[test]
fn profiles_keep_demand_as_the_mean() {
    let profile = |text: &str| {
        let scenario = read_changed("demand = \"0.5/s\"", &format!("demand = \"0.5/s\"\nprofile = {text}"));
        let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
        scenario.class(0, 0).unwrap().profile.clone()
    };
    let daily = profile("{ daily = { peak_at = \"14h\", low = \"40%\" } }");
    let mean: f64 = daily.steps.iter().map(|step| step.1).sum::<f64>() / daily.steps.len() as f64;
    assert!((mean - 1.0).abs() < 1e-12);
    assert_eq!(daily.period, Some(DAY));
    let peak = daily.steps.iter().max_by(|one, other| one.1.total_cmp(&other.1)).unwrap();
    assert!(peak.0.abs_diff(14 * HOUR) <= 15 * MINUTE);
    let turned = profile("{ daily = { peak_at = \"14h\", low = \"40%\" }, starts_at = \"14h\" }");
    assert_eq!(turned.steps[0].0, 0);
    assert!((turned.steps[0].1 - daily.peak()).abs() < 1e-9);
    assert_eq!(turned.steps.len(), daily.steps.len());
    let surge = profile("{ surge = { factor = 3, at = \"5min\", for = \"1min\" } }");
    assert_eq!(surge.steps, [(0, 1.0), (5 * MINUTE, 3.0), (6 * MINUTE, 1.0)]);
    let steps = profile("{ steps = [{ at = \"5min\", factor = 2 }], every = \"1h\" }");
    assert_eq!((steps.steps.len(), steps.period), (2, Some(HOUR)));
    let hours = profile(&format!("{{ hours = [{}] }}", vec!["1"; 23].join(", ") + ", 25"));
    assert_eq!(hours.steps[23], (23 * HOUR, 12.5));
    assert_eq!(profile("\"constant\"").steps, [(0, 1.0)]);
}

#[test]
fn recorded_requests_are_played_back() {
    let folder = Folder::new();
    folder.file("requests.csv", "time,workflow,customer,tier\n2.5,messaging,smb/17,\n1,messaging,,smb\n");
    let text = MINIMAL.replace("\"0.5/s\"", "\"trace\"") + "[trace]\ncsv = \"requests.csv\"\n";
    let scenario = folder.read(&text).unwrap();
    let rows: Vec<_> = scenario.trace.iter().map(|row| (row.at, row.customer)).collect();
    assert_eq!(rows, [(SECOND, None), (2_500 * MILLISECOND, Some(16))]);
    assert_eq!(scenario.class(0, 0).unwrap().demand, Demand::Trace);
}

#[test]
fn real_measurements_read_as_they_are() {
    // Not part of the project: where it lies beside it, its files must read unchanged.
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !data.exists() {
        return;
    }
    let profile = format!(
        "demand = \"0.5/s\"\nprofile = {{ csv = \"{}\", time = \"timestamp\" }}",
        data.join("elb-request-count-5min.csv").display()
    );
    let scenario = read_changed("demand = \"0.5/s\"", &profile)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
    let profile = &scenario.class(0, 0).unwrap().profile;
    assert_eq!(profile.steps.len(), 4_032);
    assert_eq!(profile.period, Some(14 * DAY + 40 * MINUTE));
    for (file, more, count) in [
        ("slack-operator-reported.csv", "", 260),
        ("cloud-incidents-aws-gcp-2018-2020.csv", "where = { vendor = \"AWS\" }\n", 377),
        ("cloud-incidents-aws-gcp-2018-2020.csv", "", 818),
    ] {
        let fault = format!(
            "[fault.recorded]\nstrikes = {{ platform = true }}\neffect = {{ errors = 1 }}\ncsv = \"{}\"\n{more}[run]\nlevel = \"incident\"\nhorizon = \"5years\"\n",
            data.join(file).display()
        );
        let scenario = read_with(&fault).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
        let Schedule::Trace(rows) = &scenario.faults[1].schedule else { panic!("not a trace") };
        assert_eq!(rows.incidents.len(), count, "{file}");
    }
}

#[test]
fn incident_files_of_two_archives_read() {
    let folder = Folder::new();
    folder.file(
        "operator.csv",
        "start_time,end_time,status,service\n0.0,100.0,0.0,up\n120.0,180.0,0.05,api\n600.0,660.0,1.0,api\n9999,10000,1,api\n",
    );
    folder.file(
        "cloud.csv",
        "vendor,start,end\nGCP,2018-01-03T20:45:46Z,2018-01-03T21:26:59Z\nAWS,2018-01-03T20:50:46Z,2018-01-03T21:00:46Z\n",
    );
    let fault = |more: &str| {
        let text =
            format!("{MINIMAL}[fault.recorded]\nstrikes = {{ platform = true }}\neffect = {{ errors = 1 }}\n{more}\n");
        let scenario = folder.read(&text).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
        let Schedule::Trace(rows) = scenario.faults[1].schedule.clone() else { panic!("not a trace") };
        rows.incidents.iter().map(|one| (one.start, one.end, one.share)).collect::<Vec<_>>()
    };
    let rows = fault("csv = \"operator.csv\"");
    assert_eq!(rows, [(120 * SECOND, 180 * SECOND, Some(0.05)), (600 * SECOND, 660 * SECOND, Some(1.0))]);
    let rows = fault("csv = \"cloud.csv\"\nwhere = { vendor = [\"AWS\"] }");
    assert_eq!(rows, [(300 * SECOND, 900 * SECOND, None)]);
    let rows = fault("csv = \"cloud.csv\"\nfrom = \"2018-01-03T20:40:46Z\"");
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [300 * SECOND, 600 * SECOND]);
}

#[test]
fn a_recorded_profile_repeats_with_a_mean_of_one() {
    let folder = Folder::new();
    folder
        .file("load.csv", "timestamp,value\n2014-04-10 00:04:00,30\n2014-04-10 00:09:00,10\n2014-04-10 00:19:00,20\n");
    let profile = "demand = \"0.5/s\"\nprofile = { csv = \"load.csv\", time = \"timestamp\" }";
    let scenario = folder.read(&MINIMAL.replace("demand = \"0.5/s\"", profile)).unwrap();
    let profile = &scenario.class(0, 0).unwrap().profile;
    assert_eq!(profile.period, Some(25 * MINUTE));
    // (30 x 5 + 10 x 10 + 20 x 10) / 25 = 18
    let expected = [(0, 30.0 / 18.0), (5 * MINUTE, 10.0 / 18.0), (15 * MINUTE, 20.0 / 18.0)];
    for (found, expected) in profile.steps.iter().zip(expected) {
        assert!(found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-12);
    }
}

#[test]
fn alternatives_of_a_later_layer_win() {
    let folder = Folder::new();
    folder.file("base.toml", &format!("{MINIMAL}[router]\ncache = {{ hit_ratio = \"95%\" }}\n"));
    let over = "extends = \"base.toml\"\nrouter.cache.ttl = \"45s\"\n[tier.smb]\ncells = 4\n[fault.crash]\n\
                mtbf = \"30d\"\nmttr = \"1h\"\n";
    let scenario = folder.read(over).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)));
    assert_eq!(scenario.router.unwrap().cache.hits, Hits::Ttl(45 * SECOND));
    assert_eq!(scenario.tiers[0].cells, [CellRule::Count(4)]);
    assert!(matches!(scenario.faults[0].schedule, Schedule::Random { .. }));
}
