//! From the rows to the sums, and to what must not be.

use super::{Causes, FaultRow, KillRate, Matrix, is_bad};

/// Faults of a hundred whose cause must be named first or second.
const CAUSES_PERCENT_MIN: usize = 90;

/// What the right listener itself is called; a warning there is nobody's oddity.
const RIGHT: &str = "right";

impl Matrix {
    /// Adds up the rows, and says what must not be.
    pub(super) fn conclude(&mut self) {
        let of_faults = self.faults.iter().flat_map(|row| {
            let seen = row.seen.iter().filter(|seen| is_bad(seen.status));
            seen.map(|seen| (seen.check.as_str(), row.slug))
        });
        let of_cells = self
            .cells
            .iter()
            .flat_map(|row| row.seen.iter().map(|check| (check.as_str(), row.slug)));
        for (check, slug) in of_faults.chain(of_cells) {
            if let Some(slugs) = self.checks.get_mut(check) {
                slugs.push(slug);
            }
        }
        for row in &self.faults {
            if let [only] = &row.seen[..] {
                self.seen_by_one.insert(row.slug, only.check.clone());
            }
        }
        self.kill_rate = kill_rate(&self.faults);
        self.causes = causes(&self.faults);
        if self.extent.whole {
            let idle = self.checks.iter().filter(|(_, faults)| faults.is_empty());
            self.idle = idle.map(|(check, _)| *check).collect();
        }
        self.problems = self.problems();
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for row in &self.faults {
            for (check, said) in &row.missed {
                problems.push(format!("`{}` is not caught by {check}: {said}", row.slug));
            }
        }
        for row in self.cells.iter().filter(|row| !row.caught) {
            problems.push(format!("`{}` is not caught: {}", row.slug, row.said.join("; ")));
        }
        for row in &self.right {
            for accusation in &row.accused {
                problems.push(format!("`{}` is right, and accused: {accusation}", row.slug));
            }
            if row.slug == RIGHT && !row.warned.is_empty() {
                problems.push(format!("the right listener is warned: {}", row.warned.join(", ")));
            }
        }
        problems.extend(self.idle.iter().map(|check| format!("{check} catches nothing")));
        if self.extent.whole && self.extent.full && !self.causes.are_named() {
            problems.push(format!(
                "causes are named first or second for {} of {} faults, less than {CAUSES_PERCENT_MIN} %",
                self.causes.named(),
                self.causes.of
            ));
        }
        problems
    }
}

impl Causes {
    /// Faults whose cause is named first or second.
    pub(in crate::suite::zoo) const fn named(self) -> usize {
        self.first + self.second
    }

    const fn are_named(self) -> bool {
        self.named() * 100 >= self.of * CAUSES_PERCENT_MIN
    }
}

fn kill_rate(faults: &[FaultRow]) -> KillRate {
    let count = |wanted: fn(&FaultRow) -> bool| faults.iter().filter(|row| wanted(row)).count();
    KillRate {
        of: faults.len(),
        wire: count(|row| !row.at_wire.is_empty()),
        probe: count(|row| row.killed && row.level != "spawn"),
        spawn: count(|row| row.killed),
    }
}

fn causes(faults: &[FaultRow]) -> Causes {
    let mut causes = Causes { of: faults.len(), ..Causes::default() };
    for row in faults {
        *match row.place {
            Some(1) => &mut causes.first,
            Some(2) => &mut causes.second,
            Some(_) => &mut causes.later,
            None if row.diagnoses.is_empty() => &mut causes.unknown,
            None => &mut causes.none,
        } += 1;
    }
    causes
}
