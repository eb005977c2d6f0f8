import { type Definition, diffDefinitions } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { openDefinition } from '../flow/definition-file.ts'

const MARKS = { added: '+', removed: '-', changed: '~' } as const

export const flowDiff = defineCommand({
  name: 'flow diff',
  summary: 'Say what is different in another version of a definition',
  positionals: ['BEFORE', 'AFTER'],
  options: {
    json: { type: 'boolean', description: 'Print the differences as JSON' },
  },
  notes: [
    'The order of keys and the way it is written count for nothing. A process that has begun keeps the version it began with.',
  ],
  async run({ json }, { print, cwd }, [first, second]) {
    const open = (name: string, given: string | undefined): Definition =>
      openDefinition(cwd, needed('flow diff', name, given)).document
    const [before, after] = [open('BEFORE', first), open('AFTER', second)]
    const differences = diffDefinitions(before, after)
    if (json) {
      print(JSON.stringify(differences, undefined, 2))
      return 0
    }
    for (const { kind, text, binding } of differences) {
      print(`${MARKS[kind]} ${text}${binding ? '' : ' (words only)'}`)
    }
    print(summary(differences.filter(({ binding }) => binding).length, differences.length))
    const { name, version } = after
    if (differences.length > 0 && before.name === name && before.version === version) {
      print(`Both are ${name} ${version}: give the new one a version of its own.`)
    }
    return 0
  },
})

function summary(binding: number, all: number): string {
  if (all === 0) return 'Both mean the same.'
  if (binding === 0) return 'Only words for people differ: every step is decided as before.'
  return `${binding} of ${all} differences bind the parties.`
}
