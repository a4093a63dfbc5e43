/** DNS and TLS as this machine has them. */

import { lookup } from 'node:dns/promises'

import { Agent, request } from 'undici'

import { isInCluster } from '../../operator/kube/in-cluster.ts'
import type { Network } from './finding.ts'

const timeoutMs = 10_000

export const systemNetwork: Network = {
  inCluster: isInCluster(),
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  reach: async (url, ca) => {
    const dispatcher = new Agent({
      connect: { timeout: timeoutMs, ...(ca === null ? {} : { ca }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    try {
      const answer = await request(url, { method: 'HEAD', dispatcher })
      await answer.body.dump()
      const { date } = answer.headers
      const time = Date.parse(typeof date === 'string' ? date : '')
      return Number.isNaN(time) ? undefined : time
    } finally {
      await dispatcher.destroy()
    }
  },
}
