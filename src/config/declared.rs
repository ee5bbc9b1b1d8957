//! Every setting, declared once. Readers take theirs by its constant, so that nothing is read that is not here; the
//! tables of `docs/reference/settings.md`, `local.settings.json.example` and the list in `infra` are held against this list.

use std::time::Duration;

use super::setting::{Form, Infra, Section, Setting};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// No shorter time is meant: with it nothing could ever be done, or nothing else would be.
const LEAST: Duration = Duration::from_secs(1);

const fn at_most(seconds: u64) -> Form {
    Form::Duration(LEAST, Duration::from_secs(seconds))
}

/// The host kills an invocation after ten minutes, and what must be told afterwards takes time as well.
const DEADLINE: Form = Form::Deadline(LEAST, Duration::from_secs(DAY), Duration::from_secs(9 * MINUTE));

const PLATFORM: Infra = Infra::Leaves("the platform sets it");

/// Declares the constants and the list of all in one.
macro_rules! settings {
    ($($name:ident = $setting:expr;)*) => {
        $(pub(super) const $name: Setting = $setting.named(stringify!($name));)*

        /// Every setting, in the order of the documents.
        pub(super) const ALL: &[Setting] = &[$($name),*];
    };
}

settings! {
    DNS_ZONES = Setting::optional(
        Section::Place,
        "required without `PRIVATE_ZONES`",
        "resource ids of the public zones to manage, comma-separated",
    )
    .form(Form::List)
    .example("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com");
    PRIVATE_ZONES = Setting::optional(
        Section::Place,
        "no private zone",
        "resource ids of the private zones to manage (`…/privateDnsZones/NAME`), comma-separated; a zone may have the name of a public one. \
         With it `POLICY_PRIVATE_PREFIXES` must be set",
    )
    .form(Form::List);
    LOGS_WORKSPACE_IDS = Setting::required(
        Section::Place,
        "the workspace (customer) ids, comma-separated, the one with our tables first",
        "workspace ids; the first holds our tables, the others are read for heartbeats",
    )
    .form(Form::List)
    .example("00000000-0000-0000-0000-0000000000c1");
    LOGS_INGESTION_ENDPOINT = Setting::required(
        Section::Place,
        "the ingestion endpoint of the data collection rule, https://….ingest.monitor.azure.com",
        "of the data collection rule or endpoint",
    )
    .example("http://127.0.0.1:7072");
    LOGS_DCR_RULE_ID = Setting::required(
        Section::Place,
        "the immutable id of the data collection rule, dcr-…",
        "immutable id of the data collection rule, `dcr-…`",
    )
    .example("dcr-00000000000000000000000000000001");
    OWNER_ID = Setting::optional(
        Section::Place,
        "`LOGS_DCR_RULE_ID`",
        "who we are in the mark of a record set and in our tables; set it before the rule is ever made anew",
    )
    .example("dcr-00000000000000000000000000000001");
    POLICY_NAMES = Setting::required(
        Section::Place,
        "the names that may be managed, such as *.dyn.example.com, or * for every name but apexes, wildcards and reserved names, or set POLICY_FILE instead",
        "without `POLICY_FILE`: who may be managed; `home.example.com` is that name, `*.dyn.example.com` has `*` for one label or a part of one, `*` is every name but apexes, wildcards and [reserved names](reasons.md)",
    )
    .form(Form::List)
    .example("*");

    POLICY_FILE = Setting::optional(
        Section::Place,
        "`POLICY_NAMES` for every machine",
        "instead of `POLICY_NAMES`: a [policy file](../policy.md), by its path, or its text (a value with a line break)",
    );

    HOSTNAME_TEMPLATE = Setting::optional(
        Section::Place,
        "only tags claim names",
        "what a machine without the tag claims, with [placeholders](../policy.md#placeholders): `{name}.dyn.example.com`. A tag overrides it; an empty one, or `-`, claims nothing",
    );

    MODE = Setting::new(Section::Run, "apply", "`observe` turns every run into a plan, those by hand too")
        .infra(Infra::Sets("'observe'"));
    RECONCILE_ON = Setting::new(Section::Run, "alert,timer", "who may start a run; `none`: people alone").form(Form::List);
    COLLECTOR_SCHEDULE = Setting::new(
        Section::Run,
        "0 */5 * * * *",
        "of the timer, as the Functions host reads it: seconds first; with five fields they are 0. The host needs it set: without it the timer is silently off",
    );
    SNAPSHOT_EVERY = Setting::new(Section::Run, "30m", "how old the copy of tags and records may become; at most 12 h")
        .form(at_most(12 * HOUR));
    QUERY_TIMESPAN = Setting::new(
        Section::Run,
        "PT2H",
        "what the query reads; at least an hour, and twice `SNAPSHOT_EVERY` and 15 minutes; at most two days",
    )
    .form(Form::Duration(Duration::from_secs(HOUR), Duration::from_secs(2 * DAY)));
    SUBSCRIPTIONS = Setting::optional(
        Section::Run,
        "all visible",
        "ids of the subscriptions where machines are looked for",
    )
    .form(Form::List)
    .example("00000000-0000-0000-0000-000000000001");
    HOSTNAME_TAG = Setting::new(Section::Run, "DNSHostName", "the tag; it may hold several names, separated by commas, semicolons or blanks");
    TARGETS = Setting::new(
        Section::Run,
        "arc",
        "kinds of machines that can have names: `arc`, `vm` or `arc,vm`. A [virtual machine](../virtual-machines.md) gets its name only at an \
         address of its own, and the role on machines needs more for it",
    )
    .form(Form::List);

    POLICY_RECORD_TYPES = Setting::new(
        Section::Policy,
        "A",
        "`A,AAAA` to publish IPv6 too; outgoing IPv6 addresses are often temporary",
    )
    .form(Form::List);
    POLICY_ALLOW_PREFIXES = Setting::optional(
        Section::Policy,
        "–",
        "ranges to publish although they are not public",
    )
    .form(Form::List)
    .example("192.0.2.0/24,198.51.100.0/24,203.0.113.0/24,2001:db8::/32");
    POLICY_DENY_PREFIXES = Setting::optional(Section::Policy, "–", "ranges never to publish").form(Form::List);
    POLICY_PRIVATE_PREFIXES = Setting::optional(
        Section::Policy,
        "required with `PRIVATE_ZONES`",
        "which of a machine's own addresses may stand in private zones, `10.0.0.0/8,fd12::/16`; a zone may have its own, after a semicolon: \
         `10.0.0.0/8;corp.example.com=10.1.0.0/16`",
    );
    POLICY_PRIVATE_MULTI = Setting::new(
        Section::Policy,
        "skip",
        "a machine with several addresses in them: `skip` leaves its private name alone, `all` writes all of them, at most 20",
    );
    POLICY_PRIVATE_TTL = Setting::new(Section::Policy, "60", "of new sets in private zones, in seconds; others keep theirs")
        .form(Form::Number(1, 2_147_483_647));
    POLICY_EXPECT_PREFIXES = Setting::optional(
        Section::Policy,
        "–",
        "addresses that many places may share, such as a known gateway",
    )
    .form(Form::List);
    POLICY_MIN_BEATS = Setting::new(Section::Policy, "2", "heartbeats that have to agree; at most 30, for the query reads one hour of them")
        .form(Form::Number(1, 30));
    POLICY_MIN_SPAN = Setting::new(
        Section::Policy,
        "45s",
        "how much time they have to span: a true beat comes each minute, and rows within seconds are one moment; at most 45 min",
    )
    .form(at_most(45 * MINUTE));
    POLICY_MAX_HEARTBEAT_AGE = Setting::new(Section::Policy, "15m", "how old the newest heartbeat may be; at most 1 h")
        .form(at_most(HOUR));
    POLICY_UNSEEN = Setting::new(
        Section::Policy,
        "10m",
        "how long the old address must not have been seen before a machine may return to another one; at most 1 h",
    )
    .form(at_most(HOUR));
    POLICY_FLAP_HOLD = Setting::new(
        Section::Policy,
        "45m",
        "how long a machine must have stayed at an address before a third return in a day is believed; at most 45 min",
    )
    .form(at_most(45 * MINUTE));
    POLICY_CLAIM_DORMANT = Setting::new(
        Section::Policy,
        "24h",
        "how long a silent machine keeps its name against another claim; at most 30 days",
    )
    .form(at_most(30 * DAY));
    POLICY_CREATE = Setting::new(Section::Policy, "true", "whether missing record sets are created");
    POLICY_ORPHANS = Setting::new(
        Section::Policy,
        "keep",
        "record sets of ours that nobody claims any more: `keep` only lists them, `delete` ends them after their grace",
    );
    POLICY_ORPHAN_GRACE = Setting::new(
        Section::Policy,
        "168h",
        "how long nobody must have claimed a record set before `delete` ends it; 1 to 28 days",
    )
    .form(Form::Duration(Duration::from_secs(DAY), Duration::from_secs(28 * DAY)));
    POLICY_ADOPT = Setting::new(
        Section::Policy,
        "seen",
        "unmarked sets: `seen` wants the history of 30 days (public zones alone), `always`, `never`",
    );
    POLICY_TTL = Setting::new(Section::Policy, "60", "of new sets, in seconds; others keep theirs")
        .form(Form::Number(1, 2_147_483_647));
    POLICY_TTL_MAX = Setting::optional(
        Section::Policy,
        "a set keeps its own",
        "the longest, in seconds, that a set keeps when a run moves or adopts it or a person puts it back; it causes no write; not below `POLICY_TTL`",
    )
    .form(Form::Number(1, 2_147_483_647));
    POLICY_MAX_SOURCES = Setting::new(Section::Policy, "3", "different places that may report one new address")
        .form(Form::Number(1, 1_000_000));
    POLICY_MAX_MOVE_PERCENT = Setting::new(
        Section::Policy,
        "30",
        "share of a zone's addresses that may move at once",
    )
    .form(Form::Number(1, 100));
    POLICY_SURGE_HOLD = Setting::new(Section::Policy, "15m", "how long a larger move waits; at most 45 min")
        .form(at_most(45 * MINUTE));
    POLICY_MAX_SILENT_PERCENT = Setting::new(
        Section::Policy,
        "50",
        "share of machines that may fall silent before the data is not believed",
    )
    .form(Form::Number(1, 100));

    REPLY_WITHIN = Setting::new(Section::Reply, "8s", "an alert call is answered by then, the run goes on; at most 200 s")
        .form(at_most(200));
    RUN_DEADLINE = Setting::new(
        Section::Reply,
        "4m",
        "what a run has not done by then is done by the next; at most a day, 9 min below the Functions host",
    )
    .form(DEADLINE);
    COLLECT_DEADLINE = Setting::new(Section::Reply, "4m", "the same for a sweep").form(DEADLINE);
    ALERT_RULE_IDS = Setting::optional(
        Section::Reply,
        "any",
        "resource ids of the alert rules that may start a run",
    )
    .form(Form::List);
    WEBHOOK_TENANT_ID = Setting::optional(
        Section::Reply,
        "the function key is enough",
        "a call over HTTP brings a [token of this tenant](../webhook-token.md) beside the key; with it the next two must be set",
    );
    WEBHOOK_AUDIENCE = Setting::optional(
        Section::Reply,
        "–",
        "for whom that token is: the client id of the app registration (tokens of version 2.0) or its identifier URI (1.0), or both",
    )
    .form(Form::List);
    WEBHOOK_ROLE = Setting::optional(
        Section::Reply,
        "–",
        "the role of the app registration that the caller was assigned, such as `ActionGroupsSecureWebhook`",
    );
    WEBHOOK_CALLER = Setting::optional(
        Section::Reply,
        "`461e8683-5575-4561-ac7f-899cc907d62a`, the action groups",
        "client ids of the applications that may call, in place of the action groups'",
    )
    .form(Form::List);
    APPLY_VIA = Setting::new(Section::Reply, "record-set", "how changes are written: `record-set` one by one under a condition, or `deployment`, [template deployments](../deployments.md), *unguarded*: what somebody else writes in between is overwritten");
    VERIFY = Setting::new(
        Section::Reply,
        "auto",
        "`dns` asks the zone's name servers, `arm` reads back, `auto` asks DNS where it can be asked; private zones see `DNS_VERIFY_SERVERS`",
    );
    DNS_VERIFY_SERVERS = Setting::optional(
        Section::Reply,
        "the zone's; a private zone is read back",
        "servers to ask instead, `address:port`, comma-separated; for a private zone a resolver's inbound endpoint, or `azure` for 168.63.129.16, \
         after a semicolon: `corp.example.com=10.10.0.4:53`",
    )
    .form(Form::List)
        .example("127.0.0.1:7053");
    QUOTA_SHARE = Setting::new(
        Section::Reply,
        "0.8",
        "our share of a zone's write quota; `off` leaves the pace to the service",
    );

    MOVES = Setting::new(
        Section::Notify,
        "off",
        "`report` tells after each run [who still holds](../moves.md) a public address that a name has left. It \
         takes a right to read all resources, and changes nothing",
    );
    NOTIFY_URL = Setting::optional(
        Section::Notify,
        "–",
        "a webhook that is told when a name moved, a brake held or something failed, a faulty configuration too: `https`, or loopback; a secret",
    )
    .infra(Infra::Secret("notifyUrl"));
    NOTIFY_FORMAT = Setting::optional(Section::Notify, "by the host's name", "`json`, `teams`, `slack` or `ntfy`")
        .example("json");
    PING_URL = Setting::optional(
        Section::Notify,
        "–",
        "is called after each good run, for a service that misses silence; a secret",
    )
    .infra(Infra::Secret("pingUrl"));

    AZURE_CLOUD = Setting::new(Section::Azure, "AzureCloud", "or `AzureUSGovernment`, `AzureChinaCloud`")
        .infra(Infra::Sets("environment().name"));
    AZURE_TOKEN_CREDENTIALS = Setting::optional(
        Section::Azure,
        "managed identity below the Functions host and where `IDENTITY_ENDPOINT` is set, else developer tools",
        "`prod`, `dev` or the name of a credential, as the Azure SDKs use them, and so the next five",
    )
    .example("ManagedIdentityCredential")
    .infra(Infra::Sets("'ManagedIdentityCredential'"));
    AZURE_CLIENT_ID = Setting::optional(Section::Azure, "–", "of the identity or the application").infra(Infra::Sets("clientId"));
    AZURE_TENANT_ID = Setting::optional(Section::Azure, "–", "the tenant of that identity").infra(Infra::Sets("tenant().tenantId"));
    AZURE_CLIENT_SECRET = Setting::optional(Section::Azure, "–", "of the application; a secret")
        .infra(Infra::Leaves("the function has a managed identity, no secret"));
    AZURE_FEDERATED_TOKEN_FILE = Setting::optional(Section::Azure, "–", "of a workload's identity")
        .infra(Infra::Leaves("of workload identities, which are a cluster's"));
    AZURE_AUTHORITY_HOST = Setting::optional(Section::Azure, "of the cloud", "where to log in, `https` alone")
        .infra(Infra::Sets("environment().authentication.loginEndpoint"));
    FUNCTION_KEY = Setting::optional(
        Section::Azure,
        "–",
        "a key of the function `function-remediate`, for `doctor --function`; a secret",
    )
    .infra(Infra::Leaves("of whoever calls the function, not of the function"));
    FUNCTION_TOKEN = Setting::optional(
        Section::Azure,
        "–",
        "a [token](../webhook-token.md) for it, where it asks for one beside the key; a secret",
    )
    .infra(Infra::Leaves("of whoever calls the function, not of the function"));
    IDENTITY_ENDPOINT = Setting::optional(Section::Azure, "–", "of the managed identity; the platform sets it")
        .example("http://127.0.0.1:7072/msi/token")
        .infra(PLATFORM);
    IDENTITY_HEADER = Setting::optional(Section::Azure, "–", "what that endpoint wants to see; the platform sets it; a secret")
        .example("standin-identity-header")
        .infra(PLATFORM);
    ARM_ENDPOINT = Setting::optional(Section::Azure, "of the cloud", "Azure Resource Manager; plain `http` to loopback only")
        .example("http://127.0.0.1:7072")
        .infra(Infra::Sets("environment().resourceManager"));
    LOGS_QUERY_ENDPOINT = Setting::optional(Section::Azure, "of the cloud", "the Logs Query API; plain `http` to loopback only")
        .example("http://127.0.0.1:7072");

    HTTPS_PROXY = Setting::optional(
        Section::Network,
        "–",
        "a proxy that looks into TLS works when its CA is in `SSL_CERT_FILE`; the identity endpoint is never proxied",
    );
    HTTP_PROXY = Setting::optional(Section::Network, "–", "the same for plain http");
    NO_PROXY = Setting::optional(Section::Network, "–", "hosts, domains and networks that are reached directly")
        .example("127.0.0.1,localhost,::1");
    SSL_CERT_FILE = Setting::optional(Section::Network, "the system's", "the only certificate authorities to trust");

    LOG_LEVEL = Setting::new(Section::Log, "info", "`error`, `warn`, `info`, `debug` or `trace`");
    LOG_FORMAT = Setting::optional(
        Section::Log,
        "`json` below the Functions host, `text` everywhere else",
        "`text` is for people, one sentence a line; `json` holds every field",
    )
    .example("text")
    .infra(Infra::Sets("'json'"));
}
