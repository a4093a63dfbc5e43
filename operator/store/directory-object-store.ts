/** A folder of YAML as an object store: what the operator's parts run on without a cluster. */

import type { YamlDocument } from './documents.ts'
import { readDocuments } from './documents.ts'
import { groupByKind } from './directory-store.ts'
import { watchFolder } from './folder-watch.ts'
import { readFolder } from './folder.ts'
import type { ObjectReference, ObjectStore, Snapshot } from './object-store.ts'
import type { Problem } from './problem.ts'
import { formatProblem, sortProblems } from './problem.ts'
import { isBeside } from './recognise.ts'
import type { Recognition } from './recognise-leniently.ts'
import { recogniseLeniently, separateTwins } from './recognise-leniently.ts'

export interface DirectoryStoreOptions {
  /** Milliseconds; 100 if not given. */
  readonly debounce?: number
  /** Milliseconds; 2000 if not given. */
  readonly poll?: number
}

type Status = Readonly<Record<string, unknown>>

interface ReadFile {
  readonly text: string
  readonly recognitions: readonly Recognition[]
}

export class DirectoryObjectStore implements ObjectStore {
  readonly #directory: string
  readonly #timing: { readonly debounce: number; readonly poll: number }
  readonly #listeners = new Set<() => void>()
  readonly #statuses = new Map<string, Status>()
  #files: ReadonlyMap<string, ReadFile> = new Map()
  #snapshot: Snapshot | undefined
  #problems: readonly Problem[] = []
  #reading: Promise<void> = Promise.resolve()
  #unwatch: (() => void) | undefined
  #stopped = false

  constructor(directory: string, options: DirectoryStoreOptions = {}) {
    this.#directory = directory
    this.#timing = { debounce: options.debounce ?? 100, poll: options.poll ?? 2_000 }
  }

  /** Rejects with all problems of files that cannot be told to be any object. */
  async start(): Promise<void> {
    await this.#read()
    if (this.#snapshot === undefined) {
      throw new Error(this.#problems.map(formatProblem).join('\n'))
    }
    this.#unwatch = watchFolder(this.#directory, this.#timing, () => {
      this.#reading = this.#reading.then(() => this.#readAgain())
    })
  }

  get synced(): boolean {
    return this.#snapshot !== undefined
  }

  snapshot(): Snapshot {
    return this.#snapshot ?? empty
  }

  /**
   * What is wrong with files of which nothing tells what objects they hold. While there is such a
   * problem the snapshot is the last one without: the file may hold what protects a column.
   */
  problems(): readonly Problem[] {
    return this.#problems
  }

  onChange(listener: () => void): () => void {
    // A function of its own: the same listener may be given twice.
    const own = () => {
      listener()
    }
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  writeStatus(object: ObjectReference, status: Status): Promise<void> {
    const name = nameOf(object)
    this.#statuses.set(name, { ...this.#statuses.get(name), ...status })
    return Promise.resolve()
  }

  /** By `Kind namespace/name`. */
  statuses(): ReadonlyMap<string, Status> {
    return this.#statuses
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unwatch?.()
    await this.#reading
    this.#listeners.clear()
  }

  async #readAgain(): Promise<void> {
    const before = this.#snapshot
    await this.#read()
    if (before === this.#snapshot || this.#stopped) return
    for (const listener of this.#listeners) listener()
  }

  async #read(): Promise<void> {
    const folder = await readFolder(this.#directory)
    const files = new Map(
      folder.files.map(({ file, text }) => {
        const known = this.#files.get(file)
        // The same objects as before, by identity, for whoever compares.
        return [file, known?.text === text ? known : readFile(file, text)] as const
      }),
    )
    const all = separateTwins(Array.from(files.values()).flatMap((each) => each.recognitions))
    const problems = all.flatMap((each) => ('problems' in each ? each.problems : []))
    this.#problems = sortProblems([...folder.problems, ...problems])
    const same = sameValues(files, this.#files)
    this.#files = files
    if (this.#problems.length > 0 || (same && this.#snapshot !== undefined)) return
    this.#snapshot = snapshotOf(all)
  }
}

const empty: Snapshot = {
  objects: { connections: [], policies: [], maskingRules: [], secrets: [] },
  malformed: [],
  namespaces: new Map(),
}

function readFile(file: string, text: string): ReadFile {
  const { documents, problems } = readDocuments(file, text)
  const objects = documents.filter((document: YamlDocument) => !isBeside(document))
  const unreadable: readonly Recognition[] = problems.length > 0 ? [{ problems }] : []
  return { text, recognitions: [...objects.map(recogniseLeniently), ...unreadable] }
}

function snapshotOf(recognitions: readonly Recognition[]): Snapshot {
  return {
    objects: groupByKind(recognitions.flatMap((each) => ('located' in each ? [each.located] : []))),
    malformed: recognitions.flatMap((each) => ('malformed' in each ? [each.malformed] : [])),
    namespaces: new Map(),
  }
}

function sameValues<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a.size === b.size && Array.from(a).every(([key, value]) => b.get(key) === value)
}

function nameOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace}/${name}`
}
