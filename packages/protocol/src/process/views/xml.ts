/** An XML element: name, attributes, and elements or one text within. */
export interface Xml {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly content: readonly Xml[] | string
}

export const xml = (
  name: string,
  attributes: Xml['attributes'] = {},
  content: Xml['content'] = [],
): Xml => ({ name, attributes, content })

/** The element as a document of its own. */
export const printXml = (root: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${print(root, '')}`

function print({ name, attributes, content }: Xml, indent: string): string {
  const pairs = Object.entries(attributes).filter(([, value]) => value !== undefined)
  const head = pairs.map(([key, value]) => ` ${key}="${escapeXml(value ?? '')}"`).join('')
  if (content.length === 0) return `${indent}<${name}${head} />\n`
  if (typeof content === 'string')
    return `${indent}<${name}${head}>${escapeXml(content)}</${name}>\n`
  const inner = content.map((child) => print(child, `${indent}  `)).join('')
  return `${indent}<${name}${head}>\n${inner}${indent}</${name}>\n`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/** XML has no place for other control characters, so they become a replacement character. */
const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"\n\r\t]/g, (char) => ESCAPES[char] ?? char)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u001f\ufffe\uffff]/g, '\ufffd')
