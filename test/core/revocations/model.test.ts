// Revocation against a model: whatever happens in which order, a token of an ended session or of an old role passes nowhere where
// its end is known, and no login after a kill is refused.
//
// Three processes over one store and one log: A and C issue and verify, B only verifies. Each reads the log when the model says so,
// so that each lags as it likes. A verb can crash between store and log.

import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  issueTokenPair,
  refreshTokenPair,
  revokeClaims,
  revokeEverything,
  revokeSession,
  revokeSubject,
  updateSession,
  type TokenIssuer,
} from '@tokenpair/core';

import { createProcesses, type Process } from '../../support/processes.js';

const issuerNames = ['a', 'c'] as const;
const subjects = ['u_1', 'u_2'] as const;
type Name = (typeof issuerNames)[number];

interface Step {
  readonly what:
    | 'login'
    | 'refresh'
    | 'replay'
    | 'role'
    | 'update'
    | 'end'
    | 'end all'
    | 'kill'
    | 'crash'
    | 'wait';
  readonly by: Name;
  readonly which: number;
}

interface Token {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly session: Session;
  /** The role or scope that the token names: a count of changes. */
  readonly version: number;
}

interface Session {
  readonly sessionId: string;
  readonly subject: string;
  /** Whether its end was announced, or it began before a kill. */
  hasEnded: boolean;
  /** Whether the store has ended it, and the announcement may be missing. */
  isCrashed: boolean;
  /** Whether it was live when everything was revoked. */
  isKilled: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    ...(['login', 'login', 'refresh', 'refresh', 'refresh', 'replay', 'role', 'update'] as const),
    ...(['end', 'end all', 'kill', 'crash', 'wait', 'wait'] as const),
  ),
  by: fc.constantFrom(...issuerNames),
  which: fc.nat({ max: 50 }),
});

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}

async function play(steps: readonly Step[], hasHook: boolean): Promise<void> {
  const processes = createProcesses();
  const roles = new Map<string, number>(subjects.map((subject) => [subject, 0]));
  const versions = new Map<string, number>();
  const versionOf = ({ subject, sessionId }: Session) =>
    (roles.get(subject) ?? 0) + (versions.get(sessionId) ?? 0);
  const claims = hasHook ? (subject: string) => ({ role: roles.get(subject) }) : undefined;
  const make = () => processes.issuer({}, { maxSessions: 100, claims });
  const a = make();
  const c = make();
  const b = processes.verifier();
  const all: readonly Process<unknown>[] = [a, b, c];
  const issuers = { a: a.tokens, c: c.tokens };
  await processes.advance(500);
  const tokens: Token[] = [];
  const sessions: Session[] = [];

  async function login(by: TokenIssuer, subject: string): Promise<void> {
    const pair = await issueTokenPair(by, { subject, scope: 'a b' });
    const { sessionId } = pair;
    const session = { sessionId, subject, hasEnded: false, isCrashed: false, isKilled: false };
    sessions.push(session);
    tokens.push({ ...pair, session, version: versionOf(session) });
  }

  const current = (session: Session) => tokens.findLast((token) => token.session === session);

  async function refresh(by: TokenIssuer, token: Token, isReplay: boolean): Promise<void> {
    const { session } = token;
    const version = versionOf(session);
    try {
      const pair = await refreshTokenPair(by, token.refreshToken);
      // Without a hook, a refresh does not read the head of the log: a kill may be news to its process. The token is refused.
      const isUnheard = session.isKilled && !hasHook;
      assert.ok(
        (!session.hasEnded && !session.isCrashed) || isUnheard,
        'an ended session was refreshed',
      );
      tokens.push({ ...pair, session, version });
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      const isLive = !session.hasEnded && !session.isCrashed;
      // A replay may be a theft: then the session has ended.
      if (isLive && !isReplay) throw error;
      const { code } = error as { code: string };
      if (isLive && code === 'refresh_token_invalid') session.hasEnded = true;
    }
  }

  async function take({ what, by, which }: Step): Promise<void> {
    const issuer = issuers[by];
    const session = pick(sessions, which);
    const subject = pick(subjects, which) ?? 'u_1';
    if (what === 'login') return login(issuer, subject);
    if (what === 'wait') {
      await processes.advance(which < 25 ? 100 : 31_000);
      return undefined;
    }
    if (what === 'kill') {
      await revokeEverything(issuer, 'https://issuer.test');
      for (const one of sessions) {
        one.isKilled ||= !one.hasEnded;
        one.hasEnded = true;
      }
      return undefined;
    }
    if (what === 'role' && hasHook) {
      roles.set(subject, (roles.get(subject) ?? 0) + 1);
      await revokeClaims(issuer, { subject });
      return undefined;
    }
    if (what === 'end all') {
      await revokeSubject(issuer, subject);
      for (const one of sessions) if (one.subject === subject) one.hasEnded = true;
      return undefined;
    }
    if (session === undefined) return undefined;
    const token = what === 'replay' ? pick(tokens, which) : current(session);
    if (token === undefined) return undefined;
    if (what === 'refresh' || what === 'replay') return refresh(issuer, token, what === 'replay');
    if (what === 'update' && !session.hasEnded && !session.isCrashed) {
      versions.set(session.sessionId, (versions.get(session.sessionId) ?? 0) + 1);
      await updateSession(issuer, session.sessionId, { scope: which % 2 === 0 ? 'a' : 'b' });
    }
    if (what === 'end') {
      await revokeSession(issuer, { sessionId: session.sessionId });
      session.hasEnded = true;
    }
    if (what === 'crash') {
      await processes.store.revoke(session.sessionId);
      session.isCrashed = true;
    }
    return undefined;
  }

  for (const one of steps) await take(one);
  // The logins after everything, as a client does that got `login`.
  for (const name of issuerNames) await login(issuers[name], 'u_1');
  await processes.advance(200);

  const fresh = tokens.slice(-issuerNames.length);
  for (const [index, token] of tokens.entries()) {
    for (const process of all) {
      const code = await process.verify(token.accessToken);
      const isExpired = code === 'token_expired';
      const { session } = token;
      // A revokeSubject after a crash gets no IDs from the store: then the tokens must refresh, and cannot.
      const isOver = code === 'session_revoked' || (session.isCrashed && code === 'claims_stale');
      if (session.hasEnded) assert.ok(isExpired || isOver, `${index}: ${code}`);
      else if (token.version < versionOf(session)) {
        assert.ok(isExpired || code === 'claims_stale', `${index}: old claims: ${code}`);
      }
      if (fresh.includes(token)) assert.equal(code, 'ok', 'a login after everything was refused');
    }
  }
  // What is stale brings a good token with one refresh, at any process.
  for (const session of sessions.filter((one) => !one.hasEnded && !one.isCrashed)) {
    const token = current(session);
    if (token === undefined) continue;
    const { accessToken } = await refreshTokenPair(issuers.c, token.refreshToken);
    await processes.advance(100);
    for (const process of all) assert.equal(await process.verify(accessToken), 'ok');
  }
  await Promise.all(all.map(({ revocations }) => revocations.close()));
}

describe.each([
  ['with a claims hook', true],
  ['without a claims hook', false],
])('revocation %s', (_name, hasHook) => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('lets no token of an ended session or of an old role pass, and refuses no later login', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await play([{ what: 'login', by: 'a', which: 0 }, ...steps], hasHook);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
