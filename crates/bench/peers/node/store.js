// What all listeners in Node share: the check of the signature, and the statements.

const { createHash, timingSafeEqual } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const Database = require('better-sqlite3')

const secret = process.env.XSOLLA_WEBHOOK_SECRET_KEY
const port = Number(process.env.PORT)

const database = new Database(process.env.DB)
database.exec(readFileSync(join(__dirname, '..', 'schema.sql'), 'utf8'))
const pay = database.prepare('INSERT OR IGNORE INTO transactions VALUES (?, ?, ?, ?)')
const order = database.prepare('INSERT OR IGNORE INTO orders VALUES (?, ?)')
const grant = database.prepare(
  'INSERT INTO inventory VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity'
)

// Is the header the signature of these bytes?
function signed (body, header) {
  const expected = 'Signature ' + createHash('sha1').update(body).update(secret).digest('hex')
  if (typeof header !== 'string' || header.length !== expected.length) return false
  return timingSafeEqual(Buffer.from(header), Buffer.from(expected))
}

// Applies one notification, within whatever transaction is open.
function apply (notification) {
  if (notification.notification_type === 'payment') {
    record(notification.user.id, notification)
  } else if (notification.notification_type === 'order_paid') {
    const user = notification.user.external_id
    if (order.run(notification.order.id, user).changes === 0) return
    if (notification.billing) record(user, notification.billing)
    for (const item of notification.items) grant.run(user, item.sku, item.quantity)
  }
}

function record (user, { transaction, payment_details: { payment } }) {
  pay.run(transaction.id, user, String(payment.amount), payment.currency)
}

// One transaction for one notification, as durable as `synchronous=FULL` makes it.
const applyAlone = database.transaction(apply)

// One transaction for many.
const applyAll = database.transaction((notifications) => notifications.forEach(apply))

const stored = (notification) =>
  notification.notification_type === 'payment' || notification.notification_type === 'order_paid'

const refusal = JSON.stringify({ error: { code: 'INVALID_SIGNATURE' } })

module.exports = { port, signed, stored, applyAlone, applyAll, refusal }
