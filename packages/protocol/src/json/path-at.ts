/** Where a position of a valid JSON document lies, such as `data[0].value.name`; a key is where its value is. */
export function pathAt(text: string, position: number): string {
  const path: Step[] = []
  for (let i = 0; i <= position; ) {
    const isString = text[i] === '"'
    const end = isString ? endOfString(text, i) : i + 1
    if (!isString) move(path, text[i])
    else if (typeof path.at(-1) === 'string' && isKey(text, end))
      path[path.length - 1] = keyOf(text, i, end)
    i = end
  }
  return toText(path)
}

/** A key of an object, or a place in a list. */
type Step = string | number

/** What a character outside of strings does to where we are. */
function move(path: Step[], char: string | undefined): void {
  if (char === '{') path.push('')
  else if (char === '[') path.push(0)
  else if (char === '}' || char === ']') path.pop()
  else if (char === ',') path[path.length - 1] = nextStep(path.at(-1))
}

const nextStep = (step: Step | undefined): Step => (typeof step === 'number' ? step + 1 : '')

/** Where the string that begins at `from` is over. */
function endOfString(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

const isKey = (text: string, end: number): boolean => /^[ \t\r\n]*:/.test(text.slice(end, end + 64))

const keyOf = (text: string, from: number, end: number): string =>
  String(JSON.parse(text.slice(from, end)))

const PLAIN = /^[\w-]+$/

const toText = (path: readonly Step[]): string =>
  path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`
    if (!PLAIN.test(step)) return `${before}[${JSON.stringify(step)}]`
    return before === '' ? step : `${before}.${step}`
  }, '')
