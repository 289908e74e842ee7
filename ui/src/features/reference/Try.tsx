// A form that calls an operation with the session of this page, and the same call for a shell.
import { useMutation } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { Button } from '~/components/Button'
import { SelectField, TextArea, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { count } from '~/format/numbers'
import { announce } from '~/state/announce'
import { copy } from '~/state/clipboard'
import { toast } from '~/state/toasts'
import { call, changes, curl, missing, type Answer, type Values } from './call'
import styles from './Reference.module.css'
import { nameOf, sample, type JsonSchema, type Operation, type Parameter, type Schemas } from './spec'

export function Try({ guest, operation, schemas }: { guest: boolean; operation: Operation; schemas: Schemas }) {
  const isJson = operation.body?.type === 'application/json'
  const [values, setValues] = useState<Values>({})
  const [body, setBody] = useState(() => (operation.body !== null && isJson ? JSON.stringify(sample(operation.body.schema, schemas), null, 2) : ''))
  const [file, setFile] = useState<File | null>(null)
  const { mutate, data, isPending, error } = useMutation({
    mutationFn: () => call(operation, values, operation.body === null ? null : isJson ? body : file),
    onSuccess: ({ status }) => announce(`The server answered ${status}`),
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!guest) mutate()
  }
  const asCurl = curl(operation, values, body, location.origin)
  const take = async () => toast((await copy(asCurl)) ? 'Call copied' : 'The browser does not allow copying here; select the call instead')
  const empty = missing(operation, values)
  return (
    <form className={styles.try} onSubmit={submit}>
      {operation.parameters.length > 0 && (
        <div className={styles.fields}>
          {operation.parameters.map((one) => <ParameterField key={`${one.in} ${one.name}`} of={one} schemas={schemas} value={values[one.name] ?? ''} onChange={(value) => setValues({ ...values, [one.name]: value })} />)}
        </div>
      )}
      {isJson && <TextArea label="Body" value={body} rows={Math.min(16, body.split('\n').length + 1)} spellCheck={false} className={styles.body} onChange={(event) => setBody(event.target.value)} />}
      {operation.body !== null && !isJson && <TextField label="File" type="file" required onChange={(event) => setFile(event.target.files?.[0] ?? null)} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it may be wide, and then it scrolls */}
      <pre className={styles.code} tabIndex={0} aria-label="The call for a shell">{asCurl}</pre>
      <div className={styles.buttons}>
        {!guest && <Button type="submit" look={changes(operation) ? 'danger' : 'primary'} disabled={isPending || empty.length > 0}>{isPending ? 'Waiting for the answer' : `Send ${operation.method}`}</Button>}
        <Button onClick={() => void take()}>Copy for a shell</Button>
        {!guest && empty.length > 0 && <span className={styles.quiet}>Needs {empty.join(' and ')}.</span>}
      </div>
      <Refusal error={error} what="The call" />
      {data !== undefined && <Answered answer={data} />}
    </form>
  )
}

function ParameterField({ of: { name, required, schema }, schemas, value, onChange }: { of: Parameter; schemas: Schemas; value: string; onChange: (value: string) => void }) {
  const whole = schema.$ref === undefined ? schema : (schemas[nameOf(schema.$ref)] ?? schema)
  const options = choices(whole)
  if (options !== null) {
    return (
      <SelectField label={name} value={value} required={required} onChange={(event) => onChange(event.target.value)}>
        <option value="">{required === true ? 'Choose one' : 'Leave out'}</option>
        {options.map((one) => <option key={one} value={one}>{one}</option>)}
      </SelectField>
    )
  }
  const isNumber = [whole.type].flat().some((type) => type === 'integer' || type === 'number')
  return <TextField label={name} value={value} required={required} inputMode={isNumber ? 'numeric' : undefined} spellCheck={false} autoComplete="off" autoCapitalize="none" onChange={(event) => onChange(event.target.value)} />
}

function choices(schema: JsonSchema): string[] | null {
  if (schema.enum !== undefined) return schema.enum.map(String)
  return schema.type === 'boolean' ? ['true', 'false'] : null
}

// So much of an answer is shown; the whole of it would make the page slow.
const MOST = 60_000

function Answered({ answer: { status, statusText, milliseconds, body, requestId } }: { answer: Answer }) {
  return (
    <div className={styles.answer}>
      <p><b data-ok={status < 400}>{status} {statusText}</b> <span className={styles.quiet}>in {count(milliseconds)} ms{requestId === null ? '' : `, request ${requestId}`}</span></p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      {body !== '' && <pre className={styles.code} tabIndex={0} aria-label="The answer">{body.slice(0, MOST)}</pre>}
      {body.length > MOST && <p className={styles.quiet}>The first {count(MOST)} of {count(body.length)} characters.</p>}
    </div>
  )
}
