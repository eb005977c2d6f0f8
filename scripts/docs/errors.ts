import { errors } from '../../packages/protocol/src/index.ts'
import { code, generated, markdownTable } from './table.ts'

/** Every error, from the table of errors. */
export function errorsPage(): string {
  const rows = Object.entries(errors).map(([name, { status, retryable, text }]) => [
    code(name),
    `${status}`,
    retryable ? 'yes' : '',
    text,
  ])
  return [
    '# Errors',
    generated,
    'A body is `{"error": "CODE: text"}`. Codes that begin with `FF` mean what FireFly takes them to mean; those with `CC`\nare our own. _Again_ says that the same call may succeed later without anything being changed.',
    markdownTable(['code', 'HTTP', 'again', 'text'], rows),
  ].join('\n\n')
}
