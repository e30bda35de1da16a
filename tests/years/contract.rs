//! What a contract and a calendar say has an effect.

use crate::support::{Of, row, run_text, run_with, value_of};
use crate::{kept, outages, years};

const FEW: &str = "run.replications=10";

fn share(text: &str, sets: &[&str]) -> f64 {
    kept(&run_with(text, sets)).value.expect("measured")
}

#[test]
fn calendar_months_are_longer_or_shorter() {
    let thirty = run_with(&outages(50, ""), &[FEW]);
    let months = run_with(&outages(50, "starts_on = \"2026-01-15\""), &[FEW]);
    assert_eq!((years(&thirty).windows, years(&months).windows), (10 * 121, 10 * 119));
    assert_eq!(years(&months).window, "calendar month");
    assert_ne!(kept(&thirty).value, kept(&months).value);
}

#[test]
fn credits_follow_their_table_and_who_claims() {
    let credits = "contract.credits=[{ below = \"target\", share = \"10%\" }, { below = \"99.5%\", share = \"50%\" }]";
    let dollars = |sets: &[&str]| {
        value_of(&run_with(&outages(50, ""), sets), "credits", "mean", Of { tier: "t", ..Of::default() })
    };
    let one = dollars(&[FEW, "contract.credits=[{ below = \"target\", share = \"10%\" }]"]);
    // A tenth of a month's fees of every month that is lost: 20 requests a minute at a dollar each.
    let lost = 1.0 - share(&outages(50, ""), &[FEW]);
    let fees = 1000.0 * 20.0 * 43_200.0;
    assert!((one / (0.1 * fees * lost) - 1.0).abs() < 1e-6, "{one}");
    assert!(dollars(&[FEW, credits]) > one);
    let half = dollars(&[FEW, "contract.credits=[{ below = \"target\", share = \"10%\" }]", "contract.claimed=50%"]);
    assert!((half / one - 0.5).abs() < 1e-9);
}

#[test]
fn announced_maintenance_does_not_count() {
    let text = outages(10, "");
    let all = share(&text, &[FEW]);
    let none = run_with(&text, &[FEW, "contract.excludes=[\"outage\"]"]);
    assert!(all < 1.0);
    assert_eq!(kept(&none).value, Some(1.0));
    // It harms all the same.
    assert!(years(&none).minutes.value > Some(0.0));
}

#[test]
fn a_quiet_customer_keeps_more_minutes_and_its_home_cell_speaks_for_it() {
    let quiet = ["workflow.w.demand=0.2/min", FEW];
    let own = share(&outages(50, ""), &quiet);
    let cell = share(&outages(50, ""), &[quiet[0], FEW, "contract.judged_on=home-cell"]);
    let busy = share(&outages(50, ""), &[FEW]);
    assert!(own > busy + 0.005, "{own} {busy}");
    assert!((cell - busy).abs() < 0.01, "{cell} {busy}");
    assert!(share(&outages(50, ""), &[quiet[0], FEW, "contract.min_requests=3"]) > own);
    assert!(share(&outages(50, ""), &[FEW, "contract.measure=mean-error-share"]) > 0.95);
}

#[test]
fn alerts_fire_more_often_for_a_stricter_promise() {
    let fired = |sla: &str| {
        let results = run_with(&outages(1, ""), &[FEW, sla]);
        years(&results).alerts.iter().map(|alert| alert.a_year.value.unwrap_or(0.0)).collect::<Vec<_>>()
    };
    let (strict, loose) = (fired("tier.t.sla=99.99%"), fired("tier.t.sla=99%"));
    assert!(strict.iter().zip(&loose).all(|(strict, loose)| strict >= loose) && strict[0] > loose[0]);
    // An outage that lasts 52 seconds burns 14.4 budgets of 99.9 % in an hour: nearly all do.
    assert!(fired("tier.t.sla=99.9%")[0] > 11.0);
}

#[test]
fn a_window_that_is_not_whole_is_not_measured() {
    let results = run_with(&outages(5, ""), &["run.horizon=20d", FEW]);
    let estimate = row(&results, "sla_attainment", "mean", Of { tier: "t", ..Of::default() });
    assert_eq!(estimate.value, None);
    assert!(estimate.reason.as_deref().is_some_and(|why| why.contains("window")));
}

