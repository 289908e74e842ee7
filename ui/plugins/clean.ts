// A Vite plugin that empties the folder of the build but for the file that keeps it in git: the server's build needs the folder.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const KEPT = '.gitignore'

export function clean(): Plugin {
  let folder = 'dist'
  return {
    name: 'lintel:clean',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async buildStart() {
      await mkdir(folder, { recursive: true })
      const entries = await readdir(folder)
      await Promise.all(entries.filter((entry) => entry !== KEPT).map((entry) => rm(join(folder, entry), { recursive: true })))
    },
  }
}
