// Reads the stream of the playground, as the page does, for comparison with what the page shows.

import type { Message } from '../../examples/playground/src/stream.js';
import { until } from './until.js';

export interface StreamReader {
  /** Number of the latest message, after everything that has happened until now has come. */
  latest(): Promise<number>;
  /** The messages after a number, until now. */
  since(sequence: number): Promise<readonly Message[]>;
  /** Everything that was read, byte for byte. */
  text(): string;
  close(): void;
}

export async function openStream(url: string): Promise<StreamReader> {
  const control = new AbortController();
  const response = await fetch(url, { signal: control.signal });
  let text = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
  })();
  // It ends when it is closed.
  reading.catch(() => {});

  const messages = () =>
    [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data!) as Message);

  async function caughtUp(): Promise<readonly Message[]> {
    const { origin } = new URL(url);
    const mark = await fetch(new URL('mark', url), {
      method: 'POST',
      headers: { Origin: origin },
      body: '{}',
    });
    const { sequence } = (await mark.json()) as { sequence: number };
    await until(() => (messages().at(-1)?.sequence ?? 0) >= sequence);
    return messages();
  }

  return {
    latest: async () => (await caughtUp()).at(-1)?.sequence ?? 0,
    since: async (from) => (await caughtUp()).filter(({ sequence }) => sequence > from),
    text: () => text,
    close: () => control.abort(),
  };
}
