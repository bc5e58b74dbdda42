// Rows of the adapter contract: access tokens in a cookie, which every page can make a browser send.

import type { ContractRow } from './contract-row.js';
import { believed, disbelieved, host } from './cookie-rows.js';

export const accessCookieRows: readonly ContractRow[] = [
  ...Object.entries(believed).map(([from, headers]): ContractRow => ({
    name: `takes an access token from a cookie in a POST ${from}`,
    request: (world) => ({
      method: 'POST',
      path: '/lenient',
      headers: { Host: host, ...headers, Cookie: `access=${world.forge()}` },
    }),
    expect: { status: 200 },
  })),
  ...Object.entries(disbelieved).map(([from, headers]): ContractRow => ({
    name: `takes no access token from a cookie in a POST ${from}`,
    request: (world) => ({
      method: 'POST',
      path: '/lenient',
      headers: { Host: host, ...headers, Cookie: `access=${world.forge()}` },
    }),
    expect: { status: 403, code: 'origin_refused', calls: [] },
  })),
  ...['PUT', 'PATCH', 'DELETE'].map((method): ContractRow => ({
    name: `takes no access token from a cookie in a ${method} from another site`,
    request: (world) => ({
      method,
      path: '/lenient',
      headers: { 'Sec-Fetch-Site': 'cross-site', Cookie: `access=${world.forge()}` },
    }),
    expect: { status: 403, code: 'origin_refused', calls: [] },
  })),
  {
    name: 'takes an access token from a cookie in a GET from another site, which must not change anything',
    request: (world) => ({
      path: '/lenient',
      headers: { 'Sec-Fetch-Site': 'cross-site', Cookie: `access=${world.forge()}` },
    }),
    expect: { status: 200 },
  },
  {
    name: 'takes an access token from the header in a POST from another site',
    request: (world) => ({
      method: 'POST',
      path: '/lenient',
      headers: { 'Sec-Fetch-Site': 'cross-site', Authorization: `Bearer ${world.forge()}` },
    }),
    expect: { status: 200 },
  },
];
