/**
 * What is recorded. Each event is written, and chained, before what it tells of takes effect.
 * No event holds a token, a key or a raw value of a protected column: results are recorded as the
 * client got them (masked). What a client writes into its own SQL is kept as it was received.
 */

export type RecordedEvent =
  | GatewayStarted
  | GatewayStopped
  | BundleApplied
  | ConnectionClosed
  | ConnectionReopened
  | LoginAccepted
  | LoginRefused
  | SessionReestablished
  | SessionClosed
  | RequestRefused
  | StatementReceived
  | StatementDecided
  | ApprovalRequested
  | ApprovalDecided
  | StatementFinished
  | StatementFailed
  | ChunkRequested
  | ChunkRelayed
  | RecordingRepaired
  | RecordingResumed

export interface GatewayStarted {
  readonly type: 'gateway.started'
  readonly version: string
  readonly connection: string
  readonly bundle: string
}

export interface GatewayStopped {
  readonly type: 'gateway.stopped'
  readonly reason: string
}

/** Another bundle governs from here on; a statement that had begun is judged by its own to its end. */
export interface BundleApplied {
  readonly type: 'bundle.applied'
  readonly digest: string
  readonly previous: string
  /** Whom it suspends: their sessions ended when it came, just before this was written. */
  readonly suspended?: {
    readonly all: boolean
    readonly principals: readonly { readonly provider: string; readonly subject: string }[]
    readonly reason: string | null
  }
}

/** Logins and statements are refused from here on. */
export interface ConnectionClosed {
  readonly type: 'connection.closed'
  readonly reason: string
}

export interface ConnectionReopened {
  readonly type: 'connection.reopened'
  readonly reason: string
}

export interface LoginAccepted {
  readonly type: 'login.accepted'
  readonly session: string
  readonly principal: RecordedPrincipal
  readonly policies: readonly string[]
  readonly role: string
  readonly warehouse: string
  readonly client: { readonly name: string; readonly version: string }
}

export interface RecordedPrincipal {
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly groups: readonly string[]
  readonly run: string | null
}

export interface LoginRefused {
  readonly type: 'login.refused'
  /** What the token says of itself. Not verified: a forged one says what it likes. */
  readonly claimed: { readonly issuer: string; readonly subject: string } | null
  readonly error: RecordedError
}

/** Another Snowflake session stands behind it from here on, in which nothing that was set is missing. */
export interface SessionReestablished {
  readonly type: 'session.reestablished'
  readonly session: string
  readonly reason: string
}

export interface SessionClosed {
  readonly type: 'session.closed'
  readonly session: string
  readonly reason: 'logout' | 'idle' | 'age' | 'shutdown' | 'revoked'
}

/** A request that never became a statement: unknown route, bad body, foreign token, … */
export interface RequestRefused {
  readonly type: 'request.refused'
  readonly session: string | null
  readonly method: string
  readonly path: string
  readonly error: RecordedError
}

export interface StatementReceived {
  readonly type: 'statement.received'
  readonly session: string
  readonly statement: string
  readonly requestId: string
  /** As received, cut at 10,000 characters: what was refused must be seen too. */
  readonly sql: string
  /** Hex SHA-256 over the canonical JSON of the whole request: text, binds, parameters. */
  readonly sqlDigest: string
  /** How many there are; their values are in the digest only. */
  readonly binds: number
  readonly describeOnly: boolean
  /** The request of several statements that it is one of. */
  readonly parent?: string
}

export interface StatementDecided {
  readonly type: 'statement.decided'
  readonly session: string
  readonly statement: string
  /** `hold`: a person must approve it first. */
  readonly verdict: 'allow' | 'deny' | 'hold'
  /** Digest of the bundle that it was judged by. Absent: the one that the gateway started with. */
  readonly bundle?: string
  readonly kind: string | null
  readonly class: string | null
  readonly objects: readonly string[]
  readonly maskedColumns: readonly string[]
  /** The MaskingRules that decided how. */
  readonly maskingRules: readonly string[]
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  /** What runs upstream; null when refused or held. */
  readonly emitted: string | null
  readonly error: RecordedError | null
  /** The approval that let it run, and who gave it; absent where none was needed. */
  readonly approval?: string
  readonly approvedBy?: readonly string[]
}

