// Runs a story: each step goes to a frame or to a control, and is ticked or crossed by what the tap saw.
import { names, outcomeOf, sessionOf } from './state.js';

/** Milliseconds for what a step waits for. A client gives up after ten seconds. */
const longestWait = 12_000;

/**
 * @param state - what the stream has brought, see state.js.
 * @param changed - resolves when the state has changed.
 * @param frames - the two tabs, see page.js.
 */
export function createRunner(state, changed, frames) {
  const pending = new Map();

  /** Sends a step on its way. Resolves when the one who does it is done. */
  async function send({ who, does, with: details }) {
    if (who === 'server') return post(does, details);
    if (who === 'phone' || who === 'thief') return post(who, { does });
    const tabs = [who].flat();
    if (does === 'close') for (const tab of tabs) frames.close(tab);
    else if (does === 'open') await Promise.all(tabs.map((tab) => frames.open(tab)));
    else if (does === 'begin-call') {
      pending.set(who, frames.run(who, 'call', details));
    } else if (does === 'finish') await pending.get(who);
    else await Promise.all(tabs.map((tab) => frames.run(tab, does, details)));
    return undefined;
  }

  async function post(verb, body = {}) {
    const response = await fetch(`/playground/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { sequence, message } = await response.json();
    // What a phone or a thief is told is judged below.
    if (!response.ok && verb !== 'phone') throw new Error(message);
    await until(() => state.sequence >= sequence);
  }

  async function until(holds) {
    const end = performance.now() + longestWait;
    while (!holds()) {
      if (performance.now() > end) return;
      await Promise.race([changed(), new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }

  function takeBaseline() {
    const record = sessionOf(state);
    return {
      sequence: state.sequence,
      session: state.session,
      generation: record?.generation,
      kid: state.access['tab-a']?.kid,
      offers: { 'tab-a': frames.offers('tab-a'), 'tab-b': frames.offers('tab-b') },
    };
  }

  /** Runs one step, and says what is wrong afterwards; `undefined`: nothing. */
  async function runStep(step, baseline) {
    const from = state.sequence;
    const judged = () => judge(step.expects ?? {}, state, { from, baseline, frames });
    try {
      await send(step);
      if (step.does === 'begin-call') await until(() => judged() === undefined);
      // A step by a frame is done before the stream has brought it.
      else await post('mark');
    } catch (error) {
      return error.message;
    }
    return judged();
  }

  return {
    post,
    /** @param onStep - called with the number of a step and its result: 'running', 'ok', or what is wrong. */
    async run({ steps }, onStep) {
      let baseline = takeBaseline();
      let wrong;
      for (const [index, step] of steps.entries()) {
        onStep(index, 'running');
        wrong = await runStep(step, baseline);
        if (step.begins) baseline = takeBaseline();
        onStep(index, wrong ?? 'ok');
        if (wrong !== undefined) break;
      }
      // A story that was broken off must not break the next one.
      if (wrong !== undefined) {
        await post('store', { works: true });
        await post('refreshes', { fault: 'cut', times: 0 });
        for (const tab of ['tab-a', 'tab-b']) if (!frames.isOpen(tab)) await frames.open(tab);
      }
      return wrong;
    },
  };
}

/** Says which expectation is not met; `undefined`: none. */
function judge(expects, state, { from, baseline, frames }) {
  const exchanges = [...state.exchanges.values()];
  const answered = exchanges.filter(({ answer }) => answer?.sequence > from);
  const checks = {
    answers: (answers) => judgeAnswers(answers, answered),
    rotations(wanted) {
      const [fewest, most] = [wanted].flat().concat(wanted);
      const record = state.records.find(({ sessionId }) => sessionId === baseline.session);
      const count = record ? record.generation - baseline.generation : 'no session';
      return count >= fewest && count <= most ? undefined : `rotations: ${count}, not ${wanted}`;
    },
    session(wanted) {
      const lives = state.records.some(({ sessionId }) => sessionId === baseline.session);
      const isSame = lives && state.session === baseline.session;
      return isSame === (wanted === 'same') ? undefined : `the session is not ${wanted}`;
    },
    events: (counts) =>
      firstOf(Object.entries(counts), ([type, wanted]) => {
        const count = state.events.filter(
          (event) => event.type === type && event.sequence > baseline.sequence,
        ).length;
        return count === wanted ? undefined : `${type}: ${count} times, not ${wanted}`;
      }),
    sameToken() {
      const refreshes = answered.filter(({ path }) => path === '/auth/refresh');
      const prints = refreshes.map(({ answer }) => answer.refresh);
      const isSame = prints.length > 1 && new Set(prints).size === 1 && prints[0] !== undefined;
      return isSame ? undefined : `refresh tokens: ${prints.join(', ')}`;
    },
    held: (row) =>
      exchanges.some((exchange) => exchange.row === row && exchange.isHeld)
        ? undefined
        : 'no answer is held back',
    newKey() {
      const kid = state.access['tab-a']?.kid;
      return kid !== undefined && kid !== baseline.kid ? undefined : `the key is ${kid}`;
    },
    shows: (wanted) =>
      firstOf(Object.entries(wanted), ([tab, status]) => {
        if (frames.status(tab) !== status) return `${names[tab]} is ${frames.status(tab)}`;
        const isAsked = status === 'signed-in' && frames.offers(tab) > baseline.offers[tab];
        return isAsked ? `${names[tab]} has shown the sign-in form` : undefined;
      }),
  };
  return firstOf(Object.entries(expects), ([name, wanted]) => checks[name](wanted));
}

function judgeAnswers(answers, exchanges) {
  const inOrder = exchanges.toSorted((one, other) => one.answer.sequence - other.answer.sequence);
  const position = {};
  return firstOf(answers, ([who, path, outcome]) => {
    const own = inOrder.filter(({ row }) => row === who);
    const found = own.findIndex((exchange, index) => {
      const isAfter = index >= (position[who] ?? 0);
      const seen = outcomeOf(exchange);
      const isIt = seen === outcome || seen.startsWith(`${outcome} `);
      return isAfter && exchange.path === path && isIt;
    });
    position[who] = found + 1;
    if (found >= 0) return undefined;
    const seen = own.map((exchange) => `${exchange.path} ${outcomeOf(exchange)}`).join(', ');
    return `${names[who]}: no ${path} ${outcome}. Seen: ${seen || 'nothing'}`;
  });
}

function firstOf(list, find) {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
