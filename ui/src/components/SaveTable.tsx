// Saves what is shown as a file: CSV for spreadsheets, Parquet for tools of analysis.
import { csv } from '~/format/csv'
import type { FileTable } from '~/format/table'
import { download } from '~/state/download'
import { toast } from '~/state/toasts'
import { Menu } from './Menu'

interface Props {
  /** Of the file, without its ending. */
  name: string
  /** Made when it is asked for. */
  table: () => FileTable
}

export function SaveTable({ name, table }: Props) {
  const saveCsv = () => {
    const { columns, rows } = table()
    download(`${name}.csv`, csv(columns.map(([column]) => column), rows))
  }
  const saveParquet = async () => {
    const { parquet } = await import('~/format/parquet')
    download(`${name}.parquet`, parquet(table()), 'application/vnd.apache.parquet')
  }
  const refused = () => toast('The file could not be made', { look: 'error' })
  return (
    <Menu
      label="Download" icon="download"
      items={[{ label: 'CSV, for spreadsheets', run: saveCsv }, { label: 'Parquet, for analysis', run: () => void saveParquet().catch(refused) }]}
    />
  )
}
