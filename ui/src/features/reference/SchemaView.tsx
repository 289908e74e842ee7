// A schema: its fields with their types, each named schema a way to its own page.
import { IconButton } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { Table } from '~/components/Table'
import { Prose } from './Prose'
import styles from './Reference.module.css'
import { nameOf, typeOf, type JsonSchema, type Schemas } from './spec'

interface Props {
  schema: JsonSchema
  schemas: Schemas
  onSchema: (name: string) => void
}

/** The fields of an object; anything else in one line. */
export function SchemaView({ schema, schemas, onSchema }: Props) {
  const named = schema.$ref === undefined ? undefined : nameOf(schema.$ref)
  const whole = named === undefined ? schema : (schemas[named] ?? {})
  const fields = Object.entries(whole.properties ?? {})
  return (
    <div className={styles.schema}>
      <p>{named === undefined ? <TypeLink schema={schema} schemas={schemas} onSchema={onSchema} /> : <Named name={named} onSchema={onSchema} />}{whole.description !== undefined && <span className={styles.quiet}> <Prose text={whole.description} /></span>}</p>
      {fields.length > 0 && (
        <Table
          label={`Fields${named === undefined ? '' : ` of ${named}`}`} rows={fields} rowKey={([name]) => name}
          columns={[
            { id: 'name', label: 'Field', cell: ([name]) => <><code>{name}</code>{whole.required?.includes(name) === true && <span className={styles.always}> always</span>}</> },
            { id: 'type', label: 'Type', cell: ([, one]) => <TypeLink schema={one} schemas={schemas} onSchema={onSchema} /> },
            { id: 'about', label: 'What it is', cell: ([, one]) => <Prose text={one.description ?? one.oneOf?.find((part) => part.description !== undefined)?.description} /> },
          ]}
        />
      )}
      {fields.length === 0 && whole !== schema && <p className={styles.quiet}>{typeOf(whole)}{whole.pattern === undefined ? '' : `, as ${whole.pattern}`}</p>}
    </div>
  )
}

/** The type in words, with the schemas in it as ways to them. */
export function TypeLink({ schema, schemas, onSchema }: Props) {
  const text = typeOf(schema)
  const parts = text.split(/(\b\w+\b)/)
  return (
    <>
      {parts.map((part, at) => {
        const key = `${at} ${part}`
        return schemas[part] === undefined ? <span key={key}>{part}</span> : <Named key={key} name={part} onSchema={onSchema} />
      })}
    </>
  )
}

function Named({ name, onSchema }: { name: string; onSchema: (name: string) => void }) {
  return <button type="button" className={styles.link} onClick={() => onSchema(name)}>{name}</button>
}

/** A schema as a page of its own. */
export function SchemaPage({ name, schemas, onClose, onSchema }: { name: string; schemas: Schemas; onClose: () => void; onSchema: (name: string) => void }) {
  const schema = schemas[name]
  const example = schema?.example ?? schema?.examples?.[0]
  return (
    <article className={styles.operation}>
      <header className={styles.head}>
        <h2>{name}</h2>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </header>
      {schema === undefined ? <EmptyState title="There is no such schema" /> : <SchemaView schema={schema} schemas={schemas} onSchema={onSchema} />}
      {example !== undefined && (
        <section aria-label="Example">
          <h3>Example</h3>
          {/* It may be wide, and then it scrolls. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre className={styles.code} tabIndex={0} aria-label="Example">{JSON.stringify(example, null, 2)}</pre>
        </section>
      )}
    </article>
  )
}
