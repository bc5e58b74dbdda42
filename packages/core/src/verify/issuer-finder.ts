// Issuers that are known only when a token comes: asks the application, and keeps its answers. RFC 9068 §4

import { TemporarilyUnavailableError } from '../errors/errors.js';
import { monotonic, type Clock } from '../hooks/clock.js';
import { callHook, type HookContext } from '../hooks/hooks.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { LRUCache } from '../lib/lru-cache.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { checkOptions, requireCount } from '../lib/options.js';
import { acceptIssuer, acceptedIssuerOptionNames } from './accepted-issuer.js';
import type { AcceptedIssuer, AcceptedIssuerOptions } from './accepted-issuer.js';

/**
 * Returns the rules for the tokens of an issuer, or `undefined` if its tokens are not accepted: then the request gets 401.
 *
 * `issuer` comes from a token of which nothing has been verified: look it up among the issuers that you know, and never make a
 * URL of it. If the function throws, exceeds `deadline` or returns anything else, the request gets 503 and the answer is not
 * kept.
 */
export type FindIssuer = (issuer: string) => MaybePromise<AcceptedIssuerOptions | null | undefined>;

/** How long the answers of a {@link FindIssuer} are kept. */
export interface IssuerCacheOptions {
  /** Maximum number of issuers, 1 to 1 000 000. The least recently used is forgotten. @defaultValue `1_000` (one thousand) */
  readonly max?: number | undefined;
  /**
   * Time after which the function is asked again about an issuer, 1 second to 1 day. If it returns the same object, the loaded keys
   * are kept; so keep the object too if it has a key source. An unknown issuer is asked for again after 30 seconds at most.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly lifetime?: Duration | undefined;
}

export interface IssuerFinder {
  /** The issuer of this name; `undefined` when it is not accepted. A promise when the application must be asked. */
  find(issuer: string): MaybePromise<AcceptedIssuer | undefined>;
  /** Whether the answer with this issuer is still kept. */
  isCurrent(issuer: AcceptedIssuer): boolean;
}

interface Answer {
  readonly given: unknown;
  readonly accepted: AcceptedIssuer;
  readonly until: number;
}

const maxNameLength = 2_048;
/** Issuers that the application is asked about at the same time. Any client can name any issuer. */
const maxParallel = 100;
/** Milliseconds for which an unknown issuer is not asked for again. */
const unknownFor = 30_000;

export function createIssuerFinder(
  findIssuer: FindIssuer,
  options: unknown = {},
  hooks: HookContext,
  clock: Clock,
  onAccepted: (accepted: AcceptedIssuer) => void,
): IssuerFinder {
  const checked: IssuerCacheOptions = checkOptions('issuerCache', options, ['max', 'lifetime']);
  const { max = 1_000, lifetime = '10m' } = checked;
  requireCount('issuerCache.max', max, 1_000_000);
  const bounds = { max: 86_400, maxNumber: 86_400 };
  const knownFor = toSeconds('issuerCache.lifetime', lifetime, bounds) * 1_000;
  const readTime = monotonic(clock);
  const known = new LRUCache<string, Answer>({ max });
  // Apart from the known ones, which no client with invented names can displace.
  const unknown = new LRUCache<string, number>({ max: 1_000 });
  const pending = new Map<string, Promise<AcceptedIssuer | undefined>>();

  function read(name: string, given: unknown): AcceptedIssuer | undefined {
    if (given === undefined || given === null) {
      known.delete(name);
      unknown.set(name, readTime() + Math.min(unknownFor, knownFor));
      return undefined;
    }
    const before = known.get(name);
    const isSame = before?.given === given;
    const accepted = isSame ? before.accepted : acceptAnswer(name, given);
    if (!isSame) onAccepted(accepted);
    known.set(name, {
      given,
      accepted,
      until: readTime() + knownFor,
    });
    return accepted;
  }

  function ask(name: string): MaybePromise<AcceptedIssuer | undefined> {
    const running = pending.get(name);
    if (running) return running;
    // Clients that invent names must not keep the tokens of a known issuer out.
    if (pending.size >= maxParallel && !known.has(name)) {
      const cause = new Error(`issuers is being asked about ${maxParallel} other issuers`);
      throw new TemporarilyUnavailableError({ cause });
    }
    const call = () => findIssuer(name);
    const found = callHook(hooks, 'issuers', call, (given) => read(name, given));
    if (!(found instanceof Promise)) return found;
    const settled = found.finally(() => pending.delete(name));
    pending.set(name, settled);
    return settled;
  }

  return {
    find(name) {
      if (name.length > maxNameLength) return undefined;
      const now = readTime();
      const answer = known.get(name);
      if (answer && now < answer.until) return answer.accepted;
      return now < (unknown.get(name) ?? 0) ? undefined : ask(name);
    },
    isCurrent(accepted) {
      const answer = known.peek(accepted.issuer);
      return answer?.accepted === accepted && readTime() < answer.until;
    },
  };
}

function acceptAnswer(name: string, given: unknown): AcceptedIssuer {
  const option = 'the answer of issuers';
  const accepted = acceptIssuer(
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checkOptions refuses what is no object
    checkOptions(option, given as Record<string, unknown>, acceptedIssuerOptionNames),
    `${option}: `,
  );
  if (accepted.issuer === name) return accepted;
  throw new TypeError(
    `${option} is for another issuer than it was asked about; return its own rules`,
  );
}
