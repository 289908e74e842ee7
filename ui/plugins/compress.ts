// A Vite plugin that writes a Brotli and a gzip file beside each text file of the build, for the server to send as they are.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(?:html|js|mjs|css|svg|json|geojson|txt)$/
// Below this many bytes a compressed copy saves nothing that a packet would notice.
const SMALLEST = 512

export function compress(): Plugin {
  let folder = 'dist'
  return {
    name: 'lintel:compress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true, withFileTypes: true })
      await Promise.all(
        files
          .filter((file) => file.isFile() && TEXT.test(file.name))
          .map((file) => compressFile(join(file.parentPath, file.name))),
      )
    },
  }
}

async function compressFile(path: string): Promise<void> {
  const text = await readFile(path)
  if (text.length < SMALLEST) return
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }
  const [brotli, zipped] = await Promise.all([
    promisify(brotliCompress)(text, options),
    promisify(gzip)(text, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, zipped)])
}
