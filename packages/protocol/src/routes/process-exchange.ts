import Type from 'typebox'
import { flag } from './filters.ts'
import { defineRoute } from './route.ts'

const resource = 'processes'
const media = ['application/x-ndjson', 'text/csv']
const bytes = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })
const text = (description: string) => Type.Optional(Type.String({ description }))

const StepLine = Type.Object(
  {
    process: Type.String(),
    step: Type.String(),
    intent: Type.String({
      description: 'The same each time this line is handed in: it is then taken once',
    }),
    role: Type.Optional(Type.String()),
    expect: Type.Optional(Type.Object({ n: Type.Integer({ minimum: 0 }) })),
    input: Type.Optional(Type.Unsafe<object>({ type: 'object' })),
  },
  { additionalProperties: false },
)

export const getProcessExport = defineRoute({
  id: 'getProcessExport',
  method: 'GET',
  path: '/processes/export',
  resource,
  summary: 'Fetch accepted steps in their order as JSON Lines or CSV, after those fetched before',
  status: 200,
  requires: 'multiparty',
  query: Type.Object({
    flow: text(
      "The definition's name, its hash, or name@version: `1` is any version that begins with `1.`",
    ),
    step: text('The name of a step'),
    since: text('The `cursor` of the last step that is known'),
    limit: text('How many at most; all there are by default'),
    format: text('`jsonl` (default) or `csv`'),
  }),
  reply: bytes,
  writes: 'bytes',
  media,
})

export const postProcessImport = defineRoute({
  id: 'postProcessImport',
  method: 'POST',
  path: '/processes/import',
  resource,
  summary:
    'Hand in steps as JSON Lines, CSV or a JSON list, of any length; each line is answered in its order, with `confirm` once it is decided',
  status: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: Type.Array(StepLine, { maxItems: 10_000 }),
  example: [],
  raw: ['*.input'],
  lines: true,
  reply: bytes,
  writes: 'bytes',
  media: ['application/x-ndjson'],
})
