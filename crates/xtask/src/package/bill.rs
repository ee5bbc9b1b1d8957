//! The bill of materials: the crates in a released binary, in the form of CycloneDX 1.5.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::platform::{Build, Platform};
use super::{hex, read_text};
use crate::shell;

/// Writes the bill. It holds no time and no random serial number: the serial is made of the contents.
pub(super) fn write(root: &Path, platform: &Platform, what: Build) -> Result<String> {
    let (target, features) = (platform.target, what.features());
    let line = format!("cargo metadata --locked --format-version 1 {features} --filter-platform {target}");
    let metadata: Value =
        serde_json::from_str(&shell::output(root, &line)?).context("cargo metadata printed no JSON")?;
    let line = format!(
        "cargo tree --locked --package heartbeat-dns --edges normal,no-proc-macro {features} --target {target} \
         --prefix none"
    );
    let built = built(&shell::output(root, &line)?);
    let sums = checksums(&read_text(&root.join("Cargo.lock"))?);
    let mut bill = of(&metadata, &built, &sums)?;
    bill["serialNumber"] = serial(&bill).into();
    Ok(format!("{bill:#}\n"))
}

/// A crate's name and version.
type Crate = (String, String);

/// The crates of a tree, one a line. The metadata alone tells of too many: it enables what any crate of this repository asks for.
fn built(tree: &str) -> BTreeSet<Crate> {
    let words = tree.lines().map(|line| line.split_whitespace().map(str::to_owned));
    words
        .filter_map(|mut words| Some((words.next()?, words.next()?.trim_start_matches('v').to_owned())))
        .collect()
}

fn of(metadata: &Value, built: &BTreeSet<Crate>, sums: &BTreeMap<Crate, String>) -> Result<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node["id"]), node)).collect();
    let top = packages
        .values()
        .find(|package| package["name"] == "heartbeat-dns")
        .map(|package| text(&package["id"]))
        .context("the metadata holds no heartbeat-dns")?;

    // What is linked: along normal dependencies, without the macros that only the compiler runs.
    let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open = vec![top.clone()];
    while let Some(id) = open.pop() {
        if linked.contains_key(&id) {
            continue;
        }
        let mut needs = BTreeSet::new();
        for dependency in list(&nodes.get(&id).context("a crate without a node")?["deps"]) {
            let package = text(&dependency["pkg"]);
            let is_normal = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            let is_macro = list(&packages[&package]["targets"])
                .iter()
                .any(|target| list(&target["kind"]).iter().any(|kind| kind == "proc-macro"));
            if is_normal && !is_macro && built.contains(&name_of(&packages[&package])) {
                open.push(package.clone());
                needs.insert(package);
            }
        }
        linked.insert(id, needs);
    }

    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (id, needs) in &linked {
        let package = &packages[id];
        let needs: Vec<_> = needs.iter().map(|need| purl(&packages[need])).collect();
        dependencies.push(json!({ "ref": purl(package), "dependsOn": needs }));
        if *id != top {
            components.push(component(package, "library", sums));
        }
    }
    let by = |member: &'static str| move |one: &Value| text(&one[member]);
    components.sort_by_key(by("bom-ref"));
    dependencies.sort_by_key(by("ref"));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "",
        "version": 1,
        "metadata": { "component": component(&packages[&top], "application", sums) },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(package: &Value, kind: &str, sums: &BTreeMap<Crate, String>) -> Value {
    let (name, version) = name_of(package);
    let mut component = json!({
        "type": kind, "bom-ref": purl(package), "name": name, "version": version, "purl": purl(package),
    });
    if let Some(licence) = package["license"].as_str() {
        // Older crates part alternatives with a slash, which is no SPDX expression.
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ").replace("  ", " ") }]);
    }
    if let Some(sum) = sums.get(&(name, version)) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

fn name_of(package: &Value) -> Crate {
    (text(&package["name"]), text(&package["version"]))
}

fn purl(package: &Value) -> String {
    let version = text(&package["version"]).replace('+', "%2B");
    format!("pkg:cargo/{}@{version}", text(&package["name"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Name and version of each crate in the lock file, with its checksum.
fn checksums(lock: &str) -> BTreeMap<Crate, String> {
    let member = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
        line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
    };
    let blocks = lock.split("[[package]]").skip(1);
    blocks
        .filter_map(|block| {
            Some(((member(block, "name")?, member(block, "version")?), member(block, "checksum")?))
        })
        .collect()
}

/// A UUID of version 8, made of the bill's hash.
fn serial(bill: &Value) -> String {
    let mut bytes: Vec<u8> = Sha256::digest(bill.to_string()).iter().copied().take(16).collect();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Value {
        let package = |name: &str, kind: &str| {
            json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0",
                    "targets": [{ "kind": [kind] }] })
        };
        let to = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        json!({
            "packages": [package("heartbeat-dns", "bin"), package("linked", "lib"), package("macros", "proc-macro"),
                         package("built", "lib"), package("tested", "lib"), package("elsewhere", "lib")],
            "resolve": { "nodes": [
                { "id": "heartbeat-dns", "deps": [to("linked", Value::Null), to("macros", Value::Null),
                                                  to("tested", json!("dev"))] },
                { "id": "linked", "deps": [to("built", json!("build")), to("elsewhere", Value::Null)] },
                { "id": "elsewhere", "deps": [] },
            ] },
        })
    }

    #[test]
    fn only_what_is_linked_is_listed() {
        // `elsewhere` is there because of another crate of the repository only.
        let built = built("heartbeat-dns v1.0.0 (/src)\nlinked v1.0.0\nlinked v1.0.0 (*)\n");
        let bill = of(&metadata(), &built, &BTreeMap::new()).unwrap();
        let names: Vec<_> =
            bill["components"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
        assert_eq!(names, ["linked"]);
        assert_eq!(bill["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["dependencies"][0]["dependsOn"][0], "pkg:cargo/linked@1.0.0");
    }

    #[test]
    fn checksums_come_from_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\
                    source = \"x\"\nchecksum = \"c0ffee\"\n";
        let sums = checksums(lock);
        assert_eq!(sums.len(), 1);
        assert_eq!(sums[&("b".to_owned(), "2.0.0".to_owned())], "c0ffee");
    }

    #[test]
    fn the_serial_number_follows_from_the_contents() {
        assert_eq!(serial(&json!(1)), serial(&json!(1)));
        assert_ne!(serial(&json!(1)), serial(&json!(2)));
    }
}
