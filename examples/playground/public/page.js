// The page: draws what the stream brings, and sends what the buttons ask for.
import { html, render } from './lit-html.js';
import { createRunner } from './runner.js';
import { groups } from './scenarios.js';
import {
  clockOf,
  createState,
  fold,
  howOf,
  names,
  outcomeOf,
  rows,
  sessionOf,
  toneOf,
} from './state.js';
import { drawTimeline, height, legend } from './timeline.js';

const byId = (id) => document.getElementById(id);

const state = createState();
const frames = createFrames();
const runner = createRunner(state, nextChange, frames);
/** By the ID of a story: the result of each step, and of the story. */
const results = new Map();

// --- the stream

const listeners = new Set();
const stream = new EventSource('/playground/stream');
stream.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === 'start') clearLists();
  fold(state, message);
  for (const resolve of listeners) resolve();
  listeners.clear();
  drawSoon();
});
stream.addEventListener('error', () => say('The server does not answer. Is it still running?'));
stream.addEventListener('open', () => state.sequence > 0 && say('Connected again.'));

function nextChange() {
  return new Promise((resolve) => listeners.add(resolve));
}

// --- the two tabs

function createFrames() {
  const tabs = {};
  const waiting = new Map();
  let count = 0;

  addEventListener('message', ({ origin, data }) => {
    const tab = data.tab?.split('/').at(-1);
    // A message of a frame that was closed meanwhile counts for nothing.
    if (origin !== location.origin || !tabs[tab]) return;
    Object.assign(tabs[tab], { status: data.status, offers: data.offers });
    waiting.get(`${tab} ${data.id}`)?.();
    waiting.delete(`${tab} ${data.id}`);
  });

  function wait(tab, id) {
    return new Promise((resolve) => waiting.set(`${tab} ${id}`, resolve));
  }

  return {
    open(tab) {
      const frame = document.createElement('iframe');
      frame.title = names[tab];
      frame.src = `/playground/${tab}`;
      tabs[tab] = { frame, status: 'starting', offers: 0 };
      const isReady = wait(tab, 'ready');
      byId(tab).replaceChildren(frame);
      return isReady;
    },
    close(tab) {
      delete tabs[tab];
      const note = document.createElement('p');
      note.className = 'empty';
      note.textContent = 'Closed.';
      byId(tab).replaceChildren(note);
    },
    async run(tab, does, details) {
      if (!tabs[tab]) return;
      count += 1;
      const isDone = wait(tab, count);
      const message = { id: count, does, with: details };
      tabs[tab].frame.contentWindow.postMessage(message, location.origin);
      await isDone;
    },
    isOpen: (tab) => tabs[tab] !== undefined,
    status: (tab) => tabs[tab]?.status ?? 'closed',
    offers: (tab) => tabs[tab]?.offers ?? 0,
  };
}

const openTabs = () => Promise.all(['tab-a', 'tab-b'].map((tab) => frames.open(tab)));

// --- stories

const tell = (scenario) =>
  act(async () => {
    const result = { steps: scenario.steps.map(() => 'waiting'), outcome: 'running' };
    results.clear();
    results.set(scenario.id, result);
    say(`${scenario.title} …`);
    draw();
    showSteps(scenario.id);
    const wrong = await runner.run(scenario, (index, outcome) => {
      result.steps[index] = outcome;
      draw();
    });
    result.outcome = wrong === undefined ? 'ok' : 'wrong';
    say(
      wrong === undefined
        ? `${scenario.title}: as expected.`
        : `${scenario.title}: not as expected. ${wrong}.`,
      result.outcome,
    );
    draw();
    showSteps(scenario.id);
  });

/** Scrolls the list of stories, never the page: the button that was pressed is in view. */
function showSteps(id) {
  const box = byId('stories');
  const end = Math.min(box.getBoundingClientRect().bottom, innerHeight) - 24;
  const { bottom } = document.querySelector(`[data-id="${id}"]`).getBoundingClientRect();
  if (bottom > end) box.scrollTop += bottom - end;
}

