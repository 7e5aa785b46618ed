//! Requests that are prepared and signed before the clock starts.

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

/// The secret that all targets are started with; it protects nothing.
pub(crate) const SECRET: &str = "bench-secret";

/// The player who buys; all targets know the ids that the listener's demonstration knows.
pub(crate) const USER: &str = "player-1001";

/// The one article, and how many of it an order holds.
const SKU: &str = "gold";
const QUANTITY: i64 = 3;

/// The published payment with every member.
const FULL: &str = include_str!("../../../spec/notifications/payment/examples/full.json");

/// The number of the transaction in it.
const FULL_ID: &str = "2105000001";

/// Different requests among the repeats.
const REPEATED: usize = 1000;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Load {
    /// Payments, each new, of about 200 bytes.
    Payments,
    /// Payments, each new, with every member: about 1,900 bytes.
    FullPayments,
    /// Combined orders, each new: three tables and an inventory.
    Orders,
    /// The same thousand payments again and again; the first time is before the clock starts.
    Repeats,
    /// Of ten: six payments, two orders, one repeat, and in turn a question or a wrong signature.
    Mixed,
    /// Signatures that do not match.
    WrongSignatures,
    /// Questions, which change nothing.
    Questions,
}

impl Load {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::FullPayments => "full payments",
            Self::Orders => "orders",
            Self::Repeats => "repeats",
            Self::Mixed => "mixed",
            Self::WrongSignatures => "wrong signatures",
            Self::Questions => "questions",
        }
    }

    /// Must a durable target have synced for it?
    pub(crate) fn changes(self) -> bool {
        matches!(self, Self::Payments | Self::FullPayments | Self::Orders | Self::Mixed)
    }
}

/// The only answer that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// 204.
    Done,
    /// 400 with `INVALID_SIGNATURE`.
    WrongSignature,
}

/// Which ids a pool uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    /// One after the other, from here.
    From(i64),
    /// Without order, each once: the images of the numbers from here.
    Scattered(i64),
}

impl Ids {
    pub(crate) fn at(self, index: usize) -> i64 {
        let offset = i64::try_from(index).expect("no pool is that large");
        match self {
            Self::From(first) => first + offset,
            Self::Scattered(first) => scatter(first + offset),
        }
    }
}

/// A permutation of the numbers of 52 bits: odd factors and shifts lose nothing.
fn scatter(number: i64) -> i64 {
    const MASK: u64 = (1 << 52) - 1;
    let mut mixed = number.unsigned_abs() & MASK;
    for factor in [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9_u64] {
        mixed = mixed.wrapping_mul(factor) & MASK;
        mixed ^= mixed >> 26;
    }
    i64::try_from(mixed).expect("it has 52 bits")
}

/// What a request leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Nothing,
    Payment(i64),
    Order { id: i64, transaction: i64 },
}

/// What must be stored, by table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Ids, in order.
    pub(crate) transactions: Vec<i64>,
    /// Ids, in order.
    pub(crate) orders: Vec<i64>,
    /// By article.
    pub(crate) inventory: BTreeMap<String, i64>,
}

/// Prepared requests.
pub(crate) struct Pool {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    expected: Vec<Expected>,
    effects: Vec<Effect>,
    /// Repeats go round; all else ends with the pool.
    wraps: bool,
}

