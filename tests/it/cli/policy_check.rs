//! `policy check`: a policy file held against the fleet, and against machines out of files.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::handler::{House, tagged};
use crate::output::{code, words};
use crate::stage::{SUBSCRIPTION, machine, machine_id};

/// The zone that is managed: nothing else is told to the binary.
const ZONE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";

/// A folder with files, in which the binary runs with no other setting than the zone and these.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str], more: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        command
            .env_clear()
            .envs([("DNS_ZONES", ZONE), ("COLUMNS", "1000")])
            .envs(more.iter().copied())
            .current_dir(self.path());
        command.args(["policy", "check"]).args(arguments).output().unwrap()
    }

    /// What it says as JSON.
    fn told(&self, arguments: &[&str], more: &[(&str, &str)]) -> Value {
        let output = self.run(&[arguments, &["-o", "json"]].concat(), more);
        assert_eq!(code(&output), 0, "{}", words(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn id(group: &str, name: &str) -> String {
    machine_id(name).replace("rg-edge", group)
}

/// Each claim's line, how many machines it has, and why it is dead.
fn claims(told: &Value) -> Vec<(u64, u64, Option<String>)> {
    let claims = told["claims"].as_array().unwrap().iter();
    let claim = |claim: &Value| {
        let because = claim["because"].as_str().map(str::to_owned);
        assert_eq!(claim["given"].as_array().unwrap().is_empty(), because.is_some(), "{claim}");
        (claim["line"].as_u64().unwrap(), claim["machines"].as_u64().unwrap(), because)
    };
    claims.map(claim).collect()
}

/// Name, reason and sentence of what is refused.
fn refused(told: &Value) -> Vec<(&str, &str, &str)> {
    let refused = told["refused"].as_array().unwrap().iter();
    refused
        .map(|row| {
            (row["name"].as_str().unwrap(), row["reason"].as_str().unwrap(), row["because"].as_str().unwrap())
        })
        .collect()
}

/// Two claims that decide, and three that do so for nobody, each for another cause.
fn policy() -> String {
    format!(
        "[[claim]]\nscope = \"{SUBSCRIPTION}/resourceGroups/rg-a\"\nnames = \"{{name}}.dyn.example.com\"\n\
         [[claim]]\nnames = \"www.example.com\"\n\
         [[claim]]\nscope = \"{SUBSCRIPTION}/resourceGroups/rg-a\"\nnames = [\"x.dyn.example.com\"]\n\
         [[claim]]\nscope = \"{SUBSCRIPTION}/resourceGroups/rg\"\nnames = \"*.dyn.example.com\"\n\
         [[claim]]\nnames = \"nobody.example.com\"\nhold = true\n"
    )
}

/// What the policy comes to, by whichever way the machines were told.
fn hold_to_the_policy(told: &Value) {
    let because = |words: &str| Some(words.to_owned());
    let wanted = [
        (1, 1, None),
        (4, 1, None),
        (6, 0, because("line 1 decides before it for all whom it fits")),
        (9, 0, because("reaches no machine")),
        (12, 0, because("no machine that it reaches claims a name of it")),
    ];
    assert_eq!(claims(told), wanted, "{told}");
    let given = &told["claims"][0]["given"];
    assert_eq!(*given, json!([{ "name": "x.dyn.example.com", "machine": id("rg-a", "x") }]));
    let refused: Vec<_> = refused(told).into_iter().map(|(name, reason, _)| (name, reason)).collect();
    assert_eq!(refused, [("other.example.net", "no-zone"), ("y.dyn.example.com", "name-not-allowed")]);
}

#[test]
fn machines_out_of_csv_and_out_of_an_answer_of_az_come_to_the_same() {
    let (x, y, w) = (id("rg-a", "x"), id("rg-ab", "y"), id("rg-ab", "w"));
    let csv = format!(
        "\u{feff}id,name,tag\r\n{x},x,x.dyn.example.com\r\n{y},y,\"y.dyn.example.com,other.example.net\"\r\n{w},w,www.example.com\r\n{},bare,\r\n",
        id("rg-ab", "bare")
    );
    let row = |id: &str, tag: &str| json!({ "id": id, "name": "", "location": "westeurope", "tags": { "dnshostname": tag } });
    let rows = [
        row(&x, "x.dyn.example.com"),
        row(&y, "y.dyn.example.com,other.example.net"),
        row(&w, "www.example.com"),
        json!({ "id": id("rg-ab", "bare"), "location": "westeurope", "tags": null }),
    ];
    let answer = |rows: &[Value]| {
        json!({ "count": rows.len(), "data": rows, "skip_token": null, "total_records": 4 }).to_string()
    };
    let folder = Folder::new(&[
        ("policy.toml", &policy()),
        ("machines.csv", &csv),
        ("machines.json", &answer(&rows)),
        ("list.json", &json!(rows).to_string()),
        ("one.json", &answer(&rows[..2])),
        ("two.json", &answer(&rows[2..])),
    ]);
    for files in [&["machines.csv"][..], &["machines.json"], &["list.json"], &["one.json", "two.json"]] {
        let mut arguments = vec!["policy.toml"];
        files.iter().for_each(|file| arguments.extend(["--machines", file]));
        // What the installation goes by does not count.
        let told = folder.told(&arguments, &[("POLICY_NAMES", "*")]);
        hold_to_the_policy(&told);
        assert_eq!((&told["machines"], &told["schema"]), (&json!(4), &json!("heartbeat-dns-policy/1")));
    }
    let part = folder.run(&["policy.toml", "--machines", "one.json"], &[]);
    assert_eq!(code(&part), 2, "{}", words(&part));
    assert!(words(&part).contains("the answer has 4 machines, and 2 of them"), "{}", words(&part));
}

#[test]
fn the_screen_names_each_line_and_what_is_refused() {
    let csv =
        format!("id,tag\n{},x.dyn.example.com\n{},y.dyn.example.com\n", id("rg-a", "x"), id("rg-ab", "y"));
    let folder = Folder::new(&[("policy.toml", &policy()), ("machines.csv", &csv)]);
    let output = folder.run(&["policy.toml", "--machines", "machines.csv"], &[]);
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    for line in [
        "  line   1  names {name}.dyn.example.com below …/rg-a     1 machine, 1 name",
        "  line   4  names www.example.com                      !  no machine that it reaches claims a name of it",
        "  line   6  names x.dyn.example.com below …/rg-a       !  line 1 decides before it for all whom it fits",
        "  line   9  names *.dyn.example.com below …/rg         !  reaches no machine",
        "1 name is claimed and allowed by no line:",
        "    y.dyn.example.com (y, rg-ab)  name-not-allowed",
        "2 machines read: 1 given, 1 refused, 4 dead lines",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    let csv = folder.run(&["policy.toml", "--machines", "machines.csv", "-o", "csv"], &[]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert!(
        csv.starts_with(&format!(
            "line,name,machine,reason,because,zone\n1,x.dyn.example.com,{},,,\n",
            id("rg-a", "x")
        )),
        "{csv}"
    );
    assert!(csv.contains("\n9,,,dead,reaches no machine,\n"), "{csv}");
}

/// What a line grants is not whole without what holds for it.
#[test]
fn what_else_holds_for_a_line_is_shown_behind_its_names() {
    let policy = "[[claim]]\nnames = \"web.example.com\"\nshared = true\nhold = true\n\
                  [[claim]]\nnames = \"x.example.com\"\ncountries = [\"che\", \"Italy\"]\n\
                  [[claim]]\nnames = \"*.example.com\"\ncountries = [\"CH\", \"AT\", \"DE\", \"FR\", \"IT\"]\n";
    let row = |name: &str, host: &str| format!("{},{host}.example.com\n", id("rg-a", name));
    let csv = format!("id,tag\n{}{}{}{}", row("a", "web"), row("b", "web"), row("x", "x"), row("y", "y"));
    let folder = Folder::new(&[("policy.toml", policy), ("m.csv", &csv)]);
    let shown = String::from_utf8(folder.run(&["policy.toml", "--machines", "m.csv"], &[]).stdout).unwrap();
    for line in [
        "  line   1  names web.example.com     2 machines, 1 name, shared, held",
        "  line   5  names x.example.com       1 machine, 1 name, only from Switzerland, Italy",
        "  line   8  names *.example.com       1 machine, 1 name, only from Austria, Switzerland, Germany and 2 more",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    let told = folder.told(&["policy.toml", "--machines", "m.csv"], &[]);
    let terms = |index: usize| {
        let claim = &told["claims"][index];
        json!([claim["shared"], claim["hold"], claim["countries"]])
    };
    assert_eq!(terms(0), json!([true, true, []]));
    assert_eq!(terms(1), json!([false, false, ["Switzerland", "Italy"]]));
}

#[test]
fn what_a_placeholder_and_the_template_fill_with_nothing_is_named() {
    let policy =
        "[[claim]]\nnames = \"{tag:Site}.dyn.example.com\"\n[[claim]]\nnames = \"{location}.example.com\"\n";
    let row =
        |name: &str, tags: Value| json!({ "id": id("rg-a", name), "location": "westeurope", "tags": tags });
    let rows = json!([
        row("a", json!({ "Site": "zrh" })),
        row("b", json!({ "site": "*" })),
        row("c", json!({ "site": "a.b" })),
        row("d", json!({ "site": "zrh", "DNSHostName": "-" })),
        row("e", json!({ "site": "*", "DNSHostName": "ber.dyn.example.com" })),
    ]);
    let csv = format!("id,tag\n{},zrh.dyn.example.com\n{},\n", id("rg-a", "a"), id("rg-a", "b"));
    let folder = Folder::new(&[("policy.toml", policy), ("m.json", &rows.to_string()), ("m.csv", &csv)]);
    let template = [("HOSTNAME_TEMPLATE", "{tag:site}.dyn.example.com")];
    let told = folder.told(&["policy.toml", "--machines", "m.json"], &template);
    let given = json!([{ "name": "zrh.dyn.example.com", "machine": id("rg-a", "a") }]);
    assert_eq!(told["claims"][0]["given"], given);
    let nothing = |name: &str| json!({ "machine": id("rg-a", name), "because": "what the template fills in is no label" });
    assert_eq!(told["unnamed"], json!([nothing("b"), nothing("c")]));
    let (name, reason, because) = refused(&told)[0];
    assert_eq!((name, reason, refused(&told).len()), ("ber.dyn.example.com", "name-not-allowed", 1));
    assert!(because.contains("the placeholder {tag:site} on line 1 of POLICY_FILE"), "{because}");
    let screen = words(&folder.run(&["policy.toml", "--machines", "m.json"], &template));
    assert!(
        screen.contains("2 machines have no tag, and HOSTNAME_TEMPLATE gives no name:\n    b (rg-a)  what"),
        "{screen}"
    );
    // A table of names and tags tells nothing of what the claim asks for: nobody may take that for a refusal.
    let told = folder.told(&["policy.toml", "--machines", "m.csv"], &template);
    let (name, reason, because) = refused(&told)[0];
    assert_eq!((name, reason, refused(&told).len()), ("zrh.dyn.example.com", "blind", 1));
    assert!(because.contains("the files of --machines do not tell"), "{because}");
    assert_eq!(told["claims"][0]["dead"], false, "it is not known: {told}");
    assert_eq!(told["unnamed"][0]["because"], "its location and tags are not told");
}

#[test]
fn management_groups_are_read_where_the_answer_tells_them() {
    let policy = "[[claim]]\nscope = \"/providers/Microsoft.Management/managementGroups/Lab\"\nnames = \"*.example.com\"\n";
    let row = |groups: Value| json!([{ "id": id("rg-a", "a"), "location": "x", "tags": { "DNSHostName": "a.example.com" }, "groups": groups }]);
    let folder = Folder::new(&[
        ("policy.toml", policy),
        ("told.json", &row(json!([{ "name": "lab", "displayName": "Lab" }])).to_string()),
        ("other.json", &row(json!([{ "name": "root" }])).to_string()),
        ("untold.json", &row(Value::Null).to_string()),
    ]);
    let claim = |file| folder.told(&["policy.toml", "--machines", file], &[])["claims"][0].clone();
    assert_eq!(claim("told.json")["machines"], 1);
    let other = claim("other.json");
    let words_of_none = "the management group lab was not found among those above the machines; correct its name, or drop the claim";
    assert_eq!((&other["because"], &other["dead"]), (&json!(words_of_none), &json!(true)));
    let untold = claim("untold.json");
    assert_eq!((&untold["machines"], &untold["dead"]), (&json!(0), &json!(false)), "{untold}");
    let screen = words(&folder.run(&["policy.toml", "--machines", "untold.json"], &[]));
    assert!(screen.contains("names *.example.com below …/lab  ?  too little is known"), "{screen}");
}

#[test]
fn a_faulty_file_ends_with_2_and_its_lines() {
    let id = id("rg-a", "x");
    let folder = Folder::new(&[
        ("faulty.toml", "[[claim]]\nnmaes = \"*\"\nttl = \"x\"\n"),
        ("empty.toml", ""),
        ("policy.toml", "[[claim]]\nnames = \"*.example.com\"\n"),
        ("words.csv", "name,tag\nx,y\n"),
        ("semicolons.csv", "id;name;tag\nx;x;y\n"),
        ("tabs.csv", "id\tname\ttag\nx\tx\ty\n"),
        ("short.csv", &format!("id,tag\n{id},x.example.com\n{id}\n")),
        ("id.csv", "id,tag\nx,x.example.com\n"),
        (
            "vm.csv",
            "id,tag\n/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v,v.example.com\n",
        ),
        ("object.json", "{}"),
        ("tagless.json", &json!([{ "id": id, "location": "x" }]).to_string()),
        ("half.json", "[{"),
    ]);
    let machines = |file| vec!["policy.toml", "--machines", file];
    for (arguments, faults) in [
        (
            vec!["faulty.toml"],
            &["faulty.toml line 2: there is no `nmaes`; did you mean names?", "faulty.toml line 3: ttl"][..],
        ),
        (vec!["empty.toml", "--machines", "short.csv"], &["empty.toml line 1: there is no [[claim]]"]),
        (vec!["none.toml"], &["cannot read none.toml: "]),
        (machines("none.csv"), &["cannot use none.csv: "]),
        (machines("words.csv"), &["cannot use words.csv: its first line lacks the columns id and tag"]),
        (
            machines("semicolons.csv"),
            &["cannot use semicolons.csv: its fields are separated by semicolons; use commas"],
        ),
        (machines("tabs.csv"), &["its fields are separated by tabs; use commas"]),
        (machines("short.csv"), &["line 3 has 1 fields, and the first line 2"]),
        (machines("id.csv"), &["line 2: `x` is no id of a machine"]),
        (machines("vm.csv"), &["is no Arc machine, and only these count (TARGETS)"]),
        (machines("object.json"), &["there is no list of machines in it"]),
        (machines("tagless.json"), &["has no column tags"]),
        (machines("half.json"), &["cannot use half.json: "]),
    ] {
        let output = folder.run(&arguments, &[]);
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{arguments:?} {}", words(&output));
        for fault in faults {
            assert!(words(&output).contains(fault), "{arguments:?} {}", words(&output));
        }
    }
    // The file that was given is meant, and no setting.
    let faulty = words(&folder.run(&["faulty.toml"], &[]));
    assert!(!faulty.contains("POLICY_FILE") && !faulty.contains("local.settings.json"), "{faulty}");
    // Of Azure nothing but the zone is needed, and that is.
    let zoneless = folder.run(&["policy.toml", "--machines", "short.csv"], &[("DNS_ZONES", "")]);
    assert!(
        code(&zoneless) == 2 && words(&zoneless).contains("DNS_ZONES is not set"),
        "{}",
        words(&zoneless)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_is_read_once_and_nothing_is_written() {
    let within = |group: &str, machine: Value| -> Value {
        serde_json::from_str(&machine.to_string().replace("rg-edge", group)).unwrap()
    };
    let machines = [
        within("rg-a", tagged("x", "x.dyn.example.com")),
        within("rg-ab", tagged("y", "y.dyn.example.com,other.example.net")),
        within("rg-ab", tagged("w", "www.example.com")),
        within("rg-ab", machine("bare", &json!({ "site": "zrh" }))),
    ];
    let mut house = House::new(&[], &machines, &[], &[]).await;
    let folder = Folder::new(&[
        ("policy.toml", &policy()),
        (
            "lab.toml",
            "[[claim]]\nscope = \"/providers/Microsoft.Management/managementGroups/lab\"\nnames = [\"{name}.dyn.example.com\", \"{tag:site}.lab.example.com\"]\n",
        ),
    ]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let told = async |name: &str| -> Value {
        let output = house.run(&["policy", "check", &path(name), "-o", "json"]).await;
        assert_eq!(code(&output), 0, "{}", words(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let reviewed = told("policy.toml").await;
    hold_to_the_policy(&reviewed);
    assert_eq!(house.stage.all_calls().await.len(), 2, "a token, and one page of machines");
    let subscription = SUBSCRIPTION.rsplit('/').next().unwrap();
    house.world(&json!({ "managementGroups": [{ "name": "lab", "subscriptions": [subscription] }] })).await;
    let lab = told("lab.toml").await;
    assert_eq!(claims(&lab), [(1, 2, None)], "the groups are asked for: {lab}");
    let faulty = house.run(&["policy", "check", &path("none.toml")]).await;
    assert_eq!(code(&faulty), 2, "{}", words(&faulty));
    assert_eq!(house.writes().await, 0);
    // Without any machine `check` says the same of a name: by which lines some machine may have it, or why none may.
    house.environment.remove("POLICY_NAMES");
    house.environment.insert("POLICY_FILE".to_owned(), path("policy.toml"));
    let names = ["x.dyn.example.com", "www.example.com", "other.example.net"];
    let output = house.run(&[&["check", "-o", "json"], &names[..]].concat()).await;
    let checked: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<&Value> = checked["names"].as_array().unwrap().iter().map(|name| &name["lines"]).collect();
    assert_eq!(lines, [&json!([1, 6, 9]), &json!([4]), &json!([])], "{checked}");
    assert_eq!(checked["names"][2]["reason"], refused(&reviewed)[0].1, "{checked}");
    let shown = String::from_utf8(house.run(&["check", names[0], names[1]]).await.stdout).unwrap();
    assert!(shown.contains("in example.com, by lines 1, 6, 9") && shown.contains(", by line 4"), "{shown}");
}

/// A name may have a side that a line gives, and one that none does.
#[test]
fn a_refused_side_of_a_name_is_called_so() {
    let policy = "[[claim]]\nkind = \"public\"\nnames = [\"*.example.com\"]\n";
    let rows = format!("id,name,tag\n{},nas,nas.example.com\n", id("rg-edge", "nas"));
    let folder = Folder::new(&[("policy.toml", policy), ("machines.csv", &rows)]);
    let private = ZONE.replace("dnsZones", "privateDnsZones");
    let more = [("PRIVATE_ZONES", private.as_str()), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")];
    let arguments = ["policy.toml", "--machines", "machines.csv"];
    let text = String::from_utf8(folder.run(&arguments, &more).stdout).unwrap();
    assert!(text.contains("names *.example.com in public zones"), "{text}");
    let told = "1 name is claimed and allowed by no line:\n    nas.example.com in the private zone example.com (nas, rg-edge)  name-not-allowed";
    assert!(text.contains(told), "{text}");
    let told = folder.told(&arguments, &more);
    assert_eq!((&told["claims"][0]["kind"], &told["claims"][0]["machines"]), (&json!("public"), &json!(1)));
    let refused = told["refused"].as_array().unwrap();
    assert_eq!((refused.len(), &refused[0]["zone"]), (1, &json!(private)), "{told}");
    // With one zone nobody needs to be told which.
    let alone = String::from_utf8(folder.run(&arguments, &[]).stdout).unwrap();
    assert!(!alone.contains("private"), "{alone}");
}
