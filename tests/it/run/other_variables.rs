//! Whoever sits at a terminal may have other variables than the function: what that sees claimed is not deleted.

use serde_json::{Value, json};

use super::{OLD, code, report, skip, sweep, words};
use crate::handler::{House, OWNER, beat, mark, set, tagged};
use crate::stage::machine;

const HOST: &str = "m.example.com";
const DELETE: [&str; 4] = ["release", HOST, "--delete", "--yes"];
const TEMPLATE: (&str, &str) = ("HOSTNAME_TEMPLATE", "{name}.example.com");

/// A machine that beats from where its name points, claimed by its tag or by the template.
async fn claimed(machine: Value, more: &[(&str, &str)]) -> House {
    let sets = [set("m", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[machine], &[beat("m", OLD, 1)], more).await;
    sweep(&house).await;
    house
}

/// What is refused with these variables, in words.
async fn refused(house: &House, variable: (&str, &str)) -> Value {
    let (key, value) = variable;
    let output = house.command().env(key, value).args(DELETE).args(["-o", "json"]).output().await.unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(code(&output), 1, "{variable:?}: {told}");
    assert_eq!(house.addresses("m").await, [OLD], "{variable:?}: {told}");
    skip(&told, HOST).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_function_sees_claimed_goes_under_no_other_variables() {
    for (machine, more, variable) in [
        (tagged("m", HOST), &[] as &[_], ("HOSTNAME_TAG", "Another")),
        (machine("m", &json!({})), &[TEMPLATE], ("HOSTNAME_TEMPLATE", "")),
    ] {
        let house = claimed(machine, more).await;
        let skip = refused(&house, variable).await;
        assert_eq!(skip["reason"], "claim-conflict", "{variable:?}: {skip}");
        let because = skip["because"].as_str().unwrap();
        for part in ["newest sweep", "machines/m", variable.0, "heartbeat-dns collect"] {
            assert!(because.contains(part), "{variable:?}: {because}");
        }
    }
}

/// The tag is taken off, and what ends the claim in the log is a sweep; of a machine that is gone nothing else needs to be known.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_over_ends_with_the_next_sweep() {
    let house = claimed(tagged("m", HOST), &[]).await;
    house.world(&json!({ "machines": [tagged("m", "other.example.com")] })).await;
    let skip = refused(&house, ("HOSTNAME_TEMPLATE", "")).await;
    assert!(skip["because"].as_str().unwrap().contains("newest sweep"), "{skip}");
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
    let done = house.run(&DELETE).await;
    assert_eq!((code(&done), house.record_set("m").await), (0, Value::Null), "{}", words(&done));

    let house = claimed(tagged("m", HOST), &[]).await;
    house.world(&json!({ "machines": [] })).await;
    let done = house.run(&DELETE).await;
    assert_eq!((code(&done), house.record_set("m").await), (0, Value::Null), "{}", words(&done));
}

/// Names point at the old address, and their machines say one of their own. Somebody sweeps the tags under another tag's name, and
/// finds none: of many machines nobody believes that, of few the first run asks their tags, and the second one writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_under_another_tag_silences_no_name() {
    for count in [1, 3, 20] {
        let name = |index: usize| format!("m{index}");
        let said = |index: usize| format!("203.0.113.{}", 20 + index);
        let sets: Vec<_> = (0..count)
            .map(|index| {
                // Most are where they should be, so that nothing looks like a surge.
                let present = if index < 2 { OLD.to_owned() } else { said(index) };
                set(&name(index), &[&present], mark(&name(index), OWNER, "1"))
            })
            .collect();
        let machines: Vec<_> =
            (0..count).map(|index| tagged(&name(index), &format!("m{index}.example.com"))).collect();
        let beats: Vec<_> = (0..count)
            .flat_map(|index| (1..=5).map(move |ago| beat(&name(index), &said(index), 30 * ago)))
            .collect();
        let house = House::new(&sets, &machines, &beats, &[]).await;
        sweep(&house).await;
        let swept = house.command().env("HOSTNAME_TAG", "Another").arg("collect").output().await.unwrap();
        assert_eq!(code(&swept), 0, "{}", words(&swept));
        report(&house, &["apply", "--yes"]).await;
        for index in 0..count {
            assert_eq!(house.addresses(&name(index)).await, [said(index)], "{index} of {count}");
        }
    }
}
