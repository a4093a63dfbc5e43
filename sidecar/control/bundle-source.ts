/** Bundles from the broker, and the keys that go with them. */

import type { Bundle, MaskKeys } from './bundle.ts'
import type { BrokerAnswer } from './broker-client.ts'
import { BrokerError, notUnderstood } from './broker-error.ts'
import type { BrokerSession } from './broker-session.ts'
import { parseBundle } from './load.ts'
import { fitsMasks, keySecretsOf, leastKeyBytes } from './mask-keys.ts'
import type { Acknowledgement, MaskKeysAnswer } from './protocol.ts'
import { object, record, text, type Reader } from './shape.ts'

const maxBundleBytes = 16 * 1_048_576

const readMaskKeys: Reader<MaskKeysAnswer> = object({ keys: record(text) })

/** The operator has no bundle for this sidecar any more. The message is the operator's. */
export class BundleRefused extends Error {
  override readonly name = 'BundleRefused'
}

export class BundleSource {
  readonly #session: BrokerSession
  /** `namespace/name`. */
  readonly #connection: string
  #last: Bundle | undefined

  constructor(session: BrokerSession, connection: string) {
    this.#session = session
    this.#connection = connection
  }

  /**
   * The bundle in force, fetched unless it is the last one again.
   *
   * @throws BrokerError if it cannot be had now, BundleRefused if there is none, BundleInvalid if it cannot be used, Error if it is of
   *   another connection.
   */
  async bundle(digest: string, signal: AbortSignal): Promise<Bundle> {
    if (this.#last?.digest === digest) return this.#last
    const answer = await this.#fetch(signal)
    if (answer.status === 304) {
      if (this.#last !== undefined) return this.#last
      throw notUnderstood('answer 304 to a request without a digest')
    }
    const bundle = parseBundle(answer.body, 'of the operator')
    const { namespace, name } = bundle.connection
    if (`${namespace}/${name}` !== this.#connection) {
      throw new Error(`The bundle is of connection ${namespace}/${name}, not ${this.#connection}`)
    }
    this.#last = bundle
    return bundle
  }

  async #fetch(signal: AbortSignal): Promise<BrokerAnswer> {
    try {
      return await this.#session.call({
        method: 'GET',
        path: '/v1/bundle',
        headers: this.#last === undefined ? {} : { 'if-none-match': `"${this.#last.digest}"` },
        expects: [304],
        limit: maxBundleBytes,
        signal,
      })
    } catch (error) {
      if (!(error instanceof BrokerError) || error.transient || error.status === 401) throw error
      throw new BundleRefused(error.message, { cause: error })
    }
  }

  /**
   * The keys that the bundle's masks need; empty if they need none. Errors: BrokerError, a transient
   * one if a key is not the one that the bundle was compiled with: it was changed a moment ago.
   */
  async maskKeys(bundle: Bundle, signal: AbortSignal): Promise<MaskKeys> {
    const names = keySecretsOf(bundle.masks)
    if (names.length === 0) return new Map()
    const { body } = await this.#session.call({ method: 'GET', path: '/v1/mask-keys', signal })
    const { keys } = understood(body)
    return new Map(
      names.map((name) => {
        const key = keyOf(keys, name)
        if (fitsMasks(key, name, bundle.masks)) return [name, key]
        throw new BrokerError(
          `the key of Secret "${name}" is not the one that the bundle was compiled with`,
          { transient: true },
        )
      }),
    )
  }

  /** Errors: BrokerError. */
  async acknowledge(acknowledgement: Acknowledgement, signal: AbortSignal): Promise<void> {
    await this.#session.call({ method: 'POST', path: '/v1/ack', body: acknowledgement, signal })
  }
}

function understood(body: string): MaskKeysAnswer {
  try {
    return readMaskKeys(JSON.parse(body), 'answer')
  } catch {
    // What was wrong with it may be a key.
    throw notUnderstood('answer with the keys of masks')
  }
}

function keyOf(keys: Readonly<Record<string, string>>, name: string): Uint8Array {
  const key = Buffer.from(Object.hasOwn(keys, name) ? (keys[name] ?? '') : '', 'base64')
  if (key.length >= leastKeyBytes) return key
  throw new BrokerError(
    `masks need the key in Secret "${name}", of ${leastKeyBytes} bytes or more, and the operator sent none. Put one into the Secret's field "key".`,
    { transient: false },
  )
}
