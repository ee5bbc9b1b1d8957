//! How far two spellings lie apart, so that a slip of the pen can be told from another word.

/// How many octets must be put in, taken out or changed to make one text of the other.
///
/// ```
/// use pure::domain::distance;
///
/// assert_eq!(distance("kitten", "sitting"), 3);
/// assert_eq!(distance("", "abc"), 3);
/// ```
#[must_use]
pub fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, r) in right.bytes().enumerate() {
            let changed = diagonal + usize::from(l != r);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Word by word by hand; in either direction it is as far.
    #[test]
    fn every_octet_that_is_put_in_taken_out_or_changed_counts_once() {
        for (left, right, slips) in [
            ("", "", 0),
            ("nas", "nas", 0),
            ("nas", "naz", 1),
            ("nas", "nass", 1),
            ("nas", "as", 1),
            ("nas", "nsa", 2),
            ("abc", "", 3),
            ("abc", "xyz", 3),
            ("abcdef", "bcdefa", 2),
            ("flaw", "lawn", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((distance(left, right), distance(right, left)), (slips, slips), "{left} {right}");
        }
    }
}
