// Every order in which the tabs of one client, its network, a thief and time can act: a breadth-first search that visits each
// state once, so the story that it tells of a failure is a shortest one.

import { later, settleSteps, type Ask, type Call, type RecordState } from './oracle.js';

export interface Scenario {
  readonly tabs: number;
  /** The session is not followed beyond this generation. */
  readonly generations: number;
  /** Requests and answers can be lost; the tab then asks again at once, and that request arrives. */
  readonly losses?: boolean;
  /** A thief may copy any token once, from the jar or from the wire, and present it at any time. */
  readonly thief?: boolean;
}

export interface Search {
  readonly states: number;
  /** What was seen on the way, to show that the search comes across it. */
  readonly verdicts: ReadonlySet<Call['verdict']>;
  /** The steps to the first broken promise, which is the last line; empty when all promises hold. */
  readonly story: readonly string[];
}

/** A token is named by its generation; `age` counts the steps of time since the jar was read. */
type Tab =
  | { readonly is: 'idle' }
  | { readonly is: 'sent'; readonly token: number; readonly age: number; readonly kind: Kind }
  | { readonly is: 'answered'; readonly token: number; readonly age: number; readonly kind: Kind }
  | { readonly is: 'waiting'; readonly steps: number };

/** The first request; one that is repeated because a message was lost; one that is repeated upon a pending answer. */
type Kind = 'first' | 'again' | 'told';

interface State {
  readonly record: RecordState;
  readonly jar: number;
  readonly tabs: readonly Tab[];
  /** The generations that the thief holds. */
  readonly stolen: readonly number[];
  /** Whether the thief has presented anything. */
  readonly attacked: boolean;
  readonly broken?: string;
}

interface Visit {
  readonly state: State;
  readonly did: string;
  readonly from: Visit | undefined;
}

const idle: Tab = { is: 'idle' };

export async function searchOrders(scenario: Scenario, ask: Ask): Promise<Search> {
  const start: State = {
    record: { generation: 1, age: 0 },
    jar: 1,
    tabs: Array.from({ length: scenario.tabs }, () => idle),
    stolen: [],
    attacked: false,
  };
  const seen = new Set([nameOf(start)]);
  const verdicts = new Set<Call['verdict']>();
  const queue: Visit[] = [{ state: start, did: 'the client signs in', from: undefined }];
  const asking: Ask = async (record, presented) => {
    const call = await ask(record, presented);
    verdicts.add(call.verdict);
    return call;
  };

  for (const visit of queue) {
    const broken = visit.state.broken ?? (await breaks(visit.state, asking));
    if (broken !== undefined) {
      return { states: seen.size, verdicts, story: [...storyOf(visit), broken] };
    }
    for (const [did, state] of await stepsOf(visit.state, scenario, asking)) {
      const name = nameOf(state);
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push({ state, did, from: visit });
    }
  }
  return { states: seen.size, verdicts, story: [] };
}

type Step = readonly [did: string, state: State];

async function stepsOf(state: State, scenario: Scenario, ask: Ask): Promise<readonly Step[]> {
  const { generations, losses = false, thief = false } = scenario;
  const { record, jar, tabs, stolen } = state;
  const steps: Step[] = [];
  // Signed out, or accused by a thief's doing: nothing else can happen to the session.
  if (record === null) return steps;

  for (const [index, tab] of tabs.entries()) {
    const name = `tab ${index + 1}`;
    const become = (next: Tab, more: Partial<State> = {}): State => ({
      ...state,
      ...more,
      tabs: tabs.with(index, next),
    });
    if (tab.is === 'idle' || (tab.is === 'waiting' && tab.steps === 0)) {
      const kind = tab.is === 'waiting' ? 'told' : 'first';
      const sent: Tab = { is: 'sent', token: jar, age: 0, kind };
      steps.push([`${name} reads ${jar} from the jar and sends it`, become(sent)]);
    }
    if (tab.is === 'sent') {
      const call = await ask(record, tab.token);
      if ((call.record?.generation ?? 0) <= generations) {
        const [next, broken] = receive(tab, call, record, state.attacked, losses);
        const did = `${tab.token} of ${name} arrives: ${call.verdict}`;
        steps.push([did, become(next, { record: call.record, ...broken })]);
      }
    }
    if (tab.is === 'answered') {
      const stored = become(idle, tab.token > 0 ? { jar: tab.token } : {});
      steps.push([`the answer with ${tab.token || 'no token'} reaches ${name}`, stored]);
    }
    if (losses && (tab.is === 'sent' || tab.is === 'answered') && tab.kind !== 'again') {
      const sent: Tab = { is: 'sent', token: jar, age: 0, kind: 'again' };
      steps.push([`a message of ${name} is lost, and it sends ${jar}`, become(sent)]);
    }
  }

  if (thief && stolen.length === 0) {
    const wire = tabs.flatMap((tab) => ('token' in tab && tab.token > 0 ? [tab.token] : []));
    for (const token of new Set([jar, ...wire])) {
      steps.push([`the thief copies ${token}`, { ...state, stolen: [token] }]);
    }
  }
  for (const token of stolen) {
    const call = await ask(record, token);
    if ((call.record?.generation ?? 0) > generations) continue;
    const held = new Set([...stolen, call.answered ?? token]);
    const next = { ...state, record: call.record, stolen: [...held], attacked: true };
    steps.push([`the thief presents ${token}: ${call.verdict}`, next]);
  }

  // A refresh ends before it is older than half of the interval.
  if (tabs.every((tab) => !('age' in tab) || tab.age === 0)) {
    const older = { ...record, age: Math.min(later, record.age + 1) };
    steps.push(['time passes', { ...state, record: older, tabs: tabs.map(grow) }]);
  }
  return steps;
}

