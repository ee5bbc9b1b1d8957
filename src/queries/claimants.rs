//! The text of `claimants.kql`, and its answer as a value.

use serde_json::Value;

use super::cells::Grid;
use super::literal::{OwnerId, Subscription, for_installation, quoted_list};
use pure::domain::ResourceId;

/// `claimants.kql`: the machines that a sweep of the tags must find again.
pub const CLAIMANTS: &str = include_str!("../../infra/kql/claimants.kql");

/// The columns of an answer to [`claimants_query`].
pub const CLAIMANTS_COLUMNS: [&str; 1] = ["ResourceId_s"];

const SUBSCRIPTIONS: &str = "let Subscriptions = dynamic([]);";

/// [`CLAIMANTS`] of one installation and these subscriptions, all when there are none. Asked over a day or more.
#[must_use]
pub fn claimants_query<'a>(
    owner: &OwnerId,
    subscriptions: impl IntoIterator<Item = &'a Subscription>,
) -> String {
    let list = format!("let Subscriptions = dynamic([{}]);", quoted_list(subscriptions));
    for_installation(CLAIMANTS, owner).replacen(SUBSCRIPTIONS, &list, 1)
}

/// The machines of an answer; what is no id names none.
#[must_use]
pub fn claimants(columns: &[String], rows: &[Vec<Value>]) -> Vec<ResourceId> {
    let table = Grid::new(columns, rows);
    table.rows().filter_map(|row| ResourceId::parse(&row.text("ResourceId_s")).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_places_are_filled() {
        let subscriptions = ["S-1", "s2"].map(|id| Subscription::parse(id).unwrap());
        let query = claimants_query(&OwnerId::new("us"), &subscriptions);
        assert!(query.contains("let Subscriptions = dynamic(['s-1', 's2']);"), "{query}");
        assert!(query.contains("let Installation = 'us';"), "{query}");
        assert!(claimants_query(&OwnerId::new("us"), []).contains(SUBSCRIPTIONS));
    }

    #[test]
    fn what_could_leave_a_literal_is_no_subscription() {
        for hostile in ["", "'", "a'", "a b", "a\\", "a,b", "ä"] {
            assert_eq!(Subscription::parse(hostile), None, "{hostile:?}");
        }
    }
}
