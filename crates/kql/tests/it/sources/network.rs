//! A small network that all tables of the sources tell of: a house, a hub with two spokes, a site on premises.
//!
//! ```text
//! house    192.168.0.0/24  router 198.51.100.10, since 11:57 203.0.113.7     nas, desk
//! hub      10.0.0.0/24     firewall 10.0.0.4, circuit er-berne to the site
//! spoke-a  10.1.1.0/24     app 10.1.1.8, web pool 10.1.1.40, data 10.1.1.70  agents behind a private link
//! spoke-b  10.2.0.0/24     batch 10.2.0.5
//! site     10.4.0.0/16     till 10.4.0.9
//! outside  136.144.58.113 (a hosting company), 198.51.100.77 (a customer)
//! ```
//!
//! It is noon on 2026-11-20. All numbers of bytes differ by decimal place, so that a sum shows what is in it.

use serde_json::{Map, Value as Json, json};

/// Rows of one table.
pub(super) type Rows = Vec<Map<String, Json>>;

/// The tables of the network.
pub(super) fn tables() -> [(&'static str, Rows); 8] {
    [
        ("Heartbeat", heartbeats()),
        ("TagData_CL", tags()),
        ("DNSData_CL", records()),
        ("DNSChange_CL", changes()),
        ("NTANetAnalytics", flows().into_iter().chain(flows_to_the_old()).collect()),
        ("NTAIpDetails", addresses()),
        ("NTATopologyDetails", topology()),
        ("AWS_Access_Key_Report_CL", keys()),
    ]
}

fn rows(list: impl IntoIterator<Item = Json>) -> Rows {
    list.into_iter().filter_map(|row| row.as_object().cloned()).collect()
}

/// The id of an Arc machine as the platform stamps it.
fn machine(name: &str) -> String {
    format!("/subscriptions/s/resourcegroups/rg-edge/providers/microsoft.hybridcompute/machines/{name}")
}

/// A beat a minute for twenty minutes, the newest at noon; desk fell silent at 11:52.
fn heartbeats() -> Rows {
    let mut list = Vec::new();
    for minute in 0..20_u32 {
        let time = match minute {
            0 => "2026-11-20T12:00:00Z".to_owned(),
            _ => format!("2026-11-20T11:{}:00Z", 60 - minute),
        };
        // The provider gave the house another address between 11:57 and 11:58.
        let house = if minute < 3 { "203.0.113.7" } else { "198.51.100.10" };
        let mut beat = |name: &str, address: &str, private: Json| {
            list.push(json!({
                "TimeGenerated": time, "Computer": name, "ComputerIP": address, "ComputerPrivateIPs": private,
                "_ResourceId": machine(name),
            }));
        };
        beat("nas", house, json!(["192.168.0.4"]));
        if minute >= 8 {
            beat("desk", house, json!(["192.168.0.5"]));
        }
        // The tunnel's address holds the private one, 10.1.1.8, in its last four bytes.
        beat("app", "fd40:1085:12:6d79:7712:100:a01:108", json!(["10.1.1.8"]));
        beat("mute", "", json!([]));
    }
    rows(list)
}

/// Every machine above has a name; lost has one too and was never heard. The id's case is that of the portal.
fn tags() -> Rows {
    rows(["nas", "desk", "app", "mute", "lost"].map(|name| {
        json!({
            "TimeGenerated": "2026-11-20T11:30:00Z", "DNSHostName_s": format!("{name}.example.com"),
            "id_s": machine(name).replace("resourcegroups", "resourceGroups"),
        })
    }))
}

/// What DNS says; nas was at another address before, and the newer row counts.
fn records() -> Rows {
    let record = |time: &str, name: &str, address: &str| json!({ "TimeGenerated": time, "DNSHostName_s": format!("{name}.example.com"), "DNSIP_s": address });
    rows([
        record("2026-11-20T11:00:00Z", "nas", "192.0.2.1"),
        record("2026-11-20T11:30:00Z", "nas", "198.51.100.10"),
        record("2026-11-20T11:30:00Z", "desk", "198.51.100.10"),
        record("2026-11-20T11:30:00Z", "app", "198.51.100.30"),
        record("2026-11-20T11:30:00Z", "mute", "198.51.100.40"),
        record("2026-11-20T11:30:00Z", "lost", "198.51.100.50"),
    ])
}

/// Writes of names: nas and desk have left the address of the house, and desk is back.
fn changes() -> Rows {
    let change = |time: &str, name: &str, old: &str, new: &str| {
        json!({
            "TimeGenerated": time, "DNSHostName_s": format!("{name}.example.com"), "RecordType_s": "A",
            "OldIPs_s": old, "NewIPs_s": new, "Outcome_s": "confirmed",
        })
    };
    rows([
        change("2026-11-20T11:57:30Z", "nas", "198.51.100.10", "203.0.113.7"),
        change("2026-11-20T11:57:30Z", "desk", "198.51.100.10", "203.0.113.7"),
        change("2026-11-20T11:58:30Z", "desk", "203.0.113.7", "198.51.100.10"),
    ])
}

/// Flows from a network of its own: to the old address by both columns, before the move, and to one that begins alike.
fn flows_to_the_old() -> Rows {
    let old = |time: &str, from: &str, to: &str, listed: &str| {
        let more =
            json!({ "FlowEndTime": time, "DestPublicIps": listed, "TargetResourceId": "s/rg-net/vnet-old" });
        flow(time, from, to, 445, 1_000, 500, &more)
    };
    rows([
        old("2026-11-20T11:59:00Z", "10.9.0.5", "198.51.100.10", ""),
        old("2026-11-20T11:59:30Z", "10.9.0.6", "", "198.51.100.101|2|0|2|10 198.51.100.10|1|0|1|5"),
        old("2026-11-20T11:00:00Z", "10.9.0.7", "198.51.100.10", ""),
        old("2026-11-20T11:59:00Z", "10.9.0.8", "198.51.100.101", ""),
        old("2026-11-20T11:59:00Z", "10.9.0.9", "", "198.51.100.101|2|0|2|10"),
    ])
}

/// One flow: time, from, to, port, bytes there and back, and whatever else its row says.
fn flow(
    time: &str,
    from: &str,
    to: &str,
    port: u16,
    there: u64,
    back: impl Into<Option<u64>>,
    more: &Json,
) -> Json {
    let mut row = json!({
        "TimeGenerated": time, "FlowStartTime": time, "SubType": "FlowLog", "FaSchemaVersion": "3",
        "SrcIp": from, "DestIp": to, "DestPort": port, "L4Protocol": "TCP",
        "BytesSrcToDest": there, "BytesDestToSrc": back.into(), "TargetResourceId": "s/rg-net/vnet-spoke-a",
    });
    if let (Some(row), Json::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more.clone());
    }
    row
}

