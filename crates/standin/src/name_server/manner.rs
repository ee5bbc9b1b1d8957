//! How a name server strays from the truth: it lags, lies or refuses.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, Record as Answer, RecordType as Asked};
use serde_json::{Map, Value, json};

use super::answer::{Found, address_data};
use super::follower::Follower;
use crate::world::record::is_domain_name;

/// The TTL of a lie.
const LIE_TTL: u32 = 60;

/// How one name server behaves; by default it tells the truth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manner {
    /// How far it is behind.
    pub(super) lag: Duration,
    /// The world as it was then; none when it does not lag.
    pub(super) follower: Option<Arc<Follower>>,
    /// What it answers for the addresses of names, in lower case and without a dot at the end.
    lies: BTreeMap<String, Vec<IpAddr>>,
    /// Whether it refuses every question.
    pub(super) refuse: bool,
}

impl Manner {
    /// Reads one entry of `PUT /standin/name-servers`.
    ///
    /// # Errors
    /// The member that is wrong, with a dot before it.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or(": an object is wanted")?;
        let mut manner = Self::default();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let wanted = |what: &str| format!(".{name}: {what} is wanted, not {value}");
            match name.as_str() {
                "lag_ms" => {
                    manner.lag = Duration::from_millis(
                        value.as_u64().ok_or_else(|| wanted("a count of milliseconds"))?,
                    );
                }
                "lie" => {
                    let lies = value.as_object().ok_or_else(|| wanted("an object"))?;
                    manner.lies = lies.iter().map(lie).collect::<Result<_, String>>()?;
                }
                "refuse" => manner.refuse = value.as_bool().ok_or_else(|| wanted("a boolean"))?,
                _ => return Err(format!(": no member '{name}' is known")),
            }
        }
        if manner.refuse && (!manner.lag.is_zero() || !manner.lies.is_empty()) {
            return Err(".refuse: a server that refuses neither lags nor lies".to_owned());
        }
        Ok(manner)
    }

    /// The entry again, under the address where the server listens.
    pub(super) fn show(&self, address: &str) -> Value {
        let mut members = Map::new();
        members.insert("address".to_owned(), json!(address));
        if !self.lag.is_zero() {
            let milliseconds = self.lag.as_secs() * 1000 + u64::from(self.lag.subsec_millis());
            members.insert("lag_ms".to_owned(), json!(milliseconds));
        }
        if !self.lies.is_empty() {
            members.insert("lie".to_owned(), json!(self.lies));
        }
        if self.refuse {
            members.insert("refuse".to_owned(), json!(true));
        }
        Value::Object(members)
    }

    /// The lie about a name's addresses; none when it tells none. Other types of the name are told truly.
    pub(super) fn lie(&self, name: &Name, asked: Asked) -> Option<Found> {
        if !matches!(asked, Asked::A | Asked::AAAA | Asked::ANY) {
            return None;
        }
        let lower = name.to_lowercase().to_ascii();
        let addresses = self.lies.get(lower.trim_end_matches('.'))?;
        let records =
            addresses.iter().map(|address| Answer::from_rdata(name.clone(), LIE_TTL, address_data(*address)));
        let answers = records.filter(|record| asked == Asked::ANY || record.record_type() == asked).collect();
        Some(Found { authoritative: true, answers, ..Found::code(ResponseCode::NoError) })
    }
}

/// One name with the addresses that are answered for it.
fn lie((name, addresses): (&String, &Value)) -> Result<(String, Vec<IpAddr>), String> {
    let plain = name.trim_end_matches('.').to_ascii_lowercase();
    if !is_domain_name(&plain) {
        return Err(format!(".lie: '{name}' is no domain name"));
    }
    let list = addresses.as_array();
    let list = list.and_then(|list| list.iter().map(|address| address.as_str()?.parse().ok()).collect());
    let list =
        list.ok_or_else(|| format!(".lie.{name}: an array of addresses is wanted, not {addresses}"))?;
    Ok((plain, list))
}
