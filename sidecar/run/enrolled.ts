/** A sidecar with an operator: enrolled by it, governed by its bundles, logged in by its signatures. */

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from 'pino'

import { brokeredApprovals } from '../approvals/brokered.ts'
import { BrokerClient } from '../control/broker-client.ts'
import { systemClock } from '../control/clock.ts'
import { brokerSigner } from '../control/credentials.ts'
import { ControlLink } from '../control/link.ts'
import { RecordingShipper } from '../control/recording-shipper.ts'
import { openSidecarKey } from '../control/sidecar-key.ts'
import { initialState } from '../control/state.ts'
import { openTrusted } from '../control/trusted.ts'
import { lazyGateway, type LazyGateway } from './lazy-gateway.ts'
import { linkLog } from './link-log.ts'
import { loggedProof } from './proof-of-login.ts'
import type { EnrolledSettings } from './settings.ts'
import { observe, type Sidecar } from './sidecar.ts'

/** Milliseconds; an operator that is away must not keep a pod from ending. */
const withdrawalPatienceMs = 2_000

async function withdrawn(settled: Promise<void>): Promise<void> {
  await Promise.race([settled, delay(withdrawalPatienceMs, undefined, { ref: false })])
}

/**
 * Starts, and waits for nothing that the operator has to do: it may be away. Errors: RecordingError,
 * those of files and of listening. `onFault` is told when this process must end.
 */
export async function startEnrolled(
  settings: EnrolledSettings,
  log: Logger,
  onFault: (error: unknown) => void,
): Promise<Sidecar> {
  const clock = systemClock
  const folder = settings.FROSTGATE_KEY_FOLDER
  const key = await openSidecarKey(join(folder, 'key.json'))
  const trusted = await openTrusted(join(folder, 'trust.pem'), settings.FROSTGATE_TRUST)
  // Probes are answered before these are there.
  const made: { link?: ControlLink; gateway?: LazyGateway } = {}
  const proof = loggedProof(clock, log)
  const { recorder, file, metrics, health } = await observe({
    recording: settings.FROSTGATE_RECORDING,
    recordingLimit: settings.FROSTGATE_RECORDING_LIMIT,
    healthPort: settings.FROSTGATE_HEALTH_PORT,
    log,
    facts: () => ({
      state: made.link?.state ?? initialState,
      listening: made.gateway?.running !== undefined,
      login: proof.login,
    }),
    control: { connected: () => made.link?.connected ?? false, ageMs: () => made.link?.ageMs ?? 0 },
  })
  const people = brokeredApprovals({
    // Nobody asks before there is a session, and so a link.
    session: { call: (call) => opened.session.call(call) },
    clock,
    log,
  })
  const governed = lazyGateway(
    {
      approvals: people.approvals,
      recorder,
      log,
      port: settings.FROSTGATE_PORT,
      onAnswered: metrics.answered,
      // Asked only once there is a bundle, and so a session.
      signer: { sign: () => signer.sign() },
    },
    (digest) => {
      metrics.bundleApplied(digest)
      proof.start(() => governed.prove())
    },
  )
  made.gateway = governed
  const opened = new ControlLink({
    client: new BrokerClient({ url: settings.FROSTGATE_BROKER_URL, key, trust: trusted.pem, clock }),
    trusted, clock, onFault,
    gateway: governed,
    onApproval: people.onApproval,
    onConnected: people.onConnected,
    connection: settings.FROSTGATE_CONNECTION,
    tokenFile: settings.FROSTGATE_TOKEN_FILE,
    log: linkLog(log),
  }) // prettier-ignore
  made.link = opened
  const signer = brokerSigner(opened.session, settings.FROSTGATE_CONNECTION)
  const shipper = new RecordingShipper({
    session: opened.session,
    path: settings.FROSTGATE_RECORDING,
    durable: () => file.durableBytes,
    clock,
    onState: (reason) => {
      if (reason === undefined) log.info('the recording is sent to the operator')
      else log.warn({ reason }, 'the recording is not sent to the operator; it is kept here')
    },
  })
  log.info(
    { key: key.thumbprint, connection: settings.FROSTGATE_CONNECTION },
    'started; asking the operator to be let in',
  )
  opened.start()
  shipper.start()
  return {
    get url() {
      return governed.running?.url
    },
    healthPort: health?.port,
    drain: async (reason) => {
      await opened.drain(reason)
      await Promise.all([
        proof.stop(),
        governed.close(reason, settings.FROSTGATE_DRAIN_SECONDS * 1_000),
      ])
      await file.close()
      await Promise.all([shipper.flush(), withdrawn(people.settled())])
      await opened.close()
      await health?.close()
    },
  }
}
