//! The world as it was some time ago, for a name server that lags: a copy that learns each change late.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use crate::World;
use crate::world::{RecordSet, RecordType, Zone};

/// One difference between two states of the world, as far as a name server tells them apart.
#[derive(Debug)]
enum Change {
    /// A zone was made, or is another one.
    Zone(String, Box<Zone>),
    /// A zone is gone.
    NoZone(String),
    /// A record set of a zone was written.
    Set(String, Box<RecordSet>),
    /// A record set of a zone is gone.
    NoSet(String, (String, RecordType)),
    /// The addresses that aliases can follow.
    PublicIps(BTreeMap<String, IpAddr>),
}

/// A copy of the world that is behind by a fixed time.
#[derive(Debug)]
pub(super) struct Follower {
    lag: Duration,
    behind: Mutex<Behind>,
}

#[derive(Debug)]
struct Behind {
    world: World,
    /// What the copy does not know yet, oldest first.
    ahead: VecDeque<(Instant, Arc<Vec<Change>>)>,
}

impl Follower {
    /// Looks at the world as it was.
    pub(super) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while let Some((noted, changes)) = behind.ahead.pop_front() {
            if now.duration_since(noted) < self.lag {
                behind.ahead.push_front((noted, changes));
                break;
            }
            apply(&mut behind.world, &changes);
        }
        look(&behind.world)
    }
}

/// All followers, and the newest world that they were told of.
#[derive(Debug, Default)]
pub(super) struct Followers {
    newest: Option<World>,
    all: Vec<Weak<Follower>>,
}

impl Followers {
    /// Makes a follower; what stands in the world by now it knows at once.
    pub(super) fn add(&mut self, world: &World, lag: Duration) -> Arc<Follower> {
        let newest = self.newest.get_or_insert_with(|| copy(world));
        let behind = Behind { world: newest.clone(), ahead: VecDeque::new() };
        let follower = Arc::new(Follower { lag, behind: Mutex::new(behind) });
        self.all.push(Arc::downgrade(&follower));
        follower
    }

    /// Tells the followers what is new. Costs a comparison with the whole world, but only while there are any.
    pub(super) fn note(&mut self, world: &World) {
        self.all.retain(|follower| follower.strong_count() > 0);
        if self.all.is_empty() {
            self.newest = None;
        }
        let Some(newest) = &mut self.newest else { return };
        let changes = differences(newest, world);
        if changes.is_empty() {
            return;
        }
        apply(newest, &changes);
        let (now, changes) = (Instant::now(), Arc::new(changes));
        for follower in self.all.iter().filter_map(Weak::upgrade) {
            let mut behind = follower.behind.lock().unwrap_or_else(PoisonError::into_inner);
            behind.ahead.push_back((now, Arc::clone(&changes)));
        }
    }
}

/// The part of the world that a name server looks at.
fn copy(world: &World) -> World {
    World { zones: world.zones.clone(), public_ips: world.public_ips.clone(), ..World::empty() }
}

fn differences(old: &World, new: &World) -> Vec<Change> {
    let mut changes = Vec::new();
    for key in old.zones.keys().filter(|key| !new.zones.contains_key(*key)) {
        changes.push(Change::NoZone(key.clone()));
    }
    for (key, zone) in &new.zones {
        let Some(before) = old.zones.get(key).filter(|before| before.name_servers == zone.name_servers)
        else {
            changes.push(Change::Zone(key.clone(), Box::new(zone.clone())));
            continue;
        };
        for gone in before.record_sets.keys().filter(|set| !zone.record_sets.contains_key(*set)) {
            changes.push(Change::NoSet(key.clone(), gone.clone()));
        }
        for (name, set) in zone.record_sets.iter() {
            if !before.record_sets.get(name).is_some_and(|before| before.same_content(set)) {
                changes.push(Change::Set(key.clone(), Box::new(set.clone())));
            }
        }
    }
    if old.public_ips != new.public_ips {
        changes.push(Change::PublicIps(new.public_ips.clone()));
    }
    changes
}

fn apply(world: &mut World, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Zone(key, zone) => {
                world.zones.insert(key.clone(), zone.as_ref().clone());
            }
            Change::NoZone(key) => {
                world.zones.remove(key);
            }
            Change::Set(key, set) => {
                if let Some(zone) = world.zones.get_mut(key) {
                    Arc::make_mut(&mut zone.record_sets).insert(set.key(), set.as_ref().clone());
                }
            }
            Change::NoSet(key, set) => {
                if let Some(zone) = world.zones.get_mut(key) {
                    Arc::make_mut(&mut zone.record_sets).remove(set);
                }
            }
            Change::PublicIps(addresses) => world.public_ips.clone_from(addresses),
        }
    }
}
