/** What must hold for every statement of every corpus at hand. */

import { describe, expect, test } from 'vitest'

import { corporaRemedy, readCorpora } from './corpora.ts'
import { reportOn } from './report.ts'
import { totalOf } from './tally.ts'

const folder = process.env['FROSTGATE_CORPORA']
if (folder === undefined) console.log(`SKIPPED: checks over the corpora; ${corporaRemedy}`)
const corpora = folder === undefined ? [] : readCorpora(folder)

describe.skipIf(folder === undefined)('over the corpora', () => {
  test.each(corpora.map((corpus) => [corpus.name, corpus] as const))(
    '%s: nothing crashes the front end, and no mechanical check fails',
    (_name, corpus) => {
      const quiet = { step: () => undefined, end: () => undefined }
      const report = reportOn(corpus, { refusals: false, checks: true }, quiet)
      expect(totalOf(report.tally).crashed).toBe(0)
      expect(report.failures).toEqual([])
      expect(report.trials).toBeGreaterThan(0)
    },
    60_000,
  )
})
