// Commands of Redis whose scripts see another time than that of the server. No TypeScript: a service in a process of its own uses them
// too.

/**
 * @param {readonly string[]} command
 * @param {number} milliseconds - how far the time is ahead, in whole seconds; behind if negative.
 * @returns {string[]}
 * @throws an Error like that of a Redis which does not have the script: its text names the time.
 */
export function withMovedTime([name = '', script = '', ...rest], milliseconds) {
  if (name === 'EVALSHA') throw new Error('NOSCRIPT its text names the time');
  const time = `(function()
    local time = redis.call('TIME')
    return { string.format('%.0f', time[1] + ${Math.round(milliseconds / 1_000)}), time[2] }
  end)()`;
  return [name, script.replace(`redis.call('TIME')`, time), ...rest];
}
