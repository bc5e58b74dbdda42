// On the guard journey as frameworks need it: which request was verified, and as what.
//
// A WeakMap from request to token would say it all, but to put something fresh into one, and to have it collected, costs as
// much as all the rest of the guard. A field of the request would cost more still under Express, which gives every request
// another prototype, after which V8 knows no two of them for alike. The list of a request's raw headers is made anew for each
// request too, and nobody touches it: so that bears the note, in a private field that nobody else can see or forge.

import type { VerifiedToken } from './verified-token.js';

/** Remembers, per request, the token that was verified; forgets it with the request. */
export interface VerifiedRequests {
  tokenOf(request: object): VerifiedToken | undefined;
  remember(request: object, token: VerifiedToken): void;
}

interface Note {
  /** Whose note it is: another request that was given the same list of headers is another request. */
  readonly request: object;
  readonly token: VerifiedToken;
}

export function createVerifiedRequests(): VerifiedRequests {
  // For requests that are none of Node's own.
  const others = new WeakMap<object, VerifiedToken>();
  const notes = createNotes();
  return {
    tokenOf(request) {
      const list = headerListOf(request);
      if (list === undefined) return others.get(request);
      const note = notes.read(list);
      return note?.request === request ? note.token : undefined;
    },
    remember(request, token) {
      const list = headerListOf(request);
      if (list === undefined) others.set(request, token);
      else notes.write(list, { request, token });
    },
  };
}

function headerListOf(request: { readonly rawHeaders?: unknown }): object | undefined {
  const { rawHeaders } = request;
  return Array.isArray(rawHeaders) && Object.isExtensible(rawHeaders) ? rawHeaders : undefined;
}

interface Notes {
  read(object: object): Note | undefined;
  write(object: object, note: Note): void;
}

function createNotes(): Notes {
  // A class whose constructor returns an object that is there already gives its private fields to that one.
  class Given {
    constructor(object: object) {
      // oxlint-disable-next-line no-constructor-return -- the point of it
      return object;
    }
  }
  return class Noted extends Given {
    #note: Note;

    constructor(object: object, note: Note) {
      super(object);
      this.#note = note;
    }

    static read(object: object): Note | undefined {
      return #note in object ? object.#note : undefined;
    }

    static write(object: object, note: Note): void {
      if (#note in object) object.#note = note;
      else new Noted(object, note);
    }
  };
}
