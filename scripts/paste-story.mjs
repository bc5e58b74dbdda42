// Starts each of the built login examples, pastes the lines that it prints into bash, and holds every answer against the
// story.
// Needs bash and curl, as a reader of the README does.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

import { story } from '../examples/demo/dist/index.js';

const execute = promisify(execFile);

function fail(message) {
  throw new Error(`the printed story: ${message}`);
}

function has(command) {
  return spawnSync(command, ['--version']).status === 0;
}

function requireCurl() {
  if (has('curl')) return;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    fail('curl is missing; install it and run this again');
  }
  const install = 'apt-get update && apt-get install -y --no-install-recommends curl';
  spawnSync('bash', ['-c', install], { stdio: 'inherit' });
  if (!has('curl')) fail('curl is missing and could not be installed');
}

/** What the server prints: its block of lines, and the address of a page if it serves one. */
async function readPrinted(server, hasPage) {
  let printed = '';
  for await (const chunk of server.stdout) {
    printed += chunk;
    const [, block, rest] = printed.split(/^-{20,}$/m);
    const [page] = /http:\/\/localhost:\d+(?=\s)/.exec(rest ?? '') ?? [];
    if (rest !== undefined && (page !== undefined || !hasPage)) return { block, page };
  }
  return fail(`the server ended before it had printed them:\n${printed}`);
}

/** The answers in a transcript: what stands between the echoed words of one step and those of the next. */
function readAnswers(transcript) {
  return story.map(({ says }, index) => {
    const title = `${index + 1}. ${says}\n`;
    const start = transcript.indexOf(title);
    if (start < 0) fail(`step ${index + 1} is missing in\n${transcript}`);
    const end = transcript.indexOf(`\n${index + 2}. `, start);
    return transcript.slice(start + title.length, end < 0 ? undefined : end);
  });
}

function checkAnswer({ says, expects }, answer) {
  const { status, ...members } = expects;
  if (!answer.includes(`HTTP ${status}`)) fail(`"${says}" should answer ${status}, not\n${answer}`);
  for (const [name, value] of Object.entries(members)) {
    if (!answer.includes(`"${name}":"${value}"`)) {
      fail(`"${says}" should answer the ${name} ${value}, not\n${answer}`);
    }
  }
}

async function checkPage(url) {
  const response = await fetch(url);
  const text = await response.text();
  if (!text.includes('<h1>tokenpair')) fail(`${url} is not the playground, but\n${text}`);
}

async function pasteStory(example, framework) {
  const server = spawn(process.execPath, [`examples/${example}/dist/server.js`], {
    // Long enough for a slow machine to make three calls, short enough to wait for. `exp` is in whole seconds: one less counts.
    env: {
      ...process.env,
      PORT: '0',
      ACCESS_TOKEN_LIFETIME: '10s',
      ...(framework && { FRAMEWORK: framework }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(server, 'close');
  try {
    const { block: lines, page } = await readPrinted(server, example === 'playground');
    if (page !== undefined) await checkPage(page);
    // Loopback is not behind any proxy that the environment may name.
    const env = { ...process.env, no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1' };
    const pasting = execute('bash', ['--norc'], { env, timeout: 120_000 });
    pasting.child.stdin.end(lines);
    const { stdout, stderr } = await pasting;
    if (stderr !== '') fail(`the shell complains:\n${stderr}`);
    const answers = readAnswers(stdout);
    for (const [index, step] of story.entries()) {
      if ('expects' in step) checkAnswer(step, answers[index]);
    }
    const name = [example, framework].filter(Boolean).join(' on ');
    console.log(`the story that ${name} prints comes true in bash: ${story.length} steps`);
  } finally {
    server.kill();
    await closed;
  }
}

requireCurl();
await Promise.all([
  pasteStory('express-login'),
  pasteStory('koa-login'),
  pasteStory('playground'),
  pasteStory('playground', 'koa'),
]);
