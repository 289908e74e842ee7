// Bringing data in: check a file, correct what its columns mean, import it, and take it back.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { connection } from '~/api/stream'
import { Forbidden } from '~/components/states'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { importers, mayImport, useSession } from '~/state/session'
import { useStore } from '~/state/store'
import styles from './Import.module.css'
import { ImportList } from './ImportList'
import { ImportPanel } from './ImportPanel'
import { NewImport } from './NewImport'
import { useImportProgress } from './progress'
import { importsQuery, isGoing } from './queries'
import type { ImportUrl } from './url'

interface Props {
  search: ImportUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<ImportUrl>, replace?: boolean) => void
}

export function ImportPage(props: Props) {
  const { role } = useSession()
  if (!mayImport(role)) return <Page title="Import"><Forbidden what="Import" needs={importers} /></Page>
  return <Allowed {...props} />
}

function Allowed({ search, onChange }: Props) {
  useImportProgress()
  // Whether to ask again depends on it.
  useStore(connection)
  const query = useInfiniteQuery(importsQuery)
  const imports = query.data?.pages.flatMap((page) => page.items) ?? []
  const opener = useRef<HTMLElement | null>(null)
  const open = (id: string) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    onChange({ import: id }, search.import !== undefined)
  }
  const close = () => {
    onChange({ import: undefined }, false)
    opener.current?.focus()
  }
  useShortcuts(search.import === undefined ? [] : [{ keys: 'esc', label: 'Close the import', group: 'Import', run: close }])
  const going = imports.filter(isGoing).length
  return (
    <Page title="Import" numbers={[{ label: 'Running now', value: count(going) }, { label: 'Rejected rows of the last', value: count(imports[0]?.counts.rejected ?? 0), hot: (imports[0]?.counts.rejected ?? 0) > 0 }]}>
      <div className={styles.panes} data-open={search.import !== undefined}>
        <div className={styles.main}>
          <NewImport search={search} onChange={onChange} onStarted={open} />
          <ImportList query={query} imports={imports} current={search.import} onOpen={open} />
        </div>
        {search.import !== undefined && <ImportPanel id={search.import} onClose={close} />}
      </div>
    </Page>
  )
}
