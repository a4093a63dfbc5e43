/** Checks of the operator: its replicas, and the one that leads. */

import { leaderLease, operatorDeployment } from './names.ts'
import { at, failed, ok, refusalOf, textAt, warning, type Check } from './finding.ts'

/** Three of the lease's renewals missed. */
const staleSeconds = 30

export const operatorCheck: Check = {
  name: 'operator',
  run: async ({ api, namespace, release }) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${operatorDeployment(release)}`
    try {
      const deployment = await api.get(path)
      const wanted = Number(at(deployment, 'spec', 'replicas') ?? 1)
      const ready = Number(at(deployment, 'status', 'readyReplicas') ?? 0)
      if (wanted === 0) {
        return [
          failed(
            'it is scaled to 0 replicas, so annotated pods are refused',
            `kubectl scale --namespace ${namespace} deployment/${release}-operator --replicas=1`,
          ),
        ]
      }
      if (ready === 0) {
        return [
          failed(
            `none of ${wanted} replicas is ready, so annotated pods are refused`,
            `kubectl logs --namespace ${namespace} deployment/${release}-operator says why.`,
          ),
        ]
      }
      return ready < wanted
        ? [
            warning(
              `${ready} of ${wanted} replicas are ready`,
              `kubectl describe pods --namespace ${namespace} says why.`,
            ),
          ]
        : [ok(`${ready} of ${wanted} replicas ready`)]
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error
      return [
        failed(
          `there is no Deployment ${release}-operator in namespace ${namespace}`,
          'Install it with Helm, or say where it is with --namespace and --release.',
        ),
      ]
    }
  },
}

export const leaderCheck: Check = {
  name: 'leader',
  run: async ({ api, namespace, release, now }) => {
    const name = leaderLease(release)
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`
    try {
      const lease = await api.get(path)
      const renewed = Date.parse(textAt(lease, 'spec', 'renewTime') ?? '')
      const holder = textAt(lease, 'spec', 'holderIdentity') ?? ''
      const age = Math.round((now() - renewed) / 1000)
      return holder !== '' && age < staleSeconds
        ? [ok(`${holder} leads`)]
        : [
            failed(
              holder === '' ? 'nobody leads' : `${holder} led last, ${age} s ago`,
              'Status is not written and certificates are not rotated meanwhile; look at the log of the operator.',
            ),
          ]
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error
      return [failed('nobody has led yet', 'Wait a moment; then look at the log of the operator.')]
    }
  },
}
