//! Who agrees to a plan, and by what; which settings count; what is said besides the result.

use std::sync::Arc;

use serde_json::json;

use super::{NEW, OLD, house};
use crate::handler::House;
use crate::output::{code, report, words};
use crate::watch::drifted;

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_is_agreed_to_by_twelve_of_its_characters_in_any_case_and_by_no_fewer() {
    let house = drifted(&[]).await;
    let digest = report(&house, &["plan"]).await["digest"].as_str().unwrap().to_owned();
    for beginning in [&digest[..11], "", "no digest at all"] {
        let output = house.run(&["apply", "--expect", beginning]).await;
        assert_eq!(code(&output), 2, "{beginning}: {}", words(&output));
        assert!(words(&output).contains("is no digest"), "{}", words(&output));
    }
    assert_eq!(house.writes().await, 0);
    let output = house.run(&["apply", "--expect", &digest[..12].to_uppercase()]).await;
    assert_eq!((code(&output), house.addresses("x").await), (0, vec![NEW.to_owned()]), "{}", words(&output));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_a_clear_yes_is_one_and_nobody_is_asked_about_nothing() {
    let house = Arc::new(drifted(&[]).await);
    let apply = async |typed: &'static str| {
        let environment = house.environment.clone();
        let ask = move || {
            let mut asked = 0;
            let (code, shown) = crate::terminal::asked_on_a_terminal(&["apply"], &environment, |shown, _| {
                let is_new = asked == 0 && shown.contains("[y/N]");
                asked += usize::from(is_new);
                is_new.then_some(typed)
            });
            (code, asked, shown)
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    };
    for typed in ["\n", "n\n", "yikes\n", "\u{4}"] {
        let (code, asked, shown) = apply(typed).await;
        assert_eq!((code, asked), (Some(3), 1), "the change is pending: {typed:?}: {shown}");
        assert!(shown.contains("nothing was written"), "{typed:?}: {shown}");
        assert_eq!(house.addresses("x").await, [OLD], "{typed:?}: {shown}");
    }
    let (code, asked, shown) = apply("YES\n").await;
    assert_eq!((code, asked, house.addresses("x").await), (Some(0), 1, vec![NEW.to_owned()]), "{shown}");
    let (code, asked, shown) = apply("n\n").await;
    assert_eq!((code, asked), (Some(0), 0), "nothing is to be written: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_only_what_needs_a_yes_is_refused() {
    let house = drifted(&[]).await;
    let refused = house.run(&["apply"]).await;
    assert_eq!((code(&refused), house.writes().await), (2, 0), "{}", words(&refused));
    assert!(words(&refused).contains("1 change waits for a yes"), "{}", words(&refused));
    assert_eq!(code(&house.run(&["apply", "--yes"]).await), 0);
    let nothing = house.run(&["apply"]).await;
    assert_eq!(code(&nothing), 0, "there is nothing to agree to: {}", words(&nothing));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_while_the_plan_is_read_is_told_and_is_a_failure() {
    let house = Arc::new(house(&[]).await);
    let partial = json!({ "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }],
        "error": { "code": "PartialError", "message": "incomplete", "details": [{ "code": "EngineError", "message": "m",
            "innererror": { "code": "-1", "message": "i", "severity": 2, "severityName": "Error" } }] } });
    // The third question to the logs is about somebody else's name, whose row stands in no change.
    let faults = json!([{ "path": "/query", "times": 2, "delay_ms": 1 }, { "path": "/query", "times": 1000, "body": partial }]);
    let (asker, runtime) = (Arc::clone(&house), tokio::runtime::Handle::current());
    let ask = move || {
        let mut is_asked = false;
        crate::terminal::asked_on_a_terminal(&["apply"], &asker.environment, |shown, _| {
            let is_new = !is_asked && shown.contains("[y/N]");
            if is_new {
                is_asked = true;
                runtime.block_on(asker.stage.fail(&faults));
            }
            is_new.then_some("yes\n")
        })
    };
    let (code, shown) = tokio::task::spawn_blocking(ask).await.unwrap();
    assert_eq!(house.addresses("x").await, [NEW], "{shown}");
    assert_eq!(code, Some(1), "{shown}");
    assert_eq!(shown.matches("warning: ").count(), 1, "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_log_was_not_told_of_has_failed() {
    let house = drifted(&[("RUN_DEADLINE", "8s")]).await;
    // The question whether it takes rows is answered.
    let asked = json!({ "path": "Custom-DNSChange", "times": 1, "delay_ms": 1 });
    let refused = json!({ "path": "Custom-DNSChange", "times": 1000, "status": 403 });
    house.stage.fail(&json!([asked, refused])).await;
    let output = house.run(&["apply", "--yes"]).await;
    assert_eq!((code(&output), house.addresses("x").await), (1, vec![NEW.to_owned()]), "{}", words(&output));
    let line = words(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    // Until then `collect` and `apply` bring nothing.
    let next = "not told of all of it; the next run after a sweep brings it by the marks in the zone, from ";
    let by_hand = line.split_once(next).unwrap_or_else(|| panic!("{line}")).1;
    assert!(by_hand.contains(" on; by hand, from "), "{line}");
    assert!(by_hand.contains(" on: heartbeat-dns collect then heartbeat-dns apply x.example.com"), "{line}");
    assert!(line.contains("not all rows sent to the log") && !line.contains(" 0 failed"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_told_before_what_was_mistyped() {
    let house = drifted(&[]).await;
    house.stage.fail(&json!([{ "path": "/NS", "times": 1000, "status": 400 }])).await;
    let output = house.run(&["plan", "x.example.com", "nobody.example.com"]).await;
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(words(&output).contains("No tagged machine claims nobody.example.com"), "{}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_named_wins_over_one_that_lies_there() {
    let mut house = house(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let here = json!({ "Values": { "POLICY_NAMES": "here.example.com", "MODE": "observe" } });
    std::fs::write(folder.path().join("local.settings.json"), here.to_string()).unwrap();
    let named = folder.path().join("named.env");
    std::fs::write(&named, "POLICY_NAMES=named.example.com\nMODE=on\n").unwrap();
    for name in ["POLICY_NAMES", "MODE"] {
        house.environment.remove(name);
    }
    let allowed = async |house: &House, more: &[&str]| {
        let names = ["check", "here.example.com", "named.example.com", "own.example.com", "-o", "csv"];
        let mut command = house.command();
        let output = command.current_dir(folder.path()).args([&names[..], more].concat()).output().await;
        let output = output.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows = text.lines().filter(|line| line.contains(",yes,"));
        let names = rows.filter_map(|line| line.split('.').next()).map(str::to_owned).collect::<Vec<_>>();
        (names.join(" "), words(&output))
    };
    let (names, said) = allowed(&house, &[]).await;
    assert_eq!(names, "here", "{said}");
    let (_, said) = allowed(&house, &["--env", named.to_str().unwrap()]).await;
    assert!(said.contains("MODE is `on`"), "the named file counts: {said}");
    house.environment.insert("MODE".to_owned(), "apply".to_owned());
    let (names, said) = allowed(&house, &["--env", named.to_str().unwrap()]).await;
    assert_eq!(names, "named", "{said}");
    house.environment.insert("POLICY_NAMES".to_owned(), "own.example.com".to_owned());
    let (names, said) = allowed(&house, &["--env", named.to_str().unwrap()]).await;
    assert_eq!(names, "own", "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_what_is_odd_and_nothing_else_unless_the_log_is_wanted() {
    let house = drifted(&[("REPLY_WITHIN", "30s")]).await;
    let said = async |command: &[&str], level: Option<&str>| {
        let mut run = house.command();
        run.args(command).envs(level.map(|level| ("LOG_LEVEL", level))).stdin(std::process::Stdio::null());
        String::from_utf8(run.output().await.unwrap().stderr).unwrap()
    };
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let told = said(command, None).await;
        assert!(told.contains("REPLY_WITHIN"), "{told}");
        assert!(!told.contains("INFO"), "{told}");
    }
    assert!(!said(&["plan"], Some("error")).await.contains("REPLY_WITHIN"));
}
