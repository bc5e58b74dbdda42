// Sends the requests of the story that the examples print, and answers what the servers answered.

import type { RequestStep, Step } from '../../examples/demo/src/story.js';

export interface ToldStep {
  readonly says: string;
  readonly status: number;
  readonly code?: unknown;
  readonly action?: unknown;
}

/**
 * @param address - the address of the server, or a function that chooses the server of each request.
 * @param wait - lets this number of seconds pass.
 */
export async function tellStory(
  address: string | (() => string),
  story: readonly Step[],
  wait: (seconds: number) => unknown,
): Promise<readonly ToldStep[]> {
  const kept = new Map<string, string>();
  const fill = (text: string) =>
    text.replace(/\$(\w+)/g, (_match, name: string) => {
      const value = kept.get(name);
      if (value === undefined) throw new Error(`no step has kept ${name}`);
      return value;
    });

  const told: ToldStep[] = [];
  for (const step of story) {
    if ('waits' in step) {
      await wait(Number(fill(step.waits)));
      continue;
    }
    const server = typeof address === 'string' ? address : address();
    const response = await fetch(server + step.path, toInit(step, fill));
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
    for (const [name, member] of Object.entries(step.keeps ?? {})) {
      kept.set(name, String(body[member]));
    }
    const { code, action } = body;
    told.push({
      says: step.says,
      status: response.status,
      ...(code !== undefined && { code }),
      ...(action !== undefined && { action }),
    });
  }
  return told;
}

function toInit({ method, bearer, json, form }: RequestStep, fill: (text: string) => string) {
  const headers = new Headers();
  if (bearer !== undefined) headers.set('Authorization', `Bearer ${fill(bearer)}`);
  if (json !== undefined) headers.set('Content-Type', 'application/json');
  if (json !== undefined) return { method, headers, body: JSON.stringify(json) };
  if (form === undefined) return { method, headers };
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) body.set(name, fill(value));
  return { method, headers, body };
}
