//! What must be refused: with the file, the line, the text underlined and a suggestion.

use cellsim::scenario::Scenario;

use crate::support::{Folder, MINIMAL, problem, read, read_changed, read_with};

#[test]
fn unknown_keys() {
    let one = problem(read_changed("customers =", "costumers ="), "smb");
    assert!(one.message.contains("`customers` is missing"));
    let Err(problems) = read_changed("customers =", "costumers =") else { panic!("no problem") };
    let two = &problems.0[1];
    assert_eq!((two.line(), two.help.as_deref()), (Some(2), Some("did you mean `customers`?")));
    assert!(two.notes[0].contains("customers_per_cell"), "{:?}", two.notes);
    for (text, key) in [
        ("zone = 3\n", "zone"),
        ("[run]\nhorizn = \"15min\"\n", "horizn"),
        ("[router.cache]\nhitratio = 1\n", "hitratio"),
        ("[cost]\ncells = \"$1/month\"\n", "cells"),
        ("[workflow.messaging.tier.smb]\nclient.timout = \"1s\"\n", "timout"),
        ("[contract]\nbadfrom = \"5%\"\n", "badfrom"),
        ("[[expect]]\nmetric = \"blast_radius\"\nworst = { at_mst = 5 }\n", "worst"),
    ] {
        let text = if text.starts_with('[') { format!("{MINIMAL}{text}") } else { format!("{text}{MINIMAL}") };
        let one = problem(read(&text), key);
        assert!(one.help.is_some(), "{text}");
    }
}

#[test]
fn several_problems_at_once_each_of_them_once() {
    let text = MINIMAL.replace("1_000", "0").replace("\"2s\"", "\"2kb\"").replace("\"60%\"", "\"60s\"");
    let Err(problems) = read(&format!("{text}[tier.other]\ncustomers = 5\ncells = 1\nsla = \"99%\"\n")) else {
        panic!("no problem")
    };
    assert_eq!(problems.0.len(), 3, "{problems}");
}

#[test]
fn wrong_units() {
    let one = problem(read_changed("\"2s\"", "\"2%\""), "\"2%\"");
    assert!(one.label.contains("this is a share, not a duration"), "{}", one.label);
    assert!(one.help.unwrap().contains("250ms"));
    assert!(problem(read_changed("\"2s\"", "2"), "2").notes[0].contains("text in quotes"));
    let one = problem(read_changed("\"0.5/s\"", "\"0.5s\""), "\"0.5s\"");
    assert!(one.label.contains("this is a duration, not a rate"), "{}", one.label);
    problem(read_changed("\"99.9%\"", "\"99.9/s\""), "\"99.9/s\"");
    problem(read_with("[cost]\ncell = \"1900/month\"\n"), "\"1900/month\"");
    problem(read_with("[cost]\nrequest = \"$0.10/month\"\n"), "\"$0.10/month\"");
    problem(read_changed("1_000", "\"1000 cells\""), "\"1000 cells\"");
    problem(read_changed("1_000", "1_000.5"), "1_000.5");
    problem(read_changed("at = \"2min\"", "at = \"2m\""), "\"2m\"");
    problem(read_changed("effect = \"crash\"", "effect = 5"), "5");
    problem(read_changed("\"crash\"", "{ slow = \"3s\" }"), "\"3s\"");
}

