// How pages felt to those who used them, beside what they may take.
import { Table } from '~/components/Table'
import { count, decimal } from '~/format/numbers'
import styles from './Performance.module.css'
import type { Summary } from './queries'
import { lasting } from './words'

/** What a page may take, three views in four: ms, ms, and a share of the window that moves. */
export const BUDGETS = { lcp: 2500, inp: 200, cls: 0.1 }

export function Field({ pages }: { pages: Summary['pages'] }) {
  return (
    <section className={styles.part} aria-labelledby="field">
      <h2 id="field">In the field, p75 <small>since the start</small></h2>
      {pages.length === 0 ? <p className={styles.quiet}>Nobody has left or hidden a page yet; browsers tell then how it felt.</p> : (
        <Table
          label="In the field" rows={pages} rowKey={({ page }) => page}
          columns={[
            { id: 'page', label: 'Page', cell: ({ page }) => <code className={styles.route}>{page}</code> },
            { id: 'views', label: 'Views', align: 'end', cell: ({ views }) => count(views) },
            { id: 'lcp', label: <abbr title="Largest Contentful Paint: when the largest part was drawn">LCP, budget 2.5 s</abbr>, align: 'end', cell: ({ lcp_ms }) => <Figure value={lcp_ms} budget={BUDGETS.lcp} write={lasting} /> },
            { id: 'inp', label: <abbr title="Interaction to Next Paint: how long a press takes to show">INP, budget 200 ms</abbr>, align: 'end', cell: ({ inp_ms }) => <Figure value={inp_ms} budget={BUDGETS.inp} write={lasting} /> },
            { id: 'cls', label: <abbr title="Cumulative Layout Shift: how much moved by itself">CLS, budget 0.1</abbr>, align: 'end', cell: ({ cls }) => <Figure value={cls} budget={BUDGETS.cls} write={(value) => decimal(value, 3)} /> },
          ]}
        />
      )}
    </section>
  )
}

/** A figure and whether it keeps within what the page may take. */
function Figure({ value, budget, write }: { value: number | null; budget: number; write: (value: number) => string }) {
  if (value === null) return <>–</>
  const isOver = value > budget
  return <span className={isOver ? styles.hot : undefined}>{write(value)} <small className={styles.verdict}>{isOver ? 'over' : 'within'}</small></span>
}
