// Searches every order in which the tabs of one client, its network, a thief and time can act. The search is breadth-first and
// visits each state once, so it reports a shortest order that breaks a promise.

import { later, settleSteps, type Ask, type Call, type RecordState } from './oracle.js';

export interface Scenario {
  readonly tabs: number;
  /** The search ends at this generation. */
  readonly generations: number;
  /** Whether requests and answers can be lost. The tab then repeats the request at once, and the repeated request arrives. */
  readonly losses?: boolean;
  /** Whether a thief may copy any token once, from the jar or the network, and present it at any time. */
  readonly thief?: boolean;
}

export interface Search {
  readonly states: number;
  /** What happened in the search, to show that it reaches these cases. */
  readonly verdicts: ReadonlySet<Call['verdict']>;
  /** By promise, the steps that break it; empty when all promises hold. */
  readonly broken: Readonly<Record<string, readonly string[]>>;
}

interface SentTab {
  readonly is: 'sent';
  readonly token: number;
  readonly age: number;
  readonly kind: Kind;
}

/** A request or answer. A token is named by its generation; `age` counts the steps of time since the jar was read. */
type Tab =
  | { readonly is: 'idle' }
  | SentTab
  | { readonly is: 'answered'; readonly token: number; readonly age: number; readonly kind: Kind }
  | { readonly is: 'waiting'; readonly steps: number };

/** The first request, a repetition after a lost message, or a repetition after a pending answer. */
type Kind = 'first' | 'again' | 'told';

interface State {
  readonly record: RecordState;
  readonly jar: number;
  readonly tabs: readonly Tab[];
  /** The generations that the thief holds. */
  readonly stolen: readonly number[];
  /** Whether the thief has presented anything. */
  readonly attacked: boolean;
}

interface Visit {
  readonly state: State;
  readonly did: string;
  readonly from: Visit | undefined;
  readonly breaks?: string | undefined;
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

  const broken: Record<string, readonly string[]> = {};
  for (const visit of queue) {
    const promise = await breaksAtRest(visit.state, asking);
    if (promise !== undefined) broken[promise] ??= storyOf(visit);
    for (const step of await stepsOf(visit.state, scenario, asking)) {
      const next = { ...step, from: visit };
      if (step.breaks !== undefined) broken[step.breaks] ??= storyOf(next);
      const name = nameOf(step.state);
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push(next);
    }
  }
  return { states: seen.size, verdicts, broken };
}

type Step = Omit<Visit, 'from'>;

async function stepsOf(state: State, scenario: Scenario, ask: Ask): Promise<readonly Step[]> {
  const { generations, losses = false, thief = false } = scenario;
  const { record, jar, tabs, stolen } = state;
  const steps: Step[] = [];
  // The session has ended: nothing else can happen to it.
  if (record === null) return steps;

  for (const [index, tab] of tabs.entries()) {
    const name = `tab ${index + 1}`;
    const turn = (did: string, next: Tab, more: Partial<State> = {}, breaks?: string) => {
      steps.push({ did, state: { ...state, ...more, tabs: tabs.with(index, next) }, breaks });
    };
    if (tab.is === 'idle' || (tab.is === 'waiting' && tab.steps === 0)) {
      const kind = tab.is === 'waiting' ? 'told' : 'first';
      const sent: Tab = { is: 'sent', token: jar, age: 0, kind };
      turn(`${name} reads ${jar} from the jar and sends it`, sent);
    }
    if (tab.is === 'sent') {
      const call = await ask(record, tab.token);
      const did = `${tab.token} of ${name} arrives: ${call.verdict}`;
      const breaks = rotatesTwice(record, call) ?? wrongs(tab, call, state, losses);
      if (isWithin(call, generations))
        turn(did, receive(tab, call), { record: call.record }, breaks);
    }
    if (tab.is === 'answered') {
      const stored = tab.token > 0 ? { jar: tab.token } : {};
      turn(`the answer with ${tab.token || 'no token'} reaches ${name}`, idle, stored);
    }
    if (losses && (tab.is === 'sent' || tab.is === 'answered') && tab.kind !== 'again') {
      const sent: Tab = { is: 'sent', token: jar, age: 0, kind: 'again' };
      turn(`a message of ${name} is lost, and it sends ${jar}`, sent);
    }
  }

  if (thief && stolen.length === 0) {
    const wire = tabs.flatMap((tab) => ('token' in tab && tab.token > 0 ? [tab.token] : []));
    for (const token of new Set([jar, ...wire])) {
      steps.push({ did: `the thief copies ${token}`, state: { ...state, stolen: [token] } });
    }
  }
  for (const token of stolen) {
    const call = await ask(record, token);
    if (!isWithin(call, generations)) continue;
    const held = [...new Set([...stolen, call.answered ?? token])];
    steps.push({
      did: `the thief presents ${token}: ${call.verdict}`,
      state: { ...state, record: call.record, stolen: held, attacked: true },
      breaks: rotatesTwice(record, call),
    });
  }

  // A refresh takes at most half of the reuse interval.
  if (tabs.every((tab) => !('age' in tab) || tab.age === 0)) {
    const older = { ...record, age: Math.min(later, record.age + 1) };
    steps.push({ did: 'time passes', state: { ...state, record: older, tabs: tabs.map(grow) } });
  }
  return steps;
}

