//! What is wrong with a configuration: all of it at once, each with the variable's name and the way out.

use std::fmt;

/// One variable that cannot be used, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The variable's name.
    pub variable: String,
    /// The file that it names, where what is wrong stands in there.
    pub file: Option<String>,
    /// The line of the file that the variable names or holds, where it is about one.
    pub line: Option<usize>,
    /// What is wrong and what to write; fits after the name, or after the line.
    pub words: String,
}

impl Fault {
    /// What is wrong, with the line, behind whatever the reader knows the value by.
    #[must_use]
    pub fn said(&self) -> String {
        match self.line {
            Some(line) => format!("line {line}: {}", self.words),
            None => self.words.clone(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{} {file} {}", self.variable, self.said()),
            None => write!(f, "{} {}", self.variable, self.said()),
        }
    }
}

/// All faults of a configuration, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; "))
    }
}

impl std::error::Error for Faults {}
