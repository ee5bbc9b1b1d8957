//! A durable refusal of a write, as a cell of a row keeps it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::address::parse_address;
use super::resource_id::ResourceId;

/// What was refused for good: a code, and the machines and addresses that it was asked for.
///
/// Written `code=ScopeLocked,<machine id, lower case>=<address>`. None of the parts can hold a comma or an equals sign.
///
/// ```
/// use pure::domain::Refused;
///
/// let nas = "/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines/nas";
/// let text = format!("code=ScopeLocked,{nas}=203.0.113.7");
/// let refused = Refused::parse(&text).unwrap();
/// assert_eq!((refused.code(), refused.to_string()), ("ScopeLocked", text));
/// assert_eq!(Refused::parse("ScopeLocked"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    code: String,
    given: BTreeMap<ResourceId, IpAddr>,
}

impl Refused {
    /// A refusal with this code, given to these machines and addresses. Of the code only letters, digits and `-_.` are
    /// kept: it came over a wire.
    #[must_use]
    pub fn new(code: &str, given: impl IntoIterator<Item = (ResourceId, IpAddr)>) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
        let given = given.into_iter().map(|(machine, address)| (machine, address.to_canonical())).collect();
        Self { code: code.chars().filter(plain).collect(), given }
    }

    /// What the log says of a set that nobody sees because name servers of a zone below answer for its name: given to
    /// nobody, for whoever asks is refused.
    #[must_use]
    pub fn delegated() -> Self {
        Self::new("delegated", [])
    }

    /// What the log says of a place where a live read found no set: given to nobody, for nobody was refused.
    #[must_use]
    pub fn absent() -> Self {
        Self::new("absent", [])
    }

    /// What the log says of a set that a sweep found and could not read: it is there, and given to nobody.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::new("unreadable", [])
    }

    /// Reads a cell; none when it is of another form.
    #[must_use]
    pub fn parse(cell: &str) -> Option<Self> {
        let mut parts = cell.split(',');
        let code = parts.next()?.strip_prefix("code=")?;
        let pair = |part: &str| {
            let (machine, address) = part.split_once('=')?;
            Some((ResourceId::parse(machine).ok()?, parse_address(address)?))
        };
        Some(Self::new(code, parts.map(pair).collect::<Option<BTreeMap<_, _>>>()?))
    }

    /// The code: the service's, or the reason of the plan.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The machines and the addresses that they reported then.
    #[must_use]
    pub fn given(&self) -> &BTreeMap<ResourceId, IpAddr> {
        &self.given
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code={}", self.code)?;
        for (machine, address) in &self.given {
            write!(f, ",{}={address}", machine.lower())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(name: &str) -> ResourceId {
        let text =
            format!("/subscriptions/S/resourceGroups/G/providers/Microsoft.HybridCompute/machines/{name}");
        ResourceId::parse(&text).unwrap()
    }

    #[test]
    fn machines_are_sorted_in_lower_case_and_addresses_canonical() {
        let refused = Refused::new(
            "Scope,Locked=1\n",
            [
                (machine("B"), "2001:DB8:0::7".parse().unwrap()),
                (machine("a"), "::ffff:203.0.113.7".parse().unwrap()),
            ],
        );
        let base = "/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines";
        let cell = format!("code=ScopeLocked1,{base}/a=203.0.113.7,{base}/b=2001:db8::7");
        assert_eq!(refused.to_string(), cell);
        assert_eq!(Refused::parse(&cell), Some(refused));
    }

    #[test]
    fn what_has_another_form_is_no_refusal() {
        let cells = ["", "code", "x=y", "code=A,", "code=A,x=203.0.113.7", "code=A,=", "A,code=B", "proved"];
        for cell in
            cells.into_iter().chain(["code=A,proved", "code=A,proved,/m=1.1.1.1", "code=A,/m=1.1.1.1,proved"])
        {
            assert_eq!(Refused::parse(cell), None, "{cell}");
        }
        assert_eq!(Refused::parse("code=A").unwrap().given().len(), 0);
    }
}
