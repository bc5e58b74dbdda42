// Parses JSON and refuses objects with two members of one name. RFC 8259 §4, RFC 7515 §4, RFC 7519 §4

/**
 * Parses JSON as `JSON.parse` does, and refuses duplicate members at any depth, however their names are escaped.
 * `JSON.parse` keeps the last of them, and another parser may keep the first.
 *
 * @throws SyntaxError the text is not JSON, or has a duplicate member.
 */
export function parseUniqueJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // The value keeps one of several members with one name. So it has as many members as the text only without duplicates.
  if (countMembers(value) !== countWrittenMembers(text)) {
    throw new SyntaxError('the JSON has a duplicate member');
  }
  return value;
}

/** The members of all objects in a parsed value. Without recursion: the text may be nested as deep as it is long. */
function countMembers(value: unknown): number {
  const containers = [value];
  let count = 0;
  for (const container of containers) {
    if (typeof container !== 'object' || container === null) continue;
    const values = Object.values(container);
    if (!Array.isArray(container)) count += values.length;
    for (const inner of values) {
      if (typeof inner === 'object') containers.push(inner);
    }
  }
  return count;
}

/** The colons outside strings: JSON has one for each member, and no other. The text is known to be JSON. */
function countWrittenMembers(text: string): number {
  let isInString = false;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isInString = !isInString;
    // The next character is escaped: it does not end the string.
    else if (character === '\\') at += 1;
    else if (character === ':' && !isInString) count += 1;
  }
  return count;
}
