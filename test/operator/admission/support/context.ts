/** An operator and a connection for tests. */

import { createHmac } from 'node:crypto'

import type {
  ConnectionFacts,
  InjectionContext,
  OperatorFacts,
} from '../../../../operator/admission/injection.ts'
import { defaultResources } from '../../../../operator/admission/defaults.ts'

export const operator: OperatorFacts = {
  version: '1.2.3',
  namespace: 'frostgate',
  image: 'ghcr.io/frostgate/sidecar:1.2.3',
  imagePullPolicy: 'IfNotPresent',
  brokerUrl: 'https://frostgate-broker.frostgate.svc:8443',
  trust: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  clusterUid: '5f0c2a3e-0000-4000-8000-000000000001',
  resources: defaultResources,
  seal: (text) => createHmac('sha256', 'a key of the tests').update(text).digest('base64url'),
}

export const connection: ConnectionFacts = {
  namespace: 'frostgate',
  name: 'acme',
  account: 'acme',
  resources: undefined,
  maxResources: {
    requests: { cpu: '500m', memory: '512Mi' },
    limits: { cpu: '2', memory: '1Gi' },
  },
  conflictingEnv: 'Deny',
}

export const context: InjectionContext = { operator, connection, podNamespace: 'ci' }
