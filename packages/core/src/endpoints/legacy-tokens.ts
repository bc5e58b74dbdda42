// Exchanges the refresh tokens of the system that an application used before, so that its users stay signed in.

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { nowOrSystem } from '../hooks/clock.js';
import { callHook } from '../hooks/hooks.js';
import { adoptSession } from '../issue/adopt-session.js';
import type { Refresh } from '../issue/judge-refresh.js';
import { readGrant, type CheckedGrant, type LoginGrant } from '../issue/login-grant.js';
import { requireFittingMetadata } from '../issue/metadata-schema.js';
import { looksLikeOurs } from '../issue/refresh-token.js';
import type { TokenPair } from '../issue/token-pair.js';
import { readInstant } from '../keys/key-state.js';
import { LRUCache } from '../lib/lru-cache.js';
import { checkOptions, refuseOption } from '../lib/options.js';

/** How refresh tokens of a former system are exchanged. */
export interface LegacyTokens {
  /**
   * Checks a refresh token that is not of this package. Returns the grant of its user, or `undefined` to refuse it. It is called
   * once per token, process and reuse interval, also when several tabs send the token together.
   *
   * The same token always leads to the same session, so accept it again for a minute after its first exchange: another tab, or a
   * client whose answer was lost, comes back with it. Refuse it after that. Otherwise a copy of it starts the session anew when the
   * session has ended, after a logout for example. Without `authentication` in the grant, nothing is known of when the user signed in.
   *
   * When it throws, is slower than `deadline` or returns anything else, the client gets 503 and repeats the request.
   */
  readonly exchange: (
    presented: string,
    request: IncomingMessage,
  ) => LoginGrant | undefined | Promise<LoginGrant | undefined>;
  /** From then on these tokens are refused: a `Date`, ISO 8601 text or milliseconds since the epoch. */
  readonly until: Date | string | number;
}

/** The pair for a refresh token of the former system; `undefined` when the token is not one, or it is refused. */
export type LegacyExchange = (
  presented: string | undefined,
  request: IncomingMessage,
  refresh: Pick<Refresh, 'client' | 'scope' | 'request'>,
) => Promise<TokenPair | undefined>;

// An attacker can send many texts. The answers for the latest of them are enough.
const maxAnswers = 10_000;
const maxLength = 8_192;

/** Checks the option `legacy`. */
export function createLegacyExchange(tokens: TokenIssuer, options: LegacyTokens): LegacyExchange {
  const { exchange, until } = checkOptions('legacy', options, ['exchange', 'until']);
  if (typeof exchange !== 'function') refuseOption('legacy.exchange', 'a function', exchange);
  const end = readInstant('legacy.until', until);
  const answers = new LRUCache<string, Promise<CheckedGrant | undefined>>({
    max: maxAnswers,
    // At a reuse interval of 0, long enough for requests that come together.
    ttl: Math.max(tokens.reuseInterval, 1_000),
  });

  // A grant that is wrong is a mistake of the application, like any other wrong answer of a hook.
  async function read(pending: unknown): Promise<CheckedGrant | undefined> {
    const answer = await pending;
    if (answer === undefined) return undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is checked like the grant of a login
    const grant = readGrant(tokens, answer as LoginGrant, { isAuthenticated: false });
    await requireFittingMetadata(tokens, grant.data.metadata);
    return grant;
  }

  function ask(presented: string, request: IncomingMessage): Promise<CheckedGrant | undefined> {
    const name = createHash('sha256').update(presented).digest('base64url');
    const known = answers.get(name);
    if (known !== undefined) return known;
    let grant: CheckedGrant | undefined;
    const call = async () => {
      grant = await read(exchange(presented, request));
    };
    const answer = (async () => callHook(tokens.hooks, 'legacy.exchange', call, () => grant))();
    answers.set(name, answer);
    answer.catch(() => answers.delete(name));
    return answer;
  }

  return async function exchangeLegacyToken(presented, request, refresh) {
    if (presented === undefined || presented === '' || presented.length > maxLength)
      return undefined;
    if (looksLikeOurs(presented) || nowOrSystem(tokens.clock) >= end) return undefined;
    const grant = await ask(presented, request);
    return grant && adoptSession(tokens, presented, grant, refresh);
  };
}
