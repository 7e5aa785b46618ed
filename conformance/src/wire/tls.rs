//! TLS to the target: which certificates are trusted, and why a handshake fails.

use std::{io, sync::Arc};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore,
        SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::CryptoProvider,
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};

/// Certificates that the suite trusts: those of the public authorities unless told otherwise.
#[derive(Clone)]
pub struct Trust {
    connector: TlsConnector,
}

/// Reason why a file names no certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The file is not in PEM form.
    #[error("it is not PEM: {0}")]
    NotPem(String),
    /// The file holds no certificate.
    #[error("it holds no certificate: a line `-----BEGIN CERTIFICATE-----` is missing")]
    Empty,
    /// A certificate cannot be an authority's.
    #[error("one of its certificates cannot be read: {0}")]
    Malformed(String),
}

impl Trust {
    /// Trusts the public authorities.
    pub fn public() -> Self {
        Self::of(Policy::Listed(Vec::new()), RootCertStore { roots: public_roots() })
    }

    /// Trusts the certificates in a PEM file too, as authorities and as the target's own.
    pub fn with_certificates(pem: &[u8]) -> Result<Self, TrustError> {
        let listed: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(pem).collect();
        let listed = listed.map_err(|error| TrustError::NotPem(error.to_string()))?;
        if listed.is_empty() {
            return Err(TrustError::Empty);
        }
        let mut roots = RootCertStore { roots: public_roots() };
        for certificate in &listed {
            let added = roots.add(certificate.clone());
            added.map_err(|error| TrustError::Malformed(error.to_string()))?;
        }
        Ok(Self::of(Policy::Listed(listed), roots))
    }

    /// Trusts any certificate. Fit for a listener on this machine only.
    pub fn anybody() -> Self {
        Self::of(Policy::Anybody, RootCertStore { roots: public_roots() })
    }

    fn of(policy: Policy, roots: RootCertStore) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new(policy, roots, &provider);
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Self { connector: TlsConnector::from(Arc::new(config)) }
    }

    /// Performs the handshake on a connection.
    pub(super) async fn handshake(
        &self,
        host: &str,
        tcp: TcpStream,
    ) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        self.connector.connect(name, tcp).await
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust")
    }
}

fn public_roots() -> Vec<rustls::pki_types::TrustAnchor<'static>> {
    webpki_roots::TLS_SERVER_ROOTS.to_vec()
}

/// Certificates that are accepted beside those with a chain to a known authority.
#[derive(Debug)]
enum Policy {
    /// Nothing is asked of it.
    Anybody,
    /// It is one of these itself: a self-signed certificate is no authority's by the rules.
    Listed(Vec<CertificateDer<'static>>),
}

#[derive(Debug)]
struct Verifier {
    policy: Policy,
    by_chain: Arc<WebPkiServerVerifier>,
}

impl Verifier {
    fn new(policy: Policy, roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Self {
        let by_chain =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .expect("there are public authorities, and no revocation lists");
        Self { policy, by_chain }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let accepted = match &self.policy {
            Policy::Anybody => true,
            Policy::Listed(listed) => listed.iter().any(|known| **known == **end_entity),
        };
        if accepted {
            return Ok(ServerCertVerified::assertion());
        }
        self.by_chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}

/// Reason why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// No known authority signed the certificate.
    #[error("no authority that the suite knows has signed its certificate")]
    UnknownAuthority,
    /// The certificate is for other names.
    #[error("its certificate is for another name: {0}")]
    OtherName(String),
    /// The certificate is no longer or not yet valid.
    #[error("its certificate is out of date: {0}")]
    OutOfDate(String),
    /// The certificate is refused for another reason.
    #[error("its certificate is refused: {0}")]
    Certificate(String),
    /// The peer does not finish the handshake.
    #[error("the TLS handshake fails: {0}")]
    Handshake(String),
}

impl TlsFault {
    /// Returns true if time may cure it: a server that is starting may not finish a handshake yet.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Handshake(_))
    }

    /// Returns true if the peer ended the handshake as TLS wants it.
    pub(super) fn is_alert(error: &io::Error) -> bool {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
        matches!(cause, Some(rustls::Error::AlertReceived(_)))
    }
}

impl From<&io::Error> for TlsFault {
    fn from(error: &io::Error) -> Self {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
        let Some(rustls::Error::InvalidCertificate(problem)) = cause else {
            return Self::Handshake(error.to_string());
        };
        let text = problem.to_string();
        match problem {
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName(text)
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Self::OutOfDate(text),
            // An authority's own certificate, in the place of one that it has signed.
            CertificateError::Other(_) if text.contains("CaUsedAsEndEntity") => {
                Self::UnknownAuthority
            }
            _ => Self::Certificate(text),
        }
    }
}
