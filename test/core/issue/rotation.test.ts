// The decision table of a refresh, row by row, and the rules that hold for every row.

import fc from 'fast-check';

import type { SessionSnapshot } from '@tokenpair/core/store';
import {
  decide,
  type RotationCase,
  type Verdict,
} from '../../../packages/core/src/issue/rotation.js';

const interval = 30_000;
const settleTime = 60_000;
const rotatedAt = 1_800_000_000_000;

/** A session at generation 5, reached from 4. */
function recordWith(changes: Partial<SessionSnapshot> = {}): SessionSnapshot {
  return {
    sessionId: 'session',
    subject: 'u_1',
    generation: 5,
    secretHash: 'hash of 5',
    keyId: 1,
    parentGeneration: 4,
    attempt: 'the call that wrote 5',
    confirmed: false,
    cnf: '',
    createdAt: rotatedAt - 86_400_000,
    rotatedAt,
    anchorAt: rotatedAt,
    idleLifetime: 2_592_000_000,
    expiresAt: rotatedAt + 7_776_000_000,
    data: '{}',
    asOf: rotatedAt + 1_000,
    ...changes,
  };
}

function presentedWith(changes: Partial<RotationCase> = {}): RotationCase {
  return {
    generation: 5,
    secretHash: 'hash of 5',
    sealed: true,
    derivedHash: 'derived from 5',
    attempt: 'this call',
    ...changes,
  };
}

const predecessor: Partial<RotationCase> = {
  generation: 4,
  secretHash: 'hash of 4',
  derivedHash: 'hash of 5',
};

describe('the rotation decision table', () => {
  const sealed: readonly (readonly [
    row: string,
    presented: Partial<RotationCase>,
    record: Partial<SessionSnapshot>,
    verdict: Verdict,
  ])[] = [
    [
      'rotates the current generation once it is older than the settle time',
      {},
      { asOf: rotatedAt + settleTime + 1 },
      'rotate',
    ],
    ['holds the current generation at once', {}, { asOf: rotatedAt }, 'hold'],
    [
      'holds the current generation at the last instant of the settle time',
      {},
      { asOf: rotatedAt + settleTime },
      'hold',
    ],
    [
      'rotates the first generation at once, because it was in only one answer',
      { generation: 1 },
      { generation: 1, parentGeneration: 0, asOf: rotatedAt },
      'rotate',
    ],
    [
      'holds the current generation when the store clock went back by at most the settle time',
      {},
      { asOf: rotatedAt - settleTime },
      'hold',
    ],
    [
      'rotates the current generation when the store clock went back further, because it was ahead before',
      {},
      { asOf: rotatedAt - settleTime - 1 },
      'rotate',
    ],
    [
      'limits the settle time to half the idle lifetime of the record',
      {},
      { idleLifetime: 20_000, asOf: rotatedAt + 10_001 },
      'rotate',
    ],
    [
      'reports the current generation with another secret as forged',
      { secretHash: 'another hash' },
      {},
      'forged',
    ],
    [
      'replays to the attempt that wrote the record at any later time',
      { ...predecessor, attempt: 'the call that wrote 5' },
      { asOf: rotatedAt + 3_600_000 },
      'replay',
    ],
    ['replays to the predecessor at once', predecessor, { asOf: rotatedAt }, 'replay'],
    [
      'replays to the predecessor at the last instant of the interval',
      predecessor,
      { asOf: rotatedAt + interval },
      'replay',
    ],
    [
      'asks the predecessor to retry one millisecond after the interval',
      predecessor,
      { asOf: rotatedAt + interval + 1 },
      'pending',
    ],
    [
      'asks the predecessor to retry at the last instant of the settle time',
      predecessor,
      { asOf: rotatedAt + settleTime },
      'pending',
    ],
    [
      'reports the predecessor as reused one millisecond after the settle time',
      predecessor,
      { asOf: rotatedAt + settleTime + 1 },
      'reused',
    ],
    [
      'treats the predecessor as inside the interval when the store clock went back',
      predecessor,
      { asOf: rotatedAt - settleTime },
      'replay',
    ],
    [
      'treats the predecessor as late when the store clock went back by more than the settle time',
      predecessor,
      { asOf: rotatedAt - settleTime - 1 },
      'reused',
    ],
    [
      'keeps recovery closed even for a successor that was never confirmed',
      predecessor,
      { asOf: rotatedAt + settleTime + 1, confirmed: false },
      'reused',
    ],
    [
      'asks the predecessor to retry within the settle time when the key of its successor is missing',
      { ...predecessor, derivedHash: undefined },
      { asOf: rotatedAt + 1 },
      'pending',
    ],
    [
      'reports the predecessor as invalid when the key of its successor has been removed',
      { ...predecessor, derivedHash: undefined },
      { asOf: rotatedAt + 3_600_000 },
      'invalid',
    ],
    [
      'reports a parent generation with another successor than the record as forged',
      { ...predecessor, derivedHash: 'another hash' },
      {},
      'forged',
    ],
    [
      'does not trust an attempt whose token has another successor than the record',
      { ...predecessor, derivedHash: 'another hash', attempt: 'the call that wrote 5' },
      {},
      'forged',
    ],
    ['reports the next generation as rolled back', { generation: 6 }, {}, 'rolled back'],
    [
      'reports a generation far ahead as rolled back',
      { generation: 4_000_000_000 },
      {},
      'rolled back',
    ],
    [
      'reports the generation before the predecessor as reused, even inside the interval',
      { generation: 3 },
      { asOf: rotatedAt },
      'reused',
    ],
    [
      'reports the first generation as reused long after',
      { generation: 1 },
      { asOf: rotatedAt + 86_400_000 },
      'reused',
    ],
    [
      'reports an older generation as reused, even when the key of the current one has been removed',
      { generation: 3, derivedHash: undefined },
      {},
      'reused',
    ],
    [
      'reports a generation between the parent and the current one as reused',
      { generation: 4 },
      { parentGeneration: 3 },
      'reused',
    ],
  ];

  it.each(sealed)('%s', (_row, presented, record, verdict) => {
    const policy = { reuseInterval: interval };
    expect(decide(presentedWith(presented), recordWith(record), policy)).toBe(verdict);
  });
});

