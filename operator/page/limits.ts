/** Bounds of what browsers may make the page do. Times in milliseconds, sizes in bytes. */

import { brokerLimits, type BrokerLimits, type Rate } from '../broker/limits.ts'

export interface PageLimits {
  /** Networks show many people under one address, and proxies all of them. */
  readonly loginsPerAddress: Rate
  readonly callsPerAddress: Rate
  readonly decisionsPerPerson: Rate
  readonly body: number
  /** Of a call of Slack. */
  readonly slackBody: number
  /** Open streams of events: of all people, and of one. */
  readonly streams: number
  readonly streamsPerPerson: number
  readonly heartbeatMs: number
  /** For changes that come together. */
  readonly gatherMs: number
  /** How long one event may wait for its reader. */
  readonly stallMs: number
  /** Requests in the list. */
  readonly listed: number
  readonly listedDecided: number
  readonly decidedForMs: number
  readonly server: BrokerLimits
}

export const pageLimits: PageLimits = {
  loginsPerAddress: { burst: 60, perSecond: 1 },
  callsPerAddress: { burst: 600, perSecond: 60 },
  decisionsPerPerson: { burst: 20, perSecond: 0.5 },
  body: 16 * 1024,
  slackBody: 256 * 1024,
  streams: 500,
  streamsPerPerson: 8,
  heartbeatMs: 15_000,
  gatherMs: 200,
  stallMs: 30_000,
  listed: 200,
  listedDecided: 50,
  decidedForMs: 24 * 3_600_000,
  server: { ...brokerLimits, headerBytes: 32 * 1024, requestMs: 15_000, sockets: 4_000 },
}
