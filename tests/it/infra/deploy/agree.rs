//! Nothing is made before a person has seen where, and what would change there, and has said yes.

use super::{ANSWERS, Desk, WORKSPACE, words};

const ZIP: (&str, &str) = ("RELEASE_ZIP", "release.zip");

/// A deployment without a yes.
fn unasked(desk: &Desk, more: &[(&str, &str)]) -> std::process::Output {
    desk.script("deploy.sh", &[&ANSWERS[..], &[ZIP], more].concat())
}

#[test]
fn without_a_terminal_and_a_yes_nothing_is_made() {
    let desk = Desk::new();
    let done = unasked(&desk, &[("RESOURCE_GROUP", "rg-1"), ("LOCATION", "northeurope")]);
    assert_eq!(done.status.code(), Some(2));
    let words = words(&done);
    for shown in ["me@example.com", "Team one (sub-1)", "northeurope", "rg-1, which is made", "mode observe"]
    {
        assert!(words.contains(shown), "{shown}: {words}");
    }
    assert!(words.contains("YES=1 was not said"), "{words}");
    assert_eq!(desk.made(), Vec::<String>::new());
    for (yes, made) in [("0", 0), ("no", 0), ("1", 4), ("true", 4)] {
        let desk = Desk::new();
        unasked(&desk, &[("YES", yes)]);
        assert_eq!(desk.made().len(), made, "YES={yes}");
    }
}

#[test]
fn what_would_change_in_a_group_that_is_there_comes_before_the_yes() {
    let desk = Desk::with_earlier(
        "earlier=Succeeded\n",
        "MODE=observe\nNOTIFY_URL=https://hooks.example.com/SECRET\n",
    );
    desk.put(
        "what-if",
        "~ NOTIFY_URL: https://hooks.example.com/SECRET, https://hooks.example.com/SECRET.\n",
    );
    let done = unasked(&desk, &[]);
    assert_eq!(done.status.code(), Some(2));
    let shown = words(&done);
    assert!(shown.contains("rg-heartbeat-dns, which is there already"), "{shown}");
    assert!(shown.contains("~ NOTIFY_URL: (secret), (secret).") && !shown.contains("SECRET"), "{shown}");
    assert!(desk.log().iter().any(|line| line.starts_with("deployment group what-if --resource-group rg-heartbeat-dns --name heartbeat-dns --parameters infra/main.bicepparam ")), "{:#?}", desk.log());
    assert_eq!(desk.made(), Vec::<String>::new());
    // What cannot be shown is told, and decides nothing.
    desk.put("fail-what-if", "1");
    let done = desk.deploy(&ANSWERS);
    assert!(done.status.success(), "{}", words(&done));
    assert!(
        words(&done).contains("and much more about it\nWhat would change cannot be shown"),
        "{}",
        words(&done)
    );
    let log = desk.log();
    let place = |what: &str| log.iter().rposition(|line| line.contains(what)).unwrap();
    assert!(place("what-if") < place("main.bicepparam --output none"), "{log:#?}");
    assert_eq!(
        desk.last("NOTIFY_URL").as_deref(),
        Some("https://hooks.example.com/SECRET"),
        "in the environment"
    );
    assert!(log.iter().all(|line| !line.contains("SECRET")), "and on no command line: {log:#?}");
    let new = Desk::new();
    assert!(new.deploy(&ANSWERS).status.success());
    assert!(new.log().iter().all(|line| !line.contains("what-if")), "there is nothing to compare with");
}

#[test]
fn a_person_is_asked_at_a_terminal_and_may_say_no() {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/deploy.sh");
    for (answer, code, made) in [("y\n", 0, 4), ("yes\n", 0, 4), ("n\n", 1, 0), ("\n", 1, 0), ("\u{4}", 1, 0)]
    {
        let desk = Desk::new();
        let command = desk.command(&script, &[&ANSWERS[..], &[ZIP, ("WORKSPACE_ID", WORKSPACE)]].concat());
        let mut has_answered = false;
        let (found, shown) = crate::terminal::at_a_terminal(command, |shown| {
            let asks = !has_answered && shown.contains("Go on? [y/N] ");
            has_answered |= asks;
            asks.then_some(answer)
        });
        assert_eq!(found, Some(code), "{answer:?}: {shown}");
        assert!(has_answered, "{shown}");
        assert_eq!(desk.made().len(), made, "{answer:?}: {:#?}", desk.made());
        assert_eq!(shown.contains("Nothing was made."), made == 0, "{answer:?}: {shown}");
    }
}

#[test]
fn whoever_takes_a_new_workspace_hears_that_no_machine_reports_there() {
    let told = "no machine reports there yet";
    for given in ["", "new"] {
        let done = unasked(&Desk::new(), &[("WORKSPACE_ID", given)]);
        assert!(words(&done).contains(told), "{given}: {}", words(&done));
        assert!(
            words(&done).contains("HEARTBEAT_MACHINE_IDS") && words(&done).contains("--subscription 'sub-1'")
        );
    }
    for more in [("WORKSPACE_ID", WORKSPACE), ("HEARTBEAT_MACHINE_IDS", "/subscriptions/s/m")] {
        let done = unasked(&Desk::new(), &[more]);
        assert!(!words(&done).contains(told), "{more:?}: {}", words(&done));
    }
    let done = Desk::with_earlier("earlier=Succeeded\n", "MODE=observe\n").deploy(&ANSWERS);
    assert!(!words(&done).contains(told), "it was told the first time: {}", words(&done));
}
