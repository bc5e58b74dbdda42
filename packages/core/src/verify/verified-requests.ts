// On the guard journey as frameworks need it: which request was verified, and as what.

import type { VerifiedToken } from './verified-token.js';

/** Remembers, per request, the token that was verified; forgets it with the request. */
export interface VerifiedRequests {
  tokenOf(request: object): VerifiedToken | undefined;
  remember(request: object, token: VerifiedToken): void;
}

/**
 * A private field of the request itself: as unforgeable and as invisible as a WeakMap, at a tenth of what it costs to
 * put something fresh into one and to have it collected.
 */
export function createVerifiedRequests(): VerifiedRequests {
  // A class whose constructor returns another object gives its fields to that object.
  class Given {
    constructor(object: object) {
      // oxlint-disable-next-line no-constructor-return -- the point of it
      return object;
    }
  }
  class Stamp extends Given {
    #token: VerifiedToken;

    constructor(request: object, token: VerifiedToken) {
      super(request);
      this.#token = token;
    }

    static read(request: object): VerifiedToken | undefined {
      return #token in request ? request.#token : undefined;
    }

    static write(request: object, token: VerifiedToken): void {
      if (#token in request) request.#token = token;
      else new Stamp(request, token);
    }
  }
  return { tokenOf: Stamp.read, remember: Stamp.write };
}
