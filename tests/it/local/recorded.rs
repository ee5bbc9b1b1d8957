//! A recorded month of heartbeats, as people have it, played by the real binary: each move in its order, and what was left out.

use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PATIENCE, Running, lines, program, told};

/// The newest row.
const END: &str = "2025-02-25T09:19:25.391Z";
/// Two hours in twelve seconds.
const SPEED: &str = "600";
/// Of a play that need not wait: less than the patience of its verdict.
const LONGEST: Duration = Duration::from_secs(60);

/// A row: when, who, from where.
type Row = (Timestamp, &'static str, &'static str);

fn end() -> Timestamp {
    END.parse().unwrap()
}

fn id(machine: &str) -> String {
    format!(
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-edge/providers/microsoft.hybridcompute/machines/{machine}"
    )
}

/// Where a machine was so many minutes before the end.
fn place(machine: &str, before: i64) -> &'static str {
    match (machine, before) {
        ("nas", 101..) => "198.51.100.10",
        ("gate", 61..) => "198.51.100.11",
        ("gate", 21..) => "203.0.113.40",
        ("gate", _) => "203.0.113.99",
        ("old", _) => "192.0.2.9",
        _ => "203.0.113.7",
    }
}

/// Four beats a day for a month, and one a minute in the last three hours, from all but one.
fn month() -> Vec<Row> {
    let month = (3..=120).rev().map(|quarter| quarter * 360);
    let rows = |machines: &'static [&'static str], minutes: Vec<i64>| {
        minutes.into_iter().flat_map(move |minutes| {
            let at = end() - SignedDuration::from_mins(minutes);
            machines.iter().map(move |machine| (at, *machine, place(machine, minutes)))
        })
    };
    let lately = (0..180).rev().collect();
    rows(&["nas", "gate", "old"], month.collect()).chain(rows(&["nas", "gate"], lately)).collect()
}

/// The rows as the portal exports them.
fn portal(rows: &[Row]) -> String {
    let mut csv =
        "\u{feff}\"TimeGenerated [UTC]\",Computer,ComputerIP,ComputerPrivateIPs,\"_ResourceId\"\r\n"
            .to_owned();
    for (at, machine, address) in rows {
        let at = at.strftime("%-m/%-d/%Y, %-I:%M:%S.%3f %p");
        writeln!(csv, "\"{at}\",{machine}.corp.local,{address},\"[\"\"192.168.0.4\"\"]\",{}\r", id(machine))
            .unwrap();
    }
    csv
}

/// The rows as `az monitor log-analytics query` prints them.
fn az(rows: &[Row]) -> Value {
    let row = |(at, machine, address): &Row| {
        json!({ "Computer": format!("{machine}.corp.local"), "ComputerIP": address, "ComputerPrivateIPs": "[\"192.168.0.4\"]",
            "RemoteIPLatitude": "None", "TableName": "PrimaryResult", "TimeGenerated": at.to_string(), "_ResourceId": id(machine) })
    };
    rows.iter().map(row).collect()
}

fn written(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn recording(heartbeats: &Path) -> Command {
    let mut command = program();
    command.args(["--once", "--speed", SPEED, "--heartbeats"]).arg(heartbeats);
    command
}

/// Who moved where, and what became of it, in the order of the verdict.
fn moves(verdict: &Value) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let moves = verdict["moves"].as_array().unwrap().iter();
    moves
        .map(|moved| [text(&moved["computer"]), text(&moved["to"]), text(&moved["names"][0]["became"])])
        .collect()
}

#[test]
fn the_last_two_hours_of_a_month_are_played_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let csv = portal(&month()) + "soon,x.corp.local,192.0.2.1,,\r\n1,2\r\n";
    let zone = "$ORIGIN home.example.org.\n$TTL 3600\n@ IN SOA ns. admin. 1 2 3 4 5\nnas 60 IN A 198.51.100.10\n\
                gate 60 IN A 198.51.100.11\nwww 60 IN A 192.0.2.80\n";
    let mut command = recording(&written(&folder, "month.csv", &csv));
    let events = told(command.arg("--records").arg(written(&folder, "zone", zone)));

    let ready = &events[0];
    assert_eq!(ready["zone"], "home.example.org");
    let played = &ready["recording"];
    assert_eq!(
        (&played["end"], &played["played"], &played["history"]),
        (&json!(END), &json!(242), &json!(472)),
        "{played}"
    );
    let left_out: Vec<(u64, u64)> = played["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rows| (rows["rows"].as_u64().unwrap(), rows["first"][0].as_u64().unwrap()))
        .collect();
    assert_eq!(left_out, [(1, 716), (1, 715)], "{played}");

    let verdict = events.last().unwrap();
    let followed =
        |computer: &str, to: &str| [format!("{computer}.corp.local"), to.to_owned(), "followed".to_owned()];
    let wanted =
        [followed("nas", "203.0.113.7"), followed("gate", "203.0.113.40"), followed("gate", "203.0.113.99")];
    assert_eq!(moves(verdict), wanted, "{verdict}");
    // Each is told when it was, and DNS follows before the next one.
    let order: Vec<&Value> = events
        .iter()
        .filter_map(|event| match event["event"].as_str()? {
            "move" => Some(&event["to"]),
            "dns" => Some(&event["after"][0]),
            _ => None,
        })
        .collect();
    let three = ["203.0.113.7", "203.0.113.40", "203.0.113.99"];
    assert_eq!(order, three.iter().flat_map(|address| [address; 2]).collect::<Vec<_>>());
    let of_day = |event: &&Value| event["at"].as_str().is_some_and(|at| at.starts_with("2025-02-25T0"));
    assert!(events[1..].iter().all(|event| of_day(&event)), "what people read goes by that clock");
    let old = verdict["names"].as_array().unwrap().iter().find(|name| name["name"] == "old.home.example.org");
    assert_eq!(old.map(|old| &old["reason"]), Some(&json!("no-heartbeat")), "{verdict}");
    // No limit is divided: two beats a minute apart are still wanted.
    let audits = events.iter().filter(|event| event["event"] == "audit" && event["outcome"] == "confirmed");
    for audit in audits {
        assert!(audit["time_to_truth_ms"].as_f64().unwrap() > 45_000.0, "{audit}");
    }
}

