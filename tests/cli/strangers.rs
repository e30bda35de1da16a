//! Scenarios of strangers: they show no other file, command no terminal and write nothing of their own into a document.

use crate::support::{Folder, SCENARIO};

const SECRET: &str = "hunter2-of-root";

/// A scenario in `scenarios/`, files outside with a secret in them.
fn folder(scenario: &str) -> Folder {
    let folder = Folder::with(scenario);
    folder.file("outside/passwd", &format!("root:x:{SECRET}:/root\n"));
    folder.file("outside/unknown.toml", &format!("# a comment\n\"{SECRET}\" = 1\n"));
    folder.file("outside/wrong.toml", &format!("[run]\nhorizon = \"{SECRET}\"\n"));
    folder.file("outside/quoted.toml", &format!("[run]\nhorizon = '`a\"{SECRET}\"b`{SECRET}'\n"));
    folder.file("outside/word.toml", &format!("[contract]\nmeasure = \"{SECRET}\"\n"));
    folder.file("outside/asks.toml", &format!("extends = \"{SECRET}\"\n"));
    folder.file("outside/loop.toml", &format!("extends = \"{SECRET}.toml\"\n"));
    folder.file(&format!("outside/{SECRET}.toml"), "extends = \"loop.toml\"\n");
    folder.file("outside/table.csv", &format!("{SECRET},b\n1,{SECRET}\n{SECRET}\n"));
    folder.file("outside/rows.csv", &format!("time,value\n0,1\n60,{SECRET}\n"));
    folder.file("outside/header.csv", &format!("{SECRET},b\n1,2\n"));
    std::fs::write(folder.path("outside/latin.csv"), [SECRET.as_bytes(), b"\xff,b\n1,2\n"].concat()).unwrap();
    folder
}

#[test]
fn no_text_of_a_file_outside_is_shown() {
    let profile = "[workflow.w]\nclient.deadline = \"1s\"\ndemand = \"1/s\"\nstage.s = { service_time = \"1ms\", size = { concurrency = 1 } }\nprofile.csv = \"X\"\n";
    let cases = [
        ("extends = \"X\"\n{S}", "passwd", "passwd:1: "),
        ("extends = \"X\"\n{S}", "unknown.toml", "unknown.toml:2: unknown key"),
        ("extends = \"X\"\n{S}", "asks.toml", "asks.toml:1: cannot read"),
        ("extends = \"X\"\n{S}", "loop.toml", ".toml:1: "),
        ("extends = \"X\"\n{S}", "word.toml", "word.toml:2: "),
        ("extends = \"X\"\n{T}", "wrong.toml", "wrong.toml:2: expected a duration"),
        ("extends = \"X\"\n{T}", "quoted.toml", "quoted.toml:2: expected a duration"),
        ("{S}{P}", "table.csv", "table.csv:3: a row with 1 fields"),
        ("{S}{P}", "rows.csv", "rows.csv:3: not a number"),
        ("{S}{P}", "header.csv", "has no column `value`"),
        ("{S}{P}", "latin.csv", "is not UTF-8 text: line 1"),
    ];
    for link in [false, true] {
        for (text, file, said) in cases {
            let no_horizon = SCENARIO.replace("horizon = \"4min\"\n", "");
            let text = text.replace("{S}", SCENARIO).replace("{T}", &no_horizon).replace("{P}", profile);
            let folder = folder("");
            let named = if link { file.to_owned() } else { format!("../outside/{file}") };
            if link {
                std::os::unix::fs::symlink(format!("../outside/{file}"), folder.path("scenarios").join(file)).unwrap();
            }
            folder.file("scenarios/small.toml", &text.replace('X', &named));
            for format in ["text", "json"] {
                let ended = folder.run(&["validate", "scenarios/small.toml", "--format", format]).code(2);
                let all = format!("{}{}", ended.stdout, ended.stderr);
                let names_of_files = all.replace(&format!("/{SECRET}.toml"), "");
                assert!(!names_of_files.contains(SECRET), "{file}: {all}");
                assert!(format == "json" || all.contains(said), "{file}: {all}");
            }
        }
    }
}

#[test]
fn a_scenario_that_is_a_link_shows_nothing_either() {
    let folder = folder(SCENARIO);
    std::os::unix::fs::symlink("../outside/passwd", folder.path("scenarios/x.toml")).unwrap();
    let ended = folder.run(&["validate", "scenarios/x.toml"]).code(2);
    assert!(!ended.stderr.contains(SECRET) && ended.stderr.contains("scenarios/x.toml:1: "), "{}", ended.stderr);
}

