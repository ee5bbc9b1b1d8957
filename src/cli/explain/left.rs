//! What still holds the addresses that the name has left.

use super::amiss;
use crate::cli::moves;
use crate::cli::phrase::Phrase;
use crate::run::Explained;

/// What is told of it; nothing where the name left no address, or nobody wants to know.
pub(super) fn told(found: &Explained) -> Vec<Phrase> {
    match &found.moves {
        Ok(None) => Vec::new(),
        Ok(Some(moves)) => {
            let mut told = moves::sentences(moves);
            let who =
                "who still talks to an old address tells the recipe 19-who-still-talks-to-an-old-address";
            told.push(who.into());
            told
        }
        Err(trouble) => vec![format!("not known: {}", amiss::because(found, trouble)).into()],
    }
}
