//! Micro-benchmarks of one webhook's way: verify, parse, decide, store.
//!
//! `cargo bench --package hookproof-listener --features bench`. Times move with the hour on a shared
//! machine, so only what was measured side by side compares. The database lies in `TMPDIR`: on a memory
//! file system a sync costs nothing, and what remains is SQLite's work.

use std::{fs, hint::black_box, path::Path};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hookproof_contract::{Secret, signature};
use hookproof_listener::{
    DEMO_USERS, DemoGame,
    internals::{Batch, parse, storage},
};

/// Bytes of a body: a small payment, the fullest published one, and an order of many items.
const BODY_BYTES: [usize; 3] = [216, 2048, 4096];

/// Events of one transaction.
const BATCHES: [usize; 3] = [1, 32, 512];

/// The published examples of all types, by name, as `spec/` has them.
fn examples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/notifications");
    let mut found = Vec::new();
    for kind in fs::read_dir(root).expect("spec/ is there").flatten() {
        for example in fs::read_dir(kind.path().join("examples")).expect("each has some").flatten()
        {
            let kind = kind.file_name().to_string_lossy().into_owned();
            let name = example.path().with_extension("");
            let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((format!("{kind}/{name}"), fs::read(example.path()).expect("is readable")));
        }
    }
    found.sort();
    found
}

fn game() -> DemoGame {
    DemoGame::new(DEMO_USERS.map(str::to_owned).into())
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    let secrets = [Secret::new("bench-secret").expect("it is not empty")];
    for bytes in BODY_BYTES {
        let body = vec![b'x'; bytes];
        let header = signature::authorization(&body, &secrets[0]);
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(bytes.to_string(), |bencher| {
            bencher.iter(|| {
                signature::verify(black_box(&body), Some(header.as_bytes()), &secrets)
                    .expect("it is signed");
            });
        });
    }
    group.finish();
}

fn parse_and_decide(criterion: &mut Criterion) {
    let (examples, game) = (examples(), game());
    let mut group = criterion.benchmark_group("parse");
    for (name, body) in &examples {
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(parse(black_box(body)).expect("it is published")));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("decide");
    for (name, body) in &examples {
        let parsed = parse(body).expect("it is published");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&parsed).decide(&game)));
    }
    group.finish();
}

fn store(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let game = game();
    let mut group = criterion.benchmark_group("store");
    for size in BATCHES {
        let file = folder.path().join(format!("{size}.db"));
        let mut commit = storage(&file).expect("the folder is writable");
        let mut ids = 1_i64..;
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(size.to_string(), |bencher| {
            bencher.iter_batched(
                || payments(&mut ids, size, &game),
                |batch| assert_eq!(commit(&batch).expect("there is space"), size),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn payments(ids: &mut impl Iterator<Item = i64>, size: usize, game: &DemoGame) -> Batch {
    let mut batch = Batch::default();
    for id in ids.take(size) {
        let body = format!(
            r#"{{"notification_type":"payment","user":{{"id":"player-1001"}},"transaction":{{"id":{id}}},"payment_details":{{"payment":{{"currency":"USD","amount":9.99}}}}}}"#
        );
        assert!(batch.add(body.as_bytes(), game), "a payment is an event");
    }
    batch
}

criterion_group!(hot_path, verify, parse_and_decide, store);
criterion_main!(hot_path);
