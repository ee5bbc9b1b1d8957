//! The schema judges as the reader does, knows the keys that it knows, and is the one that is shipped.

use jsonschema::Validator;
use proptest::prelude::*;
use toml::de::{DeTable, DeValue};

use super::*;
use crate::config::policy_file::{Defaults, KEYS, read, values};
use crate::config::term::parse_prefix;
use pure::plan::{NameForm, Scope, Terms};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.schema.json");
const PAGE: &str = include_str!("../../../../docs/policy.md");

/// The keys of the page's table, each with what it says of it.
fn documented() -> Vec<(String, String)> {
    let table = PAGE.split("## Keys of a claim").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ");
        let (key, without, meaning) = (cells.next()?.trim_end_matches('`'), cells.next()?, cells.next()?);
        let meaning = if without == "required" {
            meaning.to_owned()
        } else {
            format!("{meaning}; without it: {without}")
        };
        Some((key.to_owned(), meaning))
    });
    rows.collect()
}

fn validator() -> Validator {
    jsonschema::draft4::new(&schema(&documented())).unwrap()
}

/// A TOML text as the JSON that an editor holds against a schema.
fn as_json(text: &str) -> Value {
    fn table(table: &DeTable<'_>) -> Value {
        table
            .iter()
            .map(|(key, item)| (key.get_ref().to_string(), value(item.get_ref())))
            .collect::<Map<_, _>>()
            .into()
    }
    fn value(given: &DeValue<'_>) -> Value {
        match given {
            DeValue::String(text) => json!(text),
            DeValue::Integer(number) => json!(i64::from_str_radix(number.as_str(), number.radix()).unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::Boolean(value) => json!(value),
            DeValue::Datetime(time) => json!(time.to_string()),
            DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
            DeValue::Table(members) => table(members),
        }
    }
    table(DeTable::parse(text).unwrap().get_ref())
}

/// Whether reader and schema take a text.
fn taken(text: &str) -> (bool, bool) {
    (
        read(text, &Defaults { terms: Terms::default(), ttl_max: None }, None).is_ok(),
        validator().is_valid(&as_json(text)),
    )
}

#[test]
fn the_schema_that_is_shipped_is_this_one() {
    let wanted = format!("{:#}\n", schema(&documented()));
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(FILE, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/policy.schema.json is old: UPDATE_DOCUMENTS=1 cargo test --lib schema writes it"
    );
}

/// A key that is new to the reader is new to the page and to the schema.
#[test]
fn reader_page_and_schema_know_the_same_keys() {
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    let read = sorted(KEYS.map(str::to_owned).to_vec());
    assert_eq!(sorted(documented().into_iter().map(|(key, _)| key).collect()), read, "docs/policy.md");
    let schema = schema(&documented());
    let known = schema.pointer("/properties/claim/items/properties").unwrap().as_object().unwrap();
    assert_eq!(sorted(known.keys().cloned().collect()), read, "`form` in schema.rs");
}

/// Claims of one further key each that can be read.
const GOOD: [&str; 41] = [
    "names = '*'",
    "names = ['nas.example.com']",
    r"names = ['\*.example.com', 'Bücher.example.com.', ' a-*.{resourceGroup}.b.example.com ']",
    "names = '{name}.{location}.{tag:Site code}.example.com'",
    "names = 'x{name}-1'",
    "names = 'private:wpad.example.com'",
    "names = ['private: *.example.com']",
    "kind = 'private'",
    "kind = 'Public'",
    "scope = '/subscriptions/S1'",
    "scope = ' /Subscriptions/s1/RESOURCEGROUPS/rg-(1)_a.b/ '",
    "scope = '/subscriptions/s1/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m'",
    "scope = '/providers/microsoft.management/managementgroups/mg-lab'",
    "types = 'a'",
    "types = ['A', ' AAAA']",
    "prefixes = '203.0.113.0/24'",
    "prefixes = ['203.0.113.9', '2001:db8::/32', '::ffff:203.0.113.9', '::/0', '0.0.0.0/0']",
    "deny_prefixes = ['255.255.255.255/32', 'fe80::1']",
    "ttl = 1",
    "ttl = 2_147_483_647",
    "ttl = 0x3c",
    "adopt = 'seen'",
    "adopt = 'Always'",
    "adopt = 'NEVER'",
    "min_span = '90s'",
    "min_span = '1m 30s'",
    "min_span = 'PT45S'",
    "min_span = 'pt1m'",
    "min_span = '45 seconds'",
    "min_span = '1 minute, 30 seconds'",
    "countries = 'Switzerland'",
    "countries = ['ch', 'CHE', ' The Netherlands ', 'Côte d’Ivoire']",
    "countries = ['U.K.', 'Korea (Republic of)', 'Bosnia & Herzegovina']",
    "countries = 'Åland'",
    "countries = '-UK-'",
    "shared = true",
    "shared = false",
    "hold = true",
    "hold = false",
    "",
    "# nothing",
];

/// Claims that neither takes.
const FAULTY: [&str; 56] = [
    "nmaes = 'nas.example.com'",
    "Names = 'nas.example.com'",
    "names = []",
    "names = 'private:'",
    "names = 'private:{name}.example.com'",
    "kind = 'internal'",
    "kind = ['private']",
    "names = ''",
    "names = 7",
    "names = [['a.example.com']]",
    "names = ['a.example.com', true]",
    "names = 'a_b.example.com'",
    "names = 'a..example.com'",
    "names = '.example.com'",
    "names = '{machine}.example.com'",
    "names = '{Name}.example.com'",
    "names = '{tag:}.example.com'",
    "names = '{tag: }.example.com'",
    "names = '{name.example.com'",
    "names = 'name}.example.com'",
    "names = '{name}'",
    "names = 'a b.example.com'",
    r"names = 'a\b.example.com'",
    "scope = ''",
    "scope = 'rg-edge'",
    "scope = '/'",
    "scope = '/subscriptions'",
    "scope = '/subscriptions/a b'",
    "scope = '/subscriptions/s/resourceGroups'",
    "scope = '/subscriptions/s/groups/g'",
    "scope = '/providers/Microsoft.Management/managementGroups'",
    "scope = '/providers/Microsoft.Management/managementGroups/a/b'",
    "scope = ['/subscriptions/s']",
    "types = 'TXT'",
    "types = ['A', 'CNAME']",
    "prefixes = 'here'",
    "prefixes = '203.0.113'",
    "prefixes = '203.0.113.256'",
    "prefixes = '203.0.113.0/33'",
    "deny_prefixes = '2001:db8::/129'",
    "deny_prefixes = 10",
    "ttl = 0",
    "ttl = '60'",
    "ttl = 60.5",
    "adopt = 'perhaps'",
    "adopt = ['seen']",
    "min_span = 45",
    "countries = []",
    "countries = ''",
    "countries = 'X'",
    "countries = ['CH', '41']",
    "countries = 'C1H'",
    "countries = true",
    "shared = 'yes'",
    "shared = 1",
    "hold = 'yes'",
];

/// What only the reader sees: it counts, or knows which labels a name may have.
const READER_ALONE: [&str; 8] = [
    "min_span = '2h'",
    "min_span = '0s'",
    "min_span = 'a1'",
    "names = '-a.example.com'",
    "prefixes = ':::'",
    "scope = '/subscriptions/..'",
    "countries = 'Atlantis'",
    "countries = ['CH', 'ZZ']",
];

fn claim(line: &str) -> String {
    let names = if line.to_lowercase().contains("names") { "" } else { "names = 'nas.example.com'\n" };
    format!("[[claim]]\n{names}{line}\n")
}

#[test]
fn the_schema_judges_as_the_reader_does() {
    for line in GOOD {
        assert_eq!(taken(&claim(line)), (true, true), "{line}");
    }
    for line in FAULTY {
        assert_eq!(taken(&claim(line)), (false, false), "{line}");
    }
    for line in READER_ALONE {
        assert_eq!(taken(&claim(line)), (false, true), "{line}");
    }
    for key in KEYS {
        let tried = |lines: &[&str]| lines.iter().any(|line| line.starts_with(&format!("{key} =")));
        assert!(tried(&GOOD) && tried(&FAULTY), "neither list tries {key}");
    }
}

#[test]
fn so_it_does_with_whole_files() {
    let example = include_str!("../../../../infra/policy.example.toml");
    let page = PAGE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    for (text, folder, schema) in
        [(example, "infra", "../docs/policy.schema.json"), (page, "docs", "policy.schema.json")]
    {
        assert_eq!(taken(text), (true, true), "{text}");
        assert_eq!(text.lines().next(), Some(format!("#:schema {schema}").as_str()));
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(schema);
        assert_eq!(place.canonicalize().unwrap(), std::path::Path::new(FILE));
    }
    for text in [
        "# nothing\n",
        "claim = []\n",
        "claim = ['*']\n",
        "[claim]\nnames = '*'\n",
        "[[claims]]\nnames = '*'\n",
        "title = 'ours'\n[[claim]]\nnames = '*'\n",
        "[[claim]]\n",
        "[[claim]]\nnames = '*'\n[[claim]]\nttl = 60\n",
    ] {
        assert_eq!(taken(text), (false, false), "{text}");
    }
}

/// Values that come near to names, scopes, ranges, spans, countries and words.
fn near() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/subscriptions/s".to_owned()),
        Just("/resourceGroups/g".to_owned()),
        Just("/providers/Microsoft.HybridCompute/machines/m".to_owned()),
        Just("/providers/Microsoft.Management/managementGroups/g".to_owned()),
        Just("{name}".to_owned()),
        Just("{tag:K}".to_owned()),
        Just(".example.com".to_owned()),
        Just("203.0.113.0".to_owned()),
        Just("2001:db8::".to_owned()),
        Just("CH".to_owned()),
        Just("the Netherlands".to_owned()),
        "[a-zA-Z0-9*.{}:/\\\\ é_-]{1,3}",
        "[0-9]{1,3}[smhd.:/]",
    ];
    proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// An editor that marks what is right would be switched off.
    #[test]
    fn nothing_that_is_read_is_marked(text in near()) {
        thread_local!(static VALIDATOR: Validator = validator());
        let marked = |key: &str| VALIDATOR.with(|validator| {
            let mut claim = json!({ "names": "a.example.com" });
            claim[key] = json!(text);
            !validator.is_valid(&json!({ "claim": [claim] }))
        });
        for (key, is_read) in [
            ("names", text.parse::<NameForm>().is_ok()),
            ("scope", text.parse::<Scope>().is_ok()),
            ("prefixes", parse_prefix(&text).is_ok()),
            ("min_span", values::min_span(&text).is_ok()),
            ("countries", values::country(&text).is_ok()),
        ] {
            prop_assert!(!is_read || !marked(key), "{} = {:?}", key, text);
        }
    }
}
