// A new import: what it is, which file, what the server would do with it, and the start.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useRef, useState, type DragEvent } from 'react'
import { fieldMessages } from '~/api/errors'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { TextField } from '~/components/Field'
import { Icon } from '~/components/Icon'
import { Refusal } from '~/components/Refusal'
import { plural } from '~/format/numbers'
import { size } from '~/format/size'
import { sentence } from '~/format/words'
import { marketsQuery } from '~/features/markets/queries'
import { toast } from '~/state/toasts'
import { Checked } from './Checked'
import { about } from './fields'
import styles from './Import.module.css'
import { MappingTable } from './MappingTable'
import { draftOf, toml, type Draft } from './mapping'
import { peek, type Peek } from './peek'
import { dryRun, startImport, type Kind, type Upload } from './queries'
import { kinds, type ImportUrl } from './url'

interface Props {
  search: ImportUrl
  onChange: (change: Partial<ImportUrl>, replace?: boolean) => void
  onStarted: (id: string) => void
}

const ROWS = 50

export function NewImport({ search, onChange, onStarted }: Props) {
  const client = useQueryClient()
  const kind: Kind = search.kind ?? 'listings'
  const market = search.market ?? ''
  const [file, setFile] = useState<File | null>(null)
  const [seen, setSeen] = useState<Peek | null>(null)
  // What a person has changed of the mapping; absent as long as the server's guesses stand.
  const [draft, setDraft] = useState<Draft | null>(null)
  const check = useMutation({ mutationFn: (upload: Upload) => dryRun(upload) })
  const start = useMutation({
    mutationFn: startImport,
    onSuccess: async (started) => {
      forget()
      setFile(null)
      setSeen(null)
      onStarted(started.id)
      toast('Import started')
      await client.invalidateQueries({ queryKey: key('imports') })
    },
  })
  const needsMarket = about[kind].market && market.trim() === ''
  const upload = (of: File, changed: Draft | null = draft): Upload => ({ file: of, kind, market: market.trim() || undefined, mapping: changed === null ? undefined : toml(changed) })
  const forget = () => {
    setDraft(null)
    check.reset()
    start.reset()
  }
  const take = (chosen: File | undefined) => {
    if (chosen === undefined) return
    forget()
    setFile(chosen)
    setSeen(null)
    void peek(chosen, ROWS).then(setSeen)
    if (!needsMarket) check.mutate(upload(chosen, null))
  }
  const change = (part: Partial<ImportUrl>) => {
    forget()
    onChange(part, true)
  }
  const result = check.data
  const isStale = draft !== null && check.variables?.mapping !== toml(draft)
  return (
    <section className={styles.part} aria-label="New import">
      <h2>New import</h2>
      <div className={styles.form}>
        <Choice legend="What the file holds" hideLegend value={kind} onChange={(value) => change({ kind: value })} options={kinds.map((one) => [one, sentence(one)])} />
        <p className={styles.quiet}>{about[kind].needs}</p>
        <MarketField value={market} needed={about[kind].market} problem={fieldMessages(check.error ?? start.error).market} onChange={(value) => change({ market: value || undefined })} />
        <FileField file={file} onTake={take} />
      </div>
      <Refusal error={check.error ?? start.error} what="The file" />
      <div className={styles.actions}>
        <Button
          look={result === undefined || isStale ? 'primary' : 'outline'} disabled={file === null || needsMarket || check.isPending}
          onClick={() => { if (file !== null) check.mutate(upload(file)) }}
        >
          {check.isPending ? 'Checking the file' : result === undefined && !check.isError ? 'Check the file' : 'Check again'}
        </Button>
        {result !== undefined && file !== null && (
          <Button look={isStale ? 'outline' : 'primary'} disabled={isStale || check.isPending || start.isPending || accepted(result.counts) === 0} onClick={() => start.mutate(upload(file, draft ?? draftOf(result.mapping)))}>
            {start.isPending ? 'Sending the file' : `Import ${plural(accepted(result.counts), 'row')}`}
          </Button>
        )}
        <span className={styles.quiet} role="status">{hint({ file, needsMarket, isStale, checking: check.isPending, done: result !== undefined })}</span>
      </div>
      {result !== undefined && <Checked kind={kind} result={result} seen={seen} draft={draft ?? draftOf(result.mapping)} onDraft={setDraft} />}
      {/* A file that lacks a column can be helped by saying which one it is. */}
      {check.isError && seen !== null && <MappingTable kind={kind} used={[]} seen={seen} draft={draft ?? draftOf([])} onDraft={setDraft} />}
    </section>
  )
}

function accepted({ rows, rejected }: { rows: number; rejected: number }): number {
  return rows - rejected
}

function hint({ file, needsMarket, isStale, checking, done }: { file: File | null; needsMarket: boolean; isStale: boolean; checking: boolean; done: boolean }): string {
  if (needsMarket) return 'Say for which market it is.'
  if (file === null) return 'Nothing is changed before you have seen what would happen.'
  if (checking) return 'Reading every row; nothing is changed yet.'
  if (isStale) return 'The columns have changed: check again before importing.'
  return done ? 'Nothing is changed yet.' : ''
}

function MarketField({ value, needed, problem, onChange }: { value: string; needed: boolean; problem?: string; onChange: (value: string) => void }) {
  const id = useId()
  const { data = [] } = useQuery(marketsQuery)
  return (
    <div className={styles.market}>
      <TextField label={needed ? 'Market' : 'Market, unless the file names it'} list={id} value={value} required={needed} maxLength={64} autoCapitalize="none" autoComplete="off" spellCheck={false} problem={problem} hint="A new name sets up a new market." onChange={(event) => onChange(event.target.value.toLowerCase())} />
      <datalist id={id}>{data.map((one) => <option key={one.id} value={one.slug}>{one.name}</option>)}</datalist>
    </div>
  )
}

/** A file to choose or to drop. */
function FileField({ file, onTake }: { file: File | null; onTake: (file: File | undefined) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    onTake(event.dataTransfer.files[0])
  }
  return (
    // Dropping is the second way; the field inside is the first one and takes the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <label className={styles.drop} data-over={over} onDragOver={(event) => { event.preventDefault(); setOver(true) }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="import" />
      <span>
        <b>{file?.name ?? 'Choose a file or drop it here'}</b>
        <span className={styles.quiet}>{file === null ? 'CSV, TSV or XLSX, plain or packed with gzip or zstd' : size(file.size)}</span>
      </span>
      <input
        ref={input} type="file" className={styles.file} accept=".csv,.tsv,.txt,.xlsx,.gz,.zst"
        // The same file can be chosen again after it was corrected.
        onClick={() => { if (input.current !== null) input.current.value = '' }}
        onChange={(event) => onTake(event.target.files?.[0])}
      />
    </label>
  )
}