#[test]
fn files_inside_are_shown_and_those_outside_are_still_used() {
    let folder = folder(SCENARIO);
    folder.file("base.toml", SCENARIO);
    folder.file("scenarios/deep/own.toml", "extends = \"../../base.toml\"\n[run]\nhorizon = \"five minutes\"\n");
    let ended = folder.run(&["validate", "scenarios/deep/own.toml"]).code(2);
    assert!(ended.stderr.contains("horizon = \"five minutes\""), "{}", ended.stderr);
    folder.file("scenarios/deep/own.toml", "extends = \"../../base.toml\"\n[run]\nhorizon = \"5min\"\n");
    folder.run(&["validate", "scenarios/deep/own.toml"]).code(0);
}

const COMMANDS: [&str; 6] = ["\\u001b[2J", "\\u0007", "\\u009b2J", "\\u202e", "\\u2066", "\\u000a# heading"];

#[test]
fn names_and_titles_command_no_terminal() {
    for bad in COMMANDS {
        for line in [
            format!("title = \"a{bad}\""),
            format!("zones = [\"a{bad}\", \"b\"]"),
            format!("\"a{bad}\" = 1"),
            format!("[workflow.w]\nserves = [\"a{bad}\"]"),
            format!("[workflow.w]\nprofile = {{ csv = \"{bad}\" }}"),
            format!("[tier.\"a{bad}\"]\ncustomers = 1"),
            format!("[run]\nseed = \"a{bad}\""),
        ] {
            let text =
                if line.starts_with('[') { format!("{SCENARIO}{line}\n") } else { format!("{line}\n{SCENARIO}") };
            let text = if line.starts_with("title") { text.replace("title = \"Small\"\n", "") } else { text };
            let text = if line.starts_with("[run]") { text.replace("[run]\nwarmup", "[other]\nwarmup") } else { text };
            let folder = Folder::with(&text);
            let ended = folder.run(&["validate", "scenarios/small.toml"]).code(2);
            let raw: Vec<char> =
                ended.stderr.chars().filter(|&it| cellsim::printable::commands(it) && it != '\n').collect();
            assert!(raw.is_empty(), "{raw:?} in {}", ended.stderr);
            assert!(ended.stderr.contains("U+"), "{}", ended.stderr);
        }
    }
}

#[test]
fn paths_columns_and_arguments_are_shown_as_escapes() {
    let folder = Folder::with(SCENARIO);
    let bad = "x\u{1b}[2J\u{202e}.toml";
    folder.file(bad, &SCENARIO.replace("0.5/s", "five"));
    folder.file("scenarios/t.csv", "a\u{1b}[2J,b\u{202e}\n1,2\n");
    let asks = SCENARIO.replace("demand = \"0.5/s\"", "demand = \"0.5/s\"\nprofile.csv = \"t.csv\"");
    folder.file("scenarios/asks.toml", &asks);
    for arguments in [
        &["validate", bad][..],
        &["validate", "gone\u{1b}[2J.toml"],
        &["validate", "scenarios/asks.toml"],
        &["validate", "scenarios/small.toml", "--set", "title=a\u{1b}[2J"],
        &["validate", "scenarios/small.toml", "--set", "title=a\u{202e}"],
        &["validate", "--no-such\u{1b}[2J"],
    ] {
        let ended = folder.run(arguments).code(2);
        assert!(!ended.stderr.contains(['\u{1b}', '\u{202e}']), "{}", ended.stderr);
        assert!(["\\u{1b}", "U+", "--no-such"].iter().any(|text| ended.stderr.contains(text)), "{}", ended.stderr);
    }
    folder.file(bad, SCENARIO);
    for command in ["validate", "run"] {
        let ended = folder.run(&[command, bad]).code(0);
        assert!(!ended.stdout.contains(['\u{1b}', '\u{202e}']), "{}", ended.stdout);
    }
    for name in folder.names("results/x\u{1b}[2J\u{202e}") {
        let content = std::fs::read(folder.path("results/x\u{1b}[2J\u{202e}").join(&name)).unwrap();
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{name}");
    }
}

#[test]
fn markdown_in_a_title_stays_text() {
    let title = "![i](http://evil.example/z.png) [l](javascript:a) <b> `c` | *d* # &amp; ~~e~~";
    let folder = Folder::with(&SCENARIO.replace("\"Small\"", &format!("'{title}'")));
    folder.simulate(&["--no-charts"]).code(0);
    let text = folder.read("results/small/summary.md");
    let first = text.lines().next().unwrap();
    for mark in ['!', '[', ']', '<', '>', '`', '|', '*', '&', '~'] {
        let inner = first.strip_prefix("# ").unwrap();
        let bare = inner.match_indices(mark).any(|(at, _)| !inner[..at].ends_with('\\'));
        assert!(!bare, "{mark} in {first}");
    }
    assert!(!first.contains("http://"), "{first}");
}
