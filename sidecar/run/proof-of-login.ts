/** Whether Snowflake lets this gateway in, tried until it does: what `/startup` waits for. */

import type { Logger } from 'pino'

import { pause, type BackOff } from '../control/back-off.ts'
import type { Clock } from '../control/clock.ts'
import type { HealthFacts } from '../health/report.ts'

const backOff: BackOff = { first: 1_000, next: 2_000, most: 15_000 }

/** One that says in the log how it goes. */
export function loggedProof(clock: Clock, log: Logger): ProofOfLogin {
  return new ProofOfLogin(clock, (proven, reason) => {
    if (proven) log.info('Snowflake lets the gateway in')
    else log.error({ reason }, 'Snowflake does not let the gateway in')
  })
}

export class ProofOfLogin {
  readonly #clock: Clock
  readonly #onState: (proven: boolean, reason: string) => void
  readonly #stop = new AbortController()
  #login: HealthFacts['login'] = { reason: 'no login has been tried yet' }
  #running: Promise<void> | undefined

  /** `onState` is told of success, and of each reason against it once. */
  constructor(clock: Clock, onState: (proven: boolean, reason: string) => void) {
    this.#clock = clock
    this.#onState = onState
  }

  get login(): HealthFacts['login'] {
    return this.#login
  }

  /** Begins with the first call; later ones change nothing. */
  start(prove: () => Promise<void>): void {
    this.#running ??= this.#run(prove)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(prove: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      try {
        await prove()
        this.#login = 'proven'
        this.#onState(true, '')
        return
      } catch (error) {
        this.#failed(error instanceof Error ? error.message : String(error))
      }
      await this.#clock.sleep(pause(backOff, attempt, this.#clock.random()), this.#stop.signal)
    }
  }

  #failed(reason: string): void {
    const before = this.#login
    this.#login = { reason }
    if (before === 'proven' || before.reason !== reason) this.#onState(false, reason)
  }
}
