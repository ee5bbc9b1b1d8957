//! How names are counted: by their rows, for names that were asked for as for all others.

use pure::plan::{Answer, Live, Reason, standing};

use super::world::{World, machine, minutes, name};

const HOST: &str = "nas.example.com";
const RIGHT: &str = "203.0.113.7";

/// One machine says what the log and the zone hold for its name, which was asked for.
fn named() -> World {
    let mut world = World::new().claims("nas", HOST, RIGHT).keeps("nas", HOST, &[RIGHT]).but(|row| {
        row.zone_id = super::world::zone("example.com").to_string();
    });
    world.case.asked.named.insert(name(HOST));
    world
}

/// A further machine says something for the same name.
fn and(world: World, who: &str, reported: &str, ago: i64) -> World {
    let row = world.case.rows[0].clone();
    let now = world.now;
    world.claims(who, HOST, reported).but(|new| {
        (new.dns_ip, new.zone_id) = (row.dns_ip, row.zone_id);
        new.heartbeat_time = Some(now - minutes(ago));
        new.first_beat = Some(now - minutes(ago + 20));
    })
}

fn is_in_sync(world: &World) -> bool {
    let in_sync = standing::in_sync(&world.case, &world.plan(), &world.policy, world.now);
    assert!(in_sync.iter().all(|found| *found == name(HOST)), "{in_sync:?}");
    !in_sync.is_empty()
}

fn differs(world: &World) -> bool {
    !standing::differing(&world.case, world.now).is_empty()
}

#[test]
fn a_right_name_is_in_sync_while_somebody_was_heard_lately() {
    assert!(is_in_sync(&named()) && !differs(&named()));
    let heard = |ago: i64| {
        let mut world = named();
        world.case.rows[0].heartbeat_time = Some(world.now - minutes(ago));
        world
    };
    assert!(is_in_sync(&heard(15)) && !is_in_sync(&heard(16)));
    assert_eq!(heard(16).codes(), [Reason::StaleHeartbeat]);
    assert!(!differs(&heard(16)), "its record set holds what it said");
    // The policy says how long ago is lately.
    let mut patient = heard(50);
    patient.policy.max_heartbeat_age = minutes(55);
    assert!(is_in_sync(&patient));
    // One that was heard is enough, whatever another one said long ago.
    assert!(is_in_sync(&and(named(), "old", "203.0.113.9", 40)));
}

#[test]
fn a_tag_that_one_machine_of_several_has_lost_takes_nothing_from_a_right_name() {
    for (live, reason) in [
        (Some(Live::Tagged(Vec::new())), Reason::TagGone),
        (Some(Live::Gone), Reason::TagGone),
        (None, Reason::Blind),
    ] {
        let mut world = and(named(), "old", "203.0.113.7", 1);
        match live {
            Some(live) => world = world.tag("old", live),
            None => {
                let because = "no answer".to_owned();
                world.case.known.learn_tag(&machine("old"), Answer::Unavailable(because));
            }
        }
        assert_eq!(world.codes(), [reason]);
        assert!(is_in_sync(&world), "{reason}");
    }
    // One that claims it alone, and does not any more, leaves nobody who says that it is right.
    let alone = named().tag("nas", Live::Gone);
    assert_eq!((alone.codes(), is_in_sync(&alone)), (vec![Reason::TagGone], false));
    // What the other rows say must be right.
    let world = and(named(), "old", "203.0.113.9", 1).tag("old", Live::Gone);
    assert!(!is_in_sync(&world));
}

#[test]
fn rows_say_that_a_set_differs_as_the_query_does() {
    // Nobody asked for it: that there is a row says it.
    let mut world = named();
    world.case.asked.named.clear();
    // The verdict of a sweep is a copy: the policy may be another one by now.
    world.case.rows[0].skip = "name-not-allowed".to_owned();
    assert!(differs(&world) && !is_in_sync(&world));
    for (reported, ago, right) in [
        (RIGHT, 1, true),
        // Private link says nothing of an address, nor does nonsense.
        ("fd40:1085:12:6d79:7712:100:a00:4", 40, false),
        ("203.0.113.9", 1, false),
        ("10.0.0.4", 1, false),
        ("2001:db8::7", 1, false),
    ] {
        let world = and(named(), "other", reported, ago);
        assert_eq!((is_in_sync(&world), differs(&world)), (right, !right), "{reported}");
    }
}

#[test]
fn lately_is_what_the_query_calls_so() {
    // Of two that differ the one that was heard lately speaks, else both do.
    for (ago, right) in [(15, false), (16, true)] {
        assert_eq!(is_in_sync(&and(named(), "other", "203.0.113.9", ago)), right, "{ago}");
    }
}

#[test]
fn what_a_live_read_shows_counts() {
    let other = named().keeps("nas", HOST, &["198.51.100.1"]).but(|row| row.dns_ip = RIGHT.to_owned());
    assert!(!is_in_sync(&other) && !differs(&other));
    let hidden = named().cut("example.com", &[HOST]);
    assert_eq!((is_in_sync(&hidden), hidden.codes()), (false, vec![Reason::Delegated]));
    let refused = named().allow(&["other.example.com"]);
    assert!(!is_in_sync(&refused));
}

#[test]
fn machines_that_claim_a_named_name_and_have_no_row_are_silent() {
    let mut world = and(named(), "old", RIGHT, 40);
    let ids: Vec<String> = world.case.rows.iter().map(|row| row.resource_id.clone()).collect();
    let all = format!("{},{},/s/mute", ids[0], ids[1].to_uppercase());
    world.case.rows.iter_mut().for_each(|row| row.claimed_by.clone_from(&all));
    assert_eq!(standing::silent(&world.case), ["/s/mute".to_owned()].into());
    world.case.asked.named.clear();
    assert!(standing::silent(&world.case).is_empty());
}
