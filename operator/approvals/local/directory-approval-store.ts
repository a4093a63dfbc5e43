/**
 * Approvals in a folder, for a gateway without a cluster: `approvalrequest-NAME.yaml` and
 * `approvaldecision-NAME.yaml`. Only this process writes requests and statuses, and a request that
 * somebody else has touched is none. Decisions come from outside: one exists if it is signed with a
 * key that the configuration names, and it was made when it was first seen here.
 */

import { randomUUID } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'

import type { ApprovalDecision, ApprovalRequest, ObjectMeta } from '../../../crds/types.ts'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import { systemCode } from '../../../sidecar/recording/recording-error.ts'
import { watchFolder } from '../../store/folder-watch.ts'
import { formatProblem } from '../../store/problem.ts'
import type { ApprovalStore, DecisionStatus, Key, RequestStatus, Written } from '../types.ts'
import { claimFolder, type Claim } from './claim.ts'
import { fileOf, folderWriter, isObjectName, type FolderWriter } from './files.ts'
import { FolderReader, type Kept } from './folder-reader.ts'
import { fileProblem, fromYaml, namespaceIn, toYaml } from './object-text.ts'
import { Sightings } from './sightings.ts'
import { judgeDecisions, versionOf, type Judged } from './verified-decisions.ts'

export interface DirectoryApprovalOptions {
  readonly folder: string
  /** The folder of configuration, where `frostgate-approvers` is; read anew at each look. */
  readonly configuration: string
  /** Of the connection; what is said to be in another does not count here. */
  readonly namespace: string
  /** Told of each problem once, for as long as it lasts. */
  readonly onProblem?: (message: string) => void
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly timing?: { readonly debounce: number; readonly poll: number }
  readonly writer?: FolderWriter
}

interface State {
  readonly requests: ReadonlyMap<string, ApprovalRequest>
  /** By name of the request. */
  readonly decisions: ReadonlyMap<string, readonly ApprovalDecision[]>
}

const empty: State = { requests: new Map(), decisions: new Map() }
const usual = { debounce: 20, poll: 2_000 } as const

