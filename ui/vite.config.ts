// How the UI is built, served while developing, and unit-tested.
import { fileURLToPath } from 'node:url'
import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { basemap } from './plugins/basemap.ts'
import { clean } from './plugins/clean.ts'
import { compress } from './plugins/compress.ts'
import { preload } from './plugins/preload.ts'

// A page comes as one piece, its loader with it, or the first file would grow with every page. The inbox and a home fetch what
// they show while their page is on the way.
const splitBehavior = ({ routeId }: { routeId: string }) =>
  ['/_app/', '/_app/homes/$id'].includes(routeId) ? [['component' as const]] : [['loader' as const, 'component' as const, 'errorComponent' as const]]

const PARTS = /src\/(?:components\/(?!Interval|Money|Popover|Reasons|SaveTable|Sheet|Sparkline|Table|Tabs|TimeChart|WhenDialog|colours)|format\/(?!csv|forms|parquet|size)|shell\/(?!SignInAgain)|features\/leads\/(?:Inbox|LeadCells|LeadDialogs|BulkBar|Lookers|action|cache|fresh|others|people|points|queries|url|words)|routes\/_app\/index\.tsx)|@tanstack\/(?:react-virtual|virtual-core)/

// The server that `npm run dev` speaks to.
const server = process.env.LINTEL_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single', codeSplittingOptions: { splitBehavior } }),
    react(),
    basemap(),
    clean(),
    preload(),
    compress(),
  ],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    manifest: true,
    emptyOutDir: false,
    // One sheet for all pages but the map: it is small, and no page waits for its own.
    cssCodeSplit: false,
    // Fonts stay files of their own, so that they are preloaded and cached.
    assetsInlineLimit: 0,
    // The map library is over the default; `npm run size` holds the budgets.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'core', tags: ['$initial'], priority: 2 },
            // What many pages share and the frame does not need is one file, not one for each combination of pages. The inbox
            // is in it: it is where one lands, and its first paint has requests to spare for nothing else.
            { name: 'parts', test: PARTS, priority: 1 },
            // What the pages about homes share.
            { name: 'home', test: /src\/features\/homes\/(?:MarkButtons|comparison|filters|fresh|marks|queries|viewed|words)/ },
            // What the panel beside the inbox and the page of a lead share; the inbox fetches it once it is drawn.
            { name: 'lead', test: /src\/features\/leads\/(?:LeadPreview|NextStepCard|Why|Timeline|points)/ },
            // By itself, so that every map shares it and the budgets know it.
            { name: 'maplibre', test: /node_modules\/maplibre-gl/ },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api/': { target: server, ws: true },
      // The page of that name is one of ours; what lies below it is the server's.
      '/api-docs/': { target: server },
      '/tiles': { target: server },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.{ts,tsx}'],
    css: false,
    setupFiles: ['tests/setup.ts'],
  },
})
