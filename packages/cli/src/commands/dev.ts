import { defineCommand } from '../command.ts'
import { runDev } from '../dev/dev.ts'
import { toDevOptions } from '../dev/options.ts'

export const dev = defineCommand({
  name: 'dev',
  summary: 'Run a network of several parties on this machine',
  options: {
    parties: {
      type: 'string',
      placeholder: 'a,b',
      description: 'Names of the parties (org_0,org_1,org_2)',
    },
    port: { type: 'string', placeholder: 'P', description: 'APIs on P, P+1, … (5000)' },
    'spi-port': {
      type: 'string',
      placeholder: 'P',
      description: 'Administrative interfaces on P, P+1, … (off)',
    },
    data: {
      type: 'string',
      placeholder: 'DIR',
      description: 'Folder for everything it keeps (.concordat)',
    },
    'block-time': {
      type: 'string',
      placeholder: 'SECONDS',
      description: 'A block every so often (one for each transaction)',
    },
    database: {
      type: 'string',
      placeholder: 'DB',
      description: 'sqlite, or postgres://user:password@host/name (sqlite)',
    },
    reset: { type: 'boolean', description: 'Forget everything and begin anew' },
  },
  notes: [
    'Starts a chain, puts the contract on it, starts a node for each party and registers it.',
    'Ctrl-C stops everything. The next start goes on with the same data; further parties may be added then.',
  ],
  run: (values, context) => runDev(toDevOptions(values, context.cwd), context),
})
