//! The button that moves a machine: from now on it beats from an address that nobody else has.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value, json};
use standin::{heartbeats, loopback};

use super::View;
use crate::street::{HOUSE_NIGHT, PROXY, STRANGER};
use crate::timeline::Event;

/// Where the form goes.
pub(super) const PATH: &str = "/move";
/// The form's field: the machine's id.
pub(super) const MACHINE: &str = "machine";

/// Addresses in turn, so that a machine that moves again does not come back.
#[derive(Debug, Default)]
pub(crate) struct Places(AtomicUsize);

impl Places {
    /// The next address that is not among `taken`, nor kept for the scenario.
    fn next(&self, taken: &BTreeSet<IpAddr>) -> Ipv4Addr {
        let kept = [HOUSE_NIGHT, PROXY, STRANGER.1];
        let mut place = HOUSE_NIGHT;
        for _ in 0..u8::MAX {
            let number = u8::try_from(self.0.fetch_add(1, Ordering::Relaxed) % 254).unwrap_or_default();
            place = Ipv4Addr::new(203, 0, 113, number + 1);
            if !kept.contains(&place) && !taken.contains(&place.into()) {
                break;
            }
        }
        place
    }
}

/// Answers the form.
pub(super) async fn press(
    Extract(view): Extract<View>,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(why) = loopback::refusal(&target, &headers) {
        return (StatusCode::FORBIDDEN, why).into_response();
    }
    let field = url::form_urlencoded::parse(&body).find(|(name, _)| name == MACHINE);
    let key = field.map(|(_, id)| id.to_lowercase()).unwrap_or_default();
    let found = view
        .state
        .world()
        .machines
        .get(&key)
        .map(|machine| (machine.id.text.to_string(), machine.name.to_string()));
    let Some((id, name)) = found else {
        return (StatusCode::NOT_FOUND, "There is no such machine.").into_response();
    };
    let newest = view.newest().await;
    let taken = newest.values().flatten().map(|heard| heard.address).collect();
    let from = newest.get(&key).and_then(|heard| heard.iter().find(|heard| heard.address.is_ipv4()));
    let from = from.map(|heard| heard.address);
    let to = view.places.next(&taken);
    let mut row = Map::new();
    for (column, value) in [("_ResourceId", &id), ("Computer", &name), ("ComputerIP", &to.to_string())] {
        row.insert(column.to_owned(), Value::from(value.as_str()));
    }
    heartbeats::post(&view.state, vec![row]);
    let from_words = from.map(|from| format!(", no longer from {from}")).unwrap_or_default();
    let words = format!("Somebody moves {name}: it beats from {to} now{from_words}.");
    view.timeline.tell(Event::new("move", words, json!({ "machines": [name], "from": from, "to": to })));
    Redirect::to("/").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_moved_to_where_somebody_is() {
        let places = Places::default();
        let taken: BTreeSet<IpAddr> = [Ipv4Addr::new(203, 0, 113, 1).into()].into();
        let moved: Vec<Ipv4Addr> = (0..300).map(|_| places.next(&taken)).collect();
        assert_eq!(moved[0], Ipv4Addr::new(203, 0, 113, 2));
        for kept in [HOUSE_NIGHT, PROXY, STRANGER.1, Ipv4Addr::new(203, 0, 113, 1)] {
            assert!(!moved.contains(&kept), "{kept}");
        }
        assert!(moved.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
