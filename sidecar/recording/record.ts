/** Recording as the other rooms do it: first the event is on disk, then what it tells of happens. */

import { FrostgateError } from '../errors.ts'
import type { RecordedError, RecordedEvent, Recorder } from './events.ts'

/** Errors: RecordingUnavailable. */
export async function recordFirst(recorder: Recorder, event: RecordedEvent): Promise<void> {
  try {
    await recorder.record(event)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'the recorder failed'
    throw FrostgateError.of('RecordingUnavailable', { reason }, { cause: error })
  }
}

export function recordedError(error: FrostgateError): RecordedError {
  return { name: error.entry, code: error.code, sqlState: error.sqlState, message: error.message }
}
