// Reads the cookies of one name from a `Cookie` header. RFC 6265 §4.2

/** All values that the header has under a name. With more than one, it is unknown which of them is meant. */
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
  return pair.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
}
