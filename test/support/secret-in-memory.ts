/** One Secret as the API server keeps it, and an API server that can be away. */

import type { SecretAccess, StoredSecret } from '../../operator/certs/secret-access.ts'

export class SecretInMemory implements SecretAccess {
  stored: StoredSecret | undefined
  away = false
  writes = 0
  /** Called before each write, as another replica that is faster would. */
  beforeWrite: (() => void) | undefined

  async get(): Promise<StoredSecret | undefined> {
    await this.#arrive()
    return this.stored
  }

  async create(data: StoredSecret['data']): Promise<'written' | 'conflict'> {
    await this.#arrive()
    this.#overtake()
    return this.stored === undefined ? this.#write(data) : 'conflict'
  }

  async update(
    data: StoredSecret['data'],
    resourceVersion: string,
  ): Promise<'written' | 'conflict'> {
    await this.#arrive()
    this.#overtake()
    return this.stored?.resourceVersion === resourceVersion ? this.#write(data) : 'conflict'
  }

  #write(data: StoredSecret['data']): 'written' {
    this.writes += 1
    this.stored = { data, resourceVersion: String(this.writes) }
    return 'written'
  }

  #overtake(): void {
    const overtake = this.beforeWrite
    this.beforeWrite = undefined
    overtake?.()
  }

  async #arrive(): Promise<void> {
    await Promise.resolve()
    if (this.away) throw new Error('the API server is away')
  }
}
