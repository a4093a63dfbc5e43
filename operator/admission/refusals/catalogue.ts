/** Why a pod is refused: each reason with what to do about it, in one place. */

import type { InjectionRefusal } from '../injection.ts'

const advice = {
  PodInvalid: 'Correct the pod; kubectl apply --dry-run=server names what Kubernetes wants.',
  ObjectTooLarge: 'Split it: several policies and masking rules may name one connection.',
  MirrorPod:
    'Static pods are run from a file on the node and are never injected. Run it as a DaemonSet.',
  Windows: 'The sidecar is a Linux container. Run this workload on Linux nodes.',
  HostNetwork:
    'Remove hostNetwork. On the node’s network the gateway’s loopback port would be everybody’s.',
  HostPID: 'Remove hostPID. It shows the sidecar’s memory to other processes.',
  HostIPC: 'Remove hostIPC.',
  ShareProcessNamespace:
    'Remove shareProcessNamespace. With it other containers can read the sidecar’s memory.',
  Privileged:
    'Remove privileged. For docker builds use rootless BuildKit, Buildah or Kaniko in a container of their own, or run jobs as pods (ARC containerMode kubernetes) and annotate those.',
  Capability:
    'Remove the capability. For a service mesh use its CNI plugin, which needs none in the pod.',
  ProcMount: 'Remove procMount; nested containers need a pod of their own.',
  SELinuxType: 'Remove the SELinux type, or use one of the container types.',
  HostProcess: 'Remove windowsOptions.hostProcess.',
  Sysctl: 'Remove the sysctl; only those that Kubernetes calls safe may be set.',
  HostPath:
    'Use an emptyDir, a PersistentVolumeClaim or a CSI volume. Folders of the node hold other pods’ tokens.',
  User: 'Use another runAsUser: 65532 is the sidecar’s own.',
  Port: 'Use another port: 8085 is the gateway’s and 9085 its health and metrics, in every container.',
  ProxyDeclared:
    'Remove it; it is added when the pod is created. A pod copied from a running one must be stripped of everything that is called frostgate-….',
  VolumeMounted: 'Remove the volumeMount: only the sidecar mounts this volume.',
  MountPath: 'Mount it elsewhere: this folder holds the token for the gateway.',
  EnrolAudience:
    'Remove the token. Tokens of this audience are for the sidecar; applications use frostgate.dev/agent.',
  EphemeralContainers: 'Add them to the running pod with kubectl debug.',
  ConflictingEnvironment:
    'Remove the variable, name the container in frostgate.dev/exclude-containers, or let the connection’s owner set sidecar.conflictingEnv to Warn.',
  CredentialInEnvironment:
    'Remove the credential: the gateway holds it. Or name the container in frostgate.dev/exclude-containers, or let the connection’s owner set sidecar.conflictingEnv to Warn.',
  Annotation: 'Correct the annotation.',
  Resources:
    'Correct the annotation, or ask the connection’s owner to raise spec.sidecar.maxResources.',
  NotInjected:
    'Create the pod through the API server with the operator running; frostgate inject shows the result.',
  NotFirst:
    'Another webhook put an init container before the sidecar. Let that webhook run earlier, or append its container.',
  Altered:
    'Another webhook, or the author, changed what was injected. Exempt frostgate-proxy and its volumes there; Istio does so with sidecar.istio.io/rewriteAppHTTPProbers: "false".',
  ImageChanged: 'Create a new pod; the sidecar’s image is set when a pod is created.',
  SidecarChanged: 'Create a new pod; what was injected cannot be changed in a running one.',
  AnnotationChanged:
    'Set frostgate.dev/ annotations and labels in the workload’s pod template, so that new pods get them.',
  EphemeralContainer:
    'Debug the application’s container: kubectl debug --profile=baseline --target=<container>, without volumes of the gateway.',
  SidecarEntered:
    'Choose the application’s container with -c; the sidecar’s state is at :9085/metrics, in its log and in the recording.',
  TokenRequest:
    'Ask for no token of this audience; mount a projected token of audience frostgate.dev/agent instead.',
  NotAnnotated: 'Add the annotation frostgate.dev/connection, or remove what is the gateway’s.',
  ConnectionUnknown:
    'Correct the annotation, or ask the platform team for the name; frostgate.dev/namespace says where a connection is.',
  NamespaceNotAllowed:
    'Ask the connection’s owner to name this namespace in spec.allowedNamespaces.',
  NamespaceDisabled:
    'Run the pod in another namespace, or change the namespace’s label frostgate.dev/injection.',
  ConnectionRequired:
    'Annotate the pod with frostgate.dev/connection, or label the namespace with frostgate.dev/connection to give all of its pods one.',
  NamespaceMode: 'Label the namespace frostgate.dev/injection=enabled, required or disabled.',
  UnknownRequest: 'Take this resource out of the webhook configuration, or upgrade the operator.',
} as const satisfies Record<string, string>

export type Reason = keyof typeof advice

/** All reasons, for the documentation and its test. */
export const refusalReasons: Readonly<Record<Reason, string>> = advice

/** `message` is a sentence without its full stop. */
export function refuse(reason: Reason, field: string, message: string): InjectionRefusal {
  return { reason, field, message, advice: advice[reason] }
}
