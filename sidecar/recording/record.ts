/** Recording as the other rooms do it: first, or after what could not wait. */

import { FrostgateError } from '../errors.ts'
import { RecordingError, type RecordingErrorKind } from './recording-error.ts'
import type { RecordedError, RecordedEvent, Recorder } from './events.ts'

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
  try {
    await recorder.record(event)
  } catch (error) {
    const reason = error instanceof RecordingError ? reasons[error.kind] : 'the recorder failed'
    throw FrostgateError.of('RecordingUnavailable', { reason }, { cause: error })
  }
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
