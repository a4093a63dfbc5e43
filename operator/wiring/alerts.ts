/** What admission and the broker tell, as Events on the objects concerned. */

import { apiVersion } from '../../crds/definitions.ts'
import type { SnowflakeConnection } from '../../crds/types.ts'
import type { AdmissionEvent } from '../admission/webhook/dependencies.ts'
import type { BrokerAlert } from '../broker/dependencies.ts'
import type { Events, Regarding } from '../kube/events.ts'

export function recordAdmission(events: Events): (event: AdmissionEvent) => void {
  return ({ object, reason, note }) => {
    if (reason === 'PodInjected')
      events.record(object, 'Injected', { connection: note.replace(/^connection /, '') })
    else events.record(object, 'InjectionRefused', { message: note })
  }
}

function regardingObject({ kind, metadata }: SnowflakeConnection): Regarding {
  const { namespace, name, uid } = metadata
  return { apiVersion, kind, namespace, name, uid }
}

export function recordAlert(events: Events): (alert: BrokerAlert) => void {
  return (alert) => {
    const { pod } = alert
    const regarding: Regarding = {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
    }
    if (alert.reason === 'BundleRefused') {
      const { connection, bundle, message } = alert
      const parameters = { pod: `${pod.namespace}/${pod.name}`, bundle, message }
      events.record(regarding, alert.reason, parameters)
      if (connection !== undefined)
        events.record(regardingObject(connection), alert.reason, parameters)
    } else if (alert.reason === 'SidecarEnrolled')
      events.record(regarding, alert.reason, { connection: alert.connection })
    else events.record(regarding, alert.reason, { message: alert.message })
  }
}
