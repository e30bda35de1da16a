//! Demand and delays: rates over customers, tiers and the day, and the law of a delay.

use cellsim::engine::law::Law;

use crate::judge::{confidence, inside, row_inside};
use crate::support::{Of, read, row, run};

#[test]
fn a_delay_takes_what_its_law_says() {
    let laws = [
        "{ p50 = \"8ms\", p99 = \"40ms\" }",
        "{ exponential = \"10ms\" }",
        "{ weibull = { mean = \"10ms\", shape = 0.7 } }",
        "{ pareto = { min = \"5ms\", shape = 2.5 } }",
        "{ normal = { mean = \"10ms\", deviation = \"5ms\" } }",
        "{ empirical = { \"0%\" = \"1ms\", \"50%\" = \"8ms\", \"100%\" = \"90ms\" } }",
    ];
    for law in laws {
        let scenario = read(&format!(
            "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99%\"\n\
             [workflow.w]\ndemand = \"1000/s\"\nclient.deadline = \"10s\"\n\
             stage.s = {{ kind = \"delay\", service_time = {law} }}\n\
             [run]\nwarmup = \"1s\"\nhorizon = \"12s\"\nreplications = 10\n{}\n",
            confidence()
        ));
        let theory: &Law = &scenario.class(0, 0).expect("there is one class").path[0].service_time;
        let results = run(&scenario);
        for (statistic, p) in [("p50", 0.5), ("p99", 0.99)] {
            row_inside(&results, "latency", statistic, theory.quantile(p) / 1e9);
        }
    }
}

#[test]
fn demand_by_tier_adoption_and_named_customers() {
    let results = run(&read(&format!(
        "[tier.big]\ncustomers = 50\ncells = 2\nsla = \"99%\"\n[tier.small]\ncustomers = 1000\ncells = 2\nsla = \"99%\"\n\
         [customer.whale]\ncount = 2\ntier = \"big\"\ndemand = \"100/s\"\n\
         [workflow.w]\ndemand = {{ big = \"10/s\", small = \"1/s\" }}\nadoption = {{ big = \"100%\", small = \"40%\" }}\n\
         skew = {{ pareto = 1.2 }}\nclient.deadline = \"1s\"\nstage.s = {{ kind = \"delay\", service_time = \"1ms\" }}\n\
         [run]\nwarmup = \"10s\"\nhorizon = \"2min\"\nreplications = 10\n{}\n",
        confidence()
    )));
    let rate = |tier: &str| row(&results, "request_rate", "mean", Of { tier, ..Of::default() }).clone();
    inside("big", &rate("big"), 48.0 * 10.0 + 2.0 * 100.0);
    inside("small", &rate("small"), 400.0);
    inside("all", &rate(""), 1080.0);
    assert!((results.facts.requests_per_second - 1080.0).abs() < 1e-6);
}

#[test]
fn a_whole_day_brings_the_mean_demand() {
    let results = run(&read(&format!(
        "[tier.t]\ncustomers = 100\ncells = 1\nsla = \"99%\"\n\
         [workflow.w]\ndemand = \"0.05/s\"\nprofile = {{ daily = {{ peak_at = \"14h\", low = \"20%\" }} }}\n\
         client.deadline = \"1s\"\nstage.s = {{ kind = \"delay\", service_time = \"1ms\" }}\n\
         [run]\nwarmup = \"1h\"\nhorizon = \"1d\"\nreplications = 10\n{}\n",
        confidence()
    )));
    row_inside(&results, "request_rate", "mean", 5.0);
    // A cosine: the hour around 14:00 against the hour around 2:00 is as 100 % to 20 %, but for the width of an hour.
    let hour = |from: i32| {
        let rows = results
            .requests()
            .expect("requests were run")
            .timeline
            .iter()
            .filter(|row| (f64::from(from)..f64::from(from + 3600)).contains(&row.second));
        rows.map(|row| row.ok[1]).sum::<f64>()
    };
    let ratio = hour(13 * 3600 + 1800) / hour(3600 + 1800);
    assert!((4.5..5.5).contains(&ratio), "peak to night: {ratio}");
}
