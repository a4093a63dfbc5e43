/**
 * The page's only script. All of the page works without it; it counts down, follows events, and asks
 * for a reason before a denial is sent.
 */
export const script = String.raw`'use strict'
{
  const pollMs = 20000
  const say = (text) => {
    document.getElementById('announce').textContent = text
  }
  const live = () => document.getElementById('live')
  const set = (id, text) => {
    const element = document.getElementById(id)
    if (element) element.textContent = text
  }

  // How much time is left.
  const left = (ms) => {
    if (ms <= 0) return 'now'
    const seconds = Math.ceil(ms / 1000)
    const hours = Math.floor(seconds / 3600)
    const minutes = Math.floor((seconds % 3600) / 60)
    if (hours > 48) return 'in ' + Math.floor(hours / 24) + ' days'
    if (hours > 0) return 'in ' + hours + ' h ' + minutes + ' min'
    return minutes > 0 ? 'in ' + minutes + ' min ' + (seconds % 60) + ' s' : 'in ' + seconds + ' s'
  }
  const count = () => {
    for (const time of document.querySelectorAll('time[data-countdown]')) {
      const ms = Date.parse(time.dateTime) - Date.now()
      const text = left(ms)
      if (time.textContent !== text) time.textContent = text
      time.classList.toggle('soon', ms < 120000)
    }
  }
  count()
  setInterval(count, 1000)

  // A denial needs a reason, and a decision is sent once.
  const reason = () => document.getElementById('reason')
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (form.id !== 'decision') return
    if (form.dataset.sent) {
      event.preventDefault()
      return
    }
    const denies = event.submitter && event.submitter.value === 'Deny'
    if (denies && reason().value.trim() === '') {
      event.preventDefault()
      set('problem', 'Say why you deny it: the agent is told, and can do better.')
      reason().setAttribute('aria-invalid', 'true')
      reason().focus()
      return
    }
    form.dataset.sent = 'true'
  })
  document.addEventListener('input', (event) => {
    if (event.target !== reason()) return
    set('problem', '')
    event.target.removeAttribute('aria-invalid')
  })

  // What is new.
  const isInUse = () => {
    const field = reason()
    return field !== null && (field.value.trim() !== '' || field.form.contains(document.activeElement))
  }
  const over = (text) => {
    set('liveness', text)
    say(text)
    stop()
  }
  let source
  let poll
  let retry
  const stop = () => {
    if (source) source.close()
    source = undefined
    clearInterval(poll)
    poll = undefined
    clearTimeout(retry)
  }
  const replace = (fresh, page) => {
    const focused = document.activeElement
    const id = focused && focused.id
    const href = focused && focused.getAttribute && focused.getAttribute('href')
    live().replaceWith(fresh)
    document.title = page.title
    const again =
      (id && document.getElementById(id)) ||
      (href && [...fresh.querySelectorAll('a')].find((a) => a.getAttribute('href') === href))
    if (again) again.focus({ preventScroll: true })
    if (source) set('liveness', 'Live')
    count()
    say(fresh.dataset.say)
  }
  let refreshing = false
  let again = false
  const refresh = async () => {
    if (refreshing) {
      again = true
      return
    }
    refreshing = true
    try {
      const answer = await fetch(location.pathname, { redirect: 'manual', cache: 'no-store' })
      if (answer.type === 'opaqueredirect' || answer.status === 401) {
        over('Your login is over. Load the page again to log in.')
      } else if (answer.status === 404) {
        over('This request is not there any more.')
      } else if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
        const fresh = page.getElementById('live')
        if (fresh && live() && fresh.dataset.state !== live().dataset.state) {
          const notice = document.getElementById('changed')
          if (notice && isInUse()) {
            if (notice.hidden) say('This request has changed since you opened it.')
            notice.hidden = false
          } else replace(document.importNode(fresh, true), page)
        }
      }
    } catch {
      // The network is away; the next event or poll asks again.
    }
    refreshing = false
    if (again) {
      again = false
      void refresh()
    }
  }
  const pollInstead = () => {
    stop()
    set('liveness', 'Looks for news every 20 s')
    poll = setInterval(refresh, pollMs)
    retry = setTimeout(follow, 60000)
  }
  function follow() {
    stop()
    source = new EventSource('/events')
    source.addEventListener('open', () => {
      set('liveness', 'Live')
      void refresh()
    })
    source.addEventListener('change', () => void refresh())
    source.addEventListener('over', () => void refresh())
    source.addEventListener('error', () => {
      if (source && source.readyState === EventSource.CLOSED) pollInstead()
      else set('liveness', 'Connecting again')
    })
  }
  if (document.body.hasAttribute('data-live')) {
    follow()
    addEventListener('pagehide', stop)
    addEventListener('pageshow', (event) => {
      if (event.persisted) follow()
    })
  }
}
`
