//! Reading JSON without losing anything.
//!
//! Ids and amounts are taken from the text as it stands in the body. A detour over floating-point
//! numbers would merge ids beyond 2^53 (clause PAYLOAD-07) and bend amounts (clause PAYLOAD-08).

use std::{borrow::Cow, fmt, marker::PhantomData};

use hookproof_contract::decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

/// A `T` that is written as an object.
///
/// Derived deserialisers also take an array of the members' values in order; the contract does not.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// A member that is there, be it null: the absent one is the default. To be named in the attributes
/// of a member where null has a meaning; without it, null and absence are read alike.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// The text of a string; borrowed, unless it has escapes.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(quoted).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A name: a string, or an integer, which names the same as its decimal digits (clause USER-04).
pub(crate) fn name(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get();
    if text.starts_with('"') {
        string(raw)
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Some(Cow::Borrowed(text))
    } else {
        integer(raw).map(|number| Cow::Owned(number.to_string()))
    }
}

/// An integer of up to 63 bits, written as a number in any of JSON's forms or as a decimal string.
pub(crate) fn integer(raw: &RawValue) -> Option<i64> {
    let text = digits(raw)?;
    // Nearly always it is plain digits; `1.0` and `10e-1` are the same integer.
    if text.starts_with('+') {
        None
    } else {
        text.parse().ok().or_else(|| text.parse::<Decimal>().ok()?.to_integer()?.try_into().ok())
    }
}

/// An amount: a decimal, written as a number or as a string.
pub(crate) fn decimal(raw: &RawValue) -> Option<Decimal> {
    digits(raw)?.parse().ok()
}

/// What stands between the quotes, or without any.
fn digits(raw: &RawValue) -> Option<Cow<'_, str>> {
    if raw.get().starts_with('"') { string(raw) } else { Some(Cow::Borrowed(raw.get())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[track_caller]
    fn check_integer(text: &str, expected: Option<i64>) {
        assert_eq!(integer(&raw(text)), expected);
    }

    #[test]
    fn integers_keep_every_digit() {
        check_integer("0", Some(0));
        check_integer("4300000000", Some(4_300_000_000));
        check_integer("9007199254740993", Some(9_007_199_254_740_993));
        check_integer("9223372036854775807", Some(i64::MAX));
        check_integer(r#""9223372036854775807""#, Some(i64::MAX));
        check_integer("9223372036854775808", None);
        check_integer(r#""0042""#, Some(42));
        check_integer(r#""\u0034\u0032""#, Some(42));
    }

    #[test]
    fn integers_come_in_all_forms_of_a_number() {
        check_integer("42.0", Some(42));
        check_integer("4.2e1", Some(42));
        check_integer("4200E-2", Some(42));
        check_integer("-1.50e+1", Some(-15));
        check_integer("0e999999999999999999", Some(0));
        check_integer("9.223372036854775807e18", Some(i64::MAX));
        check_integer("9.223372036854775808e18", None);
        check_integer("1e400", None);
        check_integer("1e-1", None);
        check_integer("1.5", None);
        check_integer("1e9223372036854775807", None);
        check_integer("1e99999999999999999999", None);
    }

    #[test]
    fn integers_are_nothing_else() {
        for text in ["null", "true", "[]", "{}", r#""""#, r#"" 1""#, r#""+1""#, r#""1x""#, r#""é""#]
        {
            check_integer(text, None);
        }
    }

    #[track_caller]
    fn check_name(text: &str, expected: Option<&str>) {
        assert_eq!(name(&raw(text)).as_deref(), expected);
    }

    #[test]
    fn names_are_strings_or_integers() {
        check_name(r#""player-1001""#, Some("player-1001"));
        check_name(r#""\u0070layer\/1""#, Some("player/1"));
        check_name(r#""Zoë""#, Some("Zoë"));
        check_name(r#""007""#, Some("007"));
        check_name("1234567", Some("1234567"));
        check_name("1234567.0", Some("1234567"));
        check_name("99999999999999999999999", Some("99999999999999999999999"));
        check_name("1.5", None);
        check_name(r#""\ud800""#, None);
        check_name("true", None);
        check_name("{}", None);
    }

    #[test]
    fn amounts_are_decimals() {
        for text in ["9.99", "9.9900", "999e-2", r#""9.9900""#, r#""\u0039.99""#] {
            assert_eq!(decimal(&raw(text)), Some("9.99".parse().unwrap()), "{text}");
        }
        for text in [r#""[null]""#, r#"" 1""#, r#""1,5""#, r#""""#, "null", "[]", "true"] {
            assert_eq!(decimal(&raw(text)), None, "{text}");
        }
    }
}
