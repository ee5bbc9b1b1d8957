//! The world that is there when nobody says otherwise.

use serde_json::{Value, json};

use super::{World, form};

impl Default for World {
    /// The default world (specification, section 10): one subscription, a public zone, five Arc machines.
    fn default() -> Self {
        let subscription = "00000000-0000-0000-0000-000000000001";
        let edge = format!("/subscriptions/{subscription}/resourceGroups/rg-edge/providers");
        let monitor = format!("/subscriptions/{subscription}/resourceGroups/rg-monitor/providers");
        let machines: Vec<Value> = ["gate", "nas", "cam", "printer", "desk"]
            .iter()
            .map(|name| {
                json!({
                    "id": format!("{edge}/Microsoft.HybridCompute/machines/{name}"),
                    "tags": { "DNSHostName": format!("{name}.home.example.com") },
                })
            })
            .collect();
        let document = json!({
            "subscriptions": [subscription],
            "zones": [{ "id": format!(
                "/subscriptions/{subscription}/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com"
            ) }],
            "machines": machines,
            "workspace": {
                "customerId": "00000000-0000-0000-0000-0000000000c1",
                "id": format!("{monitor}/Microsoft.OperationalInsights/workspaces/law-heartbeat"),
            },
            "rule": {
                "immutableId": "dcr-00000000000000000000000000000001",
                "id": format!("{monitor}/Microsoft.Insights/dataCollectionRules/dcr-heartbeat"),
            },
            "clients": [{
                "clientId": "00000000-0000-0000-0000-0000000000d1",
                "secret": "standin-client-secret",
                "objectId": "00000000-0000-0000-0000-0000000000e1",
            }],
        });
        let mut world = Self::empty();
        let read = form::read(&mut world, &document);
        debug_assert!(read.is_ok(), "the default world is sound: {read:?}");
        world
    }
}
