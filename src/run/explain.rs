//! One name explained: everything that is known of it, asked of all its owners at once. Each part may fail by itself.

mod braked;
mod dangling;
mod keys;
mod left;
mod live_tags;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use ipnet::IpNet;
use tokio::time::Instant;

use super::absent_zone::AbsentZone;
use super::decide::{READING, plan};
use super::fleet::Fleet;
use super::fulfil::{Asker, fulfil};
use super::installation::Installation;
use super::missed::{self, Missed};
use super::observe::observe;
use super::past::{Remembered, remembered};
use super::request::Request;
use super::served::{Asking, Delegation, Served};
use super::trouble::Trouble;
use super::unlogged::unlogged;
use crate::azure::resource_graph::{Misspelt, TagKeys};
use crate::azure::{Azure, TagChange, Write};
use crate::clock;
use crate::queries::{self, Past, Stretch};
use pure::domain::{HostName, NameSet, RecordId, RecordSet, ResourceId, ZoneId, ZoneKind};
use pure::plan::explanation::unjudged;
use pure::plan::report::Moves;
use pure::plan::{self, Answer, Case, Explanation, Live, Needs, Policy, Sentence};

pub use dangling::Dangling;
pub use live_tags::{LiveTags, live_tags};

/// How far back heartbeats are told.
const HEARD: Duration = Duration::from_secs(24 * 3600);

/// A part of what is known, or why it is not.
pub type Part<T> = Result<T, Trouble>;

/// Everything that is known of a name.
#[derive(Debug)]
pub struct Explained {
    /// The name.
    pub name: HostName,
    /// Its zone, of two the public one; none where no managed one holds it.
    pub zone: Option<ZoneId>,
    /// Its record sets, one at least.
    pub record_sets: Vec<Explanation>,
    /// Why no verdict can be told, if so.
    pub unjudged: Option<Trouble>,
    /// What was read in vain on the way to the verdict; the names that rest on it are blind.
    pub troubles: Vec<Trouble>,
    /// Its zone, or the one of the settings that is nearly its own, where that does not exist.
    pub absent_zone: Option<AbsentZone>,
    /// Why nobody claims it, if so.
    pub nobodys: Option<Nobodys>,
    /// What its machines said within the day, the newest first.
    pub heard: Part<Vec<Stretch>>,
    /// The changes of their tags.
    pub tags: Part<Vec<TagChange>>,
    /// What is known of the zones that hold it, one of each kind at most.
    pub sides: Vec<Side>,
    /// The writes that landed, the newest first.
    pub past: Part<Remembered>,
    /// Those that only the marks of its sets tell of.
    pub unlogged: Vec<Past>,
    /// Those of its sets that lead to another machine by now.
    pub dangling: Part<Vec<Dangling>>,
    /// What still holds the addresses that the name has left; none where it left none or nobody wants to know.
    pub moves: Part<Option<Moves>>,
    /// The newest tries that were in vain, within the day.
    pub missed: Vec<Missed>,
    /// The tag by which machines claim names.
    pub tag: String,
    /// This installation, as marks name it.
    pub owner: String,
    /// The keys under which machines carry names, where the name stands in a tag of another key.
    pub keys: TagKeys,
    /// What the tags of its machines hold.
    pub live_tags: LiveTags,
}

impl Explained {
    /// What is known of the zone of one of its record sets.
    #[must_use]
    pub fn side_of(&self, set: &Explanation) -> Option<&Side> {
        self.sides.iter().find(|side| set.zone.as_ref() == Some(&side.zone))
    }
}

/// One of the zones that hold a name.
#[derive(Debug)]
pub struct Side {
    /// The zone.
    pub zone: ZoneId,
    /// What each name server answers now.
    pub served: Part<Vec<Served>>,
    /// Whom the parent names.
    pub delegation: Part<Delegation>,
    /// Writes that the zone takes in this minute, and in any; none without a pace.
    pub quota: Option<(usize, usize)>,
    /// The ranges of addresses that may stand there, of a private one.
    pub ranges: Vec<IpNet>,
}

