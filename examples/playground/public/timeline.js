// Draws the life of the session as an SVG: who has which access token, who asked the store for the next one, and when it ended.
import { svg } from './lit-html.js';
import { howOf, names, outcomeOf, rows, toneOf } from './state.js';

const top = 30;
const rowHeight = 50;
const storeHeight = 96;
const storeTop = top + rows.length * rowHeight;
export const height = storeTop + storeHeight;
/** Older columns are left out: the exchange list has them. */
const maxMoments = 120;
const widths = { exchange: 30, jump: 64, control: 80, ended: 96 };

/** @returns the drawing, its width in pixels, and what it shows in words. */
export function drawTimeline({ moments: all, settings }) {
  const moments = place(all.slice(-maxMoments));
  const width = Math.max(320, (moments.at(-1)?.end ?? 0) + 40);
  const bars = findBars(moments, width);
  const drawing = svg`
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="hatch" x1="0" y1="0" x2="0" y2="6"></line>
      </pattern>
      ${['plain', 'bad'].map(
        (kind) => svg`
          <marker id="head-${kind}" class="head ${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0.5 0.5 L7.5 4 L0.5 7.5 z"></path>
          </marker>`,
      )}
    </defs>
    ${rows.map((_row, index) => line('grid', 0, top + index * rowHeight, '100%'))}
    ${line('grid strong', 0, storeTop, '100%')}
    ${moments.filter(({ kind }) => kind === 'jump').map(drawJump)}
    ${moments.filter(({ kind }) => kind === 'control').map(drawControl)}
    ${bars.map(drawBar)}
    ${drawStore(moments, width)}
    ${moments.filter(({ ended }) => ended).map(drawEnd)}
    ${moments.filter(({ kind }) => kind === 'exchange').map((moment) => drawExchange(moment, levelsOf(moments)))}
  `;
  return { drawing, width, description: describe(all, settings) };
}

function place(moments) {
  let x = 12;
  return moments.map((moment) => {
    const start = x;
    x += moment.ended ? widths.ended : widths[moment.kind];
    // The end of a session has room beside the request that ended it.
    const middle = moment.ended ? start + widths.exchange / 2 : (start + x) / 2;
    return { ...moment, start, end: x, x: middle };
  });
}

const rowTop = (row) => top + rows.indexOf(row) * rowHeight;
const barTop = (row) => rowTop(row) + 7;
const markY = (row) => rowTop(row) + 37;

/** The access tokens: where each is held first, and until when it is good. */
function findBars(moments, width) {
  const bars = [];
  const open = {};
  function close(row, x, isExpired) {
    if (open[row]) Object.assign(open[row], { end: x, isExpired });
    delete open[row];
  }
  function begin(row, moment, access, isAdopted) {
    close(row, moment.x - 2, false);
    open[row] = { row, access, start: moment.x, end: width, isAdopted };
    bars.push(open[row]);
  }
  for (const moment of moments) {
    if (moment.kind === 'jump') {
      for (const row of rows) {
        if (open[row]?.access.expiresAt <= moment.at) close(row, moment.x, true);
      }
    }
    if (moment.kind === 'exchange') {
      const { row, access, answer } = moment.exchange;
      const isRefused = answer?.status === 401;
      if (access && !isRefused && open[row]?.access.print !== access.print && rows.includes(row)) {
        begin(row, moment, access, true);
      }
      if (answer?.access && !answer.fault && rows.includes(row)) {
        begin(row, moment, answer.access, false);
      }
      if (answer?.status === 204) close(row, moment.x, false);
    }
    for (const row of rows) {
      if (moment.gone?.includes(open[row]?.access.sessionId)) {
        close(row, moment.ended ? endOf(moment) : moment.x, true);
      }
    }
  }
  return bars;
}

