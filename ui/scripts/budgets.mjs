// How much the build may weigh, in bytes as sent (Brotli; fonts as they are).
export const budgets = {
  /** The scripts of the first page before it knows which page it is. */
  entry: 110_000,
  /** What any page but the map, or any part that comes later, adds. */
  page: 40_000,
  /** The map library with its worker and style sheet. */
  map: 400_000,
  css: 25_000,
  fonts: 80_000,
}
