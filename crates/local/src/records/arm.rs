//! Record sets as Resource Manager or `az network dns record-set list` prints them.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{Records, member, zone_name};

/// Reads an array of record sets, or `{"value": […]}`.
pub(super) fn read(text: &str) -> Result<Records> {
    let document: Value = serde_json::from_str(text).context("it is no JSON")?;
    let (sets, goes_on) = match document {
        Value::Array(sets) => (sets, false),
        Value::Object(mut page) => {
            let goes_on = page.get("nextLink").is_some_and(|link| !link.is_null());
            match page.remove("value") {
                Some(Value::Array(sets)) => (sets, goes_on),
                _ => bail!("it holds no array of record sets"),
            }
        }
        _ => bail!("it holds no array of record sets"),
    };
    ensure!(!goes_on, "it is one page of several: its nextLink says so");
    let is_private =
        |set: &Value| set["id"].as_str().is_some_and(|id| id.to_lowercase().contains("/privatednszones/"));
    ensure!(!sets.iter().any(is_private), "it is of a private zone, and only public ones are managed");
    let zone_id = sets.iter().find_map(|set| zone_of(set["id"].as_str()?));
    let mut records = match &zone_id {
        Some((id, name)) => Records { zone_id: id.clone(), ..Records::new(&zone_name(name)?) },
        None => {
            let zone = sets.iter().find_map(zone_of_fqdn);
            let zone = zone.context(
                "no record set in it has an id or an fqdn, so nothing says which zone it is: take what \
                 `az network dns record-set list` prints whole, or leave --records out for an empty zone",
            )?;
            Records::new(&zone_name(&zone)?)
        }
    };
    for (index, set) in sets.into_iter().enumerate() {
        ensure!(set.is_object(), "its element {} is no record set", index + 1);
        let id = set["id"].as_str().unwrap_or_default();
        if zone_of(id).is_some_and(|(id, _)| !id.eq_ignore_ascii_case(&records.zone_id)) {
            records.left_out.push(id.to_owned());
            continue;
        }
        let named = |member_name: &str, from_end: usize| {
            let given = member(&set, member_name).and_then(Value::as_str).map(str::to_owned);
            given.or_else(|| id.rsplit('/').nth(from_end).filter(|part| !part.is_empty()).map(str::to_owned))
        };
        let (Some(name), Some(kind)) = (named("name", 0), named("type", 1)) else {
            bail!("its element {} has no name or no type", index + 1);
        };
        let is_set = kind.to_lowercase().contains("dnszones/") || !kind.contains('/');
        ensure!(is_set, "its element {} is no record set but of type {kind}", index + 1);
        let mut set = set;
        set["name"] = name.into();
        set["type"] = kind.into();
        records.put(set);
    }
    Ok(records)
}

/// The zone's id and name out of a set's id.
fn zone_of(id: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = id.split('/').collect();
    let at = parts.iter().position(|part| part.eq_ignore_ascii_case("dnsZones"))?;
    let name = parts.get(at + 1)?;
    Some((parts[..=at + 1].join("/"), (*name).to_owned()))
}

/// The zone in the full name of a set that also has a name below it.
fn zone_of_fqdn(set: &Value) -> Option<String> {
    let text = |value: &Value, lower: &str| Some(member(value, lower)?.as_str()?.to_owned());
    let properties = member(set, "properties").unwrap_or(set);
    let (name, fqdn) = (text(set, "name")?, text(properties, "fqdn")?);
    if name == "@" {
        return Some(fqdn);
    }
    let (below, zone) = fqdn.split_at_checked(name.len())?;
    let zone = zone.strip_prefix('.').filter(|_| below.eq_ignore_ascii_case(&name))?;
    Some(zone.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_shapes_are_read_and_the_zone_is_that_of_the_ids() {
        let zone = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g/providers/Microsoft.Network/dnszones/home.example.org";
        let flat = json!([
            { "id": format!("{zone}/A/nas"), "name": "nas", "type": "Microsoft.Network/dnszones/A", "TTL": 60,
              "ARecords": [{ "ipv4Address": "198.51.100.7" }], "metadata": { "a": "b" } },
            { "id": format!("{zone}/NS/@"), "name": "@", "type": "Microsoft.Network/dnszones/NS", "TTL": 60, "NSRecords": [] },
            { "id": format!("{zone}/DS/x"), "name": "x", "type": "Microsoft.Network/dnszones/DS", "TTL": 60 },
        ]);
        let records = read(&flat.to_string()).unwrap();
        assert_eq!((records.zone.as_str(), records.zone_id.as_str()), ("home.example.org", zone));
        assert_eq!((records.sets.len(), records.left_out.as_slice()), (1, ["DS x".to_owned()].as_slice()));
        assert_eq!(records.addresses()[&("nas.home.example.org".to_owned(), "A")], ["198.51.100.7"]);
        let nested = json!({ "value": [{ "id": format!("{zone}/A/nas"),
            "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "198.51.100.7" }] } }] });
        let records = read(&nested.to_string()).unwrap();
        assert_eq!(records.addresses()[&("nas.home.example.org".to_owned(), "A")], ["198.51.100.7"]);
        for (name, fqdn) in [("NAS", "nas.home.example.org."), ("@", "home.example.org.")] {
            let set = json!({ "name": name, "type": "A", "fqdn": fqdn, "ttl": 60 });
            let nested = json!({ "name": name, "type": "A", "properties": { "fqdn": fqdn, "TTL": 60 } });
            for set in [set, nested] {
                assert_eq!(read(&json!([set]).to_string()).unwrap().zone, "home.example.org");
            }
        }
        let untold = json!([{ "name": "nas", "type": "A", "TTL": 60 }]).to_string();
        let elsewhere = json!([{ "name": "nas", "type": "A", "fqdn": "gate.example.org." }]).to_string();
        for untold in ["[]", &untold, &elsewhere] {
            let fault = read(untold).unwrap_err().to_string();
            assert!(fault.contains("which zone") && fault.contains("record-set list"), "{fault}");
        }
        for bad in [
            "{}",
            "[1]",
            "[{}]",
            "{\"value\": [], \"nextLink\": \"x\"}",
            "[{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/z.example/A/a\"}]",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