#[test]
fn customers_that_two_faults_strike_lose_their_months_alone() {
    let fault = |name: &str, at: &str, share: &str| {
        format!(
            "[fault.{name}]\nstrikes = {{ platform = true }}\neffect = {{ errors = \"{share}\", per = \"customer\" }}\n\
             at = \"{at}\"\nfor = \"10min\"\n"
        )
    };
    let faults = format!("{}{}", fault("one", "2d", "30%"), fault("two", "20d", "20%"));
    let text = outages(5, "faults = \"all\"").replace("[run]", &format!("{faults}[run]"));
    for measure in ["bad-minutes", "requests", "mean-error-share"] {
        let measure = format!("contract.measure={measure}");
        let sets = [
            "fault.outage=false",
            "run.horizon=30d",
            "run.replications=2",
            "workflow.w.demand=600/min",
            "tier.t.sla=99.99%",
            &measure,
        ];
        let results = run_with(&text, &sets);
        let found = kept(&results).value.expect("measured");
        // 4 bad minutes are allowed: whom neither strikes keeps the month.
        assert!((found - 0.7 * 0.8).abs() < 1e-6, "{measure}: {found}");
        let minutes = row(&results, "bad_minutes", "mean", Of { tier: "t", ..Of::default() }).value.expect("measured");
        assert!((minutes - 10.0 * 0.5).abs() < 0.01, "{measure}: {minutes}");
        for (cause, share) in [("one", 0.3), ("two", 0.2)] {
            let harmed = crate::cause(&results, cause).harmed_mean.value.expect("measured");
            assert!((harmed - 1000.0 * share).abs() < 0.5, "{cause}: {harmed}");
        }
    }
}

/// 10 bad minutes in January, 90 in February: the least available window is February's, of 28 days, and no window has less than nothing.
#[test]
fn the_least_available_window_is_judged_by_its_own_length() {
    let text = |length: &str, limit: &str| {
        format!(
            "[tier.a]\ncustomers = 10\ncells = 1\nsla = \"99.9%\"\n[workflow.w]\ndemand = \"10/s\"\nclient.deadline = \"1s\"\n\
             stage.s = {{ service_time = \"1ms\", kind = \"delay\" }}\n[fault.m]\nat = \"30d 23h 50min\"\nfor = \"{length}\"\n\
             strikes = {{ tier = \"a\" }}\neffect = \"crash\"\n[fault.rnd]\nmtbf = \"100years\"\nmttr = \"1min\"\neffect = \"crash\"\n\
             [run]\nlevel = \"incident\"\nfaults = \"all\"\nhorizon = \"59d\"\nreplications = 3\nstarts_on = \"2026-01-01\"\n\
             [[expect]]\nmetric = \"availability\"\ntier = \"a\"\nworst = {{ at_least = \"{limit}\" }}\n"
        )
    };
    let results = run_text(&text("100min", "99.78%"));
    let least = || Of { tier: "a", ..Of::default() };
    let found = row(&results, "availability", "worst", least());
    assert!((found.value.unwrap_or(0.0) - (1.0 - 90.0 / 40_320.0)).abs() < 1e-9 && found.low == Some(0.0), "{found:?}");
    assert_eq!(results.verdicts[0].outcome, cellsim::experiment::outcome::Judgement::Breached);
    // 90 in January and 85 in February: most minutes in the one, the greater share in the other.
    let results = run_text(&text("175min", "99%").replace("30d 23h 50min", "30d 22h 30min"));
    let minutes = row(&results, "bad_minutes", "worst", Of { tier: "a", ..Of::default() });
    assert_eq!(minutes.value, Some(90.0));
    let found = row(&results, "availability", "worst", least());
    assert!((found.value.unwrap_or(0.0) - (1.0 - 85.0 / 40_320.0)).abs() < 1e-9, "{found:?}");
}

/// Alerts look at the last hours: neither the length of windows, nor their edges, nor what lies outside of them makes a difference.
#[test]
fn alerts_know_nothing_of_windows() {
    let text = |at: &str, every: &str| {
        format!(
            "[tier.t]\ncustomers = 10\ncells = 1\nsla = \"99.9%\"\n[workflow.w]\ndemand = \"1/s\"\nclient.deadline = \"2s\"\n\
             stage.d = {{ kind = \"delay\", service_time = \"10ms\" }}\n\
             [fault.a]\nstrikes = {{ workflow = \"w\" }}\neffect = \"crash\"\nat = \"{at}\"\nevery = \"{every}\"\nfor = \"120min\"\n\
             [run]\nlevel = \"incident\"\nfaults = \"scripted\"\nhorizon = \"360d\"\nreplications = 1\nstarts_on = \"2027-11-01\"\n"
        )
    };
    let fired = |text: &str, sets: &[&str]| {
        let results = run_with(text, sets);
        years(&results).alerts.iter().map(|alert| alert.a_year.value.unwrap_or(-1.0)).collect::<Vec<_>>()
    };
    // 35 crashes from midnight on; another 35 that cross it.
    for at in ["10d", "9d 23h"] {
        for window in ["10d", "30d", "360d", "7d", "month", "quarter", "500d"] {
            let found = fired(&text(at, "10d"), &[&format!("tier.t.contract.window={window}")]);
            let crashes = 35.0 * 365.0 / 360.0;
            let close = |times: &f64| {
                (times - crashes).abs() < 1e-9 || (at != "10d" && (times - crashes * 36.0 / 35.0).abs() < 1e-9)
            };
            assert!(found.len() == 4 && found.iter().all(close), "{at} {window}: {found:?}");
        }
    }
    // In 90 days there is no whole quarter from November on.
    let found = fired(&text("5d", "30d"), &["tier.t.contract.window=quarter", "run.horizon=80d"]);
    assert!(found.iter().all(|times| (times - 3.0 * 365.0 / 80.0).abs() < 1e-9), "{found:?}");
}
