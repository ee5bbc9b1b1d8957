//! Tests: which rows are played, as whose, and in which world.

use std::net::IpAddr;

use super::*;
use crate::packets::Kind;

const VM: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines";
const ARC: &str = "/subscriptions/t/resourcegroups/g/providers/microsoft.hybridcompute/machines";

fn recording(text: &str, change: impl FnOnce(&mut Files)) -> Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows");
    std::fs::write(&file, text).unwrap();
    let mut files = Files::of(&file);
    change(&mut files);
    Recording::read(&files)
}

fn row(time: &str, computer: &str, address: &str, id: &str) -> Value {
    json!({ "TimeGenerated": time, "Computer": computer, "ComputerIP": address, "_ResourceId": id })
}

#[test]
fn rows_keep_their_times_and_machines_become_arcs() {
    let rows = json!([
        row("2026-05-04T10:31:00Z", "b", "", &format!("{ARC}/b")),
        row("2026-05-04T10:30:00.1234567Z", "A.corp.local", "198.51.100.1", &format!("{VM}/a")),
    ]);
    let recording = recording(&rows.to_string(), |_| {}).unwrap();
    let first: Value = serde_json::from_str(&recording.rows.json(0..1).next().unwrap()).unwrap();
    assert_eq!(first["TimeGenerated"], "2026-05-04T10:30:00.1234567Z");
    let time = |index: usize| recording.rows.time(index).unwrap();
    assert_eq!((recording.from, recording.end), (time(0), time(1)), "no longer than it is");
    let ids: Vec<&str> = recording.machines.values().map(|machine| machine.id.as_str()).collect();
    assert_eq!(ids[0], street::machine_id("A.corp.local"));
    assert!(ids[1].contains("/subscriptions/t/"));
    assert_eq!(
        recording.notes,
        ["A.corp.local is no Arc machine in the recording and is played by one in rg-edge."]
    );
    let document = recording.document();
    assert_eq!(
        document["machines"][0]["tags"]["DNSHostName"], "A.example.com",
        "the first label, in the zone"
    );
    assert_eq!(document["subscriptions"], json!([street::SUBSCRIPTION, "t"]));
}

/// What a machine calls itself is not unique; its id is.
#[test]
fn machines_of_one_name_are_machines_of_their_own() {
    let arc = |group: &str| {
        format!("/subscriptions/s/resourcegroups/{group}/providers/microsoft.hybridcompute/machines/nas")
    };
    let vm = |group: &str| {
        format!("/subscriptions/s/resourcegroups/{group}/providers/microsoft.compute/virtualmachines/nas")
    };
    let ids = [arc("one"), arc("two"), vm("one"), vm("two"), vm("ONE")];
    let rows: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| row("2026-05-04T10:30:00Z", "nas", &format!("198.51.100.{index}"), id))
        .collect();
    let recording = recording(&json!(rows).to_string(), |_| {}).unwrap();
    assert_eq!(recording.machines.len(), 4);
    let names = recording.names();
    assert_eq!((names.len(), names["nas.example.com"].len()), (1, 4));
}

#[test]
fn what_cannot_be_played_is_left_out_and_told() {
    let rows = json!([
        row("2026-05-04T10:30:00Z", "a", "198.51.100.1", ""),
        { "Computer": "a" },
        7,
        { "TimeGenerated": "2026-05-04T10:30:00Z", "ComputerIP": "198.51.100.1" },
        row("soon", "a", "198.51.100.1", ""),
        row("2026-05-04T10:32:00Z", "a", "198.51.100.1", ""),
        row("2026-05-04T10:30:00Z", "a", " ", ""),
        row("2026-05-04T10:30:00Z", "b", "192.0.2", ""),
        { "TimeGenerated": "2026-05-04T10:30:00Z", "Computer": "c" },
    ]);
    let to = Some("2026-05-04T10:31:00Z".parse().unwrap());
    let recording = recording(&rows.to_string(), |files| files.to = to).unwrap();
    assert_eq!((recording.parts(), recording.read, recording.left_out.count()), ((0, 1), 9, 8));
    assert_eq!(
        (recording.rows.iter().count(), recording.machines.len()),
        (4, 3),
        "the handler hears all the same"
    );
    assert_eq!(moves::of(&recording).len(), 1);
    assert_eq!(
        recording.left_out.lines().collect::<Vec<_>>(),
        [
            "1 row is left out, later than 2026-05-04T10:31:00Z: row 6",
            "1 row is left out, no object: row 3",
            "1 row is left out, without a Computer and without a _ResourceId: row 4",
            "1 row is left out, without a ComputerIP that is an address, so that no name can follow it: row 8",
            "2 rows are left out, without a ComputerIP, so that no name can follow it: row 7, 9",
            "1 row is left out, without a TimeGenerated: row 2",
            "1 row is left out, without a TimeGenerated that can be read: row 5",
        ]
    );
}

