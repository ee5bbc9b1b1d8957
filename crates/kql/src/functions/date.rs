//! Functions of instants and spans.

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, function};
use crate::convert::{convert_arg, truncated};
use crate::time::{Civil, DAY, HOUR, MAX_TICKS, MINUTE, SECOND, UNIX_EPOCH, days_from_civil, days_in_month};
use crate::types::Type;
use crate::value::Value;

const INSTANT: super::Returns = Is(Type::DateTime);
const INT: super::Returns = Is(Type::Int);

pub(super) const FUNCTIONS: &[Function] = &[
    function("startofday", "dt int?", INSTANT, Naming::First, |_, args| border(args, Unit::Day, false)),
    function("startofweek", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Week, false)),
    function("startofmonth", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Month, false)),
    function("startofyear", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Year, false)),
    function("endofday", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Day, true)),
    function("endofweek", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Week, true)),
    function("endofmonth", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Month, true)),
    function("endofyear", "dt int?", INSTANT, Naming::None, |_, args| border(args, Unit::Year, true)),
    function("datetime_add", "lit int dt", INSTANT, Naming::None, add),
    function("datetime_diff", "lit dt dt", Is(Type::Long), Naming::None, diff),
    function("datetime_part", "lit dt", INT, Naming::None, part),
    function("datepart", "lit dt", INT, Naming::None, part),
    function("dayofweek", "dt", Is(Type::Timespan), Naming::None, |_, args| {
        // In the week that time ends in, the service knows none.
        let known = |ticks: &i64| MAX_TICKS - ticks >= (6 - weekday(*ticks)) * DAY;
        Value::or_null(args[0].instant().filter(known), |ticks| Value::Timespan(weekday(ticks) * DAY))
    }),
    function("dayofmonth", "dt", INT, Naming::None, |_, args| civil(args, |c| c.day)),
    function("dayofyear", "dt", INT, Naming::None, |_, args| civil(args, day_of_year)),
    function("hourofday", "dt", INT, Naming::None, |_, args| civil(args, |c| c.hour)),
    function("monthofyear", "dt", INT, Naming::None, |_, args| civil(args, |c| c.month)),
    function("getmonth", "dt", INT, Naming::None, |_, args| civil(args, |c| c.month)),
    function("getyear", "dt", INT, Naming::None, |_, args| civil(args, |c| c.year)),
    function("weekofyear", "dt", INT, Naming::None, |_, args| civil(args, week_of_year)),
    function("week_of_year", "dt", INT, Naming::None, |_, args| civil(args, week_of_year)),
    function("make_datetime", "any num? num? num? num? num?", INSTANT, Naming::None, make_datetime),
    function("make_timespan", "any num? num? num?", Is(Type::Timespan), Naming::None, make_timespan),
    function("unixtime_seconds_todatetime", "num", INSTANT, Naming::None, |_, args| unix(args, 1e7)),
    function("unixtime_milliseconds_todatetime", "num", INSTANT, Naming::None, |_, args| unix(args, 1e4)),
    function("unixtime_microseconds_todatetime", "num", INSTANT, Naming::None, |_, args| unix(args, 10.0)),
    function("unixtime_nanoseconds_todatetime", "num", INSTANT, Naming::None, |_, args| unix(args, 0.01)),
    function("format_datetime", "dt lit", Is(Type::String), Naming::First, |_, args| {
        let (Some(ticks), Some(format)) = (args[0].instant(), args[1].text()) else { return Value::text("") };
        Value::text(&super::date_format::format_datetime(ticks, format))
    }),
    function("format_timespan", "ts lit", Is(Type::String), Naming::First, |_, args| {
        let (Some(ticks), Some(format)) = (args[0].span(), args[1].text()) else { return Value::text("") };
        Value::text(&super::date_format::format_timespan(ticks, format))
    }),
];

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => Unit::Year,
        "quarter" => Unit::Quarter,
        "month" => Unit::Month,
        "week" | "week_of_year" => Unit::Week,
        "day" => Unit::Day,
        "hour" => Unit::Hour,
        "minute" => Unit::Minute,
        "second" => Unit::Second,
        "millisecond" => Unit::Millisecond,
        "microsecond" => Unit::Microsecond,
        "nanosecond" => Unit::Nanosecond,
        _ => return None,
    })
}