function grow(tab: Tab): Tab {
  if (tab.is === 'waiting') return { ...tab, steps: Math.max(0, tab.steps - 1) };
  return tab.is === 'idle' ? tab : { ...tab, age: tab.age + 1 };
}

/** What a tab becomes by its answer, and the promise that the answer breaks. */
function receive(
  { age, kind, token }: Extract<Tab, { is: 'sent' }>,
  call: Call,
  before: NonNullable<RecordState>,
  attacked: boolean,
  losses: boolean,
): readonly [Tab, { readonly broken?: string }] {
  const { verdict, waits, answered } = call;
  const isHonest = !attacked;
  if (verdict === 'refused')
    return [idle, isHonest ? { broken: 'an honest tab is signed out' } : {}];
  if (verdict === 'rotate' && before.generation > 1 && before.age <= settleSteps) {
    return [idle, { broken: 'the session rotates twice within a settle time' }];
  }
  if (verdict === 'pending') {
    // Whoever has lost nothing is sent away once at most.
    const isTwice = kind === 'told' && isHonest && !losses;
    const broken = isTwice && { broken: 'a retry after Retry-After does not succeed' };
    return [{ is: 'waiting', steps: waits }, broken || {}];
  }
  const isNew = answered !== undefined && answered !== token;
  return [{ is: 'answered', token: isNew ? answered : 0, age, kind }, {}];
}

/** What must hold in a state in which everything has arrived, whatever comes next. */
async function breaks(
  { record, jar, tabs, stolen, attacked }: State,
  ask: Ask,
): Promise<string | undefined> {
  const rests = tabs.every(({ is }) => is === 'idle' || is === 'waiting');
  if (!rests || record === null) return undefined;
  if (!attacked) {
    const next = await ask({ ...record, age: later }, jar);
    if (next.verdict !== 'rotate')
      return `the next refresh of an honest client is: ${next.verdict}`;
  }
  for (const token of stolen) {
    // The thief comes, and the owner later; or the other way round.
    for (const turns of [
      [token, jar],
      [jar, token],
    ]) {
      let after: RecordState = record;
      let accusations = 0;
      for (const turn of turns) {
        if (after === null) continue;
        const call: Call = await ask({ ...after, age: later }, turn);
        accusations += call.accusations;
        after = call.record;
      }
      if (after !== null) return `a late thief with ${token} is not caught: ${turns.join(', ')}`;
      if (accusations !== 1) return `a late thief with ${token} is accused ${accusations} times`;
    }
  }
  return undefined;
}

/** Which tab is which makes no difference. */
function nameOf({ record, jar, tabs, stolen, attacked, broken }: State): string {
  const all = tabs.map((tab) => JSON.stringify(tab)).toSorted();
  return JSON.stringify([record, jar, all, stolen.toSorted(), attacked, broken]);
}

function storyOf(last: Visit): readonly string[] {
  const story: string[] = [];
  for (let visit: Visit | undefined = last; visit; visit = visit.from) story.unshift(visit.did);
  return story;
}
