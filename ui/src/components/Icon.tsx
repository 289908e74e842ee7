// Line icons, drawn on 20 by 20. They only ever stand beside a word or inside a named button.
const paths = {
  inbox: 'M3 5h14v10H3zM3 11h4l1 2h4l1-2h4',
  map: 'M3 5l5-2 4 2 5-2v12l-5 2-4-2-5 2zM8 3v12M12 5v12',
  heart: 'M10 16.5S3.5 12.6 3.5 8A3.4 3.4 0 0 1 10 6.3 3.4 3.4 0 0 1 16.5 8c0 4.6-6.5 8.5-6.5 8.5z',
  hide: 'M3 3l14 14M8.3 5.2A8 8 0 0 1 10 5c5 0 8 5 8 5a14 14 0 0 1-2.3 2.8M5.2 6.6A14 14 0 0 0 2 10s3 5 8 5a7.6 7.6 0 0 0 3-.6M8.5 8.6a2 2 0 0 0 2.9 2.9',
  show: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  home: 'M3 9l7-6 7 6M5 8v9h10V8M8 17v-5h4v5',
  value: 'M3 10V3h7l7 7-7 7zM6.5 6.5h.01',
  search: 'M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3zM13.5 13.5L17 17',
  saved: 'M5 3h10v14l-5-4-5 4z',
  market: 'M3 17h14M4 13l4-4 3 2 5-6',
  bubbles: 'M7 5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM14 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM14 12a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  tasks: 'M3 5l1.5 1.5L7 4M9 5.5h8M3 10l1.5 1.5L7 9M9 10.5h8M3 15l1.5 1.5L7 14M9 15.5h8',
  calendar: 'M3 5h14v12H3zM3 9h14M7 3v4M13 3v4',
  compare: 'M4 4h5v12H4zM11 4h5v12h-5z',
  flow: 'M4 4h4v4H4zM12 12h4v4h-4zM8 6h6v6',
  import: 'M10 3v9M6.5 8.5L10 12l3.5-3.5M3 13v4h14v-4',
  people: 'M7 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2 17c0-3 2-5 5-5s5 2 5 5M13 4.5a3 3 0 0 1 0 5M14.5 12.5c2 .6 3.5 2.3 3.5 4.5',
  key: 'M7 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l7-7M14 6l2 2',
  admin: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4',
  speed: 'M3 15a7 7 0 1 1 14 0M10 15l3-5',
  alert: 'M10 3l8 14H2zM10 8v4M10 14.5h.01',
  api: 'M7 6l-4 4 4 4M13 6l4 4-4 4M11.5 4l-3 12',
  settings: 'M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM10 2v2.5M10 15.5V18M2 10h2.5M15.5 10H18M4.3 4.3l1.8 1.8M13.9 13.9l1.8 1.8M15.7 4.3l-1.8 1.8M6.1 13.9l-1.8 1.8',
  bell: 'M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13zM8.5 17.5h3',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  close: 'M5 5l10 10M15 5L5 15',
  check: 'M4 10.5l4 4 8-9',
  down: 'M5 8l5 5 5-5',
  up: 'M5 12l5-5 5 5',
  left: 'M12 5l-5 5 5 5',
  right: 'M8 5l5 5-5 5',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  filter: 'M3 5h14M6 10h8M8.5 15h3',
  sort: 'M6 4v12M3 13l3 3 3-3M14 16V4M11 7l3-3 3 3',
  phone: 'M4 3h4l1.5 4-2 1.5c.8 1.8 2.2 3.2 4 4L13 10.5l4 1.5v4c-7 1-14-6-13-13z',
  mail: 'M3 5h14v10H3zM3 6l7 5 7-5',
  note: 'M5 3h10v14H5zM8 7h4M8 10h4',
  clock: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4l3 2',
  star: 'M10 3l2.2 4.6 5 .7-3.6 3.5.9 5L10 14.4 5.5 16.8l.9-5L2.8 8.3l5-.7z',
  link: 'M8.5 11.5l3-3M7 9l-2 2a2.8 2.8 0 0 0 4 4l2-2M13 11l2-2a2.8 2.8 0 0 0-4-4L9 7',
  download: 'M10 3v9M6.5 8.5L10 12l3.5-3.5M4 16h12',
  user: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c0-3 2.5-5 6-5s6 2 6 5',
  pin: 'M10 17v-5M6 12h8l-1-3V4h1.5h-9H7v5z',
  edit: 'M4 16l1-4 8-8 3 3-8 8z',
  remove: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6',
  undo: 'M4 8h8a4 4 0 0 1 0 8H8M7 5L4 8l3 3',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