#[test]
fn a_file_of_which_nothing_can_be_played_is_refused_with_the_reason() {
    for (text, says) in [
        ("", "no rows"),
        ("[1]", "no object"),
        ("{\"Computer\":\"a\"}", "without a TimeGenerated"),
        ("{\"TimeGenerated\":\"2026-05-04T10:30:00Z\",\"ComputerIP\":\"192.0.2.1\"}", "without a Computer"),
        (
            "TimeGenerated,Computer,ComputerIP\n12/2/2025 09:19,a,192.0.2.1\n13/2/2025 09:19,a,192.0.2.1\n",
            "row 2 has the day first",
        ),
    ] {
        let fault = format!("{:#}", recording(text, |_| {}).unwrap_err());
        assert!(fault.contains(says), "{text}: {fault}");
    }
    let late = Some("2026-05-05T00:00:00Z".parse().unwrap());
    let rows = row("2026-05-04T10:30:00Z", "a", "198.51.100.1", "").to_string();
    assert!(recording(&rows, |files| files.from = late).is_err());
}

#[test]
fn its_last_two_hours_are_played_and_the_rest_is_history() {
    let time = |minute: i64| {
        format!(
            "{:.0}",
            "2026-05-04T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
        )
    };
    let place = |minute: i64| match minute {
        ..200 => "198.51.100.1",
        200..360 => "198.51.100.2",
        _ => "198.51.100.3",
    };
    let rows: Vec<Value> =
        (0..=400).step_by(5).map(|minute| row(&time(minute), "nas", place(minute), "")).collect();
    let text = json!(rows).to_string();
    let usual = recording(&text, |_| {}).unwrap();
    assert_eq!(usual.parts(), (56, 25));
    let found = moves::of(&usual);
    assert_eq!(found.len(), 1);
    let moved = &found[0];
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(
        (moved.kind, moved.from, moved.to),
        (Kind::A, Some(address("198.51.100.2")), address("198.51.100.3"))
    );
    let whole = recording(&text, |files| files.from = Some("2026-05-04T00:00:00Z".parse().unwrap())).unwrap();
    let found = moves::of(&whole);
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].from, None);
    assert_eq!(
        found.iter().map(|moved| moved.lasted.map(|lasted| lasted.as_mins())).collect::<Vec<_>>(),
        [Some(200), Some(160), None]
    );
}

#[test]
fn the_tags_say_which_name_is_whose() {
    let folder = tempfile::tempdir().unwrap();
    let (tags, zone) = (folder.path().join("tags.csv"), folder.path().join("home.example.org.yaml"));
    std::fs::write(&tags, "machine,name\nnas,files.home.example.org\nold,old.home.example.org\n").unwrap();
    std::fs::write(&zone, "files:\n  type: A\n  value: 198.51.100.1\n").unwrap();
    let rows = json!([
        row("2026-05-04T10:30:00Z", "NAS.corp.local", "198.51.100.1", ""),
        row("2026-05-04T10:30:00Z", "cam", "198.51.100.2", ""),
    ]);
    let with = |tagged: bool| {
        recording(&rows.to_string(), |files| {
            files.tags = tagged.then(|| tags.clone());
            files.records = Some(zone.clone());
        })
        .unwrap()
    };
    let tagged = with(true);
    assert_eq!(
        tagged.names().into_keys().collect::<Vec<_>>(),
        ["files.home.example.org", "old.home.example.org"]
    );
    let silent: Vec<&str> = tagged
        .machines
        .values()
        .filter(|machine| tagged.is_silent(machine))
        .map(|machine| machine.computer.as_str())
        .collect();
    assert_eq!(silent, ["old"], "it was never heard");
    assert_eq!(
        tagged.notes,
        ["Without a tag DNSHostName in --tags: cam.", "In --tags, and not heard in the recording: old."]
    );
    assert_eq!(tagged.document()["zones"][0]["recordSets"][0]["name"], "files");
    let untagged = with(false);
    assert_eq!(
        untagged.names().into_keys().collect::<Vec<_>>(),
        ["cam.home.example.org", "nas.home.example.org"]
    );
}

#[test]
fn families_are_apart_and_a_server_speaks_for_itself() {
    let minute = |minute: i64| format!("2026-05-04T10:{minute:02}:00Z");
    let mut passed_on = row(&minute(3), "nas", "198.51.100.99", "");
    passed_on["SCAgentChannel"] = json!("SCManagementServer");
    let rows = json!([
        row(&minute(0), "nas", "198.51.100.1", ""),
        row(&minute(1), "nas", "2001:db8::1", ""),
        row(&minute(2), "nas", "198.51.100.1", ""),
        passed_on,
        row(&minute(4), "nas", "", ""),
        row(&minute(5), "nas", "2001:DB8:0::2", ""),
        row(&minute(6), "nas", "198.51.100.1", ""),
    ]);
    let recording = recording(&rows.to_string(), |_| {}).unwrap();
    let found = moves::of(&recording);
    let told: Vec<String> = found.iter().map(|moved| format!("{} {}", moved.kind.text(), moved.to)).collect();
    assert_eq!(told, ["A 198.51.100.1", "AAAA 2001:db8::1", "AAAA 2001:db8::2"]);
}

