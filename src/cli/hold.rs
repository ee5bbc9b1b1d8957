//! `heartbeat-dns hold`: a person's word that no run writes a record set, in the set's own mark.

use super::Global;
use super::consent::{Consent, Takes};
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::session;
use crate::clock;
use crate::config::Variables;
use crate::run::{Installation, Request};
use pure::domain::{NameSet, Until};
use pure::plan::report::{Report, Trigger};
use pure::plan::{self, ByHand};
use pure::shown::{is_hidden, name_of};

const EXAMPLES: &str = "\
The hold stands in the mark of the name's A and AAAA sets. While it stands no run writes them, whoever started it: they are \
skips with the code `held`, the alert does not fire for them, and `apply NAME` does not open it. Releases that know \
nothing of holds leave such a set alone too. It ends at the time that you give, or with `unhold`. A second \
`hold` changes of a standing one only what you give. Sets that carry no mark \
of this installation are refused.

Examples:
  heartbeat-dns hold nas.home.example.com --why 'the provider moves the line'
  heartbeat-dns hold nas.home.example.com --zone example.com
  heartbeat-dns hold nas.home.example.com --until 2027-01-04T08:00:00Z --dry-run
  heartbeat-dns hold nas.home.example.com --until 2027-01-04T08:00:00+01:00 --yes -o json";

/// The most characters of a reason: it stands in the metadata of a record set, beside everybody else's.
const LONGEST: usize = 200;

/// What to hold.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    #[command(flatten)]
    holding: Holding,
    #[command(flatten)]
    consent: Consent,
}

/// How long a name is held, and why: of every verb that holds one.
#[derive(Debug, clap::Args)]
pub(super) struct Holding {
    /// When the hold ends by itself, a time of RFC 3339, or `forever`; without it as a standing hold has it, else never
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why, in at most 200 characters, for whoever meets the hold; without it as a standing hold has it
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Holding {
    /// The hold that is meant, by whoever runs this as the token has it. What cannot be one is refused before Azure is asked;
    /// whether its end has passed the installation's clock says.
    pub(super) async fn hold(&self, installation: &Installation) -> Result<plan::HoldOrder, Failure> {
        let until = self.until.as_deref().map(end).transpose()?;
        let why = self.why.as_deref().map(reason).transpose()?;
        let azure = installation.clients.until(session::deadline(installation))?;
        let by = azure.caller().await.map(|caller| caller.to_string()).unwrap_or_default();
        Ok(plan::HoldOrder { until, why, by })
    }
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("hold --dry-run")?;
    let names = session::names(&options.names)?;
    let installation = session::installation(variables)?;
    let names = options.side.of(names, &installation.settings.policy.zones)?;
    let order = ByHand::Hold(options.holding.hold(&installation).await?);
    Box::pin(carry_out(&installation, (names, order), &options.consent, global, interrupt)).await
}

/// Shows what becomes of an order, and with somebody's consent writes it.
pub(super) async fn carry_out(
    installation: &Installation,
    (names, order): (NameSet, ByHand),
    consent: &Consent,
    global: &Global,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    let make = async |_: Option<&Report>| {
        let request = Request::of_names(Trigger::Cli, names.clone(), consent.writes());
        session::planned(installation, Request { order: Some(order.clone()), ..request }).await
    };
    Box::pin(consent.carry_out(make, Takes::TheSame, global, interrupt)).await
}

/// When the hold ends.
fn end(text: &str) -> Result<Until, Failure> {
    let hint =
        "write a time as 2027-01-04T08:00:00Z or with an offset, 2027-01-04T08:00:00+01:00, or `forever`";
    match Until::parse(text) {
        Some(until @ Until::Time(_)) if !until.stands(clock::now()) => {
            Err(Failure::usage(format!("--until {} has passed", text.escape_debug())).hint(hint))
        }
        Some(until @ (Until::Time(_) | Until::Forever)) => Ok(until),
        Some(Until::Unreadable) | None => {
            Err(Failure::usage(format!("`{}` is no time", text.escape_debug())).hint(hint))
        }
    }
}

/// The reason as it can stand in metadata.
fn reason(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
        let words = format!("--why has a character that nobody sees: {}", name_of(hidden));
        return Err(Failure::usage(words).hint("type the reason anew, on one line, rather than paste it"));
    }
    if text.chars().count() > LONGEST {
        let words = format!("--why takes at most {LONGEST} characters");
        return Err(Failure::usage(words).hint("say the short of it, and where the long of it stands"));
    }
    Ok(text.to_owned())
}
