// Draws the pictures of docs/images from what the code itself says: the stories of the playground, the decision on a refresh token, and
// the error table.

import { scenarios } from '../../examples/playground/public/scenarios.js';
import { errorTable, type ErrorRow } from '../../packages/core/src/errors/error-table.js';
import { decide, type Verdict } from '../../packages/core/src/issue/rotation.js';
import { actions } from './errors-page.js';

const width = 860;
/** Estimated for letters of 12 pixels: a picture must not depend on the fonts of the machine that draws it. */
const monoWidth = 7.3;

// --- the flow of a refresh

/** A step of a story, as far as a picture shows it. */
interface StepOfStory {
  readonly who: string | readonly string[];
  readonly does: string;
  readonly says: string;
  readonly begins?: boolean;
  readonly expects?: {
    readonly answers?: readonly (readonly string[])[];
    readonly session?: string;
    readonly sameToken?: boolean;
    readonly rotations?: unknown;
  };
}

const senders: Readonly<Record<string, { readonly name: string; readonly x: number }>> = {
  'tab-a': { name: 'Tab A', x: 44 },
  'tab-b': { name: 'Tab B', x: 110 },
  thief: { name: 'Thief', x: 176 },
};
const targets = { api: { name: 'API', x: 350 }, auth: { name: 'Token endpoints', x: 450 } };
const outcomeX = 548;
const requestX = 200;
const noteX = 280;
const rowHeight = 30;

/** What happens when an access token expires, when two tabs refresh at once, and when a thief has a copy. */
function drawRefreshFlow(): string {
  const told = ['expire', 'two-tabs', 'replay'].map((id) => {
    const scenario = scenarios.find((one) => one.id === id);
    if (!scenario) throw new Error(`There is no story ${id}`);
    return scenario;
  });
  let y = 64;
  const parts = told.map(({ title, says, steps }) => {
    const rows = (steps as readonly StepOfStory[]).filter(({ begins }) => !begins).flatMap(rowsOf);
    const head = `${text(20, y + 22, title, 'title')}${text(20, y + 42, says, 'soft')}`;
    const top = y + 54;
    const body = rows.map((row, index) => drawRow(row, top + index * rowHeight));
    const bottom = top + rows.length * rowHeight;
    const lines = [...Object.values(senders), ...Object.values(targets)].map(
      ({ x }) => `<line class="life" x1="${x}" y1="${top}" x2="${x}" y2="${bottom}"/>`,
    );
    y = bottom + 14;
    return [head, ...lines, ...body].join('\n');
  });
  const names = [...Object.values(senders), ...Object.values(targets)].map(({ name, x }) =>
    text(x, 36, name, 'name middle'),
  );
  return picture(
    y,
    'How a refresh goes',
    told.map(({ title, says }) => `${title}: ${says}`).join(' '),
    [...names, text(outcomeX, 36, 'Answer', 'name'), ...parts].join('\n'),
  );
}

type Row =
  | {
      readonly kind: 'exchange';
      readonly who: string;
      readonly path: string;
      readonly outcome: string;
    }
  | { readonly kind: 'note' | 'end'; readonly says: string };

function rowsOf({ who, does, says, expects = {} }: StepOfStory): readonly Row[] {
  const answers = (expects.answers ?? []).map(([sender = '', path = '', outcome = '']): Row => ({
    kind: 'exchange',
    who: sender,
    path,
    outcome,
  }));
  // Those of two tabs happen at once: one of each in turn.
  const inTurn = Array.isArray(who)
    ? answers.toSorted((one, other) => turnOf(answers, one) - turnOf(answers, other))
    : answers;
  const isBackground = does === 'reports' || does === 'refreshes';
  return [
    ...(answers.length === 0 && !isBackground ? [{ kind: 'note', says } as const] : []),
    ...inTurn,
    ...notesOn(who, says, expects).map((note): Row => ({ kind: 'note', says: note })),
    ...(expects.session === 'ended' && !Array.isArray(who)
      ? [{ kind: 'end', says: 'The session ends, for the owner too' } as const]
      : []),
  ];
}

