/** Something the person at the keyboard can mend: shown as one line, without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure'
  /** 1: it failed; 2: the command line is wrong. */
  readonly exitCode: number

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = options.exitCode ?? 1
  }
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  SQLITE_FULL: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'not allowed',
  EPERM: 'not allowed',
  ENOTDIR: 'not a folder',
  ENOENT: 'there is no such file or folder',
  EADDRINUSE: 'the port is in use',
}

/** One clear line for any error. */
export function errorToLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // What went wrong first, not what went wrong in closing after it.
  if (error.name === 'SuppressedError' && 'suppressed' in error)
    return errorToLine(error.suppressed)
  const code = 'code' in error ? String(error.code) : ''
  const words = systemErrors[code]
  if (words === undefined) return error.message
  const where = 'path' in error ? `: ${String(error.path)}` : ''
  return `${words}${where} (${code})`
}
