// First check: the ring is what core and keygen expect, whatever its keys are worth.

import { isAlgorithm, algorithmNames, kindOf } from '../algorithms.js';
import { keyStates, type KeyRing } from '../key-ring.js';
import { finding, placeOf, type Finding } from './finding.js';

type Members = Readonly<Record<string, unknown>>;

const materials = ['privateKey', 'publicKey', 'secret'];

/** Answers nothing for a {@link KeyRing}, and only for one: see {@link isRing}. */
export function checkShape(ring: unknown): Finding[] {
  if (!isObject(ring)) {
    return [finding('not_a_ring', 'the ring', 'it is no JSON object', makeOne)];
  }
  const unknown = Object.keys(ring).some((name) => name !== 'keys' && name !== 'refreshKeys');
  const { keys, refreshKeys } = ring;
  return [
    ...(unknown
      ? [
          finding(
            'member_unknown',
            'the ring',
            'it has a member that createTokenIssuer has no option for',
            'Leave only keys and refreshKeys.',
          ),
        ]
      : []),
    ...(keys === undefined && refreshKeys === undefined
      ? [finding('not_a_ring', 'the ring', 'it has neither keys nor refreshKeys', makeOne)]
      : []),
    ...(keys === undefined ? [] : checkList('keys', keys, checkSigningKey)),
    ...(refreshKeys === undefined ? [] : checkList('refreshKeys', refreshKeys, checkRefreshKey)),
  ];
}

/** Whether {@link checkShape} had nothing to say. */
export function isRing(_ring: unknown, shapeFindings: readonly Finding[]): _ring is KeyRing {
  return shapeFindings.length === 0;
}

const makeOne = 'tokenpair keygen --out FILE.json makes one.';

function checkList(
  list: keyof KeyRing,
  keys: unknown,
  checkKey: (place: string, key: Members) => Finding[],
): Finding[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    return [finding('not_a_ring', list, 'it is no list of keys', makeOne)];
  }
  const findings = keys.flatMap((key: unknown, index) => {
    const place = placeOf(list, index, key);
    if (!isObject(key)) return [finding('not_a_ring', place, 'it is no JSON object', makeOne)];
    return [...checkKey(place, key), ...checkStated(place, key)];
  });
  const members = keys.filter(isObject);
  return [...findings, ...checkKids(list, members), ...checkStates(list, members)];
}

function checkSigningKey(place: string, key: Members): Finding[] {
  const known = ['kid', 'algorithm', 'state', 'since', ...materials];
  const { kid, algorithm } = key;
  const findings = checkMembers(place, key, known);
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) {
    const advice =
      'Name it: by the thumbprint of RFC 7638, or by any text of up to 256 characters.';
    findings.push(finding('kid_unusable', place, 'it has no kid that can name it', advice));
  }
  if (!isAlgorithm(algorithm)) {
    const problem =
      algorithm === 'none'
        ? "its algorithm is 'none', under which everybody can write tokens"
        : 'its algorithm is none that core has';
    findings.push(
      finding('algorithm_unknown', place, problem, `Use one of ${algorithmNames.join(', ')}.`),
    );
  }
  const given = materials.filter((name) => key[name] !== undefined);
  const [material] = given;
  if (given.length > 1) {
    const problem = `it has ${given.join(' and ')}, of which it can have one`;
    findings.push(finding('material_ambiguous', place, problem, 'Leave the one that is meant.'));
  } else if (material === undefined) {
    const advice = 'A private key belongs to an issuer, a public key to a service that verifies.';
    findings.push(
      finding('material_missing', place, `it has none of ${materials.join(', ')}`, advice),
    );
  } else if (
    isAlgorithm(algorithm) &&
    (material === 'secret') !== (kindOf(algorithm).type === 'secret')
  ) {
    const advice =
      material === 'secret'
        ? 'Give a private key, or use HS256.'
        : 'Give a secret, or use the algorithm that the key is for.';
    const problem = `${algorithm} is not used with a ${material}`;
    findings.push(finding('material_misplaced', place, problem, advice));
  }
  return findings;
}

function checkRefreshKey(place: string, key: Members): Finding[] {
  const { kid, secret } = key;
  const findings = checkMembers(place, key, ['kid', 'state', 'since', 'secret']);
  if (typeof kid !== 'string' || !/^(?:[1-9]|1[0-5])$/.test(kid)) {
    const problem = "its kid is not one of '1' to '15', as text";
    const advice = 'Give it an id that no key has had for as long as a session may last.';
    findings.push(finding('kid_unusable', place, problem, advice));
  }
  if (secret === undefined) {
    const advice = 'Make a new key: tokenpair keygen --refresh-only.';
    findings.push(finding('material_missing', place, 'it has no secret', advice));
  }
  return findings;
}

function checkMembers(place: string, key: Members, known: readonly string[]): Finding[] {
  if (Object.keys(key).every((name) => known.includes(name))) return [];
  // Not which: it may be a secret without its name.
  const advice = `It takes ${known.join(', ')}.`;
  return [finding('member_unknown', place, 'it has a member that core does not know', advice)];
}

function checkStated(place: string, { state, since }: Members): Finding[] {
  const findings: Finding[] = [];
  if (!keyStates.some((known) => known === state)) {
    const problem = 'its state is none of next, current and retiring';
    const advice = 'The key that signs is current; one that signed before is retiring.';
    findings.push(finding('state_unknown', place, problem, advice));
  }
  if (!isInstant(since)) {
    const problem = 'its since is no instant, so nobody can say how long it is needed';
    const advice = 'Write since when it has been in its state, as 2026-11-23T12:00:00Z.';
    findings.push(finding('since_unusable', place, problem, advice));
  }
  return findings;
}

function checkKids(list: string, keys: readonly Members[]): Finding[] {
  return keys.flatMap((key, index) => {
    const first = keys.findIndex(({ kid }) => kid === key['kid']);
    if (typeof key['kid'] !== 'string' || first === index) return [];
    const problem = `it has the kid of ${list}[${first}]`;
    const advice = 'A kid names one key: a token would be held against the wrong one.';
    return [finding('kid_twice', placeOf(list, index, key), problem, advice)];
  });
}

function checkStates(list: string, keys: readonly Members[]): Finding[] {
  const count = (wanted: string): number => keys.filter(({ state }) => state === wanted).length;
  const [current, next] = [count('current'), count('next')];
  const findings: Finding[] = [];
  // A state that cannot be read has been named, and may be the one that is missing.
  if (current === 0 && keys.every(({ state }) => keyStates.some((known) => known === state))) {
    const advice = 'Call the key that signs current.';
    findings.push(finding('no_current', list, 'no key is current', advice));
  }
  if (current > 1) {
    const advice = 'One signs: call the others retiring, or next.';
    findings.push(finding('several_current', list, `${current} keys are current`, advice));
  }
  if (next > 1) {
    const advice = 'Call the one that comes next so, and take the others out.';
    findings.push(finding('several_next', list, `${next} keys are next`, advice));
  }
  return findings;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && instant.test(value) && Number.isFinite(Date.parse(value));
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
