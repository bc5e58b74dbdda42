// A tab of the application: the client as published, with buttons. The playground presses the same buttons by message.
import { createClient } from './client.js';

const byId = (id) => document.getElementById(id);
const title = location.pathname.endsWith('tab-a') ? 'Tab A' : 'Tab B';
document.title = title;
byId('name').textContent = title;

const client = createClient({ mount: '/auth', transport: 'cookie' });

// How often the page has offered to sign in: a user who stays signed in never sees it.
let offers = 0;

client.subscribe(show);

function show({ status }) {
  const isOut = status === 'signed-out';
  if (isOut) offers += 1;
  byId('sign-in').hidden = !isOut;
  byId('sign-out').hidden = status !== 'signed-in';
  document.body.dataset.status = status;
  if (isOut) byId('who').textContent = 'Signed out';
  if (status === 'signed-in') byId('who').textContent = 'Signed in as alan';
}

const verbs = {
  async 'sign-in'() {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ username: 'alan', password: 'turing' });
    await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
    return 'Signed in.';
  },
  async call({ path = '/me' }) {
    // Without it the browser keeps answers, and a call that is repeated shows 304.
    const response = await client.fetch(path, { cache: 'no-store' });
    const { code } = await response.json();
    return `GET ${path} → ${[response.status, code].filter(Boolean).join(' ')}`;
  },
  async 'sign-out'() {
    await client.signOut();
    return 'Signed out.';
  },
  async 'be-signed-in'() {
    if (client.session().status !== 'signed-in') await verbs['sign-in']();
    return verbs.call({});
  },
};

async function run(does, options = {}) {
  try {
    byId('last').textContent = await verbs[does](options);
  } catch (error) {
    byId('last').textContent = `No answer: ${error.refusal?.code ?? error.code ?? error.name}.`;
  }
  return { status: client.session().status, offers };
}

for (const does of ['sign-in', 'call', 'sign-out']) {
  byId(does).addEventListener('click', () => void run(does));
}

addEventListener('message', ({ origin, source, data }) => {
  if (origin === location.origin && source === parent && data.does in verbs) void obey(data);
});

async function obey({ id, does, with: options }) {
  report(id, await run(does, options));
}

function report(id, outcome) {
  parent.postMessage({ tab: location.pathname, id, ...outcome }, location.origin);
}

// Ask the server whether there is a session: only the server can read the cookie.
try {
  show(await client.start());
} catch {
  byId('who').textContent = 'The server does not answer.';
}
if (parent !== window) report('ready', { status: client.session().status, offers });