#[test]
fn unknown_references() {
    for (from, to, near) in [
        ("workflow = \"messaging\"", "workflow = \"mesaging\"", "messaging"),
        ("tier = \"smb\", cell", "tier = \"smbs\", cell", "smb"),
        ("cell = 1 }", "stage = \"sent\" }", "send"),
    ] {
        let Err(problems) = read_changed(from, to) else { panic!("{to} is accepted") };
        let help = problems.0[0].help.clone();
        assert_eq!(help, Some(format!("did you mean `{near}`?")), "{problems}");
    }
    problem(read_changed("cell = 1 }", "zone = \"d\" }"), "\"d\"");
    problem(read_changed("cell = 1 }", "cell_of = \"whale\" }"), "\"whale\"");
    problem(read_changed("cell = 1 }", "cell_of = \"smb/1001\" }"), "\"smb/1001\"");
    problem(read_changed("cell = 1 }", "cell_of = \"smb\" }"), "\"smb\"");
    problem(read_changed("cell = 1 }", "cell = 11 }"), "11");
    problem(read_changed("\"0.5/s\"", "{ sbm = \"1/s\" }"), "sbm");
    problem(read_with("[workflow.messaging.tier.sbm]\nprice = \"$1/request\"\n"), "sbm");
    let expect = "[[expect]]\nmetric = \"blast_radius\"\nmean = { at_most = 5 }\n";
    for (key, value) in [("fault", "crsh"), ("tier", "sbm"), ("workflow", "mesaging")] {
        problem(read_with(&format!("{expect}{key} = \"{value}\"\n")), &format!("\"{value}\""));
    }
    problem(read_with("[[expect]]\nmetric = \"blast_radios\"\nmean = { at_most = 5 }\n"), "\"blast_radios\"");
    let one = problem(read_with("[[expect]]\nmetric = \"blast_radius\"\np99 = { at_most = 5 }\n"), "p99");
    assert!(one.help.unwrap().contains("mean, worst"));
    let whale = "[customer.whale]\ntier = \"smb\"\n";
    problem(read_with(&whale.replace("smb", "sbm")), "\"sbm\"");
    problem(read_with(&format!("{whale}workflows = [\"verify\"]\n")), "\"verify\"");
    problem(read_with(&format!("{whale}cell = \"messaging/smb/11\"\n")), "\"messaging/smb/11\"");
    problem(read_with(&format!("{whale}cell = \"messaging/1\"\n")), "\"messaging/1\"");
    problem(
        read_with("[fault.flush]\nstrikes = { router = \"cache\" }\neffect = \"flush\"\nat = \"1min\"\n"),
        "\"cache\"",
    );
}

#[test]
fn arrivals_and_limits() {
    let with = |line: &str| read_changed("demand =", &format!("{line}\ndemand ="));
    problem(with("arrivals = \"poison\""), "\"poison\"");
    problem(with("arrivals = { batch = 0 }"), "0");
    problem(with("arrivals = { bach = 5 }"), "arrivals");
    let trace = "[workflow.messaging.tier.smb]\ndemand = \"trace\"\narrivals = { batch = 5 }\n";
    problem(read_with(trace), "arrivals");
    let expect = "[[expect]]\nmetric = \"error_share\"\nmean = ";
    assert!(read_with(&format!("{expect}{{ at_least = \"1%\", at_most = \"2%\" }}\n")).is_ok());
    let one = problem(read_with(&format!("{expect}{{ at_least = \"3%\", at_most = \"2%\" }}\n")), "mean");
    assert!(one.help.is_some());
    problem(read_with(&format!("{expect}{{ at_leas = \"3%\" }}\n")), "mean");
}

#[test]
fn stages_of_other_kinds() {
    let stage = |more: &str| read_with(&format!("[stage]\n{more}\n"));
    problem(stage("to = 5"), "to");
    problem(stage("hedge = \"5ms\""), "hedge");
    problem(stage("kind = \"fan-out\""), "send");
    problem(stage("kind = \"fan-out\"\nto = 0"), "0");
    let one = problem(stage("kind = \"fan-out\"\nto = 5\nneeds = 6"), "6");
    assert!(one.help.unwrap().contains("all"));
    problem(stage("kind = \"fan-out\"\nto = 5\nneeds = \"most\""), "\"most\"");
    problem(stage("discipline = \"processor-sharing\"\nexpired = \"drop\""), "expired");
    problem(stage("workers = 0"), "0");
    problem(stage("workers = { count = 4, shard = 5 }"), "5");
    problem(stage("workers = { count = 8, shard = 3, assign = \"fixed\" }"), "3");
    problem(stage("workers = { shard = 3 }"), "workers");
    problem(read_changed("client.deadline = \"2s\"", "client = { deadline = \"2s\", hedge = \"2s\" }"), "\"2s\"");
    let strikes = |with: &str| read_changed(", cell = 1 }", with);
    problem(strikes(", destination = 1 }"), "1");
    problem(strikes(", stage = \"send\", destination = 1 }"), "1");
    problem(strikes(", stage = \"send\", worker = 1 }"), "1");
    let workers = "[stage]\nworkers = 4\n";
    let strikes = |with: &str| read(&format!("{}{workers}", MINIMAL.replace(", cell = 1 }", with)));
    assert!(strikes(", stage = \"send\", worker = 4 }").is_ok());
    problem(strikes(", stage = \"send\", worker = 5 }"), "5");
    problem(strikes(", stage = \"send\", workers_of = \"smb/2000\" }"), "\"smb/2000\"");
    let delay = format!("{}[stage]\nkind = \"delay\"\n", MINIMAL.replace("\"crash\"", "{ capacity = \"50%\" }"));
    problem(read(&delay), "effect");
    problem(read_changed("\"crash\"", "{ slow = 0 }"), "0");
}

