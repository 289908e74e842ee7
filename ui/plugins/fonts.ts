// A Vite plugin that asks the browser for the two text fonts before it has read the style sheet.
import type { HtmlTagDescriptor, Plugin } from 'vite'

// The fonts of the first paint; those of the map are asked for by the map.
const FIRST = /source-(?:sans-3|serif-4)-latin-wght-normal[^/]*\.woff2$/

export function preloadFonts(): Plugin {
  return {
    name: 'lintel:preload-fonts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        return Object.keys(bundle ?? {})
          .filter((file) => FIRST.test(file))
          .map((file): HtmlTagDescriptor => {
            const attrs = { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: '' }
            return { tag: 'link', attrs, injectTo: 'head-prepend' }
          })
      },
    },
  }
}
