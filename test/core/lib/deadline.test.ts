import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { withDeadline } from '../../../packages/core/src/lib/deadline.js';

describe('a deadline', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('passes on an answer that arrives in time, and leaves no timer', async () => {
    await expect(withDeadline(Promise.resolve('answer'), 1_000)).resolves.toBe('answer');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('passes on a rejection that arrives in time, and leaves no timer', async () => {
    const reason = new Error('broken');
    await expect(withDeadline(Promise.reject(reason), 1_000)).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rejects when the time has passed, not before', async () => {
    const settled = jest.fn();
    const late = withDeadline(new Promise(() => {}), 1_000).catch(settled);
    await jest.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledTimes(1);
    await late;
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each(['resolves', 'rejects'])('ignores a promise that %s later', async (how) => {
    const { promise, resolve, reject } = withResolvers();
    const outcome = withDeadline(promise, 1_000).catch(() => 'late');
    await jest.advanceTimersByTimeAsync(1_000);
    if (how === 'resolves') resolve('answer');
    else reject(new Error('broken'));
    expect(await outcome).toBe('late');
  });

  it('takes the answer of a healthy server that came while the whole process was paused', async () => {
    jest.useRealTimers();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [there] = (await once(server, 'connection')) as [Socket];
    // What comes next in this turn of the event loop are the timers, then the sockets.
    await new Promise(setImmediate);
    const outcome = withDeadline(once(client, 'data'), 20);
    there.write('answer');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    try {
      expect(String(await outcome)).toBe('answer');
    } finally {
      for (const one of [client, there]) one.destroy();
      server.close();
      await once(server, 'close');
    }
  });

  it('accepts any thenable', async () => {
    const thenable: PromiseLike<string> = {
      // oxlint-disable-next-line unicorn/no-thenable -- a thenable is under test here
      then: (onFulfilled) => Promise.resolve('answer').then(onFulfilled),
    };
    await expect(withDeadline(thenable, 1_000)).resolves.toBe('answer');
  });
});

function withResolvers() {
  let resolve!: (value: unknown) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
