// Fastify, one transaction for each request.

const fastify = require('fastify')()
const { port, signed, stored, applyAlone, refusal } = require('./store')

fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
fastify.post('/webhook', (request, reply) => {
  if (!signed(request.body, request.headers.authorization)) {
    return reply.code(400).type('application/json').send(refusal)
  }
  const notification = JSON.parse(request.body)
  if (stored(notification)) applyAlone(notification)
  reply.code(204).send()
})
fastify.listen({ port, host: '127.0.0.1' })
