import { annotations } from '../../admission/injection.ts'
import { keyOf } from '../dependencies.ts'
import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/** The pod names a connection that is there, and that lets in pods of its namespace. */
export const connectionAllowed: Check = {
  name: 'connectionAllowed',
  check: (evidence, { connections, isAllowed, namespace }) => {
    const identity = evidence.get('identity')
    const named = evidence.get('pod').metadata?.annotations ?? {}
    const name = named[annotations.connection] ?? ''
    if (name === '') throw BrokerError.of('ConnectionNotNamed', { pod: podName(identity) })
    const given = named[annotations.namespace] ?? ''
    // Empty is the same as absent, as admission reads it.
    const reference = { namespace: given === '' ? namespace : given, name }
    const connection = keyOf(reference)
    const served = connections().get(connection)
    if (served === undefined) throw BrokerError.of('ConnectionUnknown', { connection })
    if (!isAllowed(served.connection, identity.namespace)) {
      throw BrokerError.of('NamespaceNotAllowed', { connection, namespace: identity.namespace })
    }
    evidence.found({ connection: served, reference })
  },
}
