//! The members of a record, read one by one; names are compared without case, faults are told with their place.

use std::str::FromStr;

use serde_json::{Map, Value};

/// The members of one record and where it stands.
pub(super) struct Fields<'v> {
    members: &'v Map<String, Value>,
    place: String,
}

/// A member by its name without regard to case.
pub(crate) fn member_of<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).or_else(|| {
        members.iter().find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value, place: &str) -> Result<Self, String> {
        let members = value.as_object().ok_or_else(|| format!("{place}: an object is wanted"))?;
        Ok(Self { members, place: place.to_owned() })
    }

    /// Those of an object among them.
    pub(super) fn below(&self, name: &str) -> Result<Self, String> {
        Self::of(member_of(self.members, name).unwrap_or(&Value::Null), &format!("{}.{name}", self.place))
    }

    fn fault(&self, name: &str, words: &str) -> String {
        format!("{}.{name}: {words}", self.place)
    }

    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        let value = member_of(self.members, name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| self.fault(name, "a text is wanted"))
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &str, not: &str) -> Result<T, String> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.fault(name, &format!("'{text}' is {not}")))
    }

    pub(super) fn host(&self, name: &str) -> Result<String, String> {
        let host = self.text(name)?;
        if is_domain_name(&host) {
            Ok(host)
        } else {
            Err(self.fault(name, &format!("'{host}' is no domain name")))
        }
    }

    /// A domain name, or the lone dot that says that there is none (RFC 7505 for MX, RFC 2782 for SRV).
    pub(super) fn host_or_none(&self, name: &str) -> Result<String, String> {
        match self.text(name)?.as_str() {
            "." => Ok(".".to_owned()),
            _ => self.host(name),
        }
    }

    fn number(&self, name: &str) -> Result<u64, String> {
        let value = member_of(self.members, name).and_then(Value::as_u64);
        value.ok_or_else(|| self.fault(name, "a number is wanted"))
    }

    pub(super) fn octet(&self, name: &str) -> Result<u8, String> {
        u8::try_from(self.number(name)?).map_err(|_| self.fault(name, "over 255"))
    }

    pub(super) fn small(&self, name: &str) -> Result<u16, String> {
        u16::try_from(self.number(name)?).map_err(|_| self.fault(name, "over 65535"))
    }

    pub(super) fn large(&self, name: &str, default: u32) -> Result<u32, String> {
        match member_of(self.members, name) {
            None | Some(Value::Null) => Ok(default),
            Some(_) => u32::try_from(self.number(name)?).map_err(|_| self.fault(name, "over 4294967295")),
        }
    }

    /// A text that travels with a length octet (contract azure-resource-manager, section 2.3).
    pub(super) fn short_text(&self, name: &str) -> Result<String, String> {
        Some(self.text(name)?)
            .filter(|text| text.len() <= LONGEST)
            .ok_or_else(|| self.fault(name, "a string has more than 255 characters"))
    }

    /// The tag of a CAA record: letters and digits (RFC 8659, section 4.1).
    pub(super) fn tag(&self, name: &str) -> Result<String, String> {
        let fits = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(self.short_text(name)?)
            .filter(fits)
            .ok_or_else(|| self.fault(name, "letters and digits are wanted"))
    }

    /// An array of such texts, at least one (RFC 1035, section 3.3.14).
    pub(super) fn short_texts(&self, name: &str) -> Result<Vec<String>, String> {
        let list = member_of(self.members, name).and_then(Value::as_array);
        let texts: Option<Vec<String>> =
            list.and_then(|list| list.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        let texts = texts.filter(|texts| !texts.is_empty());
        let texts = texts.ok_or_else(|| self.fault(name, "an array of texts is wanted"))?;
        if texts.iter().any(|text| text.len() > LONGEST) {
            return Err(self.fault(name, "a string has more than 255 characters"));
        }
        Ok(texts)
    }
}

/// Characters of a text with a length octet at most.
const LONGEST: usize = 255;

/// Whether a text can stand as a domain name in a record: labels of 1 to 63 printable ASCII characters.
pub(crate) fn is_domain_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(&byte))
        })
}
