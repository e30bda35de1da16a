//! Dates in recordings, and the day on which a run begins.

use cellsim::units::{HOUR, SECOND};

use crate::support::{Folder, MINIMAL, problem, read};

/// A recording with dates keeps to them: time 0 is the midnight of `run.starts_on`, within it or where it would be again.
#[test]
fn recordings_with_dates_begin_on_the_day_of_the_run() {
    let folder = Folder::new();
    folder.file(
        "rates.csv",
        "time,value\n03/14/2026 12:00,1\n03/15/2026 00:00,2\n03/15/2026 06:00,5\n03/15/2026 18:00,4\n",
    );
    // The last row lasts for 12 hours: until 6:00 on the 16th.
    let profile = |more: &str, run: &str| {
        let text = format!("demand = \"0.5/s\"\nprofile = {{ csv = \"rates.csv\"{more} }}");
        let text = MINIMAL.replace("demand = \"0.5/s\"", &text) + run;
        folder.read(&text).unwrap_or_else(|problems| panic!("{problems}")).class(0, 0).unwrap().profile.clone()
    };
    let rates = |profile: &cellsim::scenario::demand::Profile| {
        let mean = profile.steps.iter().find(|step| step.1 > 0.0).unwrap().1;
        profile.steps.iter().map(|step| (step.0 / HOUR, (100.0 * step.1 / mean).round() / 100.0)).collect::<Vec<_>>()
    };
    let from_first = profile("", "");
    assert_eq!(rates(&from_first), [(0, 1.0), (12, 2.0), (18, 5.0), (30, 4.0)]);
    let from_midnight = profile("", "[run]\nstarts_on = \"2026-03-15\"\n");
    assert_eq!(rates(&from_midnight), [(0, 1.0), (6, 2.5), (18, 2.0), (30, 0.5)]);
    assert_eq!(from_midnight.period, Some(42 * HOUR));
    // 42 hours and 84 hours later, or earlier: the same; a day before the recording, its 30th hour.
    assert_eq!(profile("", "[run]\nstarts_on = \"2026-03-22\"\n"), from_midnight);
    assert_eq!(profile("", "[run]\nstarts_on = \"2026-03-08\"\n"), from_midnight);
    assert_eq!(rates(&profile("", "[run]\nstarts_on = \"2026-03-14\"\n"))[..2], [(0, 1.0), (12, 0.25)]);
    let once = profile(", repeat = false", "[run]\nstarts_on = \"2026-03-15\"\n");
    assert_eq!((rates(&once), once.period), (vec![(0, 1.0), (6, 2.5), (18, 2.0)], None));
}

#[test]
fn recorded_requests_with_dates_count_from_the_day_of_the_run() {
    let folder = Folder::new();
    folder.file("requests.csv", "time,workflow,tier\n14/03/2026 00:02,messaging,smb\n14/03/2026 00:01,messaging,smb\n");
    let text = MINIMAL.replace("\"0.5/s\"", "\"trace\"") + "[trace]\ncsv = \"requests.csv\"\n";
    let at = |text: &str| folder.read(text).unwrap().trace.iter().map(|row| row.at / SECOND).collect::<Vec<_>>();
    assert_eq!(at(&text), [0, 60]);
    assert_eq!(at(&(text + "[run]\nstarts_on = \"2026-03-14\"\n")), [60, 120]);
}

/// One time 0 has one date and one time of day.
#[test]
fn times_of_day_and_dates_that_contradict_each_other() {
    let dated = |profile: &str| {
        let text = format!("demand = \"0.5/s\"\nprofile = {profile}");
        format!("{}[run]\nstarts_on = \"2026-03-02\"\n", MINIMAL.replace("demand = \"0.5/s\"", &text))
            .replace("at = \"2min\"", "at = \"monday 00:02\"")
    };
    for day in
        ["daily = { peak_at = \"14h\", low = \"40%\" }".to_owned(), format!("hours = [{}]", ["1"; 24].join(", "))]
    {
        let one = problem(read(&dated(&format!("{{ {day}, starts_at = \"8h\" }}"))), "starts_at");
        assert!(one.message.contains("run.starts_on"), "{}", one.message);
        assert!(
            read(&dated(&format!("{{ {day}, starts_at = \"0h\" }}"))).is_ok()
                && read(&dated(&format!("{{ {day} }}"))).is_ok()
        );
    }
    // A recording of other days that does not repeat, and requests of the day before.
    let folder = Folder::new();
    let once = dated("{ csv = \"rates.csv\", repeat = false }");
    for (rows, label) in [("2026-03-01,1\n2026-03-01 12:00,2\n", "before"), ("2026-03-03,1\n2026-03-04,2\n", "later")] {
        folder.file("rates.csv", &format!("time,value\n{rows}"));
        let one = problem(folder.read(&once), "\"rates.csv\"");
        assert!(one.label.contains(label), "{}", one.label);
    }
    folder.file("requests.csv", "time,workflow,tier\n2026-03-02 00:00:05,messaging,smb\n2026-03-01,messaging,smb\n");
    let text = dated("\"constant\"") + "[trace]\ncsv = \"requests.csv\"\n";
    let problems = folder.read(&text).unwrap_err();
    assert_eq!((problems.0[0].message.as_str(), problems.0[0].line()), ("a request before time 0", Some(3)));
}
