/**
 * Tells the API server whom to trust when it calls the webhooks. Server-side apply of the one field
 * that is the operator's: the rest of these objects belongs to the chart, and an upgrade of it must
 * find no conflict.
 */

export interface WebhookConfiguration {
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration'
  readonly name: string
  /** `webhooks[].name`, by which the API server merges the list. */
  readonly webhooks: readonly string[]
}

export interface CaBundlePatch {
  readonly apiVersion: 'admissionregistration.k8s.io/v1'
  readonly kind: WebhookConfiguration['kind']
  readonly metadata: { readonly name: string }
  readonly webhooks: readonly {
    readonly name: string
    readonly clientConfig: { readonly caBundle: string }
  }[]
}

/** `trust` is PEM of all authorities that count. */
export function caBundlePatches(
  configurations: readonly WebhookConfiguration[],
  trust: string,
): readonly CaBundlePatch[] {
  const caBundle = Buffer.from(trust).toString('base64')
  return configurations.map(({ kind, name, webhooks }) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: webhooks.map((webhook) => ({ name: webhook, clientConfig: { caBundle } })),
  }))
}

/** Applies one after the other. One that fails does not keep the others; all failures are thrown. */
export async function applyCaBundle(
  configurations: readonly WebhookConfiguration[],
  trust: string,
  apply: (patch: CaBundlePatch) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = []
  for (const patch of caBundlePatches(configurations, trust)) {
    try {
      await apply(patch)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, 'caBundle could not be set everywhere')
}
