//! The words of a command line that ask the same questions again: what the report tells the reader.
//!
//! **Invariant:** no secret is among them, and of a probe's URL nothing that may be a token.

use std::time::Duration;

use hookproof_conformance::options::{CASES, JOBS, TIMEOUT, UNKNOWN_USER};

use crate::suite::{
    cli::{CheckArgs, ModeArg},
    port::Template,
};

/// What stands for a command, and for a query: it may hold a password in any form.
const UNTOLD: &str = "…";

/// All flags that decide what is asked of whom, but for the selection, the seed, and the first id: what
/// was asked under an id would be a repeat under the same one, and a repeat hides the failure.
pub(crate) fn words(args: &CheckArgs) -> Vec<String> {
    let millis = |time: Duration| format!("{}ms", time.as_millis());
    let mut words = Words::default();
    words.each("--target", args.target.iter().map(Template::as_str));
    words.each("--secret-file", args.secret_file.iter().map(|path| path.to_string_lossy()));
    words.each("--probe", args.probe.iter().map(|probe| without_query(probe.as_str())));
    words.each("--probe-cmd", args.probe_cmd.iter().map(|_command| UNTOLD));
    words.each("--spawn", args.spawn.iter().map(|_command| UNTOLD));
    words.flag("--allow-remote", args.allow_remote);
    words.each("--ca-file", args.ca_file.iter().map(|path| path.to_string_lossy()));
    words.flag("--insecure", args.insecure);
    words.unless("--wait-for-target", &millis(args.wait_for_target), &millis(Duration::ZERO));
    words.each("--known-user", &args.known_user);
    words.unless("--unknown-user", &args.unknown_user, UNKNOWN_USER);
    words.each("--public-id", &args.public_id);
    words.each("--plan", &args.plan);
    words.each("--sku", &args.sku);
    words.each("--mode", args.mode.only().map(hookproof_contract::Mode::as_str));
    words.each("--product", &args.product);
    words.each("--also", args.also.iter().map(|also| also.as_str()));
    let project = &args.project;
    words.each("--project-id", project.project_id.map(|id| id.to_string()));
    words.each("--merchant-id", project.merchant_id.map(|id| id.to_string()));
    words.each("--price", project.price.iter().map(ToString::to_string));
    words.each("--currency", &project.currency);
    words.unless("--probe-delay", &millis(project.probe_delay), &millis(Duration::ZERO));
    words.unless("--cases", &args.extent.cases.to_string(), &CASES.to_string());
    words.unless("--jobs", &args.extent.jobs.to_string(), &JOBS.to_string());
    words.unless("--timeout", &millis(args.extent.timeout), &millis(TIMEOUT));
    words.each("--max-time", args.extent.max_time.map(millis));
    words.flag("--strict", args.extent.strict);
    words.0
}

/// Whether the value of a recorded flag is whole.
pub(crate) fn is_told(value: &str) -> bool {
    !value.ends_with(UNTOLD)
}

/// A query may hold the token that opens the probe.
fn without_query(probe: &str) -> String {
    match probe.split_once('?') {
        Some((path, _)) => format!("{path}?{UNTOLD}"),
        None => probe.to_owned(),
    }
}

#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn flag(&mut self, flag: &str, given: bool) {
        if given {
            self.0.push(flag.to_owned());
        }
    }

    fn each<T: Into<String>>(&mut self, flag: &str, values: impl IntoIterator<Item = T>) {
        for value in values {
            self.0.extend([flag.to_owned(), value.into()]);
        }
    }

    fn unless(&mut self, flag: &str, value: &str, default: &str) {
        self.each(flag, (value != default).then_some(value));
    }
}

impl ModeArg {
    /// The one mode, where it is one.
    fn only(self) -> Option<hookproof_contract::Mode> {
        match self.modes().as_slice() {
            [mode] => Some(*mode),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{
        cli::{Cli, Command},
        suite,
    };

    #[track_caller]
    fn check(given: &str, expected: &str) {
        let cli = Cli::try_parse_from(given.split(' ')).unwrap();
        let Command::Suite(suite::Command::Check(args)) = cli.command else {
            panic!("not `check`")
        };
        assert_eq!(words(&args).join(" "), expected);
    }

    #[test]
    fn what_was_given_is_given_again_but_no_secret() {
        check("hookproof check", "");
        check(
            "hookproof check --only SIG-01 --seed 4 --first-id 9 --format short --report json=a",
            "",
        );
        check("hookproof check --wait-for-target 2s", "--wait-for-target 2000ms");
        check(
            "hookproof check --target http://127.0.0.1:1/ --secret key \
             --probe http://127.0.0.1:1/{user}?token=t --known-user a --also all --cases 3 --strict",
            "--target http://127.0.0.1:1/ --probe http://127.0.0.1:1/{user}?… --known-user a \
             --also all --cases 3 --strict",
        );
        check(
            "hookproof check --target http://127.0.0.1:1/ --secret-file k --mode combined \
             --product subscriptions --also user_search --public-id me --timeout 2s",
            "--target http://127.0.0.1:1/ --secret-file k --public-id me --mode combined \
             --product subscriptions --also user_search --timeout 2000ms",
        );
        check(
            "hookproof check --target https://127.0.0.1:1/ --secret key --insecure",
            "--target https://127.0.0.1:1/ --insecure",
        );
        check(
            "hookproof check --target https://127.0.0.1:1/ --secret key --ca-file ca.pem",
            "--target https://127.0.0.1:1/ --ca-file ca.pem",
        );
        check(
            "hookproof check --project-id 7 --merchant-id 8 --price a=1.50,b=2 --currency EUR \
             --probe-delay 12s",
            "--project-id 7 --merchant-id 8 --price a=1.5 --price b=2 --currency EUR \
             --probe-delay 12000ms",
        );
        check(
            "hookproof check --target http://127.0.0.1:{port}/ --spawn TOKEN=t --probe-cmd PW=p",
            "--target http://127.0.0.1:{port}/ --probe-cmd … --spawn …",
        );
    }
}
