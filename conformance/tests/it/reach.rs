//! A target that is reached in an unusual way, or not at all: TLS, other addresses, other ports.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hookproof_conformance::{
    Options, RunError,
    request::Request,
    run,
    watch::Silent,
    wire::{Fault, Trust, Wire},
};
use hookproof_contract::Secret;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use url::Url;

/// Long enough for every answer here.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A file of `tests/data/tls`.
macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../data/tls/", $name))
    };
}

const ACCEPTED: &[u8] = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// A server that answers one request per connection; it ends with its handle.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers plain HTTP on this address.
    async fn plain(ip: &str) -> Self {
        Self::start(ip, None).await
    }

    /// Answers HTTPS with this certificate.
    async fn tls(certificate: &[u8], key: &[u8]) -> Self {
        let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self::start("127.0.0.1", Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn start(ip: &str, tls: Option<TlsAcceptor>) -> Self {
        let socket = TcpListener::bind((ip, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, task }
    }

    fn url(&self, scheme: &str, host: &str) -> Url {
        Url::parse(&format!("{scheme}://{host}:{}/webhook", self.address.port())).unwrap()
    }
}

/// Reads what comes at once, and answers.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer).await.unwrap_or(0);
    let is_http = buffer[..read].starts_with(b"GET ") || buffer[..read].starts_with(b"POST ");
    let answer = if is_http { ACCEPTED } else { b"HTTP/1.1 400 Bad Request\r\n\r\n" };
    // The peer may be gone.
    drop(stream.write_all(answer).await);
    drop(stream.shutdown().await);
}

async fn send(url: &Url, trust: &Trust) -> Result<u16, Fault> {
    let wire = Wire::new(std::slice::from_ref(url), TIMEOUT, trust);
    let request = Request::webhook(b"{}".to_vec(), None);
    wire.send(&request).await.map(|reply| reply.status)
}

/// Returns the suite's message about a target that cannot be asked.
async fn reason(url: Url, trust: Trust) -> String {
    let secret = Secret::new("example-project-secret").unwrap();
    let options = Options { timeout: TIMEOUT, trust, ..Options::new(url, secret, 1, 1_000_000) };
    match run(&options, &Silent).await {
        Err(error @ RunError::Target { .. }) => error.to_string(),
        other => panic!("the target could be asked: {other:?}"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn certificates_are_trusted_as_told() {
    let signed = Server::tls(data!("listener.pem"), data!("listener.key")).await;
    let own = Server::tls(data!("self-signed.pem"), data!("self-signed.key")).await;
    let authority = Trust::with_certificates(data!("authority.pem")).unwrap();
    let itself = Trust::with_certificates(data!("self-signed.pem")).unwrap();
    for (server, trust, accepted) in [
        (&signed, &authority, true),
        (&signed, &Trust::anybody(), true),
        (&signed, &Trust::public(), false),
        (&signed, &itself, false),
        (&own, &itself, true),
        (&own, &Trust::anybody(), true),
        (&own, &Trust::public(), false),
        (&own, &authority, false),
    ] {
        for host in ["127.0.0.1", "localhost"] {
            let came = send(&server.url("https", host), trust).await;
            assert_eq!(came.is_ok(), accepted, "{host}: {came:?}");
        }
    }
    assert!(Trust::with_certificates(data!("listener.key")).is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn an_untrusted_certificate_is_the_reason_given() {
    let signed = Server::tls(data!("listener.pem"), data!("listener.key")).await;
    let own = Server::tls(data!("self-signed.pem"), data!("self-signed.key")).await;
    for server in [&signed, &own] {
        let told = reason(server.url("https", "127.0.0.1"), Trust::public()).await;
        assert!(told.contains("no authority that the suite knows"), "{told}");
        assert!(told.contains("--ca-file"), "{told}");
        assert!(!told.contains("Nothing listens"), "{told}");
    }
    let other = Server::tls(data!("other-name.pem"), data!("listener.key")).await;
    let authority = Trust::with_certificates(data!("authority.pem")).unwrap();
    let told = reason(other.url("https", "127.0.0.1"), authority).await;
    assert!(told.contains("listener.example"), "{told}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_wrong_scheme_is_the_reason_given() {
    let plain = Server::plain("127.0.0.1").await;
    let told = reason(plain.url("https", "127.0.0.1"), Trust::public()).await;
    assert!(told.contains("speaks plain HTTP on this port: give an http:// URL"), "{told}");
    let tls = Server::tls(data!("listener.pem"), data!("listener.key")).await;
    let told = reason(tls.url("http", "127.0.0.1"), Trust::public()).await;
    assert!(told.contains("TLS is spoken on this port: give an https:// URL"), "{told}");
}

#[tokio::test(flavor = "current_thread")]
async fn localhost_is_reached_on_either_address() {
    let Ok(_) = TcpListener::bind(("::1", 0)).await else {
        eprintln!("skipped: this machine has no IPv6");
        return;
    };
    let six = Server::plain("::1").await;
    let four = Server::plain("127.0.0.1").await;
    for server in [&six, &four] {
        let came = send(&server.url("http", "localhost"), &Trust::public()).await;
        assert_eq!(came, Ok(204));
    }
    let told = reason(six.url("http", "127.0.0.1"), Trust::public()).await;
    assert!(told.contains(&format!("something does on {}", six.address)), "{told}");
}
