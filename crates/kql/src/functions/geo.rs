//! Functions of places on the earth, as a sphere: distances, circles and geohashes.

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

/// The mean radius in metres that the service reckons with.
const RADIUS: f64 = 6_371_010.0;
/// The digits of a geohash, each of five bits.
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
const LONGEST: usize = 18;

pub(super) const FUNCTIONS: &[Function] = &[
    function("geo_distance_2points", "num num num num", Is(Type::Real), Naming::None, |_, args| {
        Value::or_null(distance(args), Value::Real)
    }),
    function("geo_point_in_circle", "num num num num num", Is(Type::Bool), Naming::None, |_, args| {
        let radius = args[4].real().filter(|radius| *radius > 0.0 && radius.is_finite());
        Value::or_null(distance(args).zip(radius).map(|(far, radius)| far <= radius), Value::Bool)
    }),
    function("geo_point_to_geohash", "num num int?", Is(Type::String), Naming::None, geohash),
    function("geo_geohash_to_central_point", "str", Is(Type::Dynamic), Naming::None, central_point),
];

/// Longitude and latitude in degrees, if there is such a place.
fn place(longitude: Arg<'_>, latitude: Arg<'_>) -> Option<(f64, f64)> {
    let place = (longitude.real()?, latitude.real()?);
    (place.0.abs() <= 180.0 && place.1.abs() <= 90.0).then_some(place)
}

/// The shortest way between two places in metres, by the haversine formula.
fn distance(args: &[Arg<'_>]) -> Option<f64> {
    let (from, to) = (place(args[0], args[1])?, place(args[2], args[3])?);
    let half_sine = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let around = from.1.to_radians().cos() * to.1.to_radians().cos() * half_sine(from.0, to.0);
    Some(2.0 * RADIUS * (half_sine(from.1, to.1) + around).min(1.0).sqrt().asin())
}

fn geohash(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let length = args.get(2).map_or(Some(5), |arg| arg.long());
    let length = length.and_then(|length| usize::try_from(length).ok());
    match place(args[0], args[1]).zip(length.filter(|length| (1..=LONGEST).contains(length))) {
        Some((place, length)) => {
            let mut halves = Halves::new();
            let digits = (0..length).map(|_| {
                let bits = (0..5).fold(0, |bits, _| bits << 1 | usize::from(halves.narrow_to(place)));
                char::from(DIGITS[bits])
            });
            Value::text(&digits.collect::<String>())
        }
        None => Value::text(""),
    }
}

fn central_point(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    if text.is_empty() || text.len() > LONGEST {
        return Value::Null;
    }
    let mut halves = Halves::new();
    for byte in text.bytes() {
        let Some(bits) = DIGITS.iter().position(|digit| *digit == byte.to_ascii_lowercase()) else {
            return Value::Null;
        };
        for bit in (0..5).rev() {
            halves.narrow(bits >> bit & 1 == 1);
        }
    }
    let [longitude, latitude] = halves.sides.map(|(low, high)| Dynamic::Real(f64::midpoint(low, high)));
    let member = |name: &str, value| (name.into(), value);
    let coordinates = Dynamic::Array([longitude, latitude].into());
    Value::Dynamic(Dynamic::Bag(
        [member("type", Dynamic::String("Point".into())), member("coordinates", coordinates)].into(),
    ))
}

/// A rectangle that is halved along one side after the other.
struct Halves {
    sides: [(f64, f64); 2],
    side: usize,
}

impl Halves {
    fn new() -> Halves {
        Halves { sides: [(-180.0, 180.0), (-90.0, 90.0)], side: 0 }
    }

    /// Keeps the upper or the lower half.
    fn narrow(&mut self, is_upper: bool) {
        let (low, high) = self.sides[self.side];
        let middle = f64::midpoint(low, high);
        self.sides[self.side] = if is_upper { (middle, high) } else { (low, middle) };
        self.side = 1 - self.side;
    }

    /// Keeps the half with the place, and says whether that is the upper one.
    fn narrow_to(&mut self, (longitude, latitude): (f64, f64)) -> bool {
        let (low, high) = self.sides[self.side];
        let is_upper = [longitude, latitude][self.side] >= f64::midpoint(low, high);
        self.narrow(is_upper);
        is_upper
    }
}
