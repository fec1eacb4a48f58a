/** A turn of phrase that readers have to read twice, and what to write instead. */
export interface Tic {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** In every comment and in every text that people see. */
export const TICS: readonly Tic[] = [
  { pattern: /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b)/i, instead: 'is not a …' },
  { pattern: /\b(?:is|are) none\b|\bnone of\b|\bhas none\b/i, instead: 'not …, has no …' },
  { pattern: /\ball the same\b/i, instead: 'anyway, nevertheless, or nothing' },
  { pattern: /\bso many\b(?! that\b)/i, instead: 'the number of …' },
  {
    pattern: /\b(?:is|are|was|were|be) told\b(?! from\b| apart\b)/i,
    instead: 'is reported, knows',
  },
  { pattern: /\bgiv(?:en|es|e|ing) up\b|\bgave up\b/i, instead: 'stops, cancels, rejects' },
  { pattern: /\btak(?:en|es|e|ing) back\b/i, instead: 'undo, remove' },
  { pattern: /\bsa(?:ys|id|y) of\b/i, instead: 'states about, reports' },
  { pattern: /\bstrikes\b|\bjudges\b|\bunjudged\b/i, instead: 'occurs, decides, unchecked' },
  { pattern: /\bwhere (?:not given|nothing|none|there is no|it is absent)\b/i, instead: 'if …' },
  {
    pattern: /\bnobody (?:is|was|wants|waits|asks)\b|\bwhoever\b/i,
    instead: 'name who, or who it is not',
  },
];

/** In docstrings only: a description begins with a verb, or with the noun that the thing is. */
export const OPENINGS: readonly Tic[] = [
  { pattern: /^(?:What|Who|Whose|Of|Where|How)\b/, instead: 'a verb: “Returns …”, “Reads …”' },
];
