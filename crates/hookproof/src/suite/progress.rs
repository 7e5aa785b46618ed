//! How far the run is, on stderr and only where that is a terminal.

use hookproof_conformance::{Event, Watch, report::CheckStatus};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// A bar that counts checks.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that is drawn on a terminal, and nowhere else.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let this = Self { bar };
        this.dress("{msg}");
        this.bar.set_message("asking whether the target answers");
        this
    }

    fn dress(&self, template: &str) {
        // The templates are ours, and right; a bar without one would do as well.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::Started { checks } => {
                self.bar.set_length(*checks as u64);
                self.dress("{bar:30} {pos}/{len} {msg}");
            }
            Event::Noticed(text) => self.bar.println(format!("note: {text}")),
            Event::Waiting(limit) => {
                let text = format!(
                    "still waiting for the first answer, up to {} s: --timeout",
                    limit.as_secs_f32()
                );
                if self.bar.is_hidden() { terminal::tell(&text) } else { self.bar.println(text) }
            }
            Event::CheckStarted { id } => self.bar.set_message(*id),
            Event::CheckEnded(check) => {
                if check.status == CheckStatus::Fail {
                    self.bar.println(format!("✗ {}", check.id));
                }
                self.bar.inc(1);
            }
        }
    }
}
