//! The policy file: which machines may claim which names, as TOML with one `[[claim]]` for each grant.

mod lines;
#[cfg(test)]
mod schema;
mod values;

use std::ops::Range;

use pure::domain::{ZoneKind, Zones, distance};
use pure::plan::{Grant, NameForm, Names, Scope, Term, Terms};
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::term::{managed, parse_prefix, setting_of};
use lines::Lines;

/// The keys of a `[[claim]]`.
const KEYS: [&str; 12] = [
    "names",
    "kind",
    "scope",
    "types",
    "prefixes",
    "deny_prefixes",
    "countries",
    "ttl",
    "adopt",
    "min_span",
    "shared",
    "hold",
];

/// What holds for every claim.
#[derive(Debug, Clone)]
pub(super) struct Defaults {
    /// What a claim does not say.
    pub(super) terms: Terms,
    /// The longest time to live that any may say, in seconds (`POLICY_TTL_MAX`).
    pub(super) ttl_max: Option<u32>,
}

/// What was read, and what is odd in it without being a fault.
#[derive(Debug, Default)]
pub(super) struct PolicyFile {
    pub(super) grants: Vec<Grant>,
    /// Each with its line.
    pub(super) warnings: Vec<(usize, String)>,
    /// The beginning of what `sha256sum` says of the text.
    pub(super) digest: String,
}

/// Reads the text of a policy file. What a claim does not say holds as the defaults say; without zones it is not asked which names
/// can be in them.
///
/// # Errors
/// Every fault in the order of the lines, each with its own.
pub(super) fn read(
    text: &str,
    defaults: &Defaults,
    zones: Option<&Zones>,
) -> Result<PolicyFile, Vec<(usize, String)>> {
    // Some editors put a byte order mark before it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut page =
        Page { lines: Lines::of(text), defaults, zones, faults: Vec::new(), file: PolicyFile::default() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        page.fault(&error.span().unwrap_or_default(), format!("this is no TOML: {}", error.message()));
    }
    // What stands behind a slip of form may be read as something that nobody wrote.
    if errors.is_empty() {
        page.read(table.get_ref());
    }
    page.faults.sort_by_key(|(line, _)| *line);
    if page.faults.is_empty() {
        page.file.digest = digest(text);
        return Ok(page.file);
    }
    Err(page.faults)
}

/// The first half dozen octets of the text's SHA-256, as hexadecimal text.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(6).map(|octet| format!("{octet:02x}")).collect()
}

/// A pass over the file, which remembers faults instead of stopping.
struct Page<'a> {
    lines: Lines,
    defaults: &'a Defaults,
    zones: Option<&'a Zones>,
    /// Each with its line.
    faults: Vec<(usize, String)>,
    file: PolicyFile,
}

/// A key with its place, and a value with its own.
type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Item<'t> = Spanned<DeValue<'t>>;

