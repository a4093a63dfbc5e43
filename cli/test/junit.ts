/** Results as JUnit XML, in the form that CI servers read (schema: testmoapp/junitxml on GitHub). */

import type { CaseResult } from './result.ts'

/** A whole document. Times are in seconds. */
export function junitXml(results: readonly CaseResult[]): string {
  const suites = Map.groupBy(results, ({ suite }) => suite)
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="frostgate test" ${counts(results)}>`,
    ...[...suites].flatMap(([suite, cases]) => [
      `  <testsuite name="${escape(suite)}" ${counts(cases)} file="${escape(cases[0]?.file ?? '')}">`,
      ...cases.flatMap(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ]
  return lines.join('\n')
}

function testCase({ suite, name, file, differences, milliseconds }: CaseResult): readonly string[] {
  const head = `    <testcase name="${escape(name)}" classname="${escape(suite)}" file="${escape(file)}" time="${seconds(milliseconds)}"`
  if (differences.length === 0) return [`${head}/>`]
  const summary = differences.map(({ what }) => what).join(', ')
  const details = differences.map(
    ({ what, expected, actual }) => `${what}: expected ${expected}, got ${actual}`,
  )
  return [
    `${head}>`,
    `      <failure type="difference" message="${escape(`different: ${summary}`)}">${escape(details.join('\n'))}</failure>`,
    '    </testcase>',
  ]
}

function counts(results: readonly CaseResult[]): string {
  const failures = results.filter(({ differences }) => differences.length > 0).length
  const time = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="0" time="${seconds(time)}"`
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // In an attribute a plain line end is read as a space.
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
}

/** Characters that XML 1.0 cannot hold, escaped or not (its production Char), are replaced. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\u{fffd}')
    .replace(/[&<>"'\n\t\r]/g, (character) => entities[character] ?? character)
}
