import { toTypes } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { openDefinition } from '../flow/definition-file.ts'

export const types = defineCommand({
  name: 'types',
  summary: "Print the TypeScript types of a definition's state, stages and steps",
  positionals: ['FILE'],
  options: {},
  notes: ['Prints to standard output: concordat types order.yaml > order.ts'],
  async run(_, { print, cwd }, [given]) {
    const file = needed('types', 'FILE', given)
    print(toTypes(openDefinition(cwd, file)).trimEnd())
    return 0
  },
})
