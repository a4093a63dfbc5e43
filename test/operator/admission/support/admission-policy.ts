/**
 * ValidatingAdmissionPolicies without an API server: their CEL by the sidecar's CEL library, and what
 * Kubernetes adds to it. What the API server itself makes of them is in test/cluster.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Environment } from '@marcbachmann/cel-js'
import { parseAllDocuments } from 'yaml'

const folder = join(import.meta.dirname, '../../../../operator/admission/policies')

interface Expression {
  readonly expression: string
}

interface Policy {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly matchConstraints: {
      readonly resourceRules: readonly {
        readonly operations: readonly string[]
        readonly resources: readonly string[]
      }[]
    }
    readonly matchConditions?: readonly Expression[]
    readonly variables?: readonly (Expression & { readonly name: string })[]
    readonly validations: readonly (Expression & {
      readonly message: string
      readonly messageExpression?: string
    })[]
  }
}

export interface PolicyRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  /** With its subresource. */
  readonly resource: string
  readonly namespace: string
  readonly user: {
    readonly username: string
    readonly uid?: string
    readonly groups?: readonly string[]
  }
  readonly object?: object
  readonly oldObject?: object
  /** `verb resource name` that the user may do; `*` as the name is all. */
  readonly rights?: readonly string[]
}

class Check {
  readonly rights: readonly string[]
  readonly path: Readonly<Record<string, string>>
  constructor(rights: readonly string[], path: Readonly<Record<string, string>> = {}) {
    this.rights = rights
    this.path = path
  }
}

const steps = ['group', 'resource', 'namespace', 'name', 'check'] as const

function environment(): Environment {
  const made = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    unlistedVariablesAreDyn: true,
  }).registerType('Authorizer', Check)
  for (const step of steps)
    made.registerFunction(
      `Authorizer.${step}(string): Authorizer`,
      (check: Check, value: string) => new Check(check.rights, { ...check.path, [step]: value }),
    )
  return made.registerFunction('Authorizer.allowed(): bool', ({ rights, path }: Check) => {
    const [what, name] = [`${path['check'] ?? ''} ${path['resource'] ?? ''}`, path['name'] ?? '']
    if (path['group'] !== 'frostgate.dev' || path['namespace'] === undefined) return false
    // RBAC: a rule with names is for these names; without a name only one without names will do.
    return rights.includes(`${what} *`) || (name !== '' && rights.includes(`${what} ${name}`))
  })
}

/** Messages of what refuses the request, by all policies of the file that match it. */
export function refusalsBy(file: string, request: PolicyRequest): readonly string[] {
  const policies = parseAllDocuments(readFileSync(join(folder, file), 'utf8'))
    .map((document) => document.toJS() as Policy)
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
  return policies
    .filter(({ spec }) =>
      spec.matchConstraints.resourceRules.some(
        ({ operations, resources }) =>
          operations.includes(request.operation) && resources.includes(request.resource),
      ),
    )
    .flatMap(({ spec }) => judged(spec, request))
}

function judged(spec: Policy['spec'], request: PolicyRequest): readonly string[] {
  const env = environment()
  const [, subResource] = request.resource.split('/')
  const variables: Record<string, unknown> = {}
  const context = {
    object: request.object ?? null,
    oldObject: request.oldObject ?? null,
    request: {
      operation: request.operation,
      namespace: request.namespace,
      userInfo: request.user,
      ...(subResource === undefined ? {} : { subResource }),
    },
    authorizer: new Check(request.rights ?? []),
    variables,
  }
  const value = (expression: string): unknown => env.evaluate(expression, context)
  for (const { name, expression } of spec.variables ?? [])
    Object.defineProperty(variables, name, { enumerable: true, get: () => value(expression) })
  const matches = (spec.matchConditions ?? []).every(({ expression }) => value(expression) === true)
  if (!matches) return []
  return spec.validations.flatMap(({ expression, message, messageExpression }) =>
    value(expression) === true
      ? []
      : [messageExpression === undefined ? message : String(value(messageExpression))],
  )
}
