/** Bounds of what callers may make the broker do. Times in milliseconds, sizes in bytes. */

export interface Rate {
  /** Calls at once, after a pause. */
  readonly burst: number
  /** Calls a second for ever. */
  readonly perSecond: number
}

export interface BrokerLimits {
  /** Some networks show all pods of a node under one address. */
  readonly enrolPerAddress: Rate
  readonly enrolPerPod: Rate
  /** One for each login at Snowflake. */
  readonly credentialPerPod: Rate
  /** All other calls. */
  readonly callsPerPod: Rate
  readonly headerBytes: number
  /** Time for a TLS handshake, and for all headers. */
  readonly headersMs: number
  /** Time for a whole request. */
  readonly requestMs: number
  /** Open TCP connections. */
  readonly sockets: number
  readonly recordingPiece: number
  readonly recordingPerPod: number
  readonly pingMs: number
  /** What a stream may owe its reader before it is cut. */
  readonly streamBacklog: number
  /** How long it may owe anything. */
  readonly streamStallMs: number
}

const mebibyte = 1024 * 1024

export const brokerLimits: BrokerLimits = {
  enrolPerAddress: { burst: 250, perSecond: 10 },
  enrolPerPod: { burst: 10, perSecond: 0.2 },
  credentialPerPod: { burst: 60, perSecond: 10 },
  callsPerPod: { burst: 120, perSecond: 20 },
  headerBytes: 24 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  sockets: 30_000,
  recordingPiece: 4 * mebibyte,
  recordingPerPod: 1024 * mebibyte,
  pingMs: 15_000,
  streamBacklog: 64 * 1024,
  streamStallMs: 30_000,
}
