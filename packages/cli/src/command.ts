import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { Failure } from './failure.ts'

/** What a command works with. */
export interface Context {
  /** Prints a line for people, or the result. */
  readonly print: (line: string) => void
  readonly cwd: string
  /** The file of this program, for starting itself again. */
  readonly program: string
  /** Aborts when the person or the system asks the program to stop. */
  readonly stop: AbortSignal
}

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly description: string
  readonly short?: string
  /** What stands for the value in the help text. */
  readonly placeholder?: string
  /** May be given more than once. */
  readonly multiple?: boolean
}

export type Options = Readonly<Record<string, Option>>

type OptionValue<O extends Option> = O extends { readonly multiple: true }
  ? readonly string[]
  : O extends { readonly type: 'boolean' }
    ? boolean
    : string | undefined

export type Values<O extends Options> = { readonly [K in keyof O]: OptionValue<O[K]> }

interface Description<O extends Options> {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** What stands after the options in the usage line, such as `<command>`. */
  readonly positionals?: readonly string[]
  readonly options: O
  /** More for the help page: lines of text. */
  readonly notes?: readonly string[]
  /** Not listed: the program calls it itself. */
  readonly hidden?: boolean
  /** Resolves with the exit code. */
  readonly run: (
    values: Values<O>,
    context: Context,
    positionals: readonly string[],
  ) => Promise<number>
}

/** A command, its options forgotten: the table holds many kinds. */
export interface Command extends Omit<Description<Options>, 'run'> {
  readonly run: (args: readonly string[], context: Context) => Promise<number>
}

export function defineCommand<const O extends Options>(description: Description<O>): Command {
  return {
    ...description,
    run: async (args, context) => {
      const { values, positionals } = parseOptions(description, args)
      return description.run(values, context, positionals)
    },
  }
}

/** Options and positionals of a command line; a wrong one is a `Failure` that points to the help. */
export function parseOptions<O extends Options>(
  {
    name,
    options,
    positionals: names = [],
  }: Pick<Description<O>, 'name' | 'options' | 'positionals'>,
  args: readonly string[],
): { values: Values<O>; positionals: string[] } {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: toParseArgs(options),
      allowPositionals: names.length > 0,
      strict: true,
    })
    if (parsed.positionals.length > names.length) {
      throw new Error(`Unexpected argument '${parsed.positionals[names.length]}'`)
    }
    const values = Object.entries(options).map(([key, { type, multiple }]) => {
      const value = parsed.values[key]
      if (multiple) return [key, value ?? []]
      return [key, type === 'boolean' ? value === true : value]
    })
    // parseArgs has checked each value against its option.
    return { values: Object.fromEntries(values) as Values<O>, positionals: parsed.positionals }
  } catch (cause) {
    const [reason = ''] = cause instanceof Error ? cause.message.split(/\.\s/) : []
    throw new Failure(`${reason}; see: concordat help ${name}`, { cause, exitCode: 2 })
  }
}

const toParseArgs = (options: Options): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(options).map(([key, { type, short, multiple = false }]) => [
      key,
      { type, multiple, ...(short !== undefined && { short }) },
    ]),
  )

/** The help page of a command. */
export function helpOf(command: Command): string {
  const { name, summary, options, positionals = [], notes = [] } = command
  const rows = Object.entries(options).map(([key, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.placeholder === undefined ? '' : ` ${option.placeholder}`
    return [`${short}--${key}${value}`, option.description] as const
  })
  const usage = [`concordat ${name}`, ...(rows.length > 0 ? ['[options]'] : []), ...positionals]
  const parts = [`${summary}\n`, `Usage: ${usage.join(' ')}`]
  if (rows.length > 0) parts.push(`\nOptions:\n${columns(rows)}`)
  if (notes.length > 0) parts.push(`\n${notes.join('\n')}`)
  return parts.join('\n')
}

/** Two columns, the left one as wide as its widest entry. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
