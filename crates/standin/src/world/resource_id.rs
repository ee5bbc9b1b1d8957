//! Resource Manager ids: kept as given, compared without case.

use std::sync::Arc;

use super::texts::Texts;

/// The id of a resource below a resource group.
#[derive(Debug, Clone)]
pub struct ResourceId {
    /// The id as given, without a slash at the end.
    pub text: Arc<str>,
    /// The subscription's id as given.
    pub subscription: Arc<str>,
    /// The resource group's name as given.
    pub group: Arc<str>,
    /// Provider and type, such as `Microsoft.Network/dnsZones`.
    pub kind: Arc<str>,
    /// The resource's name; names of nested resources are joined by slashes.
    pub name: Arc<str>,
}

impl ResourceId {
    /// Parses `/subscriptions/S/resourceGroups/G/providers/P/T/N[/T/N…]`; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text, &mut |part| Arc::from(part))
    }

    /// The same, for one of many ids that have most of their parts in common.
    pub(crate) fn parse_among(text: &str, texts: &mut Texts) -> Option<Self> {
        Self::read(text, &mut |part| texts.shared(part))
    }

    fn read(text: &str, shared: &mut dyn FnMut(&str) -> Arc<str>) -> Option<Self> {
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
                text: text.into(),
                subscription: shared(head[1]),
                group: shared(head[3]),
                kind: shared(&format!("{}/{}", head[5], odd(0))),
                name: odd(1).into(),
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
        assert_eq!((&*id.group, &*id.kind, &*id.name), ("G", "P.Q/t/u", "n/m"));
        assert!(ResourceId::parse("/subscriptions/s/resourceGroups/g").is_none());
        assert!(ResourceId::parse("dns").is_none());
    }
}