fn flows() -> Rows {
    let (app, data) = ("10.1.1.8", "10.1.1.70");
    let hosting = "136.144.58.113";
    let subnets = |from: &str, to: &str| json!({ "SrcSubnet": from, "DestSubnet": to });
    rows([
        // app talks to a hosting company; of the third flow nobody counted the way back.
        flow("2026-11-18T10:00:00Z", app, hosting, 443, 1, 10, &json!({})),
        flow("2026-11-19T10:00:00Z", app, hosting, 443, 2, 20, &json!({})),
        flow("2026-11-19T11:00:00Z", app, hosting, 443, 4, None, &json!({})),
        // app and data talk to each other, across two subnets of spoke-a.
        flow("2026-11-20T10:00:00Z", app, data, 22, 100, 1_000, &subnets("a/app", "a/data")),
        flow(
            "2026-11-20T09:00:00Z",
            data,
            app,
            445,
            200,
            2_000,
            &json!({ "SrcSubnet": "a/data", "DestSubnet": "a/app", "L7Protocol": "SMB" }),
        ),
        // A denied flow without a destination, an old one, and one of the former schema.
        flow("2026-11-19T09:00:00Z", app, "", 53, 500, 5_000, &json!({})),
        flow("2026-09-01T09:00:00Z", app, data, 22, 7, 70, &subnets("a/app", "a/data")),
        flow(
            "2026-11-19T08:00:00Z",
            app,
            data,
            22,
            300,
            3_000,
            &json!({ "FaSchemaVersion": "2", "SrcSubnet": "a/app", "DestSubnet": "a/data" }),
        ),
        // A customer and the web pool, once in each direction; the load balancer's name is spelt both ways.
        flow(
            "2026-11-19T07:00:00Z",
            "198.51.100.77",
            "10.1.1.40",
            443,
            10_000,
            100_000,
            &json!({ "DestLoadBalancer": "rg-net/lb-Web" }),
        ),
        flow(
            "2026-11-18T07:00:00Z",
            "10.1.1.40",
            "198.51.100.77",
            443,
            20_000,
            200_000,
            &json!({ "SrcLoadBalancer": "rg-net/lb-web" }),
        ),
        // The same once more, as a row that is no flow.
        flow(
            "2026-11-18T06:00:00Z",
            "10.1.1.40",
            "198.51.100.77",
            443,
            9,
            9,
            &json!({ "SrcLoadBalancer": "rg-net/lb-web", "SubType": "Topology" }),
        ),
        // The site and spoke-a over the circuit, seen in the hub: today both ways, and two days ago.
        flow(
            "2026-11-20T11:00:00Z",
            "10.4.0.9",
            app,
            8443,
            1_000_000,
            10_000_000,
            &json!({ "SrcExpressRouteCircuit": "er-berne", "TargetResourceId": "s/rg-net/vnet-hub" }),
        ),
        flow(
            "2026-11-20T08:00:00Z",
            app,
            "10.4.0.9",
            9100,
            2_000_000,
            20_000_000,
            &json!({ "DestExpressRouteCircuit": "er-berne", "TargetResourceId": "s/rg-net/vnet-hub" }),
        ),
        flow(
            "2026-11-18T12:00:00Z",
            "10.4.0.9",
            app,
            8443,
            4_000_000,
            40_000_000,
            &json!({ "SrcExpressRouteCircuit": "er-berne", "TargetResourceId": "s/rg-net/vnet-hub" }),
        ),
    ])
}

