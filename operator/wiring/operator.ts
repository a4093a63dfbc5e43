/** Puts the operator's rooms together: the only place that knows them all. */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import { Registry } from 'prom-client'

import { verifyRunning } from '../admission/verify/verify.ts'
import { createBroker } from '../broker/broker.ts'
import { leasePins, sweepPins } from '../broker/pins.ts'
import { CertificateAuthority } from '../certs/certificate-authority.ts'
import { allowed } from '../compile/allowed-namespaces.ts'
import { compileAll, type Compiled } from '../compile/compile-all.ts'
import { StatusController } from '../controllers/status-controller.ts'
import { listenForHealth } from '../http/health.ts'
import { listenForWebhooks } from '../http/webhooks.ts'
import { events } from '../kube/events.ts'
import { leaderElection, type LeaderElection } from '../kube/leader-election.ts'
import { KubeStore } from '../store/kube-store.ts'
import { recordAdmission, recordAlert } from './alerts.ts'
import * as api from './api-server.ts'
import { approvals } from './approvals.ts'
import { blindness } from './blindness.ts'
import { certificateNames } from './certificate-names.ts'
import { Closers } from './closers.ts'
import { readClusterIdentity, watchClusterIdentity } from './cluster-facts.ts'
import { connectionFor, factsOf } from './connection-facts.ts'
import { credentialEvents } from './credential-events.ts'
import { watchGonePods } from './gone-pods.ts'
import { operatorMetrics } from './metrics.ts'
import { operatorFacts, recordingsOf } from './operator-facts.ts'
import { secretChanges } from './own-secret.ts'
import { usualTiming, type OperatorOptions, type RunningOperator } from './options.ts'
import { pageSettings, startPeople } from './people.ts'
import { ReplicaReports } from './replica-reports.ts'
import { certificateEvents, recordTransition } from './status-events.ts'
import { TrustPublisher } from './trust-publisher.ts'
import { validateObject } from './validate-object.ts'
import { Waiting } from './waiting.ts'
import { webhookAnswers } from './webhook-answers.ts'
import { webhookConfigurations } from './webhook-names.ts'

/**
 * Serves health from the first moment, and everything else once the API server has told what it
 * takes: as long as that is away, it is asked again and again. Rejects if a port is taken, or with
 * the reason of `signal`.
 */
export async function startOperator(options: OperatorOptions): Promise<RunningOperator> {
  const closing = new Closers()
  try {
    return await start(options, closing)
  } catch (error) {
    await closing.run()
    await options.client.close()
    throw error
  }
}

