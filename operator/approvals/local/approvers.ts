/**
 * Who may sign decisions where there is no cluster: the ConfigMap `frostgate-approvers` of the
 * folder of configuration, with one entry per person. It says whose a key is and what groups that
 * person is in; a decision's own file is never asked.
 *
 * ```yaml
 * apiVersion: v1
 * kind: ConfigMap
 * metadata:
 *   name: frostgate-approvers
 * data:
 *   ann: |
 *     groups: [data-stewards]
 *     publicKey: {"kty":"EC","crv":"P-256","x":"…","y":"…"}
 * ```
 *
 * `username` in an entry is for names that cannot be a key of `data`, such as an e-mail address.
 */

import { calculateJwkThumbprint } from 'jose'

import { isMapping, unknownField } from './mapping.ts'
import { readDocuments, type YamlDocument } from '../../store/documents.ts'
import { readFolder } from '../../store/folder.ts'
import type { Problem } from '../../store/problem.ts'
import { isApprovers } from '../../store/recognise.ts'
import { publicPart, type PublicKey } from './keys.ts'

export interface Approver {
  readonly username: string
  readonly groups: readonly string[]
  readonly publicKey: PublicKey
}

export interface ApproversRead {
  readonly approvers: ReadonlyMap<string, Approver>
  /** Of an entry with a problem, the person cannot decide; the others can. */
  readonly problems: readonly Problem[]
}

interface Entry {
  readonly approver: Approver
  readonly thumbprint: string
  readonly problem: (message: string, advice: string) => Problem
}

const nobody: ReadonlyMap<string, Approver> = new Map()
const longest = { username: 1024, group: 256, groups: 256 } as const

/** `directory` is the folder of configuration. Never rejects. */
export async function readApprovers(directory: string): Promise<ApproversRead> {
  const { files, problems } = await readFolder(directory)
  if (files.length === 0) return { approvers: nobody, problems }
  // What is wrong with other documents is told by whoever reads them.
  const found = files
    .flatMap(({ file, text }) => readDocuments(file, text).documents)
    .filter(isApprovers)
  const [first, second] = found
  if (first === undefined) return { approvers: nobody, problems: [] }
  if (second !== undefined) {
    const again = 'ConfigMap frostgate-approvers is there twice, so nobody can decide'
    const problem = at(second, ['metadata', 'name'])
    return { approvers: nobody, problems: [problem(again, 'Keep one of them.')] }
  }
  return await readEntries(first)
}

async function readEntries(document: YamlDocument): Promise<ApproversRead> {
  const { data = {} } = document.value as { readonly data?: unknown }
  if (!isMapping(data)) {
    const problem = at(document, ['data'])('is not a mapping', 'Write one entry per person.')
    return { approvers: nobody, problems: [problem] }
  }
  const read = await Promise.all(
    Object.entries(data).map(([name, text]) => readEntry(document, name, text)),
  )
  const entries = read.flatMap((each) => ('approver' in each ? [each] : []))
  const problems = read.flatMap((each) => ('approver' in each ? [] : [each]))
  const names = Map.groupBy(entries, ({ approver }) => approver.username)
  const keys = Map.groupBy(entries, ({ thumbprint }) => thumbprint)
  const approvers = new Map<string, Approver>()
  for (const { approver, thumbprint, problem } of entries) {
    const twice = (names.get(approver.username)?.length ?? 0) > 1
    // One person with two names would count as two.
    const shared = (keys.get(thumbprint)?.length ?? 0) > 1
    if (twice) problems.push(problem('is a person who is there twice', 'Keep one entry of them.'))
    else if (shared) {
      problems.push(
        problem(
          'has the key of another person, so neither counts',
          'Give each a key of their own.',
        ),
      )
    } else approvers.set(approver.username, approver)
  }
  return { approvers, problems }
}

async function readEntry(
  document: YamlDocument,
  name: string,
  text: unknown,
): Promise<Entry | Problem> {
  const problem = at(document, ['data', name])
  const advice = 'Print a right one with: frostgate approver init'
  if (typeof text !== 'string') return problem('is not text', 'Write the entry as a block: |')
  const { documents, problems } = readDocuments('', text)
  const value = documents[0]?.value
  if (problems.length > 0 || documents.length !== 1 || !isMapping(value)) {
    return problem('is not a mapping in YAML', advice)
  }
  const strange = unknownField(value, ['username', 'groups', 'publicKey'])
  if (strange !== undefined) return problem(`has a field that nobody knows, ${strange}`, advice)
  const { username = name, groups = [], publicKey } = value
  if (typeof username !== 'string' || username === '' || username.length > longest.username) {
    return problem('has a username that is no name', advice)
  }
  if (!isGroups(groups)) return problem('has groups that are no list of names', advice)
  const key = publicPart(publicKey)
  if ('why' in key) return problem(`has a publicKey that ${key.why}`, advice)
  const thumbprint = await calculateJwkThumbprint(key.publicKey)
  return { approver: { username, groups, publicKey: key.publicKey }, thumbprint, problem }
}

function isGroups(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= longest.groups &&
    value.every((each) => typeof each === 'string' && each !== '' && each.length <= longest.group)
  )
}

function at({ locate }: YamlDocument, path: readonly string[]) {
  return (message: string, advice: string): Problem => ({
    ...locate(path),
    object: 'ConfigMap frostgate-approvers',
    field: path.join('.'),
    message,
    advice,
  })
}
