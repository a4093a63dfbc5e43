/** The command line of `npm run corpus`. */

import { parseArgs } from 'node:util'

import { corporaRemedy, readCorpora, readCorpus } from './corpora.ts'
import type { Corpus } from './corpora.ts'

export const usage = `npm run corpus -- [--refusals] [--checks] [--oracles] [--json] [FILE…]

Reads every statement of FILE…, JSON lists of {"sql", "source"}, and counts by class how many are
structured, opaque and refused. Without FILE: the corpora in the folder FROSTGATE_CORPORA.

  --refusals  list what is refused or opaque: source, error, place, first line
  --checks    try what must never work: junk appended, comments and letter case that change facts
  --oracles   only compare tables with other parsers, and write the list of differences anew, with
              an empty reason where one has to be found
  --json      the same as one JSON document
`

export interface Options {
  readonly corpora: readonly Corpus[]
  readonly refusals: boolean
  readonly checks: boolean
  readonly oracles: boolean
  readonly json: boolean
}

/** Throws Error with what is wrong and what to do, for a person. */
export function readOptions(args: readonly string[], folder: string | undefined): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      refusals: { type: 'boolean', default: false },
      checks: { type: 'boolean', default: false },
      oracles: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  return { ...values, corpora: corporaOf(positionals, folder) }
}

function corporaOf(files: readonly string[], folder: string | undefined): readonly Corpus[] {
  if (files.length > 0) return files.map(readCorpus)
  if (folder === undefined) throw new Error(`no FILE given: name one, or ${corporaRemedy}`)
  const corpora = readCorpora(folder)
  if (corpora.length === 0) throw new Error(`no corpus in ${folder}: ${corporaRemedy}`)
  return corpora
}
