// A network between clients and a service, which loses, delays, reorders and replaces requests and answers. It works at the sockets of
// the service: a client sees what it would see in a real one.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { send, startServer, type TestRequest, type TestResponse } from '../../support/http.js';
import type { Random } from '../../support/tabs/random.js';
import type { VirtualTime } from './virtual-time.js';

export interface Network {
  readonly origin: string;
  /** Whether anything is lost or late. */
  isRough: boolean;
  /** The number of requests. */
  readonly count: () => number;
  /** Sends a request through the network. */
  send(request: TestRequest): Promise<TestResponse>;
  close(): Promise<void>;
}

/** A request that is under way. */
interface Flight {
  readonly number: number;
  /** What happens to it. It is decided before it leaves, so that the order of the sockets decides nothing. */
  readonly fate: Fate;
  /** Ends what time waits for. */
  end: () => void;
}

interface Fate {
  /** Milliseconds of each way. */
  readonly there: number;
  readonly back: number;
  readonly isLost: boolean;
  readonly isAnswerLost: boolean;
  /** The status of the answer of a proxy, or of the portal of an inn. */
  readonly replacedBy: number | undefined;
}

export async function createNetwork(
  listener: RequestListener,
  time: VirtualTime,
  random: Random,
): Promise<Network> {
  const flights = new Map<string, Flight>();
  let serial = 0;
  const server = await startServer((request, response) => void serve(request, response));

  const network: Network = {
    origin: `http://127.0.0.1:${server.port}`,
    isRough: false,
    count: () => serial,
    async send(request) {
      const id = String(serial++);
      const flight = { number: serial, fate: decide(), end: time.begin() };
      flights.set(id, flight);
      try {
        const headers = { ...request.headers, 'X-Flight': id };
        return await send(server.port, { ...request, headers });
      } finally {
        flight.end();
        flights.delete(id);
      }
    },
    close: () => server.close(),
  };

  const chance = (percent: number) => network.isRough && random(999) < percent * 10;

  /** Milliseconds for one way. A client waits at most 10 s for an answer. */
  function travelTime(): number {
    if (chance(1)) return 11_000 + random(1_500);
    if (chance(5)) return random(4_700);
    return 20 + random(130);
  }

  function decide(): Fate {
    return {
      there: travelTime(),
      back: travelTime(),
      isLost: chance(3),
      isAnswerLost: chance(4),
      replacedBy: chance(2) ? [200, 502][random(1)] : undefined,
    };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const flight = flights.get(String(request.headers['x-flight'])) as Flight;
    const { there, back, isLost, isAnswerLost, replacedBy } = flight.fate;
    await hold(flight, there);
    if (isLost) {
      response.destroy();
    } else if (replacedBy !== undefined) {
      response.writeHead(replacedBy, { 'Content-Type': 'text/html' }).end('<p>');
    } else {
      const end = response.end.bind(response) as (...args: readonly unknown[]) => void;
      response.end = (...args: readonly unknown[]) => {
        void hold(flight, back).then(() => (isAnswerLost ? response.destroy() : end(...args)));
        return response;
      };
      listener(request, response);
    }
  }

  /** Time passes while the message is on its way. */
  function hold(flight: Flight, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        flight.end = time.begin();
        resolve();
      };
      time.after(milliseconds, goOn, flight.number);
      flight.end();
    });
  }

  return network;
}
