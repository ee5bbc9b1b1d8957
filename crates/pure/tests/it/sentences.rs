//! Every sentence as people read it: what is wrong, what to do, with the names and numbers.

use std::fmt::Write;

use jiff::SignedDuration;
use pure::plan::{Adopt, Answer, Known, Live, Skip, Unheard, Why};

use super::table::{CODES, example};
use super::virtual_machines::scale_set;
use super::world::{World, key, machine, minutes, zone};

fn line(text: &mut String, skip: &Skip) {
    writeln!(text, "{}: {}", skip.reason, skip.because).unwrap();
}

fn first_skip(world: &World) -> Skip {
    world.plan().skips.into_iter().next().unwrap()
}

#[test]
fn every_code_has_its_sentence() {
    let mut text = String::new();
    for code in CODES {
        line(&mut text, &first_skip(&example(code)));
    }
    let nas = machine("nas");
    let id = key("nas.example.com");
    let (host, id_text) = (id.name.to_string(), nas.to_string());
    let next = Some("2026-03-01T02:20:00Z".parse().unwrap());
    for why in [
        Why::NotSwept { name: host.clone(), machine: id_text.clone(), next },
        Why::NotSwept { name: host.clone(), machine: id_text.clone(), next: None },
        Why::Delegated { name: host, cut: None },
        Why::NoHeartbeat { machine: id_text.clone(), quiet: Unheard::AnHour },
        Why::NoHeartbeat { machine: id_text.clone(), quiet: Unheard::For(SignedDuration::from_hours(50)) },
        Why::NoHeartbeat { machine: id_text, quiet: Unheard::Longer(SignedDuration::from_hours(7 * 24)) },
        Why::ScaleSet { name: "web.example.com".to_owned(), scale_set: scale_set("web").to_string() },
    ] {
        line(&mut text, &Skip::without_row(&id.name, id.record_type, nas.as_str(), &why));
    }
    snapshot!(text);
}

#[test]
fn tags_that_are_gone() {
    let world = World::new().claims("nas", "nas.example.com", "203.0.113.7");
    let mut text = String::new();
    for live in [Live::Tagged(Vec::new()), Live::Gone, Live::Unreadable] {
        line(&mut text, &first_skip(&world.clone().tag("nas", live)));
    }
    line(&mut text, &first_skip(&world.but(|row| row.resource_id = "na\ns".to_owned())));
    snapshot!(text);
}

#[test]
fn sets_that_are_not_ours() {
    let host = "nas.example.com";
    let mut text = String::new();
    let unmarked = World::new().claims("nas", host, "203.0.113.7").stands(host, &["198.51.100.10"]);
    line(&mut text, &first_skip(&unmarked));
    line(&mut text, &first_skip(&unmarked.clone().evidence(&[], &[])));
    let mut never = unmarked;
    never.terms().adopt = Adopt::Never;
    line(&mut text, &first_skip(&never));
    let kept = World::new().claims("new", host, "203.0.113.7").keeps("old", host, &["198.51.100.10"]);
    line(&mut text, &first_skip(&kept));
    let kept = kept.tag("old", Live::Unreadable);
    line(&mut text, &first_skip(&kept));
    line(&mut text, &first_skip(&kept.clone().evidence(&[], &[("old", 3)])));
    let tagged = kept.clone().tag("old", Live::Tagged(vec![host.to_owned()])).evidence(&[], &[("old", 3)]);
    line(&mut text, &first_skip(&tagged));
    for (name, value) in
        [("heartbeat_dns_owner", "dcr-theirs"), ("heartbeat_dns_owner", ""), ("heartbeat_dns_v", "3")]
    {
        let marked = kept.clone().set(&key(host), |set| {
            set.metadata.insert(name.to_owned(), value.to_owned());
        });
        line(&mut text, &first_skip(&marked));
    }
    snapshot!(text);
}

