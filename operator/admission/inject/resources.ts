/** What the sidecar may use: the operator's default, the connection's, the pod's within bounds. */

import {
  annotations,
  type InjectionContext,
  type InjectionRefusal,
  type SidecarResources,
} from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import { formatQuantity, mebibytes, parseQuantity, type Quantity } from './quantity.ts'

export interface RenderedResources {
  readonly requests: Readonly<Record<'cpu' | 'memory', string>>
  readonly limits: Readonly<Partial<Record<'cpu' | 'memory', string>>>
  /** Of the memory limit, for the heap. */
  readonly memoryLimitMebibytes: number
}

type Bound = 'requests' | 'limits'
type Kind = 'cpu' | 'memory'

interface Value {
  readonly bound: Bound
  readonly kind: Kind
  readonly annotation: string
}

const values: readonly Value[] = [
  { bound: 'requests', kind: 'cpu', annotation: annotations.cpuRequest },
  { bound: 'requests', kind: 'memory', annotation: annotations.memoryRequest },
  { bound: 'limits', kind: 'cpu', annotation: annotations.cpuLimit },
  { bound: 'limits', kind: 'memory', annotation: annotations.memoryLimit },
]

/** Below this the runtime alone does not fit, and the pod would never start. */
const leastMemoryLimit = '128Mi'

export function resources(
  podAnnotations: Readonly<Record<string, string>>,
  { operator, connection }: InjectionContext,
): { readonly resources: RenderedResources } | { readonly refusals: readonly InjectionRefusal[] } {
  const base = connection.resources ?? operator.resources
  const refusals: InjectionRefusal[] = []
  const effective = { requests: {}, limits: {} } as Record<Bound, Partial<Record<Kind, Quantity>>>
  for (const { bound, kind, annotation } of values) {
    const asked = podAnnotations[annotation]
    const text = asked ?? base[bound][kind]
    if (text === undefined) continue
    const quantity = parseQuantity(text)
    const problem =
      asked === undefined
        ? undefined
        : overrideProblem(asked, quantity, bound, kind, connection.maxResources)
    if (problem !== undefined)
      refusals.push(refuse('Resources', annotationField(annotation), problem))
    else if (quantity !== undefined) effective[bound][kind] = quantity
  }
  if (refusals.length === 0) refusals.push(...relationProblems(effective))
  const { requests, limits } = effective
  if (refusals.length > 0) return { refusals }
  if (requests.cpu === undefined || requests.memory === undefined || limits.memory === undefined)
    throw new Error('the operator’s or the connection’s default resources are not quantities')
  return {
    resources: {
      requests: {
        cpu: formatQuantity(requests.cpu, 'cpu'),
        memory: formatQuantity(requests.memory, 'memory'),
      },
      limits: {
        ...(limits.cpu === undefined ? {} : { cpu: formatQuantity(limits.cpu, 'cpu') }),
        memory: formatQuantity(limits.memory, 'memory'),
      },
      memoryLimitMebibytes: mebibytes(limits.memory),
    },
  }
}

function overrideProblem(
  text: string,
  quantity: Quantity | undefined,
  bound: Bound,
  kind: Kind,
  max: SidecarResources | undefined,
): string | undefined {
  if (quantity === undefined) return `"${text}" is not a quantity such as 50m or 256Mi`
  if (quantity === 0n) return `"${text}" is nothing`
  const most = max?.[bound][kind]
  if (most === undefined) return `the connection lets no pod choose ${kind} ${bound}`
  if (quantity > (parseQuantity(most) ?? 0n)) return `${text} is more than the connection’s ${most}`
  if (bound === 'limits' && kind === 'memory' && quantity < (parseQuantity(leastMemoryLimit) ?? 0n))
    return `${text} is less than the ${leastMemoryLimit} that the sidecar needs`
  return undefined
}

/** Kubernetes refuses such a container, in words that name it and not the annotation. */
function relationProblems(
  effective: Readonly<Record<Bound, Partial<Record<Kind, Quantity>>>>,
): readonly InjectionRefusal[] {
  return (['cpu', 'memory'] as const).flatMap((kind) => {
    const [request, limit] = [effective.requests[kind], effective.limits[kind]]
    if (request === undefined || limit === undefined || request <= limit) return []
    const [asked, least] = [request, limit].map((quantity) => formatQuantity(quantity, kind))
    const annotation = kind === 'cpu' ? annotations.cpuLimit : annotations.memoryLimit
    return [
      refuse(
        'Resources',
        annotationField(annotation),
        `the sidecar’s ${kind} request ${asked ?? ''} is more than its limit ${least ?? ''}`,
      ),
    ]
  })
}
