// Holds the budgets of the build: sums what each page loads, in Brotli, by dist/.vite/manifest.json.
import { readdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { budgets } from './budgets.mjs'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const manifest = JSON.parse(await readFile(`${dist}.vite/manifest.json`, 'utf8'))
const files = await readdir(`${dist}assets`)

/** Bytes of a file as it is sent. */
async function bytes(file) {
  const sent = await stat(`${dist}${file}.br`).catch(() => stat(`${dist}${file}`))
  return sent.size
}

/** The scripts that come with an entry of the manifest, without those in `known`. */
function scripts(name, known = new Set(), found = new Set()) {
  const { file, imports = [] } = manifest[name]
  if (known.has(file) || found.has(file)) return found
  found.add(file)
  for (const one of imports) scripts(one, known, found)
  return found
}

async function sum(list) {
  const sizes = await Promise.all([...list].map(bytes))
  return sizes.reduce((total, size) => total + size, 0)
}

const isMap = (file) => /maplibre|pmtiles/.test(file)
const entry = scripts('index.html')
// What pages share; see the groups in vite.config.ts.
const parts = Object.values(manifest).filter(({ name }) => name === 'parts').map(({ file }) => file)
const rows = [['entry', await sum(entry), budgets.entry]]
for (const name of Object.keys(manifest).filter((one) => one !== 'index.html' && manifest[one].file.endsWith('.js'))) {
  // What comes later than its page finds the shared parts there.
  const isPage = name.startsWith('src/routes/') || name.startsWith('_')
  const found = [...scripts(name, isPage ? entry : new Set([...entry, ...parts]))]
  const label = (manifest[name].src ?? manifest[name].name ?? name).replace(/^src\//, '').replace(/\?.*/, '')
  if (!found.some(isMap)) rows.push([label, await sum(found), budgets.page])
}
const map = files.filter((file) => isMap(file) && /\.(?:js|css)$/.test(file)).map((file) => `assets/${file}`)
if (map.length > 0) rows.push(['map with worker and style', await sum(map), budgets.map])
const css = files.filter((file) => file.endsWith('.css') && !isMap(file)).map((file) => `assets/${file}`)
rows.push(['style sheets without the map', await sum(css), budgets.css])
const fonts = files.filter((file) => file.endsWith('.woff2')).map((file) => `assets/${file}`)
rows.push(['fonts', await sum(fonts), budgets.fonts])

let over = 0
for (const [what, size, budget] of rows.sort((a, b) => b[1] - a[1])) {
  const mark = size > budget ? ' is over' : ''
  if (size > budget) over += 1
  console.log(`${(size / 1000).toFixed(1).padStart(7)} of ${(budget / 1000).toFixed(0).padStart(3)} KB  ${what}${mark}`)
}
if (over > 0) {
  console.error(`size: ${over} over budget; put what is heavy behind lazy(), or find what pulled it in`)
  process.exit(1)
}
