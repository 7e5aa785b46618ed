//! How far the run is, on stderr and only where that is a terminal.

use std::{cell::RefCell, time::Duration};

use hookproof_conformance::{Event, Watch, report::CheckStatus};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// Time between two drawings while nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// A bar that counts checks, and says what the run waits for.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    waiting: RefCell<Waiting>,
}

/// The group of checks that is asked, and those of it that have not ended.
#[derive(Debug, Default)]
struct Waiting {
    /// The wait that takes most of the time of the group.
    phase: &'static str,
    /// The checks that are being asked, the oldest first.
    checks: Vec<&'static str>,
}

impl Waiting {
    /// For people: the phase, the check that has been asked for longest, and how many there are besides.
    fn text(&self) -> String {
        let others = self.checks.len().saturating_sub(1);
        match self.checks.first() {
            None => String::new(),
            Some(oldest) if others == 0 => format!("waiting for {}: {oldest}", self.phase),
            Some(oldest) => format!("waiting for {}: {oldest} and {others} more", self.phase),
        }
    }
}

impl Progress {
    /// A bar that is drawn on a terminal, and nowhere else.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let this = Self { bar, waiting: RefCell::default() };
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
                self.dress("{bar:30} {pos}/{len} about {eta} left, {msg}");
                self.bar.enable_steady_tick(TICK);
            }
            Event::Noticed(text) => self.bar.println(format!("note: {text}")),
            Event::Waiting(limit) => {
                let text = format!(
                    "still waiting for the first answer, up to {} s: --timeout",
                    limit.as_secs_f32()
                );
                if self.bar.is_hidden() { terminal::tell(&text) } else { self.bar.println(text) }
            }
            Event::Phase(phase) => self.waiting.borrow_mut().phase = phase,
            Event::CheckStarted { id } => {
                self.waiting.borrow_mut().checks.push(id);
                self.bar.set_message(self.waiting.borrow().text());
            }
            Event::CheckEnded(check) => {
                self.waiting.borrow_mut().checks.retain(|id| *id != check.id);
                self.bar.set_message(self.waiting.borrow().text());
                if check.status == CheckStatus::Fail {
                    self.bar.println(format!("✗ {}", check.id));
                }
                self.bar.inc(1);
            }
        }
    }
}
