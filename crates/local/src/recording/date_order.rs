//! Whether the dates of a file tell that their month comes first. A file of a few days may read well either way; then it is
//! said how it was read, and what speaks against it.

use jiff::civil::Date;

use super::time::Written;

/// What all dates of a file say together.
#[derive(Debug, Default)]
pub(super) struct DateOrder {
    /// A date says for sure that its month comes first.
    is_known: bool,
    /// The first date that has another meaning with its day first.
    example: Option<Either>,
    month_first: Option<Span>,
    day_first: Option<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Either {
    month_first: Date,
    day_first: Date,
}

/// The oldest and the newest date.
#[derive(Debug, Clone, Copy)]
struct Span(Date, Date);

impl Span {
    fn with(span: Option<Self>, date: Date) -> Self {
        span.map_or(Self(date, date), |Self(oldest, newest)| Self(oldest.min(date), newest.max(date)))
    }

    /// How many days lie between them.
    fn days(self) -> i32 {
        self.1.duration_since(self.0).as_hours().try_into().unwrap_or(i32::MAX) / 24
    }
}

impl DateOrder {
    /// Takes the date of a row.
    pub(super) fn take(&mut self, written: Written) {
        let (month_first, day_first) = match written {
            Written::Plainly => return,
            Written::MonthFirst => {
                self.is_known = true;
                return;
            }
            Written::EitherWay { month_first, day_first } => (month_first, day_first),
        };
        if month_first != day_first {
            self.example.get_or_insert(Either { month_first, day_first });
        }
        self.month_first = Some(Span::with(self.month_first, month_first));
        self.day_first = Some(Span::with(self.day_first, day_first));
    }

    /// What people must know of the dates; none: there is no doubt.
    pub(super) fn note(&self, today: Date) -> Option<String> {
        let Either { month_first, day_first } = self.example.filter(|_| !self.is_known)?;
        let (read, turned) = (self.month_first?, self.day_first?);
        let mut doubts = Vec::new();
        if read.1 > today && turned.1 <= today {
            doubts.push(format!("so its newest row is of {}, which is still to come", read.1));
        }
        if read.days() > turned.days() {
            doubts.push(format!(
                "so its rows spread over {} days, and with the day first over {}",
                read.days(),
                turned.days()
            ));
        }
        let written = month_first.strftime("%-m/%-d/%Y");
        let words = format!("{written} was read month first, as the portal writes it: {month_first}");
        if doubts.is_empty() {
            return Some(format!("No date of the file tells day from month. {words}."));
        }
        Some(format!(
            "Warning: {words}; {}. If it is {day_first}, write all times as {day_first}T09:19:25Z.",
            doubts.join("; ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::time;
    use super::*;

    fn note(dates: &[&str]) -> Option<String> {
        let mut order = DateOrder::default();
        dates.iter().for_each(|date| order.take(time::read(date).unwrap().written));
        order.note("2025-06-30".parse().unwrap())
    }

    #[test]
    fn what_speaks_against_the_month_in_front_is_a_warning() {
        // Four days in February, day first: read month first they are four months.
        let spread = note(&["5/2/2025", "6/2/2025, 9:19:25.391 AM", "7/2/2025 10:00", "8/2/2025"]).unwrap();
        for part in ["Warning", "5/2/2025", "2025-05-02", "92 days", "over 3", "2025-02-05"] {
            assert!(spread.contains(part), "{part}: {spread}");
        }
        let to_come = note(&["9/6/2025 10:00"]).unwrap();
        for part in ["Warning", "2025-09-06", "still to come"] {
            assert!(to_come.contains(part), "{part}: {to_come}");
        }
    }

    #[test]
    fn what_nothing_tells_is_said_and_what_is_sure_is_not() {
        for open in [&["3/4/2025 10:00"][..], &["3/4/2025", "3/5/2025", "3/6/2025"]] {
            let words = note(open).unwrap();
            assert!(words.contains("month first") && !words.contains("Warning"), "{words}");
        }
        for sure in [&["2025-03-04"][..], &["3/3/2025"], &["3/4/2025", "4/4/2025", "2/25/2025"], &[]] {
            assert_eq!(note(sure), None, "{sure:?}");
        }
    }
}
