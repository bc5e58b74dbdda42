// Creates a client: connects the session, the refresh, the other tabs and the page.

import { createMount } from './mount.js';
import { checkOptions } from './options.js';
import { createReady } from './ready.js';
import { createRefresher } from './refresh.js';
import { createFetch } from './request.js';
import { createSession, secondsLeft, toAccessToken } from './session.js';
import { createSign } from './sign.js';
import { openTabs, type TabMessage } from './tabs.js';
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
  const session = createSession(onSignedOut);
  const vault = storage ? createVault(storage, wait) : cookieVault;
  const post = createMount(checked);
  const tabs = openTabs(checked.channel, hear);
  const refresher = createRefresher(checked, session, vault, post, tabs);
  const ready = createReady(session, vault, refresher, isCookie ? askTabs : undefined);
  const closing = new AbortController();
  let answered = ignore;
  let resume = ignore;
  let isPaused = false;

  function askTabs(): Promise<void> {
    tabs.send({ type: 'who' });
    return new Promise((resolve) => {
      answered = resolve;
      setTimeout(resolve, checked.channel === undefined ? 0 : tabMilliseconds);
    });
  }

  function hear(message: TabMessage): void {
    if (message.type === 'who') {
      if (!isPaused && secondsLeft(session.access) > 5) refresher.announce();
      return;
    }
    resume();
    if (message.type === 'pause') pause();
    else if (message.type === 'token' && !session.isFresh) {
      const { access_token, session_id, expires_in } = message;
      const access = toAccessToken(access_token, expires_in, now());
      // That of another tab may be older.
      if (session.id() === session_id && secondsLeft(session.access) >= access.end) return;
      session.signedIn(session_id, access);
      answered();
    } else if (message.type === 'out' && message.session_id === session.id()) {
      session.signedOut('elsewhere');
    }
  }

  function pause(): void {
    isPaused = true;
    void refresher.hold(
      new Promise<void>((resolve) => {
        const timer = startTimer(go, pauseSeconds);
        resume = go;
        function go() {
          clearTimeout(timer);
          isPaused = false;
          resume = ignore;
          resolve();
        }
      }),
    );
  }

  const page = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>>;
  const onHide = () => {
    refresher.leave();
    tabs.close();
  };
  const onShow = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) return;
    tabs.open();
    session.access = undefined;
    ready.restart();
  };
  page.addEventListener?.('pagehide', onHide);
  page.addEventListener?.('pageshow', onShow);

  return {
    fetch: createFetch(checked, session, ready, closing.signal),
    start: ready.start,
    session: () => session.state,
    subscribe: session.subscribe,
    ...createSign(checked, session, vault, post, tabs, refresher, ready),
    token: ready.token,
    endsIn: session.endsIn,
    close() {
      page.removeEventListener?.('pagehide', onHide);
      page.removeEventListener?.('pageshow', onShow);
      tabs.close();
      refresher.close();
      closing.abort();
    },
  };
}
