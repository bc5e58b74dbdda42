// The stories, as data: the page runs them, the tests run them, and the pictures in docs/ are drawn from them.
//
// A step says who does what, and what the tap must have seen when it is done. What follows a step that `begins` is compared with the
// state after that step. `expects`:
//   answers     [who, path, outcome]: among the answers to each sender, in this order. An outcome is a status, or a status, a code
//               and an action, or a fault of the tap.
//   rotations   how often the session of the tabs has rotated since the beginning: a number, or [fewest, most]
//   session     'same' or 'ended', compared with the beginning
//   events      how often each event was emitted since the beginning
//   sameToken   the answers to both tabs have the same refresh token
//   held        the tap holds back the answer to a refresh of this tab
//   newKey      the last access token is signed with another key than that of the beginning
//   shows       what the tabs show: 'signed-in', or 'signed-out'. 'signed-in' also: no sign-in form was shown meanwhile.

/** Past the access token and past the settle time: the next refresh rotates. */
const later = { who: 'server', does: 'advance', with: { seconds: 301 }, says: 'Five minutes pass' };

const tabs = ['tab-a', 'tab-b'];
const signedIn = { 'tab-a': 'signed-in' };
const bothSignedOut = { 'tab-a': 'signed-out', 'tab-b': 'signed-out' };

const ready = {
  who: 'tab-a',
  does: 'be-signed-in',
  says: 'Tab A is signed in',
  begins: true,
  expects: { answers: [['tab-a', '/me', '200']] },
};
const bothReady = [
  ready,
  {
    who: 'tab-b',
    does: 'be-signed-in',
    says: 'Tab B is signed in',
    begins: true,
    expects: { answers: [['tab-b', '/me', '200']] },
  },
];
const isReported = {
  who: 'server',
  does: 'reports',
  says: 'The verifier has reported the use',
};
const refreshed = (who) => [
  [who, '/me', '401 token_expired · refresh'],
  [who, '/auth/refresh', '200'],
  [who, '/me', '200'],
];
const survived = {
  answers: [
    ['tab-a', '/auth/refresh', '200'],
    ['tab-a', '/me', '200'],
  ],
  rotations: [0, 1],
  session: 'same',
  shows: signedIn,
};
const callUnderFault = {
  who: 'tab-a',
  does: 'call',
  says: 'Tab A calls the API',
  expects: survived,
};

