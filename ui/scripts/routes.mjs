// Writes src/routeTree.gen.ts from the files in src/routes, as the build does; for tsc and the tests.
import { fileURLToPath } from 'node:url'
import { Generator, getConfig } from '@tanstack/router-generator'

const root = fileURLToPath(new URL('..', import.meta.url))
const config = getConfig({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single', disableLogging: true }, root)
await new Generator({ config, root }).run()
