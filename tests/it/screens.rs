//! What commands show: on terminals of 80 and 200 columns, with and without colours, and to a program that reads it.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::Read;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::handler::{House, beat, mark, moved, set, tagged};
use crate::terminal::{is_coloured, program, terminal};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// One name that moved, one that is new, one that becomes ours, one at a private address, one that is right, one that
/// was never heard.
async fn house(more: &[(&str, &str)]) -> House {
    let owner = crate::handler::OWNER;
    let sets = [
        set("moved-a-long-way.branch-office", &[OLD], mark("moved", owner, "1")),
        set("nobodys", &["198.51.100.20"], Value::Null),
        set("inside", &["198.51.100.30"], mark("inside", owner, "1")),
        set("right", &["203.0.113.40"], mark("right", owner, "1")),
        set("hand", &["192.0.2.9"], Value::Null),
    ];
    let machines = [
        tagged("moved", "moved-a-long-way.branch-office.example.com"),
        tagged("nobodys", "nobodys.example.com"),
        tagged("inside", "inside.example.com"),
        tagged("right", "right.example.com"),
        tagged("new", "new.example.com"),
        tagged("hand", "hand.example.com"),
        tagged("mute", "mute.example.com"),
    ];
    let steady = |machine: &str, address: &str| [300, 180, 60, 5].map(|ago| beat(machine, address, ago));
    let beats = [
        moved("moved", OLD, NEW),
        moved("nobodys", "198.51.100.20", "203.0.113.20"),
        steady("inside", "10.1.2.3").to_vec(),
        steady("right", "203.0.113.40").to_vec(),
        steady("new", "203.0.113.50").to_vec(),
        steady("hand", "203.0.113.60").to_vec(),
    ];
    House::new(&sets, &machines, &beats.concat(), more).await
}

/// Where results are shown.
#[derive(Clone, Copy)]
enum Place {
    Terminal(u16),
    Pipe,
}

/// The results of a command as they are shown there, and its exit code. Words go elsewhere.
fn results(
    arguments: &[&str],
    environment: &BTreeMap<String, String>,
    more: &[(&str, &str)],
    place: Place,
) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(arguments, environment, folder.path());
    command.envs(more.iter().copied()).stdin(Stdio::null()).stderr(Stdio::null());
    let keyboard = if let Place::Terminal(columns) = place {
        let (keyboard, screen) = terminal(columns);
        command.stdout(screen);
        Some(keyboard)
    } else {
        command.stdout(Stdio::piped());
        None
    };
    let mut child = command.spawn().unwrap();
    // Its copy of the screen ends here, so that reading ends with the program.
    drop(command);
    let mut screen: Box<dyn Read> = match keyboard {
        Some(keyboard) => Box::new(keyboard),
        None => Box::new(child.stdout.take().unwrap()),
    };
    let (mut shown, mut piece, mut is_told) = (Vec::new(), [0; 4096], false);
    while let Ok(count @ 1..) = screen.read(&mut piece) {
        shown.extend_from_slice(&piece[..count]);
        // What goes on until somebody stops it is stopped once it has shown its line.
        if arguments[0] == "watch" && shown.ends_with(b"\n") && !std::mem::replace(&mut is_told, true) {
            kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        }
    }
    let text = String::from_utf8(shown).unwrap().replace("\r\n", "\n");
    (child.wait().unwrap().code(), text)
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| plain + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

/// Everything that a command shows, each place below its title; colours as `‹32›`.
fn everywhere(arguments: &[&str], environment: &BTreeMap<String, String>) -> String {
    let mut all = String::new();
    for columns in [80, 200] {
        let (_, coloured) = results(arguments, environment, &[], Place::Terminal(columns));
        let (code, plain) = results(arguments, environment, &[("NO_COLOR", "1")], Place::Terminal(columns));
        assert!(!plain.contains('\u{1b}'), "{arguments:?} shows colours to whoever wants none: {plain:?}");
        assert_eq!(steady(&without_colours(&coloured)), steady(&plain), "{arguments:?} says more by colours");
        for line in plain.lines() {
            assert!(line.chars().count() <= usize::from(columns), "{arguments:?} at {columns}: {line}");
            assert_eq!(line, line.trim_end(), "{arguments:?}");
        }
        let coloured = coloured.replace("\u{1b}[", "‹").replace('m', "\u{0}");
        let shown =
            coloured
                .split('‹')
                .enumerate()
                .map(|(at, piece)| {
                    if at == 0 {
                        piece.to_owned()
                    } else {
                        format!("‹{}", piece.replacen('\u{0}', "›", 1))
                    }
                })
                .collect::<String>()
                .replace('\u{0}', "m");
        all.push_str(&format!("== {columns} columns, exit code {code:?}\n{shown}"));
    }
    let (_, piped) = results(arguments, environment, &[], Place::Pipe);
    assert!(!is_coloured(&piped), "{arguments:?} to a program: {piped:?}");
    let (_, forced) = results(arguments, environment, &[("CLICOLOR_FORCE", "1")], Place::Pipe);
    assert_eq!(steady(&without_colours(&forced)), steady(&piped), "{arguments:?}");
    let colours = all.contains("‹3");
    assert_eq!(is_coloured(&forced), colours, "{arguments:?} with CLICOLOR_FORCE: {forced:?}");
    all + &format!("== a program\n{piped}")
}