#[test]
fn names_of_any_letters_are_told_as_dns_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let tags = folder.path().join("tags.csv");
    std::fs::write(&tags, "machine,name\nnas,MÜNCHEN.example.com.\ncam,a_b.example.com\ndesk,no name!\n")
        .unwrap();
    let rows =
        ["nas", "cam", "desk"].map(|computer| row("2026-05-04T10:30:00Z", computer, "198.51.100.1", ""));
    let with = |tags: Option<PathBuf>| {
        let recording = recording(&json!(rows).to_string(), |files| files.tags = tags).unwrap();
        recording.names().into_keys().collect::<Vec<_>>()
    };
    let names = ["a_b.example.com", "name!", "no", "xn--mnchen-3ya.example.com"];
    assert_eq!(with(Some(tags)), names);
    assert_eq!(with(None), ["cam.example.com", "desk.example.com", "nas.example.com"]);
}

#[test]
fn a_part_that_ends_before_it_begins_is_refused_before_a_file_is_read() {
    let mut files = Files::of(Path::new("/none"));
    files.from = Some("2026-05-04T11:00:00Z".parse().unwrap());
    files.to = Some("2026-05-04T10:00:00Z".parse().unwrap());
    let fault = format!("{:#}", Recording::read(&files).unwrap_err());
    assert!(fault.contains("--from") && fault.contains("--to"), "{fault}");
}

#[test]
fn swapped_files_are_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let rows = written("rows.csv", "TimeGenerated,Computer\n2026-05-04T10:30:00Z,nas\n");
    let zone = written("zone", "$ORIGIN example.org.\n@ 60 IN SOA a. b. 1 2 3 4 5\n");
    let tags = written("tags.csv", "machine,name\nnas,nas.example.org\n");
    let resources = written(
        "resources.json",
        &json!([{ "id": format!("{ARC}/nas"), "name": "nas", "type": "Microsoft.HybridCompute/machines" }])
            .to_string(),
    );
    for (heartbeats, records, tagged, says) in [
        (&zone, None, None, "--records"),
        (&tags, None, None, "--tags"),
        (&rows, Some(&rows), None, "--heartbeats"),
        (&rows, Some(&tags), None, "--tags"),
        (&rows, Some(&resources), None, "--tags"),
        (&rows, None, Some(&rows), "--heartbeats"),
        (&rows, None, Some(&zone), "--records"),
    ] {
        let mut files = Files::of(heartbeats);
        (files.records, files.tags) = (records.cloned(), tagged.cloned());
        let fault = format!("{:#}", Recording::read(&files).unwrap_err());
        assert!(fault.contains(says) && fault.contains("looks as if"), "{heartbeats:?}: {fault}");
    }
}

/// A machine may call itself anything, and two that differ in what no id holds are two.
#[test]
fn machines_with_odd_names_are_played() {
    let names = ["büro", "b-ro", "a/b", "a b", "😀", ":", "plain.", &"x".repeat(64)];
    let mut rows: Vec<Value> =
        names.iter().map(|name| row("2026-05-04T10:30:00Z", name, "198.51.100.1", "")).collect();
    rows.push(row("2026-05-04T10:30:00Z", " ", "198.51.100.1", ""));
    rows.push(row("2026-05-04T10:30:00Z", "nas", "198.51.100.1", &ARC.replace("resourcegroups/g", "/")));
    let recording = recording(&json!(rows).to_string(), |_| {}).unwrap();
    assert_eq!((recording.machines.len(), recording.left_out.count()), (names.len() + 1, 1));
    let names: Vec<String> = recording.names().into_keys().collect();
    let wanted =
        ["b-ro", "nas", "plain", "xn--bro-hoa", "xn--e28h"].map(|label| format!("{label}.example.com"));
    assert_eq!(names, wanted, "a name is one label, and of what is none no name is made");
    let untagged =
        "Left untagged: 4 machines whose Computer begins with no label of DNS: ':', 'a b', 'a/b', 'xxx";
    assert!(recording.notes.iter().any(|note| note.starts_with(untagged)), "{:?}", recording.notes);
}

/// A file of a few days may mean either, and a spreadsheet has its days in front.
#[test]
fn dates_that_may_be_meant_otherwise_are_told() {
    let rows = |dates: [&str; 3]| {
        let rows = dates.map(|date| format!("{date} 09:19,a,192.0.2.1\n")).concat();
        recording(&format!("TimeGenerated,Computer,ComputerIP\n{rows}"), |_| {}).unwrap().notes
    };
    let notes = rows(["5/2/2025", "6/2/2025", "7/2/2025"]);
    assert!(notes.iter().any(|note| note.starts_with("Warning: 5/2/2025 was read month first")), "{notes:?}");
    assert_eq!(rows(["5/2/2025", "5/3/2025", "5/13/2025"]), [""; 0]);
}
