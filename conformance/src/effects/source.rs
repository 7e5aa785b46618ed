//! From where the view of the effects is read: a URL, or a command that prints the same.

use std::{process::Stdio, time::Duration};

use base64::prelude::{BASE64_STANDARD, Engine};
use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};
use url::Url;

use crate::{
    answer::ENDLESS,
    options::Probe,
    request::Request,
    spawn::shown,
    wire::{Fault, Trust, Wire},
};

/// What stands for the user's id.
const USER: &str = "{user}";

/// The variable in which a command finds the user's id.
const USER_VARIABLE: &str = "HOOKPROOF_USER";

/// The variable as a part of a word, by where it stands.
const USER_IN_DOUBLE_QUOTES: &str = "${HOOKPROOF_USER}";
const USER_IN_SINGLE_QUOTES: &str = "'\"${HOOKPROOF_USER}\"'";
const USER_OUTSIDE_QUOTES: &str = "\"${HOOKPROOF_USER}\"";

/// How long a command may take.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(10);

/// Bytes of a view, printed or answered.
const VIEW_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes that are read of what a command says on stderr.
const ERROR_BYTES_MAX: u64 = 64 * 1024;

/// From where the view is read.
#[derive(Debug)]
pub(super) enum Source<'run> {
    Url { template: &'run str, timeout: Duration, trust: &'run Trust },
    Command { script: String, time_max: Duration },
}

impl<'run> Source<'run> {
    /// Prepares to read; sends nothing.
    pub(super) fn new(
        probe: &'run Probe,
        timeout: Duration,
        trust: &'run Trust,
    ) -> Result<Self, url::ParseError> {
        Ok(match probe {
            Probe::Url(template) => {
                address(template, "user")?;
                Self::Url { template, timeout, trust }
            }
            Probe::Command(command) => {
                Self::Command { script: script(command), time_max: timeout.min(COMMAND_TIME_MAX) }
            }
        })
    }

    /// What the source says about a user; nothing where it knows nothing.
    pub(super) async fn read(&self, user: &str) -> Result<Option<Vec<u8>>, String> {
        let body = match self {
            Self::Url { template, timeout, trust } => {
                let url = address(template, user).map_err(|error| error.to_string())?;
                let wire = Wire::new(std::slice::from_ref(&url), *timeout, trust);
                fetch(&url, &wire.with_answers_of(VIEW_BYTES_MAX)).await?
            }
            Self::Command { script, time_max } => printed(script, user, *time_max).await?,
        };
        Ok(body.filter(|body| !body.trim_ascii().is_empty()))
    }
}

/// The address of one user's view.
fn address(template: &str, user: &str) -> Result<Url, url::ParseError> {
    let escaped: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
    Url::parse(&template.replace(USER, &escaped.replace('+', "%20")))
}

/// Reads a view over HTTP, on a connection of its own: an idle one would block a target that serves
/// one at a time. The URL may hold a token, so no error names it.
///
/// A view may be read as often as anybody likes: where the connection is closed, it is read once more.
async fn fetch(url: &Url, wire: &Wire) -> Result<Option<Vec<u8>>, String> {
    let mut request = Request::bare("GET").header("Accept", "application/json");
    if !url.username().is_empty() || url.password().is_some() {
        request = request.header("Authorization", &basic(url));
    }
    wire.close_after_each();
    let mut came = wire.send(&request).await;
    if matches!(came, Err(Fault::Closed)) {
        came = wire.send(&request).await;
    }
    let reply = match came {
        Ok(reply) => reply,
        Err(Fault::NotHttp(reason)) if reason == ENDLESS => return Err(too_long()),
        Err(fault) => return Err(fault.to_string()),
    };
    match reply.status {
        404 => Ok(None),
        200..300 if reply.body.len() > VIEW_BYTES_MAX => Err(too_long()),
        200..300 => Ok(Some(reply.body)),
        _ => Err(format!("it answers {reply}")),
    }
}

fn too_long() -> String {
    format!("it answers with more than {VIEW_BYTES_MAX} bytes")
}

/// The value of `Authorization` for the user and password of a URL (RFC 7617).
fn basic(url: &Url) -> String {
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let mut pair = decoded(url.username());
    pair.push(b':');
    pair.extend(decoded(url.password().unwrap_or_default()));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// The command with a variable in the place of each `{user}`: whatever the id is, the shell takes it
/// for one word, and never for a command.
fn script(command: &str) -> String {
    let (mut script, mut rest) = (String::new(), command);
    let (mut single, mut double, mut escaped) = (false, false, false);
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(USER).filter(|_| !escaped) {
            // Inside quotes of either kind, and outside of them, the same one word.
            script.push_str(match (single, double) {
                (true, _) => USER_IN_SINGLE_QUOTES,
                (false, true) => USER_IN_DOUBLE_QUOTES,
                (false, false) => USER_OUTSIDE_QUOTES,
            });
            rest = after;
            continue;
        }
        match next {
            _ if escaped => escaped = false,
            '\\' if !single => escaped = true,
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            _ => (),
        }
        script.push(next);
        rest = &rest[next.len_utf8()..];
    }
    script
}

