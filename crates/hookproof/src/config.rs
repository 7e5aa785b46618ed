//! `hookproof.toml`: the flags of `hookproof check` for a project, found upwards; and the settings of
//! `hookproof listener`, in the file that it is given.
//!
//! The file's values, and before them those of environment variables, are appended to the command line
//! as words, each where the command line does not name the flag. So every flag can stand there, and one
//! parser judges them all.

#[cfg(feature = "suite")]
pub(crate) mod check;
mod listener;

use std::{collections::BTreeMap, ffi::OsString, path::Path};

use anyhow::anyhow;
use clap::{
    Arg, ArgAction, ArgMatches, CommandFactory, Parser, ValueHint,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};
use toml::{Spanned, Value};

use crate::{cli::Cli, environment::Environment, failure::Failure, names};

/// Bytes of a file of settings that are read.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Flags whose values are commands.
const COMMANDS: [&str; 2] = ["spawn", "probe-cmd"];

/// What stands in a file: flags of one command.
#[derive(Debug)]
struct Flags {
    command: &'static str,
    /// Flags that mean something on a command line alone.
    never: &'static [&'static str],
    /// Flags that have no place in a file that others read.
    secret: &'static [&'static str],
}

impl Flags {
    /// The flag of the command with this name.
    fn argument(&self, flag: &str) -> Option<Arg> {
        let mut command = Cli::command();
        command.build();
        let command = command.find_subcommand(self.command)?;
        command.get_arguments().find(|arg| arg.get_long() == Some(flag)).cloned()
    }

    /// The same, if a file may say it; or why not.
    fn of_file(&self, flag: &str, place: &str) -> Result<Arg, Failure> {
        let refused = self.never.contains(&flag) || self.secret.contains(&flag);
        let arg = self.argument(flag).filter(|_| !refused);
        arg.ok_or_else(|| self.no_such(flag, place))
    }

    fn no_such(&self, flag: &str, place: &str) -> Failure {
        if self.secret.contains(&flag) {
            let error = anyhow!("{place}: a secret has no place in a file that others read");
            let hint = match flag {
                "secret" => {
                    "name a file that holds it with `secret-file`, or set XSOLLA_WEBHOOK_SECRET_KEY"
                }
                _ => {
                    "name a file that holds it with `probe-token-file`, or set HOOKPROOF_PROBE_TOKEN"
                }
            };
            return Failure::usage(error).hint(hint);
        }
        if self.never.contains(&flag) {
            return Failure::usage(anyhow!("{place}: `{flag}` counts on the command line alone"));
        }
        let mut command = Cli::command();
        command.build();
        let command = command.find_subcommand(self.command).into_iter();
        let flags = command.flat_map(clap::Command::get_arguments).filter_map(Arg::get_long);
        let known = flags.filter(|known| !self.never.contains(known));
        let failure = Failure::usage(anyhow!("{place}: there is no setting `{flag}`"));
        failure.hint(names::did_you_mean(&names::near(flag, known)).unwrap_or_else(|| {
            format!(
                "the settings are the flags of `hookproof {}`, without their dashes",
                self.command
            )
        }))
    }
}

/// Why there is no command.
pub(crate) enum Refused {
    /// The command line was wrong, or asked for help.
    Words(Box<clap::Error>),
    /// The settings were wrong.
    Settings(Failure),
}

impl From<clap::Error> for Refused {
    fn from(error: clap::Error) -> Self {
        Self::Words(Box::new(error))
    }
}

/// Reads the command line with what files and the environment add.
pub(crate) fn command_line(
    words: Vec<OsString>,
    environment: &Environment,
) -> Result<Cli, Refused> {
    // Flags may need others that stand in the file, so the first reading forgives.
    let lenient = Cli::command().ignore_errors(true).try_get_matches_from(&words);
    match lenient.as_ref().ok().and_then(ArgMatches::subcommand) {
        #[cfg(feature = "suite")]
        Some(("check", given)) => check::command_line(words, given, environment),
        #[cfg(feature = "suite")]
        Some(("sign" | "verify" | "validate", given)) => {
            check::secret_of_project(words, given, environment)
        }
        Some(("listener", given)) if given.subcommand().is_none() => {
            listener::command_line(&words, given, environment)
        }
        _ => Ok(Cli::try_parse_from(&words)?),
    }
}

