/** Configuration objects from a folder of YAML files. */

import type { ConfigObject, ConfigObjects, Located } from './objects.ts'
import { describeObject } from './objects.ts'
import { readDocuments } from './documents.ts'
import { readFolder } from './folder.ts'
import type { Problem } from './problem.ts'
import { sortProblems } from './problem.ts'
import { isBeside, recognise } from './recognise.ts'

export type ReadResult =
  { readonly objects: ConfigObjects } | { readonly problems: readonly Problem[] }

export class DirectoryStore {
  readonly #directory: string

  /** `directory` as people name it: problems show file names that start with it. */
  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * Reads every `.yaml` and `.yml` file of the folder itself (not of folders in it). Either all
   * is well, or every problem of every file is listed.
   */
  async read(): Promise<ReadResult> {
    const folder = await readFolder(this.#directory)
    const read = folder.files.map(({ file, text }) => readDocuments(file, text))
    const documents = read.flatMap((each) => each.documents)
    const recognised = documents.filter((document) => !isBeside(document)).map(recognise)
    const located = recognised.flatMap((each) => ('located' in each ? [each.located] : []))
    const problems = [
      ...folder.problems,
      ...read.flatMap((each) => each.problems),
      ...recognised.flatMap((each) => ('problems' in each ? each.problems : [])),
      ...duplicates(located),
    ]
    return problems.length > 0
      ? { problems: sortProblems(problems) }
      : { objects: groupByKind(located) }
  }
}

/** The same objects, one list for each kind. */
export function groupByKind(located: readonly Located<ConfigObject>[]): ConfigObjects {
  const ofKind = <K extends ConfigObject['kind']>(kind: K) =>
    located.filter(
      (each): each is Located<Extract<ConfigObject, { kind: K }>> => each.object.kind === kind,
    )
  return {
    connections: ofKind('SnowflakeConnection'),
    policies: ofKind('AgentPolicy'),
    maskingRules: ofKind('MaskingRule'),
    secrets: ofKind('Secret'),
  }
}

/** In a cluster the second would overwrite the first; which is second must not decide here. */
function duplicates(located: readonly Located<ConfigObject>[]): readonly Problem[] {
  const first = new Map<string, Located<ConfigObject>>()
  return located.flatMap((each) => {
    const name = describeObject(each.object)
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, each)
      return []
    }
    const { file, line } = earlier.locate(['metadata', 'name'])
    return [
      {
        ...each.locate(['metadata', 'name']),
        object: name,
        field: 'metadata.name',
        message: `${name} is defined twice, first in ${file ?? 'a cluster'}:${line ?? 0}`,
        advice: 'Rename or remove one of them.',
      },
    ]
  })
}