/// What differs from run to run is made equal.
const FILTERS: [(&str, &str); 18] = [
    // Around midnight some times are of the day before.
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "HH:MM"),
    (r"\d\d:\d\d:\d\d", "HH:MM:SS"),
    (r"\d\d:\d\d", "HH:MM"),
    // The column is as wide as the age.
    (r"\(UTC\) +age +", "(UTC)  age  "),
    (r"(?m)^(  HH:MM)  +\d+ (s|min) +", "$1  AGE  "),
    (r"\b\d+ s ago", "N s ago"),
    (r"\b\d+ min ago", "N min ago"),
    (r", \d+ (s|min), ", ", AGE, "),
    (r"true (\d+ ms|\d+ s|\d+ min \d+ s)", "true TIME"),
    (r"\b\d+ min \d\d s\b", "TIME"),
    (r"(?m)  [0-9a-f]{8}$", "  RUN"),
    (r"proved in +run", "proved in  run"),
    (r"TIME +RUN", "TIME  RUN"),
    (r"run [0-9a-f]{8}\b", "run RUN"),
    (r"--expect [0-9a-f]{12}", "--expect DIGEST"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"(\d+) s(econds)? (ago|old)", "N s ago"),
    (r"over \d+ s;", "over N s;"),
];

fn steady(text: &str) -> String {
    // Seconds may pass between two runs, and lines end elsewhere.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>().replace("00", "0")
}

macro_rules! shown {
    ($name:literal, $text:expr) => {{
        let text = $text;
        insta::with_settings!({ filters => FILTERS, snapshot_path => "snapshots/screens", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($name, text);
        })
    }};
}

