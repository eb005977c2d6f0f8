import { readFileSync } from 'node:fs'

/** An example in a page. */
export interface FencedBlock {
  readonly language: string
  readonly text: string
  /** Of the page, where it begins. */
  readonly line: number
}

/** The fenced blocks of a page, in order. */
export function fencedBlocks(page: URL): readonly FencedBlock[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((found) => ({
    language: found[1] ?? '',
    text: found[2] ?? '',
    line: text.slice(0, found.index).split('\n').length,
  }))
}
