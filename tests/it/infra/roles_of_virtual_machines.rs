//! What `TARGETS` with `vm` adds to the role on machines: enough, and nothing that is not needed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use standin::Options;

use crate::handler::{House, beat};
use crate::stage::{SUBSCRIPTION, world};

const NEW: &str = "203.0.113.7";

fn resource(below: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-net/providers/{below}")
}

fn actions(role: &str, member: &str) -> Vec<Value> {
    super::json(&format!("infra/roles/{role}.json"))[member].as_array().unwrap().clone()
}

/// A world with all that is asked about: machines with and without an address of their own, and a scale set.
fn document(roles: &Value) -> Value {
    let vm = |name: &str| resource(&format!("Microsoft.Compute/virtualMachines/{name}"));
    let tags = |name: &str| json!({ "DNSHostName": format!("{name}.example.com") });
    let machines = ["own", "shared"].map(|name| json!({ "id": vm(name), "tags": tags(name) }));
    let configuration = resource("Microsoft.Network/networkInterfaces/nic/ipConfigurations/c");
    let mut document = world(&[], &machines);
    document["identity"] = json!({ "roles": roles });
    document["resources"] = json!([
        {
            "id": resource("Microsoft.Network/networkInterfaces/nic"),
            "properties": { "virtualMachine": { "id": vm("own") } },
        },
        {
            "id": resource("Microsoft.Network/publicIPAddresses/pip"),
            "properties": { "ipAddress": NEW, "ipConfiguration": { "id": configuration } },
        },
        {
            "id": resource("Microsoft.Network/publicIPPrefixes/range"),
            "properties": {
                "ipPrefix": "203.0.113.16/28",
                "natGateway": { "id": resource("Microsoft.Network/natGateways/nat-hub") },
            },
        },
        { "id": resource("Microsoft.Compute/virtualMachineScaleSets/pool"), "tags": tags("pool") },
    ]);
    document
}

/// What a plan says with these actions on the machines.
async fn told(actions_of_machines: &[Value]) -> String {
    let roles = [
        actions_of_machines.to_vec(),
        actions("records", "actions"),
        actions("logs", "actions"),
        vec![json!("Microsoft.Insights/Telemetry/Write")],
    ];
    let roles: Vec<Value> =
        roles.iter().map(|actions| json!({ "scope": SUBSCRIPTION, "actions": actions })).collect();
    let beats = [("own", NEW), ("shared", "203.0.113.20")].map(|(name, address)| {
        [120, 60, 2].map(|ago| {
            let mut row = beat(name, address, ago);
            row["_ResourceId"] =
                json!(resource(&format!("Microsoft.Compute/virtualMachines/{name}")).to_lowercase());
            row
        })
    });
    let more = [("TARGETS", "vm")];
    let house =
        House::with_world(&document(&json!(roles)), beats.as_flattened(), &more, Options::default()).await;
    let planned = house.run(&["plan"]).await;
    let words =
        format!("{}{}", String::from_utf8_lossy(&planned.stdout), String::from_utf8_lossy(&planned.stderr));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is said where everything that is needed may be read, and which action each sentence rests on.
const SAID: [(&str, &str); 5] = [
    ("Microsoft.Compute/virtualMachines/read", "shared.example.com"),
    ("Microsoft.Compute/virtualMachineScaleSets/read", "The scale set pool carries"),
    ("Microsoft.Network/networkInterfaces/read", "own.example.com A 203.0.113.7"),
    ("Microsoft.Network/publicIPAddresses/read", "own.example.com A 203.0.113.7"),
    ("Microsoft.Network/publicIPPrefixes/read", "the NAT gateway nat-hub"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_action_is_needed_and_no_other() {
    let given = actions("machines", "actionsOfVirtualMachines");
    let whole = told(&given).await;
    for (action, sentence) in SAID {
        assert!(whole.contains(sentence), "{sentence}: {whole}");
        let without: Vec<Value> = given.iter().filter(|given| **given != *action).cloned().collect();
        assert_eq!(without.len() + 1, given.len(), "{action} is in the role");
        let lacking = told(&without).await;
        assert!(!lacking.contains(sentence), "without {action}: {lacking}");
    }
    let known: BTreeSet<&str> = SAID.iter().map(|(action, _)| *action).collect();
    let all: BTreeSet<&str> = given.iter().filter_map(Value::as_str).collect();
    assert_eq!(all, known);
}

/// Whoever names no virtual machines gives no right to look at networks.
#[test]
fn every_role_on_machines_follows_the_targets() {
    for file in [
        "infra/modules/role-machines-subscription.bicep",
        "infra/modules/role-machines-group.bicep",
        "infra/modules/role-commands.bicep",
        "infra/management-group.bicep",
    ] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let names = if file.contains("management-group") { "kinds" } else { "targets" };
        assert!(text.contains(&format!("contains({names}, 'vm')")), "{file}");
        // The members of the file are named where the kinds are looked at, and nowhere else.
        assert_eq!(text.matches("machines.actionsOfVirtualMachines").count(), 1, "{file}");
        assert_eq!(
            text.matches("machines.actions ").count() + text.matches("machines.actions,").count(),
            1,
            "{file}"
        );
    }
}
