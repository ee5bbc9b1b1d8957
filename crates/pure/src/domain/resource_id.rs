//! An Azure resource id: parsed, compared without case, printed as given.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

/// The id of a resource inside a resource group.
///
/// Services answer with drifting case (contract azure-resource-manager, section 1, item 5), so two ids are equal when
/// they are so without case. Segments hold letters, digits and `-_.()` only, and none is empty, `.` or `..`: an id may
/// be quoted anywhere, and as the path of an address it leads nowhere else.
///
/// ```
/// use pure::domain::ResourceId;
///
/// let arc = "/subscriptions/s/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas";
/// let id = ResourceId::parse(arc).unwrap();
/// assert_eq!(id, ResourceId::parse(&arc.to_lowercase()).unwrap());
/// assert_eq!(id.name(), "nas");
/// assert!(ResourceId::parse("nas' or 1 == 1").is_err());
/// assert!(ResourceId::parse(&arc.replace("nas", "..")).is_err());
/// ```
#[derive(Clone)]
pub struct ResourceId {
    given: String,
    lower: String,
}

/// Why a text is no resource id; a fragment that fits after "the id".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceIdFault {
    /// Not `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME…`.
    #[error("is not of the form /subscriptions/…/resourceGroups/…/providers/NAMESPACE/TYPE/NAME")]
    Shape,
    /// A segment is empty or holds other characters than letters, digits and `-_.()`.
    #[error("has an empty segment or one with other characters than letters, digits and -_.()")]
    Segment,
    /// A segment `.` or `..`: whoever reads the id as a path goes elsewhere.
    #[error("has a segment . or .., which leads elsewhere")]
    Dots,
    /// More than 1024 octets.
    #[error("is longer than 1024 octets")]
    Long,
}

impl ResourceId {
    /// Reads an id in any case.
    ///
    /// # Errors
    /// [`ResourceIdFault`] when the text is not the id of a resource in a resource group.
    pub fn parse(text: &str) -> Result<Self, ResourceIdFault> {
        let given = text.trim();
        let given = given.strip_suffix('/').unwrap_or(given);
        if given.len() > MAX_LENGTH {
            return Err(ResourceIdFault::Long);
        }
        let lower = given.to_lowercase();
        let rest = lower.strip_prefix('/').ok_or(ResourceIdFault::Shape)?;
        let shape = [Some("subscriptions"), None, Some("resourcegroups"), None, Some("providers")];
        let (mut count, mut fits, mut fault) = (0_usize, true, None);
        // One walk: a sweep reads ids by the hundred thousand.
        for segment in rest.split('/') {
            fits &= shape.get(count).copied().flatten().is_none_or(|word| segment == word);
            count += 1;
            if matches!(segment, "." | "..") {
                fault = fault.or(Some(ResourceIdFault::Dots));
            } else if segment.is_empty() || !segment.chars().all(is_plain) {
                fault = Some(ResourceIdFault::Segment);
            }
        }
        if count < 8 || !count.is_multiple_of(2) || !fits {
            return Err(ResourceIdFault::Shape);
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        Ok(Self { given: given.to_owned(), lower })
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// The id in lower case: the key under which it is looked up and stored.
    #[must_use]
    pub fn lower(&self) -> &str {
        &self.lower
    }

    /// The subscription's id, lower case.
    #[must_use]
    pub fn subscription(&self) -> &str {
        let rest = self.lower.strip_prefix("/subscriptions/").unwrap_or_default();
        rest.split_once('/').map_or(rest, |(subscription, _)| subscription)
    }

    /// The resource group's name as given.
    #[must_use]
    pub fn resource_group(&self) -> &str {
        self.given_segment(3)
    }

    /// The type with its namespace, lower case, such as `microsoft.hybridcompute/machines`; of a nested resource
    /// the outermost type.
    #[must_use]
    pub fn resource_type(&self) -> String {
        format!("{}/{}", self.lower_segment(5), self.lower_segment(6))
    }

    /// The type with its namespace and all types that it is nested in, lower case, such as
    /// `microsoft.compute/virtualmachinescalesets/virtualmachines`.
    #[must_use]
    pub fn whole_type(&self) -> String {
        // After the namespace a type and a name stand by turns.
        let types = self.lower.split('/').skip(7).step_by(2);
        types.fold(self.lower_segment(5).to_owned(), |whole, part| format!("{whole}/{part}"))
    }

    /// The resource that this one lies in, as given; none of one that lies in a group.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (rest, _) = self.given.rsplit_once('/')?;
        let (parent, _) = rest.rsplit_once('/')?;
        Self::parse(parent).ok()
    }

    /// The last segment as given.
    #[must_use]
    pub fn name(&self) -> &str {
        self.given.rsplit('/').next().unwrap_or_default()
    }

    fn lower_segment(&self, index: usize) -> &str {
        self.lower.split('/').nth(index + 1).unwrap_or_default()
    }

    fn given_segment(&self, index: usize) -> &str {
        self.given.split('/').nth(index + 1).unwrap_or_default()
    }
}

const MAX_LENGTH: usize = 1024;

/// Whether a segment may hold the character.
fn is_plain(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '(' | ')') || c.is_alphanumeric()
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.lower == other.lower
    }
}

