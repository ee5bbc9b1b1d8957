//! What may be written: the variables of the plan's rules and brakes.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

use ipnet::IpNet;
use jiff::SignedDuration;

use super::collect::Collect;
use super::declared::{
    DNS_ZONES, HOSTNAME_TEMPLATE, POLICY_ADOPT, POLICY_ALLOW_PREFIXES, POLICY_CLAIM_DORMANT, POLICY_CREATE,
    POLICY_DENY_PREFIXES, POLICY_EXPECT_PREFIXES, POLICY_FILE, POLICY_FLAP_HOLD, POLICY_MAX_HEARTBEAT_AGE,
    POLICY_MAX_MOVE_PERCENT, POLICY_MAX_SILENT_PERCENT, POLICY_MAX_SOURCES, POLICY_MIN_BEATS,
    POLICY_MIN_SPAN, POLICY_NAMES, POLICY_ORPHAN_GRACE, POLICY_ORPHANS, POLICY_RECORD_TYPES,
    POLICY_SURGE_HOLD, POLICY_TTL, POLICY_TTL_MAX, POLICY_UNSEEN, PRIVATE_ZONES,
};
use super::policy_file::{self, Defaults};
use super::private_terms;
use super::reader::{Reader, number_within};
use super::setting::Setting;
use super::term::{ADOPTS, ORPHANS, managed, parse_prefix, parse_record_type, setting_of};
use crate::bounded;
use pure::domain::{ZONE_SETTINGS, Zones};
use pure::plan::{Grant, NameForm, NamePattern, Policy, Terms};

pub(super) fn read(reader: &mut Reader<'_>, zones: Zones, owner: &str, collect: &Collect) -> Policy {
    let terms = terms(reader);
    let ttl_max = ttl_max(reader, terms.ttl);
    let (grants, digest) = grants(reader, &zones, terms, ttl_max);
    let template = template(reader, &zones);
    let base = Policy::new(zones, [], owner);
    Policy {
        private: private_terms::read(reader, &base.zones, ttl_max),
        allow_prefixes: prefixes(reader, POLICY_ALLOW_PREFIXES),
        expect_prefixes: prefixes(reader, POLICY_EXPECT_PREFIXES),
        min_beats: reader.number(POLICY_MIN_BEATS).into(),
        max_heartbeat_age: age(reader, POLICY_MAX_HEARTBEAT_AGE),
        unseen: age(reader, POLICY_UNSEEN),
        flap_hold: age(reader, POLICY_FLAP_HOLD),
        claim_dormant: age(reader, POLICY_CLAIM_DORMANT),
        create: reader.switch(POLICY_CREATE),
        ttl_max,
        max_sources: usize::try_from(reader.number(POLICY_MAX_SOURCES)).unwrap_or(usize::MAX),
        max_move_percent: reader.number(POLICY_MAX_MOVE_PERCENT).into(),
        surge_hold: age(reader, POLICY_SURGE_HOLD),
        max_silent_percent: reader.number(POLICY_MAX_SILENT_PERCENT).into(),
        orphans: reader.word(POLICY_ORPHANS, &ORPHANS).unwrap_or_default(),
        orphan_grace: age(reader, POLICY_ORPHAN_GRACE),
        snapshot_every: SignedDuration::try_from(collect.snapshot_every).unwrap_or(base.snapshot_every),
        zones: base.zones,
        grants: grants.into_iter().collect(),
        digest,
        template,
        owner: base.owner,
    }
}

/// Whether all zones that somebody meant are there.
fn are_known(reader: &Reader<'_>, zones: &Zones) -> bool {
    !reader.is_faulty(DNS_ZONES) && !reader.is_faulty(PRIVATE_ZONES) && !zones.is_empty()
}

/// What machines without a tag claim: one name for each, in a managed zone.
fn template(reader: &mut Reader<'_>, zones: &Zones) -> Option<NameForm> {
    let is_known = are_known(reader, zones);
    reader.parsed(HOSTNAME_TEMPLATE, |text| {
        let form: NameForm =
            text.parse().map_err(|fault| format!("is `{text}`, a name that {fault}"))?;
        if form.is_pattern() || form.placeholders().next().is_none() {
            return Err(format!(
                "is `{text}`, which gives no machine a name of its own; write {{name}}.dyn.example.com, without *"
            ));
        }
        if is_known && !form.fits_in(None, zones) {
            return Err(format!("is `{text}`, which is in no managed zone; correct it, or add its zone to {ZONE_SETTINGS}"));
        }
        Ok(form)
    })
}

/// What holds for a name unless its grant says otherwise.
fn terms(reader: &mut Reader<'_>) -> Terms {
    Terms {
        types: reader.list(POLICY_RECORD_TYPES, parse_record_type).into_iter().collect(),
        deny_prefixes: prefixes(reader, POLICY_DENY_PREFIXES),
        min_span: age(reader, POLICY_MIN_SPAN),
        adopt: reader.word(POLICY_ADOPT, &ADOPTS).unwrap_or(Terms::default().adopt),
        ttl: reader.number(POLICY_TTL),
        ..Terms::default()
    }
}

