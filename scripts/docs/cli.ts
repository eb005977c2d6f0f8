import { helpOf } from '../../packages/cli/src/command.ts'
import { commands } from '../../packages/cli/src/commands/index.ts'
import { overview } from '../../packages/cli/src/run.ts'
import { generated } from './table.ts'

/** The help pages of the command line. */
export function cliReference(): string {
  const listed = commands.filter(({ hidden }) => !hidden)
  const pages = listed.map((command) => `## ${command.name}\n\n${block(helpOf(command))}`)
  const codes = 'Exit codes: 0 done, 1 failed, 2 the command line is not understood.'
  return ['# Command line', generated, block(overview()), codes, ...pages].join('\n\n')
}

const block = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``