describe('the rotation decision table, for a token whose key was retired', () => {
  const unsealed: readonly (readonly [
    row: string,
    presented: Partial<RotationCase>,
    record: Partial<SessionSnapshot>,
    verdict: Verdict,
  ])[] = [
    [
      'rotates the token whose secret matches the record',
      {},
      { asOf: rotatedAt + settleTime + 1 },
      'rotate',
    ],
    ['holds the token whose secret matches the record within the settle time', {}, {}, 'hold'],
    ['refuses a current generation with another secret', { secretHash: 'other' }, {}, 'invalid'],
    ['refuses a generation ahead of the record', { generation: 6 }, {}, 'invalid'],
    ['refuses an older generation without reporting a reuse', { generation: 3 }, {}, 'invalid'],
    [
      'refuses a parent generation with another successor than the record',
      { ...predecessor, derivedHash: 'other' },
      {},
      'invalid',
    ],
    [
      'refuses the predecessor when the key of its successor has been removed',
      { ...predecessor, derivedHash: undefined },
      {},
      'invalid',
    ],
    ['replays to the real predecessor inside the interval', predecessor, {}, 'replay'],
    [
      'reports the real predecessor as reused after the settle time, because its secret proves that we issued it',
      predecessor,
      { asOf: rotatedAt + settleTime + 1 },
      'reused',
    ],
  ];

  it.each(unsealed)('%s', (_row, presented, record, verdict) => {
    const policy = { reuseInterval: interval };
    expect(decide(presentedWith({ ...presented, sealed: false }), recordWith(record), policy)).toBe(
      verdict,
    );
  });
});

