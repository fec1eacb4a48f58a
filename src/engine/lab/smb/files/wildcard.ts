/**
 * Patterns of QUERY_DIRECTORY (MS-FSA 2.1.4.4): `*` and `?`, and the three wildcards of DOS: `<` is a
 * `*` that ends at the last dot, `>` is a `?` that also matches nothing at a dot or at the end, `"` is a dot or
 * nothing at the end. Names have no case.
 */
export function matcherOf(pattern: string): (name: string) => boolean {
  if (pattern === '' || pattern === '*' || pattern === '*.*') return () => true;
  const wanted = pattern.toUpperCase();
  return (name) => matches(wanted, name.toUpperCase());
}

/** Compares without backtracking over more than pattern times name steps. */
function matches(pattern: string, name: string): boolean {
  /** Places in the name that can be reached by what was read of the pattern. */
  let places = new Set([0]);
  const lastDot = name.lastIndexOf('.');
  for (const sign of pattern) {
    const next = new Set<number>();
    for (const at of places) for (const place of step(sign, name, at, lastDot)) next.add(place);
    if (next.size === 0) return false;
    places = next;
  }
  return places.has(name.length);
}

function* step(sign: string, name: string, at: number, lastDot: number): Generator<number> {
  const ends = at === name.length;
  switch (sign) {
    case '*':
      for (let to = at; to <= name.length; to++) yield to;
      return;
    case '<': {
      const end = lastDot < at ? name.length : lastDot;
      for (let to = at; to <= end; to++) yield to;
      return;
    }
    case '?':
      if (!ends) yield at + 1;
      return;
    case '>':
      if (ends || name[at] === '.') yield at;
      else yield at + 1;
      return;
    case '"':
      if (ends) yield at;
      else if (name[at] === '.') yield at + 1;
      return;
    default:
      if (name[at] === sign) yield at + 1;
  }
}