/// What is added to a command line.
#[derive(Debug, Default)]
struct Settings {
    words: Vec<Word>,
}

/// A flag with its value, and who says so.
#[derive(Debug)]
struct Word {
    flag: String,
    text: OsString,
    said_by: String,
}

impl Settings {
    fn says(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word.flag == flag)
    }

    /// Says where a wrong value stands, if it is not the command line.
    fn blame(&self, error: clap::Error) -> Refused {
        let named = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(name)) => name.as_str(),
            Some(ContextValue::Strings(names)) => names.first().map_or("", String::as_str),
            _ => "",
        };
        let flag = named.trim_start_matches("--").split([' ', '=']).next().unwrap_or_default();
        let Some(word) = self.words.iter().find(|word| word.flag == flag) else {
            return error.into();
        };
        let rendered = error.render().to_string();
        let text = rendered.strip_prefix("error: ").unwrap_or(&rendered);
        let text = text.split("\n\nUsage").next().unwrap_or(text);
        let text = text.split("\n\nFor more").next().unwrap_or(text).replace("\n\n", "\n");
        Refused::Settings(Failure::usage(anyhow!("{}: {}", word.said_by, text.trim_end())))
    }
}

/// One setting of a file.
struct Entry {
    place: String,
    flag: String,
    arg: Arg,
    value: Value,
}

/// The settings of a file, all of which exist.
fn entries(flags: &Flags, path: &Path, text: &str) -> Result<Vec<Entry>, Failure> {
    let at = |offset| format!("`{}`, line {}", path.display(), line_at(text, offset));
    let table: BTreeMap<Spanned<String>, Spanned<Value>> =
        toml::from_str(text).map_err(|error| {
            let place = at(error.span().map_or(0, |span| span.start));
            Failure::usage(anyhow!("{place}: {}", error.message().replace('\n', ", ")))
        })?;
    let entry = |(key, value): (Spanned<String>, Spanned<Value>)| {
        let place = at(key.span().start);
        let flag = key.into_inner();
        let arg = flags.of_file(&flag, &place)?;
        Ok(Entry { place, flag, arg, value: value.into_inner() })
    };
    table.into_iter().map(entry).collect()
}

/// The line of a byte, counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Returns true if the command line names the flag. The command may not have it.
fn is_given(given: &ArgMatches, id: &str) -> bool {
    given.try_contains_id(id).is_ok() && given.value_source(id) == Some(ValueSource::CommandLine)
}

/// A command that runs in this folder, wherever the program runs.
fn within(folder: &Path, command: &str) -> String {
    if folder.as_os_str().is_empty() {
        return command.to_owned();
    }
    let folder = folder.to_string_lossy().replace('\'', r"'\''");
    format!("cd '{folder}' || exit\n{command}")
}

/// The words of one entry; paths are relative to the file's folder, and commands run there.
fn words_of(arg: &Arg, value: &Value, folder: &Path) -> Result<Vec<OsString>, String> {
    let flag = arg.get_long().unwrap_or_default();
    if !arg.get_action().takes_values() {
        return match value {
            Value::Boolean(true) => Ok(vec![format!("--{flag}").into()]),
            Value::Boolean(false) => Ok(Vec::new()),
            _ => Err("is true or false".to_owned()),
        };
    }
    let several = matches!(arg.get_action(), ArgAction::Append);
    let values = match value {
        Value::Array(values) if several => values.as_slice(),
        Value::Array(_) => return Err("has one value".to_owned()),
        one => std::slice::from_ref(one),
    };
    let word = |value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            _ => return Err("is a string or a whole number".to_owned()),
        };
        let mut word = OsString::from(format!("--{flag}="));
        match text.split_once('=') {
            Some((format, path)) if flag == "report" => {
                word.push(format!("{format}="));
                word.push(folder.join(path));
            }
            _ if COMMANDS.contains(&flag) => word.push(within(folder, &text)),
            // What has a scheme is no path: a database may be elsewhere.
            _ if arg.get_value_hint() == ValueHint::AnyPath && !text.contains("://") => {
                word.push(folder.join(text));
            }
            _ => word.push(text),
        }
        Ok(word)
    };
    values.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_a_file_run_in_its_folder() {
        assert_eq!(within(Path::new(""), "./server"), "./server");
        assert_eq!(within(Path::new("/it's"), "./server"), "cd '/it'\\''s' || exit\n./server");
    }
}
