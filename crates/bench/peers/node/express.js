// Express, one transaction for each request.

const express = require('express')
const { port, signed, stored, applyAlone, refusal } = require('./store')

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.post('/webhook', express.raw({ type: () => true }), (request, reply) => {
  if (!signed(request.body, request.headers.authorization)) {
    return reply.status(400).type('application/json').send(refusal)
  }
  const notification = JSON.parse(request.body)
  if (stored(notification)) applyAlone(notification)
  reply.status(204).end()
})
app.listen(port, '127.0.0.1')
