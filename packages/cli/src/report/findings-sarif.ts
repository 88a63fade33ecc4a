import { pathToFileURL } from 'node:url'
import type { BookedRule } from '../rules/rule.js'
import type { Finding, Report, TracedCall } from '../finding.js'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

/**
 * Findings as SARIF 2.1.0, which code hosts and editors read.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function findingsSarif(
  { findings, root, faults }: Report,
  rules: readonly BookedRule[],
  version: string,
): object {
  const ids = rules.map(({ id }) => id)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'postern check',
            version,
            informationUri: 'https://www.npmjs.com/package/@postern/cli',
            rules: rules.map(({ id, rule, why }) => ({
              id,
              shortDescription: { text: rule.title },
              fullDescription: { text: why },
              defaultConfiguration: { level: LEVELS[rule.severity] },
              properties: { tags: ['security', ...rule.references] },
            })),
          },
        },
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(root).href}/` } },
        invocations: [
          {
            executionSuccessful: faults.length === 0,
            toolExecutionNotifications: faults.map(({ rule, error }) => ({
              level: 'error',
              message: { text: `The rule ${rule} broke: ${error}` },
            })),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ...(ids.includes(finding.rule) ? { ruleIndex: ids.indexOf(finding.rule) } : {}),
          level: LEVELS[finding.severity],
          message: { text: `${finding.message}. ${finding.fix}.` },
          locations: [locationOf(finding)],
          partialFingerprints: { 'postern/v1': finding.fingerprint },
          properties: { confidence: finding.confidence },
          ...(finding.trace.length === 0
            ? {}
            : {
                codeFlows: [
                  {
                    threadFlows: [
                      { locations: finding.trace.map((call) => ({ location: locationOf(call, call.text) })) },
                    ],
                  },
                ],
              }),
        })),
      },
    ],
  }
}

type Located = Pick<TracedCall, 'file' | 'line' | 'column'> & Pick<Finding, 'endLine' | 'endColumn'>

function locationOf({ file, line, column, endLine, endColumn }: Located, text?: string): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file), uriBaseId: 'ROOT' },
      // What is left out here is not written: JSON has no `undefined`.
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
    ...(text === undefined ? {} : { message: { text } }),
  }
}
