// The page. The refresh token is in a cookie that no script can read; @tokenpair/client keeps the access token in a variable.
import { createClient } from './tokenpair-client.js';

const [statusLine, form, section] = document.querySelectorAll('[role=status], form, section');
const say = (words) => (statusLine.textContent = words);
const isBusy = () => statusLine.textContent.endsWith('…');

const client = createClient({
  mount: '/auth',
  transport: 'cookie',
  // A refresh may also fail beside a call that has its answer.
  onEvent: ({ wait }) =>
    isBusy() && say(`The server cannot answer just now. Trying again in ${Math.ceil(wait)} s …`),
});

// Called at each change, also when it happens in another tab.
client.subscribe(({ status }) => {
  form.hidden = status !== 'signed-out';
  section.hidden = status === 'signed-out';
  if (status === 'signed-out') say('Please sign in.');
  if (status === 'signed-in') run(who);
});

async function who() {
  const state = client.session();
  const response = await client.fetch('/me');
  const { name, code } = await response.json();
  // The listener above shows a session that has changed.
  if (state !== client.session()) return;
  if (state.status === 'signed-out') say('Please sign in.');
  else say(response.ok ? `Signed in as ${name}.` : wordsFor({ code }));
}

async function signIn() {
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  const headers = { 'Content-Type': 'application/json' };
  await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
}

async function signOut() {
  const { ended } = await client.signOut();
  if (!ended) say('Signed out in this browser. The server could not end the session.');
}

function run(step) {
  say('…');
  step().catch((error) => error.code === 'session_changed' || say(wordsFor(error)));
}

function wordsFor({ code, refusal = { code } }) {
  if (refusal.code === 'login_failed') return 'Wrong name or password.';
  return `Something is wrong: ${refusal.code ?? 'no answer'}.`;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  run(signIn);
});
document.querySelector('#who').addEventListener('click', () => run(who));
document.querySelector('#sign-out').addEventListener('click', () => run(signOut));

// Ask the server whether there is a session: only the server can read the cookie.
run(client.start);