async function start(options: OperatorOptions, closing: Closers): Promise<RunningOperator> {
  const { settings, client, log } = options
  const { namespace } = settings
  const timing = { ...usualTiming, ...options.timing }
  const problem = (what: string) => (error: unknown) => {
    log.warn({ err: error }, what)
  }
  const waiting = new Waiting(options, timing.startBackoff)
  const metrics = new Registry()
  let isClosing = false
  let missing = (): readonly string[] => [`waiting for ${waiting.for}`]
  const health = await listenForHealth(settings.healthPort, {
    metrics,
    missing: () => (isClosing ? ['this replica stops'] : missing()),
  })
  closing.add(() => health.close())
  const recorder = events(client, {
    instance: settings.podName,
    onProblem: problem('an Event could not be written'),
  })
  closing.add(() => recorder.stop())
  // By itself: whoever reaches the webhooks may make it busy, and alerts must get through.
  const admissionRecorder = events(client, {
    instance: settings.podName,
    onProblem: problem('an Event of an admission could not be written'),
  })
  closing.add(() => admissionRecorder.stop())
  const identity = await waiting.until("the API server and the cluster's token issuer", () =>
    readClusterIdentity(client),
  )
  const leadership: { election?: LeaderElection } = {}
  const isLeader = (): boolean => leadership.election?.isLeader ?? false
  const page = await pageSettings(settings, log)
  const authority = new CertificateAuthority({
    secret: api.secretAccess(client, namespace, `${settings.release}-keys`),
    names: certificateNames(settings, page?.url),
    isLeader,
    report: (report) => {
      if (report.event === 'CheckFailed')
        log.error({ err: report.error }, 'certificates could not be looked after')
      else log.warn({ ...report }, 'certificates changed')
    },
  })
  closing.add(() => authority.stop())
  await waiting.until("the Secret of the operator's keys", () => authority.start())

  const store = new KubeStore(client, {
    connectionNamespaces: settings.connectionNamespaces,
    timing: timing.reflectors,
    startTimeoutMs: timing.startMs,
    onProblem: ({ error, ...where }) => {
      log.warn({ err: error, ...where }, 'a list or watch was interrupted; it goes on')
    },
  })
  closing.add(() => store.stop())
  await waiting.until('the objects of the API', () => store.start())
  const incidentOf = (what: string) => (error: unknown) => {
    const incident = randomUUID()
    log.error({ err: error, incident }, what)
    return incident
  }
  const asking = approvals({
    client,
    settings,
    compiled: () => compiled,
    isLeader,
    events: recorder,
    metrics,
    timing: timing.reflectors,
    startTimeoutMs: timing.startMs,
    onProblem: ({ error, ...where }) => {
      log.warn({ err: error, ...where }, 'approvals were interrupted; they go on')
    },
    incident: incidentOf('a review of a decision failed'),
  })
  closing.add(() => asking.stop())
  await waiting.until('the requests for approval', () => asking.listed())
  const cluster = watchClusterIdentity(
    client,
    identity,
    () => {
      recompile()
    },
    problem("the cluster's token issuer could not be read again"),
  )
  closing.add(() => {
    cluster.stop()
    return Promise.resolve()
  })
  const compileOptions = () => ({
    cluster: cluster.current(),
    connectionNamespaces: settings.connectionNamespaces,
    onFault: (connection: string, incident: string, error: unknown) => {
      log.error({ err: error, connection, incident }, 'a connection could not be compiled')
      compileFailed()
    },
  })
  let compileFailed = (): void => undefined
  let compiledFrom = store.snapshot()
  let compiled: Compiled = compileAll(compiledFrom, compileOptions())

  const desk = asking.run()
  closing.add(() => desk.stop())
  const followed = () => [...store.reflectors, ...desk.store.reflectors]

  const facts = operatorFacts(options, identity.uid, authority)
  const broker = createBroker({
    origin: settings.brokerUrl,
    namespace,
    serviceAccount: { namespace, name: `${settings.release}-operator` },
    clusterUid: identity.uid,
    tls: () => authority.leaf(),
    trust: () => authority.trust(),
    signingKeys: () => authority.signingKeys(),
    reviewToken: api.reviewToken(client),
    readPod: api.readPod(client),
    pins: leasePins(api.pinAccess(client, namespace), Date.now),
    connections: () => compiled.connections,
    isAllowed: (connection, podNamespace) => {
      const labels = store.snapshot().namespaces.get(podNamespace)
      return labels !== undefined && allowed(connection, podNamespace, labels)
    },
    verifyPod: (pod, connection) =>
      verifyRunning(pod, {
        operator: facts(),
        connection: factsOf(connection, settings.sidecarResources),
        podNamespace: pod.metadata?.namespace ?? '',
      }),
    objects: () => store.snapshot().objects,
    mintToken: api.mintToken(client),
    alert: recordAlert(recorder),
    log: log.child({ room: 'broker' }),
    metrics,
    isUnreadable: (connection) =>
      store
        .snapshot()
        .malformed.some(
          ({ kind, namespace: space, name }) =>
            kind === 'SnowflakeConnection' && `${space}/${name}` === connection,
        ),
    approvals: () => desk,
    vouches: () => blindness(followed(), timing.blindAfterMs).length === 0,
    ...recordingsOf(settings),
  })
  const operatorFigures = operatorMetrics(metrics, {
    version: options.version,
    isLeader,
    compiled: () => compiled,
    malformed: () => store.snapshot().malformed.length,
    reflectors: followed,
    certificates: () => ({ leaf: authority.leaf().cert, trust: authority.trust() }),
    eventsDropped: () => recorder.dropped + admissionRecorder.dropped,
  })
  compileFailed = () => {
    operatorFigures.compileFailed()
  }
  closing.add(() => broker.close())
  const webhooks = await listenForWebhooks(settings.webhookPort, {
    leaf: authority.leaf(),
    answer: webhookAnswers(
      {
        operator: facts,
        namespaceLabels: (name) => store.snapshot().namespaces.get(name),
        connectionFor: (reference, podNamespace) =>
          connectionFor(reference, podNamespace, {
            synced: store.synced,
            compiled,
            namespaces: store.snapshot().namespaces,
            defaults: settings.sidecarResources,
          }),
        validate: (object) => validateObject(object, store.snapshot(), compiled, compileOptions()),
        record: recordAdmission(admissionRecorder),
        incident: incidentOf('a review failed'),
      },
      desk.admission,
      () => operatorFigures,
    ),
    onError: problem('a review could not be answered'),
  })
  closing.add(() => webhooks.close())
  const brokerPort = await broker.listen(settings.brokerPort)

  const reports = new ReplicaReports(client, {
    namespace,
    replica: settings.podName,
    own: () => broker.report(),
    isLeader,
    onChange: () => {
      status.trigger()
    },
    onProblem: problem("replicas' reports could not be exchanged"),
  })
  const status = new StatusController(store, {
    // A status speaks of the objects that it is written to, which may be newer than the last compile.
    compiled: () => {
      if (store.snapshot() !== compiledFrom) recompile()
      return compiled
    },
    sidecars: () => broker.sidecars(reports.others()),
    isLeader,
    onTransition: recordTransition(recorder, () => compiled),
    onError: (object, error) => {
      log.warn({ err: error, object }, 'a status could not be written; tried again')
    },
  })
  const gone = watchGonePods(
    client,
    (uid) => {
      broker.podGone(uid)
      desk.podGone(uid)
    },
    ({ error, ...where }) => {
      log.warn({ err: error, ...where }, 'the watch of pods was interrupted; it goes on')
    },
  )

  const tellOfCredentials = credentialEvents(recorder, isLeader)
  tellOfCredentials(store.snapshot().objects)
  const tellOfCertificates = certificateEvents(recorder, isLeader, {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace,
    name: `${settings.release}-keys`,
  })
  tellOfCertificates(authority.leaf(), authority.trust())

  const keysChanged = secretChanges(namespace, `${settings.release}-keys`)
  function recompile(): void {
    // First what counts: no fault in telling may keep a policy from being taken back.
    compiledFrom = store.snapshot()
    compiled = compileAll(compiledFrom, { ...compileOptions(), previous: compiled })
    broker.publish()
    desk.desk.trigger()
    status.trigger()
    tellOfCredentials(store.snapshot().objects)
    // Replicas that know different CAs refuse what the other has injected.
    if (keysChanged(store.snapshot().objects)) void authority.check()
  }

  const people = await startPeople({ ...{ settings, page, isLeader, authority, log }, ...desk })
  closing.add(() => people.stop())
  const publisher = new TrustPublisher({
    configurations: webhookConfigurations(settings.release),
    trust: () => authority.trust(),
    apply: api.applyPatch(client),
    onProblem: problem('the CA could not be written into the webhook configurations; tried again'),
    backoff: timing.startBackoff,
  })
  const stops = [
    store.onChange(recompile),
    authority.onChange(() => {
      tellOfCertificates(authority.leaf(), authority.trust())
      webhooks.renew(authority.leaf())
      broker.renewLeaf()
      people.renewLeaf()
      broker.publish()
      publisher.publish()
    }),
    broker.onSidecars(() => {
      status.trigger()
    }),
    desk.desk.onStanding(({ spec: { pod } }, standing) => {
      if (pod !== undefined) broker.tellApproval(pod.uid, standing)
    }),
  ]
  publisher.publish()
  leadership.election = leaderElection(client, {
    namespace,
    name: `${settings.release}-operator`,
    identity: `${settings.podName}_${randomUUID()}`,
    onLeading: () => {
      log.info('this replica leads')
      tellOfCredentials(store.snapshot().objects)
      void authority.check()
      status.trigger()
      desk.leading()
      people.leading()
    },
    onLost: () => {
      log.info('this replica leads no more')
    },
    onProblem: problem('the Lease could not be renewed'),
  })
  status.start()
  reports.start()
  const sweeper = setInterval(() => {
    // Somebody may have applied the chart anew, or edited the configurations.
    publisher.publish()
    people.renewLeaf()
    if (gone.synced) desk.sweep(gone.uids())
    if (gone.synced)
      broker
        .sweepRecordings((uid) => gone.has(uid))
        .catch(problem('old recordings could not be removed'))
    if (isLeader())
      sweepPins(api.pinSweepAccess(client, namespace)).catch(problem('pins could not be swept'))
  }, timing.sweepMs)
  closing.add(
    async () => {
      clearInterval(sweeper)
      for (const stop of stops) stop()
      await publisher.stop()
    },
    () => status.stop(),
    () => reports.stop(),
    () => gone.stop(),
  )
  missing = () => [
    ...(publisher.published ? [] : ['the CA is not in the webhook configurations yet']),
    ...blindness(followed(), timing.blindAfterMs),
  ]
  log.info(
    { connections: compiled.connections.size, broker: brokerPort, webhooks: webhooks.port },
    'the operator serves',
  )
  const close = async (reason: string): Promise<void> => {
    log.info({ reason }, 'the operator stops')
    isClosing = true
    const limit = setTimeout(() => {
      log.warn('the API server does not answer; the stop goes on without it')
      void client.close()
    }, timing.limitMs)
    // First the Lease: another replica takes over while this one says goodbye.
    await Promise.all([leadership.election?.stop(), delay(timing.lingerMs)])
    await closing.run()
    clearTimeout(limit)
    await client.close()
  }
  let closed: Promise<void> | undefined
  return {
    ports: {
      broker: brokerPort,
      webhooks: webhooks.port,
      health: health.port,
      page: people.port,
    },
    close: (reason) => (closed ??= close(reason)),
  }
}