#[test]
fn a_part_is_played_with_the_names_that_the_tags_say() {
    let folder = tempfile::tempdir().unwrap();
    let rows = written(&folder, "month.json", &az(&month()).to_string());
    let zone =
        "nas:\n  type: A\n  value: 203.0.113.7\nfront:\n  ttl: 60\n  type: A\n  values: [198.51.100.11]\n";
    let zone = written(&folder, "home.example.org.yaml", zone);
    let tags = written(
        &folder,
        "tags.csv",
        "machine,name\ngate,front.home.example.org\nnever,never.home.example.org\n",
    );
    let (from, to) = ("2/25/2025, 7:30:00.000 AM", "2025-02-25T08:50:00");
    let mut command = recording(&rows);
    command.args(["--from", from, "--to", to, "--records"]).arg(zone).arg("--tags").arg(tags);
    let events = told(&mut command);
    let played = &events[0]["recording"];
    assert_eq!(played["from"], "2025-02-25T07:30:00Z");
    assert_eq!(played["left_out"][0]["rows"], 60, "{played}");
    let verdict = events.last().unwrap();
    let moved = |computer: &str, became: &str| (computer.to_owned(), became.to_owned());
    let told: Vec<_> = moves(verdict).into_iter().map(|[computer, _, became]| (computer, became)).collect();
    assert_eq!(
        told,
        [moved("nas.corp.local", ""), moved("gate.corp.local", "followed")],
        "nas claims nothing"
    );
    let names = verdict["names"].as_array().unwrap();
    let dns = |name: &str| names.iter().find(|known| known["name"] == name).map(|known| known["dns"].clone());
    assert_eq!(dns("front.home.example.org"), Some(json!(["203.0.113.40"])));
    assert_eq!(dns("never.home.example.org"), Some(json!([])));
    assert_eq!(dns("nas.home.example.org"), None);
}

/// A tag may hold anything: a name that DNS does not answer for here ends nothing, and the others are played.
#[test]
fn names_that_nobody_answers_for_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let rows = written(&folder, "month.csv", &portal(&month()));
    let zone = written(
        &folder,
        "zone",
        "$ORIGIN home.example.org.\n$TTL 60\n@ SOA ns. admin. 1 2 3 4 5\nnas A 198.51.100.10\n",
    );
    let tags = "machine,name\nnas,NAS.home.example.org.\nnas,web!.home.example.org\ngate,gate.example.net\nold,Büro.home.example.org\nghost,*.home.example.org\n";
    let mut command = recording(&rows);
    command.arg("--records").arg(zone).arg("--tags").arg(written(&folder, "tags.csv", tags));
    let began = Instant::now();
    let events = told(&mut command);
    assert!(began.elapsed() < LONGEST, "nobody waits for a name that nothing can move");
    let verdict = events.last().unwrap();
    assert_eq!((&verdict["recording"]["read"], &verdict["recording"]["played"]), (&json!(714), &json!(242)));
    let followed = |computer: &str, to: &str, became: &str| {
        [format!("{computer}.corp.local"), to.to_owned(), became.to_owned()]
    };
    let wanted = [
        followed("nas", "203.0.113.7", "followed"),
        followed("gate", "203.0.113.40", "explained"),
        followed("gate", "203.0.113.99", "explained"),
    ];
    assert_eq!(moves(verdict), wanted, "{verdict}");
    let names = verdict["names"].as_array().unwrap();
    let reason = |name: &str| {
        let of = names.iter().find(|known| known["name"] == name).unwrap();
        (of["reason"].as_str().unwrap(), of["because"].as_str().unwrap())
    };
    assert_eq!(reason("gate.example.net").0, "no-zone");
    assert!(reason("gate.example.net").1.contains("home.example.org"), "{verdict}");
    assert_eq!(reason("xn--bro-hoa.home.example.org").0, "no-heartbeat");
    assert_eq!(reason("web!.home.example.org").0, "name-invalid");
    let of_move = &verdict["moves"][0]["names"][1];
    assert_eq!((&of_move["became"], &of_move["reason"]), (&json!("explained"), &json!("name-invalid")));
    assert!(verdict["words"].as_str().unwrap().contains("not moved: name-invalid"), "{verdict}");
    assert_eq!(names.len(), 5, "{verdict}");
}

