//! Who hears what happens: a webhook for people, and a dead man's switch.

use std::fmt;

use url::Url;

use super::connect::is_loopback;
use super::declared::{LOGS_DCR_RULE_ID, NOTIFY_FORMAT, NOTIFY_URL, PING_URL};
use super::network::{self, Network};
use super::reader::Reader;
use super::run::owner_id;
use super::setting::Setting;
use super::variables::Variables;

/// An address that is a secret, as those of webhooks are: `Debug` hides it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The address itself, for the one place that calls it.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(…)")
    }
}

/// The form in which a notice is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifyFormat {
    /// Our own JSON, for a program.
    Json,
    /// An Adaptive Card, as a Teams workflow takes it.
    Teams,
    /// A message of a Slack webhook.
    Slack,
    /// A message to a topic of ntfy.
    Ntfy,
}

/// Who hears what happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    /// `NOTIFY_URL` and `NOTIFY_FORMAT`: where notices are posted, and how.
    pub webhook: Option<(SecretUrl, NotifyFormat)>,
    /// `PING_URL`: is called after each good run.
    pub ping: Option<SecretUrl>,
}

/// What whoever tells people needs to know. Read by itself, so that faults of the rest can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reporting {
    /// Who hears.
    pub notify: Notify,
    /// How they are reached.
    pub network: Network,
    /// Who tells: `OWNER_ID`.
    pub owner_id: String,
}

impl Reporting {
    /// Reads what can be read; what cannot is a fault in [`Settings::read`](super::Settings::read).
    #[must_use]
    pub fn read(variables: &Variables) -> Self {
        let mut reader = Reader::new(variables);
        let rule = reader.text(LOGS_DCR_RULE_ID).unwrap_or_default();
        Self {
            notify: read(&mut reader),
            network: network::read(&mut reader),
            owner_id: owner_id(&mut reader, rule),
        }
    }
}

const FORMATS: [(&str, NotifyFormat); 4] = [
    ("json", NotifyFormat::Json),
    ("teams", NotifyFormat::Teams),
    ("slack", NotifyFormat::Slack),
    ("ntfy", NotifyFormat::Ntfy),
];

pub(super) fn read(reader: &mut Reader<'_>) -> Notify {
    let notify = address(reader, NOTIFY_URL);
    let ping = address(reader, PING_URL);
    let said = reader.word(NOTIFY_FORMAT, &FORMATS);
    let webhook = notify.map(|url| {
        let format = said.unwrap_or_else(|| guess(url.expose()));
        (url, format)
    });
    Notify { webhook, ping }
}

/// The value is never quoted: whoever knows the address of a webhook may post to it.
fn address(reader: &mut Reader<'_>, setting: Setting) -> Option<SecretUrl> {
    reader.parsed(setting, |text| match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.has_host() => Ok(SecretUrl(url)),
        Ok(url) if url.scheme() == "http" && is_loopback(&url) => Ok(SecretUrl(url)),
        Ok(url) if url.scheme() == "http" => {
            Err("is plain http, which is for loopback alone; write https://".to_owned())
        }
        _ => Err("is no address of a webhook; write https://HOST/PATH".to_owned()),
    })
}

/// The form that a host is known to take.
fn guess(url: &Url) -> NotifyFormat {
    let host = url.host_str().unwrap_or_default();
    let below =
        |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if below("slack.com") || below("slack-gov.com") {
        return NotifyFormat::Slack;
    }
    // Workflows of Power Automate, in its older and newer addresses, and the connectors that they replaced.
    if ["logic.azure.com", "api.powerplatform.com", "webhook.office.com"].into_iter().any(below) {
        return NotifyFormat::Teams;
    }
    if below("ntfy.sh") || host.starts_with("ntfy.") {
        return NotifyFormat::Ntfy;
    }
    NotifyFormat::Json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> (Notify, Vec<String>) {
        let variables: Variables = pairs.iter().copied().collect();
        let mut reader = Reader::new(&variables);
        let notify = read(&mut reader);
        (notify, reader.into_findings().faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_form_follows_the_host_unless_it_is_said() {
        for (url, format) in [
            ("https://hooks.slack.com/services/T/B/x", NotifyFormat::Slack),
            ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", NotifyFormat::Teams),
            ("https://a.b.environment.api.powerplatform.com:443/powerautomate/x", NotifyFormat::Teams),
            ("https://example.webhook.office.com/webhookb2/x", NotifyFormat::Teams),
            ("https://ntfy.sh/topic", NotifyFormat::Ntfy),
            ("https://ntfy.example.com/topic", NotifyFormat::Ntfy),
            ("https://notslack.com/x", NotifyFormat::Json),
            ("http://127.0.0.1:8080/x", NotifyFormat::Json),
        ] {
            let (notify, faults) = of(&[("NOTIFY_URL", url)]);
            assert_eq!((notify.webhook.map(|(_, format)| format), faults), (Some(format), vec![]), "{url}");
        }
        let (notify, _) = of(&[("NOTIFY_URL", "https://example.com/x"), ("NOTIFY_FORMAT", "Slack")]);
        assert_eq!(notify.webhook.map(|(_, format)| format), Some(NotifyFormat::Slack));
        assert_eq!(of(&[]).0, Notify::default());
    }

    #[test]
    fn addresses_are_https_or_loopback_and_never_quoted() {
        for url in
            ["http://example.com/hush", "ftp://127.0.0.1/hush", "hush", "https://", "http://10.0.0.1/hush"]
        {
            let (notify, faults) = of(&[("NOTIFY_URL", url), ("PING_URL", url), ("NOTIFY_FORMAT", "mail")]);
            assert_eq!(notify, Notify::default(), "{url}");
            assert_eq!(faults.len(), 3, "{url}: {faults:?}");
            assert!(!faults.join(" ").contains("hush"), "{faults:?}");
        }
        let (notify, _) = of(&[("PING_URL", "https://hc-ping.com/hush")]);
        assert!(notify.ping.is_some());
        assert!(!format!("{notify:?}").contains("hush"));
    }
    #[test]
    fn who_is_told_can_be_read_whatever_else_is_wrong() {
        let variables: Variables = [
            ("NOTIFY_URL", "https://example.com/x"),
            ("MODE", "on"),
            ("LOGS_DCR_RULE_ID", "dcr-1"),
            ("OWNER_ID", "a b"),
        ]
        .into_iter()
        .collect();
        let reporting = Reporting::read(&variables);
        assert!(reporting.notify.webhook.is_some());
        assert_eq!(reporting.owner_id, "dcr-1");
        assert_eq!(Reporting::read(&Variables::default()), Reporting::default());
    }
}
