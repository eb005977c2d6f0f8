import { RE2JS } from 're2js'

/** Says whether a text contains a match. */
export type Matcher = (text: string) => boolean

/** A branch of a simple pattern: its text, and whether it is bound to the start or the end. */
interface Literal {
  readonly text: string
  readonly start: boolean
  readonly end: boolean
}

const MAX_LITERALS = 64

/**
 * Compiles an RE2 pattern, unanchored. Literals and alternations of literals (what most filters are) are compared as
 * plain text; the rest runs on the RE2 engine, in linear time. Throws the engine's error for a bad pattern.
 */
export function compilePattern(pattern: string): Matcher {
  const literals = splitTop(pattern)?.flatMap((branch) => expandBranch(branch) ?? [undefined])
  if (literals && literals.length <= MAX_LITERALS) {
    const known = literals.filter((literal) => literal !== undefined)
    if (known.length === literals.length) return matchLiterals(known)
  }
  const compiled = RE2JS.compile(pattern)
  return (text) => compiled.test(text)
}

function matchLiterals(literals: readonly Literal[]): Matcher {
  if (literals.every((literal) => literal.start && literal.end)) {
    const texts = new Set(literals.map((literal) => literal.text))
    return (text) => texts.has(text)
  }
  const [only] = literals
  if (only && literals.length === 1) return matchLiteral(only)
  const matchers = literals.map(matchLiteral)
  return (text) => matchers.some((matches) => matches(text))
}

function matchLiteral({ text: wanted, start, end }: Literal): Matcher {
  if (start && end) return (text) => text === wanted
  if (start) return (text) => text.startsWith(wanted)
  if (end) return (text) => text.endsWith(wanted)
  return (text) => text.includes(wanted)
}

/** The branches between top-level bars; undefined when brackets are nested or not closed. */
function splitTop(pattern: string): string[] | undefined {
  const branches: string[] = []
  let open = false
  let from = 0
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (char === '(' || char === ')') {
      if (open === (char === '(')) return undefined
      open = char === '('
    } else if (char === '|' && !open) {
      branches.push(pattern.slice(from, at))
      from = at + 1
    }
  }
  branches.push(pattern.slice(from))
  return open ? undefined : branches
}

/** `^`, then literals and groups of literals, then `$`: every text it stands for. Undefined for anything else. */
function expandBranch(branch: string): Literal[] | undefined {
  const start = branch.startsWith('^')
  const end = /(^|[^\\])(\\\\)*\$$/.test(branch)
  const body = branch.slice(start ? 1 : 0, end ? -1 : undefined)
  let texts = ['']
  for (const part of body.split(/(\((?:\?:)?[^()]*\))/)) {
    const group = /^\((?:\?:)?([^()]*)\)$/.exec(part)
    const choices = group
      ? (group[1] ?? '').split('|').map(unescapeLiteral)
      : [unescapeLiteral(part)]
    const plain = choices.filter((choice) => choice !== undefined)
    if (plain.length < choices.length || plain.length * texts.length > MAX_LITERALS)
      return undefined
    texts = texts.flatMap((text) => plain.map((choice) => text + choice))
  }
  return texts.map((text) => ({ text, start, end }))
}

/** The text a pattern without operators stands for. */
function unescapeLiteral(part: string): string | undefined {
  if (!/^(?:[\w \-/:,;@#%&=~"'<>!]|\\[.+*?()|[\]{}^$\-/\\])*$/.test(part)) return undefined
  return part.replace(/\\(.)/g, '$1')
}
