//! The identity of a workload in a cluster: the token that the cluster writes to a file is shown to Entra, which hands out ours.

use std::path::Path;
use std::time::Duration;

use azure_core::base64::encode_url_safe;
use heartbeat_dns::azure::{Clients, Error, Kind};
use pure::domain::RecordType;
use serde_json::{Value, json};
use standin::{Options, World};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::stage::{Stage, a_record, host, world, zone};

const CLIENT: &str = "00000000-0000-0000-0000-0000000000c1";
const TENANT: &str = "00000000-0000-0000-0000-0000000000aa";
const ISSUER: &str = "https://oidc.example.com/cluster/";
const SUBJECT: &str = "system:serviceaccount:dns:heartbeat-dns";

/// A stand-in over https that knows one service account, and the folder of the pod's token.
struct Pod {
    folder: TempDir,
    stage: Stage,
}

/// What a cluster says of the pod in the token that it writes.
fn claims() -> Value {
    let expires = heartbeat_dns::clock::now().as_second() + 600;
    json!({ "iss": ISSUER, "sub": SUBJECT, "aud": ["api://AzureADTokenExchange"], "exp": expires })
}

/// A token of three parts, of which the signature is nobody's here.
fn token(claims: &Value) -> String {
    let part = |value: &Value| encode_url_safe(value.to_string());
    format!("{}.{}.{}", part(&json!({ "alg": "RS256" })), part(claims), encode_url_safe("nobody"))
}

impl Pod {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut document = world(&[a_record("nas", "198.51.100.10")], &[]);
        document["tenant"] = TENANT.into();
        document["clients"] = json!([{ "clientId": CLIENT, "federatedCredentials": [{ "issuer": ISSUER, "subject": SUBJECT }] }]);
        let tls = Some((folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()));
        let world = Some(World::from_json(&document).unwrap());
        let stage = Stage::with_options(Options { tls, world, ..Options::default() }).await;
        Self { folder, stage }
    }

    fn file(&self) -> &Path {
        self.folder.path()
    }

    /// How often Entra was asked for a token.
    async fn logins(&self) -> usize {
        let login = format!("/{TENANT}/oauth2/v2.0/token");
        self.stage.all_calls().await.iter().filter(|call| call.path.contains(&login)).count()
    }

    /// Reads a record set as the pod would, whose cluster wrote this token.
    async fn read(&self, token: &str) -> Result<bool, Error> {
        let file = self.file().join("azure-identity-token");
        std::fs::write(&file, token).unwrap();
        // As the webhook sets them, and the manifest.
        self.read_with(&[
            ("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential"),
            ("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap()),
        ])
        .await
    }

    async fn read_with(&self, credential: &[(&str, &str)]) -> Result<bool, Error> {
        let host_of_logins = self.stage.standin.tls_url().unwrap().to_string();
        let ca = self.file().join("ca.pem");
        let place = [
            ("AZURE_CLIENT_ID", CLIENT),
            ("AZURE_TENANT_ID", TENANT),
            ("AZURE_AUTHORITY_HOST", host_of_logins.as_str()),
            ("SSL_CERT_FILE", ca.to_str().unwrap()),
        ];
        let settings = self.stage.settings(&[&place[..], credential].concat());
        let azure = Clients::new(settings.connect).until(Instant::now() + Duration::from_secs(60)).unwrap();
        let set = azure.dns.get(&zone("example.com"), &host("nas.example.com"), RecordType::A).await;
        set.map(|set| set.is_some())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_cluster_is_exchanged_for_ours() {
    let pod = Pod::start().await;
    assert!(pod.read(&token(&claims())).await.unwrap());
    assert_eq!(pod.logins().await, 1);
    let paths: Vec<_> = pod.stage.all_calls().await.into_iter().map(|call| call.path).collect();
    assert!(!paths.iter().any(|path| path.contains("/msi/token")), "{paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_somebody_else_gets_none_of_ours() {
    let pod = Pod::start().await;
    for (claim, value) in [
        ("iss", json!("https://oidc.example.com/another/")),
        ("sub", json!("system:serviceaccount:other:heartbeat-dns")),
        ("aud", json!(["https://kubernetes.default.svc"])),
        ("exp", json!(1_700_000_000)),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let error = pod.read(&token(&claims)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NoIdentity, "{claim}: {}", error.chain());
    }
    let error = pod.read("no token at all").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NoIdentity, "{}", error.chain());
}

/// Entra's words stand on several lines; they are heard all the same, once, and told on one.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_wrong_is_refused_for_good_in_the_words_of_entra() {
    let pod = Pod::start().await;
    let secret = [("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"), ("AZURE_CLIENT_SECRET", "wrong")];
    let error = pod.read_with(&secret).await.unwrap_err();
    assert_eq!((error.kind(), error.is_transient()), (Kind::NoIdentity, false), "{}", error.chain());
    let told = error.chain();
    assert!(told.contains("AADSTS7000215: Invalid client secret") && told.contains(" Trace ID: "), "{told}");
    assert!(!told.contains(['\r', '\n']) && !error.for_people().contains("AADSTS"), "{told}");
    assert_eq!(pod.logins().await, 1, "nobody asks again");
}
