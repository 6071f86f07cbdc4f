/// A sum without rounding errors, so that it is the same in whatever order its terms come.
///
/// Every f64 is a whole multiple of 2⁻¹⁰⁷⁴. The sum is kept as such a multiple, a very long whole number, and rounded
/// once when it is asked for.
#[derive(Clone, Debug)]
pub struct Sum {
    /// Digits to the base 2³², the lowest first: the first stands for 2⁻¹⁰⁷⁴⁻⁶⁴, which leaves two digits for the fraction of
    /// a quotient. Each may be negative and as long as 63 bits until carries are passed on.
    digits: [i64; DIGITS],
    /// Digits outside of `low..high` are 0.
    low: usize,
    high: usize,
    /// The sum of the terms that are not finite, of which no order changes anything: 0 if there are none.
    not_finite: f64,
}

/// 2 for fractions, 64 for all of an f64's exponents, 2 for its bits and 4 for what many terms add up to.
const DIGITS: usize = 72;

/// Of a digit.
const BITS: usize = 32;
const MASK: i64 = (1 << BITS) - 1;

/// Bits of the digits below 2⁻¹⁰⁷⁴.
const FRACTION: usize = 2 * BITS;

impl Default for Sum {
    fn default() -> Self {
        Self { digits: [0; DIGITS], low: DIGITS, high: 0, not_finite: 0.0 }
    }
}

impl Sum {
    /// Adds `value` as often as `times` says. Up to 2³⁰ terms can be added, repetitions included.
    pub fn add(&mut self, value: f64, times: u32) {
        if !value.is_finite() {
            if times > 0 {
                self.not_finite += value;
            }
            return;
        }
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as usize;
        let mantissa = bits & ((1 << 52) - 1) | u64::from(exponent > 0) << 52;
        let at = FRACTION + exponent.max(1) - 1;
        let first = at / BITS;
        // 53 bits times 32 bits, moved by less than 32: 117 bits at most.
        let mut whole = (u128::from(mantissa) * u128::from(times)) << (at % BITS);
        let sign = if value.is_sign_negative() { -1 } else { 1 };
        for digit in &mut self.digits[first..first + 4] {
            *digit += sign * (whole as i64 & MASK);
            whole >>= BITS;
        }
        self.low = self.low.min(first);
        self.high = self.high.max(first + 4);
    }

    /// The f64 nearest to the sum; of two as near the even one, as IEEE 754 rounds.
    pub fn total(&self) -> f64 {
        self.over(1)
    }

    /// The f64 nearest to the sum divided by a number: rounded once, not twice. Not a number for 0.
    pub fn over(&self, count: u32) -> f64 {
        if self.not_finite != 0.0 || count == 0 {
            return self.not_finite / f64::from(count);
        }
        if self.low >= self.high {
            return 0.0;
        }
        let (mut digits, high) = (self.digits, (self.high + 2).min(DIGITS));
        let negative = carry(&mut digits[self.low..high]);
        if negative {
            digits[self.low..high].iter_mut().for_each(|digit| *digit = -*digit);
            carry(&mut digits[self.low..high]);
        }
        // A quotient is shorter than the sum by one digit at most; three are rounded, the rest only has to be more than 0.
        let low = self.low.saturating_sub(3);
        let mut rest = 0;
        for digit in digits[low..high].iter_mut().rev() {
            let whole = rest << BITS | *digit as u64;
            (*digit, rest) = ((whole / u64::from(count)) as i64, whole % u64::from(count));
        }
        let nearest = nearest(&digits[..high], rest > 0);
        if negative { -nearest } else { nearest }
    }
}

impl Extend<f64> for Sum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.add(value, 1));
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::default();
        sum.extend(values);
        sum
    }
}

/// Passes on what is too long for a digit, and says whether the number is negative; only its last digit is then.
fn carry(digits: &mut [i64]) -> bool {
    let Some((last, others)) = digits.split_last_mut() else { return false };
    let mut over = 0;
    for digit in others {
        let whole = *digit + over;
        over = whole >> BITS;
        *digit = whole & MASK;
    }
    *last += over;
    *last < 0
}

/// The f64 nearest to a number that isn't negative, to which `more` may add less than any digit shows.
fn nearest(digits: &[i64], more: bool) -> f64 {
    let Some(top) = digits.iter().rposition(|&digit| digit != 0) else { return 0.0 };
    let first = top.saturating_sub(2);
    let leading =
        digits[first..=top].iter().rev().fold(0u128, |all, &digit| all << BITS | digit as u128);
    let more = more || digits[..first].iter().any(|&digit| digit != 0);
    // 53 bits are kept, but none below 2⁻¹⁰⁷⁴; there are always more, since the top digit is not 0.
    let (at, length) = (first * BITS, (u128::BITS - leading.leading_zeros()) as usize);
    let dropped = (at + length).saturating_sub(53).max(FRACTION) - at;
    let (mut kept, half) = (leading >> dropped, 1u128 << (dropped - 1));
    let rest = leading & ((1 << dropped) - 1);
    if rest > half || rest == half && (more || kept & 1 == 1) {
        kept += 1;
    }
    // Exact, in two steps because 2⁻¹⁰⁷⁴ alone has too few bits for what it is multiplied with.
    let exponent = (at + dropped) as i32 - FRACTION as i32 - 1074;
    let power = |exponent: i32| f64::from_bits((exponent + 1023) as u64 * (1 << 52));
    kept as f64 * power(exponent / 2) * power(exponent - exponent / 2)
}

/// The mean: the nearest f64 there is, whatever the order of the values. Not a number where there are none.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (Sum::default(), 0);
    for value in values {
        sum.add(value, 1);
        count += 1;
    }
    sum.over(count)
}

/// The variance of a sample (n−1), whatever the order of the values: 0 where they are all equal, and not a number
/// where there are fewer than two.
pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values.iter().copied());
    let squares: Sum = values.iter().map(|value| (value - mean).powi(2)).collect();
    match values.len() {
        0 | 1 => f64::NAN,
        count => squares.total() / (count - 1) as f64,
    }
}

#[cfg(test)]
mod tests;
