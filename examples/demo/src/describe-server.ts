// Describes a started server: its address, and the story as commands to paste into bash or zsh.

import { story, type RequestStep, type Step } from './story.js';

/**
 * @param name - of the example.
 * @param address - `http://host:port`, without a slash at the end.
 */
export function describeServer(name: string, address: string): string {
  return [
    `${name} listens on ${address}`,
    'The keys are made at every start, which is for an example only: a restart ends every session.',
    '',
    'Users: ada/lovelace (admin), alan/turing (user). Paste these lines into a shell, all at once or one by one:',
    rule,
    ...describeStory(address),
    rule,
  ].join('\n');
}

const rule = '-'.repeat(72);

// Each step prints its text with `echo`: a comment is an error at the prompt of zsh.
function describeStory(address: string): readonly string[] {
  return [
    `API=${address}; SHOW='\\nHTTP %{http_code}\\n\\n'`,
    String.raw`take() { printf '%s' "$ANSWER" | sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }`,
    ...story.flatMap((step, index) => [`echo '${index + 1}. ${step.says}'`, describeStep(step)]),
  ];
}

function describeStep(step: Step): string {
  if ('waits' in step) return `sleep ${step.waits}`;
  const curl = describeRequest(step);
  if (step.keeps === undefined) return curl;
  const keeps = Object.entries(step.keeps).map(([name, member]) => `${name}=$(take ${member})`);
  return [`ANSWER=$(${curl})`, String.raw`printf '%s\n\n' "$ANSWER"`, ...keeps].join('; ');
}

function describeRequest({ path, bearer, json, form = {} }: RequestStep): string {
  return [
    // curl sends a POST when it has data, and every POST of the story has data.
    `curl -sS -w "$SHOW" $API${path}`,
    ...(bearer === undefined ? [] : [`-H "Authorization: Bearer ${bearer}"`]),
    ...(json === undefined
      ? []
      : [`-H 'Content-Type: application/json' -d '${JSON.stringify(json)}'`]),
    ...Object.entries(form).map(([name, value]) => `-d ${name}=${value}`),
  ].join(' ');
}
