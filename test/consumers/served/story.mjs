// Login, guarded route, refresh and logout over HTTP, at an application of the installed version of a framework.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { createTokenIssuer, MemorySessionStore } from '@tokenpair/core';

export const tokens = createTokenIssuer({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
  refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
  store: new MemorySessionStore(),
});

/** @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} listener */
export async function tellStory(listener) {
  const server = createServer((request, response) => void listener(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const at = `http://127.0.0.1:${Object(server.address()).port}`;
  /** @type {(path: string, body: object) => Promise<Response>} */
  const post = (path, body) =>
    fetch(at + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  /** @type {(token: string) => Promise<Response>} */
  const me = (token) => fetch(`${at}/me`, { headers: { Authorization: `Bearer ${token}` } });
  try {
    assert.equal((await fetch(`${at}/me`)).status, 401);
    const first = Object(await (await post('/login', {})).json());
    assert.deepEqual(await (await me(first.access_token)).json(), { id: 'u_1' });
    const refreshed = await post('/auth/refresh', { refresh_token: first.refresh_token });
    assert.equal(refreshed.status, 200);
    const second = Object(await refreshed.json());
    assert.equal((await me(second.access_token)).status, 200);
    const logout = await post('/auth/logout', { refresh_token: second.refresh_token });
    assert.equal(logout.status, 204);
    const late = await post('/auth/refresh', { refresh_token: second.refresh_token });
    assert.equal(Object(await late.json()).action, 'login');
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
