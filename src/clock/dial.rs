//! Where a process looks to see what a recorded clock says: at one course, or into a file that whoever plays a day sets forward.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::recorded::Course;
use crate::bounded;

/// The variable that tells it: a course, or `@` and the path of a file that holds one.
pub const VARIABLE: &str = "LOCAL_CLOCK";

const IN_A_FILE: char = '@';

static DIAL: OnceLock<Dial> = OnceLock::new();

/// What says how a recorded clock goes.
#[derive(Debug)]
pub enum Dial {
    /// One course to the end.
    Fixed(Course),
    /// A file, read at each look: between two looks it may have been set forward.
    File {
        /// Which file.
        path: PathBuf,
        /// What it said last, for a look at which it cannot be read.
        last: Mutex<Course>,
    },
}

/// This process goes by it from now on; a second one is not heard.
pub fn go_by(dial: Dial) {
    let _ = DIAL.set(dial);
}

/// The course by which this process goes; none: the wall's clock.
pub(super) fn course() -> Option<Course> {
    DIAL.get().map(Dial::course)
}

impl Dial {
    fn course(&self) -> Course {
        match self {
            Self::Fixed(course) => *course,
            Self::File { path, last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok(course) = read(path) {
                    *last = course;
                }
                *last
            }
        }
    }
}

fn read(path: &Path) -> Result<Course, String> {
    let text = bounded::file(path, bounded::LINE)
        .map_err(|error| format!("names {}, which cannot be read: {error}", path.display()))?;
    text.trim().parse()
}

impl Clone for Dial {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(course) => Self::Fixed(*course),
            Self::File { path, .. } => Self::File { path: path.clone(), last: Mutex::new(self.course()) },
        }
    }
}

impl fmt::Display for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(course) => course.fmt(f),
            Self::File { path, .. } => write!(f, "{IN_A_FILE}{}", path.display()),
        }
    }
}

impl FromStr for Dial {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(path) = text.trim().strip_prefix(IN_A_FILE) else {
            return text.parse().map(Self::Fixed);
        };
        let path = PathBuf::from(path);
        let last = Mutex::new(read(&path)?);
        Ok(Self::File { path, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: &str = "2025-02-25T07:00:00Z,2026-11-27T00:00:10Z,1,2025-02-25T07:00:00Z";
    const NOON: &str = "2025-02-25T12:00:00Z,2026-11-27T00:00:20Z,1,2025-02-25T12:00:00Z";

    #[test]
    fn a_file_is_read_at_each_look_and_what_it_said_last_holds_while_it_says_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let told = format!("@{}", file.path().display());
        assert!(told.parse::<Dial>().is_err(), "an empty file says nothing");
        std::fs::write(file.path(), MORNING).unwrap();
        let dial: Dial = told.parse().unwrap();
        assert_eq!((dial.course().to_string(), dial.to_string()), (MORNING.to_owned(), told));
        std::fs::write(file.path(), format!("{NOON}\n")).unwrap();
        assert_eq!(dial.course().to_string(), NOON);
        std::fs::write(file.path(), "").unwrap();
        assert_eq!(dial.clone().course().to_string(), NOON);
    }

    #[test]
    fn without_a_file_the_course_stands_in_the_text() {
        let dial: Dial = MORNING.parse().unwrap();
        assert_eq!([dial.course().to_string(), dial.to_string()], [MORNING; 2]);
        assert!("@/nowhere/at/all".parse::<Dial>().is_err());
    }
}
