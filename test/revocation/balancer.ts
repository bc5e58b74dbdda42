// A load balancer: each request goes to the next of some HTTP servers.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly port: number;
  /** How many requests each server has answered with 200. */
  readonly answers: readonly number[];
  /** Sets the servers, as many as before. */
  redirect(ports: readonly number[]): void;
  close(): Promise<void>;
}

export async function startBalancer(firstPorts: readonly number[]): Promise<Balancer> {
  let ports = firstPorts;
  const answers = ports.map(() => 0);
  let asked = 0;
  const server = createServer(({ url: path, headers }, response) => {
    const index = (asked += 1) % ports.length;
    const options = { host: '127.0.0.1', port: ports[index], path, headers, agent: false } as const;
    const outgoing = request(options, (answer) => {
      if (answer.statusCode === 200) answers[index] = (answers[index] ?? 0) + 1;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    outgoing.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    answers,
    redirect(next) {
      ports = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
