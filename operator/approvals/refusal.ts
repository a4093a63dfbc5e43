/** What the desk does not do, and why; for whoever asked. */

export type RefusalReason =
  'TooManyOfPod' | 'TooManyOfConnection' | 'NotThere' | 'OtherDigest' | 'ConnectionClosed' | 'Busy'

const transient: Readonly<Record<RefusalReason, boolean>> = {
  TooManyOfPod: true,
  TooManyOfConnection: true,
  NotThere: false,
  OtherDigest: false,
  ConnectionClosed: true,
  Busy: true,
}

/** Its message is safe to log and to send. */
export class DeskRefusal extends Error {
  override readonly name = 'DeskRefusal'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.reason = reason
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get transient(): boolean {
    return transient[this.reason]
  }
}
