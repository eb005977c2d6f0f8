import { parseDuration } from '@concordat/protocol'
import { parseIsoDuration } from '@concordat/protocol/process'
import { choice, required, text, texts } from './leaves.ts'
import { entriesOf, fault, type Place, section, within } from './spec.ts'

/** A system that is told of accepted steps. */
export interface SyncBinding {
  readonly name: string
  /** Names of the steps it is told of; none for all. */
  readonly steps: readonly string[]
  /** URL. */
  readonly push: string
  readonly everyMs: number
  readonly format: 'jsonl' | 'csv'
  /** `whsec_` and base64; '' for none. */
  readonly secret: string
}

const sync = section({
  on: texts([], 'What it is told of: accepted:<step>, or accepted'),
  push: required('Where it is told', 'write its URL'),
  every: text('1m', 'How often'),
  format: choice(['jsonl', 'csv'] as const, 'jsonl', 'JSON Lines or CSV'),
  secret: text('', 'Signs what is told'),
})

/** Reads the section `sync` of a definition's bindings. */
export const readSyncs = (raw: unknown, place: Place): readonly SyncBinding[] =>
  entriesOf(raw, place).map(([name, value]) => readSync(name, value, within(place, name)))

function readSync(name: string, raw: unknown, place: Place): SyncBinding {
  const { on, push, every, format, secret } = sync.read(raw, place)
  if (push !== '' && !isHttp(push))
    fault(within(place, 'push'), 'is no URL', 'write one that begins with http:// or https://')
  if (secret !== '' && !/^whsec_[A-Za-z0-9+/]{22,172}={0,2}$/.test(secret))
    fault(within(place, 'secret'), 'is no secret', 'write "whsec_" and 16 to 128 bytes in base64')
  return {
    name,
    steps: stepsOf(on, within(place, 'on')),
    push,
    everyMs: readDuration(every, within(place, 'every')),
    format,
    secret,
  }
}

function stepsOf(on: readonly string[], place: Place): readonly string[] {
  const steps: string[] = []
  for (const each of on) {
    const [verdict, step, ...more] = each.split(':')
    if (verdict !== 'accepted' || more.length > 0)
      fault(place, `"${each}" is unknown`, 'write accepted:<step>, or accepted for all steps')
    else if (step === undefined) return []
    else steps.push(step)
  }
  return steps
}

const isHttp = (url: string): boolean =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

function readDuration(written: string, place: Place): number {
  try {
    const ms = written.startsWith('P')
      ? Number(parseIsoDuration(written)) * 1000
      : parseDuration(written)
    if (ms >= 1000) return ms
    fault(place, 'is less than a second', 'write a longer one')
  } catch {
    fault(place, 'is no duration', 'write one such as PT15M or 10s')
  }
  return 60_000
}
