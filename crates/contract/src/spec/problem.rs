//! What can be wrong with the data in `spec/`.

use std::fmt;

use super::FILE_BYTES_MAX;

/// The data is not a contract. Lists every problem that was found, not only the first.
///
/// A file that cannot be read hides its content, so references are only checked once every file
/// can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SpecError {
    /// The problems, by file.
    pub problems: Vec<Problem>,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("there is a problem in spec/")?,
            count => write!(f, "there are {count} problems in spec/")?,
        }
        self.problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

/// One problem: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("spec/{file}: {place}: {fault}")]
pub struct Problem {
    /// Path of the file, relative to `spec/`.
    pub file: String,
    /// The line or the entry, for instance `clause SIG-02`.
    pub place: String,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// The path follows none of the folder's rules.
    #[error("no file of this name belongs to the contract")]
    UnexpectedFile,
    /// A file that the contract needs is not there.
    #[error("the file is missing")]
    MissingFile,
    /// The file is longer than [`FILE_BYTES_MAX`].
    #[error("the file is longer than {FILE_BYTES_MAX} bytes")]
    TooLong,
    /// Not TOML or JSON, an unknown or missing key, or a word that is not declared.
    #[error("{0}")]
    Unreadable(String),
    /// Two entries share an id.
    #[error("the id occurs twice")]
    DuplicateId,
    /// The id does not begin with its file's prefix, or does not end in two digits.
    #[error("the id has not the form `{prefix}-NN`")]
    IdForm {
        /// The prefix that the file declares.
        prefix: String,
    },
    /// Two files declare the same prefix.
    #[error("the prefix `{0}` belongs to another file too")]
    SharedPrefix(String),
    /// What a file says of itself and its path disagree.
    #[error("the file says `{said}`, its path says `{path}`")]
    OtherPath {
        /// What stands in the file.
        said: String,
        /// What the path says.
        path: String,
    },
    /// A text that must say something says nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A reference leads nowhere.
    #[error("there is no {kind} `{id}`")]
    Dangling {
        /// What is referred to.
        kind: Kind,
        /// The reference.
        id: String,
    },
    /// A reference to an entry of any kind leads nowhere.
    #[error("there is no id `{0}`")]
    UnknownId(String),
    /// The source exists, its anchor is not in the list.
    #[error("the source `{key}` lists no anchor `{anchor}`")]
    UnknownAnchor {
        /// The source's key.
        key: String,
        /// What stands behind the `#`.
        anchor: String,
    },
    /// A key is missing that another key makes necessary.
    #[error("`{key}` is missing, which {because} needs")]
    Needs {
        /// The missing key.
        key: &'static str,
        /// Why it is needed.
        because: &'static str,
    },
    /// A key is there that another key rules out.
    #[error("`{key}` is there, although {because}")]
    Excess {
        /// The key.
        key: &'static str,
        /// Why it must not be.
        because: &'static str,
    },
    /// A refers to B, and B does not refer back.
    #[error("{kind} `{id}` does not name it in return")]
    NotMutual {
        /// What is referred to.
        kind: Kind,
        /// Which one.
        id: String,
    },
    /// A value occurs in two lists that exclude each other, or twice in one.
    #[error("`{0}` is listed twice")]
    ListedTwice(String),
    /// A value that some list must hold is in none.
    #[error("`{0}` is listed nowhere")]
    ListedNowhere(String),
    /// A fact that is written down twice is not the same both times.
    #[error("{what} is {written}, but {derived} by what else is written")]
    Differs {
        /// Which fact.
        what: &'static str,
        /// As it is written.
        written: String,
        /// As it follows.
        derived: String,
    },
    /// A number is beyond what makes sense.
    #[error("{what} is {value}, the limit is {limit}")]
    Beyond {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The bound that it breaks.
        limit: u64,
    },
    /// A text has not the form that is asked of it.
    #[error("`{value}` is no {form}")]
    Form {
        /// What it should be.
        form: &'static str,
        /// What it is.
        value: String,
    },
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An entry of `sources.toml`.
    Source,
    /// A clause.
    Clause,
    /// An entry of `contradictions.toml`.
    Contradiction,
    /// A plan of `delivery.toml`.
    Plan,
    /// A switch of `settings.toml`.
    Setting,
    /// A file of `spec/`.
    File,
    /// A folder of `spec/notifications/`.
    Notification,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Clause => "clause",
            Self::Contradiction => "contradiction",
            Self::Plan => "plan",
            Self::Setting => "setting",
            Self::File => "file",
            Self::Notification => "notification",
        })
    }
}

impl Problem {
    pub(super) fn new(file: impl Into<String>, place: impl Into<String>, fault: Fault) -> Self {
        Self { file: file.into(), place: place.into(), fault }
    }
}
