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
  ])('answers %s', async (_when, hook) => {
    const { answer, emit } = call(hook, (value) => Number(value) + 1);
    await expect(answer).resolves.toBe(8);
    expect(emit).not.toHaveBeenCalled();
  });

  it.each<[unknown]>([[undefined], [null], [0], [''], [false], [{ value: 1 }], [() => 1]])(
    'may answer %p',
    async (value) => {
      await expect(call(() => value).answer).resolves.toBe(value);
    },
  );

  it('has not refused anybody when it throws, rejects or answers nonsense', async () => {
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

  it('has not refused anybody when it throws nothing at all', async () => {
    const { answer, emit } = call(() => Promise.reject());
    await expect(answer).rejects.toMatchObject(unavailable);
    expect(emit).toHaveBeenCalledWith({ type: 'hook.failed', hook: 'claims', cause: undefined });
  });

  it('may refuse with an error of ours, and that is no failure', async () => {
    const refusal = new MissingTokenError({ realm: 'api' });
    const { answer, emit } = call(() => Promise.reject(refusal));
    await expect(answer).rejects.toBe(refusal);
    expect(emit).not.toHaveBeenCalled();
  });
});
