// What each story of the playground must end in, read from the stream without the code of the page.

import type { Message } from '../../examples/playground/src/stream.js';

export interface Summary {
  /** `tab-a /me 401 token_expired refresh`, in the order in which they were answered. */
  readonly answers: readonly string[];
  /** Rotations of the session of the tabs after the last sign-in of a tab, if it lives. */
  readonly rotations: number | undefined;
  /** How many different refresh tokens were sent to the tabs in answer to refreshes. */
  readonly successors: number;
  /** How many refreshes of the tabs were answered by each decision. */
  readonly decisions: Readonly<Record<string, number>>;
  /** How often reuse was detected. */
  readonly reused: number;
  readonly keys: number;
  readonly liveSessions: number;
}

/** @param from - number of the last message before the story. */
export function summarise(messages: readonly Message[], from: number): Summary {
  const requests = new Map<number, Extract<Message, { type: 'request' }>>();
  const answers: string[] = [];
  const successors = new Set<string>();
  let reused = 0;
  const decisions: Record<string, number> = {};
  const keys = new Set<string>();
  let records: Extract<Message, { type: 'store' }>['records'] | undefined;
  for (const message of messages) {
    if (message.type === 'store') ({ records } = message);
    if (message.sequence <= from) continue;
    if (message.type === 'request') {
      requests.set(message.exchange, message);
      if (message.access) keys.add(message.access.kid);
    } else if (message.type === 'answer') {
      const { row = '?', path = '?' } = requests.get(message.exchange) ?? {};
      const { code, action } = (message.body ?? {}) as { code?: string; action?: string };
      const outcome = message.fault ? [message.fault] : [message.status, code, action];
      answers.push([row, path, ...outcome].filter((part) => part !== undefined).join(' '));
      const isTab = row.startsWith('tab-');
      if (isTab && path === '/auth/refresh' && message.refresh) successors.add(message.refresh);
    } else if (message.type === 'event') {
      const { event } = message;
      if (event.type === 'refresh.reused') reused += 1;
      if (event.type === 'session.refreshed') {
        decisions[event.how] = (decisions[event.how] ?? 0) + 1;
      }
    }
  }
  return {
    answers,
    rotations: decisions['rotated'] ?? 0,
    successors: successors.size,
    decisions,
    reused,
    keys: keys.size,
    liveSessions: records?.length ?? 0,
  };
}

/** What a summary must have, and answers that are among its own. */
type Ending = Partial<Summary> & Pick<Summary, 'answers'>;

const expired = (tab: string) => `${tab} /me 401 token_expired refresh`;
const refused = (who: string) => `${who} /auth/refresh 401 refresh_token_invalid login`;

/** By the ID of a story: part of its summary. */
export const endings: Readonly<Record<string, Ending>> = {
  'sign-in': { answers: ['tab-a /login 200'], liveSessions: 1 },
  call: { answers: ['tab-a /me 200'] },
  expire: {
    answers: [expired('tab-a'), 'tab-a /auth/refresh 200', 'tab-a /me 200'],
    liveSessions: 1,
  },
  'two-tabs': {
    answers: ['tab-a', 'tab-b'].flatMap((tab) => [
      expired(tab),
      `${tab} /auth/refresh 200`,
      `${tab} /me 200`,
    ]),
    rotations: 1,
    successors: 1,
    decisions: { rotated: 1, replayed: 1 },
    reused: 0,
    liveSessions: 1,
  },
  return: { answers: ['tab-a /me 200', 'tab-b /me 200'], liveSessions: 1 },
  'lost-answer': {
    answers: ['tab-a /auth/refresh cut', 'tab-a /auth/refresh 200', 'tab-a /me 200'],
    rotations: 1,
    successors: 1,
    liveSessions: 1,
  },
  'bad-gateway': {
    answers: ['tab-a /auth/refresh html', 'tab-a /auth/refresh 200', 'tab-a /me 200'],
    rotations: 1,
    successors: 1,
    decisions: { rotated: 1, replayed: 2 },
    liveSessions: 1,
  },
  'store-down': {
    answers: [
      'tab-a /auth/refresh 503 temporarily_unavailable retry',
      'tab-a /auth/refresh 200',
      'tab-a /me 200',
    ],
    rotations: 1,
    liveSessions: 1,
  },
  'closed-tab': {
    answers: ['tab-a /auth/refresh gone', 'tab-a /auth/refresh 200', 'tab-a /me 200'],
    rotations: 1,
    successors: 1,
    liveSessions: 1,
  },
  role: {
    answers: ['tab-a /admin 403 claim_refused fix', 'tab-a /admin 200'],
    rotations: 1,
    liveSessions: 1,
  },
  'rotate-key': { answers: ['tab-a /me 200'], keys: 2, liveSessions: 1 },
  'lose-key': {
    answers: [
      'tab-a /me 401 token_key_unknown refresh',
      'tab-a /auth/refresh 200',
      'tab-a /me 200',
    ],
    keys: 2,
    liveSessions: 1,
  },
  replay: {
    answers: [refused('thief')],
    reused: 1,
    liveSessions: 0,
  },
  'thief-first': {
    answers: [
      'thief /auth/refresh 200',
      'thief /me 200',
      refused('tab-a'),
      refused('tab-b'),
      refused('thief'),
    ],
    reused: 1,
    liveSessions: 0,
  },
  elsewhere: {
    answers: [
      'phone /auth/logout-all 200',
      'tab-a /me 401 session_revoked login',
      'tab-b /me 401 session_revoked login',
    ],
    reused: 0,
    liveSessions: 0,
  },
};
