//! Amounts as exact decimals: no digit is lost, and `1.10` equals `1.1`.
//!
//! The contract writes amounts as JSON numbers in some types and as strings in others; both are read
//! from their text. Binary floating point has no part in it.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde_json::Value;

/// Digits before the point at most.
pub const WHOLE_DIGITS_MAX: u32 = 20;
/// Digits after the point at most; zeros at the end do not count.
pub const FRACTION_DIGITS_MAX: u32 = 18;
/// Characters that are looked at; longer texts are refused unread.
const TEXT_MAX: usize = 200;

/// An exact decimal number.
///
/// Equality and order are those of the value. It is kept as a whole number of units of
/// 10^-18, so that two values compare as two integers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    units: i128,
}

/// Units in 1.
const ONE: i128 = 10_i128.pow(FRACTION_DIGITS_MAX);

/// Why a text is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// It is not written as JSON writes a number.
    #[error("it is not a decimal number")]
    Syntax,
    /// It has more digits than are kept exactly.
    #[error(
        "it has more than {WHOLE_DIGITS_MAX} digits before the point or {FRACTION_DIGITS_MAX} after it"
    )]
    Digits,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { units: 0 };

    /// Reads a JSON number, or a JSON string that holds one.
    pub fn from_value(value: &Value) -> Result<Self, DecimalError> {
        match value {
            Value::Number(number) => number.as_str().parse(),
            Value::String(text) => text.parse(),
            _ => Err(DecimalError::Syntax),
        }
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The whole number that it is, or `None` if it has a fraction.
    pub const fn to_integer(self) -> Option<i128> {
        if self.units % ONE == 0 { Some(self.units / ONE) } else { None }
    }

    /// The sum, or `None` if it has too many digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::bounded(self.units.checked_add(other.units)?)
    }

    /// The difference, or `None` if it has too many digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::bounded(self.units.checked_sub(other.units)?)
    }

    fn bounded(units: i128) -> Option<Self> {
        let bound = 10_u128.pow(WHOLE_DIGITS_MAX + FRACTION_DIGITS_MAX);
        (units.unsigned_abs() < bound).then_some(Self { units })
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self { units: i128::from(whole) * ONE }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        if text.len() > TEXT_MAX {
            return Err(DecimalError::Digits);
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Syntax),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || leading_zero || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::Syntax);
        }
        let units = units(whole, fraction, exponent).ok_or(DecimalError::Digits)?;
        Self::bounded(if negative { -units } else { units }).ok_or(DecimalError::Digits)
    }
}

/// The exponent of a number. One of very many digits is as good as one of a few.
fn parse_exponent(text: &str) -> Result<i32, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::Syntax);
    }
    let size = digits.parse().unwrap_or(i32::MAX / 2);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The units of `whole.fraction` times ten to the power of `exponent`, if they are exact.
fn units(whole: &str, fraction: &str, exponent: i32) -> Option<i128> {
    let digits = || whole.bytes().chain(fraction.bytes());
    let zeros = digits().rev().take_while(|digit| *digit == b'0').count();
    let significant = whole.len() + fraction.len() - zeros;
    if significant == 0 {
        return Some(0);
    }
    let value = digits().take(significant).try_fold(0_i128, |value, digit| {
        value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
    })?;
    let zeros = i32::try_from(zeros).ok()?;
    let fraction = i32::try_from(fraction.len()).ok()?;
    let scale = i32::try_from(FRACTION_DIGITS_MAX).ok()?;
    let power = exponent.checked_add(zeros + scale - fraction)?;
    let factor = 10_i128.checked_pow(u32::try_from(power).ok()?)?;
    value.checked_mul(factor)
}

impl fmt::Display for Decimal {
    /// The one canonical form: no exponent, no zeros at the end, no `-0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let units = self.units.unsigned_abs();
        let (whole, rest) = (units / ONE.unsigned_abs(), units % ONE.unsigned_abs());
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        // It has 18 digits at most, and small numbers are divided and written faster.
        let mut fraction = u64::try_from(rest).map_err(|_| fmt::Error)?;
        let mut width = FRACTION_DIGITS_MAX as usize;
        while fraction % 10 == 0 {
            fraction /= 10;
            width -= 1;
        }
        write!(f, "{sign}{whole}.{fraction:0width$}")
    }
}

