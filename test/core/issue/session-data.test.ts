import { inspect } from 'node:util';

import { StoreUnavailableError } from '@tokenpair/core';
import {
  readSessionData,
  writeSessionData,
} from '../../../packages/core/src/issue/session-record.js';

describe('session data', () => {
  it.each([
    { scope: '', metadata: {} },
    { scope: 'a b', metadata: {} },
    { scope: '', metadata: { device: 'Zoë’s | phone' } },
    { scope: 'a', metadata: { scope: 'b', nested: [{ x: null }] } },
  ])('are read as they were written: %j', (grant) => {
    const data = { marks: ['Ab3dE6gh', 'xY-_0123'], grant };
    expect(readSessionData(writeSessionData(data))).toEqual(data);
  });

  it('take no space for absent members', () => {
    const data = { marks: ['Ab3dE6gh'], grant: { scope: '', metadata: {} } };
    expect(writeSessionData(data)).toBe('["Ab3dE6gh"]');
  });

  it.each([
    '',
    'x',
    '{',
    'null',
    '{}',
    '"scope"',
    '7',
    '[7]',
    '[null]',
    '[]',
    '["m",["a"]]',
    String.raw`["m","a \"b\""]`,
    '["m","",[]]',
    '["m","",null]',
    '["m","","iPhone"]',
    '["m","a",{},{}]',
  ])('that are %j count as a failure of the store, not as a refusal', (data) => {
    expect(() => readSessionData(data)).toThrow(StoreUnavailableError);
  });

  it('that cannot be parsed are not quoted in the cause, because they are user data', () => {
    const error = outcomeOf(() => readSessionData('alices-phone'));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('alice');
  });
});

function outcomeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
