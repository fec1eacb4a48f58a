import axe from 'axe-core';
import type { Page } from './browser.ts';

interface AxeResults {
  readonly passes: number;
  readonly violations: readonly string[];
}

/** Looks the page over with axe-core, every rule that it has on by default. Each violation names its rule and the elements. */
export async function checkAccessibility(page: Page): Promise<AxeResults> {
  await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate<AxeResults>(`(async () => {
    const { passes, violations } = await axe.run(document);
    return {
      passes: passes.length,
      violations: violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)),
    };
  })()`);
}
