/** As a browser without script: keeps cookies, follows nothing by itself. */

import { Agent, buildConnector, request, type Dispatcher } from 'undici'

export interface Answer {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: string
  readonly location: string | undefined
}

export class Browser {
  readonly url: string
  readonly cookies = new Map<string, Map<string, string>>()
  readonly #agent: Agent

  constructor(url: string, port: number, ca: string) {
    this.url = url
    const servername = new URL(url).hostname
    const toPage = buildConnector({ ca, timeout: 5_000 })
    const toOthers = buildConnector({ timeout: 5_000 })
    this.#agent = new Agent({
      connect: (options, callback) => {
        if (options.hostname !== servername) toOthers(options, callback)
        else
          toPage(
            {
              ...options,
              hostname: '127.0.0.1',
              host: '127.0.0.1',
              port: String(port),
              servername,
            },
            callback,
          )
      },
    })
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, { 'sec-fetch-site': 'none', ...headers })
  }

  post(
    path: string,
    form: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
    return this.#send('POST', path, body, {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: 'null',
      ...headers,
    })
  }

  /** Follows where it leads until something is to be seen. */
  async follow(first: Answer): Promise<Answer> {
    let answer = first
    for (let hops = 0; answer.location !== undefined && hops < 12; hops += 1)
      answer = await this.get(answer.location)
    return answer
  }

  /** To the provider's form, through it, and back. Gives the answer of `/login/callback`, not followed. */
  async comeBack(name: string, path = '/'): Promise<{ callback: string }> {
    const form = await this.follow(await this.get(path))
    const action = /action="([^"]+)"/.exec(form.body)?.[1] ?? ''
    let answer = await this.post(action, { prompt: 'login', login: name, password: 'any' })
    while (answer.location !== undefined && !answer.location.startsWith(this.url))
      answer = await this.get(answer.location)
    return { callback: answer.location ?? '' }
  }

  async login(name: string, path = '/'): Promise<Answer> {
    const { callback } = await this.comeBack(name, path)
    return this.follow(await this.get(callback))
  }

  /** The first event of /events, and what ends it. */
  async stream(): Promise<{ next: () => Promise<string>; close: () => void; status: number }> {
    const cookie = this.#cookieHeader(new URL(this.url).host)
    const { statusCode, body } = await request(`${this.url}/events`, {
      dispatcher: this.#agent,
      headers: { 'sec-fetch-site': 'same-origin', cookie },
      bodyTimeout: 10_000,
    })
    const reader = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    return {
      status: statusCode,
      next: async () => String((await reader.next()).value ?? ''),
      close: () => {
        body.on('error', () => undefined)
        body.destroy()
      },
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(new URL(this.url).host)?.get(name)
  }

  #cookieHeader(host: string): string {
    const jar = this.cookies.get(host) ?? new Map<string, string>()
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const url = new URL(path, this.url)
    const cookie = this.#cookieHeader(url.host)
    const answer = await request(url, {
      method,
      dispatcher: this.#agent,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    const jar = this.cookies.get(url.host) ?? new Map<string, string>()
    this.cookies.set(url.host, jar)
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0\b/i.test(line) || /expires=Thu, 01 Jan 1970/i.test(line) || value === '')
        jar.delete(name)
      else jar.set(name, value)
    }
    const location = [answer.headers['location'] ?? []].flat()[0]
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: await answer.body.text(),
      location: location === undefined ? undefined : new URL(location, url).href,
    }
  }
}
