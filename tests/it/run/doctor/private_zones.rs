//! A private zone before the doctor: its rights, its links, and what it is not asked.

use serde_json::{Value, json};
use standin::Options;

use super::parent::Parent;
use super::world::{alert, deployed, own_name_servers, resources};
use super::{code, examined, fails, holds, line, lines, words};
use crate::handler::{House, beat, set, tagged};
use crate::run::OLD;
use crate::stage::{SUBSCRIPTION, world, zone_id};

const CONTRIBUTOR: &str = "Private DNS Zone Contributor";

fn private_id() -> String {
    zone_id("example.com").replace("dnsZones", "privateDnsZones")
}

fn own(name: &str, address: &str, is_auto: bool) -> Value {
    json!({ "name": name, "type": "A", "ttl": 60, "isAutoRegistered": is_auto, "aRecords": [{ "ipv4Address": address }] })
}

fn hub() -> Value {
    let network =
        format!("{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub");
    json!({ "name": "to-hub", "virtualNetwork": network })
}

/// A house with both zones of one name; the private one has these sets and links.
async fn house(sets: &[Value], links: &[Value]) -> (House, Parent) {
    let mut world = world(&[set("x", &[OLD], Value::Null)], &[tagged("x", "x.example.com")]);
    let private = json!({ "id": private_id(), "recordSets": sets, "virtualNetworkLinks": links });
    world["zones"].as_array_mut().unwrap().push(private);
    world["resources"] = resources(&alert(), true);
    let more = [("PRIVATE_ZONES", private_id()), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8".to_owned())];
    let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let house = House::with_world(&world, &[beat("x", OLD, 30)], &more, Options::default()).await;
    house.stage.all_calls().await;
    let parent = Parent::naming(&own_name_servers(&house)).await;
    (house, parent)
}

/// The roles as `infra` assigns them with a private zone beside a public one of its name, but for this action.
fn roles(lacking: &str) -> Value {
    let actions = |file: &str, member: &str| -> Vec<String> {
        let role = crate::infra::json(&format!("infra/roles/{file}.json"));
        let all: Vec<String> = serde_json::from_value(role[member].clone()).unwrap();
        all.into_iter().filter(|action| action != lacking).collect()
    };
    let mut all = deployed();
    all.as_array_mut().unwrap().extend([
        json!({ "scope": private_id(), "actions": actions("private-records", "actions") }),
        json!({ "scope": zone_id("example.com"), "actions": actions("records", "actionsOfPrivateTwins") }),
    ]);
    json!({ "identity": { "roles": all } })
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_roles_of_infra_a_private_zone_has_nothing_to_mend() {
    let (house, parent) = house(&[own("x", "10.1.0.4", false)], &[hub()]).await;
    house.world(&roles("")).await;
    let (report, code) = examined(&house, &parent, &[]).await;
    assert_eq!((code, &report["totals"]["warn"]), (0, &json!(0)), "{report:#}");
    for told in lines(&report, "zone") {
        assert_eq!(told["said"], "may be read and written", "{report:#}");
    }
    assert_eq!(lines(&report, "zone").len(), 2, "{report:#}");
    line(&report, "delegation");
    assert_eq!(line(&report, "view")["said"], "seen in 1 network, and hides no public name there");
    assert_eq!(lines(&report, "links").len(), 0, "{report:#}");
    let tried = house.stage.calls().await.into_iter().filter(|call| call.method == "PUT");
    assert_eq!(tried.map(|call| call.status).collect::<Vec<_>>(), [412, 412]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_right_that_is_missing_at_a_private_zone_is_told_with_its_assignment() {
    let (house, parent) = house(&[own("x", "10.1.0.4", false)], &[hub()]).await;
    let assign = |role: &str, scope: &str| {
        format!(
            "az role assignment create --assignee-object-id 00000000-0000-0000-0000-0000000000f2 --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}"
        )
    };
    for (lacking, topic, said, role, scope) in [
        ("privateDnsZones/A/read", "zone", "403: may not be read", CONTRIBUTOR, private_id()),
        ("privateDnsZones/A/write", "zone", "403: may be read and not written", CONTRIBUTOR, private_id()),
        (
            "privateDnsZones/virtualNetworkLinks/read",
            "links",
            "its links may not be read",
            "Reader",
            private_id(),
        ),
        ("privateDnsZones/ALL/read", "view", "may not be read", "Reader", private_id()),
        ("dnsZones/all/read", "view", "may not be read", "Reader", zone_id("example.com")),
    ] {
        house.world(&roles(&format!("Microsoft.Network/{lacking}"))).await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        if topic == "view" {
            let told = line(&report, topic);
            assert_eq!(
                (&told["verdict"], told["az"].as_array().unwrap().len()),
                (&json!("warn"), 1),
                "{report:#}"
            );
            holds(told, said, &assign(role, &scope));
        } else {
            fails(&report, topic, said, &assign(role, &scope));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_nobody_sees_is_told_once_and_a_set_of_azures_is_never_tried() {
    let (house, parent) = house(&[own("vm01", "10.1.0.9", true)], &[]).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!(code, 0, "{report:#}");
    let told = line(&report, "links");
    assert_eq!(told["verdict"], "warn");
    let list = "az network private-dns link vnet list --resource-group rg-dns --zone-name example.com";
    holds(told, "no network is linked to it", list);
    assert_eq!(lines(&report, "view").len(), 0, "it hides nothing from nobody: {report:#}");
    let private =
        lines(&report, "zone").into_iter().filter(|line| line["said"].as_str().unwrap().contains("no A set"));
    assert_eq!(private.count(), 1, "{report:#}");
    let calls = house.stage.calls().await;
    assert!(
        !calls.iter().any(|call| call.method == "PUT" && call.path.contains("privateDnsZones")),
        "{calls:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_at_a_private_zone_is_told_with_the_role_that_gives_it() {
    let (house, parent) = house(&[own("x", "10.1.0.4", false)], &[hub()]).await;
    let mut wide = roles("");
    let actions = [
        "Microsoft.Resources/deployments/*",
        "Microsoft.Network/privateDnsZones/*",
        "Microsoft.Authorization/*/read",
    ];
    wide["identity"]["roles"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "scope": private_id(), "actions": actions }));
    house.world(&wide).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let told = line(&report, "rights");
    assert_eq!(told["verdict"], "warn", "{report:#}");
    let said = "do `Microsoft.Network/privateDnsZones/*` at the zone example.com, such as Microsoft.Network/privateDnsZones/delete, \
                which none of its roles gives but Private DNS Zone Contributor";
    holds(told, said, "az role assignment list --assignee ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_zone_that_never_was_is_told_by_its_setting() {
    let (mut house, parent) = house(&[own("x", "10.1.0.4", false)], &[hub()]).await;
    let slip = private_id().replace("example.com", "exmaple.com");
    house.environment.insert("PRIVATE_ZONES".to_owned(), slip);
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    fails(&report, "zone", "put its id into PRIVATE_ZONES", "az network private-dns zone list ");
    let planned = house.run(&["plan", "-o", "json"]).await;
    assert_eq!(code(&planned), 1, "{}", words(&planned));
    let said = words(&planned);
    assert!(said.contains("PRIVATE_ZONES names the zone exmaple.com"), "{said}");
    let text = String::from_utf8_lossy(&house.run(&["plan"]).await.stdout).into_owned();
    let told = "PRIVATE_ZONES names the zone exmaple.com, and the group rg-dns has none of that name";
    assert!(text.contains(told), "{text}");
    let meant = format!("correct PRIVATE_ZONES; probably meant: {}", private_id());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    assert!(text.contains(&meant.to_lowercase()), "{text}");
}
