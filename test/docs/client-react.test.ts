// Runs the React recipe of docs/client.md: React in a document of jsdom, with a server of ours.

import type * as ReactTypes from 'react';
import type { Root } from 'react-dom/client';

import { createClient, type SessionState } from '@tokenpair/client';

import { JSDOM } from '../support/jsdom.js';
import { openClientWorld, type ClientWorld } from '../support/recipe-client.js';
import { runRecipe } from '../support/recipe.js';

interface Program {
  readonly useSession: () => SessionState;
}

describe('a component that uses the session', () => {
  let world: ClientWorld;
  let React: typeof ReactTypes;
  let root: Root;
  let container: { readonly textContent: string };
  let program: Program;
  /** What each rendering has shown. */
  let shown: string[];

  beforeEach(async () => {
    world = await openClientWorld();
    const { window } = new JSDOM('<div id="root"></div>');
    // React DOM looks for the document when it is loaded.
    const { document, navigator } = window;
    Object.assign(globalThis, { window, document, navigator, IS_REACT_ACT_ENVIRONMENT: true });
    jest.resetModules();
    React = await import('react');
    const { createRoot } = await import('react-dom/client');
    program = await runRecipe<Program>('client.md', {
      under: 'React',
      modules: { react: React },
      given: { client: world.client },
      exported: ['useSession'],
    });
    container = document.querySelector('#root');
    root = createRoot(container);
    shown = [];
    await React.act(async () =>
      root.render(React.createElement(React.StrictMode, null, React.createElement(Page))),
    );
  });

  afterEach(async () => {
    await React.act(async () => root?.unmount());
    for (const name of ['window', 'document', 'navigator', 'IS_REACT_ACT_ENVIRONMENT']) {
      Reflect.deleteProperty(globalThis, name);
    }
    await world.close();
  });

  function Page() {
    const { status } = program.useSession();
    const text = status === 'signed-out' ? 'Please sign in.' : status;
    if (shown.at(-1) !== text) shown.push(text);
    return text;
  }

  it('asks nothing while it is rendered, and shows no form before the answer', () => {
    expect(shown).toEqual(['starting']);
    expect(world.seen('/auth/refresh')).toEqual([]);
  });

  it('shows the user who signs in, and the form after a sign-out', async () => {
    await React.act(() => world.signIn(world.client));
    expect(container.textContent).toBe('signed-in');
    await React.act(() => world.client.signOut());
    expect(container.textContent).toBe('Please sign in.');
  });

  it('stays as it is through a refresh, and shows the form when the session was ended elsewhere', async () => {
    await React.act(() => world.signIn(world.client));
    world.expire();
    await React.act(() => world.client.fetch(`${world.url}/me`));
    expect(world.seen('/me').map(({ status }) => status)).toEqual([401, 200]);
    expect(world.seen('/auth/refresh')).toHaveLength(1);
    expect(shown).toEqual(['starting', 'signed-in']);

    await world.signOutElsewhere();
    world.expire();
    await React.act(() => world.client.fetch(`${world.url}/me`));
    expect(shown).toEqual(['starting', 'signed-in', 'Please sign in.']);
  });

  it('is rendered on a server as `starting`, without a client that knows anybody', async () => {
    const { renderToString } = await import('react-dom/server');
    await React.act(() => world.signIn(world.client));
    expect(renderToString(React.createElement(Page))).toBe('starting');
  });
});

test('a module that is loaded again keeps its client', async () => {
  const world = await openClientWorld();
  const options = { given: {}, exported: ['client'], under: 'Hot reload' };
  Object.assign(globalThis, { location: new URL(world.url) });
  try {
    const modules = { '@tokenpair/client': { createClient: jest.fn(createClient) } };
    const first = await runRecipe<{ client: unknown }>('client.md', { ...options, modules });
    const second = await runRecipe<{ client: unknown }>('client.md', { ...options, modules });
    expect(second.client).toBe(first.client);
    expect(modules['@tokenpair/client'].createClient).toHaveBeenCalledTimes(1);
  } finally {
    Reflect.deleteProperty(globalThis, 'location');
    Reflect.deleteProperty(globalThis, 'tokenpair');
    await world.close();
  }
});
