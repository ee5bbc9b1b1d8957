//! Management locks: what stops writes or deletions at a scope and below it.

/// How much a lock stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockLevel {
    /// Every write and every deletion.
    ReadOnly,
    /// Deletions alone.
    CanNotDelete,
}

impl LockLevel {
    /// The level of this name; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::ReadOnly, Self::CanNotDelete]
            .into_iter()
            .find(|level| level.as_str().eq_ignore_ascii_case(text))
    }

    /// Its name as the service writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "ReadOnly",
            Self::CanNotDelete => "CanNotDelete",
        }
    }
}

/// A lock on a subscription, a group or a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The id of what is locked, as given.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// What it stops.
    pub level: LockLevel,
    /// What somebody wrote about it.
    pub notes: Option<String>,
}

/// What stands between the id of what is locked and the name of the lock.
const BETWEEN: &str = "/providers/microsoft.authorization/locks/";

impl Lock {
    /// The id of a lock, taken apart into scope and name; none for anything else.
    pub(crate) fn split(id: &str) -> Option<(&str, &str)> {
        let at = id.to_ascii_lowercase().rfind(BETWEEN)?;
        let (scope, name) = (id.get(..at)?, id.get(at + BETWEEN.len()..)?);
        let fits = scope.starts_with('/') && !name.is_empty() && !name.contains('/');
        fits.then_some((scope, name))
    }

    /// Its own id.
    pub fn id(&self) -> String {
        format!("{}/providers/Microsoft.Authorization/locks/{}", self.scope, self.name)
    }

    /// Whether a resource is what is locked, or lies below it.
    pub(crate) fn covers(&self, id: &str) -> bool {
        is_at_or_below(id, &self.scope)
    }

    /// Whether the lock stands at a resource or below it.
    pub(crate) fn stands_below(&self, id: &str) -> bool {
        is_at_or_below(&self.scope, id)
    }
}

pub(super) fn is_at_or_below(id: &str, above: &str) -> bool {
    let (id, above) = (id.to_ascii_lowercase(), above.to_ascii_lowercase());
    id.strip_prefix(&above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_apart_and_compared_by_segments() {
        let id = "/subscriptions/s/providers/MICROSOFT.Authorization/locks/keep";
        assert_eq!(Lock::split(id), Some(("/subscriptions/s", "keep")));
        assert_eq!(Lock::split("/subscriptions/s"), None);
        assert_eq!(Lock::split(&format!("{id}/more")), None);
        assert!(is_at_or_below("/Subscriptions/s/x", "/subscriptions/S"));
        assert!(!is_at_or_below("/subscriptions/s2", "/subscriptions/s"));
    }
}