export const groups = [
  {
    name: 'Everyday',
    says: 'A session from sign-in to the next morning.',
    scenarios: [
      {
        id: 'sign-in',
        title: 'Sign in',
        says: 'Tab A signs in and gets a token pair. No script can read the refresh token.',
        usual: 'keeps both tokens in localStorage, where every script of the page can read them.',
        steps: [
          {
            who: 'tab-a',
            does: 'sign-in',
            says: 'Tab A signs in',
            expects: { answers: [['tab-a', '/login', '200']], shows: signedIn },
          },
        ],
      },
      {
        id: 'call',
        title: 'Call the API',
        says: 'Tab A calls the API with its access token. The store is not asked.',
        usual: 'reads a session from a database at each call.',
        steps: [
          ready,
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: { answers: [['tab-a', '/me', '200']] },
          },
        ],
      },
      {
        id: 'expire',
        title: 'Let 5 minutes pass and call',
        says: 'The access token has expired: the client refreshes once and repeats the call.',
        usual:
          'compares the clock of the browser with the token, and fails when that clock is wrong.',
        steps: [
          ready,
          later,
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: { answers: refreshed('tab-a'), rotations: 1, session: 'same' },
          },
        ],
      },
      {
        id: 'two-tabs',
        title: 'Two tabs at once',
        says: 'Both tabs refresh with one cookie. The session rotates once, and both get the same successor.',
        usual: 'takes the second tab for a thief and signs the user out.',
        steps: [
          ...bothReady,
          later,
          {
            who: 'server',
            does: 'refreshes',
            with: { fault: 'hold' },
            says: 'The first answer will be late',
          },
          {
            who: tabs,
            does: 'call',
            says: 'Both tabs call the API at once',
            expects: {
              answers: [...refreshed('tab-a'), ...refreshed('tab-b')],
              rotations: 1,
              session: 'same',
              sameToken: true,
              shows: { 'tab-a': 'signed-in', 'tab-b': 'signed-in' },
            },
          },
        ],
      },
      {
        id: 'return',
        title: 'Come back after 8 hours',
        says: 'Both tabs are closed and opened again the next morning. The cookie brings the session back.',
        usual: 'remembers the login in a flag, which Safari deletes after seven days.',
        steps: [
          ...bothReady,
          { who: tabs, does: 'close', says: 'Both tabs are closed' },
          {
            who: 'server',
            does: 'advance',
            with: { seconds: 28_800 },
            says: 'Eight hours pass',
          },
          { who: tabs, does: 'open', says: 'Both tabs are opened' },
          {
            who: tabs,
            does: 'call',
            says: 'Both tabs call the API',
            expects: {
              answers: [
                ['tab-a', '/me', '200'],
                ['tab-b', '/me', '200'],
              ],
              session: 'same',
              shows: { 'tab-a': 'signed-in', 'tab-b': 'signed-in' },
            },
          },
        ],
      },
    ],
  },
  {
    name: 'Mishaps',
    says: 'Networks, proxies and stores fail. No user is signed out.',
    scenarios: [
      {
        id: 'lost-answer',
        title: 'Lose the answer',
        says: 'The connection is cut after the session has rotated. The same token gets the same successor.',
        usual: 'has spent the token, so the repeated refresh is a theft.',
        steps: [
          ready,
          later,
          {
            who: 'server',
            does: 'refreshes',
            with: { fault: 'cut' },
            says: 'The next answer will be cut off',
          },
          callUnderFault,
        ],
      },
      {
        id: 'bad-gateway',
        title: 'A proxy answers 502',
        says: 'A proxy puts its own page in place of two answers. That is no verdict, so the client asks again.',
        usual: 'takes every failed refresh for the end of the session.',
        steps: [
          ready,
          later,
          {
            who: 'server',
            does: 'refreshes',
            with: { fault: 'html', times: 2 },
            says: 'Two answers will be HTML',
          },
          callUnderFault,
        ],
      },
      {
        id: 'store-down',
        title: 'The store is down',
        says: 'The store fails and works again. Nothing was spent, and the client waits as long as it is told.',
        usual: 'answers 401 when its database is away, and the client deletes the tokens.',
        steps: [
          ready,
          later,
          { who: 'server', does: 'store', with: { works: false }, says: 'The store fails' },
          {
            who: 'tab-a',
            does: 'begin-call',
            says: 'Tab A calls the API',
            expects: {
              answers: [['tab-a', '/auth/refresh', '503 temporarily_unavailable · retry']],
            },
          },
          { who: 'server', does: 'store', with: { works: true }, says: 'The store works again' },
          {
            who: 'tab-a',
            does: 'finish',
            says: 'Tab A waits and asks again',
            expects: survived,
          },
        ],
      },
      {
        id: 'closed-tab',
        title: 'Close the tab meanwhile',
        says: 'Tab A is closed while its refresh is under way, and opened again.',
        usual: 'loses the successor with the tab, and signs the user out.',
        steps: [
          ready,
          later,
          {
            who: 'server',
            does: 'refreshes',
            with: { fault: 'strand' },
            says: 'The answer will be under way for long',
          },
          {
            who: 'tab-a',
            does: 'begin-call',
            says: 'Tab A calls the API',
            expects: { held: 'tab-a' },
          },
          { who: 'tab-a', does: 'close', says: 'Tab A is closed' },
          { who: 'tab-a', does: 'open', says: 'Tab A is opened again' },
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: {
              answers: [['tab-a', '/me', '200']],
              rotations: [0, 1],
              session: 'same',
              shows: signedIn,
            },
          },
        ],
      },
      {
        id: 'role',
        title: 'Change the role',
        says: 'Alan may not see the admin page. He becomes an admin: the next access token says so.',
        usual: 'shows the old role until the next login.',
        steps: [
          { who: 'server', does: 'role', with: { role: 'user' }, says: 'Alan is a user' },
          {
            who: 'tab-a',
            does: 'sign-in',
            says: 'Tab A signs in',
            expects: { answers: [['tab-a', '/login', '200']] },
            begins: true,
          },
          {
            who: 'tab-a',
            does: 'call',
            with: { path: '/admin' },
            says: 'Tab A asks for the admin page',
            expects: { answers: [['tab-a', '/admin', '403 claim_refused · fix']] },
          },
          { who: 'server', does: 'role', with: { role: 'admin' }, says: 'Alan is an admin' },
          later,
          {
            who: 'tab-a',
            does: 'call',
            with: { path: '/admin' },
            says: 'Tab A asks again',
            expects: { answers: [['tab-a', '/admin', '200']], session: 'same', shows: signedIn },
          },
        ],
      },
      {
        id: 'rotate-key',
        title: 'Rotate the signing key',
        says: 'A new key signs from now on. The old key still verifies.',
        usual: 'signs every user out, so the key is never rotated.',
        steps: [
          ready,
          { who: 'server', does: 'keys', with: { keepOld: true }, says: 'A new key comes first' },
          later,
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: {
              answers: [['tab-a', '/me', '200']],
              session: 'same',
              newKey: true,
              shows: signedIn,
            },
          },
        ],
      },
      {
        id: 'lose-key',
        title: 'Lose the signing key',
        says: 'The old key is gone. One refresh brings an access token of the new key.',
        usual: 'answers 401 to every user, and every user signs in again.',
        steps: [
          ready,
          { who: 'server', does: 'keys', with: { keepOld: false }, says: 'Only a new key is left' },
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: {
              answers: [
                ['tab-a', '/me', '401 token_key_unknown · refresh'],
                ['tab-a', '/auth/refresh', '200'],
                ['tab-a', '/me', '200'],
              ],
              session: 'same',
              newKey: true,
              shows: signedIn,
            },
          },
        ],
      },
    ],
  },
  {
    name: 'Theft',
    says: 'A thief has a copy of the refresh token.',
    limit:
      'The limit: a thief who refreshes inside the reuse interval of each refresh of the owner holds what the owner holds, and is not detected until one of them is late.',
    scenarios: [
      {
        id: 'replay',
        title: 'A thief replays an old token',
        says: 'The owner has refreshed since. The old token gives the thief away, and the session ends.',
        usual: 'accepts the token as long as it has not expired.',
        steps: [
          ...bothReady,
          {
            who: 'thief',
            does: 'copy',
            says: 'The thief copies the refresh token of the tabs',
          },
          later,
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A calls the API',
            expects: { answers: refreshed('tab-a'), rotations: 1 },
          },
          isReported,
          later,
          {
            who: 'thief',
            does: 'refresh',
            says: 'The thief uses the copy',
            expects: {
              answers: [['thief', '/auth/refresh', '401 refresh_token_invalid · login']],
              events: { 'refresh.reused': 1 },
              session: 'ended',
            },
          },
          {
            who: tabs,
            does: 'call',
            says: 'Both tabs call the API: signed out',
            expects: {
              answers: [
                ['tab-a', '/me', '401'],
                ['tab-b', '/me', '401'],
              ],
              events: { 'refresh.reused': 1 },
              session: 'ended',
              shows: bothSignedOut,
            },
          },
        ],
      },
      {
        id: 'thief-first',
        title: 'The thief comes first',
        says: "The thief is in until the owner's next refresh. Then the session ends, and both are out.",
        usual: 'lets the thief refresh for as long as the token lives.',
        steps: [
          ...bothReady,
          {
            who: 'thief',
            does: 'copy',
            says: 'The thief copies the refresh token of the tabs',
          },
          later,
          {
            who: 'thief',
            does: 'refresh',
            says: 'The thief refreshes first',
            expects: { answers: [['thief', '/auth/refresh', '200']], rotations: 1 },
          },
          {
            who: 'thief',
            does: 'call',
            says: 'The thief calls the API: the thief is in',
            expects: { answers: [['thief', '/me', '200']] },
          },
          isReported,
          later,
          {
            who: 'tab-a',
            does: 'call',
            says: 'Tab A refreshes with the spent token',
            expects: {
              answers: [['tab-a', '/auth/refresh', '401 refresh_token_invalid · login']],
              events: { 'refresh.reused': 1 },
              session: 'ended',
            },
          },
          {
            who: 'tab-b',
            does: 'call',
            says: 'Tab B calls the API: signed out',
            expects: { shows: bothSignedOut },
          },
          {
            who: 'thief',
            does: 'refresh',
            says: 'The thief refreshes again: the thief is out',
            expects: {
              answers: [['thief', '/auth/refresh', '401 refresh_token_invalid · login']],
              events: { 'refresh.reused': 1 },
              session: 'ended',
              shows: bothSignedOut,
            },
          },
        ],
      },
      {
        id: 'elsewhere',
        title: 'Log out elsewhere',
        says: 'The phone ends every session of the user. Both tabs are signed out at once.',
        usual: 'lets access tokens live until they expire.',
        steps: [
          ...bothReady,
          {
            who: 'phone',
            does: 'sign-in',
            says: 'The phone signs in as the same user',
            expects: { answers: [['phone', '/login', '200']] },
          },
          {
            who: 'phone',
            does: 'sign-out-everywhere',
            says: 'The phone signs out everywhere',
            expects: { answers: [['phone', '/auth/logout-all', '200']], session: 'ended' },
          },
          {
            who: tabs,
            does: 'call',
            says: 'Both tabs call the API',
            expects: {
              answers: [
                ['tab-a', '/me', '401 session_revoked · login'],
                ['tab-b', '/me', '401 session_revoked · login'],
              ],
              session: 'ended',
              shows: bothSignedOut,
            },
          },
        ],
      },
    ],
  },
];

export const scenarios = groups.flatMap(({ scenarios: some }) => some);
