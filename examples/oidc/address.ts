/** Where the example issuer is, and which hosts are this machine. */

/** Where `frostgate up` starts it, and `frostgate token` looks for it. */
export const defaultIssuerPort = 8089

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** For the value of a Host header, or `URL.host`: with or without a port. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host) ?? []
  return loopbackNames.has(name.toLowerCase())
}