#[test]
fn brakes() {
    let mut text = String::new();
    let mut world = (1..=10).fold(World::new(), |world, house| {
        let host = format!("h{house}.example.com");
        world.claims(&host, &host, &format!("203.0.113.{house}")).keeps(
            &host,
            &host,
            &[&format!("198.51.100.{house}")],
        )
    });
    for row in &mut world.case.rows {
        row.first_beat = row.heartbeat_time.map(|time| time - SignedDuration::from_mins(1));
    }
    world.case.history.zones.entry(zone("example.com")).or_default().distinct_present = 30;
    line(&mut text, &first_skip(&world));
    let (now, base) = (world.now, World::new());
    let mut blind = |change: &dyn Fn(&mut World)| {
        let mut world = base.clone();
        change(&mut world);
        for brake in world.plan().brakes {
            writeln!(text, "{}: {}", brake.brake.as_str(), brake.because).unwrap();
        }
    };
    blind(&|world| world.case.partial = true);
    blind(&|world| world.case.history.tags_marker = None);
    blind(&|world| world.case.history.zones.clear());
    blind(&|world| {
        for zone in world.case.history.zones.values_mut() {
            zone.marker = Some(now - minutes(400));
        }
    });
    blind(&|world| world.case.history.newest_heartbeat = None);
    blind(&|world| world.case.history.newest_heartbeat = Some(now - minutes(40)));
    blind(&|world| (world.case.history.heard_before, world.case.history.lost) = (100, 80));
    let mut unread = World::new().claims("nas", "nas.example.com", "203.0.113.7");
    unread.case.known = pure::plan::Known::default();
    line(&mut text, &first_skip(&unread));
    snapshot!(text);
}

#[test]
fn what_could_not_be_read() {
    let (host, because) = ("nas.example.com", || "504 GatewayTimeout".to_owned());
    let world = World::new().claims("nas", host, "203.0.113.7").stands(host, &["198.51.100.10"]);
    let mut text = String::new();
    let mut without = |learn: &dyn Fn(&mut Known)| {
        let mut world = world.clone();
        learn(&mut world.case.known);
        line(&mut text, &first_skip(&world));
    };
    without(&|known| known.learn_tag(&machine("nas"), Answer::Unavailable(because())));
    without(&|known| known.learn_cuts(zone("example.com"), Answer::Unavailable(because())));
    without(&|known| known.learn_set(key(host), Answer::Unavailable(because())));
    without(&|known| known.learn_evidence(key(host), Answer::Unavailable(because())));
    line(&mut text, &first_skip(&world.set(&key(host), |set| set.etag.clear())));
    snapshot!(text);
}

#[test]
fn two_machines_of_one_name_are_told_apart() {
    let host = "nas.example.com";
    let mut world = World::new().claims("nas", host, "203.0.113.7").claims("nas2", host, "203.0.113.8");
    let other = machine("nas").as_str().replace("rg-edge", "rg-other");
    let id = pure::domain::ResourceId::parse(&other).unwrap();
    world.case.known.learn_tag(&id, Answer::Known(Live::Tagged(vec![host.to_owned()])));
    let skip = first_skip(&world.but(|row| row.resource_id = other));
    assert!(skip.because.contains("rg-other") && skip.because.contains("rg-edge"), "{}", skip.because);
}

#[test]
fn a_conflict_says_what_stays_published() {
    let host = "nas.example.com";
    let world = World::new().claims("a", host, "203.0.113.7").claims("b", host, "203.0.113.8");
    for (present, stays) in [
        (&[][..], "nothing is published until"),
        (&["198.51.100.10"], "198.51.100.10 stays until"),
        (&["198.51.100.10", "198.51.100.11"], "198.51.100.10 and 198.51.100.11 stay until"),
    ] {
        let world = if present.is_empty() { world.clone() } else { world.clone().keeps("a", host, present) };
        let skip = first_skip(&world);
        let claims = "203.0.113.7 (a) and 203.0.113.8 (b)";
        assert!(skip.because.contains(&format!("{claims}; {stays} ")), "{}", skip.because);
    }
}
