//! What the roles give: the files of `infra/roles`, and the one built-in role that every installation needs.

use std::sync::LazyLock;

use serde::Deserialize;

use pure::rights::Roles;

/// Every file of `infra/roles`.
const FILES: [&str; 7] = [
    include_str!("../../infra/roles/deployments.json"),
    include_str!("../../infra/roles/logs.json"),
    include_str!("../../infra/roles/machines.json"),
    include_str!("../../infra/roles/private-records.json"),
    include_str!("../../infra/roles/private-release.json"),
    include_str!("../../infra/roles/records.json"),
    include_str!("../../infra/roles/release.json"),
];
/// What Monitoring Metrics Publisher allows that changes anything: rows are sent by it (contract azure-monitor, section 1.4).
const PUBLISHER: [&str; 4] = [
    "Microsoft.Insights/Register/Action",
    "Microsoft.Support/*",
    "Microsoft.Insights/Metrics/Write",
    "Microsoft.Insights/Telemetry/Write",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    actions: Vec<String>,
    #[serde(default)]
    data_actions: Vec<String>,
}

/// The roles that an installation may have. Those of virtual machines, management groups and
/// the twins of private zones only read, and are left out.
pub(super) static GIVEN: LazyLock<Roles> = LazyLock::new(|| {
    let files: Vec<File> = FILES.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let of_files = files.iter().flat_map(|file| file.actions.iter().chain(&file.data_actions));
    Roles::giving(of_files.map(String::as_str).chain(PUBLISHER))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_file_is_known_and_readable() {
        let folder = format!("{}/infra/roles", env!("CARGO_MANIFEST_DIR"));
        let texts = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let mut texts: Vec<String> = texts.collect();
        let mut known = FILES.to_vec();
        texts.sort();
        known.sort_unstable();
        assert_eq!(texts, known, "a file of infra/roles stands in this list");
        for text in known {
            let file: File = serde_json::from_str(text).unwrap();
            assert!(!file.actions.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_left_out_of_a_file_only_reads() {
        for text in FILES {
            let file: serde_json::Value = serde_json::from_str(text).unwrap();
            let further = file.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("actionsOf"));
            for (_, actions) in further {
                let entry = serde_json::json!({ "actions": actions });
                let nothing = Roles::default().exceeded_by(&[serde_json::from_value(entry).unwrap()]);
                assert_eq!(nothing, None, "{text}");
            }
        }
    }
}
