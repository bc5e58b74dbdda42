// The table of what guards do, and the table of what a follower does with a page.

import {
  createRevocations,
  createTokenVerifier,
  issueTokenPair,
  refreshTokenPair,
} from '@tokenpair/core';

import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';
import { createProcesses, typesOf } from '../../support/processes.js';
import { runInChild } from '../../support/run-in-child.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

async function setUp(options: Parameters<ReturnType<typeof createProcesses>['issuer']>[0] = {}) {
  const processes = createProcesses();
  const a = processes.issuer();
  const b = processes.verifier(options);
  const pair = await issueTokenPair(a.tokens, { subject: 'u_1' });
  const other = await issueTokenPair(a.tokens, { subject: 'u_2' });
  await processes.advance(1_000);
  const append = (text: string, floor = 0) =>
    processes.log.append({ issuer: 'https://issuer.test', text, floor, keep: 1_000 });
  return { ...processes, a, b, pair, other, append, tag: pair.sessionId.slice(0, 16) };
}

/** A program that follows over HTTP an issuer that is not up yet. */
const following = (wait: string) => `
  const { publicKey } = require('node:crypto').generateKeyPairSync('ed25519');
  const key = publicKey.export({ type: 'spki', format: 'pem' });
  let isUp = false;
  const fetch = async () => {
    if (!isUp) throw new Error('connect ECONNREFUSED');
    const page = { head: 1, from: 1, everything: 0, keep: 60, age: 0, entries: [[1, 0, '']], more: false };
    return new Response(JSON.stringify({ issuer: 'https://issuer.test', ...page }));
  };
  setTimeout(() => { isUp = true; }, 300).unref();
  const revocations = core.remoteRevocations('https://issuer.test/revocations', { fetch });
  const keys = [{ kid: '1', algorithm: 'EdDSA', publicKey: key }];
  core.createTokenVerifier({ issuer: 'https://issuer.test', audience: 'a', keys, revocations });
  ${wait}`;

describe.each(['accept', 'refuse'] as const)("what guards do, whenBehind: '%s'", (whenBehind) => {
  it('refuses tokens of a session that has ended, whatever their position', async () => {
    const { b, pair, other, append, advance } = await setUp({ whenBehind });
    expect(await b.verify(pair.accessToken)).toBe('ok');
    await append(`o ${pair.sessionId}`);
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('session_revoked');
    expect(await b.verify(other.accessToken)).toBe('ok');
  });

  it.each(['subject', 'session', 'everyone'])(
    'refuses tokens from before a change of claims, and one refresh brings a good one: %s',
    async (target) => {
      const { a, b, pair, append, advance, tag } = await setUp({ whenBehind });
      const lines = { subject: `s ${tag}`, session: `s ${pair.sessionId}`, everyone: 'S' };
      await append(lines[target as keyof typeof lines]);
      await advance(100);
      expect(await b.verify(pair.accessToken)).toBe('claims_stale');
      const next = await refreshTokenPair(a.tokens, pair.refreshToken);
      expect(await b.verify(next.accessToken)).toBe('ok');
    },
  );

  it('leaves the excepted session alone', async () => {
    const { b, pair, append, advance, tag } = await setUp({ whenBehind });
    await append(`s ${tag} ${pair.sessionId}`);
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('ok');
  });

  it('refuses every token from before a kill mark as revoked', async () => {
    const { b, pair, append, advance } = await setUp({ whenBehind });
    await append('O');
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('session_revoked');
  });

  it('is behind without contact for longer than maxAge, and says so once', async () => {
    const { a, b, pair, log, append, advance } = await setUp({ whenBehind, maxAge: 5 });
    await append(`o ${(await issueTokenPair(a.tokens, { subject: 'u_3' })).sessionId}`);
    await advance(100);
    log.break('both');
    await advance(4_000);
    expect(b.revocations.state.status).toBe('live');
    await advance(3_000);
    expect(b.revocations.state).toMatchObject({ status: 'behind', facts: 1 });
    const expected = whenBehind === 'accept' ? 'ok' : 'temporarily_unavailable';
    expect(await b.verify(pair.accessToken)).toBe(expected);
    log.break('none');
    await advance(3_000);
    expect(b.revocations.state.status).toBe('live');
    expect(await b.verify(pair.accessToken)).toBe('ok');
    expect(typesOf(b.events)).toEqual(['revocations.behind', 'revocations.caught_up']);
  });

  it('waits for the first read at most for the deadline, and then does as when it is behind', async () => {
    const { log, verifier, pair, advance } = await setUp();
    log.break('read');
    const late = verifier({ whenBehind });
    const code = late.verify(pair.accessToken);
    await advance(4_000);
    expect(late.revocations.state.status).toBe('starting');
    await advance(1_000);
    expect(await code).toBe(whenBehind === 'accept' ? 'ok' : 'temporarily_unavailable');
  });
});

