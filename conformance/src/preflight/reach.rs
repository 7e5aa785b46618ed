//! Reasons why the target does not answer, each with its fix.

use crate::wire::{Fault, TlsFault, Wire};

/// The fault and its remedy, in two lines.
pub(super) async fn no_answer(wire: &Wire, fault: &Fault) -> String {
    format!("{fault}\n  {}", advice(wire, fault).await)
}

/// Returns the fix for a missing answer. Finds out which other protocol or address is served.
pub(super) async fn advice(wire: &Wire, fault: &Fault) -> String {
    match fault {
        Fault::Closed | Fault::NotHttp(_) | Fault::Silent(_) if wire.speaks_tls().await => {
            "TLS is spoken on this port: give an https:// URL.".to_owned()
        }
        Fault::NotHttp(_) => "Is that the listener's port?".to_owned(),
        Fault::Silent(_) => "The target accepts connections, but does not answer. Is it busy, or \
                             waiting for something? --timeout gives it longer."
            .to_owned(),
        Fault::Closed => "The target closes each connection. Its log may say why.".to_owned(),
        Fault::Tls { fault, .. } if fault.may_pass() => {
            if wire.answers_plain_http().await {
                "The server speaks plain HTTP on this port: give an http:// URL.".to_owned()
            } else {
                "Is that the port for TLS? The server's log may say more.".to_owned()
            }
        }
        Fault::Tls { fault, .. } => of_certificate(fault).to_owned(),
        // The handshake may run into the limit where plain HTTP is spoken.
        Fault::Unreachable { .. } if wire.answers_plain_http().await => {
            "The server speaks plain HTTP on this port: give an http:// URL.".to_owned()
        }
        Fault::Unreachable { .. } => match wire.other_loopback().await {
            Some(address) => format!(
                "Nothing listens there, but something does on {address}: give that address, or \
                 `localhost`, which stands for both."
            ),
            None => {
                "Nothing listens there. Start your listener first, or let the suite wait for it \
                     with --wait-for-target 30s."
                    .to_owned()
            }
        },
    }
}

fn of_certificate(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::OtherName(_) => {
            "Give a URL with a name of the certificate, or the certificate itself with --ca-file \
             FILE. On this machine, --insecure accepts any certificate."
        }
        TlsFault::OutOfDate(_) => {
            "Renew the certificate: Xsolla would not deliver to it. On this machine, --insecure \
             accepts any certificate."
        }
        _ => {
            "Give the certificate of the authority that signed it, or a self-signed one itself, with \
             --ca-file FILE. On this machine, --insecure accepts any certificate."
        }
    }
}
