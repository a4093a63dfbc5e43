/** Corpora: JSON files of `[{"sql": …, "source": …}]`, third-party text that is only ever read. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface CorpusStatement {
  readonly sql: string
  readonly source: string
}

export interface Corpus {
  /** The file's name without its folder. */
  readonly name: string
  readonly statements: readonly CorpusStatement[]
}

export const corporaRemedy =
  'set FROSTGATE_CORPORA to a folder with JSON files of [{"sql": …, "source": …}]'

/** Throws Error, naming the file and the entry, when the file is not a corpus. */
export function readCorpus(file: string): Corpus {
  const value = JSON.parse(readFileSync(file, 'utf8')) as unknown
  if (!Array.isArray(value)) throw new Error(`${file}: not a list of {"sql", "source"}`)
  const entries: readonly unknown[] = value
  const wrong = entries.findIndex((entry) => !isStatement(entry))
  if (wrong !== -1) throw new Error(`${file}: entry ${wrong + 1} is not {"sql", "source"}`)
  return { name: basename(file), statements: entries.filter(isStatement) }
}

/** The corpora of a folder, by name. Files of another shape are not corpora and are left out. */
export function readCorpora(folder: string): readonly Corpus[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().flatMap((name) => {
    try {
      return [readCorpus(join(folder, name))]
    } catch {
      return []
    }
  })
}

/** Names a statement without copying it. */
export function statementHash(sql: string): string {
  return createHash('sha256').update(sql.trim()).digest('hex').slice(0, 16)
}

function isStatement(value: unknown): value is CorpusStatement {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sql' in value &&
    typeof value.sql === 'string' &&
    'source' in value &&
    typeof value.source === 'string'
  )
}