#[test]
fn probabilities_outside_0_to_1() {
    for share in ["\"101%\"", "1.5", "-0.1", "nan", "\"-5%\""] {
        problem(read_changed("\"99.9%\"", share), share);
        problem(read_changed("\"60%\"", share), share);
        problem(read_changed("demand =", &format!("adoption = {share}\ndemand =")), share);
    }
    problem(read_changed("\"99.9%\"", "\"100%\""), "\"100%\"");
    problem(read_changed("\"60%\"", "\"100%\""), "\"100%\"");
}

#[test]
fn capacity_of_one_tier_where_cells_are_shared() {
    let own = "customers_per_cell = { target = 100 }\n";
    let all = format!("{MINIMAL}[cells]\nshared_by = \"tiers\"\n").replace(", cell = 1", "");
    let in_vain = problem(read(&all), "customers_per_cell");
    assert!(in_vain.message.contains("tiers share cells"), "{}", in_vain.message);
    problem(read(&all.replace(own, "cells = 7\n")), "7");
    let shared = all.replace(own, "");
    let one = problem(read(&shared.replace("\"crash\"", "{ capacity = \"50%\" }")), "strikes");
    assert!(one.message.contains("everybody's"), "{}", one.message);
}

#[test]
fn a_tier_without_demand() {
    let tier = "[tier.enterprise]\ncustomers = 5\ncells = 1\nsla = \"99%\"\n";
    let text = MINIMAL.replace("demand = \"0.5/s\"", "demand = { smb = \"0.5/s\" }");
    let one = problem(read(&format!("{text}{tier}")), "enterprise");
    assert!(one.message.contains("no demand"));
    problem(read_changed("demand = \"0.5/s\"\n", ""), "messaging");
    problem(read_changed("\"0.5/s\"", "\"0/s\""), "messaging");
    problem(read_changed("\"0.5/s\"", "\"trace\""), "messaging");
}

#[test]
fn expectations_that_no_run_could_measure() {
    let at_request = |metric: &str, limit: &str, filters: &str| {
        read_with(&format!("[[expect]]\nmetric = \"{metric}\"\n{limit}\n{filters}"))
    };
    let (share, rate, tier) = ("mean = { at_least = \"99%\" }", "end = { at_least = \"1/s\" }", "tier = \"smb\"\n");
    for (metric, limit, filters, underlined, words) in [
        ("availability", share, "", "\"availability\"", "for each tier"),
        ("availability", share, "tier = \"smb\"\nfault = \"crash\"\n", "fault", "not measured by fault"),
        (
            "recovery",
            "p50 = { at_most = \"1min\" }",
            "fault = \"crash\"\ntier = \"smb\"\n",
            "tier",
            "not measured by tier",
        ),
        ("recovery", "p50 = { at_most = \"1min\" }", "", "\"recovery\"", "for each fault"),
        ("blast_radius", "mean = { at_most = 5 }", "", "\"blast_radius\"", "for each fault"),
        ("goodput", rate, tier, "tier", "`end` of `goodput`"),
        ("cost", "mean = { at_most = \"$5/month\" }", "", "\"cost\"", "without [cost]"),
        ("hit_ratio", share, "", "\"hit_ratio\"", "without [router]"),
    ] {
        let one = problem(at_request(metric, limit, filters), underlined);
        assert!(one.message.contains(words) && one.help.is_some(), "{metric}: {one}");
    }
    let both = "tier = \"smb\"\nfault = \"crash\"\nworkflow = \"messaging\"\n";
    let one = problem(at_request("month_budget_used", "mean = { at_most = \"50%\" }", both), "\"crash\"");
    assert!(one.message.contains("at once"), "{one}");
    at_request("availability", share, tier).unwrap();
    at_request("goodput", rate, "").unwrap();
    at_request("goodput", "mean = { at_least = \"1/s\" }", tier).unwrap();
    at_request("hit_ratio", share, "[router]\n").unwrap();
    // What is left out may be named whatever it would need.
    at_request("cost", "mean = false", "").unwrap();
}

