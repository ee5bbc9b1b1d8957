//! What a person wants of holds.

use crate::domain::Hold;

/// What a person wants of the holds of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldOrder {
    /// No run is to write their sets any more.
    Hold(Hold),
    /// Runs may write them again.
    Unhold,
}