function isWithin({ record }: Call, generations: number): boolean {
  return record === null || record.generation <= generations;
}

function grow(tab: Tab): Tab {
  if (tab.is === 'waiting') return { ...tab, steps: Math.max(0, tab.steps - 1) };
  return tab.is === 'idle' ? tab : { ...tab, age: tab.age + 1 };
}

/** The state of a tab after its answer. */
function receive({ age, kind, token }: SentTab, { verdict, waits, answered = 0 }: Call): Tab {
  if (verdict === 'refused') return idle;
  if (verdict === 'pending') return { is: 'waiting', steps: waits };
  return { is: 'answered', token: answered === token ? 0 : answered, age, kind };
}

// ---- the promises -----------------------------------------------------------------------------------------------------

function rotatesTwice(before: NonNullable<RecordState>, { verdict }: Call): string | undefined {
  const isTwice = verdict === 'rotate' && before.generation > 1 && before.age <= settleSteps;
  return isTwice ? 'a session rotates at most once within a settle time' : undefined;
}

function wrongs(
  { kind }: SentTab,
  { verdict, accusations }: Call,
  { attacked }: State,
  losses: boolean,
): string | undefined {
  if (attacked) return undefined;
  if (accusations > 0) return 'no honest client is accused';
  if (verdict === 'refused') return 'no honest tab is signed out';
  // A client that loses no message waits at most once.
  const waitsTwice = verdict === 'pending' && kind === 'told' && !losses;
  return waitsTwice ? 'a retry after Retry-After succeeds' : undefined;
}

/** Checks the promises in a state in which every message has arrived. */
async function breaksAtRest(state: State, ask: Ask): Promise<string | undefined> {
  const { record, jar, tabs, stolen, attacked } = state;
  if (record === null || tabs.some(({ is }) => is === 'sent' || is === 'answered'))
    return undefined;
  if (!attacked) {
    const next = await ask({ ...record, age: later }, jar);
    if (next.verdict !== 'rotate') return 'an honest client can refresh later';
    for (const tab of tabs) {
      if (tab.is !== 'waiting') continue;
      const age = Math.min(later, record.age + tab.steps);
      const { verdict } = await ask({ ...record, age }, jar);
      if (verdict === 'pending' || verdict === 'refused')
        return 'a retry after Retry-After succeeds';
    }
  }
  for (const token of stolen) {
    const isCaught =
      (await ends(record, [token, jar], ask)) && (await ends(record, [jar, token], ask));
    if (!isCaught) return 'a thief is caught, once, when thief and owner come later';
  }
  return undefined;
}

/** Whether the session ends, with one accusation, when these tokens are presented, each after the settle time. */
async function ends(record: RecordState, tokens: readonly number[], ask: Ask): Promise<boolean> {
  let after = record;
  let accusations = 0;
  for (const token of tokens) {
    if (after === null) break;
    const call: Call = await ask({ ...after, age: later }, token);
    accusations += call.accusations;
    after = call.record;
  }
  return after === null && accusations === 1;
}

// ---- states and stories -----------------------------------------------------------------------------------------------

/** The same key for states that differ only in the order of the tabs. */
function nameOf({ record, jar, tabs, stolen, attacked }: State): string {
  const all = tabs.map((tab) => JSON.stringify(tab)).toSorted();
  return JSON.stringify([record, jar, all, stolen.toSorted((one, other) => one - other), attacked]);
}

function storyOf(last: Visit): readonly string[] {
  const story: string[] = [];
  for (let visit: Visit | undefined = last; visit; visit = visit.from) story.unshift(visit.did);
  return story;
}
