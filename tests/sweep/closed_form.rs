//! The sizing whose answer theory gives: 50 customers a cell, repaired in 13 minutes, for $19,500.
//!
//! A month of 30 days has N outages of a cell, Poisson with mean 1/2; each of D whole minutes at a random second makes D bad minutes,
//! or D + 1 with probability 0.9, and 43 are allowed.

use crate::support::Folder;

/// Returns the probability that a month is kept if outages last so many minutes.
fn kept(minutes: u32) -> f64 {
    let mut sum = 0.0;
    let mut poisson = (-0.5_f64).exp();
    for outages in 0..20_u32 {
        // Of the outages, `longer` take a minute more.
        let mut binomial = 0.1_f64.powi(outages as i32);
        for longer in 0..=outages {
            if outages * minutes + longer <= 43 {
                sum += poisson * binomial;
            }
            binomial *= f64::from(outages - longer) / f64::from(longer + 1) * 9.0;
        }
        poisson *= 0.5 / f64::from(outages + 1);
    }
    sum
}

#[test]
fn the_table_of_the_closed_form_is_found() {
    let expected = [(45, 0.6065), (30, 0.9098), (20, 0.9856), (13, 0.9982), (8, 0.9998)];
    for (minutes, share) in expected {
        assert!((kept(minutes) - share).abs() < 1e-4, "{minutes}: {}", kept(minutes));
    }
    let folder = Folder::new();
    let ended = folder.run(&["sweep", "opt.study.toml", "--set", "run.horizon=10years", "--replications", "10"]);
    let first = "CHEAPEST THAT KEEPS ALL 2: point 9: $19,500 a month (cell 50, repair 13min)  opt.study.toml  exit 0\n";
    assert!(ended.stdout.starts_with(first), "{}\n{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, 0);
    let lines = folder.table("results/sweep/opt/sweep.csv");
    let mut seen = 0;
    for line in lines.iter().filter(|line| line["id"] == "sla_attainment.mean{tier=enterprise}:share") {
        let minutes: u32 = line["repair"].trim_end_matches("min").parse().unwrap();
        let number = |column: &str| line[column].parse::<f64>().unwrap();
        // Twenty intervals of 95 % on the same histories: half a width more for luck; and outages that reach into the next month.
        let slack = 0.5 * (number("ci_high") - number("ci_low")) + 1e-3;
        let truth = kept(minutes);
        assert!(number("ci_low") - slack <= truth && truth <= number("ci_high") + slack, "{line:?}, not {truth}");
        seen += 1;
    }
    assert_eq!(seen, 20);
    let chart = std::fs::read_to_string(folder.path("results/sweep/opt/heat.svg")).unwrap();
    assert!(chart.contains("13min") && chart.contains("99.8"), "{chart}");
    let points = folder.table("results/sweep/opt/points.csv");
    assert_eq!((points[8]["cost"].as_str(), points[8]["kept"].as_str()), ("19500", "2"));
    assert_eq!((points[8]["again_kept"].as_str(), points[8]["again_of"].as_str()), ("2", "2"));
    assert_eq!((points[8]["cells"].as_str(), points[8]["largest_cell_enterprise"].as_str()), ("6", "50"));
    assert_eq!(points[13]["first_breached"], "blast_radius.worst{fault=outage}:customers");
}

#[test]
fn a_limit_that_no_point_keeps_names_what_moves_it() {
    let folder = Folder::new();
    let vary = ["sweep", "opt.toml", "--vary", "tier.enterprise.customers_per_cell.target=25,30,50"];
    let ended = folder.run(&vary);
    assert_eq!(ended.code, 3, "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .starts_with("NONE KEEPS ALL 2: closest is point 3: $12,000 a month (target 50): it breaks sla_attainment"),
        "{}",
        ended.stdout
    );
    let sentence = ended
        .stdout
        .lines()
        .skip_while(|line| !line.contains("No lever here is seen to move"))
        .collect::<Vec<_>>()
        .join(" ");
    assert!(sentence.contains("What does:"), "{}", ended.stdout);
    assert!(sentence.contains("outage.mttr x0.5 ") && sentence.contains("outage.mtbf x2 "), "{sentence}");
    assert!(!sentence.contains("customers_per_cell"), "a lever is not tried: {sentence}");
}

#[test]
fn threads_change_no_byte() {
    let folder = Folder::new();
    for (threads, out) in [("1", "one"), ("3", "three")] {
        let ended = folder.run(&["sweep", "opt.study.toml", "--replications", "2", "--threads", threads, "--out", out]);
        assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    }
    assert_eq!(folder.results("one"), folder.results("three"));
}
