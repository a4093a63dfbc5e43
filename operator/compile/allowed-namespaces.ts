import type { SnowflakeConnection } from '../../crds/types.ts'
import { namespaceOf } from '../store/objects.ts'

/** Whether pods of a namespace with these labels may use the connection. */
export function allowed(
  connection: SnowflakeConnection,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const { from, selector } = connection.spec.allowedNamespaces
  if (from === 'All' || namespace === namespaceOf(connection)) return true
  const wanted = Object.entries(selector?.matchLabels ?? {})
  return (
    from === 'Selector' &&
    wanted.length > 0 &&
    wanted.every(([name, value]) => labels[name] === value)
  )
}
