// The map library with its worker, style sheet and fonts. Only what is loaded lazily may import this.
import { setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import sheetUrl from 'maplibre-gl/dist/maplibre-gl.css?url'
import fontUrl from '@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2?url'

setWorkerUrl(workerUrl)

/** Families of map text. The library guesses the weight from the name, and takes another font when there is no such family. */
export const FONTS = { medium: 'Lintel Map Medium', bold: 'Lintel Map Bold' } as const

let prepared: Promise<void> | undefined

/** Loads sheet and fonts, once; text of the map is drawn on a canvas, which does not wait for them. */
export function prepare(): Promise<void> {
  prepared ??= Promise.all([loadSheet(), ...Object.values(FONTS).map(loadFont)]).then(() => undefined)
  return prepared
}

function loadSheet(): Promise<void> {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = sheetUrl
  return new Promise((resolve, reject) => {
    link.onload = () => resolve()
    link.onerror = () => reject(new Error('the style sheet of the map could not be loaded'))
    document.head.append(link)
  })
}

async function loadFont(family: string): Promise<void> {
  const font = new FontFace(family, `url(${fontUrl}) format('woff2')`, { weight: '200 900' })
  document.fonts.add(await font.load())
}
