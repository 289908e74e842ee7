//! Gauss-Legendre quadrature on the interval from 0 to 1.

/// Points and weights; exact for polynomials of degree below `2K`.
pub(crate) struct Points<const K: usize> {
    pub(crate) at: [f64; K],
    pub(crate) weight: [f64; K],
}

/// Points by Newton's method on the Legendre polynomial, moved from `[−1, 1]`.
pub(crate) fn points<const K: usize>() -> Points<K> {
    let mut at = [0.0; K];
    let mut weight = [0.0; K];
    for index in 0..K {
        let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (K as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..64 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=K {
                let d = degree as f64;
                (before, value) = (value, ((2.0 * d - 1.0) * x * value - (d - 1.0) * before) / d);
            }
            slope = K as f64 * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        at[index] = f64::midpoint(x, 1.0);
        weight[index] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
    Points { at, weight }
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn the_points_integrate_polynomials_exactly() {
        fn check<const K: usize>() {
            let points = points::<K>();
            for power in 0..2 * K as i32 {
                let sum: f64 = (0..K).map(|k| points.weight[k] * points.at[k].powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-14, "{K} points, power {power}");
            }
        }
        check::<1>();
        check::<2>();
        check::<3>();
        check::<4>();
        check::<6>();
        check::<8>();
    }
}
