//! `heartbeat-dns local`, as a person starts it.
#![cfg(feature = "local")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

mod recorded;

#[path = "../../crates/xtask/src/picture/drawing.rs"]
mod drawing;

/// Long enough for a loaded machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(120);

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
    command.args(["local", "-o", "json"]).env_remove("POLICY_MIN_BEATS").stdin(Stdio::null());
    command
}

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/it/fixtures/heartbeats", name].iter().collect()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

/// The verdict of a play that must end well.
fn verdict(command: &mut Command) -> Value {
    told(command).pop().unwrap()
}

/// All events of a play that must end well, the verdict at the end.
fn told(command: &mut Command) -> Vec<Value> {
    let output = command.output().unwrap();
    let lines = lines(&output);
    let told = || lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert!(output.status.success(), "{}\n{}", told(), String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines[0]["event"], "ready");
    let verdict = lines.last().unwrap();
    assert_eq!((&verdict["event"], &verdict["ok"]), (&json!("verdict"), &json!(true)), "{}", told());
    lines
}

#[test]
fn a_night_in_a_house_ends_well() {
    let events = told(program().arg("--once"));
    let verdict = events.last().unwrap();
    let words = verdict["words"].as_str().unwrap();
    for part in ["five names went from", "www.example.com is still", "192.168.0.4", "converging"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let picture =
        std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(drawing::FILE)).unwrap();
    let wanted = drawing::drawing(&events).unwrap();
    assert_eq!(picture, wanted, "{}: `cargo xtask picture` draws it", drawing::FILE);
}

#[test]
fn a_night_without_an_alert_and_with_neighbours_ends_well() {
    let verdict = verdict(program().args(["--once", "--no-alert", "--machines", "60"]));
    assert!(verdict["words"].as_str().unwrap().contains("60 quiet neighbours"), "{verdict}");
}

#[test]
fn recorded_heartbeats_are_published_or_explained() {
    let play = |file: &str| {
        let mut command = program();
        command.args(["--once", "--speed", "600", "--heartbeats"]).arg(fixture(file));
        command
    };
    let names = |verdict: &Value| verdict["names"].as_array().unwrap().clone();
    let before = names(&verdict(&mut play("heartbeat-before-private-link.jsonl")));
    assert_eq!(before.len(), 5);
    for name in &before {
        assert_eq!(name["published"], true, "{name}");
    }
    let after = names(&verdict(&mut play("heartbeat-after-private-link.jsonl")));
    assert_eq!(after.len(), 5);
    for name in &after {
        assert_eq!((&name["reason"], &name["dns"]), (&json!("address-private-link"), &json!([])), "{name}");
        assert!(name["because"].as_str().unwrap().contains("192.168."), "{name}");
    }
    let rows = names(&verdict(&mut play("heartbeat-rows.json")));
    let reason = |machine: &str| {
        let name = format!("{machine}.example.com");
        rows.iter().find(|row| row["name"] == name.as_str()).map(|row| row["reason"].clone()).unwrap()
    };
    assert_eq!(reason("no-ip"), "address-empty");
    assert_eq!(reason("hub-vm"), "address-private-link");
    assert_eq!(reason("old-agent"), "too-few-beats");
    let eager = names(&verdict(play("heartbeat-rows.json").env("POLICY_MIN_BEATS", "1")));
    let old_agent = eager.iter().find(|row| row["name"] == "old-agent.example.com").unwrap();
    assert_eq!(old_agent["dns"], json!(["198.51.100.66"]));
}

