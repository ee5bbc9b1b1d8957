//! A name that was asked for and is in sync is told with its address, and since when it stands.

use pure::domain::Mark;
use pure::plan::right;

use super::world::{OWNER, World, addresses, key, machine, mark, minutes, name};

#[test]
fn what_is_in_sync_says_its_address_since_when_and_the_last_change() {
    let host = "nas.example.com";
    let mut world = World::new()
        .claims("nas", host, "203.0.113.7")
        .claims("twin", host, "203.0.113.7")
        .but(|row| row.heartbeat_time = row.heartbeat_time.map(|time| time - minutes(2)))
        .stands(host, &["203.0.113.7"]);
    let since = world.now - minutes(60 * 24);
    world = world.set(&key(host), |set| {
        let written = Mark { time: Some(since), ..mark(Mark::VERSION, OWNER, "nas") };
        written.write_into(&mut set.metadata);
    });
    let names = [name(host)].into();
    let told = right(&names, &world.case, &world.policy, world.now);
    assert_eq!(told.len(), 1, "{told:?}");
    let told = &told[0];
    assert_eq!((&told.addresses, told.ttl), (&addresses(&["203.0.113.7"]), Some(300)));
    assert_eq!((told.machine.lower(), told.heartbeat_time), (machine("nas").lower(), world.now - minutes(1)));
    assert_eq!(told.first_beat, Some(world.now - minutes(20)));
    assert_eq!((told.written_at, told.written_by.as_deref()), (Some(since), Some("run-0")));
    // Without our mark nobody knows who wrote it; a machine that says something else tells nothing of it.
    let bare = World::new().claims("nas", host, "203.0.113.7").stands(host, &["203.0.113.7"]);
    assert_eq!(right(&names, &bare.case, &bare.policy, bare.now)[0].written_at, None);
    let other = World::new().claims("nas", host, "203.0.113.8").stands(host, &["203.0.113.7"]);
    assert!(right(&names, &other.case, &other.policy, other.now).is_empty());
    assert!(right(&[name("pi.example.com")].into(), &bare.case, &bare.policy, bare.now).is_empty());
}
