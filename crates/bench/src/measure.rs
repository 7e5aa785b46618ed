//! One sample: start, warm up, measure, kill, audit.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::{
    audit::audit,
    generator::{Generator, Pace},
    growth::Seeds,
    plan::{Before, Cell, Plan},
    pool::{Ids, Load, Pool},
    process::Process,
    shim::{Counter, Shim},
    targets::{Target, Targets},
};

/// Where the databases lie: in memory, so that the disk model alone decides what a sync costs.
pub(crate) const MEMORY: &str = "/dev/shm";

/// Requests in a second that nobody here reaches, by which the pools are measured out.
const RATE_MAX: usize = 150_000;

/// The same for requests of about 2,000 bytes.
const FULL_RATE_MAX: usize = 70_000;

/// What one sample measured.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Sample {
    pub(crate) requests_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) p999_us: f64,
    pub(crate) syncs_per_request: f64,
    pub(crate) cpu_us_per_request: f64,
    pub(crate) peak_mib: f64,
    pub(crate) ready_ms: f64,
}

/// All that samples share.
pub(crate) struct Bench {
    pub(crate) targets: Targets,
    pub(crate) shims: BTreeMap<u32, Shim>,
    pub(crate) seeds: Seeds,
    pub(crate) pools: BTreeMap<(Load, Before), Arc<Pool>>,
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
}

impl Bench {
    /// Prepares what a plan needs: the disk models, the requests, the databases that are full already.
    pub(crate) fn new(plan: &Plan, targets: Targets, cache: &Path) -> anyhow::Result<Self> {
        let mut shims = BTreeMap::new();
        let mut pools = BTreeMap::new();
        let mut seeds = Seeds::new()?;
        let time = plan.warm_up + plan.time;
        for cell in &plan.cells {
            if let Entry::Vacant(missing) = shims.entry(cell.sync_micros) {
                missing.insert(Shim::compile(cache, cell.sync_micros)?);
            }
            pools.entry((cell.load, cell.before)).or_insert_with(|| {
                let rate = if cell.load == Load::FullPayments { FULL_RATE_MAX } else { RATE_MAX };
                let size = usize::try_from(time.as_millis()).unwrap_or_default() * rate / 1000;
                Arc::new(Pool::new(cell.load, size, cell.before.next_ids()))
            });
            if let Some(target) = targets.present.iter().find(|target| target.name == cell.target) {
                seeds.prepare(cell.before, target)?;
            }
        }
        Ok(Self { targets, shims, seeds, pools, warm_up: plan.warm_up, time: plan.time })
    }

    fn shim(&self, cell: &Cell) -> anyhow::Result<&Shim> {
        self.shims.get(&cell.sync_micros).context("the shims were compiled for the plan")
    }

    /// One sample of a target that listens.
    pub(crate) fn sample(&self, cell: &Cell, target: &Target) -> anyhow::Result<Sample> {
        let shim = self.shim(cell)?;
        let pool = self.pools.get(&(cell.load, cell.before)).context("the pools are prepared")?;
        let folder = tempfile::Builder::new().prefix("hookproof-bench-").tempdir_in(MEMORY)?;
        let db = folder.path().join("db");
        self.seeds.copy(cell.before, &db)?;
        let process = Process::start(target, shim, folder.path(), &db)?;
        let mut generator = Generator::new(process.port, cell.connections, Arc::clone(pool))?;
        let sample = self
            .load(cell, target, &process, &mut generator)
            .with_context(|| format!("{}: its log ends with: {}", target.name, process.log()))?;
        process.kill()?;
        if target.durable {
            audit(&db, &pool.stored(generator.used()), cell.before.rows())
                .with_context(|| target.name)?;
        }
        Ok(sample)
    }

    fn load(
        &self,
        cell: &Cell,
        target: &Target,
        process: &Process,
        generator: &mut Generator,
    ) -> anyhow::Result<Sample> {
        // What repeats repeat is not part of the measurement.
        generator.send_round()?;
        generator.run_for(Pace::Closed, self.warm_up)?;
        let (syncs, cpu) = (process.syncs()?, process.cpu_micros()?);
        let stretch = generator.run_for(cell.pace, self.time)?;
        let syncs = process.syncs()? - syncs;
        let cpu = process.cpu_micros()? - cpu;
        if stretch.answered == 0 {
            bail!("nothing was answered");
        }
        if target.durable && cell.load.changes() && syncs == 0 {
            bail!("it acknowledged new events without a single sync");
        }
        let requests = float(stretch.answered);
        let micros = |quantile| number(stretch.latencies.value_at_quantile(quantile)) / 1000.0;
        Ok(Sample {
            requests_per_s: requests / stretch.time.as_secs_f64(),
            p50_us: micros(0.5),
            p99_us: micros(0.99),
            p999_us: micros(0.999),
            syncs_per_request: number(syncs) / requests,
            cpu_us_per_request: number(cpu) / requests,
            peak_mib: number(process.peak_kib()?) / 1024.0,
            ready_ms: process.ready.as_secs_f64() * 1000.0,
        })
    }

    /// One sample of the storage without a listener.
    pub(crate) fn storage(&self, cell: &Cell, batch: usize) -> anyhow::Result<Sample> {
        let mut command = Command::new(&self.targets.storage);
        command.env("BATCH", batch.to_string()).env("MILLIS", self.time.as_millis().to_string());
        let (events, nanoseconds, syncs) = self.alone(cell, command, |db, events| {
            let rows = i64::try_from(events)?;
            let stored = Pool::ids(&Ids::From(1), usize::try_from(rows)?);
            audit(db, &stored, 0)
        })?;
        Ok(Sample {
            requests_per_s: number(events) / (number(nanoseconds) / 1e9),
            syncs_per_request: number(syncs) / number(events),
            ..Sample::default()
        })
    }

    /// One sample of the disk model itself.
    pub(crate) fn syncs(&self, cell: &Cell) -> anyhow::Result<Sample> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(format!("--sync-for={}", self.time.as_millis()));
        let (_, nanoseconds, syncs) = self.alone(cell, command, |_, _| Ok(()))?;
        let rate = number(syncs) / (number(nanoseconds) / 1e9);
        Ok(Sample { requests_per_s: rate, syncs_per_request: 1.0, ..Sample::default() })
    }

    /// Runs a program that does not listen, and reads the two numbers that it prints, and its syncs.
    fn alone(
        &self,
        cell: &Cell,
        mut command: Command,
        check: impl Fn(&PathBuf, u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<(u64, u64, u64)> {
        let folder = tempfile::Builder::new().prefix("hookproof-bench-").tempdir_in(MEMORY)?;
        let db = folder.path().join("db");
        let counter = Counter::new(folder.path())?;
        command
            .env("DB", &db)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log"))?);
        self.shim(cell)?.put_under(&mut command, &counter);
        let output = command.output()?;
        if !output.status.success() {
            bail!("{} failed ({})", cell.target, output.status);
        }
        let text = String::from_utf8(output.stdout)?;
        let (first, second) = text.trim().split_once(' ').context("it prints two numbers")?;
        let (events, nanoseconds) = (first.parse()?, second.parse()?);
        check(&db, events).with_context(|| cell.target)?;
        let syncs = counter.read()?;
        if syncs == 0 {
            bail!("{} committed without a single sync", cell.target);
        }
        Ok((events, nanoseconds, syncs))
    }
}

/// Counts are far below 2^52, where the conversion is exact.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}

fn float(count: usize) -> f64 {
    number(count as u64)
}
