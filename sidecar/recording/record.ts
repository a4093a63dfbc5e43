/** Recording as the other rooms do it: first, or after what could not wait. */

import { FrostgateError } from '../errors.ts'
import { RecordingError, type RecordingErrorKind } from './recording-error.ts'
import type { BlobWriter, RecordedError, RecordedEvent, Recorder } from './events.ts'

/** For the client: the recorder's own messages name files of the gateway, which are for its log. */
const reasons: Readonly<Record<RecordingErrorKind, string>> = {
  Locked: 'another gateway writes to the recording',
  TailDamaged: 'the end of the recording is damaged',
  FileChanged: 'the recording was changed by something else',
  WriteFailed: 'the recording could not be written',
  QueueFull: 'the recording cannot keep up',
  EventTooLarge: 'the statement or its result is too large to record',
  BlobRefused: 'a result chunk could not be stored',
  Closed: 'the recording is closed',
}

/** First the event is on disk, then what it tells of happens. Errors: RecordingUnavailable. */
export async function recordFirst(recorder: Recorder, event: RecordedEvent): Promise<void> {
  await recorder.record(event).catch((error: unknown) => {
    throw unavailable(error)
  })
}

/**
 * Keeps bytes that an event will name by their hex SHA-256; false where recording keeps none.
 * Errors: RecordingUnavailable.
 */
export async function storeFirst(
  recorder: Recorder,
  mode: Parameters<Recorder['blob']>[0],
  { bytes, sha256 }: { readonly bytes: Buffer; readonly sha256: string },
): Promise<boolean> {
  let blob: BlobWriter | null = null
  try {
    blob = await recorder.blob(mode)
    await blob?.write(bytes)
    await blob?.commit(sha256)
    return blob !== null
  } catch (error) {
    // A disk that is full must not keep what was not stored.
    await blob?.discard().catch(() => undefined)
    throw unavailable(error)
  }
}

function unavailable(error: unknown): FrostgateError {
  const reason = error instanceof RecordingError ? reasons[error.kind] : 'the recorder failed'
  return FrostgateError.of('RecordingUnavailable', { reason }, { cause: error })
}

/**
 * For what has happened already: nothing can be held back any more, so a recorder that fails is
 * told of, and the work goes on. Never rejects.
 */
export async function recordAfter(
  recorder: Recorder,
  event: RecordedEvent,
  onFailure: (error: unknown) => void,
): Promise<void> {
  await recorder.record(event).catch(onFailure)
}

export function recordedError(error: FrostgateError): RecordedError {
  return { name: error.entry, code: error.code, sqlState: error.sqlState, message: error.message }
}