function notesOn(
  who: StepOfStory['who'],
  says: string,
  { sameToken, rotations, session }: NonNullable<StepOfStory['expects']>,
): readonly string[] {
  if (sameToken) return ['One rotation. Both tabs have the same refresh token.'];
  if (rotations === 1) return ['The session has rotated: the cookie has the next refresh token.'];
  return session === 'ended' && Array.isArray(who) ? [says] : [];
}

function turnOf(rows: readonly Row[], row: Row): number {
  const isSame = (other: Row) => 'who' in other && 'who' in row && other.who === row.who;
  return rows.filter(isSame).indexOf(row);
}

function drawRow(row: Row, top: number): string {
  const y = top + rowHeight / 2;
  if (row.kind !== 'exchange') {
    return rule(y, row.kind) + plate(noteX, y, row.says, row.kind === 'end' ? 'bad' : 'soft');
  }
  const { x } = senders[row.who] ?? { x: 0 };
  const isAuth = row.path.startsWith('/auth');
  const target = isAuth ? targets.auth : targets.api;
  const tone = toneOf(row.outcome);
  const request = `${isAuth ? 'POST' : 'GET'} ${row.path}`;
  return [
    `<circle class="dot" cx="${x}" cy="${y}" r="4"/>`,
    `<line class="arrow ${row.who === 'thief' ? 'thief' : ''}" x1="${x + 4}" y1="${y}" x2="${target.x - 8}" y2="${y}"/>`,
    `<path class="head ${row.who === 'thief' ? 'thief' : ''}" d="M${target.x - 9} ${y - 4} l8 4 l-8 4 z"/>`,
    `<rect class="ground" x="${requestX - 4}" y="${y - 9}" width="${request.length * monoWidth + 8}" height="18"/>`,
    text(requestX, y + 4, request, 'mono'),
    mark(tone, outcomeX - 14, y),
    text(outcomeX, y + 4, row.outcome, `mono ${tone}`),
  ].join('');
}

type Tone = 'good' | 'again' | 'bad';

function toneOf(outcome: string): Tone {
  if (outcome.startsWith('2')) return 'good';
  return /(?:refresh|retry)$/.test(outcome) ? 'again' : 'bad';
}

/** A shape for each: nothing depends on a colour alone. */
function mark(tone: Tone, x: number, y: number): string {
  if (tone === 'good') return `<path class="mark good" d="M${x - 5} ${y} l3.5 4 l6 -8"/>`;
  if (tone === 'again') return `<path class="mark again" d="M${x} ${y - 5} l5.5 9.5 h-11 z"/>`;
  return `<path class="mark bad" d="M${x - 4.5} ${y - 4.5} l9 9 M${x + 4.5} ${y - 4.5} l-9 9"/>`;
}

function rule(y: number, kind: string): string {
  return `<line class="${kind}" x1="20" y1="${y}" x2="${width - 20}" y2="${y}"/>`;
}

/** Text in the middle of a line. */
function plate(x: number, y: number, says: string, kind: string): string {
  const half = says.length * 3.4 + 10;
  return `<rect class="ground" x="${x - half}" y="${y - 10}" width="${2 * half}" height="20"/>${text(x, y + 4, says, `middle ${kind}`)}`;
}

// --- the decision on a refresh token

const second = 1_000;
const hour = 3_600 * second;
/** The defaults. */
const policy = { reuseInterval: 30 * second, settleTime: 60 * second, recovery: 24 * hour };

const ages = [
  { name: '0 to 30 s', says: 'reuse interval', age: 15 * second },
  { name: '30 to 60 s', says: 'settle time', age: 45 * second },
  { name: '1 min to 24 h', says: 'recovery window', age: 3 * hour },
  { name: 'later', says: '', age: 30 * hour },
];

const generation = 7;
const cases = [
  { name: 'the current token', says: '', presented: generation, confirmed: generation },
  {
    name: 'its predecessor,',
    says: 'the current one was never used',
    presented: generation - 1,
    confirmed: generation - 1,
  },
  {
    name: 'its predecessor,',
    says: 'the current one was used',
    presented: generation - 1,
    confirmed: generation,
  },
  { name: 'an older token', says: '', presented: generation - 3, confirmed: generation },
];