/// A name that no tagged machine claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nobodys {
    /// Why, in a sentence.
    pub because: Sentence,
    /// Claimed names that may have been meant, the likeliest first.
    pub near: Vec<HostName>,
    /// Whether the policy lets some machine claim it.
    pub is_allowed: bool,
    /// The tag that would claim it.
    pub tag: String,
    /// Machines that would claim it if the key of their tag were spelt right.
    pub misspelt: Vec<Misspelt>,
    /// The machine that it was written for, where a set of ours stands there.
    pub written_for: Option<String>,
    /// Whether that machine does not exist any more.
    pub is_gone: bool,
}

/// The verdict.
struct Opinion {
    record_sets: Vec<Explanation>,
    unjudged: Option<Trouble>,
    troubles: Vec<Trouble>,
    nobodys: Option<Nobodys>,
    missed: Vec<Missed>,
    keys: TagKeys,
    live_tags: LiveTags,
    absent_zone: Option<AbsentZone>,
    /// The record sets that are there.
    sets: Vec<RecordSet>,
}

/// Asks everything about one name, on that side alone where there is one. Nothing is written.
///
/// # Errors
/// When no call can be made at all.
pub async fn explain(
    installation: &Installation,
    name: &HostName,
    side: Option<&ZoneId>,
    deadline: Instant,
) -> Result<Explained, Trouble> {
    let azure = installation.clients.until(deadline)?;
    let settings = &installation.settings;
    let policy = &settings.policy;
    let mut zones: Vec<ZoneId> = policy.zones.of_name(name).map(|zone| zone.id.clone()).collect();
    zones.retain(|zone| side.is_none_or(|side| side == zone));
    let asked = NameSet::of([name.clone()], side);
    let asking = azure.for_a_part(READING);
    let verify_servers = &settings.run.verify_servers;
    let types = policy.record_types();
    let sides = zones.iter().map(async |zone| {
        let asking = Asking { azure: &asking, zone, configured: verify_servers.of(zone) };
        let (served, delegation) = tokio::join!(asking.served(name, &types), asking.delegation());
        (zone.clone(), served, delegation)
    });
    let past = async {
        let found = remembered(installation, &asking, name, side).await?;
        match &found.partial {
            Some(why) => Err(Trouble::of_a_part(why)),
            None => Ok(found),
        }
    };
    let (judged, past, sides) = tokio::join!(
        Box::pin(judge(installation, &azure, (name, &asked), deadline)),
        past,
        Box::pin(join_all(sides))
    );
    let unlogged = past.as_ref().map(|past| unlogged(&judged.sets, &policy.owner, past)).unwrap_or_default();
    let machines = machines(&judged.record_sets);
    let asking = azure.for_a_part(READING);
    let (heard, tags, dangling, moves) = tokio::join!(
        heard(&asking, &machines),
        async { Ok(asking.resource_graph.tag_changes(&machines, &settings.collect.tag).await?) },
        dangling::dangling(installation, &asking, &judged.record_sets),
        left::moves(installation, &asking, (&past, &unlogged), &judged.record_sets, &machines)
    );
    let budget = |zone: &ZoneId| installation.clients.write_budget(zone, Write::Update);
    let sides = sides.into_iter().map(|(zone, served, delegation)| {
        let quota = budget(&zone);
        let ranges = policy.ranges_of(&zone);
        Side { zone, served, delegation, quota, ranges }
    });
    Ok(Explained {
        name: name.clone(),
        tag: settings.collect.tag.clone(),
        owner: policy.owner.clone(),
        keys: judged.keys,
        live_tags: judged.live_tags,
        absent_zone: judged.absent_zone,
        zone: zones.into_iter().next(),
        record_sets: judged.record_sets,
        unjudged: judged.unjudged,
        troubles: judged.troubles,
        nobodys: judged.nobodys,
        heard,
        tags,
        sides: sides.collect(),
        past,
        unlogged,
        dangling,
        moves,
        missed: judged.missed,
    })
}

/// Every machine that has to do with the name: those that claim it, and those for which its sets are marked.
fn machines(record_sets: &[Explanation]) -> BTreeSet<ResourceId> {
    let claiming = record_sets.iter().flat_map(|set| set.claims.iter().map(|claimed| &claimed.machine));
    let marked = record_sets.iter().filter_map(|set| set.record_set.mark.as_ref()).map(|mark| &mark.machine);
    claiming.chain(marked).filter_map(|id| ResourceId::parse(id).ok()).collect()
}

