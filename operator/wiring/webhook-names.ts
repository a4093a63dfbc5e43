/** The webhook configurations of the chart, whose CA is the operator's to write. */

import type { WebhookConfiguration } from '../certs/ca-bundle.ts'

/** Names within the configurations; operator/admission/policies has the same, which a test holds. */
export const webhookNames = {
  mutating: ['inject.frostgate.dev', 'inject-required.frostgate.dev', 'stamp.frostgate.dev'],
  validating: [
    'verify.frostgate.dev',
    'enter.frostgate.dev',
    'tokens.frostgate.dev',
    'validate.frostgate.dev',
    'decide.frostgate.dev',
  ],
} as const

export function webhookConfigurations(release: string): readonly WebhookConfiguration[] {
  return [
    { kind: 'MutatingWebhookConfiguration', name: release, webhooks: webhookNames.mutating },
    { kind: 'ValidatingWebhookConfiguration', name: release, webhooks: webhookNames.validating },
  ]
}
