/** What `verifyRecording` finds. */

import type { ChainHead } from './chain.ts'

export type FaultKind =
  | 'Empty'
  | 'Torn'
  | 'TooLong'
  | 'NotUtf8'
  | 'NotJson'
  | 'NotCanonical'
  | 'Hash'
  | 'Sequence'
  | 'Link'
  | 'BlobMissing'
  | 'BlobAltered'
  | 'HeadMissing'

export interface RecordingFault {
  readonly kind: FaultKind
  /** From 1. */
  readonly line: number
  /** Byte offset in the file. */
  readonly offset: number
  /** What differs, in one sentence. */
  readonly message: string
}

export interface RecordingWarning {
  readonly kind: 'TimeWentBack' | 'UnknownEvent' | 'UnreferencedBlob'
  /** First line it was seen on; null where it is not about a line. */
  readonly line: number | null
  readonly count: number
  readonly message: string
}

export interface VerifyReport {
  readonly path: string
  readonly ok: boolean
  /** Lines, and bytes of them, that were read and are good: all, or those before the fault. */
  readonly lines: number
  readonly bytes: number
  readonly blobs: number
  /** Last good line. Noted elsewhere, it shows later that the end was not cut off. */
  readonly head: ChainHead | null
  readonly fault: RecordingFault | null
  readonly warnings: readonly RecordingWarning[]
  /**
   * `stopped`: the last line says that the gateway stopped. `open`: it does not, so the gateway still
   * runs, died, or the end was cut off, which a chain by itself cannot tell apart.
   */
  readonly ending: 'stopped' | 'open'
}