impl Pool {
    /// Prepares `size` requests; those that go round need no more than one round.
    pub(crate) fn new(load: Load, size: usize, ids: Ids) -> Self {
        let wraps = !load.changes();
        let size = if wraps { REPEATED } else { size };
        let mut pool = Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(size),
            expected: Vec::with_capacity(size),
            effects: Vec::with_capacity(size),
            wraps,
        };
        for index in 0..size {
            match load {
                Load::Payments | Load::Repeats => pool.payment(ids.at(index)),
                Load::FullPayments => {
                    let id = ids.at(index);
                    pool.push(&FULL.replace(FULL_ID, &id.to_string()), true, Effect::Payment(id));
                }
                Load::Orders => pool.order(ids.at(index)),
                Load::Mixed => pool.mixed(index, ids),
                Load::WrongSignatures => pool.push(&payment(ids.at(index)), false, Effect::Nothing),
                Load::Questions => pool.question(),
            }
        }
        pool
    }

    fn mixed(&mut self, index: usize, ids: Ids) {
        match index % 10 {
            // Of an order, the transaction's id is one that no payment here has.
            3 | 7 => self.order(ids.at(index)),
            5 => self.payment(ids.at(index - 5)),
            9 if index % 20 == 9 => self.question(),
            9 => self.push(&payment(ids.at(index)), false, Effect::Nothing),
            _ => self.payment(ids.at(index)),
        }
    }

    fn payment(&mut self, id: i64) {
        self.push(&payment(id), true, Effect::Payment(id));
    }

    fn order(&mut self, id: i64) {
        let body = format!(
            r#"{{"notification_type":"order_paid","items":[{{"sku":"{SKU}","type":"virtual_currency","quantity":{QUANTITY},"amount":"9.99"}}],"order":{{"id":{id},"mode":"default","currency_type":"real","currency":"USD","amount":"9.99","status":"paid","platform":"xsolla","invoice_id":"{id}"}},"user":{{"external_id":"{USER}","country":"US"}},"billing":{{"notification_type":"payment","transaction":{{"id":{id}}},"payment_details":{{"payment":{{"currency":"USD","amount":9.99}}}}}}}}"#
        );
        self.push(&body, true, Effect::Order { id, transaction: id });
    }

    fn question(&mut self) {
        let body = format!(
            r#"{{"notification_type":"user_validation","user":{{"id":"{USER}","country":"US"}}}}"#
        );
        self.push(&body, true, Effect::Nothing);
    }

    fn push(&mut self, body: &str, right: bool, effect: Effect) {
        self.bytes.extend_from_slice(&request(body, right));
        self.ends.push(self.bytes.len());
        self.expected.push(if right { Expected::Done } else { Expected::WrongSignature });
        self.effects.push(effect);
    }

    /// The request of this number; `None` when there are no more.
    pub(crate) fn get(&self, index: usize) -> Option<(&[u8], Expected)> {
        let index = if self.wraps { index % self.ends.len() } else { index };
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some((&self.bytes[start..end], self.expected[index]))
    }

    /// Requests until it ends, or goes round.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn wraps(&self) -> bool {
        self.wraps
    }

    /// What must be stored of so many payments.
    pub(crate) fn ids(ids: &Ids, count: usize) -> Stored {
        let transactions = (0..count).map(|index| ids.at(index)).collect();
        Stored { transactions, ..Stored::default() }
    }

    /// What must be stored when the first `sent` requests were acknowledged, and nothing else.
    pub(crate) fn stored(&self, sent: usize) -> Stored {
        let mut stored = Stored::default();
        for effect in self.effects.iter().take(sent) {
            match *effect {
                Effect::Nothing => {}
                Effect::Payment(id) => stored.transactions.push(id),
                Effect::Order { id, transaction } => {
                    stored.orders.push(id);
                    stored.transactions.push(transaction);
                }
            }
        }
        for ids in [&mut stored.transactions, &mut stored.orders] {
            ids.sort_unstable();
            ids.dedup();
        }
        let granted = i64::try_from(stored.orders.len()).expect("no pool is that large") * QUANTITY;
        if granted > 0 {
            stored.inventory.insert(SKU.to_owned(), granted);
        }
        stored
    }
}

pub(crate) fn payment(id: i64) -> String {
    format!(
        r#"{{"notification_type":"payment","user":{{"id":"{USER}","country":"US"}},"transaction":{{"id":{id},"payment_date":"2026-03-14T09:26:53+03:00"}},"payment_details":{{"payment":{{"currency":"USD","amount":9.99}}}}}}"#
    )
}

/// The bytes of one signed request; a wrong signature is one that fits another body.
pub(crate) fn request(body: &str, right: bool) -> Vec<u8> {
    let over = if right { body } else { "{}" };
    let signature = signature(over.as_bytes());
    let length = body.len();
    format!(
        "POST /webhook HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\
         authorization: Signature {signature}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What proves that a body comes from Xsolla.
pub(crate) fn signature(body: &[u8]) -> String {
    hex::encode(Sha1::new().chain_update(body).chain_update(SECRET).finalize())
}

/// A question that every target answers when it is ready.
pub(crate) fn question() -> Vec<u8> {
    request(&format!(r#"{{"notification_type":"user_validation","user":{{"id":"{USER}"}}}}"#), true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_known_body_has_its_published_signature() {
        // SHA-1 of `{}bench-secret`, by another program.
        let request = String::from_utf8(request("{}", true)).unwrap();
        assert!(
            request.contains("authorization: Signature eb5f3cb4902be37e33d6e021f50ac4f9b61f89b2"),
            "{request}"
        );
        assert!(request.contains("content-length: 2\r\n") && request.ends_with("\r\n\r\n{}"));
    }

    #[test]
    fn scattered_ids_are_unique_and_in_no_order() {
        let ids: Vec<i64> = (0..10_000).map(|index| Ids::Scattered(7).at(index)).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let ascents = ids.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((4000..6000).contains(&ascents), "{ascents}");
    }

    #[test]
    fn a_pool_ends_or_goes_round() {
        let pool = Pool::new(Load::Payments, 5, Ids::From(1));
        assert!(pool.get(4).is_some() && pool.get(5).is_none());
        let pool = Pool::new(Load::Repeats, 5, Ids::From(1));
        assert_eq!(pool.get(0).unwrap().0, pool.get(REPEATED).unwrap().0);
    }

    #[test]
    fn what_must_be_stored_counts_repeats_once() {
        let pool = Pool::new(Load::Mixed, 20, Ids::From(100));
        let stored = pool.stored(20);
        assert_eq!(stored.orders, [103, 107, 113, 117]);
        assert_eq!(stored.transactions.len(), 12 + 4);
        assert_eq!(stored.inventory, BTreeMap::from([("gold".to_owned(), 12)]));
        let wrong = (0..20).filter(|index| pool.get(*index).unwrap().1 == Expected::WrongSignature);
        assert_eq!(wrong.count(), 1);
        assert_eq!(pool.stored(1), Stored { transactions: vec![100], ..Stored::default() });
    }
}
