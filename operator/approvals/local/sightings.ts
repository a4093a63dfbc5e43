/**
 * When the store first saw each decision. Whoever makes a decision also makes its file and the times
 * on it, so those say nothing; what the store saw outlasts a restart in a file of its own.
 */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { isMapping } from './mapping.ts'
import { readPlainFile, type FolderWriter } from './files.ts'

export interface Sighting {
  /** Hex SHA-256 of the decision's spec: another spec is another decision. */
  readonly spec: string
  readonly uid: string
  /** RFC 3339. */
  readonly time: string
}

const file = '.seen.json'

export class Sightings {
  readonly #folder: string
  readonly #writer: FolderWriter
  readonly #now: () => number
  /** By name of the decision. */
  readonly #seen = new Map<string, Sighting>()
  #written = true

  constructor(folder: string, writer: FolderWriter, now: () => number) {
    this.#folder = folder
    this.#writer = writer
    this.#now = now
  }

  /** What it cannot read counts as never seen: later decisions are worth less, never more. */
  async load(): Promise<void> {
    const read = await readPlainFile(join(this.#folder, file))
    if (read === undefined || 'why' in read) return
    for (const [name, value] of Object.entries(parsed(read.text))) {
      if (!isMapping(value)) continue
      const { spec, uid, time } = value
      const at = typeof time === 'string' ? Date.parse(time) : NaN
      if (typeof spec !== 'string' || typeof uid !== 'string' || Number.isNaN(at)) continue
      this.#seen.set(name, { spec, uid, time: new Date(at).toISOString() })
    }
  }

  of(name: string, spec: string): Sighting {
    const known = this.#seen.get(name)
    if (known?.spec === spec) return known
    const sighting = { spec, uid: randomUUID(), time: new Date(this.#now()).toISOString() }
    this.#seen.set(name, sighting)
    this.#written = false
    return sighting
  }

  /** Forgets the decisions that are no more. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#seen.keys()) {
      if (names.has(name)) continue
      this.#seen.delete(name)
      this.#written = false
    }
  }

  /** Rejects if it cannot be written; what was seen is still known here. */
  async save(): Promise<void> {
    if (this.#written) return
    await this.#writer.replace(
      this.#folder,
      file,
      `${JSON.stringify(Object.fromEntries(this.#seen))}\n`,
    )
    this.#written = true
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isMapping(value) ? value : {}
  } catch {
    return {}
  }
}