/// Whether a function knows a part of dates by that name.
pub(crate) fn date_part_is_known(function: &str, name: &str) -> bool {
    let is_part = function == "datetime_part" || function == "datepart";
    match name.to_ascii_lowercase().as_str() {
        "week_of_year" | "dayofyear" => is_part,
        "week" => !is_part,
        other => unit(other).is_some(),
    }
}

fn instant(ticks: Option<i64>) -> Value {
    Value::or_null(ticks.filter(|ticks| (0..=MAX_TICKS).contains(ticks)), Value::DateTime)
}

/// Days since Sunday.
pub(super) fn weekday(ticks: i64) -> i64 {
    (ticks.div_euclid(DAY) + 1).rem_euclid(7)
}

fn civil(args: &[Arg<'_>], read: fn(Civil) -> i64) -> Value {
    args[0].instant().map_or(Value::Null, |ticks| Value::Long(read(Civil::from_ticks(ticks))))
}

fn day_of_year(c: Civil) -> i64 {
    days_from_civil(c.year, c.month, c.day) - days_from_civil(c.year, 1, 1) + 1
}

/// The number of the week by ISO 8601: weeks begin on Monday, the first holds the year's first Thursday.
fn week_of_year(c: Civil) -> i64 {
    let days = days_from_civil(c.year, c.month, c.day);
    let thursday = days - days.rem_euclid(7) + 3;
    let (year, ..) = crate::time::civil_from_days(thursday);
    (thursday - days_from_civil(year, 1, 1)) / 7 + 1
}

/// The first tick of the period that holds the instant.
fn floor(ticks: i64, unit: Unit) -> Option<i64> {
    let c = Civil::from_ticks(ticks);
    let start = |year: i64, month: i64| Some(days_from_civil(year, month, 1) * DAY);
    match unit {
        Unit::Year => start(c.year, 1),
        Unit::Quarter => start(c.year, (c.month - 1) / 3 * 3 + 1),
        Unit::Month => start(c.year, c.month),
        Unit::Week => Some(ticks - ticks.rem_euclid(DAY) - weekday(ticks) * DAY),
        other => Some(ticks - ticks.rem_euclid(length(other)?)),
    }
}

/// Ticks of a unit that is always as long.
fn length(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Week => 7 * DAY,
        Unit::Day => DAY,
        Unit::Hour => HOUR,
        Unit::Minute => MINUTE,
        Unit::Second => SECOND,
        Unit::Millisecond => SECOND / 1_000,
        Unit::Microsecond => 10,
        _ => return None,
    })
}

fn moved(ticks: i64, unit: Unit, count: i64) -> Option<i64> {
    let months = match unit {
        Unit::Year => count.checked_mul(12)?,
        Unit::Quarter => count.checked_mul(3)?,
        Unit::Month => count,
        Unit::Nanosecond => return ticks.checked_add(count / 100),
        other => return ticks.checked_add(count.checked_mul(length(other)?)?),
    };
    let c = Civil::from_ticks(ticks);
    let month = (c.year * 12 + c.month - 1).checked_add(months)?;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    if !(1..=9999).contains(&year) {
        return None;
    }
    Civil { year, month, day: c.day.min(days_in_month(year, month)), ..c }.ticks()
}

