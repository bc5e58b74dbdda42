// The channel to the other clients of this origin and mount, which are usually other tabs.

import { pageUrl } from './options.js';
import { unref } from './time.js';

export type TabMessage =
  | { readonly type: 'who' | 'pause' | 'resume' }
  | {
      readonly type: 'token';
      readonly access_token: string;
      /** Absent when the server did not say how long the token is valid. */
      readonly expires_in?: number;
      readonly session_id: string;
    }
  | { readonly type: 'out'; readonly session_id: string };

/** A message as it came: its members may be of any type. */
export type Heard = {
  readonly [member in 'type' | 'access_token' | 'expires_in' | 'session_id']?: unknown;
};

export interface Tabs {
  open(): void;
  /** Without a channel, a message is lost. That costs a refresh. */
  send(message: TabMessage): void;
  close(): void;
}

export function openTabs(name: string | false | undefined, hear: (message: Heard) => void): Tabs {
  let channel: BroadcastChannel | undefined;
  const tabs: Tabs = {
    open() {
      if (!name || channel) return;
      try {
        channel = new BroadcastChannel(name);
        // That of Deno would keep a program alive.
        if (!('unref' in channel || pageUrl())) return tabs.close();
        unref(channel);
        // Another version of the client, or other code of the origin, may send anything.
        channel.addEventListener('message', ({ data }) => hear(Object(data)));
      } catch {
        // React Native has no channel, and a page that may keep nothing gets none.
      }
    },
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
    send: (message) => channel?.postMessage(message),
    close() {
      channel?.close();
      channel = undefined;
    },
  };
  tabs.open();
  return tabs;
}
