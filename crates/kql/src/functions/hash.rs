//! `hash`: the 64-bit xxHash of a value, with seed 0 (reference, `hash()` and `hash_xxhash64()`).

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, function};
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("hash", "any int?", Is(Type::Long), Naming::None, hash),
    function("hash_xxhash64", "any int?", Is(Type::Long), Naming::None, hash),
];

/// A text by its bytes, a whole number, an instant or a span by the eight bytes of its ticks.
fn hash(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let hash = match args.first() {
        Some(Arg::Text(text)) => xxhash64(text.as_bytes()),
        Some(Arg::Long(number) | Arg::DateTime(number) | Arg::Timespan(number)) => {
            xxhash64(&number.to_le_bytes())
        }
        _ => return Value::Null,
    };
    let hash = hash.cast_signed();
    match args.get(1) {
        None => Value::Long(hash),
        Some(Arg::Long(limit)) => Value::or_null(hash.checked_rem_euclid(*limit), Value::Long),
        Some(_) => Value::Null,
    }
}

const PRIMES: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];

fn round(lane: u64, input: u64) -> u64 {
    lane.wrapping_add(input.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0])
}

/// Up to eight bytes as a number, the first byte lowest.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn xxhash64(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut hash = PRIMES[4];
    if !blocks.is_empty() {
        let mut lanes = [PRIMES[0].wrapping_add(PRIMES[1]), PRIMES[1], 0, PRIMES[0].wrapping_neg()];
        for block in blocks {
            for (lane, part) in lanes.iter_mut().zip(block.chunks(8)) {
                *lane = round(*lane, number(part));
            }
        }
        let turned = lanes.iter().zip([1, 7, 12, 18]).map(|(lane, by)| lane.rotate_left(by));
        hash = turned.fold(0, u64::wrapping_add);
        for lane in lanes {
            hash = (hash ^ round(0, lane)).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]);
        }
    }
    hash = hash.wrapping_add(bytes.len() as u64);
    let (words, rest) = rest.as_chunks::<8>();
    for word in words {
        hash ^= round(0, number(word));
        hash = hash.rotate_left(27).wrapping_mul(PRIMES[0]).wrapping_add(PRIMES[3]);
    }
    let (halves, rest) = rest.as_chunks::<4>();
    for half in halves {
        hash ^= number(half).wrapping_mul(PRIMES[0]);
        hash = hash.rotate_left(23).wrapping_mul(PRIMES[1]).wrapping_add(PRIMES[2]);
    }
    for byte in rest {
        hash ^= u64::from(*byte).wrapping_mul(PRIMES[4]);
        hash = hash.rotate_left(11).wrapping_mul(PRIMES[0]);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(PRIMES[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(PRIMES[2]);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_hash_as_the_algorithm_says() {
        for (text, wanted) in [
            ("", 0xEF46_DB37_51D8_E999_u64),
            ("World", 1_846_988_464_401_551_951),
            ("0123456789", 0x3F5F_C178_A818_67E7),
            ("the quick brown fox jumps over the lazy dog, twice", 0x2960_3F8B_0965_2C7E),
        ] {
            assert_eq!(xxhash64(text.as_bytes()), wanted, "{text}");
        }
    }
}
