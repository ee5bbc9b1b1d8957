//! The sweep of the tags: one row for each machine, name and zone.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use futures::StreamExt;
use jiff::Timestamp;

use super::outbox::Outbox;
use super::progress::SweepProgress;
use crate::azure::logs_ingest::TAG_DATA;
use crate::azure::resource_graph::Machine;
use crate::azure::{Azure, Error, Kind, moment};
use crate::config::Settings;
use crate::queries::{self, OwnerId};
use crate::vanished::{self, Doubt, Listed};
use pure::domain::{TagRow, split_tag};
use pure::plan::{History, Particulars, Policy, Proposal, TagName};

/// Reads and sends all tags. Machines that come and go while the pages are read make the list doubtful; it is then
/// read once more, under a later marker, which makes the rows of the first reading not count.
///
/// A list that lacks too many machines of the sweep before ends without a marker.
pub(super) async fn sweep(
    azure: &Azure,
    settings: &Settings,
    history: Option<&History>,
    run: &str,
    progress: &SweepProgress,
) -> Result<(Timestamp, u64), Failed> {
    match once(azure, settings, history, run, progress).await {
        Err(Failed::Call(error)) if error.kind() == Kind::Changed => {
            once(azure, settings, history, run, progress).await
        }
        result => result,
    }
}

async fn once(
    azure: &Azure,
    settings: &Settings,
    history: Option<&History>,
    run: &str,
    progress: &SweepProgress,
) -> Result<(Timestamp, u64), Failed> {
    let start = moment();
    let mut outbox = Outbox::new(&azure.logs_ingest, TAG_DATA);
    let mut listed = Listed::default();
    let mut unreadable = Vec::new();
    let shared = Shared::of(&settings.policy, run);
    let collect = &settings.collect;
    let asks = settings.policy.asks_particulars();
    let mut pages = std::pin::pin!(azure.resource_graph.machines(&collect.subscriptions, &collect.tag));
    while let Some(page) = pages.next().await {
        let page = page?;
        for machine in &page.machines {
            listed.insert(&machine.id);
            for name in names(machine, &settings.policy, asks) {
                outbox.push(&shared.row(machine, &name, page.sent_at)).await?;
            }
        }
        progress.machines.fetch_add(page.machines.len() as u64, Relaxed);
        unreadable.extend(page.unreadable.into_iter().map(|(machine, _)| (machine, page.sent_at)));
    }
    keep_claims(azure, settings, &unreadable, (&shared, &mut listed, &mut outbox)).await?;
    vanished::check(azure, settings, history, &listed).await.map_err(Failed::Doubt)?;
    Ok((start, outbox.finish(&TagRow::marker(start, &settings.policy.owner, run)).await?))
}

/// Sends again what the sweep before knew of machines that do not show their tags: with the marker their claims would end, and
/// their names would be nobody's instead of blind.
async fn keep_claims(
    azure: &Azure,
    settings: &Settings,
    unreadable: &[(Machine, Timestamp)],
    (shared, listed, outbox): (&Shared<'_>, &mut Listed, &mut Outbox),
) -> Result<(), Failed> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let query = queries::claims_query(&OwnerId::new(&settings.policy.owner));
    let timespan = Some(settings.run.query_timespan);
    let table = azure.logs_query.ask(&query, timespan, &queries::CLAIMS_COLUMNS).await?;
    if let Some(why) = table.partial {
        return Err(Failed::Forgotten(why));
    }
    let claims = queries::claims(&table.column_names(), &table.rows);
    for (machine, sent_at) in unreadable {
        listed.insert(&machine.id);
        let own = claims.iter().filter(|claim| claim.machine == machine.id.lower());
        // A name in two zones is told once for each by its name alone.
        let names: BTreeSet<&str> = own.map(|claim| claim.name.as_str()).collect();
        for name in names {
            for name in TagName::of_sides(Proposal::of(name, Some(&machine.id)), &settings.policy) {
                outbox.push(&shared.row(machine, &name, *sent_at)).await?;
            }
        }
    }
    Ok(())
}

/// Why a sweep of the tags has no marker.
#[derive(Debug)]
pub(super) enum Failed {
    /// A call failed.
    Call(Error),
    /// The answer cannot be believed.
    Doubt(Doubt),
    /// What machines claimed that do not show their tags is not known, and why.
    Forgotten(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Failed {
    /// For the log, with every cause.
    pub(super) fn logged(&self) -> String {
        match self {
            Self::Call(error) => error.chain(),
            Self::Doubt(doubt) => doubt.logged(),
            Self::Forgotten(_) => self.to_string(),
        }
    }
}

/// For people outside, with what to do.
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => f.write_str(&error.for_people()),
            Self::Doubt(doubt) => doubt.fmt(f),
            Self::Forgotten(why) => write!(
                f,
                "what machines claim that do not show their tags is asked of the logs, and a query gave only part of its rows: {why}"
            ),
        }
    }
}

