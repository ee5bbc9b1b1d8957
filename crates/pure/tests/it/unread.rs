//! Names that move to one address, with a log that lags: whichever of their sets cannot be read, nothing more moves.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use pure::plan::Answer;

use super::any_world::config;
use super::world::{World, key};

const PLACES: [&str; 5] = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "203.0.113.99"];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_set_that_cannot_be_read_opens_no_brake(
        names in prop::collection::vec((select(&PLACES[..4]), select(&["", PLACES[0], PLACES[1], PLACES[4]][..])), 2..6),
        max_sources in 0..4usize,
        which in any::<Index>(),
    ) {
        let mut world = names.iter().enumerate().fold(World::new(), |world, (index, (live, logged))| {
            let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
            let world = world.claims(&who, &host, PLACES[4]).keeps(&who, &host, &[live]);
            world.but(|row| row.dns_ip = (*logged).to_owned())
        });
        world.policy.max_sources = max_sources;
        let before = world.plan().changes;
        let unread = key(&format!("m{}.example.com", which.index(names.len())));
        world.case.known.learn_set(unread, Answer::Unavailable("504".to_owned()));
        for change in world.plan().changes {
            prop_assert!(before.contains(&change), "{:?}", change.id);
        }
    }
}
