// What went wrong, by itself: continuous integration shows it where it ends, after thousands of other lines.
import { writeFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Where to write it, if anywhere: one entry for each test that failed, or that passed only when it was tried again. */
const path = process.env.LINTEL_E2E_REPORT

export default class Report implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[], broken: readonly { message: string }[]): Promise<void> {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const entries = [
      ...broken.map(({ message }) => `outside of a test: ${message}`),
      ...modules.flatMap((module) => module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`)),
      ...tests.filter((test) => test.result().state === 'failed').map((test) => entry(test, 'failed')),
      ...tests.filter((test) => test.diagnostic()?.flaky).map((test) => entry(test, 'passed when it was tried again')),
    ]
    const text = stripVTControlCharacters(entries.join('\n'))
    if (text !== '') console.warn(text)
    if (path !== undefined) await writeFile(path, text)
  }
}

function entry(test: TestCase, how: string): string {
  const { errors = [] } = test.result()
  return [`${test.module.relativeModuleId} > ${test.fullName}: ${how}`, ...errors.map(({ message }) => `    ${message.slice(0, 600).replaceAll('\n', '\n    ')}`)].join('\n')
}
