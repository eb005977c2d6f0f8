const ESCAPES: Readonly<Record<number, string>> = {
  38: '\\u0026',
  60: '\\u003c',
  62: '\\u003e',
  8232: '\\u2028',
  8233: '\\u2029',
}

/** Valid JSON text in its canonical form: no white space between tokens, five characters escaped. */
export function compact(text: string): string {
  let out = ''
  let from = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) inString = !inString
    else if (code === 0x5c) i++
    else if (inString ? code in ESCAPES : code <= 0x20) {
      out += text.slice(from, i) + (inString ? ESCAPES[code] : '')
      from = i + 1
    }
  }
  return out + text.slice(from)
}
