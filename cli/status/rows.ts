/** What `frostgate status` says of each object, from its status as the operator wrote it. */

import { at, listAt, textAt } from '../doctor/finding.ts'

export interface StatusRow {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** True, False, or Unknown before the operator has looked. */
  readonly ready: string
  readonly reason: string
  readonly message: string
  /** Of a connection: `3/3`, sidecars in sync of those connected. */
  readonly sidecars: string | undefined
  /** Of a connection: digest of the bundle in force. */
  readonly bundle: string | undefined
  /** Of a connection: what went wrong last, and when. */
  readonly lastError: { readonly message: string; readonly time: string } | undefined
}

export const statusKinds = [
  ['snowflakeconnections', 'SnowflakeConnection'],
  ['agentpolicies', 'AgentPolicy'],
  ['maskingrules', 'MaskingRule'],
] as const

export function rowOf(kind: string, object: unknown): StatusRow {
  const condition = listAt(object, 'status', 'conditions').find(
    (each) => at(each, 'type') === 'Ready',
  )
  const current = at(condition, 'observedGeneration') === at(object, 'metadata', 'generation')
  const [connected, inSync] = ['connected', 'inSync'].map((field) =>
    Number(at(object, 'status', 'sidecars', field) ?? NaN),
  )
  const error = at(object, 'status', 'lastError')
  return {
    kind,
    namespace: textAt(object, 'metadata', 'namespace') ?? '',
    name: textAt(object, 'metadata', 'name') ?? '',
    ready: current ? (textAt(condition, 'status') ?? 'Unknown') : 'Unknown',
    reason: current ? (textAt(condition, 'reason') ?? '') : 'Changed',
    message: current
      ? (textAt(condition, 'message') ?? '')
      : 'the operator has not looked at it since it was changed',
    sidecars:
      connected === undefined || Number.isNaN(connected) ? undefined : `${inSync}/${connected}`,
    bundle: textAt(object, 'status', 'bundle'),
    lastError:
      error === undefined
        ? undefined
        : { message: textAt(error, 'message') ?? '', time: textAt(error, 'time') ?? '' },
  }
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const shortDigest = (digest: string | undefined): string =>
  digest?.replace(/^sha256:/, '').slice(0, 12) ?? ''

/** Lines for people: a table, and below it what is wrong and since when. */
export function renderStatus(rows: readonly StatusRow[]): readonly string[] {
  const connections = rows.filter(({ kind }) => kind === 'SnowflakeConnection')
  const others = rows.filter(({ kind }) => kind !== 'SnowflakeConnection')
  const wrong = rows.filter(({ ready }) => ready !== 'True')
  return [
    ...table([
      ['CONNECTION', 'READY', 'SIDECARS IN SYNC', 'BUNDLE'],
      ...connections.map((row) => [
        `${row.namespace}/${row.name}`,
        row.ready,
        row.sidecars ?? '-',
        shortDigest(row.bundle),
      ]),
    ]),
    '',
    ...table([
      ['KIND', 'NAME', 'READY'],
      ...others.map((row) => [row.kind, `${row.namespace}/${row.name}`, row.ready]),
    ]),
    ...wrong.flatMap((row) => [
      '',
      `${row.kind} ${row.namespace}/${row.name}: ${row.reason}`,
      `  ${row.message}`,
    ]),
    ...connections.flatMap(({ namespace, name, lastError }) =>
      lastError === undefined
        ? []
        : ['', `${namespace}/${name} at ${lastError.time}: ${lastError.message}`],
    ),
  ]
}
