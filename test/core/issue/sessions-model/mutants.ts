// One plausible mistake each, made in the sources of core, and the story that finds it. What a mistake changes is a text that
// occurs once in its file.

import type { Replacement } from '../../../support/tabs/core-copy.js';

export interface Mutant {
  /** The promise that it breaks, as session-world.ts names them. */
  readonly breaks: 'a' | 'b' | 'c' | 'd' | 'f' | 'g';
  readonly story: string;
  readonly replace: readonly Replacement[];
}

const table = 'issue/rotation.ts';
const judge = 'issue/judge-refresh.ts';
const act = 'issue/act-on-refresh.ts';
const flow = 'issue/refresh-token-pair.ts';
const update = 'issue/update-session.ts';
const memory = 'store/memory-session-store.ts';

const change = (file: string, from: string, to: string): Replacement => ({ file, from, to });

/** In row 9 of the table and around it. */
const recoverOrReuse = `return isInTime && signalWorks && !successorSeen ? 'recover' : 'reused';`;
const replayOrRetry = `return canRepeat ? 'replay' : 'retry';`;
const oldIsReused = `if (presented.generation < stored.generation) return 'reused';`;

export const mutants: Readonly<Record<string, Mutant>> = {
  'a fresh generation is spent at once (no settle time)': {
    breaks: 'a',
    story: 'a request arrives after its token was rotated twice',
    replace: [
      change(table, `isUnsettled && presented.generation > 1 ? 'hold' : 'rotate'`, `'rotate'`),
    ],
  },
  'the settle time is as long as the reuse interval (no quiet time)': {
    breaks: 'a',
    story:
      'a request that left before a repeated answer was stored arrives after the reuse interval',
    replace: [
      change(
        judge,
        '{ reuseInterval: settleTime / 2, settleTime,',
        '{ reuseInterval: settleTime / 2, settleTime: settleTime / 2,',
      ),
    ],
  },
  'a predecessor between reuse interval and settle time is a reuse': {
    breaks: 'a',
    story:
      'a request that left before a repeated answer was stored arrives after the reuse interval',
    replace: [
      change(
        table,
        replayOrRetry,
        `return canRepeat ? 'replay' : confirmed > presented.generation ? 'reused' : 'retry';`,
      ),
    ],
  },
  'a predecessor between reuse interval and settle time recovers': {
    breaks: 'a',
    story: 'a request arrives after the reuse interval, and its answer is lost',
    replace: [
      change(
        table,
        replayOrRetry,
        `return canRepeat ? 'replay' : confirmed <= presented.generation ? 'recover' : 'retry';`,
      ),
    ],
  },
  'holding hands the refresh token out again': {
    breaks: 'a',
    story: 'the answer for a held token arrives after the next rotation',
    replace: [
      change(flow, 'const isNew = token.token !== presented.token;', 'const isNew = true;'),
    ],
  },
  'no recovery': {
    breaks: 'a',
    story: 'an answer is lost',
    replace: [change(table, 'recovery > 0 && firstUse <= recovery', 'false')],
  },
  'recovery does not look at the confirm signal': {
    breaks: 'b',
    story: 'a late copy comes again after its successor was seen in use',
    replace: [
      change(table, 'successorSeen = confirmed > presented.generation', 'successorSeen = false'),
    ],
  },
  'recovery needs no evidence that the signal works': {
    breaks: 'b',
    story: 'a late copy comes again in a session whose use was never seen',
    replace: [change(table, 'signalWorks = confirmed > 0', 'signalWorks = true')],
  },
  'the recovering swap does not expect `confirmed` as it was read': {
    breaks: 'b',
    story: 'a successor is seen in use while its late predecessor is served',
    replace: [change(act, '...current, confirmed: session.confirmed,', '...current,')],
  },
  'the recovery window slides': {
    breaks: 'b',
    story: 'an answer is lost, and the next one most of a recovery window later',
    replace: [change(act, 'halfOf(next, known, ', 'halfOf(next, [identify(presented)], ')],
  },
  'recovery gives the same successor again': {
    breaks: 'b',
    story: 'thief and owner come in turns',
    replace: [
      change(
        judge,
        'refresh.key, session.generation + 1)',
        `refresh.key, session.generation + (verdict === 'recover' ? 0 : 1))`,
      ),
    ],
  },
  'a successor that recovery has replaced is refused, and nothing more': {
    breaks: 'b',
    story: 'the owner comes with a successor that the thief has replaced',
    replace: [
      change(
        table,
        oldIsReused,
        `if (presented.generation < stored.generation) {
          const isSibling = stored.predecessors.some((one) => one.secretHash === presented.parentHash);
          return isSibling ? 'invalid' : 'reused';
        }`,
      ),
    ],
  },
  'older tokens are good inside the reuse interval': {
    breaks: 'b',
    story: 'a thief presents what he has replaced',
    replace: [
      change(
        table,
        oldIsReused,
        `if (presented.generation < stored.generation) return stored.age <= reuseInterval ? 'replay' : 'reused';`,
      ),
    ],
  },
  'the predecessor is good for ever': {
    breaks: 'b',
    story: 'a successor is seen in use while its late predecessor is served',
    replace: [change(table, recoverOrReuse, recoverOrReuse.replace('recover', 'replay'))],
  },
  'reuse is refused, and ends nothing': {
    breaks: 'b',
    story: 'the owner comes with a token that the thief has spent',
    replace: [change(judge, `if (verdict === 'reused') {`, 'if (false) {')],
  },
  'the confirm signal overwrites instead of taking the higher': {
    breaks: 'b',
    story: 'reports arrive in the wrong order',
    replace: [change(memory, 'Math.max(record.confirmed, generation)', 'generation')],
  },
  'a rotation resets `confirmed`': {
    breaks: 'a',
    story: 'an answer is lost',
    replace: [
      change(memory, '...token, rotatedAt: now }', '...token, rotatedAt: now, confirmed: 0 }'),
    ],
  },
  'a rotation writes the session half back as it was read': {
    breaks: 'd',
    story: 'an update is made while a refresh is under way',
    replace: [
      change(
        act,
        `if (verdict === 'rotate') return swap(refresh, current, { token: rotated(refresh, token) });`,
        `if (verdict === 'rotate')
          return swap(refresh, current, { token: rotated(refresh, token), data: session.dataText });`,
      ),
    ],
  },
  'an update writes the token half back as it was read': {
    breaks: 'a',
    story: 'refreshes are made while an update is under way',
    replace: [
      change(
        update,
        '{ data: session.dataText }, next)',
        `{ data: session.dataText }, { ...next, token: {
          generation: session.generation,
          secretHash: session.secretHash,
          state: [
            session.state.keyId,
            ...session.state.predecessors.map((one) => one.generation + '.' + one.secretHash),
          ].join(' '),
        } })`,
      ),
    ],
  },
  'an update compares nothing': {
    breaks: 'd',
    story: 'two updates are made at the same time',
    replace: [change(update, '{ data: session.dataText }', '{}')],
  },
  'a swap creates what is not there': {
    breaks: 'c',
    story: 'the session is ended while a refresh is under way',
    replace: [
      change(
        memory,
        `const record = this.#find(sessionId, now);
    if (record === undefined) return { outcome: 'absent' };`,
        `const record = this.#find(sessionId, now) ?? lastRead;
    if (record === undefined) return { outcome: 'absent' };`,
      ),
      change(
        memory,
        'return record && { ...record, asOf: now };',
        'lastRead = record ?? lastRead; return record && { ...record, asOf: now };',
      ),
      change(memory, 'const maxLooks = 1_000;', 'const maxLooks = 1_000; let lastRead;'),
    ],
  },
  'what wrote nothing does not look again': {
    breaks: 'c',
    story: 'the session is ended while an answer is repeated',
    replace: [
      change(
        act,
        `if (verdict === 'hold' || verdict === 'replay') return lookAgain(refresh, session);`,
        `if (verdict === 'hold' || verdict === 'replay') return { isDone: true, session };`,
      ),
    ],
  },
  'a slow hook is accused': {
    breaks: 'a',
    story: 'a hook is slow, and its token is spent meanwhile',
    replace: [
      change(judge, 'if (firstSeen !== undefined) throw refreshPending(refresh, session, 1);', ''),
      change(judge, 'age: hasMoved ? 0 : age,', 'age,'),
    ],
  },
  'a token ahead of the record is believed for its tag': {
    breaks: 'f',
    story: 'somebody with the refresh key forges the next generation',
    replace: [change(table, 'return carriesKnown && isNear', 'return isNear')],
  },
  'a token ahead of the record is refused': {
    breaks: 'a',
    story: 'a failover loses a rotation',
    replace: [
      change(
        table,
        `return carriesKnown && isNear ? 'redo' : 'rolled back'`,
        `return 'rolled back'`,
      ),
    ],
  },
  'a lost write is made good by going one further': {
    breaks: 'a',
    story: 'a failover loses a rotation while two tabs refresh',
    replace: [
      change(
        judge,
        `|| verdict === 'recover') {`,
        `|| verdict === 'recover' || verdict === 'redo') {`,
      ),
      change(
        judge,
        'refresh.key, session.generation + 1)',
        'refresh.key, Math.max(session.generation, presented.generation) + 1)',
      ),
      change(act, '{ token: redone(refresh, session) }', '{ token: rotated(refresh, token) }'),
    ],
  },
  'a confirmed generation ahead of the record is no reason to wait': {
    breaks: 'a',
    story: 'a failover loses a recovery whose use is then seen',
    replace: [
      change(table, 'if (isUnsettled || (hasLostAWrite && isInTime)) {', 'if (isUnsettled) {'),
    ],
  },
  'the successor of a step-up is repeated for its predecessor': {
    breaks: 'g',
    story: 'a copy from before a step-up comes at once',
    replace: [change(table, ' && keyIsThere && !steppedUp;', ';')],
  },
  'recovery keeps the level of a step-up': {
    breaks: 'g',
    story: 'a copy from before a step-up recovers',
    replace: [change(act, 'state.isUnderivable === true && data.step !== undefined;', 'false;')],
  },
  'a recovery signs for the session as it was': {
    breaks: 'g',
    story: 'a copy from before a step-up recovers',
    replace: [
      change(
        flow,
        'signOrRevoke(refresh, sessionToSign(accepted),',
        'signOrRevoke(refresh, accepted.session,',
      ),
    ],
  },
  'a step-up forgets the predecessor before': {
    breaks: 'a',
    story: 'the answers of two step-ups are lost',
    replace: [
      change(
        'issue/reauthenticate.ts',
        '[{ generation, secretHash }, ...state.predecessors]',
        '[{ generation, secretHash }]',
      ),
    ],
  },
  'a successor whose key is gone makes its predecessor a reuse': {
    breaks: 'a',
    story: 'the key of a fresh generation is removed while a request is under way',
    replace: [
      change(
        table,
        replayOrRetry,
        `return canRepeat ? 'replay' : keyIsThere || age > reuseInterval ? 'retry' : 'reused';`,
      ),
    ],
  },
  'a successor whose key is gone is replaced at once': {
    breaks: 'a',
    story: 'the key of a fresh generation is removed, and an answer is lost',
    replace: [
      change(
        table,
        replayOrRetry,
        `return canRepeat ? 'replay' : keyIsThere || age > reuseInterval ? 'retry' : 'recover';`,
      ),
    ],
  },
  'the predecessor is known by its number and tag, not by its secret': {
    breaks: 'f',
    story: 'somebody with the refresh key forges the predecessor, hours later',
    replace: [
      change(
        table,
        '({ secretHash }) => secretHash === presented.secretHash',
        '() => presented.sealed && presented.generation === stored.generation - 1',
      ),
    ],
  },
  'the current token is known by its number and tag, not by its secret': {
    breaks: 'f',
    story: 'somebody with the refresh key forges the current generation',
    replace: [
      change(
        table,
        'presented.generation === stored.generation && presented.secretHash === stored.secretHash',
        'presented.generation === stored.generation',
      ),
    ],
  },
  'at a reuse interval of 0 a command sent twice is not known': {
    breaks: 'a',
    story: 'at a reuse interval of 0, the client library sends the rotation twice',
    replace: [change(act, `result.outcome === 'swapped' || isOwn`, `result.outcome === 'swapped'`)],
  },
  'an update takes the equal text of another for its own': {
    breaks: 'd',
    story: 'two updates are made at the same time',
    replace: [change(update, 'nextVersion(data.version)', 'data.version + 1')],
  },
  'a rotation without a look has no minimum age': {
    breaks: 'a',
    story: 'without a hook, a fresh generation is presented',
    replace: [change(flow, 'presented.generation > 1 ? settleTime : undefined', 'undefined')],
  },
};
