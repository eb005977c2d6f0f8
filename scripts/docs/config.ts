import { adapterSchemas } from '../../packages/cli/src/adapters.ts'
import { configReference } from '../../packages/node/src/index.ts'
import { code, generated, markdownTable } from './table.ts'

const introduction = `A node reads one YAML file, in the layout that FireFly's operators know. Keys may be written in any case. Durations are
\`500ms\`, \`30s\`, \`1m30s\`, or a number of milliseconds; sizes are \`800Kb\`, \`50Mb\` (of 1024), or a number of bytes; relative
paths begin at the file's folder. An unknown key, a wrong type or a contradiction stops the start, with one list of faults
(\`CC20401\`), each with its place and its mend; \`concordat doctor\` shows the same list.

**Secrets** need not stand in the file. In any text, \`\${env:NAME}\` stands for a variable of the environment and \`\${file:path}\`
for the content of a file, its last line break left out:

\`\`\`yaml
plugins:
  database:
    - name: database0
      type: postgres
      postgres:
        url: postgres://concordat:\${file:secrets/database-password}@localhost/concordat
\`\`\``

/** Every key of the configuration, from the table that reads it; one section for each part. */
export function configPage(): string {
  const lines = configReference(adapterSchemas)
  const parts = [...new Set(lines.map(({ path }) => partOf(path)))]
  const sections = parts.map((part) => {
    const rows = lines
      .filter(({ path }) => partOf(path) === part)
      .map(({ path, type, fallback, description }) => [
        code(path),
        type,
        /^\(.*\)$/.test(fallback) ? fallback : code(fallback),
        description,
      ])
    return `## ${part}\n\n${markdownTable(['key', 'type', 'default', 'meaning'], rows)}`
  })
  return ['# Configuration', generated, introduction, ...sections].join('\n\n')
}

/** \`http\`, \`plugins.blockchain\`, … */
const partOf = (path: string): string => {
  const [first = '', second = ''] = path.split('.')
  return first === 'plugins' ? `${first}.${second.replace('[]', '')}` : first
}
