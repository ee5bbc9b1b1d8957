//! The command line: exit codes, forms of output, and what is never written.

mod asked;
mod forms;
mod next_command;
mod policy_check;

use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::handler::{House, beat, moved, set, tagged};
use crate::output::{code, report, words};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

async fn house(more: &[(&str, &str)]) -> House {
    let sets = [set("x", &[OLD], Value::Null), set("hand", &["192.0.2.9"], Value::Null)];
    let machines =
        [tagged("m", "x.example.com"), tagged("h", "hand.example.com"), tagged("mute", "mute.example.com")];
    let beats =
        [moved("m", OLD, NEW), vec![beat("h", "198.51.100.30", 60), beat("h", "198.51.100.30", 5)]].concat();
    House::new(&sets, &machines, &beats, more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_applies_end_with_their_codes() {
    let house = house(&[]).await;
    assert_eq!(code(&house.run(&["plan"]).await), 0);
    assert_eq!(code(&house.run(&["plan", "--exit-code"]).await), 3);
    let silent = house.run(&["apply"]).await;
    assert_eq!(code(&silent), 2, "nobody can be asked");
    assert!(words(&silent).contains("--yes"), "{}", words(&silent));
    let (one, two) = (report(&house, &["plan"]).await, report(&house, &["plan"]).await);
    assert_eq!(one["digest"], two["digest"]);
    assert_eq!(code(&house.run(&["apply", "--expect", &"0".repeat(64)]).await), 4);
    assert_eq!(house.writes().await, 0);
    assert_eq!(code(&house.run(&["apply", "--expect", one["digest"].as_str().unwrap()]).await), 0);
    assert_eq!(house.addresses("x").await, [NEW]);
    assert_eq!(code(&house.run(&["plan", "--exit-code"]).await), 0);
    assert_eq!(code(&house.run(&["apply", "--yes"]).await), 0);
}

/// Whoever copies it has named the file of variables once, and it does as it says.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_that_a_plan_ends_with_is_whole() {
    let mut house = house(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's mine.env");
    let lines: Vec<String> = std::mem::take(&mut house.environment)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let planned = house.run(&["plan", "--env", file.to_str().unwrap()]).await;
    let shown = String::from_utf8(planned.stdout.clone()).unwrap();
    let next = shown.split_once("write it:").and_then(|(_, next)| next.trim().strip_prefix("heartbeat-dns"));
    let next =
        format!("'{}'{}", env!("CARGO_BIN_EXE_heartbeat-dns"), next.unwrap_or_else(|| panic!("{shown}")));
    let applied = std::process::Command::new("sh").env_clear().args(["-c", &next]).output().unwrap();
    assert_eq!(code(&applied), 0, "{next}: {}", words(&applied));
    assert_eq!(house.addresses("x").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_machines_that_were_never_heard() {
    let house = house(&[]).await;
    let plan = report(&house, &["plan"]).await;
    let skips = plan["skips"].as_array().unwrap();
    let mute = skips.iter().find(|skip| skip["name"] == "mute.example.com").expect("it is named");
    assert_eq!(mute["reason"], "no-heartbeat");
    assert_eq!(plan["summary"]["silent"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_claims_is_no_success() {
    let house = house(&[]).await;
    let close = "No tagged machine claims mude.example.com; did you mean mute.example.com?";
    for (name, sentence) in [
        ("mude.example.com", close),
        (
            "hand",
            "No tagged machine claims hand, and no managed zone holds it; did you mean hand.example.com?",
        ),
        ("mail.example.net", "No tagged machine claims mail.example.net, and no managed zone holds it."),
        (
            "nobody.example.com",
            "No tagged machine claims nobody.example.com; tag the machine that it belongs to with DNSHostName; \
             only Arc machines count (TARGETS), so a tag on anything else claims nothing.\n",
        ),
    ] {
        for command in [&["plan", name][..], &["apply", name, "--yes"]] {
            let output = house.run(command).await;
            assert_eq!(code(&output), 2, "{command:?}: {}", words(&output));
            assert!(words(&output).contains(sentence), "{command:?}: {}", words(&output));
            assert!(!words(&output).contains("in-sync"), "{command:?}: {}", words(&output));
        }
    }
    let plan = report(&house, &["plan", "mude.example.com"]).await;
    assert_eq!(plan["unclaimed"], json!([{ "name": "mude.example.com", "because": close }]));
    assert_eq!((&plan["result"], &plan["summary"]["in_sync"]), (&json!("failed"), &json!(0)));
    let table = words(&house.run(&["plan", "mude.example.com", "-o", "csv"]).await);
    assert!(table.contains("mude.example.com,,unclaimed,"), "{table}");
    // One that is mistyped keeps nothing from the others.
    let both = house.run(&["apply", "x.example.com", "mude.example.com", "--yes"]).await;
    assert_eq!((code(&both), house.addresses("x").await), (2, vec![NEW.to_owned()]), "{}", words(&both));
    assert_eq!(code(&house.run(&["plan", "x.example.com"]).await), 0);
}

/// What failed may pass by itself, and is told before what was mistyped.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_beside_a_name_that_nobody_claims_is_a_failure() {
    let house = house(&[]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "times": 1000, "status": 403 }])).await;
    let both = house.run(&["apply", "x.example.com", "mude.example.com", "--yes"]).await;
    assert_eq!((code(&both), house.addresses("x").await), (1, vec![OLD.to_owned()]), "{}", words(&both));
    assert!(words(&both).contains("did you mean mute.example.com?"), "{}", words(&both));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_cannot_be_listed_keeps_no_name_from_its_repair() {
    let house = house(&[]).await;
    // The first call asks for the tags of the machines in the rows, the second for all machines.
    let refused = json!([
        { "path": "Microsoft.ResourceGraph", "delay_ms": 1, "times": 1 },
        { "path": "Microsoft.ResourceGraph", "status": 403, "times": 1000 },
    ]);
    house.stage.fail(&refused).await;
    let both = house.run(&["apply", "x.example.com", "mude.example.com", "--yes"]).await;
    assert_eq!(house.addresses("x").await, [NEW], "{}", words(&both));
    assert_eq!(code(&both), 1, "{}", words(&both));
    assert!(words(&both).contains("nothing is known of mude.example.com"), "{}", words(&both));
    let alone = house.run(&["apply", "mude.example.com", "--yes"]).await;
    assert_eq!(code(&alone), 1, "{}", words(&alone));
    assert!(!words(&alone).contains("in-sync"), "{}", words(&alone));
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_that_cannot_be_asked_for_keep_no_other_name_from_its_repair() {
    let house = house(&[("POLICY_NAMES", "x.example.com,*")]).await;
    // What differs and what was before are known; who was heard within the hour is not.
    let silence = json!([
        { "path": "/query", "delay_ms": 1, "times": 2 },
        { "path": "/query", "status": 504, "times": 1000 },
    ]);
    house.stage.fail(&silence).await;
    let both = house.run(&["apply", "x.example.com", "mute.example.com", "--yes"]).await;
    assert_eq!(house.addresses("x").await, [NEW], "{}", words(&both));
    assert_eq!(code(&both), 1, "{}", words(&both));
    assert!(words(&both).contains("nothing is known of mute.example.com"), "{}", words(&both));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_tag_may_claim_is_told_before_the_next_sweep() {
    let house = house(&[("POLICY_NAMES", "*")]).await;
    let machines = [tagged("m", "x.example.com"), tagged("new", "wpad.example.com")];
    house.world(&json!({ "machines": machines })).await;
    for command in [&["plan"][..], &["plan", "wpad.example.com"], &["apply", "wpad.example.com", "--yes"]] {
        let found = report(&house, command).await;
        let skips = found["skips"].as_array().unwrap().iter();
        let reserved = skips.filter(|skip| skip["reason"] == "name-reserved").count();
        assert_eq!(reserved, 1, "{command:?}: {found}");
    }
    house.run(&["collect"]).await;
    let found = report(&house, &["plan"]).await;
    let reserved = found["skips"].as_array().unwrap().iter();
    let reserved = reserved.filter(|skip| skip["reason"] == "name-reserved").count();
    assert_eq!(reserved, 1, "a row speaks of it now: {found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_names_counts_these_names() {
    let house = house(&[]).await;
    house.run(&["apply", "--yes"]).await;
    let numbers = async |names: &[&str]| {
        let summary = report(&house, &[&["plan"], names].concat()).await["summary"].take();
        (summary["in_sync"].as_u64().unwrap(), summary["silent"].as_u64().unwrap())
    };
    assert_eq!(numbers(&[]).await, (1, 1));
    assert_eq!(numbers(&["x.example.com"]).await, (1, 0));
    assert_eq!(numbers(&["mute.example.com"]).await, (0, 1));
    assert_eq!(numbers(&["X.example.com.", "mute.example.com", "hand.example.com"]).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_adopted_by_hand_only_for_its_machine() {
    let house = house(&[]).await;
    let silent = house.run(&["adopt", "hand.example.com"]).await;
    assert_eq!(code(&silent), 2, "nobody can be asked: {}", words(&silent));
    let unclaimed = house.run(&["adopt", "nobody.example.com", "--yes"]).await;
    assert_eq!(code(&unclaimed), 2, "{}", words(&unclaimed));
    assert!(
        words(&unclaimed).contains("No tagged machine claims nobody.example.com; tag"),
        "{}",
        words(&unclaimed)
    );
    assert_eq!(house.writes().await, 0);
    let adopted = house.run(&["adopt", "hand.example.com", "--yes"]).await;
    assert_eq!(code(&adopted), 0, "{}", words(&adopted));
    assert!(house.record_set("hand").await["metadata"]["heartbeat_dns_machine"].is_string());
    house.run(&["apply", "--yes"]).await;
    assert_eq!(house.addresses("hand").await, ["198.51.100.30"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_come_in_four_forms() {
    let house = house(&[]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let query = async |text: &str, form: &str| {
        std::fs::write(file.path(), text).unwrap();
        house.run(&["query", file.path().to_str().unwrap(), "-o", form]).await
    };
    let text = "Heartbeat | where Computer == 'm' | summarize Beats = count() by Computer";
    let stdout = |output: Output| String::from_utf8(output.stdout).unwrap();
    let answer: Value = serde_json::from_str(&stdout(query(text, "json").await)).unwrap();
    assert_eq!(answer["rows"], json!([["m", 6]]));
    assert_eq!(stdout(query(text, "csv").await), "Computer,Beats\nm,6\n");
    assert_eq!(stdout(query(text, "markdown").await).lines().next(), Some("| Computer | Beats |"));
    assert!(stdout(query(text, "text").await).contains("Beats"));
    let wrong = query("Heartbeat | where Nope == 1", "text").await;
    assert_eq!(code(&wrong), 1);
    assert!(words(&wrong).contains("Nope"), "{}", words(&wrong));
    let caret = "\n       1 | Heartbeat | where Nope == 1\n         |                   ^\n";
    assert!(words(&wrong).contains(caret), "{}", words(&wrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_output_prints_a_tag_as_it_is() {
    let tag = "\u{1b}[31m\u{202e}\u{9b}[l](http://e.example)|<b>`x`";
    let beats = moved("m", OLD, NEW);
    let house = House::new(&[], &[tagged("m", tag)], &beats, &[]).await;
    let raw = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    for form in ["text", "json", "csv", "markdown"] {
        for command in [&["plan"][..], &["apply", "--yes"]] {
            let output = house.run(&[command, &["-o", form]].concat()).await;
            let said = words(&output);
            assert!(said.contains("e.example") && !said.contains(raw), "{command:?} {form}: {said:?}");
            match form {
                "json" => {
                    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
                    assert_eq!(report["skips"][0]["name"], tag, "it is the same data");
                }
                "markdown" => {
                    let live = ["[l]", "http://", "<b>", "`x`"];
                    let found = live.iter().find(|live| said.replace("\\[", "").contains(**live));
                    assert_eq!(found, None, "{said}");
                }
                _ => {}
            }
        }
    }
    let (_, report) = house.serve().await.remediate("{}").await;
    assert_eq!(report["skips"][0]["name"], tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let house = house(&[]).await;
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"))
        .args(["apply", "--yes"])
        .env_clear()
        .envs(&house.environment)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(house.addresses("x").await, [NEW]);
}

/// As `2>&1 | head -1` closes it: words that nobody reads any more change no exit code.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_closes_standard_error_changes_no_exit_code() {
    let house = house(&[]).await;
    let deaf = async |more: &[(&str, &str)], arguments: &[&str]| {
        let mut command = house.command();
        command.args(arguments).envs(more.iter().copied()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        child.wait().await.unwrap().code()
    };
    assert_eq!(deaf(&[("LOG_LEVEL", "debug")], &["plan"]).await, Some(0), "log lines");
    assert_eq!(deaf(&[("MODE", "observe")], &["apply", "--yes"]).await, Some(3), "a remark");
    assert_eq!(deaf(&[("DNS_ZONES", "")], &["plan"]).await, Some(2), "an error");
    let unlisted = json!([
        { "path": "Microsoft.ResourceGraph", "delay_ms": 1, "times": 1 },
        { "path": "Microsoft.ResourceGraph", "status": 403, "times": 1000 },
    ]);
    house.stage.fail(&unlisted).await;
    assert_eq!(deaf(&[], &["plan"]).await, Some(1), "a warning");
}

#[tokio::test(flavor = "multi_thread")]
async fn observing_applies_nothing() {
    let house = house(&[("MODE", "observe")]).await;
    house.run(&["apply", "--yes"]).await;
    assert_eq!(house.writes().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_wins_over_a_file_of_variables() {
    let mut house = house(&[]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let workspaces = house.environment.remove("LOGS_WORKSPACE_IDS").unwrap();
    let lines = format!("POLICY_NAMES=y.example.com\nLOGS_WORKSPACE_IDS={workspaces}\n");
    std::fs::write(file.path(), lines).unwrap();
    let applied = house.run(&["apply", "--yes", "--env", file.path().to_str().unwrap()]).await;
    assert_eq!(
        (code(&applied), house.addresses("x").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&applied)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_name_what_to_do() {
    let mut house = house(&[]).await;
    assert_eq!(code(&house.run(&["bogus"]).await), 2);
    assert_eq!(code(&house.run(&["plan", "-o", "xml"]).await), 2);
    assert_eq!(code(&house.run(&["plan", "no name"]).await), 2);
    house.environment.remove("DNS_ZONES");
    house.environment.insert("POLICY_MIN_BEATS".to_owned(), "many".to_owned());
    let faulty = house.run(&["plan"]).await;
    assert_eq!(code(&faulty), 2);
    for name in ["DNS_ZONES", "POLICY_MIN_BEATS", "hint:"] {
        assert!(words(&faulty).contains(name), "{name}: {}", words(&faulty));
    }
    for command in ["serve", "collect", "plan", "apply", "adopt", "query"] {
        let help = house.run(&[command, "--help"]).await;
        assert_eq!(code(&help), 0);
        assert!(words(&help).contains("Usage:"), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_one_sentence_without_the_names_of_libraries() {
    let mut house = house(&[("RUN_DEADLINE", "2s")]).await;
    let body = json!({ "error": { "code": "Forbidden", "message": "You may not do so." } });
    house.stage.fail(&json!([{ "path": "/query", "times": 2, "status": 403, "body": body }])).await;
    let refused = words(&house.run(&["plan"]).await);
    assert!(refused.contains("403 Forbidden: You may not do so; give this identity"), "{refused}");
    house.stage.fail(&json!([{ "path": "/query", "times": 100, "reset": "after" }])).await;
    let broken = words(&house.run(&["plan"]).await);
    assert!(broken.contains("the Logs Query API did not answer: connection reset\n"), "{broken}");
    // A try that hangs until the time is over takes nothing from what the one before it has told.
    let hangs = json!({ "path": "/query", "times": 100, "delay_ms": 60_000 });
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    house.stage.fail(&json!([{ "path": "/query", "times": 2, "reset": "after" }, hangs])).await;
    let hung = words(&house.run(&["plan"]).await);
    assert!(hung.contains("the Logs Query API did not answer: connection reset\n"), "{hung}");
    house.environment.insert("LOGS_QUERY_ENDPOINT".to_owned(), "https://nowhere.invalid".to_owned());
    let nowhere = words(&house.run(&["plan"]).await);
    let cause = "was not called: no connection to https://nowhere.invalid: the host cannot be looked up; \
                 LOGS_QUERY_ENDPOINT, else AZURE_CLOUD, decides the host\n";
    assert!(nowhere.contains(cause), "{nowhere}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_a_command_has_not_is_a_mistake_of_who_asks() {
    let house = crate::watch::drifted(&[]).await;
    for arguments in
        [["serve", "-o", "csv"], ["serve", "-o", "json"], ["watch", "-o", "markdown"], ["local", "-o", "csv"]]
    {
        let output = house.run(&arguments).await;
        assert_eq!(code(&output), 2, "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains("hint: "), "{arguments:?}: {}", words(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_after_which_nothing_would_be_believed_is_a_mistake() {
    let house = crate::watch::drifted(&[("SNAPSHOT_EVERY", "5m")]).await;
    let output = house.run(&["watch", "--every", "16m", "--listen", "127.0.0.1:0"]).await;
    let text = words(&output);
    assert_eq!(code(&output), 2, "{text}");
    assert!(text.contains("--every is 16 min") && text.contains("15 min, twice SNAPSHOT_EVERY"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sentence_of_a_brake_stands_once_with_its_names_below() {
    let house = crate::watch::converging(&[]).await;
    assert_eq!(code(&house.run(&["plan"]).await), 0, "whatever it found");
    let output = house.run(&["plan", "--exit-code"]).await;
    let text = words(&output);
    assert_eq!(code(&output), 4, "{text}");
    let sentence = "held by converging in example.com: names of 5 different addresses move to";
    assert_eq!(text.matches(sentence).count(), 1, "{text}");
    for index in 0..5 {
        let line =
            format!("\n      ~ shop{index}.example.com  A  198.51.100.{} -> 203.0.113.200\n", 10 + index);
        assert_eq!(text.matches(&line).count(), 1, "{text}");
    }
    assert!(text.contains("0 to update, 0 to create, 5 held, 0 left as they are"), "{text}");
}
