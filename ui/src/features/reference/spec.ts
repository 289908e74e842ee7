// The description of the API (OpenAPI 3.1), read into what the reference shows.

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  items?: JsonSchema | boolean
  prefixItems?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  default?: unknown
  example?: unknown
  examples?: unknown[]
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  description?: string
  schema: JsonSchema
}

export interface Body {
  /** Its media type. */
  type: string
  schema: JsonSchema
}

export interface Reply {
  status: string
  description: string
  body: Body | null
}

export interface Operation {
  id: string
  method: string
  path: string
  tag: string
  summary: string
  description: string
  parameters: readonly Parameter[]
  body: Body | null
  replies: readonly Reply[]
}

export type Schemas = Readonly<Record<string, JsonSchema>>

export interface Reference {
  title: string
  version: string
  description: string
  operations: readonly Operation[]
  schemas: Schemas
}

type Content = Record<string, { schema?: JsonSchema }>

interface RawReply {
  $ref?: string
  description?: string
  content?: Content
}

interface RawOperation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content?: Content }
  responses?: Record<string, RawReply>
}

/** The document as far as it is used. */
export interface Document {
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, RawOperation>>
  components?: { schemas?: Record<string, JsonSchema>; responses?: Record<string, RawReply> }
}

export function read(document: Document): Reference {
  const replies = document.components?.responses ?? {}
  const reply = ([status, found]: [string, RawReply]): Reply => {
    const whole = found.$ref === undefined ? found : (replies[nameOf(found.$ref)] ?? found)
    return { status, description: whole.description ?? '', body: bodyOf(whole.content) }
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): Operation => ({
      id: raw.operationId ?? `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      tag: raw.tags?.[0] ?? 'other',
      summary: raw.summary ?? path,
      description: raw.description ?? '',
      parameters: raw.parameters ?? [],
      body: bodyOf(raw.requestBody?.content),
      replies: Object.entries(raw.responses ?? {}).map(reply),
    })),
  )
  const { title, version, description = '' } = document.info
  return { title, version, description, operations, schemas: document.components?.schemas ?? {} }
}

function bodyOf(content: Content | undefined): Body | null {
  const [type, found] = Object.entries(content ?? {})[0] ?? []
  return type === undefined || found?.schema === undefined ? null : { type, schema: found.schema }
}

/** `#/components/schemas/LeadOut` → `LeadOut` */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** Operations that have all the words somewhere, by tag in the order of the document. */
export function byTag(operations: readonly Operation[], q: string | undefined): [string, Operation[]][] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '')
  const found = operations.filter(({ method, path, summary, tag }) => {
    const text = `${method} ${path} ${summary} ${tag}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Map<string, Operation[]>()
  for (const one of found) groups.set(one.tag, [...(groups.get(one.tag) ?? []), one])
  return [...groups]
}

/** What a value may be, in words: `list of LeadOut`, `integer, 1 to 200`, `hot, warm or cool`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref)
  if (schema.enum !== undefined) return joined(schema.enum.map(String))
  const several = schema.oneOf ?? schema.allOf
  if (several !== undefined) return joined(several.map(typeOf))
  const types = [schema.type ?? 'anything'].flat()
  return joined(types.map((type) => (type === 'array' ? `list of ${inside(schema)}` : type === 'object' ? objectOf(schema) : type === 'null' ? type : type + bounds(schema))))
}

function inside({ items, prefixItems }: JsonSchema): string {
  if (prefixItems !== undefined) return prefixItems.map(typeOf).join(' and ')
  return typeof items === 'object' ? typeOf(items) : 'anything'
}

function objectOf({ additionalProperties: more }: JsonSchema): string {
  return typeof more === 'object' ? `object of ${typeOf(more)}` : 'object'
}

function bounds({ format, minimum, maximum, minLength, maxLength }: JsonSchema): string {
  const parts: string[] = []
  if (format !== undefined && !['int32', 'int64', 'double'].includes(format)) parts.push(format)
  if (minimum !== undefined || maximum !== undefined) parts.push(maximum === undefined ? `at least ${minimum ?? 0}` : minimum === undefined ? `at most ${maximum}` : `${minimum} to ${maximum}`)
  if (maxLength !== undefined) parts.push(`${minLength === undefined ? 'at most' : `${minLength} to`} ${maxLength} characters`)
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`
}

function joined(words: string[]): string {
  const distinct = [...new Set(words)]
  const last = distinct.pop() ?? 'anything'
  return distinct.length === 0 ? last : `${distinct.join(', ')} or ${last}`
}

/** Whether null is allowed and nothing else is lost when it is left out. */
function isNull(schema: JsonSchema): boolean {
  return schema.type === 'null'
}

const DEEPEST = 6

/** A value that fits: the example of the description where there is one, else the least that is required. */
export function sample(schema: JsonSchema, schemas: Schemas, depth = 0): unknown {
  if (schema.example !== undefined) return schema.example
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (schema.default !== undefined) return schema.default
  if (schema.$ref !== undefined) return sample(schemas[nameOf(schema.$ref)] ?? {}, schemas, depth + 1)
  if (schema.enum !== undefined) return schema.enum[0]
  const several = (schema.oneOf ?? schema.allOf)?.find((one) => !isNull(one))
  if (several !== undefined) return sample(several, schemas, depth + 1)
  const type = [schema.type].flat().find((one) => one !== 'null')
  if (type === 'array') return typeof schema.items === 'object' && depth < DEEPEST ? [sample(schema.items, schemas, depth + 1)] : []
  if (type === 'object' || schema.properties !== undefined) {
    if (depth >= DEEPEST) return {}
    const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name) === true)
    return Object.fromEntries(wanted.map(([name, one]) => [name, sample(one, schemas, depth + 1)]))
  }
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0
  if (type === 'boolean') return false
  return schema.format === 'uuid' ? '00000000-0000-0000-0000-000000000000' : schema.format === 'date' ? '2026-01-31' : schema.format === 'date-time' ? '2026-01-31T12:00:00Z' : ''
}
