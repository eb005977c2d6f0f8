import { toOpenApi } from '@concordat/protocol/process'
import { defineCommand } from '../command.ts'
import { needed } from '../flow/arguments.ts'
import { openDefinition } from '../flow/definition-file.ts'

const NODE = 'http://127.0.0.1:5000/api/v1/namespaces/default'

export const flowOpenApi = defineCommand({
  name: 'flow openapi',
  summary: "Print the OpenAPI document of a definition's processes",
  positionals: ['FILE'],
  options: {
    server: {
      type: 'string',
      placeholder: 'URL',
      description: `Base of the namespace (${NODE})`,
    },
  },
  notes: ['A route for each step, with its own input and the codes with which it is refused.'],
  async run({ server = NODE }, { print, cwd }, [given]) {
    const file = needed('flow openapi', 'FILE', given)
    print(JSON.stringify(toOpenApi(openDefinition(cwd, file), server), undefined, 2))
    return 0
  },
})