/** People are asked whether a statement may run; nothing of it is at Snowflake. */
export interface ApprovalRequested {
  readonly type: 'approval.requested'
  readonly session: string
  readonly statement: string
  /** 16 hexadecimal digits, as the client and the reviewers see it. */
  readonly request: string
  /** Hex SHA-256 over all that an approval is bound to. */
  readonly digest: string
  readonly rule: string
  /** Groups whose members may approve, and users who may; and how many must. */
  readonly approvers: readonly string[]
  readonly count: number
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}

/** What came of asking. A statement that was approved is judged once more before it runs. */
export interface ApprovalDecided {
  readonly type: 'approval.decided'
  readonly session: string
  readonly statement: string
  readonly request: string
  readonly outcome:
    'approved' | 'denied' | 'pending' | 'expired' | 'used' | 'withdrawn' | 'unavailable'
  /** Of this one answer; null where nothing was approved. */
  readonly approval: string | null
  readonly by: readonly string[]
  readonly note: string
  /** That it waited. */
  readonly milliseconds: number
}

export interface StatementFinished {
  readonly type: 'statement.finished'
  readonly session: string
  readonly statement: string
  readonly upstreamQueryId: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly totalRows: number
  /** Rows sent inline, as sent; null in Arrow, and where recording keeps metadata only. */
  readonly rows: readonly (readonly (string | null)[])[] | null
  /** Rows sent inline as an Arrow stream; absent where they are JSON. */
  readonly arrow?: RecordedStream
  /** Hex SHA-256 over the canonical JSON of the inline rows, or the stream; empty with recording None. */
  readonly rowsDigest: string
  readonly chunks: number
  readonly milliseconds: number
}

export interface RecordedStream {
  readonly bytes: number
  /** Hex SHA-256; with Full recording also the name of the stored blob. Empty with recording None. */
  readonly sha256: string
  readonly stored: boolean
}

export interface StatementFailed {
  readonly type: 'statement.failed'
  readonly session: string
  readonly statement: string
  readonly upstreamQueryId: string | null
  readonly error: RecordedError
}

export interface ChunkRequested {
  readonly type: 'chunk.requested'
  readonly session: string
  readonly statement: string
  readonly chunk: number
}

export interface ChunkRelayed {
  readonly type: 'chunk.relayed'
  readonly session: string
  readonly statement: string
  readonly chunk: number
  readonly bytes: number
  /** Hex SHA-256 of the bytes relayed; with Full recording also the name of the stored blob. */
  readonly sha256: string
  readonly stored: boolean
  readonly complete: boolean
  /** Why the gateway cut it off: a cell in it was not what a mask gives. */
  readonly error?: RecordedError
}

/** The file ended in an unfinished line, as a crash leaves it; its bytes were set aside, not lost. */
export interface RecordingRepaired {
  readonly type: 'recording.repaired'
  readonly bytes: number
  readonly sha256: string
  /** Name of the file beside the recording that holds them. */
  readonly keptIn: string
}

/** Writing works again. The rejected events are not in the file: what they told of was refused. */
export interface RecordingResumed {
  readonly type: 'recording.resumed'
  /** Time of the first event that was rejected. */
  readonly since: string
  readonly rejected: number
  readonly reason: string
}

export interface RecordedError {
  readonly name: string
  readonly code: string
  readonly sqlState: string
  readonly message: string
}

/** One line of the recording file, in this key order. */
export interface RecordedLine {
  readonly seq: number
  /** RFC 3339 with milliseconds, UTC. */
  readonly time: string
  /** Hash of the line before; 64 zeros for the first. */
  readonly prev: string
  readonly event: RecordedEvent
  /** Hex SHA-256 over the canonical JSON of `{seq, time, prev, event}`. */
  readonly hash: string
}

/** Where rooms hand their events to. Resolves when the event is on disk; rejects if it cannot be. */
export interface Recorder {
  record(event: RecordedEvent): Promise<void>
  /**
   * Opens a place for the bytes of one chunk; null where recording keeps metadata only.
   */
  blob(mode: 'Full' | 'Metadata' | 'None'): Promise<BlobWriter | null>
}

export interface BlobWriter {
  write(bytes: Uint8Array): Promise<void>
  /** Names the blob by the hex SHA-256 of what was written, and makes it durable. */
  commit(sha256: string): Promise<void>
  discard(): Promise<void>
}
