/**
 * What statements left in a Snowflake session, and so whether another session could take its place
 * without anyone noticing.
 */

import type { UpstreamSessionInfo } from './login.ts'

type ParameterValue = string | number | boolean

/** What one statement leaves in its session. */
export type Leaves =
  | { readonly kind: 'nothing' }
  /** Where the session stands: its answer tells. */
  | { readonly kind: 'place' }
  /** Set, or back at the account's own value. */
  | {
      readonly kind: 'parameters'
      readonly set: Readonly<Record<string, ParameterValue>>
      readonly unset: readonly string[]
    }
  | { readonly kind: 'transaction'; readonly open: boolean }
  /** Variables, temporary objects, and whatever is not understood. */
  | { readonly kind: 'unrestorable' }

export interface Place {
  readonly database: string | null
  readonly schema: string | null
  readonly warehouse: string | null
}

export class Restorable {
  #place: Place
  #lost = false
  #transaction = false
  #autocommit: boolean
  #parameters: Readonly<Record<string, ParameterValue>>

  /** `parameters`: those of the login. */
  constructor(info: UpstreamSessionInfo, parameters: Readonly<Record<string, ParameterValue>>) {
    this.#place = placeOf(info)
    this.#parameters = parameters
    const told = info.parameters.find(({ name }) => name === 'AUTOCOMMIT')?.value
    this.#autocommit = isTrue(parameters['AUTOCOMMIT'] ?? told ?? true)
  }

  /** Where the session stands. */
  get place(): Place {
    return this.#place
  }

  /** Session parameters as a login sets them. */
  get parameters(): Readonly<Record<string, ParameterValue>> {
    return this.#parameters
  }

  get restorable(): boolean {
    return !this.#lost && !this.#transaction
  }

  /** Call it when the statement has run; `at` is where its answer says that the session stands. */
  ran(leaves: Leaves, at: Place): void {
    switch (leaves.kind) {
      case 'nothing':
        // Without autocommit whatever runs may have begun a transaction.
        if (!this.#autocommit) this.#transaction = true
        return
      case 'place':
        this.#place = placeOf(at, this.#place.warehouse)
        return
      case 'parameters':
        this.#follow(leaves.set, leaves.unset)
        return
      case 'transaction':
        this.#transaction = leaves.open
        return
      case 'unrestorable':
        this.#lost = true
    }
  }

  /** It may have run, or ran in part. */
  mayHaveRun(leaves: Leaves): void {
    if (leaves.kind === 'nothing') this.ran(leaves, this.#place)
    else if (leaves.kind !== 'transaction' || leaves.open) this.#lost = true
  }

  /** It failed, and said so. */
  failed(leaves: Leaves): void {
    if (leaves.kind === 'nothing') this.ran(leaves, this.#place)
    else if (leaves.kind === 'unrestorable') this.#lost = true
  }

  #follow(set: Readonly<Record<string, ParameterValue>>, unset: readonly string[]): void {
    const kept = Object.entries(this.#parameters).filter(([name]) => !unset.includes(name))
    this.#parameters = { ...Object.fromEntries(kept), ...set }
    if (set['AUTOCOMMIT'] !== undefined) this.#autocommit = isTrue(set['AUTOCOMMIT'])
    // The account's own value is not known.
    else if (unset.includes('AUTOCOMMIT')) this.#autocommit = false
  }
}

/** Snowflake tells no warehouse where a statement does not change it. */
function placeOf({ database, schema, warehouse }: Place, before: string | null = null): Place {
  return { database, schema, warehouse: warehouse ?? before }
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true')
}
