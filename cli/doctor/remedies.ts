/** What to do about an object that is not ready, by the reason of its Ready condition. */

import type { Phase, Uncounted } from '../../operator/approvals/types.ts'
import type { Reason } from '../../operator/controllers/conditions.ts'

interface Subject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Of requests for approval and of decisions: nothing that is to be mended. */
type OfApprovals = Exclude<Phase, 'Pending'> | Uncounted | 'Counted' | 'RequestUnknown'

/** Reasons that come with Ready False or Unknown. */
type Trouble = Exclude<Reason, OfApprovals | 'Open' | 'Accepted' | 'Programmed' | 'RollingOut'>

const remedies: Readonly<Record<Trouble, (subject: Subject) => string>> = {
  InvalidCredential: ({ namespace, name }) =>
    `Correct the Secret; frostgate doctor --login ${namespace}/${name} tries it (docs/upgrade.md: rotate a credential).`,
  InvalidMaskKey: ({ namespace }) =>
    `Correct the Secret in namespace ${namespace} that the rule's secretRef names (docs/masking.md: keys).`,
  NamespaceNotServed: ({ namespace }) =>
    `Move it to a namespace that the operator serves, or add ${namespace} to the chart's connectionNamespaces.`,
  CompileFailed: ({ namespace }) =>
    `Correct the objects that it names, in namespace ${namespace}; the connection opens by itself. frostgate lint DIR finds the same in a folder.`,
  BundleRefused: ({ namespace }) =>
    `frostgate status --namespace ${namespace} shows what the sidecars said; restart the pods that run an older sidecar than the operator.`,
  NamespaceTerminating: ({ namespace }) =>
    `Nothing, if namespace ${namespace} is to go; else kubectl get namespace ${namespace} -o yaml shows what still holds it.`,
  Terminating: ({ namespace, name }) =>
    `Nothing, if it is to go; else make a copy, and see metadata.finalizers of SnowflakeConnection ${name} in namespace ${namespace} for what holds it.`,
  InternalError: () =>
    'Look up the incident in the log of the operator, and report it; a change of the objects that are named may get round it.',
  Invalid: ({ kind, namespace, name }) =>
    `kubectl explain ${kind.toLowerCase()}.spec has the fields; correct it with kubectl edit ${kind.toLowerCase()} ${name} --namespace ${namespace}.`,
  TargetNotFound: ({ namespace }) =>
    `Correct spec.connectionRef.name; kubectl get snowflakeconnections --namespace ${namespace} lists what is there.`,
  Suspended: ({ namespace, name }) =>
    `Somebody wanted that: once what it was for is over, frostgate resume ${name} --namespace ${namespace}, and take spec.suspend out of Git, too.`,
  TargetClosed: () => 'Nothing is wrong with this one: correct its connection.',
  Pending: ({ namespace }) =>
    `Wait for the sidecars; if it lasts, frostgate status --namespace ${namespace} shows who is behind.`,
}

export function remedyFor(reason: string | undefined, subject: Subject): string {
  return Object.hasOwn(remedies, reason ?? '')
    ? remedies[reason as Trouble](subject)
    : `kubectl describe ${subject.kind.toLowerCase()} ${subject.name} --namespace ${subject.namespace} shows it; correct the object and apply it again.`
}
