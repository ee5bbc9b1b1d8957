//! A stand-in for Azure in this process, and settings that lead to it.

use std::collections::BTreeMap;
use std::time::Duration;

use heartbeat_dns::azure::{Azure, Clients};
use heartbeat_dns::config::{Settings, Variables};
use pure::domain::{HostName, ZoneId};
use serde_json::{Value, json};
use standin::{CallRecord, Options, Standin, World};
use tokio::time::Instant;

pub(crate) const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

/// A running stand-in.
pub(crate) struct Stage {
    pub(crate) standin: Standin,
    http: reqwest::Client,
}

/// The id of a public zone in the group `rg-dns`.
pub(crate) fn zone_id(name: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/{name}")
}

pub(crate) fn zone(name: &str) -> ZoneId {
    ZoneId::parse(&zone_id(name)).unwrap()
}

pub(crate) fn host(name: &str) -> HostName {
    HostName::parse(name).unwrap()
}

/// The id of an Arc machine in the group `rg-edge`.
pub(crate) fn machine_id(name: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{name}")
}

/// An Arc machine of a world.
pub(crate) fn machine(name: &str, tags: &Value) -> Value {
    json!({
        "id": machine_id(name), "name": name, "type": "Microsoft.HybridCompute/machines",
        "location": "westeurope", "tags": tags,
    })
}

/// A record set of a world with one address.
pub(crate) fn a_record(name: &str, address: &str) -> Value {
    json!({"name": name, "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": address}]})
}

/// A world with the zone example.com.
pub(crate) fn world(record_sets: &[Value], machines: &[Value]) -> Value {
    json!({
        "subscriptions": ["00000000-0000-0000-0000-000000000001"],
        "zones": [{"id": zone_id("example.com"), "recordSets": record_sets}],
        "machines": machines,
    })
}

impl Stage {
    pub(crate) async fn with(world: &Value) -> Self {
        Self::with_options(Options { world: Some(World::from_json(world).unwrap()), ..Options::default() })
            .await
    }

    pub(crate) async fn with_options(options: Options) -> Self {
        // Without a provider reqwest cannot even build a client for plain http.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let standin = standin::start(options).await.unwrap();
        Self { standin, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// The environment that leads to this stand-in, and more that wins over it.
    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let azure = self.standin.azure_url().to_string();
        let world = self.standin.state().world().clone();
        let own = [
            ("DNS_ZONES", zone_id("example.com")),
            ("LOGS_WORKSPACE_IDS", world.workspace_id().to_owned()),
            ("LOGS_INGESTION_ENDPOINT", azure.clone()),
            ("LOGS_DCR_RULE_ID", world.rule_id().to_owned()),
            ("LOGS_QUERY_ENDPOINT", azure.clone()),
            ("ARM_ENDPOINT", azure.clone()),
            ("IDENTITY_ENDPOINT", format!("{azure}msi/token")),
            ("IDENTITY_HEADER", Options::default().identity_header),
            // So that no sentence is broken where a test looks for it.
            ("COLUMNS", "1000".to_owned()),
            ("POLICY_NAMES", "*".to_owned()),
            ("POLICY_ALLOW_PREFIXES", "198.51.100.0/24,203.0.113.0/24,2001:db8::/32".to_owned()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
    }

    /// The same as variables.
    pub(crate) fn variables(&self, more: &[(&str, &str)]) -> Variables {
        self.environment(more).iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(crate) fn settings(&self, more: &[(&str, &str)]) -> Settings {
        Settings::read(&self.variables(more)).unwrap()
    }

    /// Clients without any connection or token yet.
    pub(crate) fn clients(&self) -> Clients {
        Clients::new(self.settings(&[]).connect)
    }

    /// A handle of clients of its own, with time enough.
    pub(crate) fn azure(&self) -> Azure {
        self.clients().until(Instant::now() + Duration::from_secs(60)).unwrap()
    }

    /// Changes what exists, as the members of the document say.
    pub(crate) async fn put_world(&self, world: &Value) {
        let url = self.standin.azure_url().join("/standin/world").unwrap();
        let answer = self.http.put(url).body(world.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Puts faults into the way of the next calls.
    pub(crate) async fn fail(&self, faults: &Value) {
        let url = self.standin.azure_url().join("/standin/faults").unwrap();
        let answer = self.http.put(url).body(faults.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Revokes all tokens; the identity endpoint goes on to repeat them so often, or for ever.
    pub(crate) async fn revoke(&self, sticky: &Value) {
        let url = self.standin.azure_url().join("/standin/tokens/revoke").unwrap();
        let answer = self.http.post(url).body(json!({ "sticky": sticky }).to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// The faults that are still to come.
    pub(crate) async fn faults(&self) -> Vec<Value> {
        let url = self.standin.azure_url().join("/standin/faults").unwrap();
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The calls so far without those for tokens, and forgets them.
    pub(crate) async fn calls(&self) -> Vec<CallRecord> {
        let all = self.all_calls().await.into_iter();
        all.filter(|call| !call.path.contains("/msi/token")).collect()
    }

    /// The calls so far, and forgets them.
    pub(crate) async fn all_calls(&self) -> Vec<CallRecord> {
        let url = self.standin.azure_url().join("/standin/calls").unwrap();
        let text = self.http.get(url.clone()).send().await.unwrap().text().await.unwrap();
        self.http.delete(url).send().await.unwrap();
        let list: Vec<Value> = serde_json::from_str(&text).unwrap();
        let record = |call: &Value| CallRecord {
            method: call["method"].as_str().unwrap().to_owned(),
            path: call["path"].as_str().unwrap().to_owned(),
            status: u16::try_from(call["status"].as_u64().unwrap()).unwrap(),
            ms: call["ms"].as_f64().unwrap(),
        };
        list.iter().map(record).collect()
    }
}