/// The hosting company was looked at twice: one row an address *and interval*.
fn addresses() -> Rows {
    let seen = |time: &str, kind: &str, ip: &str, place: &str, who: &str| {
        json!({
            "TimeGenerated": time, "FlowType": kind, "Ip": ip, "Location": place, "PublicIpDetails": who,
        })
    };
    rows([
        seen("2026-11-18T11:00:00Z", "ExternalPublic", "136.144.58.113", "Amsterdam", "Example Hosting"),
        seen("2026-11-19T11:00:00Z", "ExternalPublic", "136.144.58.113", "Amsterdam", "Example Hosting"),
        seen("2026-11-19T11:00:00Z", "ExternalPublic", "198.51.100.77", "Bern", "Example Telecom"),
        seen("2026-11-19T11:00:00Z", "MaliciousFlow", "192.0.2.66", "", "Example Scanner"),
    ])
}

fn topology() -> Rows {
    let part = |time: &str, kind: &str, name: &str, hop: &str, ip: &str| {
        json!({
            "TimeGenerated": time, "AzureResourceType": kind, "Name": name, "NextHopType": hop, "NextHopIp": ip,
        })
    };
    rows([
        // The route of the spokes to the firewall, found twice.
        part("2026-11-18T00:00:00Z", "Route", "flowlogs/rt-spokes/to-site", "VirtualAppliance", "10.0.0.4"),
        part("2026-11-19T00:00:00Z", "Route", "flowlogs/rt-spokes/to-site", "VirtualAppliance", "10.0.0.4"),
        part("2026-11-19T00:00:00Z", "Route", "flowlogs/rt-spokes/to-internet", "Internet", ""),
        // Another group, another kind, and a route of long ago.
        part("2026-11-19T00:00:00Z", "Route", "rg-other/rt/default", "Internet", ""),
        part("2026-11-19T00:00:00Z", "Subnet", "flowlogs/vnet-spoke-a/app", "", ""),
        part("2024-01-01T00:00:00Z", "Route", "flowlogs/rt-spokes/gone", "None", ""),
    ])
}

fn keys() -> Rows {
    let key = |id: &str, user: &str, created: &str| {
        json!({
            "TimeGenerated": "2026-11-20T06:00:00Z", "AccessKeyId_s": id, "user_s": user, "CreateDate_t": created,
        })
    };
    rows([
        key("AKIA-BACKUP", "backup", "2019-03-01T08:00:00Z"),
        key("AKIA-DEPLOY", "deploy", "2019-03-01T17:00:00Z"),
        key("AKIA-REPORT", "report", "2019-12-31T23:59:59Z"),
        key("AKIA-TURN", "report", "2020-01-01T00:00:00Z"),
        // Ninety days and half a day old, but ninety-one midnights lie between; then ninety days and one minute.
        key("AKIA-LATE", "ops", "2026-08-21T23:59:00Z"),
        key("AKIA-FINE", "ops", "2026-08-22T11:59:00Z"),
    ])
}
