// Turns a Koa application into a request listener for a server of Node.

import type { RequestListener } from 'node:http';

import type Koa from 'koa3';

/** The callback of Koa without its promise, which a server of Node does not await. */
export function toListener(app: Koa): RequestListener {
  const handle = app.callback();
  return (req, res) => void handle(req, res);
}
