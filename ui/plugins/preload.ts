// A Vite plugin that asks the browser for what the first paint needs before it has read the style sheet and the first script.
import type { HtmlTagDescriptor, Plugin } from 'vite'

// The fonts of the first paint; those of the map are asked for by the map.
const FONTS = /source-(?:sans-3|serif-4)-latin-wght-normal[^/]*\.woff2$/
// What every page behind the sign-in is drawn with.
const PARTS = /\/parts-[^/]*\.js$/

export function preload(): Plugin {
  return {
    name: 'lintel:preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => Object.keys(bundle ?? {}).flatMap(tags),
    },
  }
}

function tags(file: string): HtmlTagDescriptor[] {
  const href = `/${file}`
  if (FONTS.test(file)) return [{ tag: 'link', attrs: { rel: 'preload', href, as: 'font', type: 'font/woff2', crossorigin: '' }, injectTo: 'head-prepend' }]
  if (PARTS.test(href)) return [{ tag: 'link', attrs: { rel: 'modulepreload', href, crossorigin: '' }, injectTo: 'head' }]
  return []
}
