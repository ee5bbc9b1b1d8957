//! The variables of the handler, and of whoever works against the local Azure from a second terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use local::{Course, Places, write_private};

use crate::clock::{dial, recorded};
use crate::config::{self, Faults, Settings, Variables};

/// Hours of Azure are played in minutes here: these are divided by [`FASTER`] unless they are set.
const DIVIDED: [(&str, Duration); 5] = [
    ("POLICY_UNSEEN", Duration::from_secs(10 * 60)),
    ("POLICY_SURGE_HOLD", Duration::from_secs(15 * 60)),
    ("POLICY_CLAIM_DORMANT", Duration::from_secs(24 * 60 * 60)),
    ("POLICY_MIN_SPAN", Duration::from_secs(45)),
    ("POLICY_FLAP_HOLD", Duration::from_secs(45 * 60)),
];
/// Machines beat thirty times as often as in Azure.
const FASTER: u32 = 30;

/// The prefixes of documentation, which the policy refuses by itself (RFC 5737, RFC 3849).
const DOCUMENTATION: &str = "192.0.2.0/24,198.51.100.0/24,203.0.113.0/24,2001:db8::/32";
/// The networks of the office.
const OFFICE: &str = "192.168.0.0/16";
/// As short as nights are here: what a resolver has heard is old after it.
const PRIVATE_TTL: &str = "2";
/// Machines beat and the collector ticks every few seconds.
const SCHEDULE: &str = "*/5 * * * * *";
/// What a recording was made under.
const SCHEDULE_IN_AZURE: &str = "0 */5 * * * *";

/// The handler's variables.
#[derive(Debug, Clone)]
pub(super) struct HandlerVariables {
    /// All of them: what must be as it is, and what is not set where `local` was started.
    pub set: BTreeMap<String, String>,
    /// The line for people on what was divided; none when nothing was.
    pub divided: Option<String>,
}

impl HandlerVariables {
    /// What the handler is told beside the variables that it inherits. What is set in `given` wins, except for where
    /// tokens come from. With `real_time` nothing is divided.
    pub(super) fn new(places: &Places, given: &Variables, real_time: bool) -> Self {
        let mut set = BTreeMap::new();
        set.insert("IDENTITY_ENDPOINT".to_owned(), format!("{}/msi/token", places.azure));
        set.insert("IDENTITY_HEADER".to_owned(), places.identity_header.clone());
        set.insert("AZURE_TOKEN_CREDENTIALS".to_owned(), "ManagedIdentityCredential".to_owned());
        let mut default = |name: &str, value: &str| {
            let is_ours = given.get(name).is_none();
            if is_ours {
                set.insert(name.to_owned(), value.to_owned());
            }
            is_ours
        };
        for (name, value) in [
            ("ARM_ENDPOINT", places.azure.as_str()),
            ("LOGS_QUERY_ENDPOINT", &places.azure),
            ("LOGS_INGESTION_ENDPOINT", &places.azure),
            ("DNS_ZONES", &places.zones.join(",")),
            ("LOGS_WORKSPACE_IDS", &places.workspace),
            ("LOGS_DCR_RULE_ID", &places.rule),
            ("POLICY_ALLOW_PREFIXES", DOCUMENTATION),
            ("COLLECTOR_SCHEDULE", if real_time { SCHEDULE_IN_AZURE } else { SCHEDULE }),
            ("NO_PROXY", "127.0.0.1,localhost,::1"),
        ] {
            default(name, value);
        }
        let mut servers = vec![places.dns.clone()];
        let private: Vec<&str> = places.private_zones.iter().map(|(id, _)| id.as_str()).collect();
        if !private.is_empty() && default("PRIVATE_ZONES", &private.join(",")) {
            default("POLICY_PRIVATE_PREFIXES", OFFICE);
            default("POLICY_PRIVATE_TTL", PRIVATE_TTL);
            servers
                .extend(places.private_zones.iter().map(|(_, name)| format!("{name}={}", places.resolver)));
        }
        default("DNS_VERIFY_SERVERS", &servers.join(";"));
        // Beside a policy file they would be a fault.
        if given.get("POLICY_FILE").is_none() {
            default("POLICY_NAMES", "*");
        }
        if !real_time {
            default("SNAPSHOT_EVERY", "60s");
        }
        let mut divided = Vec::new();
        for (name, usual) in DIVIDED.into_iter().filter(|_| !real_time) {
            let value = written(usual / FASTER);
            if default(name, &value) {
                divided.push(format!("{name}={value}"));
            }
        }
        match places.course {
            Some(Course { origin, wall, speed, end }) => {
                let course = recorded::Course { origin, wall, factor: speed.get(), end };
                set.insert(dial::VARIABLE.to_owned(), course.to_string());
            }
            // The clock of another recording is not ours: the handler inherits what stands around us.
            None if given.get(dial::VARIABLE).is_some() => {
                set.insert(dial::VARIABLE.to_owned(), String::new());
            }
            None => {}
        }
        let divided = (!divided.is_empty())
            .then(|| format!("Time runs {FASTER} times faster for the policy: {}", divided.join(", ")));
        Self { set, divided }
    }

