//! Strings: free text in several scripts, the formats of JSON Schema, regular expressions.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::{
    strategy::{Strategy, ValueTree},
    string::{RegexGeneratorStrategy, string_regex},
    test_runner::TestRunner,
};
use serde_json::Value;

use super::{
    GenerateError,
    dice::Dice,
    flatten::Flat,
    number::{Integers, Numbers},
};

/// Characters of a drawn text that has no bound of its own, beyond its minimum.
const LENGTH_SPREAD: usize = 24;
/// The same for the few that are long.
const LONG_LENGTH_SPREAD: usize = 300;

/// Characters of a text that a column of the customary width holds.
const LENGTH_CUSTOMARY: usize = 255;
/// Characters before the `@` of an address at most, by RFC 5321.
const EMAIL_NAME_MAX: usize = 64;

/// What a text is made of: plain, awkward in JSON or in a database, beyond ASCII, beyond 16 bits.
const ALPHABETS: [&[char]; 4] = [
    &['a', 'b', 'n', 'x', 'A', 'Z', '0', '1', '9', '_', '-', ' '],
    &['"', '\\', '/', '\'', '<', '>', '&', '%', '+', '=', '{', ']', ';', '\n', '\t', '\u{7f}', '~'],
    &[
        'é', 'ß', 'İ', 'ø', 'Ж', 'я', 'α', 'ع', 'א', '日', '本', '語', '한', '\u{301}', '\u{2028}',
        '\u{feff}',
    ],
    &['😀', '🗡', '🇩', '𝒳', '\u{10fffd}', '\u{200d}', 'a'],
];

/// Strings of a schema.
#[derive(Debug)]
pub(super) struct Texts {
    kind: Kind,
    examples: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    Free { min: usize, max: Option<usize> },
    Pattern { strategy: RegexGeneratorStrategy<String>, simplest: String },
    Integer(Integers),
    Decimal(Numbers),
    Moment,
    Email,
    V4,
    V6,
    Uri,
}

impl Texts {
    pub(super) fn new(flat: &Flat) -> Result<Self, GenerateError> {
        let strings = flat.examples.iter().filter_map(Value::as_str);
        let examples = strings.map(str::to_owned).collect();
        Ok(Self { kind: Kind::new(flat)?, examples })
    }

    pub(super) fn draw(&self, dice: &mut Dice<'_>) -> String {
        // A pattern beside examples is the form of a closed list that stands elsewhere, such as that
        // of all currencies: what merely has the form need not be on the list.
        let listed = matches!(self.kind, Kind::Pattern { .. });
        if !self.examples.is_empty() && (listed || dice.chance(1, 2)) {
            return self.examples[dice.below(self.examples.len())].clone();
        }
        match &self.kind {
            Kind::Free { min, max } => free(dice, *min, *max),
            Kind::Pattern { strategy, simplest } => {
                strategy.new_tree(dice.0).map_or_else(|_| simplest.clone(), |tree| tree.current())
            }
            Kind::Integer(integers) => integers.draw(dice).to_string(),
            Kind::Decimal(numbers) => numbers.draw(dice),
            Kind::Moment => moment(dice),
            Kind::Email => email(dice),
            Kind::V4 => v4(dice),
            Kind::V6 => v6(dice),
            Kind::Uri => format!("https://cdn.example.org/{}.png?v=%20&w=2", dice.below(1_000)),
        }
    }

