import axe from 'axe-core';
import type { Page } from './browser.ts';

interface AxeResults {
  readonly passes: number;
  readonly violations: readonly string[];
}

/** Of rules that were kept it is enough to know which: axe spells out all the elements of others otherwise. */
const ONLY_VIOLATIONS = { resultTypes: ['violations'], selectors: false };

/** All rules that axe-core has on by default, or those about colours. */
export type AxeRules = 'all' | 'colours';

/** The rules that look at colours: the others find the same in each theme. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Checks the page with axe-core. Each violation names its rule and the elements. */
export async function checkAccessibility(page: Page, rules: AxeRules = 'all'): Promise<AxeResults> {
  const some = rules === 'all' ? {} : { runOnly: { type: 'rule', values: COLOUR_RULES } };
  const options = JSON.stringify({ ...ONLY_VIOLATIONS, ...some });
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate<AxeResults>(`(async () => {
    const { passes, violations } = await axe.run(document, ${options});
    return {
      passes: passes.length,
      violations: violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
    };
  })()`);
}
