//! Pipes, devices, sockets, folders and links: what is no regular file is neither read nor replaced, and nothing is waited for.

use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Ended, Folder, SCENARIO};

/// Makes a pipe.
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs the command, which must end within seconds.
fn soon(folder: &Folder, arguments: &[&str]) -> Ended {
    let mut child = folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{arguments:?} waits");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ended::of(child.wait_with_output().unwrap())
}

#[test]
fn only_regular_files_are_read() {
    let folder = Folder::with(SCENARIO);
    pipe(&folder.path("scenarios/pipe"));
    std::fs::create_dir(folder.path("scenarios/folder")).unwrap();
    let _socket = UnixListener::bind(folder.path("scenarios/socket")).unwrap();
    symlink("pipe", folder.path("scenarios/link")).unwrap();
    let kinds = [
        ("pipe", "a pipe"),
        ("link", "a pipe"),
        ("folder", "a folder"),
        ("socket", "a socket"),
        ("/dev/zero", "a device"),
    ];
    let keys = [
        ("extends = \"X\"\n{S}", 1),
        ("{S}[workflow.w]\nprofile.csv = \"X\"\n", 26),
        ("{S}[trace]\ncsv = \"X\"\n", 26),
        ("{S}[fault.r]\nstrikes = { zone = \"a\" }\neffect = \"crash\"\ncsv = \"X\"\n", 28),
        (
            "{S}[fault.r]\nstrikes = { zone = \"a\" }\neffect = \"crash\"\nmtbf = \"1 day\"\nmttr = { empirical = { csv = \"X\", column = \"c\", unit = \"s\" } }\n",
            29,
        ),
    ];
    for (name, kind) in kinds {
        let ended = soon(&folder, &["validate", folder.path("scenarios").join(name).to_str().unwrap()]).code(2);
        assert!(ended.stderr.contains(&format!("not a regular file: it is {kind}")), "{}", ended.stderr);
        for (text, line) in keys {
            folder.file("scenarios/asks.toml", &text.replace("{S}", SCENARIO).replace('X', name));
            let ended = soon(&folder, &["validate", "scenarios/asks.toml"]).code(2);
            let found = ended.stderr.lines().find(|line| line.contains("not a regular file")).unwrap_or("");
            assert!(found.starts_with(&format!("scenarios/asks.toml:{line}: ")), "{text}: {}", ended.stderr);
            assert!(found.ends_with(&format!("it is {kind}")), "{found}");
        }
    }
}

#[test]
fn what_stands_in_the_results_folder_is_not_waited_for() {
    for (name, make) in
        [("manifest.json", true), ("summary.csv", true), ("windows.csv", false), ("manifest.json", false)]
    {
        let folder = Folder::with(SCENARIO);
        std::fs::create_dir(folder.path("here")).unwrap();
        let path = folder.path("here").join(name);
        if make {
            pipe(&path);
        } else {
            std::fs::create_dir(&path).unwrap();
        }
        let ended = soon(&folder, &["run", "scenarios/small.toml", "--out", "here", "--no-charts"]).code(2);
        assert!(ended.stderr.contains(name) && ended.stderr.contains("not a regular file"), "{}", ended.stderr);
        assert_eq!(folder.names("here"), [name]);
    }
}

#[test]
fn a_junit_file_is_written_where_it_is_asked_for() {
    let folder = Folder::with(SCENARIO);
    let run = ["run", "scenarios/small.toml", "--no-charts", "-q", "--junit"];
    // A pipe that somebody reads.
    pipe(&folder.path("pipe"));
    let reader =
        Command::new("timeout").args(["30", "cat"]).arg(folder.path("pipe")).stdout(Stdio::piped()).spawn().unwrap();
    soon(&folder, &[&run[..], &["pipe"]].concat()).code(0);
    let read = Ended::of(reader.wait_with_output().unwrap());
    assert!(read.stdout.ends_with("</testsuites>\n"), "{}", read.stdout);
    assert!(std::fs::symlink_metadata(folder.path("pipe")).unwrap().file_type().is_fifo());
    // A link, to a file that is there and to one that is not.
    folder.file("elsewhere/there.xml", "old");
    for name in ["there.xml", "new.xml"] {
        symlink(Path::new("elsewhere").join(name), folder.path(name)).unwrap();
        soon(&folder, &[&run[..], &[name]].concat()).code(0);
        assert!(std::fs::symlink_metadata(folder.path(name)).unwrap().file_type().is_symlink());
        assert!(folder.read(&format!("elsewhere/{name}")).ends_with("</testsuites>\n"));
    }
    assert_eq!(folder.names("elsewhere"), ["new.xml", "there.xml"]);
    // The output itself: a pipe here.
    let ended = soon(&folder, &[&run[..], &["/dev/stdout"]].concat()).code(0);
    assert!(
        ended.stdout.starts_with("<?xml") && ended.stdout.contains("</testsuites>\nNO EXPECTATIONS"),
        "{}",
        ended.stdout
    );
    // And a file that the shell made of it.
    let script = "exec \"$0\" run scenarios/small.toml --no-charts -q --junit /dev/stdout > out.xml";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_cellsim")]).current_dir(folder.path(""));
    Ended::of(shell.output().unwrap()).code(0);
    let text = folder.read("out.xml");
    assert!(text.starts_with("<?xml") && text.contains("</testsuites>\nNO EXPECTATIONS"), "{text}");
}

#[test]
fn a_device_stays_a_device() {
    let folder = Folder::with(SCENARIO);
    let device = folder.path("null");
    // Only root makes devices.
    if !Command::new("mknod").arg(&device).args(["c", "1", "3"]).status().is_ok_and(|status| status.success()) {
        return;
    }
    soon(&folder, &["run", "scenarios/small.toml", "--no-charts", "-q", "--junit", "null"]).code(0);
    assert!(std::fs::metadata(&device).unwrap().file_type().is_char_device());
}

#[test]
fn a_result_file_that_is_a_link_is_written_at_its_end() {
    let folder = Folder::with(SCENARIO);
    folder.file("kept/table.csv", "old");
    folder.file("kept/seal.json", "old");
    std::fs::create_dir(folder.path("here")).unwrap();
    symlink("../kept/table.csv", folder.path("here/summary.csv")).unwrap();
    symlink("../kept/seal.json", folder.path("here/manifest.json")).unwrap();
    soon(&folder, &["run", "scenarios/small.toml", "--no-charts", "-q", "--out", "here"]).code(0);
    for name in ["summary.csv", "manifest.json"] {
        assert!(std::fs::symlink_metadata(folder.path("here").join(name)).unwrap().file_type().is_symlink());
    }
    assert!(folder.read("kept/table.csv").starts_with("id,metric,") && folder.read("kept/seal.json").starts_with('{'));
}