/// The names of a machine: one row for each and zone, with the verdict of the static rules.
///
/// A tag without any name gives no row: what it said before ends with the next marker.
fn names(machine: &Machine, policy: &Policy, asks: bool) -> Vec<TagName> {
    let mut particulars = Particulars::default();
    if asks {
        particulars.learn(&machine.id, &machine.location, &machine.tags, machine.groups.as_ref());
    }
    let claimed = policy.claimed(machine.tag_values.clone(), &machine.id, &particulars).unwrap_or_default();
    let texts = claimed.iter().flat_map(|value| split_tag(value));
    let proposal = |text| Proposal::of(text, Some(&machine.id)).with(&particulars);
    let mut names: Vec<_> = texts.flat_map(|text| TagName::of_sides(proposal(text), policy)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the rows of a sweep share.
struct Shared<'a> {
    owner: &'a str,
    run: &'a str,
}

impl<'a> Shared<'a> {
    fn of(policy: &'a Policy, run: &'a str) -> Self {
        Self { owner: &policy.owner, run }
    }

    fn row<'r>(&'r self, machine: &'r Machine, name: &'r TagName, sent_at: Timestamp) -> TagRow<&'r str> {
        TagRow {
            time_generated: sent_at,
            id: machine.id.as_str(),
            host_name: &name.stored,
            zone_id: &name.zone,
            skip: name.skip,
            types: &name.types,
            prefixes: &name.prefixes,
            is_multi: name.is_multi,
            name: &machine.name,
            resource_type: &machine.resource_type,
            location: &machine.location,
            run: self.run,
            installation: self.owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use pure::domain::{ResourceId, ZoneId, Zones};
    use pure::plan::{Grant, Terms};

    fn policy() -> Policy {
        let zone = |name: &str| {
            ZoneId::parse(&format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}"
            ))
            .unwrap()
        };
        let zones = Zones::new([zone("example.com"), zone("home.example.com")]).unwrap();
        let names = ["*.home.example.com", "nas.example.com"].map(|name| name.parse().unwrap());
        Policy::new(zones, [Grant::everywhere(names, Terms::default())], "us")
    }

    /// What a name is stored as is the business of [`TagName`].
    #[test]
    fn each_name_is_a_row_of_its_own_and_doubles_are_one() {
        let id = "/subscriptions/s/resourceGroups/G/providers/Microsoft.HybridCompute/machines/M";
        let values =
            ["NAS.example.com., pc.home.example.com;wpad.home.example.com", "nas.EXAMPLE.com", "  ", ""];
        let machine = Machine {
            id: ResourceId::parse(id).unwrap(),
            name: "M".to_owned(),
            resource_type: "microsoft.hybridcompute/machines".to_owned(),
            location: "westeurope".to_owned(),
            tag_values: values.map(str::to_owned).into(),
            tags: BTreeMap::new(),
            hardware: None,
            other_tag: None,
            groups: None,
        };
        let (policy, names) = (policy(), names(&machine, &policy(), false));
        let shared = Shared::of(&policy, "run");
        let rows: Vec<_> =
            names.iter().map(|name| shared.row(&machine, name, Timestamp::UNIX_EPOCH)).collect();
        for row in &rows {
            assert_eq!((row.time_generated, row.id, row.types), (Timestamp::UNIX_EPOCH, id, "A"));
            assert_eq!(
                (row.name, row.resource_type, row.location),
                ("M", machine.resource_type.as_str(), "westeurope")
            );
            assert_eq!((row.run, row.installation), ("run", "us"));
        }
        let zone = |row: &TagRow<&str>| row.zone_id.rsplit('/').next().unwrap().to_owned();
        let shown: Vec<_> = rows.iter().map(|row| (row.host_name, zone(row), row.skip)).collect();
        let expected = [
            ("nas.example.com", "example.com", ""),
            ("pc.home.example.com", "home.example.com", ""),
            ("wpad.home.example.com", "home.example.com", "name-reserved"),
        ];
        assert_eq!(shown, expected.map(|(name, zone, skip)| (name, zone.to_owned(), skip)));
        let none = Machine { tag_values: vec![" ,; ".to_owned()], ..machine };
        assert!(super::names(&none, &policy, false).is_empty());
    }
}