function say(text, outcome = 'neutral') {
  byId('outcome').textContent = text;
  byId('outcome').dataset.outcome = outcome;
}

/** Runs what a button asks for. Until it is done, the page looks busy, and another press counts for nothing. */
async function act(run) {
  const { dataset } = document.body;
  if (dataset.busy) return;
  dataset.busy = 'true';
  try {
    await run();
  } catch (error) {
    say(error.message, 'wrong');
  }
  delete dataset.busy;
  draw();
}

const startOver = () =>
  act(async () => {
    for (const tab of ['tab-a', 'tab-b']) frames.close(tab);
    await runner.post('start-over');
    results.clear();
    await openTabs();
    say('A new application, without a session.');
  });

// --- drawing

let isDue = false;

function drawSoon() {
  if (isDue) return;
  isDue = true;
  // Not `requestAnimationFrame`, which sleeps in a tab in the background.
  setTimeout(draw, 16);
}

function draw() {
  isDue = false;
  render(clockTemplate(), byId('clock'));
  render(tagsTemplate(), byId('tags'));
  render(groups.map(groupTemplate), byId('stories'));
  for (const row of rows) render(tokenTemplate(row), byId(`${row}-token`));
  render(deviceTemplate('phone', phoneButtons), byId('phone'));
  render(deviceTemplate('thief', thiefButtons), byId('thief'));
  drawTime();
  drawList('exchanges', state.exchanges.values(), ({ exchange }) => exchange, exchangeTemplate);
  drawList('events', state.events, ({ sequence }) => sequence, eventTemplate);
  render(storeTemplate(), byId('store'));
  byId('application').textContent = `examples/${state.settings?.framework ?? 'express'}-login`;
}

function button(name, run, kind = '') {
  return html`<button class=${kind} @click=${run}>${name}</button>`;
}

const advance = (seconds) => () => act(() => runner.post('advance', { seconds }));

function clockTemplate() {
  const now = clockOf(state);
  const ahead = state.moments.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  return html`
    <p class="clock">
      <span class="label">Server's clock</span>
      <time>${now === undefined ? '…' : sayTime(now)}</time>
      <span class="label ahead">${ahead > 0 ? `${sayAhead(ahead)} ahead` : ''}</span>
    </p>
    <div class="buttons">
      ${button('+ 301 s', advance(301))} ${button('+ 8 h', advance(28_800))}
      ${button('Start over', startOver)}
    </div>
  `;
}

function tagsTemplate() {
  const { framework, reuseInterval } = state.settings ?? {};
  return html`
    <span class="tag">demo keys</span>
    <span class="tag">${framework === 'koa' ? 'Koa' : 'Express'}</span>
    ${reuseInterval === 0 ? html`<span class="tag bad">reuse interval 0</span>` : ''}
  `;
}

function groupTemplate({ name, says, limit, scenarios }, index) {
  return html`
    <details class="group" name="group" ?open=${index === 0}>
      <summary>
        <h3>${name}</h3>
        <span class="count">${scenarios.length} stories</span>
        <span class="says">${says}</span>
      </summary>
      <ul>
        ${scenarios.map(scenarioTemplate)}
      </ul>
      ${limit ? html`<p class="limit">${limit}</p>` : ''}
    </details>
  `;
}

function scenarioTemplate(scenario) {
  const { id, title, says, usual, steps } = scenario;
  const result = results.get(id);
  return html`
    <li class="story" data-id=${id} data-outcome=${result?.outcome ?? 'none'}>
      <button aria-describedby="${id}-says ${id}-usual" @click=${() => tell(scenario)}>
        ${title}
      </button>
      <p id="${id}-says">${says}</p>
      <p id="${id}-usual" class="usual"><b>The usual recipe</b> ${usual}</p>
      ${
        result
          ? html`<ol class="steps">
              ${steps.map((step, index) => stepTemplate(step, result.steps[index]))}
            </ol>`
          : ''
      }
    </li>
  `;
}

