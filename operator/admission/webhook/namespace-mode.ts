/** Which connection a new pod gets, by its annotations and its namespace's labels. */

import {
  annotations,
  defaultConnectionLabel,
  injectionLabel,
  type InjectionRefusal,
} from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import type { Pod } from '../pod.ts'

export interface ConnectionReference {
  readonly namespace: string
  readonly name: string
}

export type Wanted =
  | { readonly connection: ConnectionReference }
  | { readonly connection: undefined }
  | { readonly refusal: InjectionRefusal }

const modes: readonly string[] = ['enabled', 'required', 'disabled']

/** `connection` undefined: the pod asks for nothing, and its namespace does not insist. */
export function wantedConnection(
  pod: Pod,
  namespaceLabels: Readonly<Record<string, string>>,
  operatorNamespace: string,
): Wanted {
  const mode = namespaceLabels[injectionLabel] ?? 'enabled'
  const given = pod.metadata?.annotations ?? {}
  const named = given[annotations.connection]
  const field = annotationField(annotations.connection)
  if (!modes.includes(mode))
    return named === undefined
      ? { connection: undefined }
      : { refusal: refuse('NamespaceMode', field, `the namespace’s mode "${mode}" is unknown`) }
  if (named === undefined && mode !== 'required') return { connection: undefined }
  if (mode === 'disabled')
    return {
      refusal: refuse('NamespaceDisabled', field, 'pods of this namespace get no sidecar'),
    }
  if (named !== undefined && named !== '') {
    const namespace = given[annotations.namespace] ?? ''
    return {
      connection: { namespace: namespace === '' ? operatorNamespace : namespace, name: named },
    }
  }
  const fallback = defaultConnection(namespaceLabels, operatorNamespace)
  if (fallback !== undefined) return { connection: fallback }
  const what =
    named === undefined ? 'this namespace requires a connection' : 'the annotation is empty'
  return { refusal: refuse('ConnectionRequired', field, `${what}, and there is no default`) }
}

/** `name` or `namespace.name`: a label takes no slash, a connection's namespace has no dot. */
function defaultConnection(
  namespaceLabels: Readonly<Record<string, string>>,
  operatorNamespace: string,
): ConnectionReference | undefined {
  const value = namespaceLabels[defaultConnectionLabel] ?? ''
  if (value === '') return undefined
  const dot = value.indexOf('.')
  return dot < 0
    ? { namespace: operatorNamespace, name: value }
    : { namespace: value.slice(0, dot), name: value.slice(dot + 1) }
}