/// A `local` that goes on, and its lines.
struct Running {
    child: Child,
    lines: Receiver<Value>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let ports = ["--port", "0", "--azure-port", "0", "--dns-port", "0"];
        let mut child = command.args(ports).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, lines }
    }

    fn until(&self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("the line in time");
            if fits(&line) {
                return line;
            }
        }
    }

    fn until_dns_says(&self, name: &str, address: &str) {
        self.until(|line| {
            line["event"] == "dns" && line["name"] == name && line["after"] == json!([address])
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(pid: u64, signal: &str) -> bool {
    Command::new("kill").args([signal, &pid.to_string()]).output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_moves_a_handler_dies_and_the_names_follow() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let env_file = folder.path().join("local.env");
    let mut running = Running::start(program().arg("--env").arg(&env_file));
    let ready = running.until(|_| true);
    assert_eq!(ready["event"], "ready");
    let text = |member: &str| ready[member].as_str().unwrap().to_owned();
    let env = std::fs::read_to_string(&env_file).unwrap();
    assert!(env.contains(&format!("\nARM_ENDPOINT={}\n", text("azure"))), "{env}");

    let post = async |machine: &str, address: &str| {
        let body = json!({ "Computer": machine, "ComputerIP": address }).to_string();
        let url = format!("{}/standin/heartbeats", text("azure"));
        assert!(client.post(url).body(body).send().await.unwrap().status().is_success());
    };
    post("nas", "203.0.113.9").await;
    running.until_dns_says("nas.home.example.com", "203.0.113.9");

    let child = ready["child_pid"].as_u64().unwrap();
    assert!(signal(child, "-9"));
    let again = running.until(|line| line["event"] == "child");
    post("cam", "203.0.113.10").await;
    running.until_dns_says("cam.home.example.com", "203.0.113.10");

    let page = client.get(text("host")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let html = String::from_utf8(page.bytes().await.unwrap().to_vec()).unwrap();
    assert!(html.contains("cam.home.example.com") && html.contains("203.0.113.10"), "{html}");

    // A machine behind a private link beats from IPv6, and its name is an A record set still.
    post("office", "fd40:1085:12:6d79:7712:100:c0a8:4").await;
    let html = client.get(text("host")).send().await.unwrap().text().await.unwrap();
    let office = html.lines().find(|line| line.contains("office.example.com")).unwrap();
    assert!(office.contains("fd40:1085") && office.contains("<td>198.51.100.30<td"), "{office}");

    let desk = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-edge/providers/microsoft.hybridcompute/machines/desk";
    assert!(html.contains(desk), "{html}");
    let press = async |origin: String| {
        let form = format!("machine={}", desk.replace('/', "%2F"));
        let request = client.post(format!("{}/move", text("host"))).header("Origin", origin);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(form).send().await.unwrap().status().as_u16()
    };
    assert_eq!(press("http://evil.example".to_owned()).await, 403);
    assert_eq!(press("null".to_owned()).await, 403);
    let look = async |name: &str, value: &str| {
        client.get(text("host")).header(name, value).send().await.unwrap().status().as_u16()
    };
    assert_eq!(look("Host", "evil.example").await, 403, "who made its name lead here cannot read the fleet");
    assert_eq!(look("Sec-Fetch-Site", "cross-site").await, 200, "a link from anywhere may lead to the page");
    assert_eq!(press(text("host")).await, 200, "it leads back to the page");
    running.until_dns_says("desk.home.example.com", "203.0.113.1");

    assert!(signal(u64::from(running.child.id()), "-TERM"));
    assert!(running.child.wait().unwrap().success());
    assert!(!signal(again["child_pid"].as_u64().unwrap(), "-0"), "the handler lives on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_asks_for_keys_lets_in_who_has_one() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let https = ["--tls-port", "0", "--tls-names=dce.example.net", "--tls"];
    let running = Running::start(program().args(["--keys", "--every", "1s"]).args(https).arg(folder.path()));
    let ready = running.until(|_| true);
    assert!(ready["azure_tls"].as_str().unwrap().starts_with("https://127.0.0.1:"), "{ready}");
    assert!(folder.path().join("ca.pem").is_file());
    let text = |place: &str| ready.pointer(place).and_then(Value::as_str).unwrap().to_owned();
    let status = async |path: &str| {
        client.get(format!("{}{path}", text("/host"))).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("/api/remediate").await, 401);
    assert_eq!(status(&format!("/api/remediate?code={}", text("/keys/function"))).await, 200);
    assert_eq!(status(&format!("/admin/host/status?code={}", text("/keys/function"))).await, 401);
    assert_eq!(status(&format!("/admin/host/status?code={}", text("/keys/master"))).await, 200);
    let body = json!({ "Computer": "nas", "ComputerIP": "203.0.113.9" }).to_string();
    let url = format!("{}/standin/heartbeats", text("/azure"));
    assert!(client.post(url).body(body).send().await.unwrap().status().is_success());
    let call = running.until(|line| line["event"] == "call");
    assert!([200, 202].map(|status| json!(status)).contains(&call["status"]), "{call}");
}

#[test]
fn what_a_recording_holds_moves_no_cursor() {
    let name = "a\u{1b}[2Jb\u{202e}c\u{9b}d";
    let row = json!({ "TimeGenerated": "2026-05-04T10:30:00Z", "Computer": name, "ComputerIP": "203.0.113.1",
        "_ResourceId": "/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines/a" });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!([row]).to_string()).unwrap();
    let raw = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    for form in ["text", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        command.args(["local", "--once", "-o", form, "--heartbeats"]).arg(file.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("[2Jb") && !said.contains(raw), "{form}: {said:?}");
    }
}

#[test]
fn what_is_no_recording_is_a_mistake_on_the_command_line() {
    let output = program().args(["--once", "--heartbeats", "/nowhere/at/all"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = program().args(["--once", "--every", "soon"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = program().arg("--once").env("POLICY_UNSEEN", "soon").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("POLICY_UNSEEN"));
    // Nothing is wrong with it but below the Functions host, which kills what takes longer.
    let output = program().arg("--once").env("RUN_DEADLINE", "20m").output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("RUN_DEADLINE"), "{words}");
}