/// A clock too fast to follow is no success, and the speed that is slow enough is told.
#[test]
fn moves_that_come_too_fast_to_be_judged_are_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let rows = written(&folder, "month.csv", &portal(&month()));
    let began = Instant::now();
    let output = program().args(["--once", "--speed", "40000", "--heartbeats"]).arg(rows).output().unwrap();
    assert!(began.elapsed() < LONGEST, "what is past is not waited for");
    let verdict = lines(&output).pop().unwrap();
    assert_eq!((output.status.code(), &verdict["ok"]), (Some(1), &json!(false)), "{verdict}");
    // The stay of forty minutes, less the five that nobody need follow, at three seconds a run.
    assert_eq!(verdict["unjudged"], json!({ "moves": 1, "speed": 699 }), "{verdict}");
    let words = verdict["words"].as_str().unwrap();
    assert!(words.contains("1 move could not be judged") && words.contains("--speed 699"), "{words}");
    let became: Vec<_> =
        moves(&verdict).into_iter().map(|[computer, _, became]| (computer, became)).collect();
    let gate = |became: &str| ("gate.corp.local".to_owned(), became.to_owned());
    assert_eq!(became[1..], [gate("unjudged"), gate("followed")], "{verdict}");
}

/// The second terminal goes by the same clock.
#[test]
fn whoever_works_beside_it_goes_by_its_clock() {
    let folder = tempfile::tempdir().unwrap();
    let rows = written(&folder, "month.json", &az(&month()).to_string());
    let env = folder.path().join("local.env");
    let running =
        Running::start(program().args(["--speed", "2", "--heartbeats"]).arg(&rows).arg("--env").arg(&env));
    running.until(|line| line["event"] == "ready");
    let mut query = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"))
        .args(["query", "-o", "json", "--timespan", "PT30M", "-", "--env"])
        .arg(&env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = b"Heartbeat | summarize rows = count(), newest = max(TimeGenerated), age = (now() - max(TimeGenerated)) / 1s";
    query.stdin.take().unwrap().write_all(text).unwrap();
    let answer: Value = serde_json::from_slice(&query.wait_with_output().unwrap().stdout).unwrap();
    let row = answer["rows"][0].as_array().unwrap();
    assert!((56..=64).contains(&row[0].as_u64().unwrap()), "{answer}");
    assert!(row[1].as_str().unwrap().starts_with("2025-02-25T07:"), "{answer}");
    assert!((-1.0..90.0).contains(&row[2].as_f64().unwrap()), "{answer}");
    // The first sweep may still be on its way.
    let began = Instant::now();
    let report = loop {
        let mut plan = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
        let output = plan.args(["plan", "-o", "json", "--env"]).arg(&env).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        if report["brakes"] == json!([]) {
            break report;
        }
        assert!(began.elapsed() < PATIENCE, "its data is fresh: {report}");
    };
    let silent: Vec<&Value> =
        report["skips"].as_array().unwrap().iter().filter(|skip| skip["reason"] == "no-heartbeat").collect();
    assert_eq!(silent.len(), 1, "{report}");
}

#[test]
fn what_cannot_be_played_is_a_mistake_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = written(
        &folder,
        "a.csv",
        "\"TimeGenerated [Local Time]\",Computer\n\"2/25/2025, 9:19:25.391 AM\",a\n",
    );
    let rows = written(&folder, "b.json", &az(&month()[..3]).to_string());
    let zone = written(&folder, "config.yaml", "a: {type: A, value: 192.0.2.1}\n");
    let path = |file: &Path| file.to_str().unwrap().to_owned();
    for (arguments, says) in [
        (vec!["--heartbeats".to_owned(), path(&elsewhere)], "Local Time"),
        (vec!["--heartbeats".to_owned(), path(&rows), "--records".to_owned(), path(&zone)], "config"),
        (vec!["--heartbeats".to_owned(), path(&rows), "--from".to_owned(), "soon".to_owned()], "soon"),
        (vec!["--heartbeats".to_owned(), path(&rows), "--app".to_owned(), path(folder.path())], "--app"),
        (vec!["--records".to_owned(), path(&zone)], "--heartbeats"),
    ] {
        let output = program().arg("--once").args(&arguments).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {words}");
        assert!(words.contains(says), "{arguments:?}: {words}");
    }
}
