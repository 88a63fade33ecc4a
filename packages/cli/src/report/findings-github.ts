import type { Finding } from '../finding.js'

/**
 * Findings as annotations of GitHub Actions.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function findingsGithub(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, file, line, column, rule, message, fix }) => {
    const command = severity === 'info' ? 'notice' : severity
    const properties = [
      ['file', file],
      ['line', line],
      ['col', column],
      ['title', rule],
    ] as const
    return `::${command} ${properties.map(([name, value]) => `${name}=${property(String(value))}`).join(',')}::${data(`${message}. ${fix}.`)}`
  })
}

const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
