// The situations of a client whose refresh token is in a storage, against each framework.

import { issueTokenPair, listSessions, revokeSession } from '@tokenpair/core';

import { delayed } from '../support/faulty-proxy.js';
import { elapse, elapseUntil, rest, setTimeByHand } from '../support/set-time.js';
import { frameworks, type Framework } from './api.js';
import { createWorld, outcome, type World } from './world.js';

const html = { kind: 'answer', status: 502 } as const;
const portal = { kind: 'answer', status: 200 } as const;
const refusal = (status: number, body: object) =>
  ({ kind: 'answer', status, type: 'application/json', body: JSON.stringify(body) }) as const;

const streamed = () =>
  ({ method: 'POST', body: new Blob(['the order']).stream(), duplex: 'half' }) as RequestInit;

describe.each(Object.keys(frameworks) as Framework[])('with %s', (framework) => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld(framework);
  });
  afterEach(async () => {
    jest.useRealTimers();
    await world.close();
  });

  /** A client that has signed in, and whose access token has expired. */
  async function openExpired(options: Parameters<World['open']>[0] = {}) {
    const client = world.open(options);
    await world.signIn(client);
    world.api.expire();
    return client;
  }

  test('N1 fifty parallel calls with an expired token cause one refresh', async () => {
    const client = await openExpired();
    const calls = Array.from({ length: 50 }, () => world.status(client));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    expect(world.refreshes()).toBe(1);
  });

  test('N2 a refresh answer is lost after the rotation', async () => {
    const client = await openExpired();
    world.proxy.next('/auth/refresh', { kind: 'lose' });
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(2);
    expect(world.happened('refresh.reused')).toBe(0);
    expect(world.events).toMatchObject([{ type: 'retry', path: '/refresh', attempt: 1 }]);
  });

  test('N3 a proxy answers 502 in HTML, twice', async () => {
    setTimeByHand();
    const client = await openExpired();
    world.proxy.next('/auth/refresh', html, html);
    expect(await elapseUntil(world.status(client))).toBe(200);
    expect(world.events).toMatchObject([{ cause: '502 text/html' }, { cause: '502 text/html' }]);
  });

  test('N4 and N5 a captive portal says 200 to everything, and then it is gone', async () => {
    setTimeByHand();
    const client = await openExpired({ wait: 1 });
    world.proxy.next('/me', refusal(401, { code: 'token_expired', action: 'refresh' }));
    world.proxy.always(portal);
    expect(await elapseUntil(outcome(world.status(client)))).toBe('unavailable');
    expect(client.session().status).toBe('signed-in');
    expect(world.proxy.requestsTo('/auth/logout')).toEqual([]);
    client.close();

    world.proxy.always(undefined);
    expect(await elapseUntil(world.status(world.open()))).toBe(200);
    expect(world.signedOut).toEqual([]);
  });

  test('N6 a POST with a text body is repeated whole', async () => {
    const client = await openExpired();
    const response = await client.fetch(world.url('/me'), { method: 'POST', body: 'the order' });
    expect(await response.json()).toMatchObject({ method: 'POST', body: 'the order' });
    expect(world.proxy.requestsTo('/me')).toHaveLength(2);
  });

  test('N7 a Request with a body is repeated whole', async () => {
    const client = await openExpired();
    const request = new Request(world.url('/me'), { method: 'POST', body: 'the order' });
    const response = await client.fetch(request);
    expect(await response.json()).toMatchObject({ method: 'POST', body: 'the order' });
    expect(world.proxy.requestsTo('/me')).toHaveLength(2);
  });

  test('N8 a stream is sent once', async () => {
    const client = await openExpired();
    expect(await world.status(client, '/me', streamed())).toBe(401);
    expect(world.proxy.requestsTo('/me')).toHaveLength(1);
    expect(await world.status(client, '/me', streamed())).toBe(200);
  });

  test('N9 503 retry: GET is repeated', async () => {
    setTimeByHand();
    const client = world.open();
    await world.signIn(client);
    world.api.refusals.busy = 1;
    expect(await elapseUntil(world.status(client, '/busy'))).toBe(200);
    expect(world.events).toMatchObject([{ type: 'retry', path: '/busy', wait: 2 }]);
  });

  test('N10 503 retry: POST is not repeated', async () => {
    const client = world.open();
    await world.signIn(client);
    world.api.refusals.busy = 1;
    expect(await world.status(client, '/busy', { method: 'POST' })).toBe(503);
  });

  test('N11 503 retry: POST with Idempotency-Key is repeated', async () => {
    setTimeByHand();
    const client = world.open();
    await world.signIn(client);
    world.api.refusals.busy = 1;
    const headers = { 'Idempotency-Key': 'order-1' };
    expect(await elapseUntil(world.status(client, '/busy', { method: 'POST', headers }))).toBe(200);
  });

  test('N12 an API says login to twelve calls', async () => {
    const client = world.open();
    await world.signIn(client);
    const together = Array.from({ length: 6 }, () => world.status(client, '/foreign'));
    expect(new Set(await Promise.all(together))).toEqual(new Set([401]));
    for (let call = 0; call < 6; call += 1) {
      expect(await world.status(client, '/foreign')).toBe(401);
    }
    expect(world.refreshes()).toBeLessThanOrEqual(4);
    expect(client.session().status).toBe('signed-in');
    expect(await world.status(client)).toBe(200);
  });

  test('N13 another origin gets nothing', async () => {
    const other = await createWorld(framework);
    const client = world.open();
    await world.signIn(client);
    const before = world.proxy.requests.length;
    expect(await outcome(client.fetch(other.url('/me')))).toBe('origin');
    expect(other.proxy.requests).toEqual([]);
    expect(world.proxy.requests).toHaveLength(before);
    await other.close();
  });

  test.each([
    ['new', '2'],
    ['same', '1'],
  ])('N14 an emergency change of the signing key, %s kid', async (_, kid) => {
    const client = world.open();
    await world.signIn(client);
    world.api.changeKey(kid);
    expect(await world.whoAmI(client)).toBe('ada');
    expect(world.signedOut).toEqual([]);
  });

  test('N15 storage cannot write', async () => {
    const client = await openExpired();
    world.storage.breaks = new Set(['set']);
    const used = new Set(world.proxy.requestsTo('/me').map(({ headers }) => headers.authorization));
    expect(await outcome(world.status(client))).toBe('storage');
    expect(await outcome(world.status(client))).toBe('storage');
    expect(used.size).toBeLessThanOrEqual(1);
    expect(world.api.reached.get('/me')).toBeUndefined();
    expect(client.session().status).toBe('signed-in');

    world.storage.breaks = new Set();
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(1);
  });

  test('N16 killed between answer and storage', async () => {
    const client = await openExpired();
    // The process ends before the write: nothing after it happens.
    const write = world.storage.set;
    const killed = new Promise<void>((resolve) => {
      world.storage.set = async () => {
        resolve();
        await new Promise(() => {});
      };
    });
    void outcome(world.status(client));
    await killed;
    client.close();

    world.storage.set = write;
    const next = world.open();
    expect(await next.start()).toMatchObject({ status: 'signed-in' });
    expect(await world.status(next)).toBe(200);
    expect(world.happened('refresh.reused')).toBe(0);
  });

  test('N17 storage that cannot be read is no sign-out', async () => {
    await world.signIn(world.open());
    const client = world.open();
    world.storage.breaks = new Set(['get']);
    expect(await outcome(world.status(client))).toBe('storage');
    expect(client.session()).toEqual({ status: 'starting' });
    world.storage.breaks = new Set();
    expect(await world.status(client)).toBe(200);
  });

  test('N18 sign-out during a late refresh stays signed out', async () => {
    const client = await openExpired();
    const late = delayed();
    world.proxy.next('/auth/refresh', late.fault);
    const arrived = world.proxy.arrived('/auth/refresh');
    const call = outcome(world.status(client));
    await arrived;
    expect(await client.signOut()).toEqual({ ended: true });
    late.release();
    expect(await call).toBe('session_changed');
    await rest();
    expect(world.storage.text).toBeUndefined();
    expect(client.session()).toEqual({ status: 'signed-out', reason: 'sign-out' });
  });

  test('N19 ten calls need a step-up', async () => {
    let dialogues = 0;
    const client = world.open({
      async onReauthenticate({ code }) {
        expect(code).toBe('authentication_insufficient');
        dialogues += 1;
        const headers = { Authorization: `Bearer ${await client.token({ validFor: 30 })}` };
        await client.signIn(() => fetch(world.url('/step-up'), { method: 'POST', headers }));
        return true;
      },
    });
    const { sessionId } = await world.signIn(client);
    world.api.clock.advance(299);
    expect(await world.status(client, '/fresh')).toBe(200);
    world.api.clock.advance(2);
    await client.token({ not: (await client.token()) as string });
    const calls = Array.from({ length: 10 }, () => world.status(client, '/fresh'));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    expect(dialogues).toBe(1);
    expect(client.session()).toEqual({ status: 'signed-in', sessionId });
  });

  test('N20 wrong password', async () => {
    const client = world.open();
    const login = () => fetch(world.url('/login?user=ada&password=wrong'), { method: 'POST' });
    await expect(client.signIn(login)).rejects.toMatchObject({
      code: 'refused',
      refusal: { status: 401, code: 'login_failed', action: 'login' },
    });
    expect(await client.start()).toEqual({ status: 'signed-out', reason: 'none' });
  });

  test('N21 two processes, one storage, at once', async () => {
    const one = await openExpired();
    const other = world.open();
    expect(await Promise.all([world.status(one), world.status(other)])).toEqual([200, 200]);
    world.api.clock.advance(301);
    expect(await Promise.all([world.status(one), world.status(other)])).toEqual([200, 200]);
    expect(world.happened('refresh.reused')).toBe(0);
  });

  test('N22 the other process learns of the sign-out at its next refresh', async () => {
    const one = await openExpired();
    const other = world.open();
    await other.start();
    await one.signOut();
    expect(await world.status(other)).toBe(401);
    expect(other.session()).toEqual({ status: 'signed-out', reason: 'elsewhere' });
  });

  test("N23 Ada's late answer is not shown to Grace", async () => {
    const client = world.open();
    await world.signIn(client, 'ada');
    const late = delayed();
    world.proxy.next('/me', late.fault);
    const arrived = world.proxy.arrived('/me');
    const call = outcome(world.whoAmI(client));
    await arrived;
    await world.signIn(client, 'grace');
    late.release();
    expect(await call).toBe('session_changed');
    expect(await world.whoAmI(client)).toBe('grace');
  });

  test('N24 claims_stale twice in a row, then good', async () => {
    const client = world.open();
    await world.signIn(client);
    world.api.refusals.stale = 2;
    expect(await world.status(client, '/stale')).toBe(200);
    expect(world.refreshes()).toBe(2);
    world.api.refusals.stale = 1;
    expect(await world.status(client, '/stale')).toBe(200);
    expect(world.refreshes()).toBe(3);
  });

  test('N25 503 with retry_after at the mount', async () => {
    setTimeByHand();
    const busy = refusal(503, { code: 'refresh_pending', action: 'retry', retry_after: 20 });
    const client = world.open();
    await world.signIn(client);
    // Late in the life of the token it is refreshed beside a call.
    world.api.clock.advance(280);
    jest.setSystemTime(Date.now() + 280_000);
    world.proxy.next('/auth/refresh', busy);
    const arrived = world.proxy.arrived('/auth/refresh');
    expect(await world.status(client)).toBe(200);
    await arrived;
    await rest();
    expect(await world.status(client)).toBe(200);

    world.api.clock.advance(21);
    jest.setSystemTime(Date.now() + 21_000);
    const calls = Array.from({ length: 10 }, () => world.status(client));
    await Promise.all(
      calls.map((call) =>
        expect(call).rejects.toMatchObject({
          code: 'unavailable',
          refusal: { code: 'refresh_pending', retry_after: 20 },
        }),
      ),
    );
    expect(world.refreshes()).toBe(1);

    const again = world.proxy.arrived('/auth/refresh');
    await elapse(19.9);
    expect(world.refreshes()).toBe(1);
    await elapse(0.2);
    await again;
    expect(await world.status(client)).toBe(200);
    expect(world.refreshes()).toBe(2);
  });

  test('a session that the server ends is over, and onSignedOut is called once', async () => {
    const client = await openExpired();
    const [session] = await listSessions(world.api.tokens, 'ada');
    await revokeSession(world.api.tokens, { sessionId: session?.sessionId as string });
    expect(await Promise.all([world.status(client), world.status(client)])).toEqual([401, 401]);
    expect(client.session()).toEqual({ status: 'signed-out', reason: 'ended' });
    expect(world.signedOut).toEqual([{ status: 'signed-out', reason: 'ended' }]);
    expect(world.storage.text).toBeUndefined();
    expect(world.proxy.requestsTo('/auth/logout')).toEqual([]);
  });

  test('all sessions are ended by signOut with all', async () => {
    const client = world.open();
    await world.signIn(client);
    await issueTokenPair(world.api.tokens, { subject: 'ada' });
    expect(await client.signOut({ all: true })).toEqual({ ended: true });
    expect(await listSessions(world.api.tokens, 'ada')).toEqual([]);
    expect(world.storage.text).toBeUndefined();
  });

  test('a server that cannot be told of a sign-out does not keep the user signed in', async () => {
    setTimeByHand();
    const client = world.open();
    await world.signIn(client);
    world.api.store.break('down');
    expect(await elapseUntil(client.signOut())).toEqual({ ended: false });
    expect(world.proxy.requestsTo('/auth/logout')).toHaveLength(3);
    expect(client.session()).toEqual({ status: 'signed-out', reason: 'sign-out' });
    expect(world.storage.text).toBeUndefined();
  });
});
