import { type Route, routes } from '../../packages/protocol/src/routes/index.ts'
import { code, generated, markdownTable } from './table.ts'

const introduction = `Every operation stands below \`/api/v1/namespaces/{namespace}\`, and for the default namespace below \`/api/v1\` too; those marked
_node_ stand below \`/api/v1\` only. A running node shows the schemas, with a page to try them, at \`/api\`, and the OpenAPI
document at \`/api/openapi.json\`. The _id_ is the name of the function in the SDK.

**Lists** take FireFly's query syntax: a condition for each field (\`author=did:firefly:org/a\`, \`created=>0\`, \`tag=^order\`; several
of one field are alternatives), \`sort\`, \`ascending\`, \`descending\`, \`skip\`, \`limit\`, and \`count\`, which adds the total.
The fields of each list stand at the end.

**Processes** are found by what they hold, too: \`stage.<track>=offered\`, \`party.<role>=did:firefly:org/a\`, \`party=…\` for any role, and
\`state.<field>\` with numbers, texts and truth values of the shared document. Names are as in the definition, with their case. A value is
compared with values of its own kind: \`state.price=>100\` is a comparison of numbers, whether the field is an integer or a decimal, and one of
texts where the field is a text. Texts are found by their first 255 characters; lists and objects are not.

**A step** that is decided answers 200 if it counts. If another came first it is 409 (CC21010), if a rule refuses it 422 (CC21011); the
\`decision\` in the answer names the winner, or the rule. Without \`confirm\` it is 202 as long as it is not decided: what can't count as things
stand is refused at once, and nothing is sent. The same \`intent\` again gets the answer of the first time.

**Waiting**: with \`confirm=true\` a call that is marked so answers when its outcome is agreed. \`Request-Timeout\` is the header
that says how long a caller wants to wait.

**Needs**: _multiparty_ operations exist only in a multiparty namespace. _tokens_ and _contracts_ stand here as FireFly has them, so
that its clients get a proper answer; this version has no such plugin and refuses them.

Events are not fetched here but delivered: see [events](events.md). Refusals: see [errors](errors.md).`

/** Every operation of the API, from its routes. */
export function apiPage(): string {
  const resources = [...new Set(routes.map(({ resource }) => resource))].sort()
  const sections = resources.map((resource) => {
    const rows = routes.filter((route) => route.resource === resource).map(toRow)
    return `## ${resource}\n\n${markdownTable(['operation', 'what it does', 'status', 'notes', 'id'], rows)}`
  })
  return ['# API', generated, introduction, ...sections, fieldsSection()].join('\n\n')
}

const toRow = (route: Route): string[] => [
  code(`${route.method} ${route.path.replace(/:(\w+)\*?/g, '{$1}')}`),
  route.summary,
  `${route.status}${route.confirmed === undefined ? '' : `, ${route.confirmed} with \`confirm\``}`,
  notesOf(route),
  code(route.id),
]

function notesOf({ global, requires, filter, multipart, yaml, writes, media }: Route): string {
  const notes = [
    global && 'node',
    requires && `needs ${requires}`,
    filter && `list of [${filter}](#fields)`,
    multipart && 'JSON or form',
    yaml && 'JSON or YAML',
    writes === 'bytes' && 'answers bytes',
    writes === 'text' && `answers ${media?.join(' or ')}`,
  ]
  return notes.filter(Boolean).join('; ')
}

function fieldsSection(): string {
  const filters = new Map<string, readonly string[]>()
  for (const { filter, query } of routes) {
    const { properties = {} } = (query ?? {}) as { properties?: object }
    if (filter !== undefined) filters.set(filter, Object.keys(properties))
  }
  const rows = [...filters].sort().map(([list, fields]) => [
    code(list),
    fields
      .filter((field) => !paging.has(field))
      .map(code)
      .join(' '),
  ])
  return `## Fields\n\n${markdownTable(['list', 'can be filtered and sorted by'], rows)}`
}

const paging = new Set(['sort', 'ascending', 'descending', 'skip', 'limit', 'count', 'fetchdata'])
