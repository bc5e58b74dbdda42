// Leaf of the guard and refresh journeys: the cookies of one name. RFC 6265 §4.2

/** Every value that a `Cookie` header has under a name: more than one means that nobody can tell which is meant. */
export function readCookies(header: string, name: string): readonly string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1).replace(/^"(.*)"$/, '$1'));
}
