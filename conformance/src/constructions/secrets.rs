//! Ways in which a secret changes between the Publisher Account and the hash.

use base64::prelude::{BASE64_STANDARD, Engine};

/// A secret that was changed on its way.
pub(super) struct Changed {
    /// The cause that it shows.
    pub(super) cause: &'static str,
    /// Description, to follow "believes the signature under ".
    pub(super) title: String,
    /// The bytes that are hashed in the place of the secret.
    pub(super) bytes: Vec<u8>,
}

/// The cause of all changes that have none of their own.
const CHANGED: &str = "secret-changed";

/// All known changes that make this secret another one, the most usual first.
pub(super) fn changes(secret: &str) -> Vec<Changed> {
    let mut found: Vec<Changed> = Vec::new();
    let mut add = |cause, title: &str, bytes: Vec<u8>| {
        if !bytes.is_empty() && bytes != secret.as_bytes() {
            found.push(Changed { cause, title: title.to_owned(), bytes });
        }
    };
    for quote in ['"', '\''] {
        add("secret-in-quotes", "the secret in quotes", format!("{quote}{secret}{quote}").into());
    }
    for (at, cut) in cuts(secret, '$') {
        let title = format!("the secret cut at its character {at}, a `$`");
        add("secret-cut-at-dollar", &title, cut.into());
    }
    if let Some((at, expanded)) = without_variables(secret) {
        let title =
            format!("the secret without the `$` at its character {at} and the name behind it");
        add("secret-cut-at-dollar", &title, expanded.into());
    }
    add("secret-cut-at-dollar", "the secret with `$` for `$$`", secret.replace("$$", "$").into());
    for (at, cut) in cuts(secret, '#') {
        let title = format!("the secret cut at its character {at}, a `#`");
        add("secret-cut-at-hash", &title, cut.trim_end().into());
    }
    add("secret-with-bom", "the secret with a byte order mark before it", {
        format!("\u{feff}{secret}").into()
    });
    let plain: [(&str, String); 7] = [
        ("the secret without the blanks around it", secret.trim().to_owned()),
        ("the secret with CR LF behind it", format!("{secret}\r\n")),
        ("the secret with a blank behind it", format!("{secret} ")),
        ("the secret without its backslashes", secret.replace('\\', "")),
        ("the secret in small letters", secret.to_lowercase()),
        ("the secret in capitals", secret.to_uppercase()),
        ("the secret in base64", BASE64_STANDARD.encode(secret)),
    ];
    for (title, changed) in plain {
        add(CHANGED, title, changed.into());
    }
    add(CHANGED, "the secret decoded from hex", hex::decode(secret).unwrap_or_default());
    add(CHANGED, "the secret decoded from base64", {
        BASE64_STANDARD.decode(secret).unwrap_or_default()
    });
    let decoded = url::form_urlencoded::parse(format!("key={secret}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned().into_bytes());
    add(CHANGED, "the secret decoded as a part of a URL", decoded.unwrap_or_default());
    found
}

/// Returns the text before each of these characters, with the character's place, counted from 1.
fn cuts(secret: &str, at: char) -> Vec<(usize, &str)> {
    let places = secret.match_indices(at);
    places.map(|(byte, _)| (secret[..byte].chars().count() + 1, &secret[..byte])).collect()
}

/// The secret as a shell prints it in double quotes, where no variable of that name is set: with the
/// place of the first `$`, counted from 1.
fn without_variables(secret: &str) -> Option<(usize, String)> {
    let (first, _) = cuts(secret, '$').into_iter().next()?;
    let mut parts = secret.split('$');
    let mut printed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = match part.strip_prefix('{') {
            Some(braced) => braced.split_once('}').map_or("", |(_, rest)| rest),
            // A digit names one parameter, whatever follows.
            None if part.starts_with(|letter: char| letter.is_ascii_digit()) => &part[1..],
            None => part
                .trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_'),
        };
        printed.push_str(rest);
    }
    Some((first, printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, changed: &str, cause: &str, title: &str) {
        let all = changes(secret);
        assert!(all.iter().all(|change| change.bytes != secret.as_bytes()));
        let found = all.iter().find(|change| change.bytes == changed.as_bytes());
        let found = found.unwrap_or_else(|| panic!("`{changed}` is not tried for `{secret}`"));
        assert_eq!(found.cause, cause);
        assert!(found.title.contains(title), "{}", found.title);
    }

    #[test]
    fn a_secret_is_changed_as_shells_and_files_do() {
        check("ab$cd-e", "ab", "secret-cut-at-dollar", "its character 3, a `$`");
        check("ab$cd-e", "ab-e", "secret-cut-at-dollar", "without the `$` at its character 3");
        check("a$$b", "a$b", "secret-cut-at-dollar", "`$` for `$$`");
        check("a${B}c$1d", "acd", "secret-cut-at-dollar", "the name behind it");
        check("ab #c", "ab", "secret-cut-at-hash", "its character 4, a `#`");
        check("ab", "'ab'", "secret-in-quotes", "in quotes");
        check("ab", "\u{feff}ab", "secret-with-bom", "byte order mark");
        check("Ab%20c", "Ab c", "secret-changed", "a part of a URL");
    }
}