const ticks = { waiting: ['·', 'not yet'], running: ['…', 'running'], ok: ['✓', 'as expected'] };

function stepTemplate({ says }, result) {
  const [mark, word] = ticks[result] ?? ['✗', 'not as expected'];
  const isWrong = ticks[result] === undefined;
  return html`<li data-result=${isWrong ? 'wrong' : result}>
    <span class="tick" role="img" aria-label=${word}>${mark}</span>
    <span>${says}${isWrong ? html`<br /><em>${result}</em>` : ''}</span>
  </li>`;
}

function tokenTemplate(row) {
  const access = state.access[row];
  if (!access) return html`<span class="label">no access token</span>`;
  const left = Math.round((access.expiresAt - clockOf(state)) / 1_000);
  const isLive = state.records.some(({ sessionId }) => sessionId === access.sessionId);
  const validity = !isLive ? 'ended' : left > 0 ? `valid ${sayDuration(left)}` : 'expired';
  return html`<span class="generation" title="generation">${access.generation}</span>
    <span class="print">·${access.print}</span> <span class="label">${validity}</span>`;
}

const phoneButtons = [
  ['Sign in', 'sign-in'],
  ['Call the API', 'call'],
  ['Sign out everywhere', 'sign-out-everywhere'],
];
const thiefButtons = [
  ['Copy the cookie', 'copy'],
  ['Refresh', 'refresh'],
  ['Call the API', 'call'],
];

function deviceTemplate(row, buttons) {
  const last = [...state.exchanges.values()].findLast((exchange) => exchange.row === row);
  const idle =
    row === 'phone' ? 'The same client, in Node.js.' : 'Plain HTTP with a stolen cookie.';
  return html`
    <p class="last">
      ${last ? html`${last.path} → <b>${breakable(outcomeOf(last))}</b>` : html`<span>${idle}</span>`}
    </p>
    <div class="buttons">
      ${buttons.map(([name, does]) => button(name, () => act(() => runner.post(row, { does }))))}
    </div>
  `;
}

/** Lets a code break after its underscores. */
function breakable(text) {
  return text.replaceAll('_', '_\u200b');
}

let drawnMoments;

function drawTime() {
  const { drawing, width, description } = drawTimeline(state);
  render(
    html`
      <div class="lanes">
        <ul class="labels">
          ${[...rows, 'store'].map((row) => html`<li>${names[row] ?? 'Store'}</li>`)}
        </ul>
        <div class="scroller" tabindex="0" role="region" aria-label="Timeline, scrolls sideways">
          <svg
            class="timeline"
            role="img"
            aria-labelledby="timeline-title timeline-desc"
            width=${width}
            height=${height}
          >
            <title id="timeline-title">The life of the session</title>
            <desc id="timeline-desc">${description}</desc>
            ${drawing}
          </svg>
          ${
            state.moments.length > 0
              ? ''
              : html`<p class="empty">
                  Nothing has happened yet. Choose a story, or press the buttons of the tabs.
                </p>`
          }
        </div>
      </div>
    `,
    byId('timeline'),
  );
  if (drawnMoments !== state.moments.length) {
    drawnMoments = state.moments.length;
    const scroller = document.querySelector('.scroller');
    scroller.scrollLeft = scroller.scrollWidth;
  }
}

/** Lists whose newest entry is first. Each entry keeps its element, so that an open one stays open while others come. */
const lists = { exchanges: new Map(), events: new Map() };
const maxItems = 200;

