//! What one `[[claim]]` of the policy file grants, and which of them decides about a name and a machine.

mod claimant;
mod name_form;
mod particulars;
mod placeholder;
mod scope;
mod terms;
mod whence;

use std::collections::{BTreeSet, HashMap};

use crate::domain::{HostName, ResourceId, ZoneKind};

use super::name_pattern::NamePattern;

pub use claimant::{Claimant, Unfilled};
pub use name_form::{Filling, Fit, FormFault, NameForm};
pub use particulars::Particulars;
pub use placeholder::{Placeholder, Traits};
pub use scope::{Ancestors, Cover, Scope, ScopeFault};
pub use terms::{Adopt, Term, Terms};
pub use whence::Whence;

/// Which machines may claim which names: the names and the scope of one entry of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The line of the policy file on which it begins; none for the short form in `POLICY_NAMES`.
    pub line: Option<usize>,
    /// The only zones that it gives names in (`kind`); none: those of both kinds.
    pub kind: Option<ZoneKind>,
    /// The names.
    pub names: Names,
    /// The machines.
    pub scope: Scope,
    /// What holds for the names that it grants.
    pub terms: Terms,
}

impl Grant {
    /// The short form: these names for every machine.
    #[must_use]
    pub fn everywhere(names: impl IntoIterator<Item = NamePattern>, terms: Terms) -> Self {
        let names = names.into_iter().collect();
        Self { line: None, kind: None, names, scope: Scope::Everywhere, terms }
    }

    /// Whether the grant lists this name for zones of that kind, without any pattern: that opens apexes, wildcards, reserved
    /// names and adoption. A name of a public zone that is listed is not listed for a private one, where it is another one; what
    /// a grant for private zones alone lists is.
    #[must_use]
    pub fn lists(&self, kind: ZoneKind, name: &HostName) -> bool {
        let Names { literals, private_literals, .. } = &self.names;
        self.is_for(kind)
            && match kind {
                ZoneKind::Public => literals.contains(name),
                ZoneKind::Private => {
                    private_literals.contains(name) || self.kind.is_some() && literals.contains(name)
                }
            }
    }

    /// Whether it gives names in zones of that kind.
    #[must_use]
    pub fn is_for(&self, kind: ZoneKind) -> bool {
        self.kind.is_none_or(|only| only == kind)
    }

    /// The best that one of its names says of a name in a zone of that kind.
    fn fit(&self, kind: ZoneKind, name: &HostName, reach: Extent, claimant: Claimant<'_>) -> Fit {
        if self.lists(kind, name) {
            return Fit::Fits;
        }
        if reach == Extent::Literal || !self.is_for(kind) {
            return Fit::Not;
        }
        self.names.fit(kind, name, claimant)
    }

    /// Whether a name in a zone of that kind may fit one of them for some machine.
    fn may_fit(&self, kind: ZoneKind, name: &HostName, reach: Extent) -> bool {
        self.lists(kind, name) || reach == Extent::Any && self.is_for(kind) && self.names.may_fit(kind, name)
    }
}

/// The names of a grant: any number of literal ones costs one look-up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    literals: BTreeSet<HostName>,
    /// Those for private zones alone.
    private_literals: BTreeSet<HostName>,
    forms: Vec<NameForm>,
}

impl Names {
    /// The best that one of them says of a name that nothing but a literal entry reaches.
    fn fit(&self, kind: ZoneKind, name: &HostName, claimant: Claimant<'_>) -> Fit {
        if self.literals.contains(name) {
            return Fit::Fits;
        }
        let mut best = Fit::Not;
        for form in self.forms(kind) {
            match (form.fit(name, claimant), &best) {
                (Fit::Fits, _) => return Fit::Fits,
                (Fit::Unknown, _) => best = Fit::Unknown,
                (Fit::Unfilled(why), Fit::Not) => best = Fit::Unfilled(why),
                _ => {}
            }
        }
        best
    }

    fn may_fit(&self, kind: ZoneKind, name: &HostName) -> bool {
        self.literals.contains(name) || self.forms(kind).any(|form| form.may_fit(name))
    }

    fn forms(&self, kind: ZoneKind) -> impl Iterator<Item = &NameForm> {
        self.forms.iter().filter(move |form| form.kind().is_none_or(|only| only == kind))
    }

    /// All of them, the literal ones first.
    pub fn iter(&self) -> impl Iterator<Item = NameForm> {
        let literal = |name: &HostName| NamePattern::Literal(name.clone());
        let private = move |name: &HostName| NamePattern::Private(Box::new(literal(name)));
        let literals = self.literals.iter().map(literal).chain(self.private_literals.iter().map(private));
        literals.map(NameForm::Pattern).chain(self.forms.iter().cloned())
    }
}

impl FromIterator<NameForm> for Names {
    fn from_iter<I: IntoIterator<Item = NameForm>>(forms: I) -> Self {
        let mut names = Self::default();
        for form in forms {
            let literals = match form.kind() {
                Some(ZoneKind::Private) => &mut names.private_literals,
                _ => &mut names.literals,
            };
            match form.literal() {
                Some(name) => drop(literals.insert(name.clone())),
                None => names.forms.push(form),
            }
        }
        names
    }
}