async fn heard(azure: &Azure, machines: &BTreeSet<ResourceId>) -> Part<Vec<Stretch>> {
    if machines.is_empty() {
        return Ok(Vec::new());
    }
    let query = queries::heard_query(machines);
    let table = azure.logs_query.ask(&query, Some(HEARD), &queries::HEARD_COLUMNS).await?;
    match &table.partial {
        Some(why) => Err(Trouble::of_a_part(why)),
        None => Ok(queries::heard(&table.column_names(), &table.rows)),
    }
}

/// The verdict, as the next run would find it.
async fn judge(
    installation: &Installation,
    azure: &Azure,
    (name, asked): (&HostName, &NameSet),
    deadline: Instant,
) -> Opinion {
    let request = Request::of_question(asked.clone());
    // Whatever takes long here, the rest can be told all the same.
    let time = deadline.saturating_duration_since(Instant::now());
    let soon = Instant::now() + time.saturating_sub(time / READING);
    let observed = match observe(installation, &request, soon).await {
        Ok(observed) => observed,
        Err(trouble) => return without_logs(installation, azure, (name, asked), trouble).await,
    };
    let mut planned = Box::pin(plan(installation, request, observed)).await;
    let policy = &installation.settings.policy;
    let asking = azure.for_a_part(READING);
    read_sets(&asking, installation, name, &mut planned.case).await;
    let now = clock::now();
    let rowless: Vec<_> =
        planned.rowless.iter().map(|(_, machine, why)| (machine.clone(), why.clone())).collect();
    // What rows or tags say of the name is judged, be it as blind; where neither was answered, nobody knows.
    let is_spoken_of = planned.unspoken().is_empty() || !rowless.is_empty();
    let unaccounted = || planned.found.troubles.first().filter(|_| planned.is_unaccounted).cloned();
    let unjudged = planned.silence.clone().or_else(unaccounted).filter(|_| !is_spoken_of);
    let mut record_sets = match &unjudged {
        Some(trouble) => unjudged_sets(name, &planned.case, policy, &BTreeSet::new(), trouble),
        None => plan::explain(name, &planned.case, policy, now, &rowless),
    };
    Box::pin(braked::know_whole(installation, &mut record_sets, deadline)).await;
    let written_for = record_sets
        .iter()
        .filter_map(|set| set.record_set.mark.as_ref())
        .find(|mark| mark.is_ours)
        .map(|mark| mark.machine.clone());
    let is_gone = match written_for.as_ref().filter(|_| !planned.unclaimed.is_empty()) {
        Some(machine) => Box::pin(is_gone(&asking, installation, machine, &mut planned.case)).await,
        None => false,
    };
    // A name that was written for a machine is no slip of the pen.
    let near = planned.fleet.as_ref().filter(|_| written_for.is_none());
    let nobodys = planned.unclaimed.first().map(|unclaimed| Nobodys {
        because: match &written_for {
            Some(machine) => plan::report::nobody_claims(name, machine, is_gone),
            None => unclaimed.because.clone().into(),
        },
        near: near.map(|fleet| fleet.near(name)).unwrap_or_default(),
        misspelt: planned.fleet.iter().flat_map(|fleet| fleet.misspelt_for(name)).cloned().collect(),
        written_for: written_for.clone(),
        is_gone,
        is_allowed: policy
            .sides(name.as_str())
            .into_iter()
            .any(|kind| policy.offers(kind, name.as_str()).is_ok()),
        tag: installation.settings.collect.tag.clone(),
    });
    let ids = record_sets.iter().filter_map(|set| {
        Some(RecordId { zone: set.zone.clone()?, name: name.clone(), record_type: set.record_type })
    });
    let mut missed = missed::missed(&planned.case.history, &ids.collect());
    missed::name_locks(&mut missed, &asking).await;
    let keys = Box::pin(keys::keys(installation, &asking, &planned)).await;
    let live_tags = live_tags::of(&asking, installation, machines(&record_sets), &planned.case).await;
    let sets = there(name, &planned.case, policy);
    let troubles = planned.found.troubles.clone();
    // What it is called in the settings is told in the place of what could not be read in it.
    Box::pin(planned.name_missing_zones()).await;
    let absent_zone = planned.absent_zone();
    Opinion { record_sets, unjudged, troubles, nobodys, missed, keys, live_tags, absent_zone, sets }
}

