import { MissingTokenError } from '@tokenpair/core';

import { callHook } from '../../../packages/core/src/hooks/hooks.js';

function call(hook: () => unknown, read: (answer: unknown) => unknown = (answer) => answer) {
  const emit = jest.fn();
  return {
    emit,
    answer: (async () => callHook({ emit, deadline: 1_000 }, 'claims', hook, read))(),
  };
}

const unavailable = { code: 'temporarily_unavailable', status: 503 };

describe('a hook', () => {
  it.each<[string, () => unknown]>([
    ['at once', () => 7],
    ['later', () => Promise.resolve(7)],
  ])('may answer %s', async (_when, hook) => {
    const { answer, emit } = call(hook, (value) => Number(value) + 1);
    await expect(answer).resolves.toBe(8);
    expect(emit).not.toHaveBeenCalled();
  });

  it.each<[unknown]>([[undefined], [null], [0], [''], [false], [{ value: 1 }], [() => 1]])(
    'may return %p',
    async (value) => {
      await expect(call(() => value).answer).resolves.toBe(value);
    },
  );

  it('causes a failure, not a refusal, when it throws, rejects or returns an invalid answer', async () => {
    const cause = new TypeError('broken');
    const fail = () => {
      throw cause;
    };
    for (const { answer, emit } of [
      call(fail),
      call(() => Promise.reject(cause)),
      call(() => 7, fail),
    ]) {
      await expect(answer).rejects.toMatchObject({ ...unavailable, cause });
      expect(emit).toHaveBeenCalledTimes(1);
      expect(emit).toHaveBeenCalledWith({ type: 'hook.failed', hook: 'claims', cause });
    }
  });

  it('causes a failure, not a refusal, when it throws undefined', async () => {
    const { answer, emit } = call(() => Promise.reject());
    await expect(answer).rejects.toMatchObject(unavailable);
    expect(emit).toHaveBeenCalledWith({ type: 'hook.failed', hook: 'claims', cause: undefined });
  });

  it('may refuse with an AuthError, which does not count as a failure', async () => {
    const refusal = new MissingTokenError({ realm: 'api' });
    const { answer, emit } = call(() => Promise.reject(refusal));
    await expect(answer).rejects.toBe(refusal);
    expect(emit).not.toHaveBeenCalled();
  });
});
