/** Puts the operator's rooms together: the only place that knows them all. */

import { randomUUID } from 'node:crypto'

import type { Logger } from 'pino'
import { Registry } from 'prom-client'

import type { OperatorFacts } from '../admission/injection.ts'
import { verifyRunning } from '../admission/verify/verify.ts'
import { admissionHandler, admissionPaths } from '../admission/webhook/handler.ts'
import { createBroker } from '../broker/broker.ts'
import { leasePins, sweepPins } from '../broker/pins.ts'
import { applyCaBundle } from '../certs/ca-bundle.ts'
import { CertificateAuthority } from '../certs/certificate-authority.ts'
import { allowed } from '../compile/allowed-namespaces.ts'
import { compileAll, type Compiled } from '../compile/compile-all.ts'
import { StatusController } from '../controllers/status-controller.ts'
import { listenForHealth } from '../http/health.ts'
import { listenForWebhooks } from '../http/webhooks.ts'
import type { KubeClient } from '../kube/client.ts'
import { events } from '../kube/events.ts'
import { leaderElection, type LeaderElection } from '../kube/leader-election.ts'
import type { Settings } from '../settings.ts'
import { KubeStore } from '../store/kube-store.ts'
import { recordAdmission, recordAlert } from './alerts.ts'
import * as api from './api-server.ts'
import { readClusterIdentity, watchClusterIdentity } from './cluster-facts.ts'
import { connectionFor, factsOf } from './connection-facts.ts'
import { watchGonePods } from './gone-pods.ts'
import { ReplicaReports } from './replica-reports.ts'
import { validateObject } from './validate-object.ts'
import { webhookConfigurations } from './webhook-names.ts'

export interface RunningOperator {
  readonly ports: { readonly broker: number; readonly webhooks: number; readonly health: number }
  close(reason: string): Promise<void>
}

export interface OperatorOptions {
  readonly settings: Settings
  readonly version: string
  readonly client: KubeClient
  readonly log: Logger
}

/** Pins of pods that are gone, and what else time makes untrue. */
const sweepEveryMs = 60_000

