// The page: keeps the access token in a variable, which is lost with the page. The refresh token is in a cookie that no
// script can read; the browser sends it to /auth.
let accessToken;
let refreshing;
let latest;

/** Sends a request, and repeats it while the server answers `retry`. */
async function send(path, options) {
  const response = await fetch(path, { credentials: 'same-origin', ...options }).catch(() => null);
  const answer = await response?.json().catch(() => ({}));
  if (response?.ok) return answer;
  // A lost request or answer says nothing about the token: a refresh is repeated like any other request.
  if (response && answer.action !== 'retry') throw answer;
  const seconds = Number(response?.headers.get('Retry-After') ?? 2);
  say(`The server cannot answer just now. Trying again in ${seconds} s …`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return send(path, options);
}

/** One refresh at a time in this tab. Other tabs may refresh at the same moment: the server gives all of them one token. */
function refresh() {
  refreshing ??= send('/auth/refresh', { method: 'POST' })
    .then(takePair)
    .finally(() => (refreshing = undefined));
  return refreshing;
}

/** Calls the API with the access token. If the API answers `refresh`, refreshes and repeats the call once. */
async function callApi(path) {
  const call = () => send(path, { headers: bearer() });
  const used = accessToken;
  return call().catch(async (refusal) => {
    if (refusal.action !== 'refresh') throw refusal;
    // Another call may have refreshed in the meantime.
    if (accessToken === used) await refresh();
    // Only once: a second `refresh` would make a loop without end.
    return call().catch((again) => {
      throw again.action === 'refresh' ? { ...again, action: 'login' } : again;
    });
  });
}

function bearer() {
  return accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
}

async function signIn() {
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  const headers = { 'Content-Type': 'application/json' };
  takePair(await send('/login', { method: 'POST', headers, body }));
}

async function signOut() {
  // Wait for a running refresh: its answer would sign the user in again.
  await refreshing?.catch(() => {});
  await send('/auth/logout', { method: 'POST' });
  accessToken = undefined;
}

function takePair(pair) {
  accessToken = pair.access_token;
}

/** Runs a step, then shows who is signed in. Shows the form only on `login`. */
function run(step) {
  const mine = (latest = Symbol('run'));
  // After a second click, show only the answer to that click.
  const tell = (words, signedIn) => mine === latest && show(words, signedIn);
  say('…');
  step()
    .then(() => callApi('/me'))
    .then(
      ({ name }) => tell(`Signed in as ${name}.`, true),
      (refusal) => tell(wordsFor(refusal), refusal.action === 'login' ? false : undefined),
    );
}

function wordsFor({ code, action }) {
  if (code === 'login_failed') return 'Wrong name or password.';
  return action === 'login'
    ? 'Please sign in.'
    : `Something is wrong: ${code ?? 'no answer that makes sense'}.`;
}

const [statusLine, form, section] = document.querySelectorAll('[role=status], form, section');

function say(text) {
  statusLine.textContent = text;
}

function show(words, signedIn) {
  say(words);
  if (signedIn === undefined) return;
  form.hidden = signedIn;
  section.hidden = !signedIn;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  run(signIn);
});
document.querySelector('#who').addEventListener('click', () => run(async () => {}));
document.querySelector('#sign-out').addEventListener('click', () => run(signOut));

// Ask the server whether there is a session: only the server can read the cookie.
run(refresh);
