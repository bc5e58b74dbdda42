// Leaf of the guard and refresh journeys: the cookies of one name. RFC 6265 §4.2

/** Every value that a `Cookie` header has under a name: more than one means that nobody can tell which is meant. */
export function readCookies(header: string, name: string): readonly string[] {
  return header
    .split(';')
    .map(withoutOuterSpace)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1).replace(/^"(.*)"$/, '$1'));
}

/**
 * Removes spaces and tabs only. `trim` would also remove a no-break space, and `\u00A0__Host-refresh_token` is another
 * name: the rules of the prefix do not apply to it, so another host of the domain can set it.
 */
function withoutOuterSpace(pair: string): string {
  let start = 0;
  let end = pair.length;
  while (start < end && isSpace(pair[start])) start += 1;
  while (end > start && isSpace(pair[end - 1])) end -= 1;
  return pair.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
