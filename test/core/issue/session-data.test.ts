import { StoreUnavailableError } from '@tokenpair/core';
import {
  readSessionData,
  writeSessionData,
} from '../../../packages/core/src/issue/session-data.js';

describe('session data', () => {
  it.each([
    { scope: '', metadata: {} },
    { scope: 'a b', metadata: {} },
    { scope: '', metadata: { device: 'Zoë’s | phone' } },
    { scope: 'a', metadata: { scope: 'b', nested: [{ x: null }] } },
  ])('are read as they were written: %j', (grant) => {
    expect(readSessionData(writeSessionData(grant))).toEqual(grant);
  });

  it('take no room for what is not there', () => {
    expect(writeSessionData({ scope: '', metadata: {} })).toBe('[]');
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
    '[["a"]]',
    String.raw`["a \"b\""]`,
    '["",[]]',
    '["",null]',
    '["","iPhone"]',
    '["a",{},{}]',
  ])('that are %j are a failure of the store, and no refusal', (data) => {
    expect(() => readSessionData(data)).toThrow(StoreUnavailableError);
  });
});
