//! Addresses on which the program listens.

use std::net::{Ipv4Addr, SocketAddr};

/// Reads the value of `--listen`.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, String> {
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("{}:{port}", Ipv4Addr::LOCALHOST),
        None => text.to_owned(),
    };
    text.parse().map_err(|_| {
        "expected ADDRESS:PORT in digits, such as 127.0.0.1:8080, with a port up to 65535"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_digits_and_a_port() {
        let loopback = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(parse("127.0.0.1:8080"), Ok(loopback));
        assert_eq!(parse("localhost:8080"), Ok(loopback));
        assert!(parse("[::1]:0").is_ok());
        for text in ["8080", "127.0.0.1", "127.0.0.1:99999", "example.org:80"] {
            assert!(parse(text).unwrap_err().contains("ADDRESS:PORT"), "{text}");
        }
    }
}