/// What the command prints about a user.
async fn printed(script: &str, user: &str, time_max: Duration) -> Result<Option<Vec<u8>>, String> {
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .env(USER_VARIABLE, user)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| format!("`sh -c` cannot start: {error}"))?;
    let group = child.id();
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let reading = async {
        let (output, errors) = tokio::join!(
            read_all(output, VIEW_BYTES_MAX as u64 + 1),
            read_all(errors, ERROR_BYTES_MAX)
        );
        (output, errors, child.wait().await)
    };
    let Ok((output, errors, status)) = tokio::time::timeout(time_max, reading).await else {
        end(group);
        return Err(format!("the command does not end within {} ms", time_max.as_millis()));
    };
    let status = status.map_err(|error| error.to_string())?;
    if !status.success() {
        let said = shown(&errors);
        let said =
            if said.is_empty() { "nothing on stderr".to_owned() } else { format!("`{said}`") };
        return Err(format!("the command fails ({status}): {said}"));
    }
    if output.len() > VIEW_BYTES_MAX {
        return Err(format!("the command prints more than {VIEW_BYTES_MAX} bytes"));
    }
    Ok(Some(output))
}

/// Reads a stream to its end, and keeps so many bytes of it.
async fn read_all(stream: Option<impl AsyncRead + Unpin>, bytes_max: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        // A stream that fails has ended; the exit code says the rest.
        let _ = (&mut stream).take(bytes_max).read_to_end(&mut kept).await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    kept
}

/// Ends a command that was not waited for to its end, with all that it started.
fn end(group: Option<u32>) {
    #[cfg(unix)]
    if let Some(group) = group.and_then(|id| i32::try_from(id).ok())
        && let Some(group) = rustix::process::Pid::from_raw(group)
    {
        // Where it has just ended, there is nothing to end.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = group;
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// Ids that a shell would take for something else.
    const HOSTILE: &[&str] = &[
        "player-1001",
        "a b",
        "$(touch /nowhere)",
        "`id`",
        "'; exit 3; '",
        "\"; exit 3; \"",
        "$HOME",
        "*",
        "a\nb",
        "{user}",
        "-n",
    ];

    fn print(command: &str, user: &str) -> Result<Option<Vec<u8>>, String> {
        read(&Probe::Command(command.to_owned()), user)
    }

    fn read(probe: &Probe, user: &str) -> Result<Option<Vec<u8>>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let trust = Trust::public();
            Source::new(probe, Duration::from_secs(2), &trust).unwrap().read(user).await
        })
    }

    #[test]
    fn whatever_the_id_is_it_is_one_word() {
        for user in HOSTILE {
            for command in
                ["printf '[%s]' {user}", "printf '[%s]' \"{user}\"", "printf '['{user}']'"]
            {
                let printed = print(command, user).unwrap().unwrap();
                assert_eq!(String::from_utf8(printed).unwrap(), format!("[{user}]"), "{command}");
            }
            let quoted = print("printf '%s' '[{user}]'", user).unwrap().unwrap();
            assert_eq!(String::from_utf8(quoted).unwrap(), format!("[{user}]"));
        }
    }

    #[test]
    fn what_cannot_be_fetched_is_said_without_the_token() {
        // Whoever listened there has gone.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let probe = Probe::Url(format!("http://{address}/{{user}}?token=for-tests-only"));
        let said = read(&probe, "a").unwrap_err();
        assert!(said.contains("refused") && !said.contains("token"), "{said}");
    }

    #[test]
    fn a_view_is_read_again_where_the_connection_was_closed() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let probe = Probe::Url(format!("http://{}/{{user}}", listener.local_addr().unwrap()));
        let server = std::thread::spawn(move || {
            for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"] {
                let (mut stream, _) = listener.accept().unwrap();
                assert_ne!(std::io::Read::read(&mut stream, &mut [0; 1_024]).unwrap(), 0);
                std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
            }
        });
        assert_eq!(read(&probe, "a"), Ok(Some(b"{}".to_vec())));
        server.join().unwrap();
    }

    #[test]
    fn an_endless_view_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let probe = Probe::Url(format!("http://{}/{{user}}", listener.local_addr().unwrap()));
        let endless = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // An answer that came before its request would be a fault of another kind.
            let asked = std::io::Read::read(&mut stream, &mut [0; 1_024]).unwrap();
            assert_ne!(asked, 0);
            std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            // Until the reader has had enough.
            while std::io::Write::write_all(&mut stream, &[b' '; 8_192]).is_ok() {}
        });
        let said = read(&probe, "a").unwrap_err();
        assert!(said.contains("more than 4194304 bytes"), "{said}");
        endless.join().unwrap();
    }

    #[test]
    fn who_prints_nothing_owns_nothing() {
        assert_eq!(print("true", "a"), Ok(None));
        assert_eq!(print("echo", "a"), Ok(None));
    }

    #[test]
    fn what_fails_is_said() {
        let said = print("echo no database >&2; exit 7", "a").unwrap_err();
        assert!(said.contains("exit status: 7") && said.contains("`no database`"), "{said}");
        let said = print("exec sleep 60", "a").unwrap_err();
        assert!(said.contains("does not end within 2000 ms"), "{said}");
        let said = print("head -c 5000000 /dev/zero", "a").unwrap_err();
        assert!(said.contains("prints more than"), "{said}");
    }
}
