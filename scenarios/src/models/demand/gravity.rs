//! The doubly constrained gravity model, balanced by Furness (iterative proportional fitting).

/// `exp(−β·ln²(c + 1))`, the log-normal form common in Dutch practice; 0 where `cost` is infinite.
pub fn deterrence(cost: f64, beta: f64) -> f64 {
    if cost.is_finite() {
        let log = cost.max(0.0).ln_1p();
        (-beta * log * log).exp()
    } else {
        0.0
    }
}

/// `T_ij = A_i O_i B_j D_j f_ij`, row-major: rows sum to `productions`, columns to `attractions` scaled to the same
/// total, each to 1e-6 of itself. A row or column that `friction` cuts off wholly stays empty, and the rest is balanced.
/// `None` when nothing can be made. Cost: O(rounds · zones²).
pub fn doubly_constrained(productions: &[f64], attractions: &[f64], friction: &[f64]) -> Option<Vec<f64>> {
    let count = productions.len();
    if attractions.len() != count || friction.len() != count * count {
        return None;
    }
    let (produced, attracted): (f64, f64) = (productions.iter().sum(), attractions.iter().sum());
    if !(produced > 0.0 && attracted > 0.0 && produced.is_finite() && attracted.is_finite()) {
        return None;
    }
    let scaled: Vec<f64> = attractions.iter().map(|a| a * produced / attracted).collect();
    let (mut a, mut b) = (vec![0.0; count], vec![1.0; count]);
    let mut sums = vec![0.0; count];
    for _ in 0..2000 {
        for i in 0..count {
            let row = &friction[i * count..(i + 1) * count];
            let sum: f64 = row.iter().zip(&b).zip(&scaled).map(|((f, b), d)| f * b * d).sum();
            a[i] = if sum > 0.0 { 1.0 / sum } else { 0.0 };
        }
        sums.fill(0.0);
        for i in 0..count {
            let weight = a[i] * productions[i];
            if weight > 0.0 {
                for (sum, f) in sums.iter_mut().zip(&friction[i * count..(i + 1) * count]) {
                    *sum += weight * f;
                }
            }
        }
        // Rows fit now; how far are the columns?
        let mut worst: f64 = 0.0;
        for j in 0..count {
            if scaled[j] > 0.0 && sums[j] > 0.0 {
                worst = worst.max((sums[j] * b[j] - 1.0).abs());
            }
        }
        if worst < 1e-7 {
            break;
        }
        for j in 0..count {
            b[j] = if sums[j] > 0.0 { 1.0 / sums[j] } else { 0.0 };
        }
    }
    let mut trips = vec![0.0; count * count];
    for i in 0..count {
        for j in 0..count {
            trips[i * count + j] = a[i] * productions[i] * b[j] * scaled[j] * friction[i * count + j];
        }
    }
    Some(trips)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(count: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let productions = (0..count).map(|i| 10.0 + (i * 37 % 91) as f64).collect();
        let attractions = (0..count).map(|i| 5.0 + (i * 53 % 71) as f64).collect();
        let minutes = (0..count * count).map(|k| 1.0 + (k * 29 % 47) as f64).collect();
        (productions, attractions, minutes)
    }

    #[test]
    fn rows_and_columns_sum_to_their_totals() {
        let (productions, attractions, minutes) = example(40);
        let friction: Vec<f64> = minutes.iter().map(|&m| deterrence(m, 0.4)).collect();
        let trips = doubly_constrained(&productions, &attractions, &friction).unwrap();
        let scale = productions.iter().sum::<f64>() / attractions.iter().sum::<f64>();
        for i in 0..40 {
            let row: f64 = trips[i * 40..(i + 1) * 40].iter().sum();
            let column: f64 = (0..40).map(|k| trips[k * 40 + i]).sum();
            assert!((row / productions[i] - 1.0).abs() < 1e-6, "row {i}: {row}");
            assert!((column / (attractions[i] * scale) - 1.0).abs() < 1e-6, "column {i}: {column}");
        }
    }

    #[test]
    fn without_deterrence_it_is_the_product_form() {
        let (productions, attractions, minutes) = example(12);
        let friction: Vec<f64> = minutes.iter().map(|&m| deterrence(m, 0.0)).collect();
        let trips = doubly_constrained(&productions, &attractions, &friction).unwrap();
        let total: f64 = attractions.iter().sum();
        for i in 0..12 {
            for j in 0..12 {
                let product = productions[i] * attractions[j] / total;
                assert!((trips[i * 12 + j] / product - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_zone_that_nobody_reaches_stays_empty_and_nothing_is_nan() {
        let friction = [1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0];
        let trips = doubly_constrained(&[10.0, 20.0, 30.0], &[5.0, 5.0, 5.0], &friction).unwrap();
        assert!(trips.iter().all(|t| t.is_finite()));
        assert_eq!(&trips[6..], &[0.0; 3]);
        assert_eq!(doubly_constrained(&[0.0], &[1.0], &[1.0]), None);
    }
}
