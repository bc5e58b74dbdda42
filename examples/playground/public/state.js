// Folds the messages of the stream into what the page draws. Nothing else is drawn.

export const rows = ['tab-a', 'tab-b', 'phone', 'thief'];
export const names = {
  'tab-a': 'Tab A',
  'tab-b': 'Tab B',
  phone: 'Phone',
  thief: 'Thief',
  other: 'Other',
  server: 'Server',
};

const isTab = (row) => row === 'tab-a' || row === 'tab-b';

export function createState() {
  return {
    settings: undefined,
    /** Number of the latest message. */
    sequence: 0,
    /** The server's clock at the latest message, and when that message came. */
    at: undefined,
    cameAt: undefined,
    exchanges: new Map(),
    /** All events, oldest first. */
    events: [],
    records: [],
    /** The columns of the timeline: exchanges, jumps of the clock, and what was done to the server. */
    moments: [],
    /** ID of the session that the tabs have, or had last. */
    session: undefined,
    /** The access token that each row used or received last. */
    access: {},
  };
}

/** Adds one message. */
export function fold(state, message) {
  state.sequence = message.sequence;
  state.at = message.at;
  state.cameAt = Date.now();
  folds[message.type]?.(state, message);
}

/** The server's clock now, in milliseconds since the epoch. */
export function clockOf({ at, cameAt }) {
  return at === undefined ? undefined : at + Date.now() - cameAt;
}

const folds = {
  start(state, message) {
    const { sequence, at, cameAt } = state;
    Object.assign(state, createState(), { sequence, at, cameAt, settings: message });
  },

  request(state, message) {
    const exchange = { ...message, events: [], answer: undefined, isHeld: false };
    state.exchanges.set(message.exchange, exchange);
    addMoment(state, { kind: 'exchange', exchange });
    if (message.access) state.access[message.row] = message.access;
  },

  held(state, { exchange: id }) {
    const exchange = state.exchanges.get(id);
    if (exchange) exchange.isHeld = true;
  },

  answer(state, message) {
    const exchange = state.exchanges.get(message.exchange);
    // Of a request that the server has forgotten: it keeps a few thousand messages.
    if (!exchange) return;
    exchange.answer = message;
    exchange.isHeld = false;
    if (message.access && !message.fault) state.access[exchange.row] = message.access;
  },

  event(state, { exchange: id, event, sequence }) {
    const exchange = state.exchanges.get(id);
    if (!exchange) return;
    exchange.events.push(event);
    state.events.push({ ...event, sequence });
    const moment = momentOf(state, id);
    if (event.type === 'session.issued' && isTab(exchange.row)) {
      state.session = event.sessionId;
      noteGeneration(state, moment);
    }
    const isOurs = event.sessionId === state.session || event.sessionId === moment.endedSession;
    if (event.type === 'session.revoked' && isOurs) moment.ended = event.reason;
  },

  store(state, { records }) {
    const isLive = ({ sessionId }) => records.some((record) => record.sessionId === sessionId);
    const gone = state.records.filter((record) => !isLive(record));
    state.records = records;
    const moment = state.moments.at(-1);
    if (moment === undefined) return;
    noteGeneration(state, moment);
    moment.gone = [...(moment.gone ?? []), ...gone.map(({ sessionId }) => sessionId)];
    if (moment.gone.includes(state.session)) {
      moment.endedSession = state.session;
      moment.ended ??= 'ended';
    }
  },

  advance(state, { seconds }) {
    addMoment(state, { kind: 'jump', seconds });
  },

  control(state, { says }) {
    addMoment(state, { kind: 'control', says });
  },
};

function addMoment(state, moment) {
  state.moments.push({ at: state.at, ...moment });
  noteGeneration(state, state.moments.at(-1));
}

function noteGeneration(state, moment) {
  moment.generation = sessionOf(state)?.generation;
}

function momentOf(state, id) {
  return state.moments.findLast(({ exchange }) => exchange?.exchange === id);
}

/** The record of the session that the tabs have. */
export function sessionOf({ records, session }) {
  return records.find(({ sessionId }) => sessionId === session);
}

/** `401 token_expired · refresh` */
export function outcomeOf({ answer, isHeld }) {
  if (!answer) return isHeld ? 'held back' : '…';
  if (answer.fault) return faults[answer.fault];
  const { code, action } = answer.body ?? {};
  return code ? `${answer.status} ${code}${action ? ` · ${action}` : ''}` : `${answer.status}`;
}

const faults = {
  cut: 'connection cut',
  html: '502 HTML of a proxy',
  gone: 'the client had gone',
};

/** How a refresh was decided: `rotated`, `held`, `replayed`, … */
export function howOf({ events }) {
  return events.find(({ type }) => type === 'session.refreshed')?.how;
}

/** `bad`: refused, and the same request again would be refused too. `again`: the client repeats it. */
export function toneOf({ answer }) {
  if (!answer || (answer.status < 400 && !answer.fault)) return 'good';
  if (answer.fault) return 'lost';
  return ['refresh', 'retry'].includes(answer.body?.action) ? 'again' : 'bad';
}
