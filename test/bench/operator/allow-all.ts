/** What the webhooks are compared with: node:https that reads each review and allows it. */

import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { makeAuthority, makeLeaf } from '../../../operator/certs/certificate.ts'
import { webhookHost } from './operator.ts'

const validity = { from: Date.now() - 60_000, until: Date.now() + 24 * 3_600_000 }
const authority = await makeAuthority('bench', validity)
const leaf = await makeLeaf(authority, [webhookHost], validity)
const key = leaf.key.export({ type: 'pkcs8', format: 'pem' })
const server = createServer({ key, cert: leaf.certificate }, (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (piece: string) => (body += piece))
  request.on('end', () => {
    const review = JSON.parse(body) as { readonly request: { readonly uid: string } }
    const { uid } = review.request
    response.end(
      JSON.stringify({ ...review, request: undefined, response: { uid, allowed: true } }),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ port, ca: authority.certificate }))
})
