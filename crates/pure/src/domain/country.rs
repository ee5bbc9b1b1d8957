//! Countries, as a policy names them and as the workspace does: by a code of ISO 3166, or by a name in English.

mod table;

use std::fmt;

use table::TABLE;

/// A country or territory with a code of ISO 3166.
///
/// Nobody publishes how the platform spells `RemoteIPCountry`, so each has every English name that is in common use.
///
/// ```
/// use pure::domain::Country;
///
/// let named = Country::parse("Switzerland");
/// assert!(named.is_some() && named == Country::parse("ch") && named == Country::parse("CHE"));
/// assert_eq!(Country::parse("Atlantis"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country {
    /// Its line of the table.
    line: &'static str,
}

impl Country {
    /// Reads a code of two or three letters, or a name; case, accents, points and "the" say nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (text, wanted) = (text.trim(), plain(text));
        let is_code = |country: &Self| country.words().take(2).any(|code| code.eq_ignore_ascii_case(text));
        let is_name = |country: &Self| country.names().any(|name| plain(name) == wanted);
        Self::all().find(is_code).or_else(|| Self::all().find(is_name))
    }

    /// All of them, by their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.lines().map(|line| Self { line })
    }

    /// Its code of two letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.words().next().unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names().next().unwrap_or_default()
    }

    /// Its names in English, the usual one first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.words().skip(2)
    }

    /// Its codes, then its names.
    fn words(self) -> impl Iterator<Item = &'static str> {
        self.line.split('|')
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A spelling without what spellings of one name differ in.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| letter.is_whitespace() || "-,()&/".contains(letter));
    let said = words.map(|word| word.chars().filter_map(bare).collect::<String>());
    said.filter(|word| !matches!(word.as_str(), "" | "the" | "and" | "of")).map(long).collect()
}

/// What is meant by what many write short.
fn long(word: String) -> String {
    match word.as_str() {
        "st" => "saint".to_owned(),
        "rep" => "republic".to_owned(),
        _ => word,
    }
}

/// A letter without its accent; points and apostrophes go.
fn bare(letter: char) -> Option<char> {
    match letter {
        '.' | '\'' | '’' | '\u{307}' => None,
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => Some('a'),
        'ç' => Some('c'),
        'é' | 'è' | 'ê' | 'ë' => Some('e'),
        'í' | 'î' | 'ï' => Some('i'),
        'ó' | 'ô' | 'õ' | 'ö' => Some('o'),
        'ú' | 'ü' => Some('u'),
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_word_means_two_countries_and_each_has_its_three() {
        let mut meant: BTreeMap<String, Country> = BTreeMap::new();
        for country in Country::all() {
            assert!(country.words().count() > 2, "{}", country.line);
            for word in country.words() {
                let other = meant.insert(word.to_lowercase(), country);
                assert!(other.is_none_or(|other| other == country), "{word}: {other:?} and {country:?}");
                assert_eq!((Country::parse(word), plain(word).is_empty()), (Some(country), word == "AND"));
            }
            let [two, three] = [0, 1].map(|place| country.words().nth(place).unwrap());
            assert_eq!((two.len(), three.len()), (2, 3), "{}", country.line);
        }
        let codes: Vec<&str> = Country::all().map(Country::code).collect();
        assert!(codes.is_sorted() && codes.len() == 250, "{}", codes.len());
    }

    #[test]
    fn spellings_that_differ_in_little_mean_the_same() {
        let code = |text: &str| Country::parse(text).map(Country::code);
        for (text, wanted) in [
            (" united states ", "US"),
            ("Cote d’Ivoire", "CI"),
            ("Turkiye", "TR"),
            ("TÜRKİYE", "TR"),
            ("The Netherlands", "NL"),
            ("Bosnia & Herzegovina", "BA"),
            ("St. Lucia", "LC"),
            ("Korea (Republic of)", "KR"),
            ("deu", "DE"),
        ] {
            assert_eq!(code(text), Some(wanted), "{text}");
        }
        for text in ["", " ", "-", "the", "X", "ZZ", "Unknown", "Swiss", "Europe"] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