#[test]
fn impossible_laws() {
    let law = "{ p50 = \"8ms\", p99 = \"40ms\" }";
    for (text, underlined) in [
        ("{ p50 = \"40ms\", p99 = \"8ms\" }", "\"8ms\""),
        ("{ p50 = \"8ms\", p99 = \"8ms\" }", "\"8ms\""),
        ("{ p50 = \"-8ms\", p99 = \"8ms\" }", "\"-8ms\""),
        ("{ p0 = \"8ms\", p99 = \"9ms\" }", "p0"),
        ("{ p50 = \"1ns\", p51 = \"99years\" }", "{ p50 = \"1ns\", p51 = \"99years\" }"),
        ("{ gamma = { mean = \"8ms\", shape = 0 } }", "0"),
        ("{ gamma = { mean = \"8ms\", shape = nan } }", "nan"),
        ("{ gamma = { mean = \"8ms\", shape = inf } }", "inf"),
        ("{ weibull = { mean = \"8ms\", shape = -1 } }", "-1"),
        ("{ weibull = { mean = \"8ms\", shape = 0.001 } }", "{ mean = \"8ms\", shape = 0.001 }"),
        ("{ pareto = { min = \"8ms\", shape = 1 } }", "1"),
        ("{ exponential = \"0s\" }", "\"0s\""),
        ("{ uniform = { from = \"8ms\", to = \"8ms\" } }", "{ from = \"8ms\", to = \"8ms\" }"),
        ("{ hyperexponential = [{ share = \"50%\", mean = \"1s\" }] }", "[{ share = \"50%\", mean = \"1s\" }]"),
        ("{ empirical = { \"0%\" = \"1s\" } }", "{ \"0%\" = \"1s\" }"),
        ("{ empirical = { \"0%\" = \"1s\", \"100%\" = \"1ms\" } }", "\"1ms\""),
        ("{ exponential = \"8ms\", p50 = \"9ms\" }", "p50"),
        ("{ erlang = { mean = \"8ms\", stages = 0 } }", "0"),
        ("{ mean = \"8ms\", cv = 0 }", "0"),
        ("{ mean = \"8ms\", cv = 1, deviation = \"8ms\" }", "deviation"),
        ("{ median = \"8ms\" }", "median"),
        ("{ empirical = { csv = \"gone.csv\", column = \"x\", unit = \"ms\" } }", "\"gone.csv\""),
    ] {
        let result = read_changed(law, text);
        let Err(problems) = &result else { panic!("{text} is accepted") };
        let first = &problems.0[0];
        let found = first.span.clone().map(|span| first.source[span].to_owned());
        // A table in braces may be named by its key.
        let by_key = found.as_deref().is_some_and(|found| text.contains(found) && underlined.starts_with('{'));
        assert!(found.as_deref() == Some(underlined) || by_key || underlined.starts_with("{ p50"), "{problems}");
    }
}