    /// The value under which the handler runs.
    pub(super) fn get(&self, name: &str, given: &Variables) -> Option<String> {
        self.set.get(name).cloned().or_else(|| given.get(name).map(str::to_owned))
    }

    /// Checks all variables under which the handler will run, and reads them as it does.
    ///
    /// # Errors
    /// Every fault at once: a handler with faults would start, and answer every call with them.
    pub(super) fn check(&self, given: &Variables) -> Result<Settings, Faults> {
        // The host adds it, and with it other bounds hold.
        let of_host = [("FUNCTIONS_CUSTOMHANDLER_PORT", "0")];
        let all = self.set.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Settings::read(&all.chain(of_host).collect::<Variables>().or(given.clone()))
    }

    /// Writes them for `--env FILE` of the other commands, in lines that a shell reads too; only the owner may read
    /// them. Settings that were given are written as well, so that the second terminal works under the same ones; but
    /// not who we are in Azure, for here it is who the local Azure says.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, file: &Path, given: &Variables) -> Result<()> {
        let mut lines = self.set.clone();
        for name in config::settings().iter().map(|setting| setting.name).filter(|name| !is_identity(name)) {
            if let Some(value) = given.get(name) {
                lines.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        let mut text = String::from("# Variables of a running `heartbeat-dns local`.\n");
        for (name, value) in &lines {
            text.push_str(&format!("{name}={}\n", quoted(value)));
        }
        write_private(file, &text).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// A duration as the settings read it: whole seconds, else milliseconds.
fn written(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{}s", duration.as_secs()),
        _ => format!("{}ms", duration.as_millis()),
    }
}

/// Whether a setting says who we are in Azure, and where we prove it.
fn is_identity(name: &str) -> bool {
    const IDENTITY: [&str; 8] = [
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_AUTHORITY_HOST",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
    ];
    IDENTITY.contains(&name)
}

/// A value between quotes when a shell would not take it as it is. An assignment expands no `*`, and readers that
/// know no quotes should find the most common `POLICY_NAMES` as it is.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+*".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse_duration;

    const PRIVATE: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/office.example.com";

    fn places() -> Places {
        Places {
            azure: "http://127.0.0.1:1".to_owned(),
            dns: "127.0.0.1:2".to_owned(),
            resolver: "127.0.0.1:3".to_owned(),
            identity_header: "secret".to_owned(),
            zones: vec!["/zone".to_owned()],
            private_zones: vec![(PRIVATE.to_owned(), "office.example.com".to_owned())],
            workspace: "w".to_owned(),
            rule: "dcr-1".to_owned(),
            course: None,
        }
    }

    #[test]
    fn what_is_set_wins_and_is_not_divided() {
        let given: Variables = [
            ("POLICY_UNSEEN", "7m"),
            ("SNAPSHOT_EVERY", "2m"),
            ("IDENTITY_ENDPOINT", "x"),
            ("AZURE_TOKEN_CREDENTIALS", "dev"),
        ]
        .into_iter()
        .collect();
        let told = HandlerVariables::new(&places(), &given, false);
        assert_eq!(told.get("POLICY_UNSEEN", &given).as_deref(), Some("7m"));
        assert_eq!(told.get("SNAPSHOT_EVERY", &given).as_deref(), Some("2m"));
        assert_eq!(told.get("IDENTITY_ENDPOINT", &given).as_deref(), Some("http://127.0.0.1:1/msi/token"));
        // Whoever logs in with tools of a developer is nobody to the local Azure.
        assert_eq!(told.get("AZURE_TOKEN_CREDENTIALS", &given).as_deref(), Some("ManagedIdentityCredential"));
        let divided = told.divided.as_deref().unwrap();
        assert!(
            divided.ends_with(
                ": POLICY_SURGE_HOLD=30s, POLICY_CLAIM_DORMANT=2880s, POLICY_MIN_SPAN=1500ms, POLICY_FLAP_HOLD=90s"
            ),
            "{divided}"
        );
        assert_eq!(HandlerVariables::new(&places(), &given, true).divided, None);
    }

    /// The handler and a second terminal learn the clock; whoever inherits that of another recording goes by the wall.
    #[test]
    fn the_clock_of_a_recording_is_told_and_that_of_another_is_not() {
        let time = |text: &str| text.parse().unwrap();
        let course = Course {
            origin: time("2025-02-25T07:00:00Z"),
            wall: time("2026-11-27T00:00:00Z"),
            speed: 180.try_into().unwrap(),
            end: time("2025-02-25T09:00:00Z"),
        };
        let recorded = Places { course: Some(course), ..places() };
        let told = HandlerVariables::new(&recorded, &Variables::default(), true);
        assert_eq!(
            told.set[dial::VARIABLE],
            "2025-02-25T07:00:00Z,2026-11-27T00:00:00Z,180,2025-02-25T09:00:00Z"
        );
        assert_eq!(told.set["COLLECTOR_SCHEDULE"], SCHEDULE_IN_AZURE);
        assert!(!told.set.contains_key("SNAPSHOT_EVERY"), "no limit is divided");
        let inherited: Variables =
            [(dial::VARIABLE, told.set[dial::VARIABLE].as_str())].into_iter().collect();
        let own = HandlerVariables::new(&places(), &inherited, false);
        assert_eq!(own.set[dial::VARIABLE], "");
        assert!(
            !HandlerVariables::new(&places(), &Variables::default(), false).set.contains_key(dial::VARIABLE)
        );
    }

    #[test]
    fn what_is_divided_is_read_as_it_is_meant() {
        let given = Variables::default();
        let told = HandlerVariables::new(&places(), &given, false);
        for (name, usual) in DIVIDED {
            let value = told.get(name, &given).unwrap();
            assert_eq!(parse_duration(&value), Ok(usual / FASTER), "{name}={value}");
        }
    }

    /// Whoever names private zones of their own has said which networks and which servers are theirs.
    #[test]
    fn the_private_zone_of_the_street_is_told_with_its_network_and_its_resolver() {
        let none = Variables::default();
        let told = HandlerVariables::new(&places(), &none, false);
        let of = |name: &str| told.get(name, &none).unwrap();
        assert_eq!((of("PRIVATE_ZONES"), of("POLICY_PRIVATE_TTL")), (PRIVATE.to_owned(), "2".to_owned()));
        assert_eq!(of("DNS_VERIFY_SERVERS"), "127.0.0.1:2;office.example.com=127.0.0.1:3");
        let own: Variables = [("PRIVATE_ZONES", "/own")].into_iter().collect();
        let told = HandlerVariables::new(&places(), &own, false);
        assert_eq!(told.get("POLICY_PRIVATE_PREFIXES", &own), None);
        assert_eq!(told.set["DNS_VERIFY_SERVERS"], "127.0.0.1:2");
    }

    #[test]
    fn a_policy_file_stands_alone() {
        let names =
            |given: &Variables| HandlerVariables::new(&places(), given, false).get("POLICY_NAMES", given);
        assert_eq!(names(&Variables::default()).as_deref(), Some("*"));
        assert_eq!(names(&[("POLICY_FILE", "policy.toml")].into_iter().collect()), None);
    }

    #[test]
    fn the_file_reads_back() {
        let given: Variables = [("POLICY_NAMES", "it's *, and more"), ("HOME", "/h")].into_iter().collect();
        let told = HandlerVariables::new(&places(), &given, false);
        let file = tempfile::NamedTempFile::new().unwrap();
        told.write(file.path(), &given).unwrap();
        let back = Variables::env_file(file.path()).unwrap();
        assert_eq!(back.get("POLICY_NAMES"), Some("it's *, and more"));
        assert_eq!(back.get("COLLECTOR_SCHEDULE"), Some(SCHEDULE));
        assert_eq!(back.get("HOME"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_could_read_is_theirs_no_more() {
        use std::os::unix::fs::PermissionsExt;

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        let given = Variables::default();
        HandlerVariables::new(&places(), &given, false).write(file.path(), &given).unwrap();
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    /// The second terminal works under the same settings, whatever they are, and under no other identity.
    #[test]
    fn the_file_holds_every_setting_that_was_given_but_who_we_are() {
        let names = || config::settings().iter().map(|setting| setting.name);
        let given: Variables = names().map(|name| (name, "given")).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        HandlerVariables::new(&places(), &given, false).write(file.path(), &given).unwrap();
        let back = Variables::env_file(file.path()).unwrap();
        let lost: Vec<_> = names().filter(|name| back.get(name) != Some("given")).collect();
        let identity = [
            "AZURE_TOKEN_CREDENTIALS",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_AUTHORITY_HOST",
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
        ];
        assert_eq!(lost, identity);
        assert_eq!(back.get("IDENTITY_HEADER"), Some("secret"), "the local Azure's own");
    }

    #[test]
    fn what_the_host_would_refuse_is_refused_before() {
        let mut places = places();
        let zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        places.zones = vec![zone.to_owned()];
        places.workspace = "00000000-0000-0000-0000-0000000000c1".to_owned();
        let faults = |given: &[(&str, &str)]| {
            let given: Variables = given.iter().copied().collect();
            let told = HandlerVariables::new(&places, &given, false);
            told.check(&given).err().map(|faults| faults.to_string()).unwrap_or_default()
        };
        assert_eq!(faults(&[]), "");
        let (told, given) =
            (HandlerVariables::new(&places, &Variables::default(), false), Variables::default());
        assert_eq!(told.check(&given).unwrap().run.owner_id, "dcr-1", "whose rows the alert counts");
        assert!(faults(&[("RUN_DEADLINE", "20m")]).contains("RUN_DEADLINE"));
    }

    #[test]
    fn a_star_stands_as_it_is() {
        assert_eq!(quoted("*"), "*");
        assert_eq!(quoted("0 */5 * * * *"), "'0 */5 * * * *'");
    }
}
