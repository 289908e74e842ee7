// How the end-to-end tests run: one file after the other, against one server.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    globalSetup: ['e2e/harness/server.ts'],
    // One browser at a time: the timings are those of a page that has the machine to itself.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A browser on a busy machine is late now and then. What passes only the second time is told by name.
    retry: 1,
    reporters: ['default', './e2e/harness/report.ts'],
  },
})
