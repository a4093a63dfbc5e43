/** `npm run corpus -- --oracles`: writes the list of differences anew. */

import { existsSync, writeFileSync } from 'node:fs'

import { format, resolveConfig } from 'prettier'

import type { Corpus } from '../corpora.ts'
import { compareWithOracles } from './compare.ts'
import type { Comparison } from './compare.ts'
import { differencesFile, lacking, readDifferences, renewed } from './differences.ts'
import type { Difference } from './differences.ts'

export interface Regenerated extends Pick<Comparison, 'compared'> {
  readonly total: number
  /** Entries that the test refuses until somebody has written a reason. */
  readonly open: readonly Difference[]
}

export async function regenerate(corpora: readonly Corpus[]): Promise<Regenerated> {
  const known = existsSync(differencesFile) ? readDifferences() : []
  const { compared, differences } = await compareWithOracles(corpora)
  const list = renewed(known, differences, corpora)
  const options = { ...(await resolveConfig(differencesFile)), parser: 'json' }
  writeFileSync(differencesFile, await format(JSON.stringify(list), options))
  const open = list.filter((difference) => lacking(difference) !== undefined)
  return { compared, total: list.length, open }
}
