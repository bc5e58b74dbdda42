// The controls of the playground. They touch the clock, the store, the answers of refreshes, the roles and the keys, and nothing else.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

import type { Application } from './app.js';
import type { Phone } from './phone.js';
import type { Stream } from './stream.js';
import { faults, type Fault, type Tap } from './tap.js';
import type { Thief } from './thief.js';

/** What the controls move. */
export interface World {
  readonly stream: Stream;
  readonly app: Application;
  readonly tap: Tap;
  readonly phone: Phone;
  readonly thief: Thief;
  /** Moves the clock forward. */
  readonly advance: (seconds: number) => void;
  /** Makes a new application, with an empty stream. */
  startOver(): Promise<void>;
}

type Body = Readonly<Record<string, unknown>>;
type Control = (world: World, body: Body) => unknown;

/** The user of both tabs and of the phone. */
const alan = 'u_2';

/** By the last part of the path. */
const controls: ReadonlyMap<string, Control> = new Map<string, Control>([
  ['start-over', (world) => world.startOver()],
  // Answers the number of the latest message, so that a page knows when it has seen everything until now.
  ['mark', () => undefined],
  [
    'advance',
    async ({ app, advance }, { seconds }) => {
      if (typeof seconds !== 'number' || seconds < 1 || seconds > 86_400 * 365) {
        throw new RangeError('seconds must be 1 second to 1 year');
      }
      advance(seconds);
      await app.readRecords();
    },
  ],
  [
    'store',
    async ({ app, stream, tap }, { works }) => {
      // A report that fails would pause the next ones for 5 seconds.
      if (works !== true) await app.waitForReports(tap.uses);
      const isChange = app.breakStore(works !== true);
      const says = works === true ? 'store works' : 'store down';
      if (isChange) stream.publish({ type: 'control', says });
    },
  ],
  [
    'refreshes',
    ({ tap }, { fault, times = 1 }) => {
      if (!faults.includes(fault as Fault)) throw new RangeError(`fault: ${faults.join(', ')}`);
      tap.breakRefreshes(
        ...Array.from({ length: Math.min(Number(times), 5) }, () => fault as Fault),
      );
    },
  ],
  [
    'role',
    ({ app, stream }, { role }) => {
      if (role !== 'admin' && role !== 'user') throw new RangeError('role: admin or user');
      app.setRole(alan, role);
      stream.publish({ type: 'control', says: `alan: ${role}` });
    },
  ],
  [
    'keys',
    ({ app, stream }, { keepOld }) => {
      app.replaceKeys(keepOld === true);
      stream.publish({ type: 'control', says: keepOld === true ? 'new key' : 'key lost' });
    },
  ],
  // A thief is recognised by what was seen in use, and uses are reported up to 250 ms later.
  ['reports', ({ app, tap }) => app.waitForReports(tap.uses)],
  [
    'phone',
    ({ phone }, { does }) => {
      if (does === 'sign-in') return phone.signIn();
      return does === 'sign-out-everywhere' ? phone.signOutEverywhere() : phone.call();
    },
  ],
  [
    'thief',
    ({ thief, tap, stream }, { does }) => {
      if (does === 'refresh') return thief.refresh();
      if (does === 'call') return thief.call();
      const cookie = tap.cookie();
      if (cookie === undefined) throw new RangeError('No tab has signed in yet.');
      thief.copy(cookie);
      return stream.publish({ type: 'control', says: 'thief copies' });
    },
  ],
]);

/** Answers `POST /playground/<verb>`, to pages of this origin only. */
export async function control(
  world: World,
  verb: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const run = controls.get(verb);
  if (run === undefined) return answer(response, 404, { message: 'There is no such control.' });
  if (request.method !== 'POST') return answer(response, 405, { message: 'POST it.' });
  if (!isSameOrigin(request)) {
    return answer(response, 403, { message: 'Controls take requests of their own page only.' });
  }
  try {
    await run(world, (await json(request)) as Body);
    // The cookie of the former application would be refused by the new one.
    if (verb === 'start-over') response.setHeader('Set-Cookie', noCookie);
    return answer(response, 200, { sequence: world.stream.sequence });
  } catch (error) {
    // The page shows it: in some stories the server refuses the phone or the thief.
    const message = error instanceof Error ? error.message : String(error);
    return answer(response, 409, { message, sequence: world.stream.sequence });
  }
}

const noCookie = '__Host-refresh_token=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict';

/** Browsers send `Sec-Fetch-Site`, older ones `Origin`. Without both a program asks, which has to name the origin. */
function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { host, origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === `http://${host}`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