/// Compares two JSON values as what they mean: numbers by value, members in any order.
pub fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let exact = (left.as_str().parse::<Decimal>(), right.as_str().parse::<Decimal>());
            match exact {
                (Ok(left), Ok(right)) => left.cmp(&right) == Ordering::Equal,
                _ => left == right,
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same_value(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, l)| right.get(name).is_some_and(|r| same_value(l, r));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, DecimalError>) {
        let decimal = text.parse::<Decimal>();
        assert_eq!(
            decimal.map(|decimal| decimal.to_string()).as_deref(),
            expected.as_ref().copied()
        );
    }

    #[test]
    fn decimals_are_read_exactly() {
        check("0", Ok("0"));
        check("-0.00", Ok("0"));
        check("9.9900", Ok("9.99"));
        check("1.10", Ok("1.1"));
        check("11e-1", Ok("1.1"));
        check("0.11E+1", Ok("1.1"));
        check("110.0e-2", Ok("1.1"));
        check("-12.5", Ok("-12.5"));
        check("1e19", Ok("10000000000000000000"));
        check("9223372036854775807", Ok("9223372036854775807"));
        check("0.1000000000000000055", Err(DecimalError::Digits));
        check("0.000000000000000001", Ok("0.000000000000000001"));
        check(
            "99999999999999999999.999999999999999999",
            Ok("99999999999999999999.999999999999999999"),
        );
        check("100000000000000000000", Err(DecimalError::Digits));
        check("1e20", Err(DecimalError::Digits));
        check("1e999999999999", Err(DecimalError::Digits));
        check("1e-999999999999", Err(DecimalError::Digits));
        check("0e999999999999", Ok("0"));
        check(&"9".repeat(TEXT_MAX + 1), Err(DecimalError::Digits));
    }

    #[test]
    fn other_texts_are_no_decimals() {
        for text in [
            "", "-", "+1", " 1", "1 ", ".5", "5.", "01", "1.2.3", "1e", "1e+", "1e1.5", "0x1",
            "1,5", "NaN", "١", "--1", "1_000", "[null]",
        ] {
            check(text, Err(DecimalError::Syntax));
        }
    }

    #[test]
    fn json_numbers_and_strings_mean_the_same() {
        let number: Value = serde_json::from_str("1.10").unwrap();
        assert_eq!(Decimal::from_value(&number), Decimal::from_value(&json!("1.1")));
        assert_eq!(Decimal::from_value(&json!(null)), Err(DecimalError::Syntax));
        assert_eq!(Decimal::from(-7).to_integer(), Some(-7));
        assert_eq!("-7.5".parse::<Decimal>().unwrap().to_integer(), None);
    }

    #[test]
    fn values_compare_by_meaning() {
        let same = |left: &str, right: &str| {
            same_value(&serde_json::from_str(left).unwrap(), &serde_json::from_str(right).unwrap())
        };
        assert!(same(r#"{"a":1.10,"b":[2]}"#, r#"{ "b": [2.0], "a": 11e-1 }"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":"1"}"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":null}"#));
        assert!(!same("9007199254740993", "9007199254740992"));
        assert!(!same("[1,2]", "[2,1]"));
    }

    proptest! {
        #[test]
        fn printing_and_reading_agree(units in -(10_i128.pow(37))..10_i128.pow(37)) {
            let decimal = Decimal { units };
            prop_assert_eq!(decimal.to_string().parse(), Ok(decimal));
        }

        #[test]
        fn order_and_sums_are_those_of_the_value(left in -9_999..9_999_i64, right in -9_999..9_999_i64) {
            let hundredths = |number: i64| format!("{number}e-2").parse::<Decimal>().unwrap();
            let (l, r) = (hundredths(left), hundredths(right));
            prop_assert_eq!(l.cmp(&r), left.cmp(&right));
            prop_assert_eq!(l.checked_add(r), Some(hundredths(left + right)));
            prop_assert_eq!(l.checked_sub(r), Some(hundredths(left - right)));
        }
    }
}
