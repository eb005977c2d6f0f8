import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { type DefinitionFile, readDefinitionFile } from '../flow/definition-file.ts'
import { plural, remarkToText } from '../flow/source.ts'

export const flowCheck = defineCommand({
  name: 'flow check',
  summary: 'Check a process definition, and say how to mend each fault',
  positionals: ['FILE'],
  options: {
    json: { type: 'boolean', description: 'Print the findings as JSON' },
  },
  notes: [
    'FILE is a flow/1 definition in YAML or JSON. Each finding comes with its line and column.',
    'Exit code 1 if there is a fault; warnings do not count. All codes: docs/reference/definition-faults.md.',
  ],
  async run({ json }, { print, cwd }, [given]) {
    const file = needed('flow check', 'FILE', given)
    const checked = readDefinitionFile(cwd, file)
    if (json) print(JSON.stringify(toJson(checked), undefined, 2))
    else for (const line of toLines(checked)) print(line)
    return checked.definition === undefined ? 1 : 0
  },
})

function toLines({ file, definition, findings }: DefinitionFile): readonly string[] {
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const faults = findings.length - warnings
  const counts = [plural(faults, 'fault'), plural(warnings, 'warning')].join(', ')
  const remarks = findings.map((finding) => remarkToText(file, finding))
  if (definition === undefined) return [...remarks, `${file}: ${counts}.`]
  const { document, hash, roles, steps, deadlines } = definition
  const size = [
    plural(roles.length, 'role'),
    plural(steps.size, 'step'),
    plural(deadlines.size, 'deadline'),
  ]
  const { name, version } = document
  return [
    ...remarks,
    `${file}: ${name} ${version} is sound (${size.join(', ')}); ${plural(warnings, 'warning')}.`,
    `Definition ${hash}`,
  ]
}

const toJson = ({ file, outcome, definition, findings }: DefinitionFile): object => ({
  file,
  outcome,
  ...(definition && {
    name: definition.document.name,
    version: definition.document.version,
    hash: definition.hash,
  }),
  findings: findings.map(({ severity: _, ...finding }) => finding),
})