function drawBar({ row, access, start, end, isExpired, isAdopted }) {
  const width = Math.max(12, end - start);
  const says = `${names[row]}: access token ·${access.print} of generation ${access.generation}${
    isAdopted ? ', from the other tab' : ''
  }`;
  return svg`<g class="bar ${row === 'thief' ? 'bad' : ''}">
    <title>${says}</title>
    <rect x=${start} y=${barTop(row)} width=${width} height="18" rx="4"></rect>
    <text x=${start + 6} y=${barTop(row) + 13}>${access.generation}</text>
    ${isExpired ? svg`<line x1=${end} y1=${barTop(row) - 2} x2=${end} y2=${barTop(row) + 20}></line>` : ''}
  </g>`;
}

function drawJump({ start, end, x, seconds }) {
  const says = sayJump(seconds);
  return svg`<g class="jump">
    <title>The clock moves by ${says}</title>
    <rect x=${start + 6} y="0" width=${end - start - 12} height="100%" fill="url(#hatch)"></rect>
    <rect class="plate" x=${start + 2} y="5" width=${end - start - 4} height="20" rx="10"></rect>
    <text x=${x} y="19">${says}</text>
  </g>`;
}

function sayJump(seconds) {
  return seconds % 3_600 === 0 ? `+ ${seconds / 3_600} h` : `+ ${seconds} s`;
}

function drawControl({ x, says }) {
  return svg`<g class="control">
    <title>The server: ${says}</title>
    <line x1=${x} y1="26" x2=${x} y2="100%"></line>
    <text x=${x} y="19">${says}</text>
  </g>`;
}

const endOf = ({ start }) => start + 54;

function drawEnd({ ended, ...moment }) {
  const x = endOf(moment);
  return svg`<g class="end">
    <title>The session of the tabs has ended: ${ended}</title>
    <line x1=${x} y1=${top - 4} x2=${x} y2="100%"></line>
    <text x=${x} y="19">${endings[ended] ?? 'session ended'}</text>
  </g>`;
}

const endings = {
  replaced: 'new login',
  logout: 'signed out',
  reuse: 'ended: reuse',
  subject: 'all ended',
};

/** How high each generation of the session is drawn. */
function levelsOf(moments) {
  const known = moments.map(({ generation }) => generation).filter((one) => one !== undefined);
  const lowest = Math.min(...known);
  const steps = Math.max(4, Math.max(...known) - lowest);
  return (generation) =>
    generation === undefined
      ? storeTop + storeHeight - 16
      : storeTop + storeHeight - 20 - ((generation - lowest) / steps) * (storeHeight - 48);
}

/** The generation of the session, which steps up by one with each rotation. */
function drawStore(moments, width) {
  const level = levelsOf(moments);
  const stretches = [];
  for (const moment of moments) {
    const { generation } = moment;
    const x = generation === undefined && moment.ended ? endOf(moment) : moment.x;
    const last = stretches.at(-1);
    if (last) last.end = x;
    if (last?.generation !== generation) stretches.push({ generation, start: x, end: width });
  }
  if (stretches.length > 0) stretches.at(-1).end = width;
  return stretches
    .filter(({ generation }) => generation !== undefined)
    .map(({ generation, start, end }, index, list) => {
      const y = level(generation);
      const before = list[index - 1];
      const isStep = before && before.end === start;
      return svg`<g class="level">
        <title>The store: generation ${generation}</title>
        <path d="M${start} ${isStep ? level(before.generation) : y} V${y} H${end}"></path>
        <text x=${start + 6} y=${y - 6}>${generation}</text>
      </g>`;
    });
}

