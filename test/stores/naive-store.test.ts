// The suite can fail: every likely fault of a store fails the cases that are meant for it, and every case is
// failed by at least one fault.

import { setImmediate as turn } from 'node:timers/promises';

import type {
  CreateResult,
  ExpectedGeneration,
  NewSession,
  NextGeneration,
  RotateResult,
  SessionRecord,
  SessionSnapshot,
} from '@tokenpair/core/store';
import { createTestClock, describeSessionStore, type StoreUnderTest } from '@tokenpair/testing';

import { PlainData, PlainStore } from '../support/plain-store.js';

type StoreClass = typeof PlainStore;

interface Fault {
  readonly store: StoreClass;
  /** The cases that are meant for the fault and are run. Other cases may fail as well. */
  readonly fails: readonly string[];
}

const faults: Readonly<Record<string, Fault>> = {
  'reads first and writes in a second step': {
    store: class extends PlainStore {
      override step<T>(action: () => Promise<T>) {
        return this.data.isSilent ? this.whenSilent() : action();
      }
    },
    fails: [
      'lets one of 200 parallel callers through and shows the others the winner',
      'lets one caller through in each of twenty such rounds',
      'tells one of 200 parallel callers that it ended the session',
      'wins against 200 concurrent rotations: the session does not come back',
      'names every session to one of several parallel callers only',
      'wins against concurrent rotations',
      'holds under 60 parallel logins that evict: exactly 5 are left',
      'holds under 60 parallel logins that are refused: exactly 5 got in',
      'lets exactly 5 of 60 parallel logins refresh',
    ],
  },
  'rotates a session that does not exist': {
    store: class extends PlainStore {
      override async rotateNothing(sessionId: string, { moveAnchor: _, ...next }: NextGeneration) {
        const lifetimes = { idleLifetime: 1e9, absoluteLifetime: 1e9 };
        const rest = { sessionId, subject: 'nobody', cnf: '', data: '' };
        const record = this.recordOf({ ...rest, ...lifetimes, ...next });
        await this.write(record);
        return { outcome: 'swapped', session: this.snapshot(record) } satisfies RotateResult;
      }
    },
    fails: [
      'never creates: an unknown session is absent and stays so',
      'is final: the session is absent to every method',
      'wins against 200 concurrent rotations: the session does not come back',
      'finds no session that was never created',
      'ends a session at logout for every process',
    ],
  },
  'compares only the generation': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: { generation: number }) {
        return record.generation === expect.generation;
      }
    },
    fails: [
      'is a conflict for another hash, and leaves the record as it is',
      'is a conflict for an empty hash, and leaves the record as it is',
    ],
  },
  'compares only the hash': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: { secretHash: string }) {
        return record.secretHash === expect.secretHash;
      }
    },
    fails: [
      'is a conflict for the generation before, and leaves the record as it is',
      'is a conflict for the generation after, and leaves the record as it is',
    ],
  },
  'compares hashes loosely': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: { generation: number; secretHash: string }) {
        const [one, other] = [record.secretHash.toLowerCase(), expect.secretHash.toLowerCase()];
        return record.generation === expect.generation && one.startsWith(other);
      }
    },
    fails: [
      'is a conflict for a part of the hash, and leaves the record as it is',
      'is a conflict for the hash in other case, and leaves the record as it is',
    ],
  },
  'does not check the age': {
    store: class extends PlainStore {
      override isOldEnough() {
        return true;
      }
    },
    fails: [
      'is a conflict until the generation is older than asked, and leaves the record as it is',
      'counts the age from the last rotation, not from the beginning of the session',
      'is old enough when the clock was ahead by more than asked and was corrected',
    ],
  },
  'counts the age from login': {
    store: class extends PlainStore {
      override isOldEnough({ createdAt }: SessionRecord, olderThan = -1) {
        return Math.abs(this.now() - createdAt) > olderThan;
      }
    },
    fails: ['counts the age from the last rotation, not from the beginning of the session'],
  },
  'requires an age that is one millisecond too short': {
    store: class extends PlainStore {
      override isOldEnough({ rotatedAt }: SessionRecord, olderThan = -1) {
        return Math.abs(this.now() - rotatedAt) >= olderThan;
      }
    },
    fails: [
      'is a conflict until the generation is older than asked, and leaves the record as it is',
      'is old enough when the clock was ahead by more than asked and was corrected',
    ],
  },
  'never counts a record from a clock that was ahead as old': {
    store: class extends PlainStore {
      override isOldEnough({ rotatedAt }: SessionRecord, olderThan = -1) {
        return this.now() - rotatedAt > olderThan;
      }
    },
    fails: ['is old enough when the clock was ahead by more than asked and was corrected'],
  },
  'checks the age in one step and writes in the next': {
    store: class extends PlainStore {
      override async rotate(...[sessionId, expect, next]: Parameters<PlainStore['rotate']>) {
        if (expect.olderThan === undefined) return super.rotate(sessionId, expect, next);
        const seen = await this.get(sessionId);
        if (!seen || !this.matches(seen, expect) || !this.isOldEnough(seen, expect.olderThan)) {
          return super.rotate(sessionId, expect, next);
        }
        for (let turns = 0; turns < 10; turns += 1) await turn();
        const swapped = this.successorOf(seen, next);
        await this.write(swapped);
        return { outcome: 'swapped', session: this.snapshot(swapped) } as const;
      }
    },
    fails: ['lets one of 200 parallel callers through that all ask for the same age'],
  },
  'checks only the age': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: ExpectedGeneration) {
        return expect.olderThan !== undefined || super.matches(record, expect);
      }
    },
    fails: ['needs the generation and the hash whatever the age'],
  },
  'assumes that generations come in order': {
    store: class extends PlainStore {
      override successorOf(record: SessionRecord, next: NextGeneration) {
        const generation = Math.max(record.generation + 1, next.generation);
        return super.successorOf(record, { ...next, generation });
      }
    },
    fails: ['can go back to a lower generation: it compares, and does not order'],
  },
  'always moves the anchor': {
    store: class extends PlainStore {
      override successorOf(record: SessionRecord, next: NextGeneration) {
        return super.successorOf(record, { ...next, moveAnchor: true });
      }
    },
    fails: ['keeps the anchor unless the caller moves it'],
  },
  'drops data when it rotates': {
    store: class extends PlainStore {
      override successorOf(record: SessionRecord, next: NextGeneration) {
        return { ...super.successorOf(record, next), data: '' };
      }
    },
    fails: ['replaces the given members and keeps the others'],
  },
  'does not report which attempt rotated': {
    store: class extends PlainStore {
      override successorOf(record: SessionRecord, next: NextGeneration) {
        return { ...super.successorOf(record, next), attempt: record.attempt };
      }
    },
    fails: [
      'shows a repeated command the attempt that it made itself',
      'has done the whole of a rotation that was not answered, or nothing of it',
    ],
  },
  'refuses when it is busy': {
    store: class extends PlainStore {
      override async rotate(...command: Parameters<PlainStore['rotate']>) {
        if (busy.has(this.data)) return { outcome: 'absent' } satisfies RotateResult;
        busy.add(this.data);
        try {
          return await super.rotate(...command);
        } finally {
          busy.delete(this.data);
        }
      }
    },
    fails: [
      'lets every one of 50 sessions through at once',
      'gives 200 parallel refreshes of one token, from two processes, the same successor',
    ],
  },
  'never forgets': {
    store: class extends PlainStore {
      override endOf() {
        return Number.POSITIVE_INFINITY;
      }
    },
    fails: [
      'comes when it was idle too long, and not before',
      'is postponed by nothing else',
      'comes at its absolute instant, however often it was rotated',
      'comes after 25 days where that is the lifetime, and no sooner',
      'comes after 30 days where that is the lifetime, and no sooner',
      'comes after 90 days where that is the lifetime, and no sooner',
      'comes after 365 days where that is the lifetime, and no sooner',
      'is not put back by the rotation of another session',
      'takes it out of the list and of what a revocation names, and leaves the others in',
      'makes room for another session, also when no one has read in between',
    ],
  },
  'ends a session after its last instant, not at it': {
    store: class extends PlainStore {
      override endOf(record: SessionRecord) {
        return super.endOf(record) + 1;
      }
    },
    fails: [
      'comes when it was idle too long, and not before',
      'comes at its absolute instant, however often it was rotated',
    ],
  },
  'counts idle time from creation': {
    store: class extends PlainStore {
      override endOf({ createdAt, idleLifetime, expiresAt }: SessionRecord) {
        return Math.min(createdAt + idleLifetime, expiresAt);
      }
    },
    fails: ['is postponed by a rotation'],
  },
  'counts idle time from the last read': {
    store: class extends PlainStore {
      override async find(sessionId: string) {
        const record = await super.find(sessionId);
        if (record) await this.write({ ...record, rotatedAt: this.now() });
        return record;
      }
    },
    fails: [
      'is postponed by nothing else',
      'is a conflict for another hash, and leaves the record as it is',
    ],
  },
  'moves the absolute end': {
    store: class extends PlainStore {
      override successorOf(record: SessionRecord, next: NextGeneration) {
        const moved = { ...record, expiresAt: this.now() + record.expiresAt - record.createdAt };
        return super.successorOf(moved, next);
      }
    },
    fails: ['comes at its absolute instant, however often it was rotated'],
  },
  'counts lifetimes in 32 bits': {
    store: class extends PlainStore {
      override endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord) {
        // This is what setTimeout does with long delays.
        return Math.min(rotatedAt + (idleLifetime > 0x7f_ff_ff_ff ? 1 : idleLifetime), expiresAt);
      }
    },
    fails: [
      'comes after 25 days where that is the lifetime, and no sooner',
      'comes after 365 days where that is the lifetime, and no sooner',
    ],
  },
  'keeps all sessions of a subject as long as one of them': {
    store: class extends PlainStore {
      override async find(sessionId: string) {
        const record = await super.find(sessionId);
        if (record) return record;
        const row = this.data.rows.get(sessionId);
        const others = [...this.data.rows.values()].map(({ text }) => this.decode(text));
        const isKept = others.some(
          (one) => one && this.keyOf(one.subject) === row?.subject && this.now() < this.endOf(one),
        );
        return row && isKept ? this.decode(row.text) : undefined;
      }
    },
    fails: [
      'is not put back by the rotation of another session',
      'takes it out of the list and of what a revocation names, and leaves the others in',
    ],
  },
  'enforces no session limit': {
    store: class extends PlainStore {
      override surplus() {
        return [];
      }
    },
    fails: [
      'holds under 60 parallel logins that evict: exactly 5 are left',
      'holds under 60 parallel logins that are refused: exactly 5 got in',
      'evicts the least recently refreshed first, and names it',
      'changes nothing when it refuses',
      'counts live sessions of that subject only',
    ],
  },
  'counts expired sessions': {
    store: class extends PlainStore {
      override async counted(subject: string) {
        return this.idsOf(subject).flatMap(
          (id) => this.decode(this.data.rows.get(id)?.text ?? '') ?? [],
        );
      }
    },
    fails: ['makes room for another session, also when no one has read in between'],
  },
  'counts the sessions of all subjects': {
    store: class extends PlainStore {
      override async counted() {
        const found = await Promise.all([...this.data.rows.keys()].map((id) => this.find(id)));
        return found.filter((record) => record !== undefined);
      }
    },
    fails: ['ends no session of another subject', 'counts live sessions of that subject only'],
  },
  'evicts the newest': {
    store: class extends PlainStore {
      override surplus(counted: readonly SessionRecord[], max: number) {
        return this.inOrder(counted).slice(0, Math.max(0, counted.length - max + 1));
      }
    },
    fails: [
      'evicts the least recently refreshed first, and names it',
      'evicts as many as a lower limit asks for, oldest first',
    ],
  },
  'evicts only one session': {
    store: class extends PlainStore {
      override surplus(counted: readonly SessionRecord[], max: number) {
        return super.surplus(counted, max).slice(0, 1);
      }
    },
    fails: ['evicts as many as a lower limit asks for, oldest first'],
  },
  'evicts sessions without reporting them': {
    store: class extends PlainStore {
      override async create(...command: Parameters<PlainStore['create']>): Promise<CreateResult> {
        const result = await super.create(...command);
        return result.outcome === 'created' ? { ...result, evicted: [] } : result;
      }
    },
    fails: [
      'evicts the least recently refreshed first, and names it',
      'holds under 60 parallel logins that evict: exactly 5 are left',
    ],
  },
  'treats a repeated creation as a new session': {
    store: class extends PlainStore {
      override isRepeated() {
        return false;
      }
    },
    fails: [
      'answers as before when the client library repeats the command',
      'is repeated without ending the session that it made',
    ],
  },
  'hands out its own records': {
    store: class extends PlainStore {
      readonly #handedOut = new Map<string, SessionSnapshot>();
      override snapshot(record: SessionRecord) {
        const kept = this.#handedOut.get(record.sessionId);
        if (kept?.attempt === record.attempt) return Object.assign(kept, { asOf: this.now() });
        const snapshot = super.snapshot(record);
        this.#handedOut.set(record.sessionId, snapshot);
        return snapshot;
      }
    },
    fails: ['returns copies: changing one does not change the record'],
  },
  'keeps the object that it was given': {
    store: class extends PlainStore {
      override recordOf(session: NewSession) {
        given.set(session.sessionId, session);
        return super.recordOf(session);
      }
      override snapshot(record: SessionRecord) {
        const { secretHash } =
          record.generation === 1 ? (given.get(record.sessionId) ?? record) : record;
        return { ...super.snapshot(record), secretHash };
      }
    },
    fails: ['is not affected by later changes of the object that it got'],
  },
  'reads the clock only once': {
    store: class extends PlainStore {
      override snapshot(record: SessionRecord) {
        return { ...super.snapshot(record), asOf: record.createdAt };
      }
    },
    fails: ['returns the time of reading', 'replaces the given members and keeps the others'],
  },
  'takes its times from another clock': {
    store: class extends PlainStore {
      override recordOf(session: NewSession) {
        return { ...super.recordOf(session), createdAt: 0 };
      }
    },
    fails: ['adds the times, by the clock of the store, and returns the record'],
  },
  'writes fields between separators': {
    store: class extends PlainStore {
      override encode({ subject, data, cnf, ...rest }: SessionRecord) {
        return [JSON.stringify(rest), subject, data, cnf].join('|');
      }
      override decode(text: string) {
        const [rest = '', subject = '', data = '', cnf = ''] = text.split('|');
        return { ...(super.decode(rest) as SessionRecord), subject, data, cnf };
      }
    },
    fails: [
      'keeps separators in the subject exactly',
      'keeps the longest data exactly',
      'keeps data that looks like a record exactly',
    ],
  },
  'writes JSON into JSON': {
    store: class extends PlainStore {
      override encode({ subject, data, ...rest }: SessionRecord) {
        const text = JSON.stringify(rest).slice(0, -1);
        return `${text},"subject":"${subject}","data":${data || '""'}}`;
      }
      override decode(text: string) {
        const { subject, data, ...rest } = super.decode(text) as SessionRecord;
        return { ...rest, subject, data: data && JSON.stringify(data) };
      }
    },
    fails: [
      'keeps a line break in the subject exactly',
      'keeps control characters in the subject exactly',
      'keeps a subject that looks like JSON exactly',
      'keeps the longest data exactly',
    ],
  },
  'truncates long values': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        const { subject, data, cnf, generation, keyId, idleLifetime } = record;
        return super.encode({
          ...record,
          subject: subject.slice(0, 255),
          data: data.slice(0, 8_192),
          cnf: cnf.slice(0, 32),
          generation: Math.min(generation, 0x7f_ff_ff_ff),
          keyId: keyId % 8,
          idleLifetime: Math.min(idleLifetime, 0xff_ff_ff_ff),
        });
      }
    },
    fails: [
      'keeps the longest subject exactly',
      'keeps data past the maximum to the letter or refuses it, and never cuts it',
      'keeps a bound key exactly',
      'keeps the highest generation exactly',
      'keeps the highest key id exactly',
      'keeps lifetimes of fifty years exactly',
    ],
  },
  'stores only Latin-1': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        return Buffer.from(super.encode(record), 'latin1').toString('latin1');
      }
    },
    fails: ['keeps any alphabet in the subject exactly'],
  },
  'normalizes subjects': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        const subject = record.subject
          .trim()
          .replace(/^0+(?=\d)/, '')
          .replaceAll("'", "''");
        return super.encode({ ...record, subject });
      }
    },
    fails: [
      'keeps a subject with spaces around it exactly',
      'keeps a subject that looks like a number exactly',
      'keeps a subject that looks like SQL exactly',
    ],
  },
  'keeps subjects as UTF-8': {
    store: class extends PlainStore {
      override keyOf(subject: string) {
        return Buffer.from(subject).toString();
      }
    },
    fails: ['ends no session of a subject that has the same UTF-8 form'],
  },
  'keeps subjects in an object': {
    store: class extends PlainStore {
      override idsOf(subject: string) {
        const bySubject: Record<string, string[]> = {};
        for (const [sessionId, row] of this.data.rows) {
          const ids = Array.isArray(bySubject[row.subject]) ? bySubject[row.subject] : undefined;
          bySubject[row.subject] = [...(ids ?? []), sessionId];
        }
        const own = Object.hasOwn(bySubject, subject) ? bySubject[subject] : undefined;
        return own ?? [];
      }
    },
    fails: ['keeps a subject that objects inherit exactly'],
  },
  'treats empty or short values as missing': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        return super.encode({
          ...record,
          data: record.data || '{}',
          idleLifetime: Math.max(record.idleLifetime, 60_000),
        });
      }
    },
    fails: ['keeps no data exactly', 'keeps lifetimes of a second exactly'],
  },
  'looks up subjects in lower case': {
    store: class extends PlainStore {
      override keyOf(subject: string) {
        return subject.toLowerCase();
      }
    },
    fails: ['lists the sessions of that very subject'],
  },
  'treats subjects as patterns': {
    store: class extends PlainStore {
      override belongs(rowKey: string, key: string) {
        return key.endsWith('*') ? rowKey.startsWith(key.slice(0, -1)) : rowKey === key;
      }
    },
    fails: ['lists the sessions of that very subject'],
  },
  'lists backwards': {
    store: class extends PlainStore {
      override async list(subject: string) {
        return (await super.list(subject)).toReversed();
      }
    },
    fails: ['lists the most recently refreshed first'],
  },
  'reads from its own cache': {
    store: class extends PlainStore {
      readonly #seen = new Map<string, SessionRecord>();
      override async find(sessionId: string) {
        const seen = this.#seen.get(sessionId);
        if (seen) return this.now() < this.endOf(seen) ? seen : undefined;
        const record = await super.find(sessionId);
        if (record) this.#seen.set(sessionId, record);
        return record;
      }
      override async write(record: SessionRecord) {
        this.#seen.set(record.sessionId, record);
        await super.write(record);
      }
      override async remove(sessionId: string) {
        this.#seen.delete(sessionId);
        await super.remove(sessionId);
      }
    },
    fails: ['sees at once what another connection wrote', 'wins against concurrent rotations'],
  },
  'always reports a successful revocation': {
    store: class extends PlainStore {
      override async revoke(sessionId: string) {
        await super.revoke(sessionId);
        return true;
      }
    },
    fails: [
      'returns false for a session that was never created',
      'tells one of 200 parallel callers that it ended the session',
    ],
  },
  'revokes all sessions of a subject at once': {
    store: class extends PlainStore {
      override async revoke(sessionId: string) {
        const record = await this.get(sessionId);
        await this.revokeSubject(record?.subject ?? '');
        return record !== undefined;
      }
    },
    fails: ['leaves every other session as it is'],
  },
  'revokes only in the index': {
    store: class extends PlainStore {
      override async remove(sessionId: string) {
        const row = this.data.rows.get(sessionId);
        if (row) this.data.rows.set(sessionId, { ...row, subject: '' });
      }
    },
    fails: [
      'is final: the session is absent to every method',
      'ends all of its sessions and no other, and names them',
      'wins against concurrent rotations',
    ],
  },
  'revokes subjects without returning session IDs': {
    store: class extends PlainStore {
      override async revokeSubject(...command: Parameters<PlainStore['revokeSubject']>) {
        await super.revokeSubject(...command);
        return [];
      }
    },
    fails: [
      'ends all of its sessions and no other, and names them',
      'names every session to one of several parallel callers only',
    ],
  },
  'always returns a session ID from revokeSubject': {
    store: class extends PlainStore {
      override async revokeSubject(...command: Parameters<PlainStore['revokeSubject']>) {
        const ended = await super.revokeSubject(...command);
        return ended.length === 0 ? [command[0]] : ended;
      }
    },
    fails: ['answers nothing for a subject without sessions'],
  },
  'ignores the option except': {
    store: class extends PlainStore {
      override revokeSubject(subject: string) {
        return super.revokeSubject(subject);
      }
    },
    fails: ['keeps exactly the session that is excepted'],
  },
  'ends no session when except is not a session of the subject': {
    store: class extends PlainStore {
      override async revokeSubject(subject: string, except?: string) {
        return except && !this.idsOf(subject).includes(except)
          ? []
          : super.revokeSubject(subject, except);
      }
    },
    fails: ['ignores an exception that is not a session of the subject'],
  },
  'blocks a revoked subject forever': {
    store: class extends PlainStore {
      override async revokeSubject(subject: string, except?: string) {
        barred.add(subject);
        return super.revokeSubject(subject, except);
      }
      override async write(record: SessionRecord) {
        if (!barred.has(record.subject)) await super.write(record);
      }
    },
    fails: ['leaves the subject free to sign in again'],
  },
  'treats a garbled record as absent': {
    store: class extends PlainStore {
      override decode(text: string) {
        return text.startsWith('{') ? super.decode(text) : undefined;
      }
    },
    fails: ['rejects with 503 for a garbled record, and never reports a session or its absence'],
  },
  'reads all records to find one': {
    store: class extends PlainStore {
      override async find(sessionId: string) {
        for (const { text } of this.data.rows.values()) this.decode(text);
        return super.find(sessionId);
      }
    },
    fails: ['serves other subjects while one record is garbled'],
  },
  'cannot end a garbled session': {
    store: class extends PlainStore {
      override findIgnoringGarbage(sessionId: string) {
        return this.find(sessionId);
      }
    },
    fails: ['can end a session whose record is garbled'],
  },
  'waits forever': {
    store: class extends PlainStore {
      override whenSilent() {
        return new Promise<never>(() => {});
      }
    },
    fails: [
      'answers 503 in time when nothing answers it, whatever is asked',
      'has done the whole of a rotation that was not answered, or nothing of it',
    ],
  },
  'rejects with what its client library threw': {
    store: class extends PlainStore {
      override async whenSilent(): Promise<never> {
        throw new Error('connect ETIMEDOUT');
      }
    },
    fails: ['answers 503 in time when nothing answers it, whatever is asked'],
  },
  'reports a session as absent when the server is silent': {
    store: class extends PlainStore {
      override async get(sessionId: string) {
        return this.data.isSilent ? undefined : super.get(sessionId);
      }
    },
    fails: ['answers 503 in time when nothing answers it, whatever is asked'],
  },
  'reports every conflict as reuse': {
    store: class extends PlainStore {
      override async rotate(...command: Parameters<PlainStore['rotate']>) {
        const result = await super.rotate(...command);
        if (result.outcome === 'conflict') {
          await this.revokeSubject(result.session.subject);
        }
        return result;
      }
    },
    fails: ['gives 200 parallel refreshes of one token, from two processes, the same successor'],
  },
  'ends every session of the subject when it ends one': {
    store: class extends PlainStore {
      override async revoke(sessionId: string) {
        const session = await this.get(sessionId);
        if (session) await this.revokeSubject(session.subject);
        return session !== undefined;
      }
    },
    fails: [
      'ends the session of a refresh token that comes back two generations later, and no other',
    ],
  },
};

