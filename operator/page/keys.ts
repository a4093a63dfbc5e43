/** Keys of the page: one for each purpose, all from one that its replicas share. */

import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export type Purpose = 'session' | 'login' | 'form'

export class PageKeys {
  readonly #material: () => Uint8Array

  /** At least 32 bytes, the same for each replica; asked each time, so that it may change. */
  constructor(material: () => Uint8Array) {
    this.#material = material
    this.key('session')
  }

  /** 32 bytes. */
  key(purpose: Purpose): Uint8Array {
    const material = this.#material()
    if (material.length < 32) throw new RangeError('the key of the approvals page is too short')
    return new Uint8Array(
      hkdfSync('sha256', material, '', `frostgate approvals page ${purpose}`, 32),
    )
  }

  /** Shows that a form came from a page that was made for this session, and for these values. */
  formToken(values: readonly string[]): string {
    const hmac = createHmac('sha256', this.key('form'))
    return hmac.update(JSON.stringify(values)).digest('base64url')
  }

  isFormToken(token: string, values: readonly string[]): boolean {
    const expected = Buffer.from(this.formToken(values))
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
}