#[test]
fn deadlines_and_attempts() {
    let one = problem(read_changed("client.deadline = \"2s\"\n", ""), "messaging");
    assert!(one.message.contains("`deadline` is missing"));
    for text in ["inf", "\"inf\"", "\"never\""] {
        let one = problem(read_changed("\"2s\"", text), text);
        assert!(one.message.contains("finite"), "{}", one.message);
    }
    problem(read_changed("\"2s\"", "\"100years\""), "\"100years\"");
    problem(read_changed("\"2s\"", "\"2s\"\nclient.timeout = \"3s\""), "\"3s\"");
    for attempts in ["0", "101", "-1", "1e2"] {
        problem(read_changed("\"2s\"", &format!("\"2s\"\nclient.attempts = {attempts}")), attempts);
    }
}

#[test]
fn faults_at_impossible_times() {
    for (at, words) in [
        ("\"-2min\"", "warm-up"),
        ("\"1min ± 2min\"", "warm-up"),
        ("\"15min\"", "after the end"),
        ("\"14min +- 1min\"", "after the end"),
        ("\"2min ± lots\"", "spread"),
    ] {
        let one = problem(read_changed("at = \"2min\"", &format!("at = {at}")), at);
        assert!(one.message.contains(words), "{}", one.message);
    }
    problem(read_changed("for = \"2min\"\n", ""), "crash");
    problem(read_changed("at = \"2min\"\nfor = \"2min\"\n", ""), "crash");
    let random = |text: &str| read_changed("at = \"2min\"\nfor = \"2min\"", text);
    problem(random("mtbf = { p50 = \"1ns\", p99 = \"2ns\" }\nmttr = \"1h\""), "mtbf");
    problem(random("mtbf = \"1d\"\nmttr = \"0s\""), "\"0s\"");
    problem(random("mtbf = \"1d\""), "crash");
    problem(read_changed("for = \"2min\"\n", "for = \"2min\"\nmtbf = \"1d\"\nmttr = \"1h\"\n"), "mtbf");
}

#[test]
fn effects_that_do_not_fit() {
    let fault = |effect: &str, strikes: &str| {
        let text = MINIMAL.replace("effect = \"crash\"", &format!("effect = {effect}"));
        read(&text.replace(
            "strikes = { workflow = \"messaging\", tier = \"smb\", cell = 1 }",
            &format!("strikes = {strikes}"),
        ))
    };
    let messaging = "workflow = \"messaging\", tier = \"smb\"";
    for (effect, strikes, words) in [
        ("\"crash\"", format!("{{ {messaging}, customer = \"busiest\" }}"), "cell_of"),
        ("{ demand = 20 }", format!("{{ {messaging}, cell = 1 }}"), "customer"),
        ("{ demand = 20, errors = \"5%\" }", "{ tier = \"smb\" }".into(), "two faults"),
        ("{}", "{ tier = \"smb\" }".into(), "crash"),
        ("{ crash = true, blackhole = true }", "{ tier = \"smb\" }".into(), "keep"),
        ("{ slow = 3, per = \"slot\" }", "{ tier = \"smb\" }".into(), "errors"),
        ("\"crash\"", "{}".into(), "platform = true"),
        ("\"crash\"", "{ platform = true, tier = \"smb\" }".into(), "alone"),
        ("\"crash\"", "{ cell = 1, cell_of = \"smb/1\" }".into(), "keep one"),
    ] {
        let Err(problems) = fault(effect, &strikes) else { panic!("{effect} on {strikes} is accepted") };
        let help = problems.0[0].help.clone().unwrap_or_default();
        assert!(help.contains(words), "{problems}\n{help}");
    }
    problem(read_changed("for = \"2min\"", "for = \"2min\"\ndetected_after = \"10s\""), "detected_after");
    read_changed("cell = 1 }", "zone = \"b\" }\ndetected_after = \"10s\"").unwrap();
}

