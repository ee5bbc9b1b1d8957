//! `collect` through a proxy that looks into TLS: with the proxy's CA it works, without it is refused.

mod intercept;

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use intercept::{Proxy, Seen};
use standin::Options;
use tempfile::TempDir;
use tokio::process::Command;

use crate::output::words;
use crate::stage::Stage;

/// Longer than any run may take; a hang becomes a failure.
const PATIENCE: Duration = Duration::from_secs(120);

/// A stand-in over https, and the proxy between it and the program.
struct Scene {
    folder: TempDir,
    stage: Stage,
    proxy: Proxy,
}

impl Scene {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let tls = Some((folder.path().to_owned(), any));
        let stage = Stage::with_options(Options { tls, ..Options::default() }).await;
        let proxy = Proxy::start(&folder.path().join("ca.pem")).await;
        std::fs::write(folder.path().join("proxy.pem"), &proxy.ca).unwrap();
        Self { folder, stage, proxy }
    }

    /// Host and port of the https side of the stand-in.
    fn azure(&self) -> String {
        let url = self.stage.standin.tls_url().unwrap();
        format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
    }

    /// Runs `collect` behind the proxy, with nothing of this process's environment that could matter.
    async fn collect(&self, trusted: Option<&Path>) -> Output {
        let azure = format!("https://{}", self.azure());
        let proxy = format!("http://{}", self.proxy.address);
        let variables = self.stage.variables(&[
            ("ARM_ENDPOINT", &azure),
            ("LOGS_QUERY_ENDPOINT", &azure),
            ("LOGS_INGESTION_ENDPOINT", &azure),
            ("HTTPS_PROXY", &proxy),
            ("HTTP_PROXY", &proxy),
            // A refusal is tried again until the deadline; a success on a busy machine may need its time.
            ("COLLECT_DEADLINE", if trusted.is_some() { "90s" } else { "20s" }),
        ]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        command.arg("collect").current_dir(self.folder.path()).env_clear().kill_on_drop(true);
        command.envs(variables.names().map(|name| (name, variables.get(name).unwrap_or_default())));
        if let Some(file) = trusted {
            command.env("SSL_CERT_FILE", file);
        }
        tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap()
    }

    async fn collect_trusting_the_proxy(&self) -> Output {
        self.collect(Some(&self.folder.path().join("proxy.pem"))).await
    }

    /// Paths that the stand-in was asked for.
    fn asked(&self) -> Vec<String> {
        self.stage.standin.state().calls.list().into_iter().map(|call| call.path).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_proxys_certificate_a_sweep_passes_through_it() {
    let scene = Scene::set().await;
    let output = scene.collect_trusting_the_proxy().await;
    assert!(output.status.success(), "{}", words(&output));

    let asked = scene.asked();
    for stream in ["/streams/Custom-DNSData", "/streams/Custom-TagData"] {
        assert!(asked.iter().any(|path| path.contains(stream)), "{stream}: {asked:?}");
    }
    let seen = scene.proxy.seen();
    assert!(seen.contains(&Seen::Connect(scene.azure())), "{seen:?}");
    assert!(
        seen.iter().any(|seen| matches!(seen, Seen::Inside(line) if line.starts_with("POST /"))),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_endpoint_is_never_proxied() {
    let scene = Scene::set().await;
    let output = scene.collect_trusting_the_proxy().await;
    assert!(output.status.success(), "{}", words(&output));

    let asked = scene.asked();
    assert!(asked.iter().any(|path| path.starts_with("/msi/token")), "{asked:?}");
    let plain = scene.stage.standin.azure_url();
    let identity = format!("{}:{}", plain.host_str().unwrap(), plain.port().unwrap());
    for seen in scene.proxy.seen() {
        let (Seen::Connect(line) | Seen::Inside(line) | Seen::Plain(line) | Seen::TurnedAway(line)) = &seen;
        assert!(!line.contains("/msi/token") && !line.contains(&identity), "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_certificate_the_proxy_is_refused() {
    let scene = Scene::set().await;
    let output = scene.collect(None).await;
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("certificate"), "{}", words(&output));

    let seen = scene.proxy.seen();
    assert!(seen.contains(&Seen::Connect(scene.azure())), "{seen:?}");
    assert!(!seen.iter().any(|seen| matches!(seen, Seen::Inside(_))), "{seen:?}");
    let asked: Vec<_> = scene.asked().into_iter().filter(|path| !path.starts_with("/msi/token")).collect();
    assert!(asked.is_empty(), "{asked:?}");
}
