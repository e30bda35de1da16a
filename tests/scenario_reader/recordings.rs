//! Recorded requests, incidents and profiles that are refused: by their own line.

use crate::support::{Folder, MINIMAL, problem, read_changed, read_with};

#[test]
fn traces_and_tables() {
    let trace = "[trace]\ncsv = \"requests.csv\"\n";
    for (rows, words, line) in [
        ("time,workflow,tier\nNaN,messaging,smb\n", "NaN", 2),
        ("time,workflow,tier\n-1,messaging,smb\n", "negative", 2),
        ("time,workflow,tier\n1,messaging,smb\n2,messaging\n", "2 fields", 3),
        ("time,workflow,tier\n1,messagin,smb\n", "no workflow", 2),
        ("time,workflow,tier\n1,messaging,smbs\n", "no tier", 2),
        ("time,workflow,customer\n1,messaging,smb/1001\n", "no such customer", 2),
        ("time,workflow,customer\n1,messaging,smb\n", "not a customer", 2),
        ("time,workflow,tier\nsoon,messaging,smb\n", "neither seconds nor a date", 2),
        ("time,workflow,tier\n1e300,messaging,smb\n", "100 years", 2),
        ("time,workflow,customer\n1,messaging,smb/1\n2,messaging,\n", "no customer and no tier", 3),
        ("time,workflow,tier\n1,messaging,\n", "no customer and no tier", 2),
        ("time,workflow,customer,tier\n1,messaging,,\n", "no customer and no tier", 2),
        ("time,workflow,tier\n1,,smb\n", "a request of no workflow", 2),
        ("time,workflow,tier\n03/14/2026,messaging,smb\n14/03/2026,messaging,smb\n", "begins with its day", 3),
        ("time,workflow,tier\n03/04/2026,messaging,smb\n", "with its day or with its month", 2),
    ] {
        let folder = Folder::new();
        folder.file("requests.csv", rows);
        let problems = folder.read(&format!("{MINIMAL}{trace}")).unwrap_err();
        let one = &problems.0[0];
        assert!(one.message.contains(words) && one.file.ends_with("requests.csv"), "{problems}");
        assert_eq!(one.line(), Some(line), "{problems}");
    }
    let folder = Folder::new();
    folder.file("requests.csv", "when,workflow,tier\n1,messaging,smb\n");
    let one = problem(folder.read(&format!("{MINIMAL}{trace}")), "\"requests.csv\"");
    assert!(one.message.contains("no column `time`"));
    folder.file("requests.csv", "time,workflow\n1,messaging\n");
    problem(folder.read(&format!("{MINIMAL}{trace}")), "\"requests.csv\"");
    folder.file("requests.csv", "");
    assert!(folder.read(&format!("{MINIMAL}{trace}")).is_err());
    std::fs::write(folder.path().join("requests.csv"), [b't', 0xff, b'\n']).unwrap();
    let one = problem(folder.read(&format!("{MINIMAL}{trace}")), "\"requests.csv\"");
    assert!(one.message.contains("UTF-8"));
    problem(read_with(trace), "\"requests.csv\"");
}

#[test]
fn incidents_and_profiles() {
    let fault = "[fault.recorded]\nstrikes = { platform = true }\neffect = { errors = 1 }\ncsv = \"incidents.csv\"\n";
    for (rows, words) in [
        ("start,end\n5,4\n", "ends before it starts"),
        ("start,end\nNaN,4\n", "NaN"),
        ("start,end\n1,2018-01-03T20:45:46Z\n", "in one row"),
        ("start,end,share\n1,2,1.5\n", "above 1"),
        ("start,end\n1\n", "fields"),
    ] {
        let folder = Folder::new();
        folder.file("incidents.csv", rows);
        let problems = folder.read(&format!("{MINIMAL}{fault}")).unwrap_err();
        assert!(problems.0[0].message.contains(words) && problems.0[0].line() == Some(2), "{problems}");
    }
    let folder = Folder::new();
    folder.file("incidents.csv", "start,end,vendor\n5000,6000,AWS\n");
    problem(folder.read(&format!("{MINIMAL}{fault}")), "\"incidents.csv\"");
    problem(folder.read(&format!("{MINIMAL}{fault}where = {{ vendr = \"AWS\" }}\n")), "vendr");
    let profile = |text: &str| read_changed("demand =", &format!("profile = {text}\ndemand ="));
    problem(profile("\"constnt\""), "\"constnt\"");
    problem(profile("{ hours = [1, 2] }"), "[1, 2]");
    problem(profile("{ daily = { peak_at = \"25h\", low = \"40%\" } }"), "\"25h\"");
    problem(profile("{ daily = { peak_at = \"14h\", low = \"140%\" } }"), "\"140%\"");
    problem(profile("{ steps = [{ at = \"0s\", factor = 0 }] }"), "[{ at = \"0s\", factor = 0 }]");
    problem(profile("{ surge = { factor = -1, at = \"0s\", for = \"1s\" } }"), "-1");
    problem(profile("{ csv = \"gone.csv\" }"), "\"gone.csv\"");
}
