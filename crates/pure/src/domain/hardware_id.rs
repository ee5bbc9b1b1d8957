//! What a machine says that it is made of.

use std::fmt;

/// The UUID that a machine's firmware tells, as Azure shows it (`vmUuid` of a machine, `VMUUID` of its heartbeats).
///
/// The machine says it itself: two resources that share one are probably one machine, and nothing is decided by that alone.
/// Resource Graph and heartbeats may spell one machine differently, so only what one of them says is compared.
///
/// ```
/// use pure::domain::HardwareId;
///
/// let id = |text| HardwareId::parse(text);
/// assert!(id("5A1DFA2E-0000-4c11-9c1e-2f1b6a7d0101").is_some());
/// assert_eq!(id("5A1DFA2E-0000-4c11-9c1e-2f1b6a7d0101"), id("5a1dfa2e-0000-4C11-9c1e-2f1b6a7d0101"));
/// assert_eq!(id("00000000-0000-0000-0000-000000000000"), None, "what firmware says that knows none");
/// assert_eq!(id("not told"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HardwareId(String);

impl HardwareId {
    /// Reads it; none for what is no UUID, or one that many machines have, for its digits are all the same.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
        let text = text.trim().to_ascii_lowercase();
        let is_uuid = text.split('-').map(str::len).eq(GROUPS)
            && text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit());
        let mut digits = text.chars().filter(|letter| *letter != '-');
        let first = digits.next()?;
        (is_uuid && digits.any(|digit| digit != first)).then_some(Self(text))
    }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
