//! The names that tags claim at this moment, as Resource Graph has them: who was never heard, and how much is right.

use std::collections::{BTreeMap, BTreeSet};

use super::trouble::Trouble;
use crate::azure::resource_graph::{Likeness, MachinesPage, Misspelt, TagKeys};
use crate::azure::{Azure, Error};
use crate::config::Collect;
use crate::vanished::Listed;
use futures::{Stream, StreamExt};
use pure::domain::{
    HostName, MachineKind, NameSet, RecordId, RecordType, ResourceId, ZoneKind, distance, split_tag,
};
use pure::plan::blindness::{Blindness, Wanted};
use pure::plan::report::Unclaimed;
use pure::plan::{Particulars, Placed, Policy, Proposal, TagName, Why};

/// Names that one question may hold; more have the whole fleet read.
pub(super) const FEW: usize = 20;
/// Slips of the pen in a name that is still taken for another one.
const SLIPS: usize = 2;
/// Names of a call of which it is guessed what was meant: each guess looks at every claimed name.
const GUESSES: usize = 20;
/// What claims a name that nobody claims.
const NOBODY: &BTreeSet<ResourceId> = &BTreeSet::new();

/// The tagged machines, each with its names as written, and what is counted of them.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    tags: BTreeMap<ResourceId, BTreeSet<String>>,
    /// The machines by the names that they claim, as far as these are names.
    claims: BTreeMap<HostName, BTreeSet<ResourceId>>,
    /// What the policy asks of them besides.
    pub(super) particulars: Particulars,
    /// The same machines, for the comparison with the sweep before; none where only those were asked for that may claim
    /// certain names.
    pub(super) listed: Option<Listed>,
    /// Machines of which it is not known what they claim, each with why.
    pub(super) unreadable: BTreeMap<ResourceId, String>,
    /// Scale sets that carry the tag, each with its names as written: none of them can have a name.
    scale_sets: BTreeMap<ResourceId, BTreeSet<String>>,
    /// Machines without the tag that carry one whose key is nearly the same.
    pub(super) misspelt: Vec<Misspelt>,
    /// The keys under which its machines carry names.
    pub(super) keys: TagKeys,
    /// Whether some row named no machine: then nobody can say that a name is claimed by none.
    is_strange: bool,
    /// Names that somebody asks about alone: another side of one is not looked at.
    pub(super) asked: NameSet,
    /// Names that the log knows to be claimed.
    pub(super) logged: BTreeSet<HostName>,
    /// What was counted, once it was.
    pub(super) counts: Option<Counts>,
}

/// How the names that tags claim stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Names that are in sync, by the rule of [`pure::plan::standing`].
    pub(super) in_sync: BTreeSet<HostName>,
    /// Machines (lower case) that were not heard within the hour.
    pub(super) silent: BTreeSet<String>,
    /// Names claimed since the newest sweep, of which the log knows nothing yet.
    pub(super) unknown: BTreeSet<HostName>,
}

impl Fleet {
    /// Reads all tagged machines.
    pub(super) async fn read(azure: &Azure, collect: &Collect, policy: &Policy) -> Result<Self, Error> {
        let pages = azure.resource_graph.machines(&collect.subscriptions, &collect.tag);
        let mut fleet = Self::of(pages, policy).await?;
        let mut listed = Listed::default();
        fleet.tags.keys().chain(fleet.unreadable.keys()).for_each(|machine| listed.insert(machine));
        fleet.listed = Some(listed);
        Ok(fleet)
    }

    /// Reads the machines that may claim one of these names. A fleet has a page for each thousand of all.
    pub(super) async fn read_for(
        azure: &Azure,
        collect: &Collect,
        policy: &Policy,
        names: &BTreeSet<HostName>,
    ) -> Result<Self, Error> {
        // Where a template names machines, no tag shows who claims a name.
        if names.len() > FEW || policy.template.is_some() {
            return Self::read(azure, collect, policy).await;
        }
        Self::claiming(azure, &collect.subscriptions, &collect.tag, policy, names).await
    }

