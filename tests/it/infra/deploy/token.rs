//! Where the function asks for a token, the action group is told to bring one.

use super::azd::{OUTPUTS, run};
use super::{ANSWERS, Desk, words};

const TOKEN: [(&str, &str); 3] = [
    ("WEBHOOK_TENANT_ID", "tenant-1"),
    ("WEBHOOK_AUDIENCE", "client-1,api://client-1"),
    ("WEBHOOK_ROLE", "ActionGroupsSecureWebhook"),
];
const BROUGHT: &str = "webhookObjectId=object-1 webhookIdentifierUri=api://client-1 webhookTenantId=tenant-1";

fn registered() -> Desk {
    let desk = Desk::new();
    // As az.cmd ends its lines.
    desk.put("registration", "object-1\r\napi://client-1\r\n");
    desk
}

fn second_stage(desk: &Desk) -> Option<String> {
    desk.made().into_iter().find(|line| line.contains("alert.bicep"))
}

#[test]
fn the_action_group_brings_the_token_that_the_function_asks_for() {
    let desk = registered();
    let done = desk.deploy(&[&ANSWERS[..], &TOKEN].concat());
    assert!(done.status.success(), "{}", words(&done));
    let settings = desk.last("HEARTBEAT_DNS_SETTINGS").unwrap();
    assert!(
        TOKEN.iter().all(|(name, value)| settings.contains(&format!("\"{name}\":\"{value}\""))),
        "{settings}"
    );
    let asked = desk.log().into_iter().find(|line| line.starts_with("ad app show")).unwrap();
    assert!(asked.contains("--id client-1 ") && !asked.contains("--subscription"), "{asked}");
    assert!(second_stage(&desk).unwrap().contains(BROUGHT), "{:#?}", desk.made());
}

#[test]
fn a_second_run_keeps_it() {
    let desk = registered();
    let kept = TOKEN.map(|(name, value)| format!("{name}={value}\n")).concat();
    for (name, text) in
        [("group", "westeurope\n"), ("apps", super::APP), ("parameters", "earlier=Succeeded\n")]
    {
        desk.put(name, text);
    }
    desk.put("settings", &format!("MODE=apply\n{kept}"));
    let done = desk.deploy(&ANSWERS);
    assert!(done.status.success(), "{}", words(&done));
    assert!(second_stage(&desk).unwrap().contains(BROUGHT), "{:#?}", desk.made());
}

#[test]
fn without_a_token_nothing_is_looked_up() {
    let desk = Desk::new();
    assert!(desk.deploy(&ANSWERS).status.success());
    assert!(!second_stage(&desk).unwrap().contains("webhook"), "{:#?}", desk.made());
    assert!(desk.log().iter().all(|line| !line.starts_with("ad app show")), "{:#?}", desk.log());
}

#[test]
fn an_action_group_that_could_bring_none_is_left_as_it_is() {
    for (registration, said) in [(None, "is not found"), (Some("object-1\n"), "no identifier URI")] {
        let desk = Desk::new();
        if let Some(text) = registration {
            desk.put("registration", text);
        }
        let done = desk.deploy(&[&ANSWERS[..], &TOKEN].concat());
        assert_eq!(done.status.code(), Some(1));
        assert!(words(&done).contains(said), "{}", words(&done));
        assert_eq!(second_stage(&desk), None);
    }
}

#[test]
fn azd_tells_the_action_group_too() {
    let desk = registered();
    let outputs = [("deployedWebhookTenantId", "tenant-1"), ("deployedWebhookAudience", "api://client-1")];
    let done = run(&desk, "azd/code.sh", &[&OUTPUTS[..], &[("deployedRoles", "custom")], &outputs].concat());
    assert!(done.status.success(), "{}", words(&done));
    assert!(second_stage(&desk).unwrap().contains(BROUGHT), "{:#?}", desk.made());
}
