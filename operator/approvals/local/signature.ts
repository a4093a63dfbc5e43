/**
 * The signature that makes a decision of a file a person's own: a compact JWS over the canonical
 * JSON of the spec without it. Its header also names the uid of the request, which the store makes
 * anew each time: what was signed for one asking is worth nothing for the next of the same name.
 */

import { CompactSign, compactVerify, importJWK } from 'jose'

import type { ApprovalDecision } from '../../../crds/types.ts'
import { canonicalJson } from '../../../sidecar/canonical-json.ts'
import type { Approver } from './approvers.ts'
import { publicPart, type PersonKey } from './keys.ts'

type Spec = ApprovalDecision['spec']

const type = 'frostgate-decision+jws'

function signedText(spec: Spec): string {
  return canonicalJson({ ...spec, signature: undefined })
}

/** `requestUid`: `metadata.uid` of the request that the person was shown. */
export async function signDecision(
  spec: Spec,
  requestUid: string,
  { alg, publicKey, d }: PersonKey,
): Promise<Spec> {
  const key = await importJWK({ ...publicKey, d }, alg)
  const signature = await new CompactSign(new TextEncoder().encode(signedText(spec)))
    .setProtectedHeader({ alg, typ: type, request: requestUid })
    .sign(key)
  return { ...spec, signature }
}

/** Whose decision it is, or why it is nobody's. */
export async function verifyDecision(
  spec: Spec,
  requestUid: string | undefined,
  approvers: ReadonlyMap<string, Approver>,
): Promise<{ readonly approver: Approver } | { readonly why: string }> {
  const { signature, decidedBy } = spec
  if (spec.via !== 'Key' || signature === undefined) return { why: 'is not signed' }
  const approver = approvers.get(decidedBy?.username ?? '')
  if (approver === undefined) {
    const who = JSON.stringify(decidedBy?.username ?? '')
    return { why: `is said to be by ${who}, of whom the configuration names no key` }
  }
  const key = publicPart(approver.publicKey)
  if ('why' in key) return { why: `is by a person whose key ${key.why}` }
  try {
    const { payload, protectedHeader } = await compactVerify(
      signature,
      await importJWK({ ...key.publicKey }, key.alg),
      { algorithms: [key.alg] },
    )
    if (protectedHeader.typ !== type) return { why: 'is signed as something else' }
    if (new TextDecoder().decode(payload) !== signedText(spec)) {
      return { why: 'says something else than was signed' }
    }
    if (requestUid === undefined || protectedHeader['request'] !== requestUid) {
      return { why: 'was signed for another request of that name' }
    }
  } catch {
    return { why: `has no valid signature by the key of ${JSON.stringify(approver.username)}` }
  }
  return { approver }
}