    /// Reads the machines that may claim one of these names, for whoever looks at those names alone.
    pub(super) async fn claiming(
        azure: &Azure,
        subscriptions: &[String],
        tag: &str,
        policy: &Policy,
        names: &BTreeSet<HostName>,
    ) -> Result<Self, Error> {
        let graph = &azure.resource_graph;
        // Where a template names machines, no tag shows who claims a name.
        if names.len() > FEW || policy.template.is_some() {
            return Self::of(graph.machines(subscriptions, tag), policy).await;
        }
        Self::of(graph.machines_naming(subscriptions, tag, names), policy).await
    }

    async fn of(
        pages: impl Stream<Item = Result<MachinesPage, Error>>,
        policy: &Policy,
    ) -> Result<Self, Error> {
        let (mut fleet, asks) = (Self::default(), policy.asks_particulars());
        let mut pages = std::pin::pin!(pages);
        while let Some(page) = pages.next().await {
            let page = page?;
            fleet.is_strange |= page.is_strange;
            fleet.keys.count(&page);
            let is_slip = |misspelt: &Misspelt| misspelt.tag.likeness == Likeness::Key;
            fleet.misspelt.extend(page.misspelt.into_iter().filter(is_slip));
            fleet.unreadable.extend(page.unreadable.into_iter().map(|(machine, why)| (machine.id, why)));
            for scale_set in page.scale_sets {
                let names = scale_set.tag_values.iter().flat_map(|value| split_tag(value));
                fleet.scale_sets.insert(scale_set.id, names.map(str::to_owned).collect());
            }
            for machine in page.machines {
                let (id, location, groups) = (&machine.id, &machine.location, machine.groups.as_ref());
                if asks {
                    fleet.particulars.learn(id, location, &machine.tags, groups);
                }
                let claimed = policy.claimed(machine.tag_values, id, &fleet.particulars).unwrap_or_default();
                let names = claimed.iter().flat_map(|value| split_tag(value)).map(str::to_owned);
                fleet.insert(id, names.collect());
            }
        }
        Ok(fleet)
    }

    fn insert(&mut self, machine: &ResourceId, texts: BTreeSet<String>) {
        for name in texts.iter().filter_map(|text| HostName::parse(text).ok()) {
            self.claims.entry(name).or_default().insert(machine.clone());
        }
        self.tags.entry(machine.clone()).or_default().extend(texts);
    }

    /// The machines whose tags hold the name, in any spelling of it.
    pub(super) fn claimants(&self, name: &HostName) -> &BTreeSet<ResourceId> {
        self.claims.get(name).unwrap_or(NOBODY)
    }

    /// Whether it is known of every machine what it claims.
    pub(super) fn is_whole(&self) -> bool {
        self.unreadable.is_empty() && !self.is_strange
    }

    /// Of whom it is not known what they claim: the first such machine, and a row that names none.
    pub(super) fn unseen(&self) -> Vec<Blindness> {
        let unavailable =
            |wanted, because: &str| Blindness::Unavailable { wanted, because: because.to_owned() };
        let machine = self.unreadable.first_key_value();
        let machine = machine.map(|(id, why)| unavailable(Wanted::Tag { machine: id.to_string() }, why));
        let strange =
            self.is_strange.then(|| unavailable(Wanted::Fleet, "a row of Resource Graph names no machine"));
        machine.into_iter().chain(strange).collect()
    }

