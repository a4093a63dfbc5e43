/**
 * Why the recording cannot be opened or written. This is for whoever runs the gateway; the client
 * is shown `RecordingUnavailable` of the error catalogue, with `message` as its reason.
 */

export type RecordingErrorKind =
  | 'Locked'
  | 'TailDamaged'
  | 'FileChanged'
  | 'WriteFailed'
  | 'QueueFull'
  | 'EventTooLarge'
  | 'BlobRefused'
  | 'Closed'

export class RecordingError extends Error {
  readonly kind: RecordingErrorKind

  constructor(kind: RecordingErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RecordingError'
    this.kind = kind
  }
}

/** The `code` of a system error (`ENOENT`, `ENOSPC`), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** What was thrown, as one line. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
