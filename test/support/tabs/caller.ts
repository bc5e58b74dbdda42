// A call of core that stops before and after every store command and in every hook, until the test lets it go on. So a test
// decides in which order the steps of several calls happen.

import { AsyncLocalStorage } from 'node:async_hooks';

/** What happens at the place where a call waits. */
export type Fault =
  /** The command does not reach the store, or its answer is lost; a hook throws. */
  | 'fails'
  /** The client library sends the command twice, and hands on the second answer. */
  | 'sent twice';

/** Where a call waits: before a command of this name, for the answer of one, or in a hook. */
export type Place = 'get' | 'swap' | 'confirm' | 'revoke' | 'other' | 'answer' | 'hook';

const callers = new AsyncLocalStorage<Caller<unknown>>();

/** The call that is running; `undefined` for one that nobody stops. */
export function currentCaller(): Caller<unknown> | undefined {
  return callers.getStore();
}

export class Caller<T> {
  /** What the call came to. */
  result: { readonly value: T } | { readonly error: unknown } | undefined;
  /** Where it waits. */
  place: Place | undefined;
  readonly #call: () => Promise<T>;
  #goOn: ((fault: Fault | undefined) => void) | undefined;
  #stopped: (() => void) | undefined;

  constructor(call: () => Promise<T>) {
    this.#call = call;
  }

  get hasStarted(): boolean {
    return this.place !== undefined || this.result !== undefined;
  }

  /** Waits until the test lets the call go on. */
  pause(place: Place): Promise<Fault | undefined> {
    this.place = place;
    this.#stopped?.();
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  /** Lets the call go on to the next place where it waits, or to its end. */
  async step(fault?: Fault): Promise<void> {
    if (this.result !== undefined) return;
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    if (this.hasStarted) this.#goOn?.(fault);
    else void callers.run(this, () => this.#run());
    await stopped;
  }

  /** Lets the call go on until it waits at this place, or to its end. */
  async stepTo(place?: Place, fault?: Fault): Promise<void> {
    do await this.step(fault);
    while (this.result === undefined && this.place !== place);
  }

  async #run(): Promise<void> {
    try {
      this.result = { value: await this.#call() };
    } catch (error) {
      this.result = { error };
    }
    this.#stopped?.();
  }
}
