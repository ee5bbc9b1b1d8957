//! Text that is read whole, up to a bound: what has no end must not take all memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The most of a query, and of the description of tables.
const MOST: u64 = 16 << 20;

/// The text of a file.
pub(super) fn file(path: &Path) -> Result<String, String> {
    let named = |words: String| format!("{}: {words}", path.display());
    let file = File::open(path).map_err(|error| named(error.to_string()))?;
    stream(file).map_err(named)
}

/// The text of a stream.
pub(super) fn stream(from: impl Read) -> Result<String, String> {
    let mut octets = Vec::new();
    from.take(MOST + 1).read_to_end(&mut octets).map_err(|error| error.to_string())?;
    if octets.len() as u64 > MOST {
        return Err(format!("it has more than {} MiB, and no more is read of such a file", MOST >> 20));
    }
    String::from_utf8(octets).map_err(|_| "it is no text in UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_a_fault() {
        let most = std::io::repeat(b' ').take(MOST);
        assert_eq!(stream(most).map(|text| text.len() as u64), Ok(MOST));
        assert!(stream(std::io::repeat(b' ')).unwrap_err().contains("16 MiB"));
        assert!(stream(&b"\xff"[..]).unwrap_err().contains("UTF-8"));
    }
}