const busy = new WeakSet<PlainData>();
const given = new Map<string, NewSession>();
const barred = new Set<string>();

function makeStore(Store: StoreClass): StoreUnderTest {
  const clock = createTestClock();
  const data = new PlainData();
  return {
    store: new Store(data, clock.now),
    another: () => new Store(data, clock.now),
    advance: (milliseconds) => clock.advance(milliseconds / 1_000),
    garble: (sessionId) => {
      const row = data.rows.get(sessionId);
      if (row) data.rows.set(sessionId, { ...row, text: 'gone fishing' });
    },
    hang: () => {
      data.isSilent = true;
      return () => {
        data.isSilent = false;
      };
    },
  };
}

interface Collected {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** The cases of the suite for a store, before they run. */
function collect(Store: StoreClass): Collected[] {
  const cases: Collected[] = [];
  describeSessionStore('a naive store', () => makeStore(Store), {
    describe: (_name, define) => define(),
    it: (name, run) => cases.push({ name, run }),
  });
  return cases;
}

/** Names of the given cases that fail. */
async function findFailing(
  Store: StoreClass,
  isAsked: (name: string) => boolean,
): Promise<string[]> {
  const cases = collect(Store).filter(({ name }) => isAsked(name));
  const results = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases.filter((_, index) => results[index]?.status === 'rejected').map(({ name }) => name);
}

describe('the suite for session stores', () => {
  it('has at least 40 cases, each with a unique name', () => {
    const names = collect(PlainStore).map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(40);
    expect(new Set(names).size).toBe(names.length);
  });

  it('passes a simple store without faults', async () => {
    expect(await findFailing(PlainStore, () => true)).toEqual([]);
  });

  it.each(Object.entries(faults))('fails a store that %s', async (_fault, { store, fails }) => {
    expect(fails).not.toEqual([]);
    const failing = await findFailing(store, (name) => fails.includes(name));
    expect(failing.toSorted()).toEqual(fails.toSorted());
  });

  it('has only cases that at least one fault fails', () => {
    const failed = new Set(Object.values(faults).flatMap(({ fails }) => fails));
    const names = collect(PlainStore).map(({ name }) => name);
    expect(names.filter((name) => !failed.has(name))).toEqual([]);
  });
});