/// The longest time to live, which must leave room for the one of new sets.
fn ttl_max(reader: &mut Reader<'_>, ttl: u32) -> Option<u32> {
    let read = |text: &str| number_within(text.parse().ok(), POLICY_TTL_MAX.form, &format!("`{text}`"));
    let most = reader.parsed(POLICY_TTL_MAX, read)?;
    if most < ttl && !reader.is_faulty(POLICY_TTL) {
        let words = format!(
            "is `{most}`, less than the {ttl} of POLICY_TTL, which new sets get; raise it, or lower that"
        );
        reader.fault(POLICY_TTL_MAX.name, words);
    }
    Some(most)
}

/// Which machines may claim which names: by the file, whose digest is told, or by the short form.
fn grants(
    reader: &mut Reader<'_>,
    zones: &Zones,
    terms: Terms,
    ttl_max: Option<u32>,
) -> (Vec<Grant>, String) {
    let Some(file) = reader.whole(POLICY_FILE) else {
        return (vec![Grant::everywhere(names(reader, zones), terms)], String::new());
    };
    if reader.text(POLICY_NAMES).is_some() {
        let words = "is set beside POLICY_FILE, and only one of them can hold: remove it, and write its names into the file";
        reader.fault(POLICY_NAMES.name, words);
    }
    // What is faulty by itself says nothing about what fits.
    let zones = Some(zones).filter(|zones| are_known(reader, zones));
    let path = policy_path(file);
    let text = match policy_text(file) {
        Ok(text) => text,
        Err(words) => {
            reader.fault(POLICY_FILE.name, words);
            return (Vec::new(), String::new());
        }
    };
    match policy_file::read(&text, &Defaults { terms, ttl_max }, zones) {
        Ok(file) => {
            file.warnings
                .into_iter()
                .for_each(|(line, words)| reader.warn_on(POLICY_FILE, path, line, words));
            (file.grants, file.digest)
        }
        Err(faults) => {
            faults.into_iter().for_each(|(line, words)| reader.fault_on(POLICY_FILE, path, line, words));
            (Vec::new(), String::new())
        }
    }
}

/// The file that says which machines may claim which names; none where a variable does.
pub(super) fn file(reader: &Reader<'_>) -> Option<String> {
    reader.whole(POLICY_FILE).and_then(policy_path).map(str::to_owned)
}

/// The file that the value names; none where it is the text itself, which has a line break, as a deployment sets it.
fn policy_path(value: &str) -> Option<&str> {
    (!value.contains(['\n', '\r'])).then(|| value.trim())
}

/// The text itself, or that of the file which the value names.
fn policy_text(value: &str) -> Result<Cow<'_, str>, String> {
    let Some(path) = policy_path(value) else { return Ok(Cow::Borrowed(value)) };
    let text = bounded::file(Path::new(path), bounded::SETTINGS);
    text.map(Cow::Owned).map_err(|fault| match fault.kind() {
        ErrorKind::FileTooLarge => {
            format!(
                "names {path}, which cannot be read: {fault}, or write patterns with * for lists of names"
            )
        }
        _ => format!("names {path}, which cannot be read: {fault}"),
    })
}

/// Who may be managed. Nobody is the only safe default, so there is none.
fn names(reader: &mut Reader<'_>, zones: &Zones) -> Vec<NamePattern> {
    if reader.required(POLICY_NAMES).is_none() {
        return Vec::new();
    }
    let names = reader.list(POLICY_NAMES, |member| {
        member.parse::<NamePattern>().map_err(|fault| format!("holds `{member}`, a name that {fault}"))
    });
    // What is faulty by itself says nothing about what fits.
    if are_known(reader, zones) && !reader.is_faulty(POLICY_NAMES) {
        look_for_strays(reader, &names, zones);
    }
    names
}

/// An entry that no name in a managed zone can match is a slip, or its zone is missing: with no other entry nothing would
/// ever be done, and all would look well.
fn look_for_strays(reader: &mut Reader<'_>, names: &[NamePattern], zones: &Zones) {
    let strays: Vec<_> = names.iter().filter(|pattern| !pattern.fits(None, zones)).collect();
    let managed = managed(zones);
    if strays.len() == names.len() {
        let all: Vec<_> = strays.iter().map(ToString::to_string).collect();
        let words = format!(
            "is `{}`, which no name in a managed zone ({managed}) can match; correct it, or add its zone to {ZONE_SETTINGS}",
            all.join(",")
        );
        return reader.fault(POLICY_NAMES.name, words);
    }
    for stray in strays {
        let words = format!(
            "holds `{stray}`, which no name in a managed zone ({managed}) can match; correct it, or add its zone to {}",
            setting_of(stray.kind())
        );
        reader.warn(POLICY_NAMES, words);
    }
}

fn prefixes(reader: &mut Reader<'_>, setting: Setting) -> Vec<IpNet> {
    reader.list(setting, parse_prefix)
}

fn age(reader: &mut Reader<'_>, setting: Setting) -> SignedDuration {
    SignedDuration::try_from(reader.duration(setting)).unwrap_or(SignedDuration::MAX)
}
