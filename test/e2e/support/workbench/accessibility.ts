import axe from 'axe-core';
import type { Locator } from './playwright.ts';

/**
 * What the driver evaluates is bound by no policy of the page; as one expression, since a script that it puts into the page would
 * be refused.
 */
const LOOK = `(() => {
  ${axe.source}
  return window.axe.run(document).then(({ passes, violations }) => ({
    passes: passes.length,
    found: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
  }));
})()`;

interface Looked {
  readonly passes: number;
  readonly found: readonly string[];
}

/** Looks a webview over with axe-core; each violation names its rule and the element. `root` is anything inside of the page. */
export async function violationsOf(root: Locator): Promise<readonly string[]> {
  const { passes, found } = await root.evaluate<Looked>(LOOK);
  if (passes < 25) throw new Error(`only ${passes} rules found something to look at`);
  return found;
}