export class DirectoryApprovalStore implements ApprovalStore {
  readonly #options: DirectoryApprovalOptions
  readonly #now: () => number
  readonly #writer: FolderWriter
  readonly #reader: FolderReader
  readonly #sightings: Sightings
  readonly #listeners = new Set<(request: Key) => void>()
  /** Texts of requests, and of decisions with a status, as this process wrote or adopted them. */
  readonly #own = new Map<string, string>()
  #told = new Set<string>()
  #state = empty
  #synced = false
  #stopped = false
  #claim: Claim | undefined
  #unwatch: readonly (() => void)[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: DirectoryApprovalOptions) {
    const { folder, writer = folderWriter, now = Date.now } = options
    this.#options = options
    this.#now = now
    this.#writer = writer
    this.#reader = new FolderReader(folder)
    this.#sightings = new Sightings(folder, writer, now)
  }

  /** Errors: an Error that says why the folder cannot be used, such as by a second gateway. */
  async start(): Promise<void> {
    const { folder, configuration, timing = usual } = this.#options
    this.#claim = await claimFolder(folder)
    try {
      await this.#sightings.load()
      for (const { name, text } of (await this.#reader.all()).requests) {
        this.#own.set(fileOf({ kind: 'ApprovalRequest', name }), text)
      }
      await this.#look()
    } catch (error) {
      await this.#claim.release()
      throw error
    }
    this.#synced = true
    const again = (): void => {
      void this.#inTurn(() => this.#look())
    }
    this.#unwatch = [folder, configuration].map((each) => watchFolder(each, timing, again))
  }

  get synced(): boolean {
    return this.#synced
  }

  requests(): readonly ApprovalRequest[] {
    return [...this.#state.requests.values()]
  }

  request(key: Key): ApprovalRequest | undefined {
    return this.#isHere(key) ? this.#state.requests.get(key.name) : undefined
  }

  decisions(request: Key): readonly ApprovalDecision[] {
    return this.#isHere(request) ? (this.#state.decisions.get(request.name) ?? []) : []
  }

  onChange(listener: (request: Key) => void): () => void {
    // A function of its own: the same listener may be given twice.
    const own = (request: Key): void => {
      listener(request)
    }
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async readRequest(key: Key): Promise<ApprovalRequest | undefined> {
    await this.#mustHold()
    return (await this.#readOwn(key))?.object
  }

  async readDecisions(request: Key): Promise<readonly ApprovalDecision[]> {
    await this.#mustHold()
    const kept = await this.#readOwn(request)
    if (kept === undefined) return []
    const decisions = await this.#reader.decisions()
    const found = await this.#judge(decisions, new Map([[kept.name, kept.object]]))
    return found.decisions.get(kept.name) ?? []
  }

  async createRequest(request: ApprovalRequest): Promise<'created' | 'exists'> {
    const { name } = request.metadata
    if (!isObjectName(name) || namespaceIn(request) !== this.#options.namespace) {
      throw new Error(`The folder keeps no request ${JSON.stringify(name)} of that namespace.`)
    }
    const made: ObjectMeta = {
      ...request.metadata,
      namespace: this.#options.namespace,
      uid: randomUUID(),
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: new Date(this.#now()).toISOString(),
    }
    return await this.#inTurn(async () => {
      const file = fileOf({ kind: 'ApprovalRequest', name })
      const text = toYaml({ ...request, metadata: made })
      const written = fromYaml('ApprovalRequest', name, file, text)
      if ('problem' in written) throw new Error(formatProblem(written.problem))
      await this.#mustHold()
      const created = await this.#writer
        .create(this.#options.folder, file, text)
        .catch((error: unknown) => this.#unwritable(file, error))
      if (created === 'created') this.#put(file, text, written.object)
      return created
    })
  }

  /** A folder takes decisions that are signed, and those come as files. */
  createDecision(): Promise<'created' | 'exists'> {
    return Promise.reject(new Error('Without a cluster, decisions are signed files.'))
  }

  async writeStatus(request: ApprovalRequest, status: RequestStatus): Promise<Written> {
    const key = { namespace: namespaceIn(request), name: request.metadata.name }
    return await this.#inTurn(async () => {
      await this.#mustHold()
      const kept = await this.#readOwn(key)
      const before: ObjectMeta | undefined = kept?.object.metadata
      const seen: ObjectMeta = request.metadata
      if (kept === undefined || before?.uid !== seen.uid) return 'gone'
      if (before?.resourceVersion !== seen.resourceVersion) return 'conflict'
      const version = String(Number(before?.resourceVersion) + 1)
      const next = { ...kept.object, metadata: { ...before, resourceVersion: version }, status }
      await this.#replace({ kind: 'ApprovalRequest', name: key.name }, next as ApprovalRequest)
      return 'written'
    })
  }

  async writeDecisionStatus(decision: ApprovalDecision, status: DecisionStatus): Promise<Written> {
    const { name, uid } = decision.metadata
    return await this.#inTurn(async () => {
      await this.#mustHold()
      const kept = (await this.#reader.decisions()).find((each) => each.name === name)
      if (kept === undefined) return 'gone'
      const spec = canonicalSha256(kept.object.spec)
      if (this.#sightings.of(name, spec).uid !== uid) return 'gone'
      const { resourceVersion }: ObjectMeta = decision.metadata
      if (versionOf(kept.text) !== resourceVersion) return 'conflict'
      await this.#replace({ kind: 'ApprovalDecision', name }, { ...kept.object, status })
      await this.#look()
      return 'written'
    })
  }

  async deleteRequest(request: ApprovalRequest): Promise<void> {
    const { name, uid } = request.metadata
    await this.#inTurn(async () => {
      await this.#mustHold()
      const kept = await this.#readOwn({ namespace: namespaceIn(request), name })
      if (kept === undefined || kept.object.metadata.uid !== uid) return
      const decisions = (await this.#reader.decisions()).filter(
        ({ object }) => object.spec.requestRef.name === name,
      )
      // Decisions first: what is left of a half-done deletion is a request without any.
      for (const file of [...decisions.map((each) => each.file), kept.file]) await removed(file)
      this.#own.delete(fileOf({ kind: 'ApprovalRequest', name }))
      await this.#look()
    })
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    for (const unwatch of this.#unwatch) unwatch()
    await this.#last
    this.#listeners.clear()
    await this.#claim?.release()
  }

  /** One after the other: what is read, written and told belongs together. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #isHere({ namespace }: Key): boolean {
    return namespace === this.#options.namespace
  }

  async #mustHold(): Promise<void> {
    if (this.#claim === undefined || this.#stopped) throw new Error('Approvals are closed.')
    await this.#claim.mustHold()
  }

  async #readOwn(key: Key): Promise<Kept<ApprovalRequest> | undefined> {
    if (!this.#isHere(key) || !isObjectName(key.name)) return undefined
    const kept = await this.#reader.request(key.name)
    return kept !== undefined && this.#whyNotOwn(kept) === undefined ? kept : undefined
  }

  #whyNotOwn({ name, text, object }: Kept<ApprovalRequest>): string | undefined {
    const own = this.#own.get(fileOf({ kind: 'ApprovalRequest', name }))
    if (own === undefined) return 'was not made by this gateway, so it is no request'
    if (own !== text) return 'was changed by somebody else than the gateway, so it is void'
    if (namespaceIn(object) !== this.#options.namespace) return 'is of another namespace'
    return undefined
  }

  /** Takes in what the folder holds now, and tells what changed. */
  async #look(): Promise<void> {
    const before = this.#state
    const problems: string[] = []
    try {
      await this.#mustHold()
      const all = await this.#reader.all()
      const requests = new Map<string, ApprovalRequest>()
      problems.push(...all.problems.map(formatProblem))
      for (const kept of all.requests) {
        const why = this.#whyNotOwn(kept)
        if (why === undefined) requests.set(kept.name, kept.object)
        else problems.push(formatProblem(fileProblem(kept.file, why, 'Remove it.')))
      }
      const judged = await this.#judge(all.decisions, requests)
      problems.push(...judged.problems.map(formatProblem))
      this.#state = { requests, decisions: judged.decisions }
      this.#sightings.keep(new Set(all.decisions.map(({ name }) => name)))
      await this.#sightings.save().catch((error: unknown) => this.#unwritable('.seen.json', error))
    } catch (error) {
      // Nothing is approved by what cannot be read: `use` reads for itself.
      if (!this.#synced) throw error
      problems.push(error instanceof Error ? error.message : String(error))
    }
    this.#tell(problems)
    this.#tellChanges(before, this.#state)
  }

  async #judge(
    files: readonly Kept<ApprovalDecision>[],
    requests: ReadonlyMap<string, ApprovalRequest>,
  ): Promise<Judged> {
    const { configuration, namespace } = this.#options
    return await judgeDecisions(files, requests, {
      configuration,
      namespace,
      sightings: this.#sightings,
      isOwn: ({ name, text }) => this.#own.get(fileOf({ kind: 'ApprovalDecision', name })) === text,
    })
  }

  async #replace(
    named: { readonly kind: 'ApprovalRequest' | 'ApprovalDecision'; readonly name: string },
    object: ApprovalRequest | ApprovalDecision,
  ): Promise<void> {
    const file = fileOf(named)
    const text = toYaml(object)
    const read = fromYaml(named.kind, named.name, file, text)
    if ('problem' in read) throw new Error(formatProblem(read.problem))
    await this.#writer
      .replace(this.#options.folder, file, text)
      .catch((error: unknown) => this.#unwritable(file, error))
    if (read.object.kind === 'ApprovalRequest') this.#put(file, text, read.object)
    else this.#own.set(file, text)
  }

  #put(file: string, text: string, request: ApprovalRequest): void {
    this.#own.set(file, text)
    const before = this.#state
    const requests = new Map(before.requests).set(request.metadata.name, request)
    this.#state = { ...before, requests }
    this.#tellChanges(before, this.#state)
  }

  #unwritable(file: string, error: unknown): never {
    const why = systemCode(error) ?? String(error)
    throw new Error(`${join(this.#options.folder, file)} cannot be written: ${why}.`, {
      cause: error,
    })
  }

  #tellChanges(before: State, now: State): void {
    if (this.#stopped || before === now) return
    const names = new Set([...before.requests.keys(), ...now.requests.keys()])
    const { namespace } = this.#options
    for (const name of names) {
      if (fingerprint(before, name) === fingerprint(now, name)) continue
      for (const listener of this.#listeners) listener({ namespace, name })
    }
  }

  #tell(messages: readonly string[]): void {
    for (const message of messages) {
      if (!this.#told.has(message)) this.#options.onProblem?.(message)
    }
    this.#told = new Set(messages)
  }
}

/** What a listener would see of one request. */
function fingerprint({ requests, decisions }: State, name: string): string {
  const meta: ObjectMeta | undefined = requests.get(name)?.metadata
  const own = decisions.get(name)?.map(({ metadata, spec }) => {
    const { uid, resourceVersion }: ObjectMeta = metadata
    return [uid, resourceVersion, spec.decidedBy]
  })
  return JSON.stringify([meta?.uid, meta?.resourceVersion, own])
}

async function removed(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
  })
}