impl FromIterator<NamePattern> for Names {
    fn from_iter<I: IntoIterator<Item = NamePattern>>(patterns: I) -> Self {
        patterns.into_iter().map(NameForm::Pattern).collect()
    }
}

/// Which entries reach a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Any.
    Any,
    /// Only those that list it: no pattern reaches an apex, a wildcard or a reserved name.
    Literal,
}

/// What the grants say about a name and a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted<'a> {
    /// This grant decides, for its names and its scope fit.
    By(&'a Grant),
    /// None fits. What a placeholder of one would have been filled with, if that alone stood in the way.
    ByNone(Option<Unfilled>),
    /// Whether this one fits cannot be told, and no earlier one fits.
    Unknown(Unknown<'a>),
}

/// What is not known of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown<'a> {
    /// Its location and its tags.
    Traits,
    /// Which management groups are above its subscription: needed for this grant.
    Ancestors(&'a Grant),
}

/// All grants of a policy, in the order of the file: the first that fits decides alone.
///
/// However many there are, few are looked at: those that list the very name, and those of the scopes that hold the machine.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    all: Vec<Grant>,
    /// Grants that list a name, by it.
    by_name: HashMap<HostName, Vec<usize>>,
    /// Grants with patterns or placeholders, by the key of their scope.
    by_scope: HashMap<String, Vec<usize>>,
}

impl Grants {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.all.iter()
    }

    /// What holds for the names of each, to be changed; which names they give stays.
    pub fn terms_mut(&mut self) -> impl Iterator<Item = &mut Terms> {
        self.all.iter_mut().map(|grant| &mut grant.terms)
    }

    /// Where they stand: in the short form or in the file.
    #[must_use]
    pub fn origin(&self) -> Whence {
        if self.all.iter().any(|grant| grant.line.is_some()) { Whence::FILE } else { Whence::NAMES }
    }

    /// Those whose names a name may fit, whoever asks for it, in their order.
    pub fn reaching(&self, kind: ZoneKind, name: &HostName, reach: Extent) -> impl Iterator<Item = &Grant> {
        self.all.iter().filter(move |grant| grant.may_fit(kind, name, reach))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether any grant lists the name literally for zones of that kind, whatever its scope.
    #[must_use]
    pub fn list(&self, kind: ZoneKind, name: &HostName) -> bool {
        let mut listed = self.by_name.get(name).into_iter().flatten();
        listed.any(|place| self.all[*place].lists(kind, name))
    }

    /// The management groups that the grants name, lower case: only then need anybody know what is above a subscription.
    #[must_use]
    pub fn management_groups(&self) -> BTreeSet<&str> {
        self.all.iter().filter_map(|grant| grant.scope.management_group()).collect()
    }

    /// The tags that the grants have placeholders for, in lower case.
    #[must_use]
    pub fn tags(&self) -> BTreeSet<&str> {
        let forms = self.all.iter().flat_map(|grant| &grant.names.forms);
        forms.flat_map(NameForm::placeholders).filter_map(Placeholder::tag).collect()
    }

    /// Whether a name cannot be given without knowing more of a machine than its id.
    #[must_use]
    pub fn ask_particulars(&self) -> bool {
        let is_of_the_machine =
            |placeholder: &Placeholder| matches!(placeholder, Placeholder::Location | Placeholder::Tag(_));
        let mut forms = self.all.iter().flat_map(|grant| &grant.names.forms);
        forms.any(|form| form.placeholders().any(is_of_the_machine)) || !self.management_groups().is_empty()
    }

    /// The first grant whose names and scope fit.
    #[must_use]
    pub fn first(
        &self,
        kind: ZoneKind,
        name: &HostName,
        reach: Extent,
        claimant: Claimant<'_>,
    ) -> Granted<'_> {
        let mut unfilled = None;
        for place in self.candidates(name, claimant.machine) {
            let grant = &self.all[place];
            let held = grant.scope.holds(claimant.machine, claimant.ancestors);
            if held == Cover::No {
                continue;
            }
            match grant.fit(kind, name, reach, claimant) {
                Fit::Fits if held == Cover::Yes => return Granted::By(grant),
                Fit::Fits => return Granted::Unknown(Unknown::Ancestors(grant)),
                Fit::Unknown => return Granted::Unknown(Unknown::Traits),
                Fit::Unfilled(why) => unfilled = unfilled.or(Some(Unfilled { line: grant.line, ..why })),
                Fit::Not => {}
            }
        }
        Granted::ByNone(unfilled)
    }

    /// The places of the grants that may fit, in their order.
    fn candidates(&self, name: &HostName, machine: Option<&ResourceId>) -> BTreeSet<usize> {
        let listed = self.by_name.get(name).into_iter().flatten();
        let keys = Scope::keys_above(machine);
        let scoped = keys.iter().filter_map(|key| self.by_scope.get(*key)).flatten();
        listed.chain(scoped).copied().collect()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        let mut made = Self::default();
        for (place, grant) in grants.into_iter().enumerate() {
            if !grant.names.forms.is_empty() {
                made.by_scope.entry(grant.scope.key().to_owned()).or_default().push(place);
            }
            for name in grant.names.literals.union(&grant.names.private_literals) {
                made.by_name.entry(name.clone()).or_default().push(place);
            }
            made.all.push(grant);
        }
        made
    }
}

#[cfg(test)]
mod tests;