    /// That it is not known what some machines claim.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let (machine, why) = self.unreadable.first_key_value()?;
        let more = match self.unreadable.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more like it)"),
        };
        Some(Trouble::new(format!("the tags of the machine {machine} cannot be read{more}: {why}")))
    }

    /// A name as one of these machines proposes it.
    pub(super) fn proposal<'a>(&'a self, text: &'a str, machine: &'a ResourceId) -> Proposal<'a> {
        Proposal::of(text, Some(machine)).with(&self.particulars)
    }

    /// The same for each zone that holds the name.
    fn proposals<'a>(
        &'a self,
        text: &'a str,
        machine: &'a ResourceId,
        policy: &Policy,
    ) -> impl Iterator<Item = Proposal<'a>> {
        self.sides(text, policy).into_iter().map(move |kind| self.proposal(text, machine).inside(kind))
    }

    /// The kinds of zones that hold a name, as far as somebody asks about them.
    fn sides(&self, text: &str, policy: &Policy) -> Vec<ZoneKind> {
        let mut sides = policy.sides(text);
        if let Ok(name) = HostName::parse(text) {
            sides.retain(|kind| {
                let zone = policy.zones.longest_of(*kind, &name);
                zone.is_none_or(|zone| !self.asked.leaves_out(&zone.id, &name))
            });
        }
        sides
    }

    /// The names that the rules let a machine claim, with the machines that do.
    pub(super) fn names(&self, policy: &Policy) -> BTreeMap<HostName, BTreeSet<ResourceId>> {
        let mut names: BTreeMap<HostName, BTreeSet<ResourceId>> = BTreeMap::new();
        for (machine, texts) in &self.tags {
            for text in texts {
                for proposal in self.proposals(text, machine, policy) {
                    if let Ok(placed) = policy.place(proposal) {
                        names.entry(placed.name).or_default().insert(machine.clone());
                    }
                }
            }
        }
        names
    }

    /// The record sets that a name may have which this machine claims.
    pub(super) fn record_ids(&self, name: &HostName, machine: &ResourceId, policy: &Policy) -> Vec<RecordId> {
        let proposals = self.proposals(name.as_str(), machine, policy);
        let placed = proposals.filter_map(|proposal| policy.place(proposal).ok());
        let ids = placed.flat_map(|Placed { name, zone, grant }| {
            let id = move |record_type: &RecordType| RecordId {
                zone: zone.id.clone(),
                name: name.clone(),
                record_type: *record_type,
            };
            grant.terms.types.iter().map(id)
        });
        ids.collect()
    }

    /// Why a machine may not have a name in any zone that holds it; what one of them lets it have is claimed.
    pub(super) fn refusal(&self, text: &str, machine: &ResourceId, policy: &Policy) -> Option<Why> {
        let refused = self.proposals(text, machine, policy).map(|proposal| policy.place(proposal).err());
        refused.collect::<Option<Vec<Why>>>()?.into_iter().next()
    }

    /// What tags hold that no tag may claim, in its stored form, each with its machine and why.
    pub(super) fn refused(&self, policy: &Policy) -> BTreeMap<(String, ResourceId), Why> {
        let mut refused = BTreeMap::new();
        for (machine, texts) in &self.tags {
            for text in texts {
                if let Some(why) = self.refusal(text, machine, policy) {
                    let stored = TagName::of(self.proposal(text, machine), policy).stored;
                    refused.insert((stored, machine.clone()), why);
                }
            }
        }
        refused
    }

    /// The scale sets that carry one of these names in their tags, or any name where none is given, each as written.
    pub(super) fn scale_sets<'a>(
        &'a self,
        only: Option<&'a BTreeSet<HostName>>,
    ) -> impl Iterator<Item = (&'a String, &'a ResourceId)> + 'a {
        let all = self.scale_sets.iter().flat_map(|(id, names)| names.iter().map(move |name| (name, id)));
        let is_meant = move |name: &str| {
            only.is_none_or(|only| HostName::parse(name).is_ok_and(|name| only.contains(&name)))
        };
        all.filter(move |(name, _)| is_meant(name))
    }

    /// What to say of names that nobody claims.
    pub(super) fn unclaimed(&self, names: &[HostName], policy: &Policy, collect: &Collect) -> Vec<Unclaimed> {
        let guess = |(place, name)| if place < GUESSES { self.nearest(name) } else { None };
        let told = |(place, name)| match self.misspelt_for(name).next() {
            Some(misspelt) => misspelt_claim(name, misspelt, &collect.tag),
            None => self.nobodys(name, guess((place, name)), policy, collect),
        };
        names.iter().enumerate().map(told).collect()
    }

    fn nobodys(
        &self,
        name: &HostName,
        meant: Option<HostName>,
        policy: &Policy,
        collect: &Collect,
    ) -> Unclaimed {
        let in_zone = policy.zones.of_name(name).next().is_some();
        let mut offers = self.sides(name.as_str(), policy).into_iter();
        let offer = offers.next().unwrap_or(ZoneKind::Public);
        let first = policy.offers(offer, name.as_str());
        let offered = offers.map(|kind| policy.offers(kind, name.as_str())).find(Result::is_ok);
        let (zone, otherwise) = match offered.unwrap_or(first) {
            Ok(_) => {
                let tag = &collect.tag;
                let count = only(&collect.targets);
                let words = format!("{count} (TARGETS), so a tag on anything else claims nothing");
                ("", format!("; tag the machine that it belongs to with {tag}; {words}."))
            }
            Err(_) if !in_zone => (", and no managed zone holds it", ".".to_owned()),
            // What the policy refuses nobody is told to claim.
            Err(why) => ("", format!(", and none may. {why}")),
        };
        let because = match &meant {
            None => format!("No tagged machine claims {name}{zone}{otherwise}"),
            Some(near) => format!("No tagged machine claims {name}{zone}; did you mean {near}?"),
        };
        Unclaimed { name: name.to_string(), because, meant }
    }

    /// The machines that would claim the name if the key of their tag were spelt right.
    pub(super) fn misspelt_for<'a>(&'a self, name: &'a HostName) -> impl Iterator<Item = &'a Misspelt> + 'a {
        let holds = |text: &str| HostName::parse(text).is_ok_and(|own| own == *name);
        self.misspelt.iter().filter(move |misspelt| split_tag(&misspelt.tag.value).any(holds))
    }

    /// The claimed name that was probably meant.
    fn nearest(&self, name: &HostName) -> Option<HostName> {
        self.near(name).into_iter().next()
    }

    /// The claimed names that may have been meant, the likeliest first: written short, or with a slip of the pen.
    pub(super) fn near(&self, name: &HostName) -> Vec<HostName> {
        let near = self.claims.keys().chain(&self.logged).filter_map(|claimed| {
            let begun = claimed.as_str().strip_prefix(name.as_str());
            let slips = if begun.is_some_and(|rest| rest.starts_with('.')) {
                0
            } else {
                distance(name.as_str(), claimed.as_str())
            };
            // In a very short label one slip makes another word of it.
            let room = name.first_label().len().max(claimed.first_label().len()) - 1;
            let same_host = name.first_label() == claimed.first_label();
            (slips <= SLIPS && (slips <= room || same_host)).then_some((slips, claimed))
        });
        let near: BTreeSet<_> = near.collect();
        near.into_iter().map(|(_, claimed)| claimed.clone()).collect()
    }
}

