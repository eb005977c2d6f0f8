import { type Command, type Context, columns, helpOf } from './command.ts'
import { commands } from './commands/index.ts'
import { errorToLine, Failure } from './failure.ts'

export interface RunOptions {
  readonly args: readonly string[]
  readonly context: Context
  /** Prints a line about what went wrong. */
  readonly complain: (line: string) => void
}

/** Runs one command line and resolves with the exit code: 0 done, 1 failed, 2 not understood. Never rejects. */
export async function run({ args, context, complain }: RunOptions): Promise<number> {
  const debug = args.includes('--debug')
  try {
    return await dispatch(
      args.filter((arg) => arg !== '--debug'),
      context,
    )
  } catch (error) {
    complain(`concordat: ${errorToLine(error)}`)
    if (debug && error instanceof Error) complain(withCauses(error))
    return error instanceof Failure ? error.exitCode : 1
  }
}

async function dispatch([name, ...rest]: readonly string[], context: Context): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') return help([], context)
  if (name === '--version' || name === '-v') return dispatch(['version'], context)
  if (name === 'help') return help(rest, context)
  const command = find(name)
  if (rest.includes('--help') || rest.includes('-h')) return help([name], context)
  return command.run(rest, context)
}

function help([name]: readonly string[], { print }: Context): number {
  if (name !== undefined && name !== 'help') print(helpOf(find(name)))
  else print(overview())
  return 0
}

function find(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command !== undefined) return command
  throw new Failure(`there is no command '${name}'; see: concordat help`, { exitCode: 2 })
}

/** The first page of help. */
export function overview(): string {
  const listed = commands.filter(({ hidden }) => !hidden)
  const rows = [
    ...listed.map(({ name, summary }) => [name, summary] as const),
    ['help', 'Explain a command'] as const,
  ]
  return [
    'Concordat: agree on one order of steps with other parties, each on its own node.',
    '',
    'Usage: concordat <command> [options]',
    '',
    'Commands:',
    columns(rows),
    '',
    'Every command takes --debug, to show where an error came from.',
    'concordat help <command> explains its options.',
  ].join('\n')
}

function withCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${withCauses(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
