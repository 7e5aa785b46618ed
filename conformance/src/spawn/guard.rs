//! Who kills the listener's process group where the suite itself is killed and can no longer do so.
//!
//! A shell in a group of its own reads from a pipe that only the suite writes to. When the pipe ends
//! before the shell was told that all is done, nobody else is left to clean up.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
};

/// Reads which group to watch. At the end of its input, it kills the one that is still watched.
const SCRIPT: &str = r#"
group=
while IFS=' ' read -r verb word; do
  case $verb in
    watch) group=$word ;;
    done) group= ;;
  esac
done
if [ -n "$group" ]; then kill -s KILL -- "-$group"; fi
"#;

/// A shell that outlives the suite by a moment.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    orders: Option<ChildStdin>,
}

impl Guard {
    /// A guard that watches nothing yet.
    pub(super) fn new() -> io::Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT])
            // A Ctrl-C at the terminal is for the suite; the guard has to stay.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let orders = child.stdin.take();
        Ok(Self { child, orders })
    }

    /// From now on this group ends with the suite.
    pub(super) fn watch(&mut self, group: u32) -> io::Result<()> {
        self.say(&format!("watch {group}\n"))
    }

    /// The group was killed. Its number may belong to somebody else from now on.
    pub(super) fn done(&mut self) {
        // Where nobody listens any more, nobody will kill anything either.
        let _ = self.say("done\n");
    }

    fn say(&mut self, order: &str) -> io::Result<()> {
        match &mut self.orders {
            Some(orders) => orders.write_all(order.as_bytes()),
            None => Ok(()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.orders.take());
        // It has nothing left to do but to end.
        let _ = self.child.wait();
    }
}