describe('the rotation decision table, at a reuse interval of 0', () => {
  const policy = { reuseInterval: 0 };

  it.each([
    ['at the instant of the rotation', rotatedAt],
    ['one millisecond after it', rotatedAt + 1],
    ['after the store clock went back', rotatedAt - 5_000],
  ])('reports the predecessor as reused %s', (_when, asOf) => {
    expect(decide(presentedWith(predecessor), recordWith({ asOf }), policy)).toBe('reused');
  });

  it('still replays to the same attempt when the client library sent its command twice', () => {
    const presented = presentedWith({ ...predecessor, attempt: 'the call that wrote 5' });
    expect(decide(presented, recordWith(), policy)).toBe('replay');
  });

  it('rotates the current generation', () => {
    expect(decide(presentedWith(), recordWith(), policy)).toBe('rotate');
  });
});

describe('the rotation decision table, for random input', () => {
  // Small ranges, so that the interesting coincidences are common.
  const anyGeneration = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.nat());
  const anyHash = fc.constantFrom('a', 'b', 'c');
  const anyCase = fc.record({
    generation: anyGeneration,
    secretHash: anyHash,
    sealed: fc.boolean(),
    derivedHash: fc.option(anyHash, { nil: undefined }),
    attempt: fc.constantFrom('one', 'two'),
  });
  const anyRecord = fc
    .record({
      generation: anyGeneration,
      secretHash: anyHash,
      parentGeneration: anyGeneration,
      attempt: fc.constantFrom('one', 'two'),
      confirmed: fc.boolean(),
      asOf: fc.oneof(
        fc.integer({ min: rotatedAt - 2, max: rotatedAt + 2 }),
        fc.integer({ min: rotatedAt + interval - 2, max: rotatedAt + interval + 2 }),
        fc.integer({ min: rotatedAt + settleTime - 2, max: rotatedAt + settleTime + 2 }),
        fc.nat(),
      ),
    })
    .map(recordWith);
  const anyPolicy = fc.constantFrom({ reuseInterval: 0 }, { reuseInterval: interval });
  const runs = { numRuns: 5_000 };

  it('returns one of the eight verdicts', () => {
    const verdicts: readonly Verdict[] = [
      'rotate',
      'hold',
      'replay',
      'pending',
      'invalid',
      'forged',
      'rolled back',
      'reused',
    ];
    fc.assert(
      fc.property(anyCase, anyRecord, anyPolicy, (presented, record, policy) =>
        verdicts.includes(decide(presented, record, policy)),
      ),
      runs,
    );
  });

  it('ends a session only for a token with a checked tag or one whose successor is the current token', () => {
    fc.assert(
      fc.property(anyCase, anyRecord, anyPolicy, (presented, record, policy) => {
        const derives = presented.derivedHash === record.secretHash;
        const isOurs = presented.sealed || derives;
        const verdict = decide(presented, record, policy);
        return isOurs || verdict !== 'reused';
      }),
      runs,
    );
  });

  it('continues a session only with the current secret or one from which it derives', () => {
    fc.assert(
      fc.property(anyCase, anyRecord, anyPolicy, (presented, record, policy) => {
        const verdict = decide(presented, record, policy);
        const isCurrent =
          presented.generation === record.generation && presented.secretHash === record.secretHash;
        const isParent =
          presented.generation < record.generation &&
          presented.generation === record.parentGeneration &&
          presented.derivedHash === record.secretHash;
        const goesOn = verdict === 'rotate' || verdict === 'hold';
        return goesOn === isCurrent && (verdict !== 'replay' || isParent);
      }),
      runs,
    );
  });

  it('never reports a token that is current or ahead as reused', () => {
    fc.assert(
      fc.property(anyCase, anyRecord, anyPolicy, (presented, record, policy) => {
        const isOlder = presented.generation < record.generation;
        return isOlder || decide(presented, record, policy) !== 'reused';
      }),
      runs,
    );
  });

  it('ignores whether the successor was confirmed while recovery is closed', () => {
    fc.assert(
      fc.property(anyCase, anyRecord, anyPolicy, (presented, record, policy) => {
        const other = { ...record, confirmed: !record.confirmed };
        return decide(presented, other, policy) === decide(presented, record, policy);
      }),
      runs,
    );
  });
});
