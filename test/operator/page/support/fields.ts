/** Of the form of a request's page. */
export function fieldsOf(body: string): { token: string; digest: string } {
  const form = body.slice(body.indexOf('id="decision"'))
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(form)?.[1] ?? `no ${name}`
  return { token: field('token'), digest: field('digest') }
}
