//! What a record set that is there leads to: addresses, or the resource that it follows.

use super::machine::machine;
use pure::domain::join_addresses;
use pure::plan::explanation::SetNow;

/// In words; an alias has no addresses of its own, and its names are answered all the same.
pub(super) fn leads_to(stands: &SetNow) -> String {
    match (&stands.alias, stands.addresses.is_empty()) {
        (Some(alias), _) => format!("alias of {}", machine(alias)),
        (None, true) => "no address".to_owned(),
        (None, false) => join_addresses(&stands.addresses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_told_by_the_name_and_the_group_of_what_it_follows() {
        let id = "/subscriptions/s/resourceGroups/rg-net/providers/Microsoft.Network/publicIPAddresses/pip";
        let stands = |alias: Option<&str>, addresses: &[&str]| {
            let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
            SetNow { alias: alias.map(str::to_owned), addresses, ..SetNow::default() }
        };
        assert_eq!(leads_to(&stands(Some(id), &[])), "alias of pip (rg-net)");
        assert_eq!(leads_to(&stands(None, &[])), "no address");
        assert_eq!(leads_to(&stands(None, &["203.0.113.7"])), "203.0.113.7");
    }
}
