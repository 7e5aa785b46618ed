//! The report: a table for people, JSON for scripts.

use std::fmt::Write;

use serde_json::json;

use crate::{
    generator::Pace,
    goals::{Bound, Judged},
    plan::{Before, Cell, STORAGE_ALONE, SYNCS_ALONE},
    results::{Results, Row},
    targets::LISTENER,
};

/// The name of the JSON's form; another number means that what is here has moved.
const SCHEMA: &str = "hookproof-bench/1";

/// What people read.
pub(crate) fn text(results: &Results, goals: &[Judged], loads: &[String; 2]) -> String {
    let mut out = format!(
        "\n{:<34} {:<17} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10} {:>8} {:>7} {:>8}\n",
        "load",
        "target",
        "req/s",
        "listener",
        "p50 ms",
        "p99 ms",
        "p99.9",
        "syncs/req",
        "CPU us",
        "MiB",
        "ready ms"
    );
    for row in &results.rows {
        line(&mut out, results, row);
    }
    let _ = writeln!(
        out,
        "\nMedians of {} rounds; `listener` is how many times as fast the listener is under the same load. \
         Load average of the machine: {} before, {} after.\n",
        results.rows.first().map_or(0, |row| row.samples.len()),
        loads[0],
        loads[1]
    );
    for judged in goals {
        let (sign, bound) = match judged.bound {
            Bound::AtLeast(bound) => (">=", bound),
            Bound::AtMost(bound) => ("<=", bound),
        };
        let verdict = match judged.met {
            None => "not measured",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        let measured =
            judged.measured.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        let _ = writeln!(out, "{:<44} {measured:>9} {sign} {bound:<6} {verdict}", judged.goal);
    }
    let count = |met| goals.iter().filter(|judged| judged.met == met).count();
    let _ = writeln!(
        out,
        "\n{} goals met, {} missed, {} not measured",
        count(Some(true)),
        count(Some(false)),
        count(None)
    );
    out
}

fn line(out: &mut String, results: &Results, row: &Row) {
    let cell = &row.cell;
    let listener = Cell { target: LISTENER, connections: cell.connections.max(1), ..*cell };
    // What is measured by batches is compared with the connections from which they came.
    let listener =
        if cell.connections == 0 { Cell { connections: 64, ..listener } } else { listener };
    let comparable = cell.target != LISTENER && cell.target != SYNCS_ALONE;
    let ratio = results.ratio(&listener, cell).filter(|_| comparable);
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x"));
    let _ = write!(
        out,
        "{:<34} {:<17} {:>9.0} {ratio:>8}",
        cell.to_string(),
        cell.target,
        row.median(|it| it.requests_per_s)
    );
    if [STORAGE_ALONE, SYNCS_ALONE].contains(&cell.target) {
        let _ = writeln!(out, " {:>37.4}", row.median(|it| it.syncs_per_request));
        return;
    }
    let _ = writeln!(
        out,
        " {:>8.2} {:>8.2} {:>8.2} {:>10.4} {:>8.1} {:>7.1} {:>8.1}",
        row.median(|it| it.p50_us) / 1000.0,
        row.median(|it| it.p99_us) / 1000.0,
        row.median(|it| it.p999_us) / 1000.0,
        row.median(|it| it.syncs_per_request),
        row.median(|it| it.cpu_us_per_request),
        row.median(|it| it.peak_mib),
        row.median(|it| it.ready_ms)
    );
}

/// What scripts read: every sample, so that nothing has to be measured again to be asked otherwise.
pub(crate) fn json(
    results: &Results,
    goals: &[Judged],
    missing: &[(&'static str, String)],
    loads: &[String; 2],
    full: bool,
) -> anyhow::Result<String> {
    let cells: Vec<_> = results
        .rows
        .iter()
        .map(|row| {
            let Cell { target, load, connections, pace, sync_micros, before } = row.cell;
            let rate = match pace {
                Pace::Closed => None,
                Pace::Open(rate) => Some(rate),
            };
            json!({
                "target": target,
                "load": load.name(),
                "connections": connections,
                "arrivals_per_s": rate,
                "sync_us": sync_micros,
                "events_before": before.rows(),
                "random_ids": matches!(before, Before::Scattered(_)),
                "samples": row.samples,
            })
        })
        .collect();
    let skipped: Vec<_> =
        missing.iter().map(|(target, why)| json!({ "target": target, "why": why })).collect();
    let report = json!({
        "schema": SCHEMA,
        "full": full,
        "load_average": { "before": loads[0], "after": loads[1] },
        "cells": cells,
        "skipped": skipped,
        "goals": goals,
    });
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}
