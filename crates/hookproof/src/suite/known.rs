//! `--baseline` and `--write-baseline`: the list of known failures as a file.

use std::path::Path;

use anyhow::{Context, anyhow};
use hookproof_conformance::{Report, baseline::Baseline};

use crate::{
    failure::Failure,
    files,
    suite::{cli::Memory, project},
};

/// Bytes of a baseline that are read.
const BASELINE_BYTES_MAX: u64 = 1024 * 1024;

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// The list that the run is held against, and where it is written to.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    baseline: Baseline,
    write: Option<&'a Path>,
}

impl<'a> Known<'a> {
    /// Reads the list. A file that is to be written may be there already: its reasons are kept.
    pub(crate) fn read(memory: &'a Memory) -> Result<Option<Self>, Failure> {
        let write = memory.write_baseline.as_deref();
        let Some(path) = memory.baseline.as_deref().or(write) else { return Ok(None) };
        if write.is_some() && !path.exists() {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) || path.file_name().is_none() {
                let error = anyhow!("cannot write the baseline `{}`", path.display());
                return Err(Failure::usage(error).hint("make the folder, or give another path"));
            }
            return Ok(Some(Self { baseline: Baseline::default(), write }));
        }
        let text = files::read(path, BASELINE_BYTES_MAX).map_err(|error| {
            Failure::usage(error).hint("--write-baseline FILE writes one from what fails now")
        })?;
        let baseline = Baseline::parse(&text)
            .with_context(|| format!("the baseline `{}`", path.display()))
            .map_err(Failure::usage)?;
        Ok(Some(Self { baseline, write }))
    }

    /// Marks what is known. Where the list is written, it lists all that fails now.
    pub(crate) fn apply(self, report: &mut Report, unix_millis: u64) -> anyhow::Result<()> {
        let Some(path) = self.write else {
            self.baseline.apply(report);
            return Ok(());
        };
        let today = day(unix_millis / 1000 / DAY_S);
        let all = Baseline::of(report, &self.baseline, &today);
        project::write(path, &all.to_toml())?;
        all.apply(report);
        report.notes.push(format!(
            "{} known failures written to `{}`: give each its reason there",
            all.known.len(),
            path.display()
        ));
        Ok(())
    }
}

/// The date of a day, counted from 1970-01-01. Years begin in March here, so that the day that only
/// some years have is the last of its year.
fn day(days: u64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        for (days, date) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (19_782, "2024-02-29"), (20_454, "2026-01-01")]
        {
            assert_eq!(day(days), date);
        }
    }
}
