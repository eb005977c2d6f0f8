import { copyFileSync, statSync, truncateSync } from 'node:fs'

/** A log that is looked at so often, in milliseconds, and may be so long, in bytes, before it is begun anew. */
const lookMs = 60_000
const longest = 16 * 1024 * 1024

/**
 * Keeps a log from growing for days: when it is too long, its lines go to `<file>.1`, in place of those before. Whoever
 * writes must append: it goes on in the same file.
 */
export function keepShort(file: string, { everyMs = lookMs, maxBytes = longest } = {}): Disposable {
  const look = (): void => {
    try {
      if (statSync(file).size <= maxBytes) return
      copyFileSync(file, `${file}.1`)
      truncateSync(file)
    } catch {
      // It is tried again; a full disk ends the network by itself.
    }
  }
  const timer = setInterval(look, everyMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
