/** One container's environment and mounts: ours added, the author's kept. */

import type { ConnectionFacts, InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import type { PlacedContainer } from '../refusals/containers.ts'
import {
  driverEnvironment,
  isCredential,
  proxyExceptions,
  unproxied,
} from './driver-environment.ts'
import { agentMount } from './volumes.ts'
import type { Container, EnvVar } from '../pod.ts'

export interface Furnished {
  readonly container: Container
  readonly refusals: readonly InjectionRefusal[]
  readonly warnings: readonly string[]
}

/** What is there already stays where it is, so that doing it again changes nothing. */
export function furnish(placed: PlacedContainer, connection: ConnectionFacts): Furnished {
  const { container } = placed
  const ours = driverEnvironment(connection.account)
  const conflicts = conflictsOf(placed, ours)
  const deny = connection.conflictingEnv === 'Deny'
  const exceptions = withExceptions(container.env ?? [])
  const missing = Object.entries(ours)
    .filter(([name]) => !(container.env ?? []).some((variable) => variable.name === name))
    .map(([name, value]) => ({ name, value }))
  const mounted = (container.volumeMounts ?? []).some(
    ({ name, mountPath }) => name === agentMount.name && mountPath === agentMount.mountPath,
  )
  return {
    container: {
      ...container,
      // First, so that the author's values may refer to ours as $(SNOWFLAKE_HOST).
      env: [...missing, ...exceptions.env],
      volumeMounts: [...(container.volumeMounts ?? []), ...(mounted ? [] : [agentMount])],
    },
    refusals: deny ? conflicts : [],
    warnings: [
      ...(deny ? [] : conflicts.map(({ field, message }) => `${field}: ${message}`)),
      ...exceptions.warnings.map((warning) => `container ${container.name}: ${warning}`),
      ...(container.envFrom === undefined || container.envFrom.length === 0
        ? []
        : [
            `container ${container.name}: envFrom is not looked into; keep Snowflake credentials out`,
          ]),
    ],
  }
}

function conflictsOf(
  { field, container }: PlacedContainer,
  ours: Readonly<Record<string, string>>,
): readonly InjectionRefusal[] {
  return (container.env ?? []).flatMap(({ name, value }, index) => {
    const place = `${field}.env[${index}]`
    const expected = ours[name]
    if (expected !== undefined && value !== expected)
      return [refuse('ConflictingEnvironment', place, `${name} is set to another value`)]
    if (expected === undefined && isCredential(name))
      return [refuse('CredentialInEnvironment', place, `${name} is a Snowflake credential`)]
    return []
  })
}

/** A missing spelling gets what the other one says: setting one may not hide the other. */
function withExceptions(env: readonly EnvVar[]): {
  readonly env: readonly EnvVar[]
  readonly warnings: readonly string[]
} {
  const present = env.filter(({ name }) => proxyExceptions.includes(name))
  const unreadable = present.filter(({ value, valueFrom }) => isUnreadable(value, valueFrom))
  const known = present.find(({ value, valueFrom }) => !isUnreadable(value, valueFrom))?.value ?? ''
  const merged = env.map((variable) =>
    proxyExceptions.includes(variable.name) && !unreadable.includes(variable)
      ? { ...variable, value: exempt(variable.value ?? '') }
      : variable,
  )
  const missing =
    unreadable.length > 0
      ? []
      : proxyExceptions.filter((name) => !present.some((variable) => variable.name === name))
  return {
    env: [...merged, ...missing.map((name) => ({ name, value: exempt(known) }))],
    warnings: unreadable.map(({ name }) => `${name} cannot be read here; it must have 127.0.0.1`),
  }
}

function isUnreadable(value: string | undefined, valueFrom: unknown): boolean {
  return valueFrom !== undefined && valueFrom !== null && value === undefined
}

function exempt(list: string): string {
  const entries = list.split(',').map((entry) => entry.trim())
  if (entries.includes('*')) return list
  const missing = unproxied.filter((host) => !entries.includes(host))
  return [...(list === '' ? [] : [list]), ...missing].join(',')
}
