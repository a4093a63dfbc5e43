/** Being let in by the operator, and staying in: the access token, from enrolment to renewal. */

import { readFile } from 'node:fs/promises'

import { pause, reconnecting, refusedForNow, renewAfter, type BackOff } from './back-off.ts'
import type { BrokerClient } from './broker-client.ts'
import { BrokerError, notUnderstood } from './broker-error.ts'
import type { Clock } from './clock.ts'
import { certificates } from './notices.ts'
import { protocolVersion, type Enrolment, type EnrolRequest, type PodIdentity } from './protocol.ts'
import { object, oneOf, text, whole, type Reader } from './shape.ts'

export interface EnrolmentOptions {
  readonly client: BrokerClient
  /** The projected token. The kubelet replaces it, so it is read for each call. */
  readonly tokenFile: string
  /** `namespace/name` that this pod was injected for. */
  readonly connection: string
  readonly clock: Clock
  readonly onEnrolled: (enrolment: Enrolment) => Promise<void>
  /** Once for each reason: what has to change before another attempt helps. */
  readonly onRefused: (reason: string) => void
  /** After each attempt that may go better by itself. */
  readonly onDelayed: (reason: string) => void
  readonly backOff?: { readonly transient: BackOff; readonly permanent: BackOff }
}

const maxTokenBytes = 64 * 1_024

const readEnrolment: Reader<Enrolment> = object({
  accessToken: text,
  tokenType: oneOf('DPoP'),
  expiresIn: whole(1, 600),
  pod: object({ namespace: text, name: text, uid: text, serviceAccount: text }),
  connection: object({ namespace: text, name: text }),
  trust: certificates,
})

export class EnrolmentKeeper {
  readonly #options: EnrolmentOptions
  readonly #stop = new AbortController()
  #wake = new AbortController()
  #current: { readonly token: string; readonly until: number } | undefined
  #available = Promise.withResolvers<string>()
  #running: Promise<void> | undefined
  #pauseFirst = false
  /** Whose sidecar this is, as the operator saw it; undefined until the first enrolment. */
  pod: PodIdentity | undefined

  constructor(options: EnrolmentOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Waits for an access token. Rejects when `signal` is aborted, or after `stop`. */
  async token(signal: AbortSignal): Promise<string> {
    const usable = this.#current
    if (usable && this.#options.clock.monotonic() < usable.until) return usable.token
    if (usable) this.renew(usable.token)
    const ended = AbortSignal.any([signal, this.#stop.signal])
    ended.throwIfAborted()
    return await new Promise<string>((resolve, reject) => {
      const onAbort = (): void => {
        reject(new BrokerError('this sidecar is not enrolled', { transient: true }))
      }
      ended.addEventListener('abort', onAbort, { once: true })
      void this.#available.promise.then((token) => {
        ended.removeEventListener('abort', onAbort)
        resolve(token)
      })
    })
  }

  /** The operator does not take `token` any more: another is got at once. */
  renew(token: string): void {
    if (this.#current?.token !== token) return
    this.#forget()
    this.#wake.abort()
  }

  /** The operator took this sidecar's rights back: it asks again, much later. */
  revoked(): void {
    this.#forget()
    this.#pauseFirst = true
    this.#wake.abort()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake.abort()
    await this.#running
  }

  #forget(): void {
    if (this.#current) this.#available = Promise.withResolvers()
    this.#current = undefined
  }

  async #run(): Promise<void> {
    const { clock, backOff } = this.#options
    const slow = backOff?.permanent ?? refusedForNow
    const fast = backOff?.transient ?? reconnecting
    let failures = 0
    let said: string | undefined
    while (!this.#stop.signal.aborted) {
      const lull = this.#pauseFirst
      this.#pauseFirst = false
      if (lull) {
        await clock.sleep(pause(slow, 3, clock.random()), this.#stop.signal)
        continue
      }
      this.#wake = new AbortController()
      let wait: number
      try {
        const enrolment = await this.#enrol()
        failures = 0
        said = undefined
        await this.#accept(enrolment)
        wait = renewAfter(enrolment.expiresIn, clock.random())
      } catch (error) {
        const { message, transient } = asBrokerError(error)
        if (transient) {
          this.#options.onDelayed(message)
        } else if (said !== message) {
          said = message
          this.#forget()
          this.#options.onRefused(message)
        }
        wait = pause(transient ? fast : slow, failures, clock.random())
        failures += 1
      }
      await clock.sleep(wait, this.#wake.signal)
    }
  }

  async #enrol(): Promise<Enrolment> {
    const { client, connection, tokenFile } = this.#options
    const body: EnrolRequest = { protocol: protocolVersion, token: await readToken(tokenFile) }
    const answer = await client.call({
      method: 'POST',
      path: '/v1/enrol',
      body,
      signal: this.#stop.signal,
    })
    const enrolment = understood(answer.body)
    const given = `${enrolment.connection.namespace}/${enrolment.connection.name}`
    if (given === connection) return enrolment
    throw new BrokerError(
      `the operator enrolled this pod for connection ${given}, but it was injected for ${connection}. Delete the pod, so that it is injected again.`,
      { transient: false },
    )
  }

  async #accept(enrolment: Enrolment): Promise<void> {
    const { accessToken, expiresIn } = enrolment
    this.pod = enrolment.pod
    await this.#options.onEnrolled(enrolment)
    this.#current = {
      token: accessToken,
      until: this.#options.clock.monotonic() + expiresIn * 1_000,
    }
    this.#available.resolve(accessToken)
  }
}

async function readToken(file: string): Promise<string> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    if (token !== '' && token.length <= maxTokenBytes) return token
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    throw new BrokerError(`the projected token ${file} cannot be read (${String(code)})`, {
      transient: true,
    })
  }
  throw new BrokerError(`${file} holds no token`, { transient: true })
}

function understood(body: string): Enrolment {
  try {
    return readEnrolment(JSON.parse(body), 'answer')
  } catch (error) {
    throw notUnderstood('answer to the enrolment', error instanceof SyntaxError ? undefined : error)
  }
}

function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new BrokerError(`enrolment failed: ${reason}`, { transient: true, cause: error })
}
