/** Records events as fast as it can, and prints a line for each one that it was told is on disk. */

import { openFileRecorder } from '../../../sidecar/recording/file-recorder.ts'
import { received } from './sample.ts'

const recorder = await openFileRecorder({ path: process.argv[2] ?? '' })
for (let i = 0; ; i += 1) {
  await recorder.record(received(`q${i}`))
  process.stdout.write('recorded\n')
}
