// Measures how long a follower has been without contact, by two clocks.

import { monotonic, readClock, systemClock, type Clock } from '../hooks/clock.js';
import type { Millis } from '../lib/duration.js';

/** A moment by both clocks. */
interface Moment {
  readonly wall: Millis;
  readonly steady: Millis;
}

/**
 * The time of the last contact. A process that was paused, and a clock that was set, both count: the greater difference of the two
 * clocks decides.
 */
export class Contact {
  readonly #wall: Clock;
  readonly #steady: Clock;
  #last: Moment;

  /** @param clock - for tests; otherwise the wall clock and the monotonic clock. */
  constructor(clock: Clock | undefined) {
    this.#wall = clock ?? systemClock;
    this.#steady = clock === undefined ? () => performance.now() : monotonic(clock);
    this.#last = this.now();
  }

  now(): Moment {
    return { wall: readClock(this.#wall), steady: this.#steady() };
  }

  /** Milliseconds by a clock that is never set. */
  steady(): Millis {
    return this.#steady();
  }

  /** Notes a contact that an answer proves: not later than the request for it was sent. */
  note(sent: Moment, age: Millis = 0): void {
    const moment = { wall: sent.wall - age, steady: sent.steady - age };
    if (moment.steady > this.#last.steady) this.#last = moment;
  }

  /** Milliseconds since the last contact; since the start when there was none. */
  age(): Millis {
    const wall = readClock(this.#wall) - this.#last.wall;
    return Math.max(0, wall, this.#steady() - this.#last.steady);
  }
}
