/** What the operator of a cluster would know, for an injection without a cluster. */

import { annotations, type InjectionContext } from '../../operator/admission/injection.ts'
import { defaultResources } from '../../operator/admission/defaults.ts'
import type { FoundPod } from '../../operator/admission/workloads.ts'
import { version } from '../../sidecar/version.ts'
import { CliError } from '../output.ts'

export interface ContextOptions {
  readonly connection?: string
  readonly account: string
  readonly image: string
  readonly operatorNamespace: string
  readonly brokerUrl: string
  readonly conflictingEnv: string
}

/** Also in the output, so that nobody takes it for what a cluster would run. */
export const offline = 'offline'

/** Undefined for a pod that asks for no connection. Errors: CliError for options that say nothing. */
export function contextFor(
  { pod, namespace }: FoundPod,
  options: ContextOptions,
): InjectionContext | undefined {
  const connection = connectionOf(pod.metadata?.annotations ?? {}, options)
  const { conflictingEnv } = options
  if (conflictingEnv !== 'Deny' && conflictingEnv !== 'Warn')
    throw new CliError(`--conflicting-env ${conflictingEnv}: write Deny or Warn.`)
  if (!URL.canParse(options.brokerUrl))
    throw new CliError(`--broker-url ${options.brokerUrl} is no URL: write https://host:port.`)
  if (connection === undefined) return undefined
  return {
    operator: {
      version,
      namespace: options.operatorNamespace,
      image: options.image,
      imagePullPolicy: 'IfNotPresent',
      brokerUrl: options.brokerUrl,
      trust: offline,
      clusterUid: offline,
      resources: defaultResources,
      seal: () => offline,
    },
    connection: {
      ...connection,
      account: options.account,
      resources: undefined,
      maxResources: undefined,
      conflictingEnv,
    },
    podNamespace: namespace ?? 'default',
  }
}

/** The pod's own annotation counts; the option is for pods that have none. */
function connectionOf(
  given: Readonly<Record<string, string>>,
  { connection, operatorNamespace }: ContextOptions,
): { readonly namespace: string; readonly name: string } | undefined {
  const name = given[annotations.connection] ?? ''
  if (name !== '') return { namespace: given[annotations.namespace] ?? operatorNamespace, name }
  if (connection === undefined) return undefined
  const parts = connection.split('/')
  const [first = '', second] = parts
  if (parts.length > 2 || first === '' || second === '')
    throw new CliError(`--connection ${connection}: write namespace/name, or name.`)
  return second === undefined
    ? { namespace: operatorNamespace, name: first }
    : { namespace: first, name: second }
}
