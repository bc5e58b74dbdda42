// The access token lives in this variable and goes with the page. The refresh token is in a cookie that no script can
// read: the browser sends it to /auth by itself.
let accessToken;
let refreshing;
let latest;

/** Asks the server, and asks again for as long as it says `retry`. */
async function send(path, options) {
  const response = await fetch(path, { credentials: 'same-origin', ...options }).catch(() => null);
  const answer = await response?.json().catch(() => ({}));
  if (response?.ok) return answer;
  // No answer is no verdict either: a refresh that got lost on its way is repeated like any other request.
  if (response && answer.action !== 'retry') throw answer;
  const seconds = Number(response?.headers.get('Retry-After') ?? 2);
  say(`The server cannot answer just now. Trying again in ${seconds} s …`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return send(path, options);
}

/** One refresh at a time in this tab; other tabs may refresh at the same moment, the server sorts that out. */
function refresh() {
  refreshing ??= send('/auth/refresh', { method: 'POST' })
    .then(takePair)
    .finally(() => (refreshing = undefined));
  return refreshing;
}

/** Calls the API with the access token; with a new one, once, if it says `refresh`. */
async function callApi(path) {
  const call = () => send(path, { headers: bearer() });
  const used = accessToken;
  return call().catch(async (refusal) => {
    if (refusal.action !== 'refresh') throw refusal;
    // Another call may have had the same answer, and the new token by now.
    if (accessToken === used) await refresh();
    // Once: what is refused with `refresh` again would be for ever.
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
  // A refresh under way would sign in again with its answer.
  await refreshing?.catch(() => {});
  await send('/auth/logout', { method: 'POST' });
  accessToken = undefined;
}

function takePair(pair) {
  accessToken = pair.access_token;
}

/** Runs a step, then shows who is signed in. Nothing but `login` brings the form up. */
function run(step) {
  const mine = (latest = Symbol('run'));
  // Who clicks again before there is an answer wants to see the later one.
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

// Is there a session? Only the server knows: it can read the cookie.
run(refresh);
