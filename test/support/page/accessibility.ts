import axe from 'axe-core';
import { ALL_CASES } from '../process/all-cases.ts';
import type { Page } from './browser.ts';
import { THEMES, type ThemeKind } from './themes.ts';

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

const [FIRST] = Object.keys(THEMES);

/** Whether a theme is checked in each width by each rule. Themes differ in colours alone: the first is, the others with all cases. */
export const isWhole = (theme: ThemeKind): boolean => ALL_CASES || theme === FIRST;

/** The rules by which a theme is checked, in one width unless it is checked as a whole. */
export const rulesFor = (theme: ThemeKind): AxeRules => (isWhole(theme) ? 'all' : 'colours');

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
