/** What admission and the broker tell, as Events on the objects concerned. */

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

export function recordAlert(events: Events): (alert: BrokerAlert) => void {
  return ({ reason, pod, message }) => {
    const regarding: Regarding = {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
    }
    events.record(regarding, reason, { message })
  }
}
