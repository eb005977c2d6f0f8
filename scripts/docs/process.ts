import { definitionSchema, faultTable } from '../../packages/protocol/src/process/index.ts'
import { code, generated, markdownTable } from './table.ts'

/** Everything that can be said of a process definition, from the table of faults. */
export function definitionFaultsPage(): string {
  const rows = Object.entries(faultTable).map(([name, { kind, text, mend }]) => [
    code(name),
    kind,
    text,
    mend,
  ])
  return [
    '# Faults of process definitions',
    generated,
    'A definition with a _fault_ is never adopted. One that is _unsupported_ may be known to a later version, so a process that begins with it waits for one. A _doubt_ is shown to the parties before they adopt it. Each is told with its path in the definition.',
    markdownTable(['code', 'kind', 'text', 'how to mend it'], rows),
  ].join('\n\n')
}

/** For editors: completes and checks definitions while they are written. */
export const definitionSchemaFile = (): string => JSON.stringify(definitionSchema, null, 2)
