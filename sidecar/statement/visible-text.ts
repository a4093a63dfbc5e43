/** Text for a person who decides by it: nothing in it is unseen, and nothing moves what is seen. */

/** Line feeds stay; other control, format and invisible characters are shown as their code. */
export function visibleText(text: string): string {
  return text.replace(
    /(?!\n)[\p{C}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u3164\ufe00-\ufe0f\uffa0]/gu,
    (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16)}}`,
  )
}
