import { toBpmn, toMermaid } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { openDefinition } from '../flow/definition-file.ts'

export const flowDiagram = defineCommand({
  name: 'flow diagram',
  summary: 'Draw a process as a Mermaid diagram, or as a BPMN choreography',
  positionals: ['FILE'],
  options: {
    bpmn: { type: 'boolean', description: 'BPMN 2.0 XML, for any BPMN modeller' },
  },
  notes: ['Prints to standard output: concordat flow diagram order.yaml > order.mmd'],
  async run({ bpmn }, { print, cwd }, [given]) {
    const file = needed('flow diagram', 'FILE', given)
    const { document } = openDefinition(cwd, file)
    print((bpmn ? toBpmn(document) : toMermaid(document)).trimEnd())
    return 0
  },
})
