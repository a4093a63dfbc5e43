/** What both kinds of sidecar have: a recording that is counted, health, and an end in order. */

import type { Logger } from 'pino'
import { Registry } from 'prom-client'

import { countingRecorder } from '../health/counting-recorder.ts'
import { sidecarMetrics, type Metrics, type MetricSources } from '../health/metrics.ts'
import type { HealthFacts } from '../health/report.ts'
import { startHealth, type RunningHealth } from '../health/server.ts'
import type { Recorder } from '../recording/events.ts'
import { openFileRecorder, type FileRecorder } from '../recording/file-recorder.ts'

export interface Sidecar {
  /** Where clients connect; undefined before the first bundle. */
  readonly url: string | undefined
  readonly healthPort: number | undefined
  /** Not ready from the call on; resolves when sessions have ended and the recording is on disk. */
  drain(reason: string): Promise<void>
}

export interface Observed {
  readonly recorder: Recorder
  readonly file: FileRecorder
  readonly metrics: Metrics
  readonly health: RunningHealth | undefined
}

/** Health first, so that a probe is answered whatever else is still to come. */
export async function observe(options: {
  readonly recording: string
  readonly recordingLimit: number | undefined
  readonly healthPort: number | undefined
  readonly log: Logger
  readonly facts: () => HealthFacts
  readonly control?: MetricSources['control']
}): Promise<Observed> {
  const { facts, log } = options
  const file = await openFileRecorder({
    path: options.recording,
    ...(options.recordingLimit === undefined ? {} : { maxBytes: options.recordingLimit }),
    onError: (error) => {
      log.error({ err: error }, 'recording failed')
    },
  })
  const registry = new Registry()
  const metrics = sidecarMetrics(registry, {
    state: () => facts().state,
    recordingQueue: () => file.queuedBytes,
    now: () => performance.now(),
    ...(options.control === undefined ? {} : { control: options.control }),
  })
  try {
    const health =
      options.healthPort === undefined
        ? undefined
        : await startHealth({ port: options.healthPort, facts, metrics: registry })
    if (health) log.info({ port: health.port }, 'probes and metrics are answered')
    return { file, metrics, health, recorder: countingRecorder(file, metrics) }
  } catch (error) {
    await file.close()
    throw error
  }
}
