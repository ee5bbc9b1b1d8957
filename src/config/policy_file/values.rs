//! The values of a claim; what is wrong with one fits after its key.

use jiff::SignedDuration;
use pure::domain::{Country, RecordType, ZoneKind};
use pure::plan::{Adopt, NameForm, Scope};
use toml::de::DeValue;

use crate::config::declared::{POLICY_MIN_SPAN, POLICY_TTL};
use crate::config::reader::{number_within, within};
use crate::config::setting::Form;
use crate::config::term::ADOPTS;

/// The kinds of zones that a claim may be for alone, by their words.
pub(super) const ZONE_KINDS: [(&str, ZoneKind); 2] =
    [("public", ZoneKind::Public), ("private", ZoneKind::Private)];

/// What a value is, for people.
pub(super) fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text `{text}`"),
        DeValue::Integer(number) => format!("the number {}", number.as_str()),
        DeValue::Float(number) => format!("the number {}", number.as_str()),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

pub(super) fn name(text: &str) -> Result<NameForm, String> {
    text.parse().map_err(|fault| format!("holds `{text}`, a name that {fault}"))
}

/// The kind of zones, by its word.
pub(super) fn zone_kind(text: &str) -> Result<ZoneKind, String> {
    let found = ZONE_KINDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, kind)| *kind).ok_or_else(|| format!("is `{text}`; write public or private"))
}

pub(super) fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|fault| format!("is `{text}`, which {fault}"))
}

pub(super) fn record_type(text: &str) -> Result<RecordType, String> {
    RecordType::parse(text).ok_or_else(|| format!("holds `{text}`; write A or AAAA, each in quotes"))
}

pub(super) fn country(text: &str) -> Result<Country, String> {
    Country::parse(text).ok_or_else(|| {
        format!(
            "holds `{text}`, which is no country; write its name in English, such as Switzerland, or its code, such as CH"
        )
    })
}

pub(super) fn adopt(text: &str) -> Result<Adopt, String> {
    let found = ADOPTS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, adopt)| *adopt).ok_or_else(|| format!("is `{text}`; write seen, always or never"))
}

/// Within the bounds of the variable that says it for all.
pub(super) fn min_span(text: &str) -> Result<SignedDuration, String> {
    let Form::Duration(least, longest) = POLICY_MIN_SPAN.form else {
        return Err("has no bounds".to_owned());
    };
    let span = within(text, least, longest, "")?;
    Ok(SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX))
}

/// The same for a time to live.
pub(super) fn ttl(value: &DeValue<'_>) -> Result<u32, String> {
    let number = value.as_integer();
    let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    number_within(number, POLICY_TTL.form, &kind(value))
}
