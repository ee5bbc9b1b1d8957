//! What a program reads: every form holds everything, and the exit code says what is missing.

use serde_json::{Value, json};

use super::{NEW, OLD, house};
use crate::handler::{House, moved, set, tagged};
use crate::output::{code, words};
use crate::stage::{machine_id, zone_id};

fn results(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_tells_of_each_name_where_it_is_and_where_it_would_go() {
    let house = house(&[]).await;
    let csv = results(&house.run(&["plan", "-o", "csv"]).await).to_lowercase();
    let machine = |name: &str| machine_id(name).to_lowercase();
    let change = format!("x.example.com,a,update,{OLD},{NEW},{},planned,,,example.com", machine("m"));
    let skip = format!("hand.example.com,a,skip,192.0.2.9,198.51.100.30,{},,not-owned,", machine("h"));
    assert!(csv.lines().any(|line| line == change), "{csv}");
    assert!(csv.lines().any(|line| line.starts_with(&skip)), "{csv}");
    house.run(&["apply", "--yes"]).await;
    let csv = results(&house.run(&["plan", "x.example.com", "-o", "csv"]).await).to_lowercase();
    let right = format!("x.example.com,a,none,{NEW},{NEW},{},in-sync,,,example.com", machine("m"));
    assert_eq!(csv.lines().nth(1), Some(right.as_str()), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_asked_as_far_back_as_was_said_and_says_when_its_answer_is_not_whole() {
    let house = house(&[]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let query = async |text: &str, more: &[&str]| {
        std::fs::write(file.path(), text).unwrap();
        house.run(&[&["query", file.path().to_str().unwrap()], more].concat()).await
    };
    let beats = "Heartbeat | where Computer == 'm' | count";
    for (timespan, count) in [(&[][..], 6), (&["--timespan", "5m"], 3)] {
        let told = results(&query(beats, &[timespan, &["-o", "csv"]].concat()).await);
        assert_eq!(told, format!("Count\n{count}\n"), "{timespan:?}");
    }
    let told = results(&query("print A = 1, B = ''", &["-o", "csv"]).await);
    assert_eq!(told, "A,B\n1,\n", "a program gets every column");
    let empty = query(" \n", &[]).await;
    assert_eq!(code(&empty), 2, "{}", words(&empty));
    let part = json!({ "tables": [{ "name": "PrimaryResult", "columns": [{ "name": "A", "type": "long" }],
        "rows": [[7]] }], "error": { "code": "PartialError", "message": "incomplete", "details": [] } });
    house.stage.fail(&json!([{ "path": "/query", "times": 1, "status": 200, "body": part }])).await;
    let partial = query("print A = 1", &["-o", "csv"]).await;
    assert_eq!((code(&partial), results(&partial)), (1, "A\n7\n".to_owned()), "{}", words(&partial));
    assert!(words(&partial).contains("the answer is not whole"), "{}", words(&partial));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_tells_a_program_the_whole_id_and_nobody_of_parts_that_were_not_sent() {
    let house = house(&[]).await;
    let csv = results(&house.run(&["collect", "-o", "csv"]).await);
    assert!(csv.starts_with("part,rows,complete\ntags,") && csv.contains(&zone_id("example.com")), "{csv}");
    let refused = |path: &str| json!({ "path": path, "status": 403, "times": 1000 });
    for (faults, others) in [
        (json!([refused("ResourceGraph")]), true),
        (json!([refused("ResourceGraph"), refused("/dnsZones/")]), false),
    ] {
        house.stage.fail(&faults).await;
        let output = house.run(&["collect"]).await;
        assert_eq!(code(&output), 1, "{}", words(&output));
        assert_eq!(words(&output).contains("the other parts were sent"), others, "{}", words(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_names_that_a_brake_holds_some_are_shown_and_the_rest_is_counted() {
    let name = |index: usize| format!("shop{index}");
    let old = |index: usize| format!("198.51.100.{}", 10 + index);
    let sets: Vec<_> = (0..10).map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let machines: Vec<_> =
        (0..10).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = (0..10).flat_map(|index| moved(&name(index), &old(index), "203.0.113.200")).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    let shown = results(&house.run(&["plan"]).await);
    assert_eq!(shown.matches("\n      ~ shop").count(), 8, "{shown}");
    assert!(shown.contains("\n      ... 2 more\n"), "{shown}");
    let all = results(&house.run(&["plan", "--all"]).await);
    assert!(all.matches("\n      ~ shop").count() == 10 && !all.contains("... "), "{all}");
}