#[test]
fn files_that_extend_each_other() {
    let folder = Folder::new();
    let path = folder.file("a.toml", "extends = \"b.toml\"\n");
    folder.file("b.toml", "extends = \"a.toml\"\n");
    let one = problem(Scenario::read(&path, &[]), "\"a.toml\"");
    assert!(one.message.contains("loop") && one.file.ends_with("b.toml"), "{one}");
    let path = folder.file("self.toml", "extends = \"./self.toml\"\n");
    problem(Scenario::read(&path, &[]), "\"./self.toml\"");
    let path = folder.file("gone.toml", "extends = \"nowhere.toml\"\n");
    let one = problem(Scenario::read(&path, &[]), "\"nowhere.toml\"");
    assert!(one.message.contains("no such file"));
    for nothing in [".", "", "x/..", "/"] {
        let path = folder.file("folder.toml", &format!("extends = \"{nothing}\"\n"));
        let one = problem(Scenario::read(&path, &[]), &format!("\"{nothing}\""));
        assert!(!one.message.contains("cannot read :"), "{one}");
    }
    let path = folder.file("number.toml", "extends = 5\n");
    problem(Scenario::read(&path, &[]), "5");
    let none = Scenario::read(&folder.path().join("none.toml"), &[]).unwrap_err();
    assert!(none.to_string().contains("no such file"), "{none}");
    assert!(Scenario::read(folder.path(), &[]).is_err());
}

#[test]
fn removals_of_nothing() {
    let one = problem(
        read_with("[fault]\nzone-loss = false\n").map_err(|mut problems| {
            problems.0.truncate(1);
            problems
        }),
        "false",
    );
    assert!(one.help.unwrap().contains("nothing is inherited"));
}

#[test]
fn sizes_out_of_order_or_range() {
    for text in ["{ target = 5, min = 10 }", "{ target = 50, max = 10 }", "\"50..10\"", "\"a..b\"", "0", "\"0..5\""] {
        let result = read_changed("{ target = 100 }", text);
        assert!(result.is_err(), "{text}");
    }
    problem(read_changed("1_000", "0"), "0");
    problem(read_changed("1_000", "99_999_999_999_999_999_999"), "99_999_999_999_999_999_999");
    let one = problem(read_changed("1_000", "-5"), "-5");
    assert!(one.label == "negative" && one.message.contains("1 to 100,000,000 customers"), "{one}");
    let one = problem(read_changed("effect = \"crash\"", "effect = \"evacuate\""), "\"evacuate\"");
    assert!(one.notes.iter().any(|note| note.contains("no evacuation")), "{one:?}");
    problem(read_changed("customers_per_cell = { target = 100 }\n", ""), "smb");
    problem(read_with("[customer.whale]\ncount = 1_001\ntier = \"smb\"\n"), "whale");
    problem(read_with("[run]\nhorizon = \"9000years\"\n"), "\"9000years\"");
    problem(read_with("[run]\nseed = -1\n"), "-1");
    problem(read_with("[run]\nlevel = \"instant\"\n"), "\"instant\"");
    problem(read_changed("\"0.5/s\"", "\"1e400/s\""), "\"1e400/s\"");
    problem(read_changed("\"60%\"", "\"60%\", concurrency = 4"), "concurrency");
    problem(read_with("[cells]\ncount = 2\n"), "count");
}

#[test]
fn files_that_are_not_toml() {
    for text in ["x", "[tier", "a = 1\na = 2\n", "a = \"x", "\u{0}", "= 5", "[[tier]]\n[tier]\n"] {
        let problems = read(text).unwrap_err();
        assert!(problems.0[0].span.is_some(), "{text:?}: {problems}");
    }
    let folder = Folder::new();
    let path = folder.file("scenario.toml", "");
    std::fs::write(&path, [b'a', b'=', b'1', b'\n', 0xff, 0xfe]).unwrap();
    let one = problem(Scenario::read(&path, &[]), "\u{fffd}");
    assert!(one.to_string().contains("scenario.toml:2: ") && one.message.contains("is not UTF-8 text"), "{one}");
    let problems = read("").unwrap_err();
    assert_eq!(problems.0.len(), 2, "{problems}");
}

#[test]
fn names_that_break_paths() {
    problem(read_with("[tier.\"a/b\"]\ncustomers = 5\ncells = 1\nsla = \"99%\"\n"), "\"a/b\"");
}
