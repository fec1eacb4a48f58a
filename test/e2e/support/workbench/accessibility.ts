import axe from 'axe-core';
import type { Locator } from './playwright.ts';

/**
 * What the driver evaluates is bound by no policy of the page; as one expression, since a script that it puts into the page would
 * be refused.
 */
const look = (rules: object): string => `(() => {
  ${axe.source}
  return window.axe.run(document, ${JSON.stringify(rules)}).then(({ passes, violations }) => ({
    passes: passes.length,
    found: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
  }));
})()`;

/** Rules of colours that are on by default; the tag of axe-core for them has further, stricter ones. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

interface Looked {
  readonly passes: number;
  readonly found: readonly string[];
}

/**
 * Looks a webview over with axe-core; each violation names its rule and the element. `root` is anything inside of the page.
 * @param rules `colours`: those of contrast alone, for further themes of a page that was looked over as a whole
 */
export async function violationsOf(
  root: Locator,
  rules: 'all' | 'colours' = 'all',
): Promise<readonly string[]> {
  const only = rules === 'all' ? {} : { runOnly: { type: 'rule', values: COLOUR_RULES } };
  const { passes, found } = await root.evaluate<Looked>(look(only));
  const least = rules === 'all' ? 25 : 1;
  if (passes < least) throw new Error(`only ${passes} rules found something to look at`);
  return found;
}
