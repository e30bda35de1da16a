//! Headless Chromium, if it is here: the page as a browser has it, and keys by WebDriver.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What a browser is started with. The sandbox needs rights that a container does not give.
const OPTIONS: [&str; 6] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
];

/// Returns whether a program is here; says so if not.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn is_here(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let here = found.is_ok_and(|status| status.success());
    if !here {
        eprintln!("skipped: {program} is not here (Debian: apt-get install chromium chromium-driver)");
    }
    here
}

/// Returns the document after its script ran, and what the browser's console said; `None` without a browser.
pub(crate) fn dom(page: &Path, fragment: &str) -> Option<(String, Vec<String>)> {
    if !is_here("chromium") {
        return None;
    }
    let profile = tempfile::tempdir().unwrap();
    let told = Command::new("chromium")
        .args(OPTIONS)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom"])
        .arg(format!("file://{}{fragment}", page.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&told.stderr)
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .map(str::to_owned)
        .collect();
    Some((String::from_utf8_lossy(&told.stdout).into_owned(), said))
}

/// A browser that is driven; it ends with the value.
pub(crate) struct Driven {
    driver: Child,
    port: u16,
    session: String,
    /// Goes away with the browser.
    profile: tempfile::TempDir,
}

impl Driven {
    /// Opens a page; `None` without a browser or its driver.
    pub(crate) fn open(page: &Path, fragment: &str, width: u32) -> Option<Driven> {
        if !is_here("chromium") || !is_here("chromedriver") {
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let profile = tempfile::tempdir().unwrap();
        let mut driven = Driven { driver, port, session: String::new(), profile };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut options: Vec<String> = OPTIONS.map(str::to_owned).into();
        options.push(format!("--user-data-dir={}", driven.profile.path().display()));
        options.push(format!("--window-size={width},900"));
        let asked = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "args": options } } } });
        let told = driven.ask("POST", "/session", &asked);
        driven.session = format!("/session/{}", told["sessionId"].as_str().unwrap());
        driven.post("/url", &json!({ "url": format!("file://{}{fragment}", page.display()) }));
        Some(driven)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("{}{path}", self.session), body)
    }

    /// Runs a script in the page; returns its value.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&self, keys: &[&str]) {
        let actions: Vec<Value> = keys
            .iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.post("/actions", &actions);
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        let body = if method == "POST" { body.to_string() } else { String::new() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        // The driver keeps the connection: the length says where the answer ends.
        let mut answer = Vec::new();
        let mut chunk = [0; 8_192];
        loop {
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, content)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
                if content.len() >= length.unwrap_or(usize::MAX) {
                    let told: Value = serde_json::from_str(content).unwrap();
                    assert!(told["value"]["error"].is_null(), "{method} {path}: {told}");
                    return told["value"].clone();
                }
            }
            match stream.read(&mut chunk).unwrap() {
                0 => panic!("{method} {path}: the driver hung up after {}", String::from_utf8_lossy(&answer)),
                read => answer.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let session = self.session.clone();
            self.ask("DELETE", &session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
