import axe from 'axe-core';
import type { Page } from './browser.ts';

interface AxeResults {
  readonly passes: number;
  readonly violations: readonly string[];
}

/** Of rules that were kept it is enough to know which: axe spells out all the elements of others otherwise. */
const ONLY_VIOLATIONS = JSON.stringify({ resultTypes: ['violations'], selectors: false });

/** Looks the page over with axe-core, every rule that it has on by default. Each violation names its rule and the elements. */
export async function checkAccessibility(page: Page): Promise<AxeResults> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate<AxeResults>(`(async () => {
    const { passes, violations } = await axe.run(document, ${ONLY_VIOLATIONS});
    return {
      passes: passes.length,
      violations: violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
    };
  })()`);
}
