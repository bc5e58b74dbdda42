// Runs a storm: the tabs of one client refresh at random moments, over a network that delays every request and every answer
// independently. There is no thief, so no tab may be signed out.

import type { TokenpairEvent } from '@tokenpair/core';

import type { Answer, Client } from './client.js';
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';

/** Times are in milliseconds. */
export interface StormSettings {
  readonly tabs: number;
  /** The tabs refresh at random moments from 0 to this. */
  readonly spread: number;
  /** Maximum delay of a request or an answer. */
  readonly jitter: number;
  /** How often each tab refreshes. @defaultValue 1 */
  readonly refreshes?: number;
  /** How long a tab waits for an answer; one in three messages is then lost. @defaultValue no message is lost */
  readonly patience?: number | undefined;
  /** Whether the user signs in again in another tab, at a random moment of the spread. */
  readonly signsIn?: boolean;
  /** Whether each tab uses its new access tokens, so that the verifier reports them. */
  readonly usesTokens?: boolean;
}

/** One client in its storm. */
export interface Round {
  readonly time: Timeline;
  readonly client: Client;
  readonly subject: string;
  readonly random: Random;
  /** Events of this subject, at least those that {@link isAccusation} accepts. */
  readonly events: readonly TokenpairEvent[];
  /** Sends what verifiers have to report. @defaultValue they do it by themselves */
  readonly sendReports?: () => Promise<void>;
}

export interface StormReport {
  /** Answers with the action `login`, and answers that a client must not get. */
  readonly refused: readonly Answer[];
  /** Answers with the action `retry`. */
  readonly retries: number;
}

/** Signs the client in, without a delay. */
export async function signIn({ client, subject }: Round): Promise<void> {
  client.receive(undefined, await client.login(subject));
}

/** Lets every tab refresh as the settings say, until the last has its answer. */
export async function runStorm(round: Round, settings: StormSettings): Promise<StormReport> {
  const { time, client, subject, random } = round;
  const {
    tabs,
    spread,
    jitter,
    refreshes = 1,
    patience,
    signsIn = false,
    usesTokens = false,
  } = settings;
  const refused: Answer[] = [];
  let retries = 0;

  /** Sends one request. Answers `undefined` if the request or its answer is lost. */
  async function travel(ask: () => Promise<Answer>, canBeLost: boolean) {
    await time.sleep(random(jitter));
    if (canBeLost && random(5) === 0) return undefined;
    const answer = await ask();
    if (canBeLost && random(5) === 0) return undefined;
    await time.sleep(random(jitter));
    return answer;
  }

  async function refresh(): Promise<Answer | undefined> {
    let canBeLost = patience !== undefined;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const sent = client.kept;
      const answer = await travel(() => client.refresh(sent), canBeLost);
      if (answer === undefined) {
        // A lost request is repeated once, and the repetition arrives.
        canBeLost = false;
        await time.sleep(random(patience ?? 0));
        continue;
      }
      client.receive(sent, answer);
      if (answer.action !== 'retry' || answer.retryAfter === undefined) return answer;
      retries += 1;
      await time.sleep(answer.retryAfter * 1_000);
    }
    return undefined;
  }

  async function use(answer: Answer | undefined): Promise<void> {
    const used = await travel(() => client.me(answer?.accessToken), false);
    if (used?.status !== 200) refused.push(used ?? noAnswer);
    if (round.sendReports === undefined) return;
    await time.sleep(random(spread));
    await round.sendReports();
  }

  async function beTab(): Promise<void> {
    const moments = Array.from({ length: refreshes }, () => random(spread));
    const start = time.now();
    for (const moment of moments.toSorted((one, other) => one - other)) {
      await time.sleep(Math.max(0, start + moment - time.now()));
      const answer = await refresh();
      if (answer?.status !== 200) refused.push(answer ?? noAnswer);
      if (usesTokens) await use(answer);
    }
  }

  async function signInAgain(): Promise<void> {
    await time.sleep(random(spread));
    const sent = client.kept;
    const answer = await travel(() => client.login(subject), false);
    if (answer !== undefined) client.receive(sent, answer);
  }

  await time.run([...Array.from({ length: tabs }, () => beTab), ...(signsIn ? [signInAgain] : [])]);
  return { refused, retries };
}

/** Refreshes once more, without a delay, and uses the access token. */
export async function isStillSignedIn({ client }: Round): Promise<boolean> {
  const sent = client.kept;
  const answer = await client.refresh(sent);
  client.receive(sent, answer);
  return answer.status === 200 && (await client.me(answer.accessToken)).status === 200;
}

const noAnswer: Answer = {
  status: 0,
  code: undefined,
  action: undefined,
  retryAfter: undefined,
  accessToken: undefined,
  refreshToken: undefined,
};

/** Whether an event accuses a client, or ends its session. */
export function isAccusation(event: TokenpairEvent): event is TokenpairEvent & { subject: string } {
  return (
    event.type === 'refresh.reused' ||
    event.type === 'refresh.forged_with_valid_tag' ||
    event.type === 'session.rolled_back' ||
    event.type === 'session.revoked'
  );
}
