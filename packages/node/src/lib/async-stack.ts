/**
 * What was opened together, closed together, the last first. As the platform's `AsyncDisposableStack`, which Node 22 has not;
 * if several fail to close, the first failure is thrown when all were tried.
 */
export class AsyncStack implements AsyncDisposable {
  #closers: (() => void | PromiseLike<void>)[] = []

  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.#closers.push(() =>
      Symbol.asyncDispose in resource
        ? resource[Symbol.asyncDispose]()
        : resource[Symbol.dispose](),
    )
    return resource
  }

  defer(close: () => void | PromiseLike<void>): void {
    this.#closers.push(close)
  }

  /** Everything goes to a new stack: disposing this one closes nothing any more. */
  move(): AsyncStack {
    const moved = new AsyncStack()
    moved.#closers = this.#closers
    this.#closers = []
    return moved
  }

  async disposeAsync(): Promise<void> {
    const failures: unknown[] = []
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync()
  }
}
