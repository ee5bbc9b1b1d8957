//! The sweep of the tags: one row for each machine and name.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use futures::StreamExt;
use jiff::Timestamp;

use super::outbox::Outbox;
use super::progress::Progress;
use super::vanished::{self, Doubt, Listed};
use crate::azure::logs_ingest::TAG_DATA;
use crate::azure::resource_graph::Machine;
use crate::azure::{Azure, Error, Kind, moment};
use crate::config::Settings;
use pure::domain::{TagRow, split_tag};
use pure::plan::{History, Policy, TagName};

/// Reads and sends all tags. Machines that come and go while the pages are read make the list doubtful; it is then
/// read once more, under a later marker, which makes the rows of the first reading not count.
///
/// A list that lacks too many machines of the sweep before ends without a marker.
pub(super) async fn sweep(
    azure: &Azure,
    settings: &Settings,
    history: Option<&History>,
    run: &str,
    progress: &Progress,
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
    progress: &Progress,
) -> Result<(Timestamp, u64), Failed> {
    let start = moment();
    let mut outbox = Outbox::new(&azure.logs_ingest, TAG_DATA);
    let mut listed = Listed::default();
    let collect = &settings.collect;
    let mut pages = std::pin::pin!(azure.resource_graph.machines(&collect.subscriptions, &collect.tag));
    while let Some(page) = pages.next().await {
        let page = page?;
        for machine in &page.machines {
            listed.insert(&machine.id);
            for row in rows(machine, &settings.policy, page.sent_at, run) {
                outbox.push(&row).await?;
            }
        }
        progress.machines.fetch_add(page.machines.len() as u64, Relaxed);
    }
    vanished::check(azure, settings, history, &listed).await.map_err(Failed::Doubt)?;
    Ok((start, outbox.finish(&TagRow::marker(start, &settings.policy.owner, run)).await?))
}

/// Why a sweep of the tags has no marker.
#[derive(Debug)]
pub(super) enum Failed {
    /// A call failed.
    Call(Error),
    /// The answer cannot be believed.
    Doubt(Doubt),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// For people, with what to do.
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => f.write_str(&error.chain()),
            Self::Doubt(doubt) => doubt.fmt(f),
        }
    }
}

/// The rows of a machine: one for each name of its tag, with the verdict of the static rules.
///
/// A tag without any name gives no row: what it said before ends with the next marker.
fn rows(machine: &Machine, policy: &Policy, sent_at: Timestamp, run: &str) -> Vec<TagRow> {
    let types: Vec<_> = policy.record_types.iter().map(|record_type| record_type.as_str()).collect();
    let names: BTreeSet<TagName> = machine
        .tag_values
        .iter()
        .flat_map(|value| split_tag(value))
        .map(|text| TagName::of(text, policy))
        .collect();
    let row = |named: TagName| TagRow {
        time_generated: sent_at,
        id: machine.id.to_string(),
        host_name: named.stored,
        zone_id: named.zone,
        skip: named.skip.to_owned(),
        types: types.join(","),
        name: machine.name.clone(),
        resource_type: machine.resource_type.clone(),
        location: machine.location.clone(),
        run: run.to_owned(),
        installation: policy.owner.clone(),
    };
    names.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::{ResourceId, ZoneId, Zones};

    fn policy() -> Policy {
        let zone = |name: &str| {
            ZoneId::parse(&format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}"
            ))
            .unwrap()
        };
        let zones = Zones::new([zone("example.com"), zone("home.example.com")]).unwrap();
        Policy::new(zones, ["*.home.example.com", "nas.example.com"].map(|name| name.parse().unwrap()), "us")
    }

    fn rows_of(values: &[&str]) -> Vec<(String, String, String)> {
        let id = "/subscriptions/s/resourceGroups/G/providers/Microsoft.HybridCompute/machines/M";
        let machine = Machine {
            id: ResourceId::parse(id).unwrap(),
            name: "M".to_owned(),
            resource_type: "microsoft.hybridcompute/machines".to_owned(),
            location: "westeurope".to_owned(),
            tag_values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let short = |zone: &str| zone.rsplit('/').next().unwrap().to_owned();
        let rows = rows(&machine, &policy(), Timestamp::UNIX_EPOCH, "run");
        assert!(
            rows.iter()
                .all(|row| row.id == id && row.types == "A" && row.run == "run" && row.installation == "us")
        );
        rows.into_iter().map(|row| (row.host_name, short(&row.zone_id), row.skip)).collect()
    }

    #[test]
    fn several_names_are_rows_of_their_own_with_zone_and_verdict() {
        let rows = rows_of(&[
            "NAS.example.com., pc.home.example.com;www.example.com example.net wpad.home.example.com",
        ]);
        let expected = [
            ("example.net", "", "no-zone"),
            ("nas.example.com", "example.com", ""),
            ("pc.home.example.com", "home.example.com", ""),
            ("wpad.home.example.com", "home.example.com", "name-reserved"),
            ("www.example.com", "example.com", "name-not-allowed"),
        ];
        let shown: Vec<_> =
            rows.iter().map(|(name, zone, skip)| (name.as_str(), zone.as_str(), skip.as_str())).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn nonsense_is_kept_and_doubles_are_one() {
        let rows =
            rows_of(&["*.home.example.com,a_b.example.com", "home.example.com,HOME.example.com", "  ", ""]);
        let shown: Vec<_> = rows.iter().map(|(name, _, skip)| (name.as_str(), skip.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("*.home.example.com", "wildcard"),
                ("a_b.example.com", "name-invalid"),
                ("home.example.com", "apex")
            ]
        );
    }
}
