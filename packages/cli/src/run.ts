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

async function dispatch(args: readonly string[], context: Context): Promise<number> {
  const [first, ...rest] = args
  if (first === undefined || first === '--help' || first === '-h') return help([], context)
  if (first === '--version' || first === '-v') return dispatch(['version'], context)
  if (first === 'help') return help(rest, context)
  if (rest.includes('--help') || rest.includes('-h')) return help(args, context)
  const command = find(args)
  return command.run(args.slice(command.name.split(' ').length), context)
}

function help(args: readonly string[], { print }: Context): number {
  const [first, second] = args
  const group = second === undefined || second.startsWith('-') ? groupOf(first) : []
  if (first === undefined || first === 'help') print(overview())
  else if (group.length > 0) print(table(group))
  else print(helpOf(find(args)))
  return 0
}

/** The command that a command line begins with: some have names of two words. */
function find(args: readonly string[]): Command {
  const [first = '', second] = args
  const two = `${first} ${second}`
  const command = commands.find(({ name }) => name === two || name === first)
  if (command !== undefined) return command
  const group = groupOf(first)
  if (group.length === 0) {
    throw new Failure(`there is no command '${first}'; see: concordat help`, { exitCode: 2 })
  }
  const known = group.map(({ name }) => name.slice(first.length + 1)).join(', ')
  const problem = second === undefined ? 'say what to do' : `there is no command '${two}'`
  throw new Failure(`${problem}: concordat ${first} <${known}>`, { exitCode: 2 })
}

/** The commands whose names have this word first. */
const groupOf = (word: string | undefined): readonly Command[] =>
  commands.filter(({ name }) => name.startsWith(`${word} `))

const table = (group: readonly Command[]): string =>
  columns(group.map(({ name, summary }) => [name, summary] as const))

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
