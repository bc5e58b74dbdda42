// Signs in and out.

import { readAnswer } from './answer.js';
import { ClientError } from './client-error.js';
import type { PostToMount } from './mount.js';
import type { CheckedOptions } from './options.js';
import type { Ready } from './ready.js';
import type { Refresher } from './refresh.js';
import type { Session } from './session.js';
import type { Tabs } from './tabs.js';
import { ignore, sleep, within } from './time.js';
import type { Client, Refusal, SignedIn } from './types.js';
import type { Vault } from './vault.js';

/** A person waits for it: longer than a refresh usually takes. */
const graceSeconds = 1;

type SignOut = Awaited<ReturnType<Client['signOut']>>;

export function createSign(
  { isCookie, wait }: CheckedOptions,
  session: Session,
  vault: Vault,
  post: PostToMount,
  tabs: Tabs,
  refresher: Refresher,
  ready: Ready,
): Pick<Client, 'signIn' | 'signOut'> {
  /** The sign-out under way. */
  let leaving: { readonly all: boolean; readonly done: Promise<SignOut> } | undefined;
  // Another session needs another sign-out.
  session.subscribe(({ status }) => {
    if (status === 'signed-in') leaving = undefined;
  });

  /**
   * No refresh runs beside it: its late cookie would replace that of the new session, or would come back after the sign-out. A browser
   * may still apply the cookie of a request that was aborted a moment ago, so the request gets time to end by itself.
   */
  async function alone<T>(run: (quiet: Promise<unknown> | undefined) => Promise<T>): Promise<T> {
    const { quiet, release } = refresher.hold(isCookie ? graceSeconds : 0);
    try {
      return await run(quiet);
    } finally {
      release();
    }
  }

  return {
    signIn: (login) =>
      alone(async (quiet) => {
        tabs.send({ type: 'pause' });
        try {
          await quiet;
          // What the function calls at once would wait for itself.
          session.isInLogin = true;
          const answer = (async () => login())();
          session.isInLogin = false;
          const { pair, refusal, cause } = await readAnswer(await answer);
          if (!pair || !(isCookie || typeof pair.refresh_token === 'string')) {
            throw new ClientError('refused', refusal, cause);
          }
          const former = await vault.read().catch(ignore);
          await refresher.keep(session.receive(pair), new AbortController().signal);
          // No client has its token any more. With the cookie, the server ends it.
          if (former?.session_id && pair.session_id && former.session_id !== pair.session_id) {
            void end(former.refresh_token);
          }
          return session.state as SignedIn;
        } catch (error) {
          tabs.send({ type: 'resume' });
          throw error;
        }
      }),

    async signOut({ all = false } = {}) {
      if (session.unsaved) leaving = undefined;
      leaving ??= {
        all,
        done: leave(all).finally(() => {
          leaving = undefined;
        }),
      };
      const isAll = leaving.all;
      const { ended } = await leaving.done;
      return { ended: ended && (isAll || !all) };
    },
  };

  async function leave(all: boolean): Promise<SignOut> {
    const token =
      all &&
      (await ready.token({ validFor: 30 }).catch((error: unknown) => {
        // Without it, the session is deleted here nevertheless.
        if (isCookie) throw error;
      }));
    // A login may have brought a pair that could not be stored.
    if (session.state.status === 'signed-out' && !session.unsaved) return { ended: true };
    return alone(async (quiet) => {
      const id = session.id();
      const pair = session.unsaved?.pair;
      session.advance();
      const { epoch } = session;
      const forget = () => {
        if (epoch !== session.epoch) return;
        session.signedOut('sign-out');
        if (id !== undefined) tabs.send({ type: 'out', session_id: id });
      };
      const stored = { ...(await vault.take()), ...pair };
      if (!isCookie) forget();
      await quiet;
      const { ended, refusal } = await end(stored.refresh_token, token);
      // With it, the server has cleared the cookie; a repetition would carry none, and prove nothing.
      const isCleared = !all && refusal?.status === 503;
      if (isCookie) {
        if (!ended && !isCleared) {
          throw new ClientError(
            refusal && refusal.action !== 'retry' ? 'misconfigured' : 'unavailable',
            refusal,
          );
        }
        forget();
      }
      return { ended: ended && (!all || !!token) };
    });
  }

  /** Tells the server, up to three times. */
  async function end(
    refresh_token: string | undefined,
    token?: string | false | void,
  ): Promise<{ ended: boolean; refusal?: Refusal | undefined }> {
    let refusal: Refusal | undefined;
    const ended = await within(
      wait,
      async ({ signal }) => {
        const init = { signal, keepalive: true };
        for (let attempt = 0; attempt < 3; attempt += 1) {
          if (attempt > 0) await sleep(0.3 * attempt ** 2, signal);
          const asked = token
            ? post('/logout-all', {}, { ...init, headers: { Authorization: `Bearer ${token}` } })
            : post('/logout', { refresh_token }, init);
          const answer = await asked.catch(ignore);
          if (token ? answer?.json['revoked'] !== undefined : answer?.status === 204) return true;
          refusal = answer?.refusal;
          if (refusal && (isCookie || refusal.action !== 'retry')) break;
        }
        return false;
      },
      () => false,
    );
    return { ended, refusal };
  }
}