const verdicts: Readonly<
  Partial<Record<Verdict, { readonly tone: Tone; readonly lines: string[] }>>
> = {
  rotate: { tone: 'good', lines: ['rotates:', 'a new pair'] },
  hold: { tone: 'good', lines: ['held: a new access', 'token only'] },
  replay: { tone: 'good', lines: ['replayed: the same', 'successor again'] },
  recover: { tone: 'good', lines: ['recovers: another', 'successor'] },
  retry: { tone: 'again', lines: ['503: nothing spent,', 'ask again soon'] },
  reused: { tone: 'bad', lines: ['the session ends:', 'refresh.reused'] },
};

/** What is answered to a refresh token, by its generation and by the time since the last rotation. */
function drawDecisions(): string {
  const [left, top, cellWidth, cellHeight] = [212, 74, 158, 58];
  const heads = ages.map(({ name, says }, column) => {
    const x = left + column * cellWidth + cellWidth / 2;
    return text(x, 46, name, 'name middle') + text(x, 62, says, 'soft middle');
  });
  const words: string[] = [];
  const rows = cases.map(({ name, says, presented, confirmed }, row) => {
    const y = top + row * cellHeight;
    const cells = ages.map(({ age, name: when }, column) => {
      const { tone, lines } = look(verdictFor(presented, confirmed, age));
      words.push(`${name} ${says}, ${when}: ${lines.join(' ')}.`);
      const x = left + column * cellWidth;
      return [
        `<rect class="cell ${tone}" x="${x + 3}" y="${y + 3}" width="${cellWidth - 6}" height="${cellHeight - 6}" rx="6"/>`,
        mark(tone, x + 18, y + cellHeight / 2),
        ...lines.map((line, index) => text(x + 32, y + 26 + index * 16, line, 'small')),
      ].join('');
    });
    return (
      text(20, y + (says === '' ? 33 : 26), name, 'name') +
      text(20, y + 43, says, 'soft small') +
      cells.join('')
    );
  });
  const bottom = top + cases.length * cellHeight;
  return picture(
    bottom + 34,
    'What is answered to a refresh token',
    `By the time since the session has rotated last. ${words.join(' ')}`,
    [
      text(20, 30, 'Presented', 'soft'),
      text(left + 4, 24, 'Time since the session rotated last', 'soft'),
      ...heads,
      ...rows,
      text(
        20,
        bottom + 18,
        'The first refresh after a login rotates at once. All times are defaults.',
        'soft',
      ),
    ].join('\n'),
  );
}

function verdictFor(presented: number, confirmed: number, age: number): Verdict {
  return decide(
    { generation: presented, secretHash: hashOf(presented), parentHash: undefined, sealed: true },
    {
      generation,
      secretHash: hashOf(generation),
      predecessors: [{ secretHash: hashOf(generation - 1), firstUse: age }],
      age,
      confirmed,
      steppedUp: false,
      keyIsThere: true,
    },
    policy,
  );
}

const hashOf = (of: number) => `hash of ${of}`;

function look(verdict: Verdict) {
  const found = verdicts[verdict];
  if (!found) throw new Error(`The picture has no words for ${verdict}`);
  return found;
}

// --- the actions of the error table

