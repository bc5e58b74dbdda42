// Creates a client: connects the session, the refresh, the other tabs and the page.

import { createMount } from './mount.js';
import { checkOptions } from './options.js';
import { createReady } from './ready.js';
import { createRefresher } from './refresh.js';
import { createFetch } from './request.js';
import { createSession, secondsLeft, toAccessToken } from './session.js';
import { createSign } from './sign.js';
import { openTabs, type Heard } from './tabs.js';
import { ignore, now, startTimer } from './time.js';
import type { Client, ClientOptions } from './types.js';
import { cookieVault, createVault } from './vault.js';

/** How long the other tabs have to answer. Measured: 2.5 ms, and 14 ms at worst. */
const tabMilliseconds = 30;
/** The longest that a login in another tab holds a refresh back, in seconds. */
const pauseSeconds = 5;

/**
 * Creates a client. Nothing is sent before `start`, `fetch` or `token` is called, and nothing while no call is made.
 *
 * @throws TypeError naming the option that is wrong.
 *
 * @example
 * ```ts
 * const client = createClient({ mount: '/auth', transport: 'cookie' });
 * const body = JSON.stringify(Object.fromEntries(new FormData(form)));
 * const headers = { 'Content-Type': 'application/json' };
 * await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
 * const response = await client.fetch('/me');
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const checked = checkOptions(options);
  const { isCookie, storage, wait, onSignedOut } = checked;
  const closing = new AbortController();
  const session = createSession(onSignedOut);
  const vault = storage ? createVault(storage, wait) : cookieVault;
  const post = createMount(checked);
  const tabs = openTabs(checked.channel, hear);
  const refresher = createRefresher(checked, session, vault, post, tabs, closing.signal);
  const ready = createReady(session, vault, refresher, isCookie ? askTabs : undefined);
  let answered = ignore;
  let resume = ignore;
  let isPaused = false;

  function askTabs(): Promise<void> {
    tabs.send({ type: 'who' });
    return new Promise((resolve) => {
      answered = resolve;
      setTimeout(resolve, checked.channel ? tabMilliseconds : 0);
    });
  }

  function hear({ type, access_token, expires_in, session_id }: Heard): void {
    if (type === 'who') {
      if (!isPaused && secondsLeft(session.access) > 5) refresher.announce();
      return;
    }
    resume();
    if (type === 'pause') pause();
    if (typeof session_id !== 'string') return;
    const isSame = session_id === session.id();
    if (type === 'out') {
      session.left = session_id;
      if (isSame) session.signedOut('elsewhere');
    }
    if (session_id === session.left) return;
    if (type === 'token' && typeof access_token === 'string' && !session.isFresh) {
      const access = toAccessToken(access_token, expires_in, now());
      // That of another tab may be older.
      if (isSame && secondsLeft(session.access) >= access.end) return;
      session.signedIn(session_id, access);
      answered();
    }
  }

  function pause(): void {
    const { release } = refresher.hold();
    const timer = startTimer(() => resume(), pauseSeconds);
    isPaused = true;
    resume = () => {
      clearTimeout(timer);
      isPaused = false;
      resume = ignore;
      release();
    };
  }

  const page = globalThis as Partial<Pick<Window, 'addEventListener'>>;
  const whileOpen = { signal: closing.signal };
  page.addEventListener?.(
    'pagehide',
    () => {
      refresher.leave();
      tabs.close();
    },
    whileOpen,
  );
  page.addEventListener?.(
    'pageshow',
    ({ persisted }) => {
      if (!persisted) return;
      tabs.open();
      session.access = undefined;
      ready.restart();
    },
    whileOpen,
  );

  return {
    fetch: createFetch(checked, session, ready, closing.signal),
    start: ready.start,
    session: () => session.state,
    subscribe: session.subscribe,
    ...createSign(checked, session, vault, post, tabs, refresher, ready),
    token: ready.token,
    endsIn: session.endsIn,
    close() {
      tabs.close();
      closing.abort();
    },
  };
}