/** Rejects, with what is missing, if the API server cannot be asked or refuses. */
export async function startOperator(options: OperatorOptions): Promise<RunningOperator> {
  const { settings, client, log } = options
  const { namespace } = settings
  const problem = (what: string) => (error: unknown) => {
    log.warn({ err: error }, what)
  }
  const metrics = new Registry()
  const recorder = events(client, {
    instance: settings.podName,
    onProblem: problem('an Event could not be written'),
  })
  const identity = await readClusterIdentity(client)
  const cluster = watchClusterIdentity(
    client,
    identity,
    () => {
      recompile()
    },
    problem("the cluster's token issuer could not be read again"),
  )
  const leadership: { election?: LeaderElection } = {}
  const isLeader = (): boolean => leadership.election?.isLeader ?? false
  const authority = new CertificateAuthority({
    secret: api.secretAccess(client, namespace, `${settings.release}-keys`),
    names: certificateNames(settings),
    isLeader,
    report: (report) => {
      if (report.event === 'CheckFailed')
        log.error({ err: report.error }, 'certificates could not be looked after')
      else log.warn({ ...report }, 'certificates changed')
    },
  })
  await authority.start()

  const store = new KubeStore(client, {
    connectionNamespaces: settings.connectionNamespaces,
    onProblem: ({ error, ...where }) => {
      log.warn({ err: error, ...where }, 'a list or watch was interrupted; it goes on')
    },
  })
  await store.start()
  const compileOptions = () => ({
    cluster: cluster.current(),
    connectionNamespaces: settings.connectionNamespaces,
  })
  let compiled: Compiled = compileAll(store.snapshot(), compileOptions())

  const facts = (): OperatorFacts => ({
    version: options.version,
    namespace,
    image: settings.sidecarImage,
    imagePullPolicy: settings.sidecarPullPolicy,
    brokerUrl: settings.brokerUrl,
    trust: authority.trust(),
    clusterUid: identity.uid,
    resources: settings.sidecarResources,
    seal: (text) => authority.seal(text),
  })
  const broker = createBroker({
    origin: settings.brokerUrl,
    namespace,
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
    ...(settings.recordingFolder === undefined ? {} : { recordings: settings.recordingFolder }),
  })
  const webhooks = await listenForWebhooks(settings.webhookPort, {
    leaf: authority.leaf(),
    answer: webhookAnswers(),
    onError: problem('a review could not be answered'),
  })
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
    compiled: () => compiled,
    sidecars: () => broker.sidecars(reports.others()),
    isLeader,
    onError: (object, error) => {
      log.warn({ err: error, object }, 'a status could not be written; tried again')
    },
  })
  const gone = watchGonePods(
    client,
    (uid) => {
      broker.podGone(uid)
    },
    ({ error, ...where }) => {
      log.warn({ err: error, ...where }, 'the watch of pods was interrupted; it goes on')
    },
  )

  function recompile(): void {
    compiled = compileAll(store.snapshot(), { ...compileOptions(), previous: compiled })
    broker.publish()
    status.trigger()
  }

  function webhookAnswers(): (path: string, review: unknown) => Promise<unknown> {
    const handler = admissionHandler({
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
      record: recordAdmission(recorder),
      incident: (error) => {
        const incident = randomUUID()
        log.error({ err: error, incident }, 'a review failed')
        return incident
      },
    })
    return (path, review) =>
      Promise.resolve(admissionPaths.includes(path) ? handler(path, review) : undefined)
  }

  const publishTrust = (): void => {
    webhooks.renew(authority.leaf())
    broker.renewLeaf()
    broker.publish()
    void applyCaBundle(
      webhookConfigurations(settings.release),
      authority.trust(),
      api.applyPatch(client),
    ).then(() => {
      trusted = true
    }, problem('the CA could not be written into the webhook configurations; tried again soon'))
  }
  let trusted = false
  const stops = [
    store.onChange(recompile),
    authority.onChange(publishTrust),
    broker.onSidecars(() => {
      status.trigger()
    }),
  ]
  publishTrust()
  leadership.election = leaderElection(client, {
    namespace,
    name: `${settings.release}-operator`,
    identity: `${settings.podName}_${randomUUID()}`,
    onLeading: () => {
      log.info('this replica leads')
      void authority.check()
      status.trigger()
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
    publishTrust()
    if (isLeader())
      sweepPins(api.pinSweepAccess(client, namespace)).catch(problem('pins could not be swept'))
  }, sweepEveryMs)
  const health = await listenForHealth(settings.healthPort, {
    metrics,
    missing: () => [
      ...(store.synced ? [] : ['objects are not read yet']),
      ...(trusted ? [] : ['the CA is not in the webhook configurations yet']),
    ],
  })
  log.info(
    { connections: compiled.connections.size, broker: brokerPort, webhooks: webhooks.port },
    'the operator serves',
  )
  return {
    ports: { broker: brokerPort, webhooks: webhooks.port, health: health.port },
    close: async (reason) => {
      log.info({ reason }, 'the operator stops')
      clearInterval(sweeper)
      for (const stop of stops) stop()
      cluster.stop()
      // First the Lease: another replica takes over while this one says goodbye.
      await leadership.election?.stop()
      await status.stop()
      await Promise.all([reports.stop(), gone.stop(), broker.close(), webhooks.close()])
      await Promise.all([store.stop(), authority.stop(), recorder.stop(), health.close()])
    },
  }
}

/** Every name at which this replica is reached over TLS. */
function certificateNames({
  brokerUrl,
  release,
  namespace,
}: Settings): readonly [string, ...(readonly string[])] {
  const services = [`${release}-broker`, `${release}-webhook`].flatMap((service) => [
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.cluster.local`,
  ])
  return [...new Set([new URL(brokerUrl).hostname, ...services])] as [string, ...string[]]
}