impl Eq for ResourceId {}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.lower.cmp(&other.lower)
    }
}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.lower.hash(state);
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.given)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAS: &str =
        "/subscriptions/S1/resourceGroups/RG-Edge/providers/Microsoft.HybridCompute/machines/Nas";

    #[test]
    fn parts_are_found_and_case_is_kept() {
        let id = ResourceId::parse(NAS).unwrap();
        assert_eq!(
            (id.subscription(), id.resource_group(), id.name(), id.resource_type().as_str()),
            ("s1", "RG-Edge", "Nas", "microsoft.hybridcompute/machines")
        );
        assert_eq!(id.to_string(), NAS);
    }

    #[test]
    fn an_id_ends_with_1024_octets() {
        let base = "/subscriptions/s/resourceGroups/g/providers/n/t/";
        let id = |octets: usize| format!("{base}{}", "m".repeat(octets - base.len()));
        assert_eq!(ResourceId::parse(&id(1024)).unwrap().as_str().len(), 1024);
        assert_eq!(ResourceId::parse(&id(1025)), Err(ResourceIdFault::Long));
        // What is left out does not count.
        assert!(ResourceId::parse(&format!(" {}/ ", id(1024))).is_ok());
    }

    #[test]
    fn a_resource_has_its_words_and_a_name_for_each_type() {
        for shape in [
            // A word that is another one.
            NAS.replace("subscriptions", "tenants"),
            NAS.replace("resourceGroups", "groups"),
            NAS.replace("providers", "things"),
            // A type without a name, and one with a name too many.
            NAS.replace("/Nas", ""),
            format!("{NAS}/extensions"),
            NAS.replace("/machines/Nas", ""),
        ] {
            assert_eq!(ResourceId::parse(&shape), Err(ResourceIdFault::Shape), "{shape}");
        }
        assert!(ResourceId::parse(&format!("{NAS}/extensions/agent")).is_ok());
    }

    #[test]
    fn two_spellings_of_one_id_are_one_member_of_a_set() {
        let id = |name: &str| {
            ResourceId::parse(&format!("/subscriptions/S/resourceGroups/G/providers/N/t/{name}")).unwrap()
        };
        let hash = |id: &ResourceId| {
            let mut hasher = std::hash::DefaultHasher::new();
            id.hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash(&id("NAS")), hash(&id("nas")));
        assert_ne!(hash(&id("nas")), hash(&id("cam")));
    }

    #[test]
    fn what_leads_elsewhere_as_a_path_is_no_id() {
        for (part, dots) in [("S1", "."), ("S1", ".."), ("RG-Edge", ".."), ("machines", "."), ("Nas", "..")] {
            assert_eq!(
                ResourceId::parse(&NAS.replace(part, dots)),
                Err(ResourceIdFault::Dots),
                "{part} {dots}"
            );
        }
        assert!(ResourceId::parse(&NAS.replace("Nas", "a..b.")).is_ok(), "dots beside letters lead nowhere");
    }

    #[test]
    fn what_could_break_a_quotation_is_no_id() {
        for hostile in ["'", "\"", "\\", "\n", " ", "|", "%27", "//"] {
            assert!(ResourceId::parse(&format!("{NAS}{hostile}x")).is_err(), "{hostile:?}");
        }
        for hostile in ["%", "%2e%2e", "?x=1", "#x", "\u{0}", "\u{7f}", "\u{202e}", "x/", "/"] {
            assert_eq!(
                ResourceId::parse(&NAS.replace("RG-Edge", hostile)),
                Err(if hostile.ends_with('/') { ResourceIdFault::Shape } else { ResourceIdFault::Segment }),
                "{hostile:?}"
            );
        }
        assert_eq!(ResourceId::parse("/subscriptions/s/resourceGroups/g"), Err(ResourceIdFault::Shape));
        assert_eq!(ResourceId::parse(&format!("{NAS}{}", "a".repeat(2000))), Err(ResourceIdFault::Long));
    }
}
