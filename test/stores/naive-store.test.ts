// The suite can fail: every likely fault of a store fails the cases that are meant for it, and every case is
// failed by at least one fault.

import { setImmediate as turn } from 'node:timers/promises';

import type {
  Change,
  CreateResult,
  Expected,
  NewSession,
  SessionRecord,
  SessionSnapshot,
  SwapResult,
} from '@tokenpair/core/store';
import { createTestClock, describeSessionStore, type StoreUnderTest } from '@tokenpair/testing';

import { testWithFaults, type Failing } from '../support/faults.js';
import { PlainData, PlainStore } from '../support/plain-store.js';

type StoreClass = typeof PlainStore;
type Swap = Parameters<PlainStore['swap']>;

interface Naive {
  readonly store: StoreClass;
}

const faults: Readonly<Record<string, Naive & Failing>> = {
  'reads first and writes in a second step': {
    store: class extends PlainStore {
      override step<T>(action: () => Promise<T>) {
        return this.data.isSilent ? this.whenSilent() : action();
      }
    },
    fails: [
      'lets one of 60 parallel callers through and shows the others the winner, ten times',
      'lets one of 60 parallel callers through that all ask for the same age',
      'lets one of 60 parallel updates of the same data through, and shows the others the winner',
      'loses none of 30 updates and 40 rotations at the same time',
      'keeps the highest of the numbers that arrive in any order',
      'loses no number, rotation or update of the same time',
      'tells one of 60 parallel callers that it ended the session',
      'wins against 60 concurrent writes: the session does not come back',
      'names every session to one of several parallel callers only',
      'wins against concurrent writes',
      'is reported by one of 60 parallel logins that replace the same session',
      'holds under 60 parallel logins that evict: exactly 5 are left',
      'holds under 60 parallel logins that are refused: exactly 5 got in',
      'lets exactly 5 of 60 parallel logins refresh',
    ],
  },
  'keeps the number that was raised last': {
    store: class extends PlainStore {
      override async raise(name: string, value: number) {
        await turn();
        const raised = value === 0 ? (this.data.raised.get(name) ?? 0) : value;
        this.data.raised.set(name, raised);
        return raised;
      }
    },
    fails: [
      'keeps the greater number and answers it; 0 reads',
      'keeps the greatest of the numbers that arrive at the same time',
    ],
  },
  'keeps one number for all names': {
    store: class extends PlainStore {
      override raise(_name: string, value: number) {
        return super.raise('', value);
      }
    },
    fails: ['keeps names apart, of any characters, and apart from sessions'],
  },
  'keeps a number with the sessions of an owner': {
    store: class extends PlainStore {
      override async revokeOwner(owner: string, except?: string) {
        this.data.raised.delete(owner);
        return super.revokeOwner(owner, except);
      }
    },
    fails: ['keeps the number without expiry'],
  },
  'swaps a session that does not exist': {
    store: class extends PlainStore {
      override async swapNothing(sessionId: string, next: Change) {
        const lifetimes = { idleLifetime: 1e9, absoluteLifetime: 1e9 };
        const token = next.token ?? { generation: 1, secretHash: '', state: '' };
        const record = this.recordOf({ sessionId, owner: '', data: '', ...lifetimes, ...token });
        await this.write(record);
        return { outcome: 'swapped', session: this.snapshot(record) } satisfies SwapResult;
      }
    },
    fails: [
      'never creates: an unknown session is absent and stays so',
      'is final: the session is absent to every method',
      'wins against 60 concurrent writes: the session does not come back',
      'finds no session that was never created',
      'ends a session at logout for every process',
    ],
  },
  'compares only the generation': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, { generation = record.generation }: Expected) {
        return record.generation === generation;
      }
    },
    fails: [
      'is a conflict for another hash, and leaves the record as it is',
      'is a conflict for an empty hash, and leaves the record as it is',
    ],
  },
  'compares only the hash': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, { secretHash = record.secretHash }: Expected) {
        return record.secretHash === secretHash;
      }
    },
    fails: [
      'is a conflict for the generation before, and leaves the record as it is',
      'is a conflict for the generation after, and leaves the record as it is',
    ],
  },
  'does not compare data': {
    store: class extends PlainStore {
      override hasData() {
        return true;
      }
    },
    fails: [
      'is a conflict for other data, and leaves the record as it is',
      'is a conflict for other data of the expected token, and leaves the record as it is',
      'distinguishes empty data from data that is not named',
      'lets one of 60 parallel updates of the same data through, and shows the others the winner',
      'loses none of 30 updates and 40 rotations at the same time',
    ],
  },
  'compares data only when no token is expected': {
    store: class extends PlainStore {
      override hasData(record: SessionRecord, expect: Expected) {
        return expect.secretHash !== undefined || super.hasData(record, expect);
      }
    },
    fails: ['is a conflict for other data of the expected token, and leaves the record as it is'],
  },
  'compares data loosely': {
    store: class extends PlainStore {
      override hasData(record: SessionRecord, { data = '' }: Expected) {
        return record.data.toLowerCase().startsWith(data.toLowerCase());
      }
    },
    fails: [
      'is a conflict for a part of the data, and leaves the record as it is',
      'is a conflict for the data in other case, and leaves the record as it is',
      'is a conflict for empty data, and leaves the record as it is',
      'distinguishes empty data from data that is not named',
    ],
  },
  'does not compare the confirmed generation': {
    store: class extends PlainStore {
      override isConfirmed() {
        return true;
      }
    },
    fails: [
      'is a conflict for a lower confirmed generation, and leaves the record as it is',
      'is a conflict for a higher confirmed generation, and leaves the record as it is',
      'is a conflict for another confirmed generation of the expected token, and leaves the record as it is',
      'is a conflict for a swap that expects the number before',
    ],
  },
  'requires a confirmed generation of at least the expected one': {
    store: class extends PlainStore {
      override isConfirmed(record: SessionRecord, { confirmed = 0 }: Expected) {
        return record.confirmed >= confirmed;
      }
    },
    fails: [
      'is a conflict for a lower confirmed generation, and leaves the record as it is',
      'is a conflict for a swap that expects the number before',
    ],
  },
  'compares the token only when nothing else is expected': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, expect: Expected) {
        return expect.data !== undefined || super.hasToken(record, expect);
      }
    },
    fails: [
      'is a conflict for another token with the expected data, and leaves the record as it is',
    ],
  },
  'cannot swap without an expected token': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, expect: Expected) {
        return record.generation === expect.generation && super.hasToken(record, expect);
      }
    },
    fails: [
      'writes a record that fits when it expects data alone',
      'writes a record that fits when it expects the confirmed generation alone',
      'writes a record that fits when it expects an age alone',
      'writes the idle lifetime and nothing else',
    ],
  },
  'always compares everything, also what is not named': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: Expected) {
        const { data = record.data, confirmed = 0 } = expect;
        return super.matches(record, { ...expect, data, confirmed });
      }
    },
    fails: [
      'writes a record that fits when it expects generation and hash alone',
      'writes the token half with the time, and keeps the session half',
    ],
  },
  'never finds everything as expected': {
    store: class extends PlainStore {
      override matches(record: SessionRecord, expect: Expected) {
        return Object.keys(expect).length < 5 && super.matches(record, expect);
      }
    },
    fails: ['writes a record that fits when it expects all of these at once'],
  },
  'compares hashes loosely': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, expect: Expected) {
        const { generation = record.generation, secretHash = '' } = expect;
        const [one, other] = [record.secretHash.toLowerCase(), secretHash.toLowerCase()];
        return record.generation === generation && one.startsWith(other);
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
      override async swap(...[sessionId, expect, next]: Swap) {
        if (expect.olderThan === undefined) return super.swap(sessionId, expect, next);
        const seen = await this.get(sessionId);
        if (!seen || !this.matches(seen, expect)) return super.swap(sessionId, expect, next);
        for (let turns = 0; turns < 10; turns += 1) await turn();
        const swapped = this.changed(seen, next);
        await this.write(swapped);
        return { outcome: 'swapped', session: this.snapshot(swapped) } as const;
      }
    },
    fails: ['lets one of 60 parallel callers through that all ask for the same age'],
  },
  'checks only the age': {
    store: class extends PlainStore {
      override hasToken(record: SessionRecord, expect: Expected) {
        return expect.olderThan !== undefined || super.hasToken(record, expect);
      }
    },
    fails: ['requires generation and hash at any age'],
  },
  'answers a conflict with the record as it was when the command arrived': {
    store: class extends PlainStore {
      override async swap(...[sessionId, expect, next]: Swap) {
        const seen = this.data.isSilent ? undefined : await this.find(sessionId);
        const result = await super.swap(sessionId, expect, next);
        if (result.outcome !== 'conflict' || !seen) return result;
        return { outcome: 'conflict', session: { ...result.session, ...seen } } as const;
      }
    },
    fails: [
      'lets one of 60 parallel callers through and shows the others the winner, ten times',
      'lets one of 60 parallel updates of the same data through, and shows the others the winner',
    ],
  },
  'assumes that generations come in order': {
    store: class extends PlainStore {
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        const generation = Math.max(record.generation + 1, token.generation);
        return super.rotated(record, { ...token, generation });
      }
    },
    fails: ['can write a lower generation, or the same one: it compares, and does not order'],
  },
  'drops data when it rotates': {
    store: class extends PlainStore {
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        return { ...super.rotated(record, token), data: '' };
      }
    },
    fails: [
      'writes the token half with the time, and keeps the session half',
      'writes both halves in one swap',
    ],
  },
  'forgets at a rotation which generation was seen in use': {
    store: class extends PlainStore {
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        return { ...super.rotated(record, token), confirmed: 0 };
      }
    },
    fails: [
      'writes the token half with the time, and keeps the session half',
      'is kept by rotations and updates, and by those that write another generation',
    ],
  },
  'never replaces the state': {
    store: class extends PlainStore {
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        return super.rotated(record, { ...token, state: record.state });
      }
    },
    fails: [
      'shows a repeated command the record that it wrote itself',
      'has done the whole of a swap that was not answered, or nothing of it',
    ],
  },
  'writes only one half in a swap': {
    store: class extends PlainStore {
      override changed(record: SessionRecord, next: Change) {
        return super.changed(record, next.token ? { token: next.token } : next);
      }
    },
    fails: [
      'writes both halves in one swap',
      'has done the whole of a swap that was not answered, or nothing of it',
    ],
  },
  'cannot change lifetimes': {
    store: class extends PlainStore {
      override changed(record: SessionRecord, { idleLifetime, expiresAt, ...rest }: Change) {
        return super.changed(record, rest);
      }
    },
    fails: [
      'writes the idle lifetime and nothing else',
      'writes the absolute end and nothing else',
      'writes all of the session half and nothing else',
      'is brought nearer by an earlier absolute end, and not before it',
      'is moved later by a later absolute end, for every method',
      'is brought nearer by a shorter idle lifetime, which counts from the last rotation',
      'is moved later by a longer idle lifetime, which counts from the last rotation',
      'comes at once when an end in the past is written, also one before the last rotation',
    ],
  },
  'cannot bring an end nearer': {
    store: class extends PlainStore {
      override changed(record: SessionRecord, next: Change) {
        const { expiresAt, idleLifetime, ...rest } = super.changed(record, next);
        return {
          ...rest,
          expiresAt: Math.max(expiresAt, record.expiresAt),
          idleLifetime: Math.max(idleLifetime, record.idleLifetime),
        };
      }
    },
    fails: [
      'is brought nearer by an earlier absolute end, and not before it',
      'is brought nearer by a shorter idle lifetime, which counts from the last rotation',
      'comes at once when an end in the past is written, also one before the last rotation',
    ],
  },
  'writes an update over the whole record': {
    store: class extends PlainStore {
      override async swap(...[sessionId, expect, next]: Swap): Promise<SwapResult> {
        if (next.token) return super.swap(sessionId, expect, next);
        const seen = await this.get(sessionId);
        if (!seen || !this.matches(seen, expect)) return super.swap(sessionId, expect, next);
        const { generation, secretHash, state } = seen;
        const token = { generation, secretHash, state };
        return super.swap(sessionId, expect, { ...next, token });
      }
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        const isUpdate = token.secretHash === record.secretHash;
        return isUpdate ? token : super.rotated(record, token);
      }
    },
    fails: [
      'loses none of 30 updates and 40 rotations at the same time',
      'loses no number, rotation or update of the same time',
    ],
  },
  'writes a rotation over the whole record': {
    store: class extends PlainStore {
      override async swap(...[sessionId, expect, next]: Swap): Promise<SwapResult> {
        if (!next.token || this.data.isSilent) return super.swap(sessionId, expect, next);
        const seen = await this.find(sessionId);
        return super.swap(sessionId, expect, { data: seen?.data ?? '', ...next });
      }
    },
    fails: [
      'loses none of 30 updates and 40 rotations at the same time',
      'loses no number, rotation or update of the same time',
    ],
  },
  'starts the idle lifetime again at an update': {
    store: class extends PlainStore {
      override changed(record: SessionRecord, next: Change) {
        return { ...super.changed(record, next), rotatedAt: this.now() };
      }
    },
    fails: [
      'writes data and nothing else',
      'is postponed by nothing else',
      'is moved later by a longer idle lifetime, which counts from the last rotation',
    ],
  },
  'lets a report lower the number': {
    store: class extends PlainStore {
      override confirmed(record: SessionRecord, generation: number) {
        return { ...record, confirmed: generation };
      }
    },
    fails: ['never lowers the number', 'keeps the highest of the numbers that arrive in any order'],
  },
  'ignores all reports but the first': {
    store: class extends PlainStore {
      override confirmed(record: SessionRecord, generation: number) {
        return { ...record, confirmed: record.confirmed || generation };
      }
    },
    fails: ['keeps the highest of the numbers that arrive in any order'],
  },
  'takes reports of any number': {
    store: class extends PlainStore {
      override isTooFarAhead() {
        return false;
      }
    },
    fails: ['takes the generation after that of the record, and ignores one further ahead'],
  },
  'takes no report ahead of the record': {
    store: class extends PlainStore {
      override isTooFarAhead(record: SessionRecord, generation: number) {
        return generation > record.generation;
      }
    },
    fails: ['takes the generation after that of the record, and ignores one further ahead'],
  },
  'starts the idle lifetime again at a report': {
    store: class extends PlainStore {
      override confirmed(record: SessionRecord, generation: number) {
        return { ...super.confirmed(record, generation), rotatedAt: this.now() };
      }
    },
    fails: [
      'writes the generation that was seen in use, and nothing else',
      'is postponed by nothing else',
    ],
  },
  'creates a session at a report': {
    store: class extends PlainStore {
      override async confirm(sessionId: string, generation: number) {
        await super.confirm(sessionId, generation);
        if (!this.data.rows.has(sessionId)) {
          await this.swapNothing(sessionId, {});
          const one = { sessionId, owner: 'x', generation, secretHash: '', state: '', data: '' };
          await this.write(this.recordOf({ ...one, idleLifetime: 1e9, absoluteLifetime: 1e9 }));
        }
      }
    },
    fails: [
      'does nothing to a session that does not exist or was revoked',
      'is final: the session is absent to every method',
    ],
  },
  'ignores replaces': {
    store: class extends PlainStore {
      override async findReplaced() {
        return undefined;
      }
    },
    fails: [
      'ends that session before the limit is counted',
      'evicts no other session when the replaced one makes enough room',
      'is reported by one of 60 parallel logins that replace the same session',
    ],
  },
  'replaces a session of any owner': {
    store: class extends PlainStore {
      override async findReplaced(_owner: string, replaces = '') {
        return this.find(replaces);
      }
    },
    fails: ['ignores a session of another owner'],
  },
  'counts the session that is replaced': {
    store: class extends PlainStore {
      override counted(owner: string) {
        return super.counted(owner);
      }
    },
    fails: [
      'ends that session before the limit is counted',
      'evicts no other session when the replaced one makes enough room',
      'evicts others as well when the limit is lower, and does not name the replaced one',
    ],
  },
  'replaces before it refuses': {
    store: class extends PlainStore {
      override async findReplaced(owner: string, replaces?: string) {
        const record = await super.findReplaced(owner, replaces);
        if (record) await this.remove(record.sessionId);
        return record;
      }
    },
    fails: ['ends nothing when the login is refused'],
  },
  'always reports that it replaced a session': {
    store: class extends PlainStore {
      override async create(...command: Parameters<PlainStore['create']>): Promise<CreateResult> {
        const result = await super.create(...command);
        const replaced = command[1].replaces !== undefined;
        return result.outcome === 'created' ? { ...result, replaced } : result;
      }
    },
    fails: [
      'ignores a session of another owner',
      'ignores a session that does not exist or has ended',
      'ends nothing more when the login is repeated',
    ],
  },
  'writes over the session with the same ID': {
    store: class extends PlainStore {
      override async create(...command: Parameters<PlainStore['create']>): Promise<CreateResult> {
        const there = this.data.isSilent ? undefined : await this.find(command[0].sessionId);
        const isAnother = there && !this.isRepeated(there, command[0]);
        if (isAnother) await this.remove(there.sessionId);
        return super.create(...command);
      }
    },
    fails: ['does not write over a live session with the same ID and another secret'],
  },
  'refuses when it is busy': {
    store: class extends PlainStore {
      override async swap(...command: Swap) {
        if (busy.has(this.data)) return { outcome: 'absent' } satisfies SwapResult;
        busy.add(this.data);
        try {
          return await super.swap(...command);
        } finally {
          busy.delete(this.data);
        }
      }
    },
    fails: [
      'lets every one of 50 sessions through at once',
      'gives 60 parallel refreshes of one token, from two processes, the same successor',
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
      override rotated(record: SessionRecord, token: NonNullable<Change['token']>) {
        const expiresAt = this.now() + record.expiresAt - record.createdAt;
        return { ...super.rotated(record, token), expiresAt };
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
  'keeps all sessions of an owner as long as one of them': {
    store: class extends PlainStore {
      override async find(sessionId: string) {
        const record = await super.find(sessionId);
        if (record) return record;
        const row = this.data.rows.get(sessionId);
        const others = [...this.data.rows.values()].map(({ text }) => this.decode(text));
        const isKept = others.some(
          (one) => one && this.keyOf(one.owner) === row?.owner && this.now() < this.endOf(one),
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
      'evicts the least recently rotated first, and names it',
      'changes nothing when it refuses',
      'counts live sessions of that owner only',
    ],
  },
  'counts expired sessions': {
    store: class extends PlainStore {
      override async counted(owner: string) {
        return this.idsOf(owner).flatMap(
          (id) => this.decode(this.data.rows.get(id)?.text ?? '') ?? [],
        );
      }
    },
    fails: ['makes room for another session, also when no one has read in between'],
  },
  'counts the sessions of all owners': {
    store: class extends PlainStore {
      override async counted() {
        const found = await Promise.all([...this.data.rows.keys()].map((id) => this.find(id)));
        return found.filter((record) => record !== undefined);
      }
    },
    fails: ['ends no session of another owner', 'counts live sessions of that owner only'],
  },
  'evicts the newest': {
    store: class extends PlainStore {
      override surplus(counted: readonly SessionRecord[], max: number) {
        return this.inOrder(counted).slice(0, Math.max(0, counted.length - max + 1));
      }
    },
    fails: [
      'evicts the least recently rotated first, and names it',
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
      'evicts the least recently rotated first, and names it',
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
        if (kept?.secretHash === record.secretHash)
          return Object.assign(kept, { asOf: this.now() });
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
    fails: [
      'returns the time of reading',
      'writes the token half with the time, and keeps the session half',
    ],
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
      override encode({ owner, state, data, ...rest }: SessionRecord) {
        return [JSON.stringify(rest), owner, state, data].join('|');
      }
      override decode(text: string) {
        const [rest = '', owner = '', state = '', data = ''] = text.split('|');
        return { ...(super.decode(rest) as SessionRecord), owner, state, data };
      }
    },
    fails: [
      'keeps separators in the owner exactly',
      'keeps separators in the state exactly',
      'keeps the longest data exactly',
      'keeps data that looks like a record exactly',
    ],
  },
  'writes JSON into JSON': {
    store: class extends PlainStore {
      override encode({ owner, data, ...rest }: SessionRecord) {
        const text = JSON.stringify(rest).slice(0, -1);
        return `${text},"owner":"${owner}","data":${data || '""'}}`;
      }
      override decode(text: string) {
        const { owner, data, ...rest } = super.decode(text) as SessionRecord;
        return { ...rest, owner, data: data && JSON.stringify(data) };
      }
    },
    fails: [
      'keeps a line break in the owner exactly',
      'keeps control characters in the owner exactly',
      'keeps an owner that looks like JSON exactly',
      'keeps the longest data exactly',
    ],
  },
  'truncates long values': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        const { owner, state, data, generation, idleLifetime } = record;
        return super.encode({
          ...record,
          owner: owner.slice(0, 255),
          data: data.slice(0, 8_192),
          state: state.slice(0, 255),
          generation: Math.min(generation, 0x7f_ff_ff_ff),
          idleLifetime: Math.min(idleLifetime, 0xff_ff_ff_ff),
        });
      }
    },
    fails: [
      'keeps the longest owner exactly',
      'keeps data past the maximum to the letter or refuses it, and never cuts it',
      'keeps the longest state exactly',
      'keeps the highest generation exactly',
      'keeps lifetimes of fifty years exactly',
    ],
  },
  'stores only Latin-1': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        return Buffer.from(super.encode(record), 'latin1').toString('latin1');
      }
    },
    fails: ['keeps any alphabet in the owner exactly'],
  },
  'normalizes owners': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        const state = record.state.trim().replaceAll(' !', '');
        const owner = record.owner
          .trim()
          .replace(/^0+(?=\d)/, '')
          .replaceAll("'", "''");
        return super.encode({ ...record, state, owner });
      }
    },
    fails: [
      'keeps an owner with spaces around it exactly',
      'keeps an owner that looks like a number exactly',
      'keeps an owner that looks like SQL exactly',
      'keeps the state of a usual session exactly',
    ],
  },
  'keeps owners as UTF-8': {
    store: class extends PlainStore {
      override keyOf(owner: string) {
        return Buffer.from(owner).toString();
      }
    },
    fails: ['ends no session of an owner that has the same UTF-8 form'],
  },
  'keeps owners in an object': {
    store: class extends PlainStore {
      override idsOf(owner: string) {
        const byOwner: Record<string, string[]> = {};
        for (const [sessionId, row] of this.data.rows) {
          const ids = Array.isArray(byOwner[row.owner]) ? byOwner[row.owner] : undefined;
          byOwner[row.owner] = [...(ids ?? []), sessionId];
        }
        const own = Object.hasOwn(byOwner, owner) ? byOwner[owner] : undefined;
        return own ?? [];
      }
    },
    fails: ['keeps an owner that objects inherit exactly'],
  },
  'treats empty or short values as missing': {
    store: class extends PlainStore {
      override encode(record: SessionRecord) {
        return super.encode({
          ...record,
          data: record.data || '{}',
          state: record.state || '1',
          idleLifetime: Math.max(record.idleLifetime, 60_000),
        });
      }
    },
    fails: [
      'keeps no data exactly',
      'keeps no state exactly',
      'keeps lifetimes of a second exactly',
      'distinguishes empty data from data that is not named',
    ],
  },
  'looks up owners in lower case': {
    store: class extends PlainStore {
      override keyOf(owner: string) {
        return owner.toLowerCase();
      }
    },
    fails: ['lists the sessions of that very owner'],
  },
  'treats owners as patterns': {
    store: class extends PlainStore {
      override belongs(rowKey: string, key: string) {
        return key.endsWith('*') ? rowKey.startsWith(key.slice(0, -1)) : rowKey === key;
      }
    },
    fails: ['lists the sessions of that very owner'],
  },
  'lists backwards': {
    store: class extends PlainStore {
      override async list(owner: string) {
        return (await super.list(owner)).toReversed();
      }
    },
    fails: ['lists the most recently rotated first'],
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
    fails: ['sees at once what another connection wrote', 'wins against concurrent writes'],
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
      'tells one of 60 parallel callers that it ended the session',
    ],
  },
  'revokes all sessions of an owner at once': {
    store: class extends PlainStore {
      override async revoke(sessionId: string) {
        const record = await this.get(sessionId);
        await this.revokeOwner(record?.owner ?? '');
        return record !== undefined;
      }
    },
    fails: ['leaves every other session as it is'],
  },
  'revokes only in the index': {
    store: class extends PlainStore {
      override async remove(sessionId: string) {
        const row = this.data.rows.get(sessionId);
        if (row) this.data.rows.set(sessionId, { ...row, owner: '' });
      }
    },
    fails: [
      'is final: the session is absent to every method',
      'ends all of its sessions and no other, and names them',
      'wins against concurrent writes',
    ],
  },
  'revokes owners without returning session IDs': {
    store: class extends PlainStore {
      override async revokeOwner(...command: Parameters<PlainStore['revokeOwner']>) {
        await super.revokeOwner(...command);
        return [];
      }
    },
    fails: [
      'ends all of its sessions and no other, and names them',
      'names every session to one of several parallel callers only',
    ],
  },
  'always returns a session ID from revokeOwner': {
    store: class extends PlainStore {
      override async revokeOwner(...command: Parameters<PlainStore['revokeOwner']>) {
        const ended = await super.revokeOwner(...command);
        return ended.length === 0 ? [command[0]] : ended;
      }
    },
    fails: ['answers nothing for an owner without sessions'],
  },
  'ignores the option except': {
    store: class extends PlainStore {
      override revokeOwner(owner: string) {
        return super.revokeOwner(owner);
      }
    },
    fails: ['keeps exactly the session that is excepted'],
  },
  'ends no session when except is not a session of the owner': {
    store: class extends PlainStore {
      override async revokeOwner(owner: string, except?: string) {
        return except && !this.idsOf(owner).includes(except)
          ? []
          : super.revokeOwner(owner, except);
      }
    },
    fails: ['ignores an exception that is not a session of the owner'],
  },
  'blocks a revoked owner forever': {
    store: class extends PlainStore {
      override async revokeOwner(owner: string, except?: string) {
        barred.add(owner);
        return super.revokeOwner(owner, except);
      }
      override async write(record: SessionRecord) {
        if (!barred.has(record.owner)) await super.write(record);
      }
    },
    fails: ['leaves the owner free to sign in again'],
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
    fails: ['serves other owners while one record is garbled'],
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
      'has done the whole of a swap that was not answered, or nothing of it',
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
      override async swap(...command: Swap) {
        const result = await super.swap(...command);
        if (result.outcome === 'conflict') {
          await this.revokeOwner(result.session.owner);
        }
        return result;
      }
    },
    fails: ['gives 60 parallel refreshes of one token, from two processes, the same successor'],
  },
  'ends every session of the owner when it ends one': {
    store: class extends PlainStore {
      override async revoke(sessionId: string) {
        const session = await this.get(sessionId);
        if (session) await this.revokeOwner(session.owner);
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

describe('the suite for session stores', () => {
  testWithFaults<Naive>({
    kind: 'store',
    leastCases: 80,
    plain: { store: PlainStore },
    faults,
    define: ({ store }, runner) =>
      describeSessionStore('a naive store', () => makeStore(store), runner),
  });
});
