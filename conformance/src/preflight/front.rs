//! Programs that answer in the place of the listener: a firewall, a filter, a limiter, another page.
//!
//! A program in front of the listener does not verify signatures, so it gives a valid and a badly signed
//! request the same answer. Status, media type and text tell which kind it is.

use std::fmt::Write as _;

use crate::answer::Reply;

/// Somebody who answers before the listener does.
struct Front {
    /// Its name, to begin a sentence.
    what: &'static str,
    /// Returns true if an answer is of its kind.
    gives: fn(&Reply) -> bool,
    /// The fix.
    fix: &'static str,
}

/// All that are known, those with an answer of their own first.
const FRONTS: &[Front] = &[
    Front {
        what: "A rate limiter answers, not the webhook handler",
        gives: |reply| reply.status == 429,
        fix: "Exempt the webhook from the limit: Xsolla sends bursts from a few addresses, and they would \
              hit it too.",
    },
    Front {
        what: "A CSRF filter answers, not the webhook handler",
        gives: |reply| reply.status == 419 || (reply.is_refusal() && says(reply, &["csrf"])),
        fix: "Exempt the webhook's path: it is proven by its signature, not by a token of a form \
              (Laravel: `validateCsrfTokens(except: [...])`; Django: `@csrf_exempt`; Rails: \
              `skip_forgery_protection`).",
    },
    Front {
        what: "A filter of host names answers, not the webhook handler",
        gives: |reply| {
            reply.status == 421 || (matches!(reply.status, 400 | 403) && says(reply, HOST_WORDS))
        },
        fix: "Allow the host of --target (Django: `ALLOWED_HOSTS`; Rails: `config.hosts`; Vite: \
              `server.allowedHosts`), or give a URL with a host that is served.",
    },
    Front {
        what: "Something asks for a login, not the webhook handler",
        gives: |reply| {
            reply.status == 401
                && reply.header("www-authenticate").is_some_and(|how| {
                    let how = how.to_lowercase();
                    ["basic", "digest", "negotiate"].iter().any(|known| how.starts_with(known))
                })
        },
        fix: "Let the webhook's path pass without a login: Xsolla has none, and signs instead.",
    },
    Front {
        what: "A proxy answers that does not reach the listener",
        gives: |reply| matches!(reply.status, 502 | 504) && reply.is_html(),
        fix: "Is the listener running where the proxy looks for it? The proxy's log says more.",
    },
    Front {
        what: "A firewall or web server answers with a page of HTML, not the webhook handler",
        gives: |reply| matches!(reply.status, 403 | 406 | 503) && reply.is_html(),
        fix: "Let POST requests to the webhook's path pass, whatever their body holds.",
    },
    Front {
        what: "A web page answers, not the webhook handler: it accepts everything",
        gives: |reply| reply.is_success() && reply.is_html(),
        fix: "Is this the webhook's path? Give the whole URL with --target.",
    },
];

/// Words by which frameworks refuse a host name.
const HOST_WORDS: &[&str] = &[
    "disallowedhost",
    "allowed_hosts",
    "invalid host",
    "invalid http_host",
    "blocked host",
    "this host",
    // Django's page where it may not say more.
    "<h1>bad request (400)</h1>",
];

/// Words of an answer about the sender's address.
const ADDRESS_WORDS: &[&str] =
    &["address", "client_ip", "clientip", "remote_addr", "whitelist", "allowlist", "allow list"];

/// Headers of an answer that tell who gives it.
const TELLING_HEADERS: [&str; 4] = ["server", "via", "retry-after", "www-authenticate"];

/// Returns the program that answers in the place of the listener, with evidence and fix: where it gives a valid
/// and a badly signed request the same answer.
pub(super) fn recognised(valid: &Reply, forged: &Reply) -> Option<String> {
    let alike = valid.status == forged.status;
    let front =
        FRONTS.iter().find(|front| alike && (front.gives)(valid) && (front.gives)(forged))?;
    Some(format!(
        "{}: {valid}\n  evidence: a valid and a badly signed request get the same answer{}\n  {}",
        front.what,
        evidence(valid),
        front.fix
    ))
}

/// Returns true if the code or message of an answer is about the sender's address.
pub(super) fn is_about_address(reply: &Reply) -> bool {
    let text = String::from_utf8_lossy(&reply.body).to_lowercase();
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| word == "ip") || says(reply, ADDRESS_WORDS)
}

