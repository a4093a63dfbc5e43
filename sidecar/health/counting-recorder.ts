/**
 * Counts what is recorded. Everything that the gateway decides is recorded before it takes effect,
 * so the recording is where the numbers are.
 */

import type { Recorder } from '../recording/events.ts'
import type { Metrics } from './metrics.ts'

/** Does as `recorder` does, and tells `metrics` of each event that is on disk. */
export function countingRecorder(recorder: Recorder, metrics: Metrics): Recorder {
  return {
    record: async (event) => {
      try {
        await recorder.record(event)
      } catch (error) {
        metrics.recordingFailed()
        throw error
      }
      metrics.count(event)
    },
    blob: (mode) => recorder.blob(mode),
  }
}
