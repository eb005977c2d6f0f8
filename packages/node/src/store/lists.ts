/** Lists of names and hashes are kept comma-joined in one column. */
export const joinList = (items: readonly string[]): string => items.join(',')

export const splitList = (joined: string): string[] => (joined === '' ? [] : joined.split(','))
