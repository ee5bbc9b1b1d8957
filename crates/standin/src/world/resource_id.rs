//! Resource Manager ids: kept as given, compared without case.

/// The id of a resource below a resource group.
#[derive(Debug, Clone)]
pub struct ResourceId {
    /// The id as given, without a slash at the end.
    pub text: String,
    /// The subscription's id as given.
    pub subscription: String,
    /// The resource group's name as given.
    pub group: String,
    /// Provider and type, such as `Microsoft.Network/dnsZones`.
    pub kind: String,
    /// The resource's name; names of nested resources are joined by slashes.
    pub name: String,
}

impl ResourceId {
    /// Parses `/subscriptions/S/resourceGroups/G/providers/P/T/N[/T/N…]`; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let segments: Vec<&str> = text.strip_prefix('/')?.split('/').collect();
        let (head, rest) = segments.split_at_checked(6)?;
        let fits = head[0].eq_ignore_ascii_case("subscriptions")
            && head[2].eq_ignore_ascii_case("resourceGroups")
            && head[4].eq_ignore_ascii_case("providers")
            && !rest.is_empty()
            && rest.len() % 2 == 0
            && segments.iter().all(|segment| !segment.is_empty());
        fits.then(|| {
            let odd =
                |offset: usize| rest.iter().skip(offset).step_by(2).copied().collect::<Vec<_>>().join("/");
            Self {
                text: text.to_owned(),
                subscription: head[1].to_owned(),
                group: head[3].to_owned(),
                kind: format!("{}/{}", head[5], odd(0)),
                name: odd(1),
            }
        })
    }

    /// The id in lower case, under which it is found.
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for ResourceId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart() {
        let id =
            ResourceId::parse("/subscriptions/s/resourcegroups/G/providers/P.Q/t/n/u/m/").expect("an id");
        assert_eq!((id.group.as_str(), id.kind.as_str(), id.name.as_str()), ("G", "P.Q/t/u", "n/m"));
        assert!(ResourceId::parse("/subscriptions/s/resourceGroups/g").is_none());
        assert!(ResourceId::parse("dns").is_none());
    }
}
