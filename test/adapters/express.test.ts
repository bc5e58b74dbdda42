import express4 from 'express4';
import express5 from 'express5';

import { contractRows, describeAdapter } from './adapter-contract.js';
import { createExpressApp } from './express-app.js';
import { expectedRefusals } from './refusals.js';

describeAdapter('Express 4', (parts) =>
  // Its types say less than those of Express 5; what we use of it is the same.
  createExpressApp(express4 as unknown as typeof express5, parts),
);
describeAdapter('Express 5', (parts) => createExpressApp(express5, parts));

describe('the adapter contract', () => {
  test('has a row for every refusal that there is, but for those of transports to come', () => {
    const promised = new Set(contractRows.map((row) => row.expect.code));
    const missing = Object.keys(expectedRefusals).filter((code) => !promised.has(code as never));
    expect(missing).toEqual(['origin_refused']);
  });

  test('has no two rows of one name', () => {
    const names = contractRows.map((row) => row.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
