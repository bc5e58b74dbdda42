import { contractRows, contractStories } from './adapter-contract.js';
import { expectedRefusals } from './refusals.js';

describe('the adapter contract', () => {
  test('has a row for every refusal that there is', () => {
    const promised = new Set(contractRows.map((row) => row.expect.code));
    expect(Object.keys(expectedRefusals).filter((code) => !promised.has(code as never))).toEqual(
      [],
    );
  });

  test('has no two rows or stories of one name', () => {
    const names = [...contractRows, ...contractStories].map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