async fn everywhere_of(house: &House, arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let environment = house.environment.clone();
    let show = move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        everywhere(&arguments, &environment)
    };
    tokio::task::spawn_blocking(show).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_a_reviewer_needs() {
    let house = house(&[]).await;
    shown!("plan", everywhere_of(&house, &["plan"]).await);
    shown!("plan NAME in sync", everywhere_of(&house, &["plan", "right.example.com"]).await);
    shown!("adopt --dry-run", everywhere_of(&house, &["adopt", "hand.example.com", "--dry-run"]).await);
    shown!("plan NAME unclaimed", everywhere_of(&house, &["plan", "nobody.example.com"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_is_said_once_above_what_it_holds() {
    let house = crate::watch::converging(&[]).await;
    shown!("plan under a brake", everywhere_of(&house, &["plan"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_tells_each_change_with_its_proof() {
    let house = house(&[]).await;
    let command = |columns| {
        let environment = house.environment.clone();
        move || results(&["apply", "--yes"], &environment, &[], Place::Terminal(columns))
    };
    let (code, first) = tokio::task::spawn_blocking(command(80)).await.unwrap();
    assert_eq!(code, Some(0), "{first}");
    assert!(is_coloured(&first), "{first:?}");
    shown!("apply", without_colours(&first));
    let (code, again) = tokio::task::spawn_blocking(command(200)).await.unwrap();
    assert_eq!(code, Some(0), "{again}");
    shown!("apply when nothing is to do", without_colours(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_of_a_name_is_a_line_a_write() {
    let house = house(&[]).await;
    let history = ["history", "hand.example.com"];
    shown!("history without writes", everywhere_of(&house, &history).await);
    for command in [&["apply", "--yes"][..], &["adopt", "hand.example.com", "--yes"]] {
        let output = house.run(command).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    shown!("history", everywhere_of(&house, &history).await);
    shown!("history of a move", everywhere_of(&house, &["history", "nobodys.example.com"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_begins_with_the_verdict_and_ends_with_the_past() {
    let house = house(&[]).await;
    shown!("explain", everywhere_of(&house, &["explain", "inside.example.com"]).await);
    shown!("explain in sync", everywhere_of(&house, &["explain", "right.example.com"]).await);
    shown!("explain unclaimed", everywhere_of(&house, &["explain", "nobody.example.com"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_fit_has_a_paragraph_for_each_row() {
    let house = house(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| {
        let path = folder.path().join("query.kql");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let wide = "print First = 'a first column that is rather long', Second = 'another one of forty characters, or so', \
                Third = 42, Nothing = ''";
    shown!("query", everywhere_of(&house, &["query", &file(wide)]).await);
    let nothing = file("Heartbeat | where Computer == 'nobody' | project Computer, ComputerIP");
    shown!("query without rows", everywhere_of(&house, &["query", &nothing]).await);
    let all = file("print A = 1, B = ''");
    let (_, shown) = {
        let environment = house.environment.clone();
        let show = move || results(&["query", &all, "--all-columns"], &environment, &[], Place::Pipe);
        tokio::task::spawn_blocking(show).await.unwrap()
    };
    assert!(shown.contains('B'), "{shown}");
    shown!("collect", everywhere_of(&house, &["collect"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_until_it_is_stopped_ends_clean() {
    let house = house(&[("RECONCILE_ON", "alert")]).await;
    shown!("watch", everywhere_of(&house, &["watch", "--listen", "127.0.0.1:0"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_those_of_utc_unless_the_clock_of_this_machine_is_asked_for() {
    let house = house(&[]).await;
    let swept = async |arguments: &[&str]| {
        let mut command = house.command();
        let output = command.args(arguments).env("TZ", "<+03>-3").output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let time = text.split("swept ").nth(1).unwrap().get(..5).unwrap().to_owned();
        let (hours, minutes) = time.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    let (utc, local) = (swept(&["plan"]).await, swept(&["plan", "--local"]).await);
    assert_eq!((local - utc).rem_euclid(24 * 60), 3 * 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_the_policy_says() {
    let house = crate::watch::drifted(&[("POLICY_NAMES", "*.dyn.example.com,www.example.org")]).await;
    let names = ["check", "nas.dyn.example.com", "wpad.dyn.example.com", "no name"];
    shown!("check", everywhere_of(&house, &names).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_counted_by_zone_and_take_their_minutes() {
    let mut house = crate::interrupt::newcomers(60, &[("QUOTA_SHARE", "0.1")]).await;
    let plan = async |house: &House, more: &[&str]| {
        let output = house.run(&[&["plan"], more].concat()).await;
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = plan(&house, &[]).await;
    assert_eq!(shown.matches("\n  + m").count(), 50, "{shown}");
    assert!(shown.contains("\n  ... 10 more (--all)\n"), "{shown}");
    // 20 at once, and 20 in each minute after it.
    assert!(shown.contains("about 2 min at 20 writes a minute and zone; nothing was written"), "{shown}");
    let all = plan(&house, &["--all"]).await;
    assert_eq!((all.matches("\n  + m").count(), all.contains("more (--all)")), (60, false), "{all}");
    // One zone: its totals are those of all.
    assert!(!all.contains("  example.com: "), "{all}");
    let org = crate::stage::zone_id("example.org");
    let zones = json!([
        { "id": crate::stage::zone_id("example.com"), "recordSets": [] }, { "id": org, "recordSets": [] },
    ]);
    let machines: Vec<_> = (0..60)
        .map(|index| {
            let apex = if index < 45 { "example.com" } else { "example.org" };
            tagged(&format!("m{index:02}"), &format!("m{index:02}.{apex}"))
        })
        .collect();
    house.world(&json!({ "zones": zones, "machines": machines })).await;
    let both = format!("{},{org}", house.environment["DNS_ZONES"]);
    house.environment.insert("DNS_ZONES".to_owned(), both);
    let swept = house.run(&["collect"]).await;
    assert!(swept.status.success(), "{swept:?}");
    let shown = plan(&house, &[]).await;
    assert!(shown.contains("0 to update, 60 to create"), "{shown}");
    assert!(shown.contains("\n  example.com: 0 to update, 45 to create\n"), "{shown}");
    assert!(shown.contains("\n  example.org: 0 to update, 15 to create\n"), "{shown}");
}
