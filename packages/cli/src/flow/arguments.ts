import { Failure } from '../failure.ts'

/** An argument without which a command can do nothing. */
export function needed(command: string, name: string, given: string | undefined): string {
  if (given !== undefined) return given
  throw new Failure(`${name} is missing; see: concordat help ${command}`, { exitCode: 2 })
}
