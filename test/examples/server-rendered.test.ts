// Tests examples/server-rendered over HTTP: a visitor signs in, orders, waits, confirms an address and signs out. The browser tests
// do the same, and more, in Chromium.

import type { RequestListener } from 'node:http';

import { createTestClock } from '@tokenpair/testing';

import { createExpressApp } from '../../examples/server-rendered/src/express-app.js';
import { createKoaApp } from '../../examples/server-rendered/src/koa-app.js';
import type { Settings } from '../../examples/server-rendered/src/tokens.js';
import { openTab } from '../adapters/pages-world.js';
import { startServer } from '../support/http.js';
import { toListener } from '../support/koa-listener.js';

const apps: readonly (readonly [string, (settings: Settings) => RequestListener])[] = [
  ['Express', (settings) => createExpressApp(settings) as RequestListener],
  ['Koa', (settings) => toListener(createKoaApp(settings))],
];

test.each(apps)('a shop of pages on %s', async (_name, create) => {
  const clock = createTestClock();
  const server = await startServer(create({ accessTokenLifetime: '5m', clock: clock.now }));
  const tab = openTab(server.port);
  try {
    expect((await tab.visit('/')).body).toContain('<a href="/login">Sign in</a>');
    expect((await tab.visit('/orders')).headers['location']).toBe('/login?return=%2Forders');
    const form = await tab.visit('/login?return=%2Forders%3Fq%3D%22%3Ex');
    expect(form.body).toContain('name="return" value="/orders?q=&#34;&#62;x"');

    const wrong = await tab.submit('/login', { username: 'ada', password: 'x', return: '/orders' });
    expect([wrong.status, wrong.cookies]).toEqual([401, []]);
    expect(wrong.body).toContain('Wrong name or password.');
    const right = { username: 'ada', password: 'lovelace', return: '/orders', remember: 'on' };
    expect((await tab.submit('/login', right)).headers['location']).toBe('/orders');

    clock.advance(601);
    expect((await tab.submit('/orders', { article: '<b>tea</b>' })).status).toBe(303);
    expect((await tab.visit('/orders')).body).toContain('<li>&#60;b&#62;tea&#60;/b&#62;</li>');
    expect((await tab.visit('/admin')).status).toBe(200);

    expect((await tab.visit('/address')).headers['location']).toBe('/confirm?return=%2Faddress');
    expect((await tab.visit('/confirm?return=%2Faddress')).body).toContain('value="/address"');
    expect((await tab.submit('/confirm', { password: 'turing' })).status).toBe(401);
    const proof = { password: 'lovelace', return: '/address' };
    expect((await tab.submit('/confirm', proof)).headers['location']).toBe('/address');
    expect((await tab.submit('/address', { address: 'London' })).status).toBe(303);
    expect((await tab.visit('/address')).body).toContain('London');

    expect((await tab.submit('/logout')).status).toBe(303);
    expect(tab.jar.size).toBe(0);
  } finally {
    await server.close();
  }
});