impl Page<'_> {
    fn read(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            if key.get_ref() != "claim" {
                self.unknown(key, &["claim"], "write each rule below a line [[claim]]");
                continue;
            }
            let claims = value.get_ref().as_array();
            let tables =
                claims.map(|claims| claims.iter().map(|claim| (claim.span(), claim.get_ref().as_table())));
            let tables: Option<Vec<_>> =
                tables.and_then(|tables| tables.map(|(place, table)| Some((place, table?))).collect());
            let Some(tables) = tables else {
                self.fault(&key.span(), "claim is no list; write [[claim]] with two brackets on each side");
                continue;
            };
            for (place, table) in tables {
                self.claim(&place, table);
            }
        }
        if self.faults.is_empty() && self.file.grants.is_empty() {
            self.fault(&(0..0), "there is no [[claim]], so that no name could ever be managed; write one");
        }
        if self.faults.is_empty() {
            self.look_for_strays();
        }
    }

    fn claim(&mut self, place: &Range<usize>, table: &DeTable<'_>) {
        let (mut names, mut scope, mut terms) = (Vec::new(), Scope::Everywhere, self.defaults.terms.clone());
        let mut kind = None;
        let known = self.faults.len();
        for (key, value) in table {
            let mut says = |term| terms.lines.insert(term, self.lines.at(&key.span()));
            match key.get_ref().as_ref() {
                "names" => names = self.list(key, value, values::name),
                "kind" => kind = self.one(key, value, values::zone_kind),
                "scope" => scope = self.one(key, value, values::scope).unwrap_or(scope),
                "types" => {
                    says(Term::Types);
                    terms.types = self.list(key, value, values::record_type).into_iter().collect();
                }
                "prefixes" => {
                    says(Term::Prefixes);
                    terms.prefixes = self.list(key, value, parse_prefix);
                }
                "deny_prefixes" => {
                    says(Term::DenyPrefixes);
                    terms.also_denied = self.list(key, value, parse_prefix);
                }
                "countries" => {
                    says(Term::Countries);
                    terms.countries = self.list(key, value, values::country).into_iter().collect();
                }
                "ttl" => {
                    says(Term::Ttl);
                    terms.ttl = self.ttl(key, value).unwrap_or(terms.ttl);
                }
                "adopt" => {
                    says(Term::Adopt);
                    terms.adopt = self.one(key, value, values::adopt).unwrap_or(terms.adopt);
                }
                "min_span" => {
                    says(Term::MinSpan);
                    terms.min_span = self.one(key, value, values::min_span).unwrap_or(terms.min_span);
                }
                "shared" => terms.shared = self.switch(key, value),
                "hold" => {
                    says(Term::Hold);
                    terms.hold = self.switch(key, value);
                }
                _ => self.unknown(key, &KEYS, &format!("a claim has {}", KEYS.join(", "))),
            }
        }
        if !table.contains_key("names") {
            self.fault(place, "a claim without names; write names = [\"{name}.dyn.example.com\"]");
        }
        let strange = names
            .iter()
            .find(|form: &&NameForm| kind.is_some() && form.kind().is_some_and(|of| Some(of) != kind));
        if let Some(form) = strange {
            let words = format!(
                "`{form}` is for private zones, and the kind of its claim is public, so that it gives nobody a name; take one of the two away"
            );
            self.fault(place, words);
        }
        if self.faults.len() == known {
            let (line, names) = (Some(self.lines.at(place)), names.into_iter().collect::<Names>());
            self.file.grants.push(Grant { line, kind, names, scope, terms });
        }
    }

    /// A name that no name in a managed zone can fit is a slip, or its zone is missing; with no other nothing would ever be
    /// done, and all would look well.
    fn look_for_strays(&mut self) {
        let Some(zones) = self.zones else { return };
        let managed = managed(zones);
        let (mut strays, mut all) = (Vec::new(), 0);
        for grant in &self.file.grants {
            for form in grant.names.iter() {
                all += 1;
                if !form.fits_in(grant.kind, zones) {
                    strays.push((grant.line.unwrap_or_default(), form.kind().or(grant.kind), form));
                }
            }
        }
        let told = |(line, kind, form): &(usize, Option<ZoneKind>, NameForm)| {
            let words = format!(
                "no name in a managed zone ({managed}) can be `{form}`; correct it, or add its zone to {}",
                setting_of(*kind)
            );
            (*line, words)
        };
        if strays.len() == all {
            self.faults.extend(strays.iter().map(told));
        } else {
            self.file.warnings.extend(strays.iter().map(told));
        }
    }

    fn fault(&mut self, place: &Range<usize>, words: impl Into<String>) {
        self.faults.push((self.lines.at(place), words.into()));
    }

    fn unknown(&mut self, key: &Key<'_>, known: &[&str], otherwise: &str) {
        let word = key.get_ref().as_ref();
        let near = known.iter().map(|known| (distance(word, known), *known)).min();
        let meant = near.filter(|(slips, _)| *slips <= 2 && slips * 2 <= word.len());
        let hint = meant.map_or_else(|| otherwise.to_owned(), |(_, known)| format!("did you mean {known}?"));
        self.fault(&key.span(), format!("there is no `{word}`; {hint}"));
    }

    /// A text, read.
    fn one<T>(
        &mut self,
        key: &Key<'_>,
        value: &Item<'_>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let word = key.get_ref();
        let read = match value.get_ref().as_str() {
            Some(text) => read(text).map_err(|words| format!("{word} {words}")),
            None => Err(format!("{word} is {}; write a text in quotes", values::kind(value.get_ref()))),
        };
        read.map_err(|words| self.fault(&value.span(), words)).ok()
    }

    /// A list of texts, or one text, each read.
    fn list<T>(
        &mut self,
        key: &Key<'_>,
        value: &Item<'_>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(items) = value.get_ref().as_array() else {
            return self.one(key, value, read).into_iter().collect();
        };
        if items.is_empty() {
            let words = format!("{} is a list of nothing; leave it out, or write a member", key.get_ref());
            self.fault(&value.span(), words);
        }
        items.iter().filter_map(|item| self.one(key, item, &read)).collect()
    }

    /// `true` or `false`.
    fn switch(&mut self, key: &Key<'_>, value: &Item<'_>) -> bool {
        let said = value.get_ref().as_bool();
        if said.is_none() {
            let kind = values::kind(value.get_ref());
            self.fault(&value.span(), format!("{} is {kind}; write true or false", key.get_ref()));
        }
        said.unwrap_or_default()
    }

    fn ttl(&mut self, key: &Key<'_>, value: &Item<'_>) -> Option<u32> {
        let read = values::ttl(value.get_ref()).and_then(|ttl| match self.defaults.ttl_max {
            Some(most) if ttl > most => Err(format!("is {ttl}, more than the {most} of POLICY_TTL_MAX")),
            _ => Ok(ttl),
        });
        let read = read.map_err(|words| format!("{} {words}", key.get_ref()));
        read.map_err(|words| self.fault(&value.span(), words)).ok()
    }
}