fn border(args: &[Arg<'_>], unit: Unit, end: bool) -> Value {
    let offset = match args.get(1) {
        None => 0,
        Some(arg) => match arg.long() {
            Some(offset) => offset,
            None => return Value::Null,
        },
    };
    let start = args[0].instant().and_then(|ticks| moved(floor(ticks, unit)?, unit, offset));
    if !end {
        return instant(start);
    }
    match start {
        Some(start) => instant(Some(moved(start, unit, 1).map_or(MAX_TICKS, |next| next - 1))),
        None => Value::Null,
    }
}

fn add(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (Some(unit), Some(count), Some(ticks)) =
        (args[0].text().and_then(unit), args[1].long(), args[2].instant())
    else {
        return Value::Null;
    };
    instant(moved(ticks, unit, count))
}

/// Counts the borders between the two instants, not whole periods (rule 11).
fn diff(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (Some(unit), Some(a), Some(b)) =
        (args[0].text().and_then(unit), args[1].instant(), args[2].instant())
    else {
        return Value::Null;
    };
    let (x, y) = (Civil::from_ticks(a), Civil::from_ticks(b));
    let count = match unit {
        Unit::Year => x.year - y.year,
        Unit::Quarter => (x.year * 4 + (x.month - 1) / 3) - (y.year * 4 + (y.month - 1) / 3),
        Unit::Month => (x.year * 12 + x.month) - (y.year * 12 + y.month),
        Unit::Nanosecond => return Value::or_null((a - b).checked_mul(100), Value::Long),
        other => match (length(other), floor(a, other), floor(b, other)) {
            (Some(length), Some(a), Some(b)) => (a - b) / length,
            _ => return Value::Null,
        },
    };
    Value::Long(count)
}

fn part(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (Some(name), Some(ticks)) = (args[0].text(), args[1].instant()) else { return Value::Null };
    let c = Civil::from_ticks(ticks);
    Value::Long(match name.to_ascii_lowercase().as_str() {
        "year" => c.year,
        "quarter" => (c.month - 1) / 3 + 1,
        "month" => c.month,
        "week_of_year" => week_of_year(c),
        "day" => c.day,
        "dayofyear" => day_of_year(c),
        "hour" => c.hour,
        "minute" => c.minute,
        "second" => c.second,
        "millisecond" => c.fraction / 10_000,
        "microsecond" => c.fraction / 10,
        "nanosecond" => c.fraction * 100,
        _ => return Value::Null,
    })
}

fn make_datetime(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    if args.len() == 1 {
        return convert_arg(args[0], Type::DateTime);
    }
    let number = |index: usize, default: i64| match args.get(index) {
        None => Some(default),
        Some(arg) => arg.long().or_else(|| arg.real().and_then(truncated)),
    };
    let seconds = args.get(5).map_or(Some(0.0), |arg| arg.real());
    let (Some(seconds), Some(year), Some(month)) = (seconds, number(0, 1), number(1, 1)) else {
        return Value::Null;
    };
    let (Some(day), Some(hour), Some(minute)) = (number(2, 1), number(3, 0), number(4, 0)) else {
        return Value::Null;
    };
    let Some(fraction) = truncated((seconds * 1e7).round()) else { return Value::Null };
    let civil = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second: fraction.div_euclid(SECOND),
        fraction: fraction.rem_euclid(SECOND),
    };
    instant(civil.ticks())
}

fn make_timespan(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    if args.len() == 1 {
        return convert_arg(args[0], Type::Timespan);
    }
    let (whole, seconds) = if args.len() > 2 { args.split_at(args.len() - 1) } else { (args, &[][..]) };
    let numbers: Option<Vec<i64>> = whole.iter().map(|arg| arg.long()).collect();
    let seconds = seconds.first().map_or(Some(0.0), |arg| arg.real());
    let (Some(numbers), Some(seconds)) = (numbers, seconds) else { return Value::Null };
    let (days, clock) = if numbers.len() == 3 { (numbers[0], &numbers[1..]) } else { (0, &numbers[..]) };
    let [hours, minutes] = [clock[0], clock[1]];
    let valid = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0.0..60.0).contains(&seconds);
    // Seconds may have a fraction, down to a tick.
    let seconds = truncated((seconds * 1e7).round()).unwrap_or(0);
    let ticks = days.checked_mul(DAY).filter(|_| valid);
    Value::or_null(
        ticks.and_then(|days| days.checked_add(hours * HOUR + minutes * MINUTE + seconds)),
        Value::Timespan,
    )
}

fn unix(args: &[Arg<'_>], ticks: f64) -> Value {
    let offset = match args[0] {
        #[expect(clippy::cast_possible_truncation, reason = "the unit is a small whole number")]
        Arg::Long(value) if ticks >= 1.0 => value.checked_mul(ticks as i64),
        Arg::Long(value) => Some(value / 100),
        other => other.real().and_then(|value| truncated((value * ticks).round())),
    };
    instant(offset.and_then(|offset| offset.checked_add(UNIX_EPOCH)))
}
