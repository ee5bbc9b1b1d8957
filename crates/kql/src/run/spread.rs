//! Variance and covariance, by the method of Welford: one pass, no large squares. The spread of one value, and of none,
//! is 0.

use crate::data::Data;
use crate::value::{is_null_real, null_real};

/// The variance of each group, or its root.
#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub(super) fn variance(data: &Data, ids: &[u32], count: usize, sample: bool, root: bool) -> Data {
    let Data::Real(items) = data else { return Data::Real(vec![null_real(); count]) };
    let mut state = vec![(0_u64, 0.0_f64, 0.0_f64); count];
    for (item, id) in items.iter().zip(ids) {
        if is_null_real(*item) {
            continue;
        }
        let (seen, mean, squares) = &mut state[*id as usize];
        *seen += 1;
        let before = item - *mean;
        *mean += before / *seen as f64;
        *squares += before * (item - *mean);
    }
    let result = |(seen, _, squares): (u64, f64, f64)| {
        let value = share(squares, seen, sample);
        if root { value.sqrt() } else { value }
    };
    Data::Real(state.into_iter().map(result).collect())
}

/// The covariance of the pairs of each group that have both values.
#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub(super) fn covariance(left: &Data, right: &Data, ids: &[u32], count: usize, sample: bool) -> Data {
    let (Data::Real(left), Data::Real(right)) = (left, right) else {
        return Data::Real(vec![null_real(); count]);
    };
    let mut state = vec![(0_u64, 0.0_f64, 0.0_f64, 0.0_f64); count];
    for ((x, y), id) in left.iter().zip(right).zip(ids) {
        if is_null_real(*x) || is_null_real(*y) {
            continue;
        }
        let (seen, mean_x, mean_y, products) = &mut state[*id as usize];
        *seen += 1;
        let before = x - *mean_x;
        *mean_x += before / *seen as f64;
        *mean_y += (y - *mean_y) / *seen as f64;
        *products += before * (y - *mean_y);
    }
    Data::Real(state.into_iter().map(|(seen, _, _, products)| share(products, seen, sample)).collect())
}

/// What one of so many values has of the sum; of a sample one less is free.
#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn share(sum: f64, seen: u64, sample: bool) -> f64 {
    match (seen, sample) {
        (0 | 1, _) => 0.0,
        (seen, true) => sum / (seen - 1) as f64,
        (seen, false) => sum / seen as f64,
    }
}
