//! Copying, checking and counting a database, beside the listener that writes it.

use std::{fs, path::Path};

use hookproof_contract::{Mode, NotificationType};
use hookproof_listener::upkeep::{UpkeepError, backup, check, stats};
use rusqlite::Connection as Database;

use crate::sqlite::Listener;
use crate::support::{order_canceled, order_paid, payment, refund, subscription};

/// A listener that has seen something of everything that the rules speak of.
async fn with_a_past() -> Listener {
    let listener = Listener::start().await;
    listener.accepts(&payment(1)).await;
    listener.accepts(&payment(2)).await;
    listener.accepts(&refund(2)).await;
    for order in 10..14 {
        let items = [("sword_01", 1), ("gold", 500), ("gold", 7)];
        listener.accepts(&order_paid(Mode::Separate, order, order, &items)).await;
    }
    listener.accepts(&order_canceled(Mode::Separate, 10, 10)).await;
    // A cancellation that came first.
    listener.accepts(&order_canceled(Mode::Combined, 20, 20)).await;
    listener.accepts(&order_paid(Mode::Combined, 20, 20, &[("sword_01", 1)])).await;
    for kind in [NotificationType::CreateSubscription, NotificationType::CancelSubscription] {
        listener.accepts(&subscription(kind, 55, "monthly", 3)).await;
    }
    listener
}

#[tokio::test]
async fn a_sound_database_has_no_problems_and_each_rule_finds_its_own() {
    let listener = with_a_past().await;
    let db = listener.config.db.file().unwrap();
    assert_eq!(check(db).unwrap(), [""; 0]);
    let folder = tempfile::tempdir().unwrap();
    let tampered = |name: &str, statement: &str, expected: &str| {
        let copy = folder.path().join(name);
        backup(db, &copy).unwrap();
        let changed = Database::open(&copy).unwrap();
        assert!(changed.execute(statement, []).unwrap() > 0, "{statement}");
        drop(changed);
        let found = check(&copy).unwrap().join("\n");
        assert!(found.contains(expected), "{statement}: {found}");
    };
    let more = "UPDATE inventory SET quantity = quantity + 1 WHERE sku = 'gold'";
    tampered(
        "more",
        more,
        "an inventory holds something else than its paid orders granted: article gold",
    );
    tampered("gone", "DELETE FROM inventory WHERE sku = 'gold'", "article gold");
    let twice = "INSERT INTO grants VALUES (11, 9, 'gold', 500)";
    tampered("twice", twice, "article gold");
    tampered(
        "orphan",
        "UPDATE grants SET order_id = 99 WHERE order_id = 12",
        "not there: order 99",
    );
    let unsaid = "UPDATE orders SET told = 0 WHERE id = 11";
    tampered("unsaid", unsaid, "without a notification that says so: order 11");
    let undone = "UPDATE orders SET state = 'paid' WHERE id = 10";
    tampered("undone", undone, "recorded without its effect: order 10");
    let unpaid = "UPDATE transactions SET state = 'paid' WHERE id = 2";
    tampered("unpaid", unpaid, "recorded without its effect: transaction 2");
    let alive = "UPDATE subscriptions SET state = 'active'";
    tampered("alive", alive, "recorded without its effect: subscription 55");
}

#[tokio::test]
async fn a_damaged_file_is_found() {
    let listener = with_a_past().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    backup(listener.config.db.file().unwrap(), &copy).unwrap();
    // The index of a page's cells, on every page but the first.
    let mut bytes = fs::read(&copy).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[8..16].fill(0xff);
    }
    fs::write(&copy, bytes).unwrap();
    let found = check(&copy);
    assert!(!matches!(&found, Ok(problems) if problems.is_empty()), "{found:?}");
}

/// Copies are made while the listener writes: each is whole, holds all that was acknowledged before it
/// began, and can be served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_running_listener_is_of_one_moment() {
    let listener = with_a_past().await;
    let folder = tempfile::tempdir().unwrap();
    let (mut order, mut copies) = (100, Vec::new());
    for name in ["a.db", "b.db", "c.db"] {
        let (db, to) = (listener.config.db.file().unwrap().to_owned(), folder.path().join(name));
        let acknowledged = order;
        let copying = tokio::task::spawn_blocking({
            let to = to.clone();
            move || backup(&db, &to)
        });
        while !copying.is_finished() || order == acknowledged {
            let paid = order_paid(Mode::Separate, order, order, &[("gold", 1), ("gem", 2)]);
            listener.accepts(&paid).await;
            order += 1;
        }
        let bytes = copying.await.unwrap().unwrap();
        assert_eq!(fs::metadata(&to).unwrap().len(), bytes);
        assert_eq!(check(&to).unwrap(), [""; 0]);
        let copied = stats(&to).unwrap().events["order_paid"];
        let before = 5 + u64::try_from(acknowledged - 100).unwrap();
        let after = 5 + u64::try_from(order - 100).unwrap();
        assert!((before..=after).contains(&copied), "{before} <= {copied} <= {after}");
        copies.push(to);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "each copy is one file");
    let last = copies.pop().unwrap();
    let restored = Listener::start_with(|config| config.db = last.into()).await;
    assert_eq!(restored.transaction(2).await["state"], "refunded");
    restored.accepts(&order_paid(Mode::Separate, 100, 100, &[("gold", 1)])).await;
}

#[tokio::test]
async fn what_is_there_is_never_overwritten() {
    let listener = with_a_past().await;
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken.db");
    fs::write(&taken, "precious").unwrap();
    let refused = backup(listener.config.db.file().unwrap(), &taken).unwrap_err();
    assert!(matches!(refused, UpkeepError::Exists(path) if path == taken));
    assert_eq!(fs::read_to_string(&taken).unwrap(), "precious");
    let nowhere = folder.path().join("none/copy.db");
    assert!(matches!(
        backup(listener.config.db.file().unwrap(), &nowhere),
        Err(UpkeepError::Target { .. })
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(matches!(check(&at("missing.db")), Err(UpkeepError::Missing)));
    fs::write(at("text.db"), "no database, and longer than a header of one would have to be")
        .unwrap();
    fs::write(at("empty.db"), "").unwrap();
    let foreign = Database::open(at("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE other (id INTEGER)").unwrap();
    drop(foreign);
    let refused = |path: &Path| matches!(stats(path), Err(UpkeepError::Database(_)));
    for name in ["text.db", "empty.db", "foreign.db"] {
        let before = fs::read(at(name)).unwrap();
        assert!(refused(&at(name)), "{name}");
        assert_eq!(fs::read(at(name)).unwrap(), before, "{name}");
    }
}

#[tokio::test]
async fn everything_is_counted() {
    let listener = with_a_past().await;
    let counted = stats(listener.config.db.file().unwrap()).unwrap();
    assert_eq!(counted.events["order_paid"], 5);
    assert_eq!(counted.events["payment"], 2);
    assert_eq!(counted.tables["orders"], 5);
    let in_their_rows =
        ["payment", "refund", "ps_declined", "afs_reject", "order_paid", "order_canceled"];
    let others = counted.events.iter().filter(|(kind, _)| !in_their_rows.contains(&&***kind));
    assert_eq!(counted.tables["seen"], others.map(|(_, count)| count).sum::<u64>());
    assert!(counted.log_bytes > 0, "the listener is running");
    assert!(counted.changed_unix_s.is_some());
}
