// A response whose method throws, as one does that a middleware has wrapped and that middleware fails.

import type { ServerResponse } from 'node:http';

/** What answering may call, and middleware may wrap. */
export type WritingMethod = 'end' | 'setHeader' | 'writeHead' | 'appendHeader';

export class BrokenWriteError extends Error {
  override readonly name = 'BrokenWriteError';
}

/**
 * From now on the method throws when it is called, once; then it is the one that it was before.
 *
 * @param header - only calls about this header.
 * @returns how often it has thrown.
 */
export function breakResponse(
  res: ServerResponse,
  method: WritingMethod,
  { header }: { readonly header?: string } = {},
): { readonly thrown: () => number } {
  const sound = res[method] as (...args: readonly unknown[]) => unknown;
  let thrown = 0;
  Object.assign(res, {
    [method]: (...args: readonly unknown[]): unknown => {
      if (thrown === 1 || (header !== undefined && args[0] !== header)) {
        return Reflect.apply(sound, res, args);
      }
      thrown += 1;
      throw new BrokenWriteError(`${method} is broken`);
    },
  });
  return { thrown: () => thrown };
}

/** Collects rejections that nothing handles while a test runs. */
export function watchRejections(): { readonly seen: unknown[]; readonly stop: () => void } {
  const seen: unknown[] = [];
  const listener = (reason: unknown) => seen.push(reason);
  process.on('unhandledRejection', listener);
  return { seen, stop: () => process.off('unhandledRejection', listener) };
}