/** Every code of the error table by the action that it asks for. */
function drawActions(): string {
  const left = 210;
  const rows = Object.entries<ErrorRow>(errorTable);
  let y = 16;
  const parts = Object.entries(actions).map(([action, does]) => {
    const codes = rows.filter(([, { answer }]) => answer.action === action).map(([code]) => code);
    const top = y;
    let [x, line] = [left, top + 8];
    const pills = codes.map((code) => {
      const wide = code.length * monoWidth + 16;
      if (x + wide > width - 16) [x, line] = [left, line + 30];
      const pill = `<rect class="pill" x="${x}" y="${line}" width="${wide}" height="24" rx="12"/>${text(x + 8, line + 16, code, 'mono')}`;
      x += wide + 6;
      return pill;
    });
    const says = wrap(does.split('. ')[0]!.replaceAll('`', ''), 30);
    const height = Math.max(line + 24 - top, 30 + says.length * 15) + 14;
    y = top + height;
    return [
      `<line class="life" x1="20" y1="${top}" x2="${width - 20}" y2="${top}"/>`,
      text(20, top + 24, action, 'title'),
      ...says.map((words, index) => text(20, top + 42 + index * 15, words, 'soft small')),
      ...pills,
    ].join('\n');
  });
  const words = Object.keys(actions).map((action) => {
    const codes = rows.filter(([, { answer }]) => answer.action === action).map(([code]) => code);
    return `${action}: ${codes.join(', ')}.`;
  });
  return picture(y + 4, 'What a client does next', words.join(' '), parts.join('\n'));
}

function wrap(words: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

// --- all of them

/** By the name of the file in docs/images. */
export const pictures: Readonly<Record<string, () => string>> = {
  'refresh-flow.svg': drawRefreshFlow,
  'refresh-decisions.svg': drawDecisions,
  'error-actions.svg': drawActions,
};

function text(x: number, y: number, says: string, kind: string): string {
  return says === '' ? '' : `<text class="${kind}" x="${x}" y="${y}">${escape(says)}</text>`;
}

function escape(says: string): string {
  return says.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function picture(height: number, title: string, description: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<!-- Drawn by test/support/pictures.ts: UPDATE_DOCS=1 npx jest test/docs/pictures. Do not edit. -->
<title id="title">${escape(title)}</title>
<desc id="description">${escape(description)}</desc>
<style>${style}</style>
<rect class="ground" width="${width}" height="${height}" rx="8"/>
${body}
</svg>
`;
}

const colours = {
  light: {
    ground: '#ffffff',
    ink: '#18212f',
    soft: '#556173',
    line: '#d9dfe8',
    accent: '#1a5fb4',
    good: '#1c6e3d',
    again: '#8a5700',
    bad: '#b3261e',
    goodCell: '#e4f3ea',
    againCell: '#fbf0dc',
    badCell: '#fbe4e1',
    pill: '#eef3fa',
  },
  dark: {
    ground: '#161c25',
    ink: '#e6ebf2',
    soft: '#9dabbd',
    line: '#2c3644',
    accent: '#86b7f7',
    good: '#72d39a',
    again: '#f0b85a',
    bad: '#ff8f85',
    goodCell: '#17352a',
    againCell: '#3a2e15',
    badCell: '#43211f',
    pill: '#22304a',
  },
};

const variables = (of: Readonly<Record<string, string>>) =>
  Object.entries(of)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

const style = `
svg{${variables(colours.light)}}
@media (prefers-color-scheme:dark){svg{${variables(colours.dark)}}}
text{fill:var(--ink);font:13px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
.title{font-size:15px;font-weight:650}
.name{font-weight:600}
.soft{fill:var(--soft)}
.small{font-size:12px}
.middle{text-anchor:middle}
.mono{font:12px ui-monospace,'SF Mono',Menlo,Consolas,monospace}
text.again{fill:var(--again)}
text.bad{fill:var(--bad)}
.ground{fill:var(--ground)}
.life{stroke:var(--line)}
.arrow{stroke:var(--accent);stroke-width:1.5}
.head,.dot{fill:var(--accent)}
.arrow.thief{stroke:var(--bad);stroke-dasharray:4 3}
.head.thief{fill:var(--bad)}
.note{stroke:var(--line);stroke-dasharray:2 4}
.end{stroke:var(--bad);stroke-width:1.5}
.mark{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.mark.good{stroke:var(--good)}
.mark.again{stroke:var(--again)}
.mark.bad{stroke:var(--bad)}
.cell.good{fill:var(--goodCell)}
.cell.again{fill:var(--againCell)}
.cell.bad{fill:var(--badCell)}
.pill{fill:var(--pill)}
`;
