//! What a target answers: read when it is whole, and judged.

use anyhow::bail;

use crate::pool::Expected;

/// Bytes of an answer that are read at most.
pub(crate) const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Headers of an answer that are read at most.
const HEADERS_MAX: usize = 32;

/// The code that a wrong signature is to be answered with.
const WRONG_SIGNATURE: &[u8] = b"INVALID_SIGNATURE";

/// What an answer says, as far as anybody here asks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// Does it say when to try again?
    pub(crate) later: bool,
    body: &'a [u8],
}

/// An answer, once it is whole. What follows it is an error: nothing more was asked.
pub(crate) fn parse(bytes: &[u8]) -> anyhow::Result<Option<Answer<'_>>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
    let (mut length, mut later) = (0_usize, false);
    for header in response.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            length = str::from_utf8(header.value)?.trim().parse()?;
        } else if header.name.eq_ignore_ascii_case("retry-after") {
            later = true;
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the answer is in chunks, which the load generator does not read");
        }
    }
    let body = &bytes[head..];
    if body.len() > length {
        bail!("more was answered than was asked");
    }
    let status = response.code.unwrap_or_default();
    Ok((body.len() == length).then_some(Answer { status, later, body }))
}

/// Any answer but the expected one is an error.
pub(crate) fn judge(answer: &Answer<'_>, expected: Expected) -> anyhow::Result<()> {
    let right = match expected {
        Expected::Done => answer.status == 204,
        Expected::WrongSignature => {
            let named = answer.body.windows(WRONG_SIGNATURE.len()).any(|it| it == WRONG_SIGNATURE);
            answer.status == 400 && named
        }
    };
    if !right {
        let body = String::from_utf8_lossy(answer.body);
        bail!("bad answer: {} {body:?}, expected {expected:?}", answer.status);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let whole = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nabc";
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(parse(whole).unwrap(), Some(Answer { status: 400, later: false, body: b"abc" }));
        assert!(parse(b"HTTP/1.1 204 No Content\r\n\r\nx").is_err());
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(parse(chunks).is_err());
    }

    #[test]
    fn only_the_right_answer_is_right() {
        let answer = |status, body| Answer { status, later: false, body };
        assert!(judge(&answer(204, b""), Expected::Done).is_ok());
        assert!(judge(&answer(200, b""), Expected::Done).is_err());
        assert!(judge(&answer(503, b""), Expected::Done).is_err());
        let refusal = br#"{"error":{"code":"INVALID_SIGNATURE"}}"#;
        assert!(judge(&answer(400, refusal), Expected::WrongSignature).is_ok());
        assert!(judge(&answer(400, b"{}"), Expected::WrongSignature).is_err());
        assert!(judge(&answer(204, b""), Expected::WrongSignature).is_err());
    }
}
