//! Which database: a file, or the URL of a PostgreSQL server.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use tokio_postgres::config::{Host, SslMode};

/// How the URL of a PostgreSQL server begins. Anything else names a file.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The port of a PostgreSQL server whose URL names none.
const POSTGRES_PORT: u16 = 5432;

/// Where a listener keeps what it recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Db {
    /// An SQLite database in this file. It is created if it is missing; its folder is not.
    File(PathBuf),
    /// A database of a PostgreSQL server, which several listeners may share.
    Postgres(PostgresUrl),
}

impl Db {
    /// Reads what `--db` says: the URL of a PostgreSQL server, or a file.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            text.parse().map(Self::Postgres)
        } else {
            Ok(Self::File(text.into()))
        }
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl From<PathBuf> for Db {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Db {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Display for Db {
    /// The file, or the server without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// Why a text is no URL of a PostgreSQL server that can be used.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// It cannot be read. The cause names the part, and never quotes the password.
    #[error(
        "write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with other characters than letters, \
             digits and -._~ as %XX"
    )]
    Unreadable(#[source] tokio_postgres::Error),
    /// It lacks a part that has no good default.
    #[error("it names no {0}: write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Lacks(&'static str),
    /// It asks for an encrypted connection.
    #[error(
        "it says sslmode=require, and this listener speaks to PostgreSQL in the clear: reach the server \
         by loopback, a Unix socket, a private network or a TLS tunnel such as stunnel, and say \
         sslmode=disable"
    )]
    Tls,
}

/// The URL of a PostgreSQL database. Its password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Box<tokio_postgres::Config>);

impl PostgresUrl {
    /// What the client is told.
    pub(crate) fn config(&self) -> tokio_postgres::Config {
        self.0.as_ref().clone()
    }

    /// The database's name.
    pub(crate) fn database(&self) -> &str {
        self.0.get_dbname().unwrap_or_default()
    }
}

impl FromStr for PostgresUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let config: tokio_postgres::Config = text.parse().map_err(UrlError::Unreadable)?;
        if config.get_hosts().is_empty() {
            return Err(UrlError::Lacks("host"));
        }
        if config.get_user().is_none() {
            return Err(UrlError::Lacks("user"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(UrlError::Lacks("database"));
        }
        // `prefer`, the default, is content with what the server offers.
        match config.get_ssl_mode() {
            SslMode::Disable | SslMode::Prefer => Ok(Self(Box::new(config))),
            _ => Err(UrlError::Tls),
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}", self.0.get_user().unwrap_or_default())?;
        if self.0.get_password().is_some() {
            f.write_str(":***")?;
        }
        f.write_str("@")?;
        let ports = self.0.get_ports();
        for (number, host) in self.0.get_hosts().iter().enumerate() {
            let port = ports.get(number).or(ports.first()).copied().unwrap_or(POSTGRES_PORT);
            let comma = if number > 0 { "," } else { "" };
            match host {
                Host::Tcp(host) => write!(f, "{comma}{host}:{port}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}:{port}", path.display())?,
            }
        }
        write!(f, "/{}", self.database())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_server_and_anything_else_a_file() {
        for file in ["listener.db", "/var/lib/x.db", "postgres", "postgres.db", "sqlite://x", ""] {
            assert_eq!(Db::parse(file).unwrap(), Db::File(file.into()), "{file}");
        }
        for url in ["postgres://ada@db/game", "postgresql://ada@db/game"] {
            assert!(matches!(Db::parse(url).unwrap(), Db::Postgres(_)), "{url}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url =
            Db::parse("postgres://ada:s3cr%40t@db.example:6432/game?connect_timeout=3").unwrap();
        assert_eq!(url.to_string(), "postgres://ada:***@db.example:6432/game");
        assert_eq!(format!("{url:?}"), "Postgres(postgres://ada:***@db.example:6432/game)");
        let two = Db::parse("postgres://ada@one,two/game").unwrap();
        assert_eq!(two.to_string(), "postgres://ada@one:5432,two:5432/game");
    }

    #[test]
    fn a_url_that_cannot_be_used_says_why_and_not_the_password() {
        for (url, words) in [
            ("postgres://ada:s3cret@db:port/game", "PASSWORD@HOST"),
            ("postgres://ada:s3cret@db/game?nonsense=1", "PASSWORD@HOST"),
            ("postgres://ada:s3cret@db", "no database"),
            ("postgres://db/game", "no user"),
            ("postgres:///game?user=ada", "no host"),
            ("postgres://ada:s3cret@db/game?sslmode=require", "sslmode=require"),
        ] {
            let error = Db::parse(url).unwrap_err();
            let mut said = error.to_string();
            let mut cause: &dyn std::error::Error = &error;
            while let Some(next) = cause.source() {
                said = format!("{said}: {next}");
                cause = next;
            }
            assert!(said.contains(words), "{url}: {said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