function drawList(name, entries, keyOf, template) {
  const list = byId(name);
  const items = lists[name];
  for (const entry of [...entries].slice(-maxItems)) {
    const key = keyOf(entry);
    if (!items.has(key)) {
      items.set(key, document.createElement('li'));
      list.prepend(items.get(key));
      if (list.children.length > maxItems) list.lastChild.remove();
    }
    render(template(entry), items.get(key));
  }
  byId(`no-${name}`).hidden = items.size > 0;
}

function clearLists() {
  for (const [name, items] of Object.entries(lists)) {
    items.clear();
    byId(name).replaceChildren();
  }
}

function exchangeTemplate(exchange) {
  const { row, method, path, answer, headers } = exchange;
  const outcome = outcomeOf(exchange);
  const how = howOf(exchange);
  return html`
    <details>
      <summary>
        <span class="who ${row}">${names[row]}</span>
        <span class="line">
          <span class="request">${method} ${path}</span>
          <span class="outcome ${toneOf(exchange)}">→ ${outcome}</span>
          ${how ? html`<span class="tag">${how}</span>` : ''}
        </span>
      </summary>
      <div class="message">
        <h3>Request</h3>
        <pre>${sayHeaders(headers)}${sayBody(answer?.sent)}</pre>
        <h3>Answer</h3>
        <pre>
${answer ? `HTTP ${answer.status}\n${sayHeaders(answer.headers)}${sayBody(answer.body)}` : '…'}</pre>
      </div>
    </details>
  `;
}

function sayHeaders(headers) {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

function sayBody(body) {
  if (body === undefined || body === '') return '';
  return `\n${typeof body === 'string' ? body : JSON.stringify(body, null, 2)}`;
}

function storeTemplate() {
  if (state.records.length === 0) return html`<p class="empty">No session.</p>`;
  const own = sessionOf(state);
  return html`
    <div class="table" tabindex="0" role="region" aria-label="Session records">
      <table>
        <thead>
          <tr>
            <th scope="col">session</th>
            <th scope="col">generation</th>
            <th scope="col">seen in use</th>
            <th scope="col">made</th>
            <th scope="col">idle end</th>
            <th scope="col">absolute end</th>
            <th scope="col">hash, no token</th>
          </tr>
        </thead>
        <tbody>
          ${state.records.map(
            (record) =>
              html`<tr>
                <td>${record === own ? 'the tabs' : 'another'}</td>
                <td><b>${record.generation}</b></td>
                <td>${record.confirmed}</td>
                <td>${sayTime(record.createdAt)}</td>
                <td>${sayDay(record.idleEnd)}</td>
                <td>${sayDay(record.absoluteEnd)}</td>
                <td><code>${record.hash}…</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function eventTemplate({ sequence: _sequence, ...event }) {
  const { type, time: _time, subject: _subject, sessionId: _sessionId, ...rest } = event;
  const isBad = /reused|forged|unavailable|failed/.test(type);
  const says = Object.entries(rest).filter(([, value]) => typeof value !== 'object');
  return html`
    <details>
      <summary>
        <span>
          <code class=${isBad ? 'bad' : ''}>${type}</code>
          <span class="says">${says.map(([name, value]) => `${name}: ${value}`).join(' · ')}</span>
        </span>
      </summary>
      <pre>${JSON.stringify(event, null, 2)}</pre>
    </details>
  `;
}

function sayTime(time) {
  return new Date(time).toLocaleTimeString('en-GB');
}

function sayDay(time) {
  const days = Math.round((time - clockOf(state)) / 86_400_000);
  return `in ${days} days`;
}

function sayAhead(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function sayDuration(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${minutes}:${String(rest).padStart(2, '0')}`;
}

// --- begin

render(
  html`
    <li><span class="swatch">n</span> access token of generation n, from issue to expiry</li>
    ${legend.map(
      ([name, mark]) =>
        html`<li><svg width="20" height="20" aria-hidden="true">${mark}</svg> ${name}</li>`,
    )}
  `,
  byId('legend'),
);
draw();
setInterval(draw, 1_000);
await openTabs();
document.body.dataset.ready = 'true';
