// The types of the API are those of docs/api/openapi.json.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import openapi, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

// @vitest-environment node
it('src/api/schema.d.ts is what `npm run api` writes', async () => {
  const root = join(import.meta.dirname, '..')
  const description = JSON.parse(readFileSync(join(root, '../docs/api/openapi.json'), 'utf8')) as Parameters<typeof openapi>[0]
  const wanted = astToString(await openapi(description, { defaultNonNullable: false }))
  const found = readFileSync(join(root, 'src/api/schema.d.ts'), 'utf8')
  // The command adds a comment at the head.
  expect(found.endsWith(wanted), 'run `npm run api`').toBe(true)
}, 30_000)
