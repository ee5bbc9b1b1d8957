//! A stand-in inside another program, such as a test: `cargo run -p standin --example embedded`.
//!
//! It takes free ports and holds a world of our own. It is called as Azure is: a token first, then a record set.

use serde_json::{Value, json};
use standin::{Options, World};

const SET: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/\
                   Microsoft.Network/dnsZones/example.org/A/nas";
const AUDIENCE: &str = "https://management.azure.com/";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    println!("{}", record_set().await?);
    Ok(())
}

/// What Azure DNS answers about the set.
async fn record_set() -> anyhow::Result<Value> {
    let zone = SET.trim_end_matches("/A/nas");
    let set = json!({"name": "nas", "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": "203.0.113.7"}]});
    // Tenant, workspace, rule and clients are those of the default world where the document does not speak of them.
    let world = World::from_json(&json!({"zones": [{"id": zone, "recordSets": [set]}]}));
    let world = world.map_err(anyhow::Error::msg)?;
    let options = Options { world: Some(world), ..Options::default() };
    let identity_header = options.identity_header.clone();
    let azure = standin::start(options).await?;

    // reqwest asks the program for what encrypts, even where nothing is encrypted. A second choice is no fault.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = azure.azure_url().join(&format!("/msi/token?api-version=2019-08-01&resource={AUDIENCE}"))?;
    let token = read(client.get(url).header("X-IDENTITY-HEADER", identity_header)).await?;
    let token = token["access_token"].as_str().unwrap_or_default();

    let url = azure.azure_url().join(&format!("{SET}?api-version=2018-05-01"))?;
    let found = read(client.get(url).bearer_auth(token)).await?;
    azure.stop().await;
    Ok(found)
}

async fn read(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let answer = request.send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

#[test]
fn it_answers() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let found = runtime.block_on(record_set()).unwrap();
    assert_eq!(found["properties"]["ARecords"], json!([{"ipv4Address": "203.0.113.7"}]));
}
