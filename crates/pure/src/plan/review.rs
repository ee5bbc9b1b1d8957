//! A policy held against machines: what each line gives, what is refused, and which lines decide for nobody.

use std::collections::BTreeSet;

use crate::domain::{HostName, ResourceId, ZoneId, split_tag};

use super::grant::{Cover, Grant, Particulars};
use super::policy::{Offer, Placed, Policy, Proposal};
use super::why::Why;

/// What one claim of a policy comes to.
#[derive(Clone, Debug)]
pub struct ReviewedClaim<'a> {
    /// The claim.
    pub grant: &'a Grant,
    /// The names that it gives, each with the machine.
    pub given: BTreeSet<(HostName, ResourceId)>,
    /// Why it gives none.
    pub idle: Option<Idle>,
}

impl ReviewedClaim<'_> {
    /// How many machines it gives names to.
    #[must_use]
    pub fn machines(&self) -> usize {
        self.given.iter().map(|(_, machine)| machine).collect::<BTreeSet<_>>().len()
    }

    /// How many names it gives.
    #[must_use]
    pub fn names(&self) -> usize {
        self.given.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len()
    }
}

/// Why a claim decides for nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idle {
    /// No machine is in its scope.
    NoMachine,
    /// The management group of its scope, this one, is above none of the machines, of all of which it is known.
    NoSuchGroup(String),
    /// Machines are, and none of them claims a name of it.
    NoName,
    /// Earlier lines, these, decide for all whom it fits.
    Before(BTreeSet<usize>),
    /// Whether it decides for anybody is not known: too little is known of machines.
    Unknown,
}

/// A name that a machine claims and no line gives to it, or of which that is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedClaim {
    /// The name as written.
    pub name: String,
    /// The zone in which it is refused: a name may have two sides. None where none holds it.
    pub zone: Option<ZoneId>,
    /// The machine.
    pub machine: ResourceId,
    /// Why.
    pub why: Why,
}

/// A machine without the tag, to which the template gives no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// The machine.
    pub machine: ResourceId,
    /// Whether what the template asks for is known of it, and is no label.
    pub is_known: bool,
}

/// A policy held against machines.
#[derive(Clone, Debug)]
pub struct Review<'a> {
    /// Each claim in the order of the file.
    pub claims: Vec<ReviewedClaim<'a>>,
    /// What is refused, by name and machine.
    pub refused: Vec<RefusedClaim>,
    /// Machines to which the template gives no name.
    pub unnamed: Vec<Unnamed>,
}

/// What a policy says to one name: a machine has it by the claim that decides, nobody in particular by each that may give it.
///
/// # Errors
/// Why it is refused, in the words of a run.
pub fn allowed<'a>(policy: &'a Policy, proposal: Proposal<'_>) -> Result<Offer<'a>, Why> {
    if proposal.machine.is_none() {
        return policy.offers(proposal.kind, proposal.text);
    }
    let Placed { name, zone, grant } = policy.place(proposal)?;
    Ok(Offer { name, zone, grants: vec![grant] })
}

impl<'a> Review<'a> {
    /// Holds it against machines, each with the values of its tag.
    #[must_use]
    pub fn of<'m>(
        policy: &'a Policy,
        machines: impl IntoIterator<Item = (&'m ResourceId, &'m [String])>,
        particulars: &Particulars,
    ) -> Self {
        let claim = |grant| ReviewedClaim { grant, given: BTreeSet::new(), idle: None };
        let claims = policy.grants.iter().map(claim).collect();
        let mut review = Self { claims, refused: Vec::new(), unnamed: Vec::new() };
        let mut asked: Vec<(&ResourceId, BTreeSet<String>)> = Vec::new();
        for (machine, values) in machines {
            let claimed = policy.claimed(values.to_vec(), machine, particulars);
            let is_empty = claimed.as_ref().is_none_or(Vec::is_empty);
            if is_empty && values.is_empty() && policy.template.is_some() {
                review.unnamed.push(Unnamed { machine: machine.clone(), is_known: claimed.is_some() });
            }
            let claimed = claimed.unwrap_or_default();
            let texts = claimed.iter().flat_map(|value| split_tag(value)).map(str::to_owned);
            asked.push((machine, texts.collect()));
        }
        for (machine, texts) in &asked {
            for text in texts {
                for kind in policy.sides(text) {
                    let proposal = Proposal::of(text, Some(machine)).inside(kind).with(particulars);
                    review.place(policy, proposal, machine);
                }
            }
        }
        for claim in review.claims.iter_mut().filter(|claim| claim.given.is_empty()) {
            claim.idle = Some(idle(claim.grant, policy, &asked, particulars));
        }
        review.refused.sort_by(|a, b| (&a.name, &a.machine, &a.zone).cmp(&(&b.name, &b.machine, &b.zone)));
        review
    }

    fn place(&mut self, policy: &'a Policy, proposal: Proposal<'_>, machine: &ResourceId) {
        match allowed(policy, proposal) {
            Ok(Offer { name, grants, .. }) => {
                let decides = |claim: &&mut ReviewedClaim<'_>| {
                    grants.iter().any(|grant| std::ptr::eq(claim.grant, *grant))
                };
                for claim in self.claims.iter_mut().filter(decides) {
                    claim.given.insert((name.clone(), machine.clone()));
                }
            }
            Err(why) => {
                let name = proposal.text.to_owned();
                let held = HostName::parse(proposal.text).ok();
                let zone =
                    held.and_then(|name| Some(policy.zones.longest_of(proposal.kind, &name)?.id.clone()));
                self.refused.push(RefusedClaim { name, zone, machine: machine.clone(), why });
            }
        }
    }
}

/// Why a claim gives no name to any of these: what it would give if it stood alone is asked.
fn idle(
    grant: &Grant,
    policy: &Policy,
    asked: &[(&ResourceId, BTreeSet<String>)],
    particulars: &Particulars,
) -> Idle {
    let alone = Policy::new(policy.zones.clone(), [grant.clone()], "");
    let (mut is_reached, mut is_unknown, mut before) = (false, false, BTreeSet::new());
    for (machine, texts) in asked {
        let claimant = particulars.claimant(Some(machine));
        match grant.scope.holds(claimant.machine, claimant.ancestors) {
            Cover::No => continue,
            Cover::Yes => is_reached = true,
            Cover::Unknown => is_unknown = true,
        }
        for (text, kind) in
            texts.iter().flat_map(|text| policy.sides(text).into_iter().map(move |kind| (text, kind)))
        {
            let proposal = Proposal::of(text, Some(machine)).inside(kind).with(particulars);
            match (alone.place(proposal), policy.place(proposal)) {
                // Whether this one would fit or not, another line takes it.
                (Ok(_) | Err(Why::Undecided(_)), Ok(placed)) => before.extend(placed.grant.line),
                // Another line stands before it, and of that one it is not known whether it fits.
                (Ok(_) | Err(Why::Undecided(_)), Err(Why::Undecided(_))) => is_unknown = true,
                _ => {}
            }
        }
    }
    match (is_unknown, is_reached) {
        (true, _) => Idle::Unknown,
        (false, _) if !before.is_empty() => Idle::Before(before),
        (false, true) => Idle::NoName,
        (false, false) => match grant.scope.management_group().filter(|_| !asked.is_empty()) {
            Some(group) => Idle::NoSuchGroup(group.to_owned()),
            None => Idle::NoMachine,
        },
    }
}
