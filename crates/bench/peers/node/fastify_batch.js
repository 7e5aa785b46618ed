// Fastify with a group commit made by hand: the best that we could build in Node.
//
// What one turn of the event loop has read is committed together, and answered after that. While the commit
// runs, the next requests wait in the kernel; so batches grow under load, and nobody waits for company.

const fastify = require('fastify')()
const { port, signed, stored, applyAll, refusal } = require('./store')

let waiting = []

function commit () {
  const batch = waiting
  waiting = []
  try {
    applyAll(batch.map(([notification]) => notification))
    for (const [, reply] of batch) reply.code(204).send()
  } catch {
    for (const [, reply] of batch) reply.code(500).send()
  }
}

fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
fastify.post('/webhook', (request, reply) => {
  if (!signed(request.body, request.headers.authorization)) {
    return reply.code(400).type('application/json').send(refusal)
  }
  const notification = JSON.parse(request.body)
  if (!stored(notification)) return reply.code(204).send()
  if (waiting.push([notification, reply]) === 1) setImmediate(commit)
})
fastify.listen({ port, host: '127.0.0.1' })
