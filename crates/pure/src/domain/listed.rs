//! The addresses that a machine lists as its own, as the workspace gives them: an array, or its text, or nothing.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use super::address::parse_address;

/// The addresses that a heartbeat lists in `ComputerPrivateIPs`, without any order: no source promises one.
///
/// ```
/// use pure::domain::Listed;
///
/// let listed = Listed::read(r#"["10.1.0.4", "fe80::1%eth0", "172.17.0.1"]"#);
/// assert_eq!(listed.addresses.len(), 2);
/// assert!(Listed::read("null").is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// What is an address.
    pub addresses: BTreeSet<IpAddr>,
    /// What is none, as it stands there.
    pub others: BTreeSet<String>,
}

impl Listed {
    /// So many different entries are one machine's at most; a longer list is not believed, for to take the first of them
    /// would be to go by their order.
    pub const MOST: usize = 64;

    /// Reads a cell of the workspace: the text of an array, an array whose text stands in quotes once more, or one address.
    #[must_use]
    pub fn read(cell: &str) -> Self {
        let mut listed = Self::default();
        match serde_json::from_str(cell) {
            Ok(value) => listed.take(&value, 0),
            Err(_) => listed.take_text(cell),
        }
        listed
    }

    /// Whether nothing is listed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.others.is_empty()
    }

    /// The number of different entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.addresses.len() + self.others.len()
    }

    /// The entries of a value; a text may hold an array as its text, once.
    fn take(&mut self, value: &Value, depth: u8) {
        match value {
            Value::Null => {}
            Value::Array(entries) => entries.iter().for_each(|entry| match entry {
                Value::String(text) => self.take_text(text),
                Value::Null => {}
                other => drop(self.others.insert(other.to_string())),
            }),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(inner @ (Value::Array(_) | Value::Null)) if depth == 0 => self.take(&inner, 1),
                _ => self.take_text(text),
            },
            other => drop(self.others.insert(other.to_string())),
        }
    }

    fn take_text(&mut self, text: &str) {
        match parse_address(text) {
            Some(address) => drop(self.addresses.insert(address)),
            None if text.trim().is_empty() => {}
            None => drop(self.others.insert(text.trim().to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_cell_is_read() {
        let two = ["10.1.0.4", "fd12::7"].map(|text| parse_address(text).unwrap());
        for cell in [
            r#"["10.1.0.4","fd12::7"]"#,
            r#" [ "fd12:0::7", " 10.1.0.4 ", "10.1.0.4", "", null ] "#,
            r#""[\"10.1.0.4\", \"fd12::7\"]""#,
            r#"["::ffff:10.1.0.4", "fd12::7"]"#,
        ] {
            let listed = Listed::read(cell);
            assert_eq!((listed.addresses, listed.others.len()), (two.into(), 0), "{cell}");
        }
        for cell in ["", "  ", "null", "[]", "\"\"", "\"null\"", "\"[]\"", "[null, \"\"]"] {
            assert!(Listed::read(cell).is_empty(), "{cell}");
        }
        let one = Listed::read("10.1.0.4");
        assert_eq!((one.addresses.len(), one.len()), (1, 1));
        // Only the strict form of an address is one; a list in a list is none.
        for cell in [
            r#"["010.0.0.1"]"#,
            r#"["10.0.0.1/8"]"#,
            "[7]",
            r#"[["10.0.0.1"]]"#,
            "{}",
            "10.1",
            "[\"10.0.0.1\"",
        ] {
            let listed = Listed::read(cell);
            assert_eq!((listed.addresses.len(), listed.others.len()), (0, 1), "{cell}");
        }
    }
}
