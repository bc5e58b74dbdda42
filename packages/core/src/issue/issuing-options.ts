// The options of an issuer for issuing: their names, and how they are checked.

import { toProtectionSpace } from '../errors/challenge.js';
import { heardClock, nowOrSystem, systemClock } from '../hooks/clock.js';
import { createEmit } from '../hooks/emit.js';
import { deadlineBounds, defaultDeadline } from '../hooks/hooks.js';
import { createAccessTokenReader } from '../jwt/access-token.js';
import { importSigningKeys } from '../keys/keys.js';
import { createReplaceableKeys } from '../keys/key-source.js';
import { markAs } from '../lib/brand.js';
import { toSeconds } from '../lib/duration.js';
import {
  refuseOption,
  requireAudience,
  requireBoolean,
  requireCount,
  requireFunction,
  requireOneOf,
  requireText,
} from '../lib/options.js';
import { requireSchema } from '../lib/standard-schema.js';
import { MemoryRevocations } from '../revocations/memory-revocations.js';
import { requireRevocations, type Revocations } from '../revocations/revocations.js';
import { MemorySessionStore } from '../store/memory-session-store.js';
import { requireStore } from './ask-store.js';
import { createRefreshKeyRing, importRefreshKeys, requireOtherSecrets } from './refresh-keys.js';
import { toSessionOwnership } from './session-owner.js';
import type { ClaimsHook, IssuingContext, IssuingOptions } from './token-issuer.js';
import { requireRoomForGrants } from './token-size.js';

export const issuingOptionNames: readonly string[] = [
  'issuer',
  'audience',
  'keys',
  'refreshKeys',
  'store',
  'revocations',
  'claims',
  'claimsSchema',
  'metadataSchema',
  'accessTokenLifetime',
  'idleLifetime',
  'absoluteLifetime',
  'reuseInterval',
  'recovery',
  'actorLifetime',
  'clientId',
  'requireAccessToken',
  'maxSessions',
  'onSessionLimit',
  'realm',
  'resourceMetadata',
  'deadline',
  'onEvent',
  'clock',
];

/** Checks the options of issuing and imports its keys. */
export function buildIssuingContext<Metadata>(
  options: IssuingOptions<Metadata>,
): IssuingContext<Metadata> {
  const {
    issuer,
    audience,
    keys,
    refreshKeys,
    store,
    claims,
    claimsSchema,
    metadataSchema,
    accessTokenLifetime = '5m',
    idleLifetime,
    absoluteLifetime,
    reuseInterval = 30,
    recovery,
    actorLifetime = '1h',
    requireAccessToken = false,
    maxSessions = 100,
    onSessionLimit = 'evict-oldest',
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = options;
  requireStore(store);
  const revocations = readRevocations(options);
  requireFunction('claims', claims);
  if (claimsSchema !== undefined) {
    requireSchema('claimsSchema', claimsSchema);
    if (claims === undefined) {
      throw new TypeError('claimsSchema is for the answers of claims: give claims too');
    }
  }
  if (metadataSchema !== undefined) requireSchema('metadataSchema', metadataSchema);
  requireBoolean('requireAccessToken', requireAccessToken);
  requireCount('maxSessions', maxSessions, 10_000);
  requireOneOf('onSessionLimit', onSessionLimit, ['evict-oldest', 'reject']);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  const now = nowOrSystem(clock);
  const emit = createEmit(onEvent);
  const names = {
    issuer: requireText('issuer', issuer),
    audience: requireAudience(audience),
    clientId: requireText('clientId', options.clientId ?? issuer),
  };
  const ring = createReplaceableKeys(importSigningKeys(keys, now));
  requireRoomForGrants(names, ring.current);
  const refreshKeySet = importRefreshKeys(refreshKeys, names.issuer, now);
  requireOtherSecrets(ring.current, refreshKeySet, names.issuer);
  const times = {
    ...readLifetimes(idleLifetime, absoluteLifetime),
    reuseInterval: toSeconds('reuseInterval', reuseInterval, { min: 0, max: 300 }) * 1_000,
    actorLifetime: toSeconds('actorLifetime', actorLifetime, { maxNumber: 30 * day }) * 1_000,
  };
  requireRoomToRotate(times);
  return markAs('createTokenIssuer', {
    ...names,
    ...times,
    recovery: readRecovery(recovery, times.reuseInterval),
    ...toSessionOwnership(names.issuer, names.audience),
    keys: ring,
    reader: createAccessTokenReader(ring),
    refreshKeys: createRefreshKeyRing(
      refreshKeySet,
      Math.min(times.idleLifetime, times.absoluteLifetime),
    ),
    store,
    revocations,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- metadata is checked before it is stored
    claims: claims as ClaimsHook | undefined,
    claimsSchema,
    metadataSchema,
    accessTokenLifetime: toSeconds('accessTokenLifetime', accessTokenLifetime, { maxNumber: day }),
    requireAccessToken,
    limit: { max: maxSessions, onLimit: onSessionLimit },
    space: toProtectionSpace(options),
    hooks: {
      emit,
      deadline: toSeconds('deadline', deadline, deadlineBounds) * 1_000,
    },
    clock: heardClock(clock, emit),
  });
}

const day = 86_400;

function readRevocations({
  store,
  revocations,
}: Pick<IssuingOptions, 'store' | 'revocations'>): Revocations | undefined {
  if (revocations === undefined && store instanceof MemorySessionStore) {
    return new MemoryRevocations();
  }
  return requireRevocations('revocations', revocations);
}

// Beyond the absolute lifetime, an idle lifetime would never end a session.
function readLifetimes(
  idle: unknown,
  absolute: unknown = '90d',
): Pick<IssuingContext, 'idleLifetime' | 'absoluteLifetime'> {
  const absoluteLifetime = toSeconds('absoluteLifetime', absolute, { maxNumber: 800 * day });
  const given = idle === undefined ? Math.min(30 * day, absoluteLifetime) : idle;
  const idleLifetime = toSeconds('idleLifetime', given, { maxNumber: 400 * day });
  if (idleLifetime > absoluteLifetime) {
    refuseOption(
      'idleLifetime',
      `at most absoluteLifetime, ${absoluteLifetime} seconds: shorten it, or set a longer absoluteLifetime`,
      idleLifetime,
    );
  }
  return { idleLifetime: idleLifetime * 1_000, absoluteLifetime: absoluteLifetime * 1_000 };
}

// A session rotates at most once in twice the reuse interval, and only a rotation starts the idle lifetime again.
function requireRoomToRotate({
  idleLifetime,
  reuseInterval,
}: Pick<IssuingContext, 'idleLifetime' | 'reuseInterval'>): void {
  const least = 4 * reuseInterval;
  if (idleLifetime < least) {
    refuseOption(
      'idleLifetime',
      `at least four times reuseInterval, ${least / 1_000} seconds: a session rotates at most once in twice that interval`,
      idleLifetime / 1_000,
    );
  }
}

// With a reuse interval of 0 every second use of a refresh token ends its session, also the second use after a lost answer.
function readRecovery(recovery: unknown, reuseInterval: number): number {
  const given = recovery ?? (reuseInterval === 0 ? 0 : '24h');
  const seconds = toSeconds('recovery', given, { min: 0, max: 7 * day, maxNumber: 7 * day });
  if (reuseInterval === 0 && seconds > 0) {
    refuseOption('recovery', '0 when reuseInterval is 0, or reuseInterval above 0', recovery);
  }
  return seconds * 1_000;
}
