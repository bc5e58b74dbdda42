// Requests as Node hands them to a framework: the header a string that nobody has hashed, sliced or flattened yet, as
// it comes from a socket, and the request an IncomingMessage with its headers read.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** Makes strings of one byte a character out of bytes, as Node's parser does; each call makes a new one. */
export function freshHeaders(tokens) {
  const bytes = tokens.map((token) => Buffer.from(`Bearer ${token}`, 'latin1'));
  return (at) => {
    const header = bytes[at % bytes.length];
    return header.latin1Slice(0, header.length);
  };
}

/** Makes requests for Express or Koa (there contexts), with the prototypes that the framework gives them. */
export async function createRequestFactory(framework) {
  const socket = new Socket();
  if (framework === 'koa') {
    const { default: Koa } = await import('koa');
    const app = new Koa();
    return {
      requestWith(authorization) {
        const req = incoming(new IncomingMessage(socket), authorization);
        return app.createContext(req, new ServerResponse(req));
      },
    };
  }
  const { default: express } = await import('express');
  const app = express();
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  endow(Request, express.request, app.request);
  endow(Response, express.response, app.response);
  return {
    requestWith: (authorization) => incoming(new Request(socket), authorization),
    respond: () => new Response(incoming(new Request(socket), '')),
  };
}

// Express changes the prototype of each request, after which V8 shares nothing of what it knows of them: whoever then
// writes `req.auth` pays about a microsecond for it. That is Express's doing and would drown what is to be measured, so
// here requests are born with that prototype. Section `http` has it all.
function endow({ prototype }, ...donors) {
  for (const donor of donors) {
    Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(donor));
  }
}

function incoming(req, authorization) {
  req.method = 'GET';
  req.url = '/orders?state=open';
  req.httpVersionMajor = 1;
  req.httpVersionMinor = 1;
  const lines = [
    'Host',
    'api.example.com',
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    'Accept',
    'application/json',
    'Accept-Encoding',
    'gzip, deflate, br, zstd',
    'Connection',
    'keep-alive',
    'Authorization',
    authorization,
  ];
  // oxlint-disable-next-line no-underscore-dangle -- what Node's own parser calls
  req._addHeaderLines(lines, lines.length);
  // Node reads `expect` before any listener is called, so a framework never pays for the parsing.
  return req.headers.expect === undefined ? req : undefined;
}
