//! Whether the network of virtual machines can be seen, where they count.

use serde_json::{Value, json};

use super::{OLD, examined, fails, line, lines};
use crate::handler::{House, beat, set, tagged};
use crate::run::doctor::Parent;
use crate::run::doctor::world::{SCOPE, alert, may_all_but, own_name_servers, resources};

const BOTH: (&str, &str) = ("TARGETS", "arc,vm");
const ASSIGN: &str = "az role assignment create --assignee-object-id 00000000-0000-0000-0000-0000000000f2 --assignee-principal-type ServicePrincipal --role \"Reader\" --scope ";

fn id(group: &str, below: &str) -> String {
    format!("{SCOPE}/resourceGroups/{group}/providers/{below}")
}

/// A virtual machine with a name and a public IP resource, as Azure shows the three.
fn network() -> [Value; 3] {
    let machine = id("rg-edge", "Microsoft.Compute/virtualMachines/web");
    let interface = id("rg-net", "Microsoft.Network/networkInterfaces/nic-web");
    let public_ip = id("rg-net", "Microsoft.Network/publicIPAddresses/pip-web");
    let configurations = json!([{ "properties": { "publicIPAddress": { "id": public_ip } } }]);
    let of_interface = json!({ "virtualMachine": { "id": machine }, "ipConfigurations": configurations });
    [
        json!({ "id": machine, "name": "web", "tags": { "DNSHostName": "web.example.com" } }),
        json!({ "id": interface, "properties": of_interface }),
        json!({ "id": public_ip, "properties": { "ipAddress": OLD } }),
    ]
}

async fn house(more: &[(&str, &str)]) -> (House, Parent) {
    let [machine, interface, public_ip] = network();
    let mut of_web = beat("web", OLD, 30);
    of_web["_ResourceId"] = json!(machine["id"].as_str().unwrap().to_lowercase());
    let machines = [tagged("x", "x.example.com"), machine];
    let beats = [beat("x", OLD, 30), of_web];
    let house = House::new(&[set("x", &[OLD], Value::Null)], &machines, &beats, more).await;
    let mut all = resources(&alert(), true);
    all.as_array_mut().unwrap().extend([interface, public_ip]);
    house.world(&json!({ "resources": all })).await;
    let parent = Parent::naming(&own_name_servers(&house)).await;
    (house, parent)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_to_read_what_holds_an_address_is_asked_for_where_virtual_machines_count() {
    let (healthy, parent) = house(&[BOTH]).await;
    let (report, code) = examined(&healthy, &parent, &["--no-probe"]).await;
    let seen = line(&report, "addresses");
    assert_eq!((&seen["verdict"], code), (&json!("ok"), 0), "{report:#}");
    let all = [
        "Microsoft.Compute/virtualMachines/read",
        "Microsoft.Network/networkInterfaces/read",
        "Microsoft.Network/publicIPAddresses/read",
    ];
    for (lacking, said, group) in [
        ("Microsoft.Network/publicIPAddresses/read", "1 of 1 public IP resources", "rg-net"),
        ("Microsoft.Network/networkInterfaces/read", "the network interfaces of 1 of 1", "rg-edge"),
    ] {
        let mut roles = may_all_but(&[]);
        let actions = roles[0]["actions"].as_array_mut().unwrap();
        actions.extend(all.iter().filter(|action| **action != lacking).map(|action| json!(action)));
        healthy.world(&json!({ "identity": { "roles": roles } })).await;
        let (report, code) = examined(&healthy, &parent, &["--no-probe"]).await;
        assert_eq!(code, 1, "{report:#}");
        fails(&report, "addresses", said, &format!("{ASSIGN}{SCOPE}/resourceGroups/{group}"));
    }
    // Where they do not count, nobody asks.
    let (arc, parent) = house(&[]).await;
    let (report, _) = examined(&arc, &parent, &["--no-probe"]).await;
    assert!(lines(&report, "addresses").is_empty(), "{report:#}");
}
