/** What the operator says of itself: to pods that it injects, and to its broker. */

import type { OperatorFacts } from '../admission/injection.ts'
import type { BrokerDependencies } from '../broker/dependencies.ts'
import type { CertificateAuthority } from '../certs/certificate-authority.ts'
import type { Settings } from '../settings.ts'
import type { OperatorOptions } from './options.ts'

export function operatorFacts(
  { settings, version }: Pick<OperatorOptions, 'settings' | 'version'>,
  clusterUid: string,
  authority: Pick<CertificateAuthority, 'trust' | 'seal'>,
): () => OperatorFacts {
  return () => ({
    version,
    namespace: settings.namespace,
    image: settings.sidecarImage,
    imagePullPolicy: settings.sidecarPullPolicy,
    brokerUrl: settings.brokerUrl,
    trust: authority.trust(),
    clusterUid,
    resources: settings.sidecarResources,
    seal: (text) => authority.seal(text),
  })
}

/** Nothing where none are kept. */
export function recordingsOf(settings: Settings): Pick<BrokerDependencies, 'recordings'> {
  const { recordingFolder, recordingTotal, recordingKeepMs, podName } = settings
  if (recordingFolder === undefined) return {}
  return {
    recordings: {
      folder: recordingFolder,
      replica: podName,
      total: recordingTotal,
      keepMs: recordingKeepMs,
    },
  }
}