fn unjudged_sets(
    name: &HostName,
    case: &Case,
    policy: &Policy,
    machines: &BTreeSet<ResourceId>,
    trouble: &Trouble,
) -> Vec<Explanation> {
    unjudged(name, case, policy, clock::now(), machines, &trouble.because)
}

/// What is known without the logs: who claims the name, and what stands there.
async fn without_logs(
    installation: &Installation,
    azure: &Azure,
    (name, asked): (&HostName, &NameSet),
    trouble: Trouble,
) -> Opinion {
    let (settings, mut case) = (&installation.settings, Case::default());
    case.asked.named.clone_from(asked);
    let asking = azure.for_a_part(READING);
    let names = BTreeSet::from([name.clone()]);
    let (fleet, ()) = tokio::join!(
        Fleet::read_for(&asking, &settings.collect, &settings.policy, &names),
        read_sets(&asking, installation, name, &mut case)
    );
    let (machines, troubles) = match fleet {
        Ok(fleet) => (fleet.claimants(name).clone(), Vec::new()),
        Err(error) => (BTreeSet::new(), vec![Trouble::of(&error)]),
    };
    let record_sets = unjudged_sets(name, &case, &settings.policy, &machines, &trouble);
    let sets = there(name, &case, &settings.policy);
    let (missed, keys, live_tags) = (Vec::new(), TagKeys::default(), LiveTags::new());
    let gone = troubles.iter().chain([&trouble]).find_map(Trouble::missing_zone);
    let absent_zone = gone.map(AbsentZone::Deleted);
    let unjudged = Some(trouble);
    Opinion { record_sets, unjudged, troubles, nobodys: None, missed, keys, live_tags, absent_zone, sets }
}

/// The record sets of a name that were found.
fn there(name: &HostName, case: &Case, policy: &Policy) -> Vec<RecordSet> {
    let read = |id| match case.known.set(&id) {
        Some(Answer::Known(read)) => read.set.clone(),
        _ => None,
    };
    let mut ids = policy.record_sets_of(name);
    ids.retain(|id| !case.asked.named.leaves_out(&id.zone, name));
    ids.into_iter().filter_map(read).collect()
}

/// Reads what stands there of the sets of which nothing is known yet, and the cuts of its public zone.
async fn read_sets(azure: &Azure, installation: &Installation, name: &HostName, case: &mut Case) {
    let policy = &installation.settings.policy;
    let mut needs = Needs { sets: policy.record_sets_of(name).into_iter().collect(), ..Needs::default() };
    let asked = case.asked.named.clone();
    needs.sets.retain(|id| case.known.set(id).is_none() && asked.holds(id));
    // A private zone has none.
    let public = policy.zones.longest_of(ZoneKind::Public, name).map(|zone| &zone.id);
    let public = public.filter(|zone| case.known.cuts(zone).is_none() && asked.has(zone, name));
    needs.cuts.extend(public.cloned());
    learn(azure, installation, &needs, case).await;
}

/// Whether Azure says that a machine does not exist any more; what cannot be asked is not said.
async fn is_gone(azure: &Azure, installation: &Installation, machine: &str, case: &mut Case) -> bool {
    let Ok(machine) = ResourceId::parse(machine) else { return false };
    let needs = Needs { machines: [machine.clone()].into(), ..Needs::default() };
    if case.known.tag(&machine).is_none() {
        learn(azure, installation, &needs, case).await;
    }
    case.known.tag(&machine).and_then(Answer::known) == Some(&Live::Gone)
}

async fn learn(azure: &Azure, installation: &Installation, needs: &Needs, case: &mut Case) {
    let (history, naming, settings) = (&case.history, &BTreeSet::new(), &installation.settings);
    let (policy, tag) = (&settings.policy, settings.collect.tag.as_str());
    let learned = fulfil(Asker { azure, history, tag, policy, subscriptions: &[], naming }, needs).await;
    case.known.extend(learned.known);
}
