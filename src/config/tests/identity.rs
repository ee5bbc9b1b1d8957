//! Who we are: which credential is chosen, and what is missing for it.

use super::*;

#[test]
fn the_credential_follows_the_names_of_the_sdks() {
    let of = |more: &[(&str, &str)]| Settings::read(&with(more)).map(|settings| settings.connect.credential);
    let endpoint = [("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"), ("IDENTITY_HEADER", "hush")];
    let managed = of(&endpoint).unwrap();
    assert!(matches!(&managed, Credential::ManagedIdentity { client_id: None, endpoint: Some(_) }));
    assert!(!format!("{managed:?}").contains("hush"));
    assert!(matches!(
        of(&[("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"), ("AZURE_CLIENT_ID", "c")]),
        Ok(Credential::ManagedIdentity { client_id: Some(_), endpoint: None })
    ));
    let secret = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "hush")];
    let prod = ("AZURE_TOKEN_CREDENTIALS", "prod");
    assert!(matches!(of(&[&secret[..], &[prod]].concat()), Ok(Credential::ClientSecret { .. })));
    let file = ("AZURE_FEDERATED_TOKEN_FILE", "/var/token");
    let workload = of(&[secret[0], secret[1], file, prod]);
    assert!(
        matches!(workload, Ok(Credential::WorkloadIdentity { token_file, .. }) if token_file == "/var/token")
    );
    assert!(matches!(of(&[&secret[..], &[file, prod]].concat()), Ok(Credential::ClientSecret { .. })));
    assert!(matches!(of(&[prod]), Ok(Credential::ManagedIdentity { .. })));
    for (chosen, wanted) in [
        ("AzureCliCredential", Credential::AzureCli { tenant_id: Some("t".to_owned()) }),
        ("AzureDeveloperCliCredential", Credential::AzureDeveloperCli { tenant_id: Some("t".to_owned()) }),
    ] {
        assert_eq!(of(&[("AZURE_TOKEN_CREDENTIALS", chosen), secret[0]]).unwrap(), wanted);
    }
    assert!(matches!(of(&[("AZURE_TOKEN_CREDENTIALS", "dev")]), Ok(Credential::DeveloperTools)));
    let missing = of(&[("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential")]).unwrap_err();
    assert_eq!(missing.0.len(), 3);
}

#[test]
fn below_the_host_an_identity_is_assigned_or_another_credential_named() {
    let host = [("FUNCTIONS_CUSTOMHANDLER_PORT", "1"), ("COLLECTOR_SCHEDULE", "0 */5 * * * *")];
    for chosen in ["", "prod", "ManagedIdentityCredential"] {
        let told = faults(&[host[0], host[1], ("AZURE_TOKEN_CREDENTIALS", chosen)]);
        assert_eq!(told.len(), 1, "{chosen}: {told:?}");
        let words = "IDENTITY_ENDPOINT is not set: no identity is assigned to the app";
        assert!(told[0].starts_with(words), "{chosen}: {told:?}");
    }
    for chosen in ["dev", "AzureCliCredential"] {
        assert!(faults(&[host[0], host[1], ("AZURE_TOKEN_CREDENTIALS", chosen)]).is_empty(), "{chosen}");
    }
    assert!(faults(&[HOST[0], HOST[1], host[1]]).is_empty());
}
