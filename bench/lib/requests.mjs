// Requests as Node hands them to a guard. Express gives each request another prototype first, which makes every property
// that a guard writes to the request several times dearer. That is left out here: it would favour ours, which writes none.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const socket = new Socket();

/** Makes a new string out of bytes at each call, as Node's parser does: never hashed, sliced or flattened before. */
export function freshHeaders(tokens) {
  const bytes = tokens.map((token) => Buffer.from(`Bearer ${token}`, 'latin1'));
  return (at) => {
    const header = bytes[at % bytes.length];
    return header.latin1Slice(0, header.length);
  };
}

export function requestWith(authorization) {
  const req = new IncomingMessage(socket);
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
  // oxlint-disable-next-line no-underscore-dangle -- Node's own parser calls it
  req._addHeaderLines(lines, lines.length);
  // Node's server reads a header before any guard runs, and the first read parses all of them.
  void req.headers.expect;
  return req;
}

export function respond() {
  return new ServerResponse(requestWith(''));
}