function drawExchange({ exchange, x, generation, ended }, level) {
  const { row, method, path, events } = exchange;
  if (!rows.includes(row)) return '';
  const y = markY(row);
  const how = howOf(exchange);
  const says = `${names[row]}: ${method} ${path} → ${outcomeOf(exchange)}${how ? `, ${how}` : ''}`;
  const tone = toneOf(exchange);
  const isRefused = tone === 'bad' || tone === 'again';
  const kind = kindOf(path);
  const refusal = tone === 'again' ? repeat : cross;
  const tip = generation === undefined || ended ? storeTop + 8 : level(generation) - 3;
  const look = [
    isRefused || tone === 'lost' ? tone : '',
    how === 'replayed' || events.some(({ type }) => type === 'refresh.reused') ? 'dashed' : '',
    how === 'held' ? 'thin' : '',
  ];
  const arrow =
    kind === 'call'
      ? ''
      : svg`<line class="arrow ${look.join(' ')}" x1=${x} y1=${y + 6} x2=${x} y2=${isRefused ? storeTop - 4 : tip}
          marker-end=${isRefused ? 'none' : `url(#head-${tone === 'lost' ? 'bad' : 'plain'})`}></line>`;
  return svg`<g class="exchange">
    <title>${says}</title>
    ${arrow}
    ${isRefused ? refusal(x, kind === 'call' ? y : storeTop + 4) : ''}
    ${isRefused && kind === 'call' ? '' : marks[kind](x, y)}
    ${tone === 'lost' ? lost(x, y + 18) : ''}
  </g>`;
}

function kindOf(path) {
  if (path === '/login') return 'login';
  if (path === '/auth/refresh') return 'refresh';
  return path.startsWith('/auth/logout') ? 'logout' : 'call';
}

/** Each kind of request has a shape of its own. */
const marks = {
  call: (x, y) => svg`<circle class="mark call" cx=${x} cy=${y} r="4.5"></circle>`,
  refresh: (x, y) => svg`<circle class="mark ring" cx=${x} cy=${y} r="4.5"></circle>`,
  login: (x, y) => svg`<path class="mark" d="M${x} ${y - 6} l6 6 l-6 6 l-6 -6 z"></path>`,
  logout: (x, y) =>
    svg`<rect class="mark ring" x=${x - 4.5} y=${y - 4.5} width="9" height="9"></rect>`,
};

function cross(x, y) {
  return svg`<path class="cross" d="M${x - 5} ${y - 5} l10 10 M${x + 5} ${y - 5} l-10 10"></path>`;
}

/** Refused for now: the client does something, and repeats the request. */
function repeat(x, y) {
  return svg`<path class="repeat" d="M${x} ${y - 6} l6 10.5 h-12 z"></path>`;
}

function lost(x, y) {
  return svg`<path class="lost" d="M${x - 7} ${y + 3} l5 -6 l4 6 l5 -6"></path>`;
}

function line(kind, x1, y, x2) {
  return svg`<line class=${kind} x1=${x1} y1=${y} x2=${x2} y2=${y}></line>`;
}

function describe(moments, settings) {
  const exchanges = moments.filter(({ kind }) => kind === 'exchange').length;
  const jumps = moments.filter(({ kind }) => kind === 'jump').length;
  const generation = moments.at(-1)?.generation;
  const session = generation === undefined ? 'no session' : `a session of generation ${generation}`;
  return `Rows for Tab A, Tab B, Phone, Thief and the store. ${exchanges} requests, ${jumps} jumps of the clock, ${session}. The exchange list says the same in words. Access tokens live ${settings?.accessTokenLifetime ?? 300} seconds.`;
}

/** The marks of the timeline and what they mean. */
export const legend = [
  ['sign in', marks.login(10, 10)],
  ['API call', marks.call(10, 10)],
  ['refresh', marks.refresh(10, 10)],
  ['sign out', marks.logout(10, 10)],
  ['refused for now: refresh or wait, then repeat', repeat(10, 11)],
  ['refused', cross(10, 10)],
  ['answer lost', lost(10, 10)],
  ['a spent token again', svg`<line class="arrow dashed" x1="1" y1="10" x2="19" y2="10"></line>`],
  ['session ended', svg`<g class="end"><line x1="10" y1="2" x2="10" y2="18"></line></g>`],
];
