//! What cannot be reached is named to a person within ten seconds: the host, the proxy if it was the proxy, and the setting
//! that decides it.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::handler::House;
use crate::output::{code, words};
use crate::watch::drifted;

const SOON: Duration = Duration::from_secs(10);

/// An address that keeps whoever calls waiting: connections are made there, and nothing is ever said.
struct BlackHole(TcpListener);

impl BlackHole {
    fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn host(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }
}

/// An address at which nobody listens.
fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// What `plan` and `collect` say under these settings, each within ten seconds.
async fn told(house: &mut House, more: &[(&str, &str)]) -> Vec<String> {
    for (name, value) in more {
        house.environment.insert((*name).to_owned(), (*value).to_owned());
    }
    let mut all = Vec::new();
    for command in ["plan", "collect"] {
        let begin = Instant::now();
        let output = house.run(&[command]).await;
        let took = begin.elapsed();
        assert!(took < SOON, "{command} took {took:?}: {}", words(&output));
        assert_eq!(code(&output), 1, "{command}: {}", words(&output));
        all.push(words(&output));
    }
    all
}

fn hold(all: &[String], wanted: &[&str]) {
    for said in all {
        for piece in wanted {
            assert!(said.contains(piece), "{piece}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_cannot_be_reached() {
    let mut house = drifted(&[]).await;
    let hole = BlackHole::open();
    let host = format!("https://{}", hole.host());
    let all = told(&mut house, &[("LOGS_QUERY_ENDPOINT", &host), ("LOGS_INGESTION_ENDPOINT", &host)]).await;
    hold(&all, &[&format!("no connection to {host}")]);
    hold(&all[..1], &["LOGS_QUERY_ENDPOINT, else AZURE_CLOUD, decides the host"]);
    hold(&all[1..], &["LOGS_INGESTION_ENDPOINT decides the host"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_dead() {
    let mut house = drifted(&[]).await;
    let hole = BlackHole::open();
    let far = "https://far.example.net";
    for proxy in [nobody(), hole.host()] {
        let with_password = format!("http://user:hush@{proxy}");
        let settings = [
            ("LOGS_QUERY_ENDPOINT", far),
            ("LOGS_INGESTION_ENDPOINT", far),
            ("HTTPS_PROXY", with_password.as_str()),
            ("NO_PROXY", "127.0.0.1"),
        ];
        let all = told(&mut house, &settings).await;
        hold(&all, &[&format!("no connection to {far} through the proxy http://{proxy} (HTTPS_PROXY)")]);
        assert!(all.iter().all(|said| !said.contains("hush")), "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_missing() {
    let mut house = drifted(&[]).await;
    house.environment.remove("IDENTITY_ENDPOINT");
    house.environment.remove("IDENTITY_HEADER");
    let folder = tempfile::tempdir().unwrap();
    // Neither az nor azd is there.
    let all = told(&mut house, &[("PATH", folder.path().to_str().unwrap())]).await;
    hold(&all, &["no token", "AZURE_TOKEN_CREDENTIALS decides who asks for tokens"]);
    let endpoint = format!("http://{}/msi/token", nobody());
    let all = told(&mut house, &[("IDENTITY_ENDPOINT", &endpoint), ("IDENTITY_HEADER", "h")]).await;
    hold(&all, &["AZURE_TOKEN_CREDENTIALS decides who asks for tokens"]);
}

/// `local` has ended, and its file of variables is still there.
#[tokio::test(flavor = "multi_thread")]
async fn an_identity_endpoint_that_a_file_names() {
    let mut house = drifted(&[]).await;
    house.environment.remove("IDENTITY_ENDPOINT");
    house.environment.remove("IDENTITY_HEADER");
    let (file, host) = (tempfile::NamedTempFile::new().unwrap(), nobody());
    std::fs::write(file.path(), format!("IDENTITY_ENDPOINT=http://{host}/msi/token\nIDENTITY_HEADER=h\n"))
        .unwrap();
    let begin = Instant::now();
    let output = house.run(&["plan", "--env", file.path().to_str().unwrap()]).await;
    assert!(begin.elapsed() < SOON, "{:?}: {}", begin.elapsed(), words(&output));
    hold(&[words(&output)], &[&format!("no connection to http://{host}"), "(IDENTITY_ENDPOINT)"]);
}
