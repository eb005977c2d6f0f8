/** Works on up to `window` items at a time, and yields each result as soon as all before it are there. `work` must not reject. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  window: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const iterator = items[Symbol.asyncIterator]()
  const pending: Promise<R>[] = []
  try {
    let next: Promise<IteratorResult<T>> | undefined = iterator.next()
    while (next || pending.length > 0) {
      const arrival = pending.length < window ? next?.then((item) => ({ item })) : undefined
      const result = pending[0]?.then((value) => ({ value }))
      const first: { item: IteratorResult<T> } | { value: R } = await Promise.race(
        [arrival, result].filter((each) => each !== undefined),
      )
      if ('value' in first) {
        void pending.shift()
        yield first.value
      } else if (first.item.done) next = undefined
      else {
        pending.push(work(first.item.value))
        next = iterator.next()
      }
    }
  } finally {
    await Promise.all(pending)
    await iterator.return?.()
  }
}
