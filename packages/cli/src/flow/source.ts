import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Document,
  isAlias,
  isNode,
  LineCounter,
  parseDocument,
  type Tags,
  visit,
  type YAMLError,
} from 'yaml'
import { errorToLine, Failure } from '../failure.ts'

/** A file of YAML or JSON, which is YAML too. */
export interface Source {
  /** As the person named it. */
  readonly name: string
  readonly text: string
  readonly document: Document
  readonly lines: LineCounter
  /** What keeps it from being YAML. */
  readonly problems: readonly Remark[]
}

/** Both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something to say of a place in a file. */
export interface Remark extends Place {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  /** How to put it right. */
  readonly mend: string
}

/** Four times what a definition may have. */
const MAX_BYTES = 1024 * 1024

/** Reads a file that a person named. */
export function readSource(cwd: string, name: string, customTags: Tags = []): Source {
  const bytes = readBytes(cwd, name)
  if (bytes.length > MAX_BYTES) throw new Failure(`${name} is larger than 1 MiB`)
  const text = decode(name, bytes)
  const lines = new LineCounter()
  const document = parse(text, lines, customTags, name)
  const problems = [...document.errors, ...document.warnings, ...danglingAliases(document)]
  const remarks = problems.map(({ message, pos }): Remark => {
    const { line, col } = lines.linePos(pos[0])
    const mend = 'Correct the YAML there.'
    return { line, column: col, severity: 'error', code: 'YAML_SYNTAX', message, mend }
  })
  return { name, text, document, lines, problems: remarks }
}

/** Aliases of anchors that do not stand before them. */
function danglingAliases(document: Document): readonly Pick<YAMLError, 'message' | 'pos'>[] {
  const anchors = new Set<string>()
  const dangling: Pick<YAMLError, 'message' | 'pos'>[] = []
  visit(document, (_, node) => {
    if (isAlias(node) && !anchors.has(node.source)) {
      const [at = 0] = node.range ?? []
      dangling.push({ message: `There is no anchor &${node.source} before this`, pos: [at, at] })
    } else if (isNode(node) && !isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor)
  })
  return dangling
}

function readBytes(cwd: string, name: string): Uint8Array {
  try {
    return readFileSync(resolve(cwd, name))
  } catch (cause) {
    const isFolder = cause instanceof Error && 'code' in cause && cause.code === 'EISDIR'
    throw new Failure(isFolder ? `${name} is a folder` : errorToLine(cause), { cause })
  }
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Failure(`${name} is not a text in UTF-8`, { cause })
  }
}

function parse(text: string, lineCounter: LineCounter, customTags: Tags, name: string): Document {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      stringKeys: true,
      version: '1.2',
      customTags,
    })
  } catch (cause) {
    throw new Failure(`${name} cannot be read: ${errorToLine(cause)}`, { cause })
  }
}

/** What is written there, as JSON data. */
export function toData({ name, document }: Source): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw new Failure(`${name} cannot be read: ${errorToLine(cause)}`, { cause })
  }
}

/** One line that editors and people can follow to its place, and one that says what to do. */
export const remarkToText = (file: string, { line, column, ...remark }: Remark): string =>
  `${file}:${line}:${column}: ${remark.severity}: ${remark.message} [${remark.code}]\n    ${remark.mend}`

/** In the order of the file. */
export const inOrder = <R extends Remark>(remarks: readonly R[]): readonly R[] =>
  remarks.toSorted((a, b) => a.line - b.line || a.column - b.column)

/** `1 error`, `2 errors` */
export const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`
