/** Calls by an enrolled sidecar: with its access token, got again once where it is not taken. */

import type { BrokerAnswer, BrokerCall, BrokerClient } from './broker-client.ts'
import { BrokerError } from './broker-error.ts'
import type { EnrolmentKeeper } from './enrolment.ts'

export class BrokerSession {
  readonly #client: BrokerClient
  readonly #enrolment: EnrolmentKeeper

  constructor(client: BrokerClient, enrolment: EnrolmentKeeper) {
    this.#client = client
    this.#enrolment = enrolment
  }

  /** Waits for the enrolment as long as `signal` lets it. Errors: BrokerError. */
  async call(call: BrokerCall & { readonly signal: AbortSignal }): Promise<BrokerAnswer> {
    const accessToken = await this.#enrolment.token(call.signal)
    try {
      return await this.#client.call({ ...call, accessToken })
    } catch (error) {
      if (!this.#expired(error, accessToken)) throw error
      return await this.#client.call({
        ...call,
        accessToken: await this.#enrolment.token(call.signal),
      })
    }
  }

  /** As `BrokerClient.stream`. A token that is not taken is given back; the caller comes again. */
  async *stream(
    call: BrokerCall & { readonly signal: AbortSignal },
    silenceMs: number,
  ): AsyncGenerator<Buffer> {
    const accessToken = await this.#enrolment.token(call.signal)
    try {
      yield* this.#client.stream({ ...call, accessToken }, silenceMs)
    } catch (error) {
      this.#expired(error, accessToken)
      throw error
    }
  }

  #expired(error: unknown, accessToken: string): boolean {
    if (!(error instanceof BrokerError) || error.status !== 401) return false
    this.#enrolment.renew(accessToken)
    return true
  }
}
