//! The command that says which right is missing, wherever one may be.

use super::phrase::Phrase;

const MISSING: &str = "what is missing, and the az line for it:  ";

/// The command that finds what is missing.
pub(super) fn doctor() -> Phrase {
    Phrase::from(MISSING).run("doctor")
}

/// The same for a right to deploy: asked about only under the variable, which whoever asks may not have where the run that
/// failed had it.
pub(super) fn doctor_of_deployments() -> Phrase {
    Phrase::from(MISSING).run_under("APPLY_VIA=deployment", "doctor")
}

/// The same question put to the deployed function, after words, with what stands for its address and its key.
pub(super) fn of_the_function(begin: &str) -> Phrase {
    Phrase::from(begin).run("doctor --function URL").and(
        " (URL is https://APP.azurewebsites.net/api/remediate, with the name of the function app for APP; FUNCTION_KEY holds a \
         key of function-remediate)",
    )
}
