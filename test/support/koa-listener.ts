// A Koa application as a server of Node's takes it.

import type { RequestListener } from 'node:http';

import type Koa from 'koa3';

/** What Koa does with a request, for a server that waits for no promise. */
export function toListener(app: Koa): RequestListener {
  const handle = app.callback();
  return (req, res) => void handle(req, res);
}