describe('an issuer that is behind', () => {
  it("refuses logins and refreshes under 'refuse'", async () => {
    const { log, issuer, advance, pair } = await setUp();
    const strict = issuer({ whenBehind: 'refuse', maxAge: 2 });
    await advance(1_000);
    log.break('both');
    await advance(3_000);
    const isUnavailable = { name: 'RevocationsUnavailableError', status: 503 };
    await expect(issueTokenPair(strict.tokens, { subject: 'u_1' })).rejects.toMatchObject(
      isUnavailable,
    );
    await expect(refreshTokenPair(strict.tokens, pair.refreshToken)).rejects.toMatchObject(
      isUnavailable,
    );
  });
});

describe('the claim rev', () => {
  it.each([-1, 1.5, '5', null, 2 ** 53])('is refused when it is no position: %j', async (rev) => {
    const { b } = await setUp();
    const { createTestVerifier } = await import('../../support/verifier.js');
    const { token, verify } = createTestVerifier({ revocations: b.revocations });
    const refused = { code: 'token_invalid', check: 'rev' };
    await expect(verify(token({ rev }))).rejects.toMatchObject(refused);
    await expect(verify(token({ rev: undefined }))).resolves.toBeDefined();
  });
});

describe('a page', () => {
  it('of garbled positions changes nothing', async () => {
    const { b, log, pair, advance } = await setUp({ maxAge: 2 });
    const { position } = b.revocations.state;
    for (const change of [
      { head: 2 ** 52 + 1 },
      { everything: 2 ** 60 },
      { from: -1 },
      { entries: [{ position: 2 ** 53, previous: 0, text: 'S' }] },
      { entries: [{ position: 1, previous: 0, text: `O ${2 ** 53 - 1}` }] },
      { entries: [{ position: 1, previous: 0 }] },
      { keep: 'long' },
      { keep: Infinity },
      { issuer: 5 },
      { from: position + 2 ** 40 },
      { more: true, entries: [] },
      { entries: [{ position: 1, previous: 0, text: 'S' }] },
    ]) {
      log.alter((page) => ({ ...page, ...change }));
      await advance(500);
    }
    log.alter((page) => page);
    expect(b.revocations.state.position).toBe(position);
    expect(await b.verify(pair.accessToken)).toBe('ok');
  });

  it('of another issuer is no contact, and the event names both', async () => {
    const { b, log, advance } = await setUp({ maxAge: 2 });
    log.alter((page) => ({ ...page, issuer: 'https://other.test', age: 0 }));
    await advance(3_000);
    expect(b.revocations.state.status).toBe('behind');
    expect(b.events).toMatchObject([
      { type: 'revocations.behind', cause: { message: expect.stringMatching(/other.*issuer/) } },
    ]);
  });

  it('names another issuer in a short message, whatever that page says', async () => {
    const { b, log, advance } = await setUp({ maxAge: 2 });
    log.alter((page) => ({ ...page, issuer: `x\n${'y'.repeat(100_000)}`, age: 0 }));
    await advance(3_000);
    const [behind] = b.events as { cause?: Error }[];
    expect(behind?.cause?.message).toMatch(/^.{100,400}$/);
  });

  it('with a line that must be understood makes older tokens refresh', async () => {
    const { b, pair, append, advance } = await setUp();
    const position = await append('z something new');
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('claims_stale');
    expect(b.events).toMatchObject([
      { type: 'revocations.gap', kind: 'unreadable', before: position, repaired: 0 },
    ]);
  });

  it('from a relay counts as contact less its age, and one from a lagging relay changes nothing', async () => {
    const { b, log, advance } = await setUp({ maxAge: 4 });
    log.alter((page) => ({ ...page, age: 3_000 }));
    await advance(3_500);
    expect(b.revocations.state).toMatchObject({ status: 'live' });
    expect(b.revocations.state.behindFor).toBeGreaterThanOrEqual(3_000);
    log.alter((page) => ({ ...page, head: 5, from: 1, entries: [], age: 0 }));
    await advance(3_500);
    expect(typesOf(b.events)).toEqual(['revocations.behind']);
  });
});

describe('an empty entry', () => {
  it('is appended by issuers while the log is quiet, and never by a verifier', async () => {
    const { log, advance } = await setUp();
    const before = log.calls.append;
    await advance(10_000);
    expect(log.calls.append - before).toBeGreaterThanOrEqual(8);
    expect(log.calls.append - before).toBeLessThanOrEqual(20);
    const alone = createProcesses();
    alone.verifier();
    await alone.advance(5_000);
    expect(alone.log.calls).toMatchObject({ append: 0 });
  });

  it('tells the log how long to keep entries before the first token', async () => {
    const { log, issuer, issue, read } = { ...createProcesses(), issue: issueTokenPair, read: 0 };
    const { tokens } = issuer({}, { accessTokenLifetime: '10m' });
    await issue(tokens, { subject: 'u_1' });
    expect(await log.read('https://issuer.test', read, 10)).toMatchObject({ keep: 25 * 60_000 });
  });
});