/// That a name is nobody's because of a slip of the pen in the key of a tag.
fn misspelt_claim(name: &HostName, misspelt: &Misspelt, tag: &str) -> Unclaimed {
    let (machine, key) = (misspelt.machine.name(), &misspelt.tag.key);
    let because = format!(
        "No tagged machine claims {name}: {machine} carries it in a tag {key}, and names come from {tag} (HOSTNAME_TAG)."
    );
    Unclaimed { name: name.to_string(), because, meant: None }
}

/// Which machines count: "only Arc machines count", "only Arc machines and virtual machines count".
fn only(targets: &BTreeSet<MachineKind>) -> String {
    let kinds: Vec<String> = targets.iter().map(|kind| format!("{}s", kind.words())).collect();
    format!("only {} count", kinds.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(name: &str) -> Option<String> {
        let machine = ResourceId::parse(
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m",
        );
        let names = ["nas.home.example.com", "a.example.com", "pi.home.example.com", "no name"];
        let mut fleet = Fleet::default();
        fleet.insert(&machine.unwrap(), names.map(str::to_owned).into());
        fleet.nearest(&HostName::parse(name).unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_name() {
        let nas = Some("nas.home.example.com".to_owned());
        for name in
            ["naz.home.example.com", "nas.hoem.example.com", "nas", "nas.home", "nas.home.exmaple.com"]
        {
            assert_eq!(nearest(name), nas, "{name}");
        }
        assert_eq!(nearest("pi.home.example.con"), Some("pi.home.example.com".to_owned()));
        for name in ["b.example.com", "mail.google.com", "na", "printer.home.example.com"] {
            assert_eq!(nearest(name), None, "{name}");
        }
    }
}
