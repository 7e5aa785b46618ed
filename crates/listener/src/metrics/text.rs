//! The counters as Prometheus reads them: its text format, version 0.0.4.

use std::{
    fmt::{self, Write},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{Closed, Histogram, Kind, Metrics, Reason, Verdict};

/// Nanoseconds of a second.
const SECOND: f64 = 1e9;

/// What is not counted, but is so at the moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gauges {
    /// Events that wait for the writer.
    pub(crate) queue: usize,
    /// How many may.
    pub(crate) queue_max: usize,
    /// How many connections may be open.
    pub(crate) connections_max: usize,
}

/// The whole text. Names end in their unit, as Prometheus asks for; what was never counted is there
/// as zero, so that a rate can be told from the first event on.
pub(crate) fn render(metrics: &Metrics, gauges: Gauges) -> String {
    let mut text = String::new();
    write_all(&mut text, metrics, gauges).expect("a string takes all that is written to it");
    text
}

fn write_all(text: &mut String, metrics: &Metrics, gauges: Gauges) -> fmt::Result {
    head(text, "hookproof_build_info", "gauge", "The listener's version; always 1.")?;
    writeln!(text, "hookproof_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))?;

    let name = "hookproof_notifications_total";
    head(
        text,
        name,
        "counter",
        "Webhooks that were answered, by type and by what became of them.",
    )?;
    for kind in Kind::all() {
        let label = kind.name();
        for (verdict, word) in Verdict::ALL {
            let count = metrics.requests[kind.index()][verdict as usize].load(Relaxed);
            writeln!(text, "{name}{{type=\"{label}\",verdict=\"{word}\"}} {count}")?;
        }
    }

    let name = "hookproof_refused_total";
    head(text, name, "counter", "Webhooks that were not accepted, by reason.")?;
    for (reason, word) in Reason::ALL {
        let count = metrics.refused[reason as usize].load(Relaxed);
        writeln!(text, "{name}{{reason=\"{word}\"}} {count}")?;
    }

    let name = "hookproof_request_duration_seconds";
    head(text, name, "histogram", "Time of a webhook from the end of its head to its answer.")?;
    histogram(text, name, &metrics.latency, SECOND)?;
    let name = "hookproof_batch_events";
    head(text, name, "histogram", "Events that were committed together.")?;
    histogram(text, name, &metrics.batch, 1.0)?;
    let name = "hookproof_commit_duration_seconds";
    head(text, name, "histogram", "Time of a transaction, from its begin until it is durable.")?;
    histogram(text, name, &metrics.commit, SECOND)?;
    let name = "hookproof_commits_failed_total";
    head(text, name, "counter", "Transactions that failed as a whole.")?;
    writeln!(text, "{name} {}", metrics.commits_failed.load(Relaxed))?;

    gauge(text, "hookproof_queue_events", "Events that wait for the writer.", gauges.queue)?;
    gauge(text, "hookproof_queue_events_max", "How many may.", gauges.queue_max)?;
    let name = "hookproof_outbox_entries";
    head(text, name, "gauge", "Grants and takings back that the game is still to be told.")?;
    writeln!(text, "{name} {}", metrics.outbox.load(Relaxed))?;
    connections(text, metrics, gauges)
}

fn connections(text: &mut String, metrics: &Metrics, gauges: Gauges) -> fmt::Result {
    let name = "hookproof_connections_open";
    head(text, name, "gauge", "Connections that are open.")?;
    writeln!(text, "{name} {}", metrics.open.load(Relaxed))?;
    let name = "hookproof_connections_max";
    gauge(text, name, "How many may be open at once.", gauges.connections_max)?;
    let name = "hookproof_connections_accepted_total";
    head(text, name, "counter", "Connections that were accepted.")?;
    writeln!(text, "{name} {}", metrics.accepted.load(Relaxed))?;
    let name = "hookproof_connections_closed_total";
    head(text, name, "counter", "Connections that the listener ended itself, by reason.")?;
    for (why, word) in Closed::ALL {
        let count = metrics.closed[why as usize].load(Relaxed);
        writeln!(text, "{name}{{reason=\"{word}\"}} {count}")?;
    }
    Ok(())
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn gauge(text: &mut String, name: &str, help: &str, value: usize) -> fmt::Result {
    head(text, name, "gauge", help)?;
    writeln!(text, "{name} {value}")
}

/// Buckets are cumulative in this format; the last one and the count are the same number.
#[expect(clippy::cast_precision_loss, reason = "bounds are round, and a sum may be rounded")]
fn histogram<const N: usize>(
    text: &mut String,
    name: &str,
    histogram: &Histogram<N>,
    unit: f64,
) -> fmt::Result {
    let mut count = 0;
    let load = |counter: &AtomicU64| counter.load(Relaxed);
    for (bound, counter) in histogram.bounds.iter().zip(&histogram.counts) {
        count += load(counter);
        writeln!(text, "{name}_bucket{{le=\"{}\"}} {count}", *bound as f64 / unit)?;
    }
    count += load(&histogram.above);
    writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}")?;
    writeln!(text, "{name}_sum {}", load(&histogram.sum) as f64 / unit)?;
    writeln!(text, "{name}_count {count}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hookproof_contract::NotificationType;

    use super::*;

    #[test]
    fn what_was_counted_is_written() {
        let metrics = Metrics::new();
        let payment = Kind::Known(NotificationType::Payment);
        metrics.request(payment, Verdict::Applied, Duration::from_micros(300));
        metrics.request(payment, Verdict::Repeat, Duration::from_secs(11));
        metrics.refused(Reason::Signature);
        metrics.commit(3, Duration::from_millis(2), true);
        metrics.closed(Closed::Crowded);
        metrics.outbox.store(5, Relaxed);
        let text = render(&metrics, Gauges { queue: 7, queue_max: 8, connections_max: 9 });
        for line in [
            "hookproof_notifications_total{type=\"payment\",verdict=\"applied\"} 1",
            "hookproof_notifications_total{type=\"refund\",verdict=\"applied\"} 0",
            "hookproof_refused_total{reason=\"signature\"} 1",
            "hookproof_request_duration_seconds_bucket{le=\"0.00025\"} 0",
            "hookproof_request_duration_seconds_bucket{le=\"0.0005\"} 1",
            "hookproof_request_duration_seconds_bucket{le=\"10\"} 1",
            "hookproof_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "hookproof_request_duration_seconds_sum 11.0003",
            "hookproof_request_duration_seconds_count 2",
            "hookproof_batch_events_bucket{le=\"4\"} 1",
            "hookproof_batch_events_sum 3",
            "hookproof_commits_failed_total 1",
            "hookproof_queue_events 7",
            "hookproof_outbox_entries 5",
            "hookproof_connections_closed_total{reason=\"crowded\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "`{line}` is missing:\n{text}");
        }
    }
}
