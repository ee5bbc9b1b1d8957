//! A name that was never written: whether it is one at all.

use crate::cli::session;
use crate::run::{Installation, Request};
use pure::domain::NameSet;
use pure::plan::report::Trigger;

/// That nobody claims a name, and which one was probably meant; none where somebody does, and where it cannot be asked.
pub(super) async fn nobodys(installation: &Installation, asked: &NameSet) -> Option<String> {
    let request = Request::of_names(Trigger::Cli, asked.clone(), false);
    let planned = session::planned(installation, request).await.ok()?;
    planned.report().unclaimed.into_iter().next().map(|unclaimed| unclaimed.because)
}