/// The message that an interpreter printed before the answer, in one line.
pub(super) fn interpreter_message(reply: &Reply) -> Option<String> {
    let text = String::from_utf8_lossy(&reply.body);
    let plain = text.replace("<br />", "").replace("<b>", "").replace("</b>", "");
    let message = plain.lines().map(str::trim).find(|line| {
        let named = ["Warning: ", "Notice: ", "Deprecated: ", "Fatal error: ", "Parse error: "];
        let line = line.trim_start_matches("PHP ");
        named.iter().any(|name| line.starts_with(name)) && line.contains(" on line ")
    });
    message.map(str::to_owned)
}

/// Further evidence of the program that gave an answer.
fn evidence(reply: &Reply) -> String {
    let mut told = String::new();
    if reply.is_html() {
        told.push_str("; it is an HTML page");
    }
    for name in TELLING_HEADERS {
        if let Some(value) = reply.header(name) {
            // Text takes whatever it is given.
            let _ = write!(told, "; `{name}: {value}`");
        }
    }
    told
}

fn says(reply: &Reply, words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&reply.body).to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
        let headers = headers.iter();
        Reply {
            status,
            headers: headers.map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            body: body.as_bytes().to_vec(),
            elapsed: std::time::Duration::ZERO,
            reusable: true,
            unasked: false,
        }
    }

    #[track_caller]
    fn check(answer: &Reply, expected: Option<&str>) {
        let found = recognised(answer, answer);
        let sentence = found.as_deref().and_then(|text| text.split_once(':'));
        assert_eq!(sentence.map(|(what, _)| what), expected, "{found:?}");
    }

    const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];

    #[test]
    fn each_front_is_known_by_its_answer() {
        let limiter = reply(429, &[("retry-after", "900")], "");
        check(&limiter, Some("A rate limiter answers, not the webhook handler"));
        assert!(recognised(&limiter, &limiter).unwrap().contains("`retry-after: 900`"));
        let csrf = Some("A CSRF filter answers, not the webhook handler");
        check(&reply(419, HTML, "<html>Page Expired"), csrf);
        check(&reply(403, HTML, "<h1>Forbidden</h1><p>CSRF verification failed."), csrf);
        let host = Some("A filter of host names answers, not the webhook handler");
        check(&reply(400, HTML, "<h1>Bad Request (400)</h1>"), host);
        check(&reply(403, &[], "Blocked host: 127.0.0.1:3000"), host);
        let login = reply(401, &[("www-authenticate", "Basic realm=\"staging\"")], "");
        check(&login, Some("Something asks for a login, not the webhook handler"));
        let firewall =
            "A firewall or web server answers with a page of HTML, not the webhook handler";
        check(&reply(403, HTML, "<html><h1>403 Forbidden</h1>"), Some(firewall));
        let page = "A web page answers, not the webhook handler";
        check(&reply(200, &[], "<!DOCTYPE html><html>"), Some(page));
    }

    #[test]
    fn a_listener_is_no_front() {
        let refusal = r#"{"error":{"code":"INVALID_SIGNATURE","message":"wrong"}}"#;
        check(&reply(400, &[("content-type", "application/json")], refusal), None);
        check(&reply(403, &[], ""), None);
        check(&reply(200, &[], ""), None);
        check(&reply(204, HTML, ""), None);
        check(&reply(404, HTML, "<html>"), None);
        let page = reply(200, HTML, "<html>");
        assert_eq!(recognised(&page, &reply(400, HTML, "<html>")), None);
    }

    #[test]
    fn addresses_and_interpreters_are_read_from_the_body() {
        assert!(is_about_address(&reply(400, &[], "source IP not allowed")));
        assert!(is_about_address(&reply(400, &[], r#"{"code":"UNKNOWN_ADDRESS"}"#)));
        assert!(!is_about_address(&reply(400, &[], "the recipient is unknown")));
        let warning = "<br />\n<b>Warning</b>: Undefined array key 1 in /x.php on line 3\n{}";
        assert_eq!(
            interpreter_message(&reply(200, &[], warning)).as_deref(),
            Some("Warning: Undefined array key 1 in /x.php on line 3")
        );
        assert_eq!(interpreter_message(&reply(200, &[], "{\"text\":\"Warning: no\"}")), None);
    }
}
