// The reference: the description read, values that fit it, and calls as they are sent.
import { describe, expect, it } from 'vitest'
import { addressOf, curl, missing } from '~/features/reference/call'
import { byTag, read, sample, typeOf, type Document } from '~/features/reference/spec'

const document: Document = {
  info: { title: 'T', version: '1' },
  paths: {
    '/leads/{id}': {
      patch: {
        operationId: 'patch', tags: ['leads'], summary: 'Change a lead',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }, { name: 'q', in: 'query', schema: { type: 'string', maxLength: 200 } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/LeadIn' } } } },
        responses: { 200: { description: 'Done' }, 404: { $ref: '#/components/responses/NotFound' } },
      },
    },
  },
  components: {
    schemas: { LeadIn: { type: 'object', required: ['name', 'tags'], properties: { name: { type: 'string' }, tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } }, age: { type: 'integer' } } }, Tag: { enum: ['a', 'b'] } },
    responses: { NotFound: { description: 'Nothing there' } },
  },
}
const { operations, schemas } = read(document)
const [patch] = operations
if (patch === undefined) throw new Error('no operation')

it('answers that several operations share are filled in', () => {
  expect(patch.replies.map(({ status, description }) => [status, description])).toEqual([['200', 'Done'], ['404', 'Nothing there']])
})

it('operations are found by all words', () => {
  expect(byTag(operations, 'patch leads').map(([tag]) => tag)).toEqual(['leads'])
  expect(byTag(operations, 'patch homes')).toEqual([])
})

describe('types and values', () => {
  it.each([
    [typeOf({ type: ['string', 'null'], maxLength: 200 }), 'string, at most 200 characters or null'],
    [typeOf({ type: 'array', items: { $ref: '#/components/schemas/Tag' } }), 'list of Tag'],
    [typeOf({ type: 'integer', format: 'int32', minimum: 1, maximum: 200 }), 'integer, 1 to 200'],
    [typeOf({ oneOf: [{ $ref: '#/x/Slug' }, { type: 'null' }] }), 'Slug or null'],
  ])('%s', (found, wanted) => expect(found).toBe(wanted))

  it('a sample has what is required', () => {
    expect(sample({ $ref: '#/components/schemas/LeadIn' }, schemas)).toEqual({ name: '', tags: ['a'] })
  })
})

it('a call is written with its parameters, and quoted for a shell', () => {
  const values = { id: 'a b', q: "it's" }
  expect(addressOf(patch, values)).toBe('/leads/a%20b?q=it%27s')
  expect(missing(patch, {})).toEqual(['id'])
  expect(curl(patch, values, `{"name":"it's"}`, 'http://h')).toContain(`-d '{"name":"it'\\''s"}'`)
})
