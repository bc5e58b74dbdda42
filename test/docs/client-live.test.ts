// Runs the recipes of docs/client.md for connections that outlive an access token: event streams and sockets, with a server of ours.

import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';

import { eachToken } from '@tokenpair/client';
import { verifyBearer, watchToken, type TokenIssuer } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';
import express from 'express5';
import type * as EventSourceModule from 'eventsource';
import { WebSocket } from 'ws';

import { openClientWorld, type ClientWorld } from '../support/recipe-client.js';
import { runRecipe } from '../support/recipe.js';

const { createRequire } = process.getBuiltinModule('node:module');
const eventsource = createRequire(__filename)('eventsource') as typeof EventSourceModule;

const recipe = 'client.md';

/** What was shown, and the promise of a further one. */
function screen() {
  const texts: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    texts,
    show(text: string) {
      texts.push(text);
      for (const { count, resolve } of waiting) if (texts.length >= count) resolve();
    },
    shows: (count: number) =>
      new Promise<void>((resolve) => {
        if (texts.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

describe('an event stream', () => {
  interface Program {
    readonly follow: (show: (text: string) => void) => EventSourceModule.EventSource;
  }
  let world: ClientWorld;
  /** The open streams. */
  let streams: ServerResponse[];
  let events: EventSourceModule.EventSource;
  let seen: ReturnType<typeof screen>;

  beforeEach(async () => {
    streams = [];
    world = await openClientWorld((tokens: TokenIssuer) => {
      const auth = bearer(tokens.verifier);
      const app = express();
      app.get('/events', auth, (req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        // The client comes again after a millisecond.
        res.write(`retry: 1\ndata: Hello ${auth.of(req).subject}\n\n`);
        streams.push(res);
      });
      return app as RequestListener;
    });
    await world.signIn(world.client);
    const { follow } = await runRecipe<Program>(recipe, {
      under: 'Event streams',
      modules: { eventsource },
      given: { client: world.client, api: world.url },
      exported: ['follow'],
    });
    seen = screen();
    events = follow(seen.show);
    await seen.shows(1);
  });
  afterEach(async () => {
    events.close();
    await world.close();
  });

  it('comes again with a new token when it has ended with its token', async () => {
    world.expire();
    streams[0]?.end();
    await seen.shows(2);
    expect(seen.texts).toEqual(['Hello u_1', 'Hello u_1']);
    expect(world.seen('/events').map(({ status }) => status)).toEqual([200, 401]);
    expect(world.seen('/auth/refresh')).toHaveLength(1);
  });

  it('stops after a sign-out elsewhere, and the page learns of it', async () => {
    const stopped = new Promise((resolve) => {
      events.addEventListener('error', (event) => {
        if (events.readyState === 2) resolve(event.code);
      });
    });
    await world.signOutElsewhere();
    world.expire();
    streams[0]?.end();
    await expect(stopped).resolves.toBe(401);
    expect(world.client.session()).toEqual({ status: 'signed-out', reason: 'ended' });
  });
});

describe('a socket', () => {
  interface Program {
    readonly connect: (show: (text: string) => void) => void;
    readonly listen: (server: unknown) => void;
  }
  let world: ClientWorld;
  let seen: ReturnType<typeof screen>;
  let opened: WebSocket[];
  let program: Program;

  beforeEach(async () => {
    // What asks for the next token, and the clocks: not the timers of sockets.
    jest.useFakeTimers({
      now: Date.now(),
      doNotFake: [
        'nextTick',
        'setImmediate',
        'clearImmediate',
        'queueMicrotask',
        'setTimeout',
        'clearTimeout',
      ],
    });
    world = await openClientWorld();
    await world.signIn(world.client);
    opened = [];
    class RecordedSocket extends WebSocket {
      constructor(url: string) {
        super(url);
        opened.push(this);
      }
    }
    program = await runRecipe<Program>(recipe, {
      under: 'Sockets',
      modules: {
        '@tokenpair/client': { eachToken },
        '@tokenpair/core': {
          createTokenVerifier: () => world.tokens.verifier,
          verifyBearer,
          watchToken,
        },
        'node:fs': { readFileSync: () => '' },
      },
      given: {
        client: world.client,
        api: world.url,
        // Those of the issuer: its verifier has them.
        revocations: undefined,
        WebSocket: RecordedSocket,
      },
      exported: ['connect', 'listen'],
    });
    program.listen(world.server.server);
    seen = screen();
  });
  afterEach(async () => {
    // Otherwise the sockets come again.
    await world.client.signOut();
    for (const socket of opened) socket.terminate();
    await world.close();
    jest.useRealTimers();
  });

  it('gets each next token before the last one expires, and keeps its connection', async () => {
    program.connect(seen.show);
    await seen.shows(1);
    await jest.advanceTimersByTimeAsync(240_000);
    await seen.shows(2);
    expect(seen.texts).toEqual(['Hello u_1', 'Hello u_1']);
    expect(world.seen('/auth/refresh')).toHaveLength(1);
    expect(opened).toHaveLength(1);
  });

  it('is closed when the user signs out, and does not come again', async () => {
    program.connect(seen.show);
    await seen.shows(1);
    const closed = once(opened[0]!, 'close');
    await world.client.signOut();
    await closed;
    expect(opened).toHaveLength(1);
  });

  it.each([
    ['speaks before it has sent a token', { type: 'hello' }],
    ['sends a token that is not good', { type: 'auth', token: 'a.b.c' }],
    ['sends anything', 'anything'],
  ])('is refused when it %s', async (_what, message) => {
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/live`);
    await once(socket, 'open');
    socket.send(JSON.stringify(message));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4401);
  });

  it('is closed when its session ends elsewhere, also after a further token', async () => {
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/live`);
    await once(socket, 'open');
    for (const token of [await world.client.token(), await world.client.token()]) {
      socket.send(JSON.stringify({ type: 'auth', token }));
      await once(socket, 'message');
    }
    const closed = once(socket, 'close');
    await world.signOutElsewhere();
    const [code] = (await closed) as [number];
    expect(code).toBe(4401);
  });

  it('is refused when it sends the token of another session', async () => {
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/live`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'auth', token: await world.client.token() }));
    await once(socket, 'message');
    await world.signIn(world.client, 'alan');
    socket.send(JSON.stringify({ type: 'auth', token: await world.client.token() }));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4401);
  });
});