describe('what follows a log', () => {
  it('tells the log how long to keep entries also when the issuer comes after its verifier', async () => {
    const { log, verifier, issuer, advance } = await setUp();
    const { revocations } = verifier();
    await advance(500);
    const { tokens } = issuer({}, { accessTokenLifetime: '1h', revocations });
    const pair = issueTokenPair(tokens, { subject: 'u_1' });
    await advance(200);
    await pair;
    expect(await log.read('https://issuer.test', 0, 0)).toMatchObject({ keep: 75 * 60_000 });
  });

  it('follows one issuer only', async () => {
    const { b } = await setUp();
    expect(() =>
      createTokenVerifier({
        issuer: 'https://other.test',
        audience: 'a',
        keys: [createTestKey('HS256', 'x').verification],
        revocations: b.revocations,
      }),
    ).toThrow(/follows 'https:\/\/issuer.test' already/);
  });

  it('is bound to no issuer by options that are refused', async () => {
    const { issuer, verifier, log, advance } = createProcesses();
    const revocations = createRevocations(log);
    const key = createTestKey('HS256', 'x');
    const options = { audience: 'a', keys: [key.verification], revocations };
    expect(() =>
      createTokenVerifier({ ...options, issuer: 'https://typo.test', clockTolerance: -1 }),
    ).toThrow(/clockTolerance/);
    expect(() => issuer({}, { revocations, clockTolerance: -1 })).toThrow(/clockTolerance/);
    await advance(1_000);
    expect(log.calls).toMatchObject({ read: 0, append: 0 });
    createTokenVerifier({ ...options, issuer: 'https://issuer.test' });
    verifier();
  });

  it('is ready when the log was read, and says when that takes too long', async () => {
    const { b, verifier, log, advance } = await setUp();
    await b.revocations.ready({ within: 1 });
    log.break('read');
    const late = verifier();
    const waiting = codeOf(late.revocations.ready({ within: 2 }));
    await advance(2_000);
    expect(await waiting).toBe('temporarily_unavailable');
    log.break('none');
    const ready = late.revocations.ready();
    await advance(1_000);
    await ready;
  });

  it('stops waiting for the first read when it is closed', async () => {
    const { verifier, log, advance } = createProcesses();
    log.break('read');
    const { revocations, events } = verifier({ maxAge: 2 });
    const waiting = codeOf(revocations.ready());
    await advance(1_000);
    await revocations.close();
    expect(await waiting).toBe('temporarily_unavailable');
    const before = log.calls.read;
    await advance(5_000);
    expect(log.calls.read).toBe(before);
    expect(events).toEqual([]);
  });

  it('keeps a process alive that waits for the first read, and no other', async () => {
    jest.useRealTimers();
    const waiting = await runInChild(
      following("revocations.ready().then(() => console.log('ready'))"),
    );
    expect(waiting).toMatchObject({ exitCode: 0, stdout: 'ready\n', stderr: '' });
    const other = await runInChild(following("console.log('done')"));
    expect(other).toMatchObject({ exitCode: 0, stdout: 'done\n', stderr: '' });
  }, 60_000);
});

describe('a log that is broken', () => {
  it('does not stop a follower by an append that is never answered', async () => {
    const { issuer, log, advance } = createProcesses();
    const a = issuer({ maxAge: 5 });
    await advance(1_000);
    let isHung = true;
    const sound = log.append.bind(log);
    log.append = (entry) => (isHung ? new Promise(() => {}) : sound(entry));
    await advance(20_000);
    expect(typesOf(a.events)).toEqual(['revocations.behind']);
    isHung = false;
    await advance(5_000);
    expect(a.revocations.state.status).toBe('live');
  });

  it('is read at the usual pace by an issuer whose entries do not stay', async () => {
    const { issuer, log, advance } = createProcesses();
    log.alter((page) => ({ ...page, head: 0, entries: [] }));
    issuer();
    await advance(2_000);
    expect(log.calls.append).toBeGreaterThan(10);
    expect(log.calls.append).toBeLessThan(50);
  });

  it('is read at the usual pace when every page shows another loss', async () => {
    const { b, log, advance } = await setUp();
    let { head } = await log.read('https://issuer.test', 0, 1);
    log.alter((page) => {
      head += 10;
      return { ...page, head, from: head, entries: [] };
    });
    const before = log.calls.read;
    await advance(2_000);
    expect(typesOf(b.events)).toContain('revocations.gap');
    expect(log.calls.read - before).toBeLessThan(200);
  });
});
