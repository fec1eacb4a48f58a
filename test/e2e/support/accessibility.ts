import axe from 'axe-core';
import type { Locator } from './playwright.ts';

/** Looks a webview over with axe-core; each violation names its rule and the element. `root` is anything inside of the page. */
export async function violationsOf(root: Locator): Promise<readonly string[]> {
  // The page runs no script but its own: what the driver evaluates is none of the page's, as long as it is one function.
  const look = new Function(
    'root',
    `${axe.source}
     return window.axe.run(document).then(({ passes, violations }) => ({
       passes: passes.length,
       found: violations.flatMap(({ id, nodes }) =>
         nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
     }));`,
  ) as (root: HTMLElement) => Promise<{ readonly passes: number; readonly found: string[] }>;
  const { passes, found } = await root.evaluate(look);
  if (passes < 25) throw new Error(`only ${passes} rules found something to look at`);
  return found;
}
