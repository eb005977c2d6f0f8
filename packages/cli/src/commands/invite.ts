import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadConfig } from '@concordat/node'
import { adapterSchemas } from '../adapters.ts'
import { fingerprintOf } from '../certificate.ts'
import { defineCommand } from '../command.ts'
import { exchangeSection } from '../exchange-section.ts'
import { toInvitation } from '../invitation.ts'

export const invite = defineCommand({
  name: 'invite',
  summary: 'Print the invitation by which a newcomer reaches this node',
  options: {
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'FILE',
      description: 'The configuration (config.yaml)',
    },
  },
  notes: ['Hand it over by a way you trust: it says which certificate to believe.'],
  async run({ file = 'config.yaml' }, { print, cwd }) {
    const exchange = exchangeSection(loadConfig(resolve(cwd, file), adapterSchemas))
    const certSha256 = fingerprintOf(readFileSync(exchange.certFile, 'utf8'))
    print(toInvitation({ url: exchange.endpoint, certSha256 }))
    return 0
  },
})
