/** Requests and decisions of a folder, with what is wrong with the files that count for nothing. */

import { join } from 'node:path'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { systemCode } from '../../../sidecar/recording/recording-error.ts'
import type { Problem } from '../../store/problem.ts'
import { fileOf, listFolder, readPlainFile, type ApprovalKind } from './files.ts'
import { fileProblem, fromYaml, type FromYaml } from './object-text.ts'

export interface Kept<T> {
  readonly name: string
  /** As problems tell it. */
  readonly file: string
  readonly text: string
  readonly object: T
}

export interface FolderContents {
  readonly requests: readonly Kept<ApprovalRequest>[]
  readonly decisions: readonly Kept<ApprovalDecision>[]
  readonly problems: readonly Problem[]
}

type Parsed = FromYaml<ApprovalRequest | ApprovalDecision>

export class FolderReader {
  readonly #folder: string
  /** By file: what came of the text that was in it last. */
  #known = new Map<string, { readonly text: string; readonly parsed: Parsed }>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Errors: an Error if the folder cannot be listed. */
  async all(): Promise<FolderContents> {
    const { objects, strange } = await this.#list()
    const known = new Map<string, { readonly text: string; readonly parsed: Parsed }>()
    const requests: Kept<ApprovalRequest>[] = []
    const decisions: Kept<ApprovalDecision>[] = []
    const problems = strange.map((file) =>
      fileProblem(
        join(this.#folder, file),
        'is not named like a request or decision',
        'Remove it from the folder of approvals.',
      ),
    )
    for (const { kind, name, file } of objects) {
      const read = await this.#read(kind, name, file)
      if (read === undefined) continue
      if ('problem' in read) problems.push(read.problem)
      else if (kind === 'ApprovalRequest') requests.push(read as Kept<ApprovalRequest>)
      else decisions.push(read as Kept<ApprovalDecision>)
      const entry = this.#known.get(file)
      if (entry !== undefined) known.set(file, entry)
    }
    this.#known = known
    return { requests, decisions, problems }
  }

  /** As it is in its file now. Undefined: there is none, or none that counts. */
  async request(name: string): Promise<Kept<ApprovalRequest> | undefined> {
    const file = fileOf({ kind: 'ApprovalRequest', name })
    const read = await this.#read('ApprovalRequest', name, file)
    return read === undefined || 'problem' in read ? undefined : (read as Kept<ApprovalRequest>)
  }

  /** Of any request, as they are in their files now. */
  async decisions(): Promise<readonly Kept<ApprovalDecision>[]> {
    const { objects } = await this.#list()
    const read: Kept<ApprovalDecision>[] = []
    for (const { kind, name, file } of objects) {
      if (kind !== 'ApprovalDecision') continue
      const each = await this.#read(kind, name, file)
      if (each !== undefined && 'object' in each) read.push(each as Kept<ApprovalDecision>)
    }
    return read
  }

  async #list() {
    try {
      return await listFolder(this.#folder)
    } catch (error) {
      const why = error instanceof Error ? (systemCode(error) ?? error.message) : String(error)
      throw new Error(`The folder of approvals ${this.#folder} cannot be read: ${why}.`, {
        cause: error,
      })
    }
  }

  async #read(
    kind: ApprovalKind,
    name: string,
    file: string,
  ): Promise<Kept<ApprovalRequest | ApprovalDecision> | { readonly problem: Problem } | undefined> {
    const path = join(this.#folder, file)
    const read = await readPlainFile(path)
    if (read === undefined) return undefined
    if ('why' in read) return { problem: fileProblem(path, read.why, 'It is left alone.') }
    const { text } = read
    const known = this.#known.get(file)
    const parsed = known?.text === text ? known.parsed : fromYaml(kind, name, path, text)
    this.#known.set(file, { text, parsed })
    return 'problem' in parsed ? parsed : { name, file: path, text, object: parsed.object }
  }
}