    /// The shortest and the longest, the earliest and the latest, or whatever is first and last of its
    /// kind.
    pub(super) fn ends(&self) -> Vec<String> {
        let own = |ends: &[&str]| ends.iter().map(|end| (*end).to_owned()).collect();
        match &self.kind {
            Kind::Free { min, max } => {
                let max = max.unwrap_or(LENGTH_CUSTOMARY.max(*min));
                [*min, max].map(|length| "a".repeat(length)).into()
            }
            // What merely has the form of a listed value need not be on the list.
            Kind::Pattern { .. } if !self.examples.is_empty() => self.examples.clone(),
            Kind::Pattern { simplest, .. } => vec![simplest.clone()],
            Kind::Integer(integers) => integers.ends().iter().map(i64::to_string).collect(),
            Kind::Decimal(numbers) => numbers.ends(),
            Kind::Moment => own(&["1970-01-01T00:00:00Z", "2099-12-28T23:59:59.123456+05:30"]),
            Kind::Email => vec![
                "a@example.org".to_owned(),
                format!("{}@mail.example.com", "a".repeat(EMAIL_NAME_MAX)),
            ],
            Kind::V4 => {
                [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST].map(|it| it.to_string()).into()
            }
            Kind::V6 => own(&["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
            Kind::Uri => own(&["https://example.org/"]),
        }
    }

    pub(super) fn simplest(&self) -> String {
        if let Some(example) = self.examples.first() {
            return example.clone();
        }
        match &self.kind {
            Kind::Free { min, .. } => "a".repeat(*min),
            Kind::Pattern { simplest, .. } => simplest.clone(),
            Kind::Integer(integers) => integers.simplest_integer().to_string(),
            Kind::Decimal(numbers) => numbers.simplest().to_string(),
            Kind::Moment => "2026-01-01T00:00:00Z".to_owned(),
            Kind::Email => "a@example.org".to_owned(),
            Kind::V4 => "203.0.113.1".to_owned(),
            Kind::V6 => "2001:db8::1".to_owned(),
            Kind::Uri => "https://example.org/".to_owned(),
        }
    }

    /// Texts on the way from `from` to the simplest one, the boldest step first.
    pub(super) fn simpler(&self, from: &str) -> Vec<String> {
        let simplest = self.simplest();
        if from == simplest {
            return Vec::new();
        }
        let mut steps = vec![simplest];
        match &self.kind {
            Kind::Integer(integers) => {
                let number = from.parse().ok();
                steps.extend(number.iter().flat_map(|number| {
                    integers.simpler(*number).into_iter().map(|step| step.to_string())
                }));
            }
            Kind::Decimal(numbers) => steps.extend(numbers.simpler(from)),
            Kind::Free { min, .. } => {
                let chars: Vec<char> = from.chars().collect();
                let shorter = [chars.len() / 2, chars.len().saturating_sub(1)];
                let shorter =
                    shorter.iter().filter(|length| *length >= min && **length < chars.len());
                steps.extend(shorter.map(|length| chars[..*length].iter().collect()));
                // Without its strangest characters, and still as long.
                let plain = |char: &char| if char.is_ascii_alphanumeric() { *char } else { 'a' };
                steps.push(chars.iter().map(plain).collect());
            }
            _ => (),
        }
        steps.retain(|step| step != from);
        steps.dedup();
        steps
    }
}

impl Kind {
    fn new(flat: &Flat) -> Result<Self, GenerateError> {
        let unknown = |format: &str| GenerateError::KeywordValue {
            keyword: "format",
            value: Value::from(format).to_string(),
        };
        let bounds = || GenerateError::Conflict("minimum");
        // A format says more than the pattern beside it, which is there for those who know no format.
        Ok(match (flat.format.as_deref(), &flat.pattern) {
            (Some("date-time"), _) => Self::Moment,
            (Some("email"), _) => Self::Email,
            (Some("ipv4"), _) => Self::V4,
            (Some("ipv6"), _) => Self::V6,
            (Some("uri"), _) => Self::Uri,
            (Some("int64"), _) => Self::Integer(Integers::new(flat).ok_or_else(bounds)?),
            (Some("decimal"), _) => {
                let minimum = flat.minimum.or(Some(0));
                let maximum = flat.maximum.or(Some(999_999_999_999));
                let flat = Flat { minimum, maximum, ..flat.clone() };
                Self::Decimal(Numbers::new(&flat).ok_or_else(bounds)?)
            }
            (Some(format), _) => return Err(unknown(format)),
            (None, Some(pattern)) => Self::pattern(pattern)?,
            (None, None) => {
                let (min, max) = (flat.length_min.unwrap_or(0), flat.length_max);
                if max.is_some_and(|max| max < min) {
                    return Err(GenerateError::Conflict("minLength"));
                }
                Self::Free { min, max }
            }
        })
    }

    /// The expression must be anchored at both ends: whatever stood around a match would have to be
    /// drawn too.
    fn pattern(pattern: &str) -> Result<Self, GenerateError> {
        let unfit = || GenerateError::KeywordValue {
            keyword: "pattern",
            value: Value::from(pattern).to_string(),
        };
        let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
        let strategy = inner.and_then(|inner| string_regex(inner).ok()).ok_or_else(unfit)?;
        let mut tree = strategy.new_tree(&mut TestRunner::deterministic()).map_err(|_| unfit())?;
        while tree.simplify() {}
        Ok(Self::Pattern { strategy, simplest: tree.current() })
    }
}

fn free(dice: &mut Dice<'_>, min: usize, max: Option<usize>) -> String {
    let spread = if dice.chance(1, 40) { LONG_LENGTH_SPREAD } else { LENGTH_SPREAD };
    let length = dice.length(min, max.unwrap_or(min + spread).min(min + spread));
    let alphabet = ALPHABETS[if dice.chance(1, 2) { 0 } else { dice.below(ALPHABETS.len()) }];
    (0..length)
        .map(|_| {
            let alphabet = if dice.chance(1, 4) { ALPHABETS[0] } else { alphabet };
            dice.pick(alphabet)
        })
        .collect()
}

fn moment(dice: &mut Dice<'_>) -> String {
    let [year, month, day] = [dice.length(1970, 2099), dice.length(1, 12), dice.length(1, 28)];
    let [hour, minute, second] = [dice.below(24), dice.below(60), dice.below(60)];
    let fraction = dice.pick(&["", "", ".000", ".5", ".123456"]);
    let offset = dice.pick(&["+03:00", "+00:00", "Z", "-08:00", "+05:30"]);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}")
}

fn email(dice: &mut Dice<'_>) -> String {
    let name = dice.pick(&["player", "First.Last", "a", "p+tag", "x_y-z", "0o"]);
    let host = dice.pick(&["example.org", "mail.example.com", "xn--bcher-kva.example"]);
    format!("{name}{}@{host}", dice.below(10_000))
}

fn v4(dice: &mut Dice<'_>) -> String {
    let [a, b, c, d] = [dice.below(256), dice.below(256), dice.below(256), dice.below(256)];
    if dice.chance(1, 8) {
        return dice.pick(&[Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST]).to_string();
    }
    format!("{a}.{b}.{c}.{d}")
}

fn v6(dice: &mut Dice<'_>) -> String {
    if dice.chance(1, 4) {
        return dice.pick(&["::1", "::", "2001:db8::1", "::ffff:203.0.113.7"]).to_owned();
    }
    let segments = [(); 8].map(|()| u16::try_from(dice.below(1 << 16)).unwrap_or(0));
    Ipv6Addr::from(segments).to_string()
}
