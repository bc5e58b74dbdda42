// Finds out whether there is a session, and gets an access token that is good for what a caller wants.

import { ClientError } from './client-error.js';
import type { Refresher } from './refresh.js';
import { secondsLeft, type Session } from './session.js';
import { ignore, secondsSince } from './time.js';
import type { Client, SessionState } from './types.js';
import type { Vault } from './vault.js';

export interface Ready {
  readonly start: Client['start'];
  /** Asks again whether there is a session, if that was known. Nothing is asked before the first call. */
  restart(): void;
  /** The access token; `undefined` when signed out. See {@link Client.token}. */
  readonly token: Client['token'];
}

export function createReady(
  session: Session,
  vault: Vault,
  refresher: Refresher,
  /** Asks the other tabs for their access token; absent where only the storage says whether there is a session. */
  askTabs: (() => Promise<void>) | undefined,
): Ready {
  let starting: Promise<SessionState> | undefined;

  const isKnown = () => session.state.status.startsWith('signed-');
  const begin = (how: () => Promise<void>) =>
    how().then(
      () => session.state,
      (error: ClientError) => {
        if (error.code === 'unavailable' && session.state.status === 'starting') {
          session.enter({ status: 'unknown' });
        }
        throw error;
      },
    );

  async function find(): Promise<void> {
    if (askTabs) {
      // The answer to a fresh client could come after that of the mount.
      if (!session.isFresh) await askTabs();
      if (!session.access) await refresher.refresh();
      return;
    }
    const { epoch } = session;
    const stored = await vault.read();
    if (epoch !== session.epoch) return;
    // No request: an application that starts without a network shows itself, and not a login form.
    if (stored) session.signedIn(stored.session_id ?? '');
    else session.signedOut('elsewhere');
  }

  const restart = () =>
    (starting ??= begin(find).finally(() => {
      starting = undefined;
    }));

  async function start({ fresh = false }: { readonly fresh?: boolean } = {}) {
    if (session.isInLogin) {
      throw new ClientError('misconfigured', undefined, 'inside signIn use the plain fetch');
    }
    if (fresh) {
      session.isFresh = true;
      return begin(refresher.refresh);
    }
    return isKnown() ? session.state : restart();
  }

  return {
    start,
    restart() {
      if (isKnown()) restart().catch(ignore);
    },
    async token({ validFor = 0, not } = {}) {
      await start();
      const { epoch } = session;
      const good = (atLeast: number) => {
        const { access } = session;
        const isGood = access && access.token !== not && secondsLeft(access) > atLeast;
        return isGood ? access : undefined;
      };
      const now = good(validFor);
      if (now && !session.unsaved) {
        if (secondsSince(now.since) >= now.early) refresher.refresh().catch(ignore);
        return now.token;
      }
      if (session.id() === undefined && !session.unsaved) return undefined;
      try {
        const { unsaved } = session;
        await refresher.refresh();
        // That pair was stored, and its access token may have expired meanwhile.
        if (unsaved && session.access && !good(0)) await refresher.refresh();
      } catch (error) {
        const present = good(0);
        if (present && /^(unav|stor)/.test((error as ClientError).code)) return present.token;
        throw error;
      }
      // What a caller does for one user must not be done as another.
      if (epoch !== session.epoch && session.access) throw new ClientError('session_changed');
      return session.access?.token;
    },
  };
}
