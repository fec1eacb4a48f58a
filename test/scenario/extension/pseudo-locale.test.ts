/**
 * A made-up language: every letter of a text is a wide one. Data of the samples has no two letters in a row, so two plain letters
 * beside each other, in what the extension shows, are a text that no translator can reach.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PointReport, StorePoint } from '../../../src/engine/api/store.ts';
import { formatSeconds } from '../../../src/extension/words/format.ts';
import { translated } from '../../../src/extension/panels/frame/view-channel.ts';
import { ERROR_MEANINGS } from '../../../src/extension/errors/error-table.ts';
import { STEPS } from '../../../src/extension/errors/areas/next-step.ts';
import { findingsPage } from '../../../src/extension/pages/findings-page.ts';
import { pageMarkdown } from '../../../src/extension/pages/page-markdown.ts';
import { reportPage } from '../../../src/extension/pages/report-page.ts';
import { presentHostNode } from '../../../src/extension/tree/present-host-nodes.ts';
import { presentJob } from '../../../src/extension/tree/present-job.ts';
import { presentStoreNode } from '../../../src/extension/tree/present-store-nodes.ts';
import { toTreeItem } from '../../../src/extension/tree/row.ts';
import type { PageDocument } from '../../../src/views/api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../../../src/views/api/report-page-strings.ts';
import { CHANGE_MAP_STRINGS } from '../../../src/views/api/change-map-strings.ts';
import { DISK_ANATOMY_STRINGS } from '../../../src/views/api/disk-anatomy-strings.ts';
import { TRACE_STRINGS } from '../../../src/views/api/trace-strings.ts';
import {
  hostNodes,
  jobNodes,
  point,
  report,
  storeNodes,
  test as hostTest,
  vm,
} from '../../support/extension/pseudo-samples.ts';
import { workbench } from '../../support/vscode/workbench.ts';
import { jobTitle, progressText } from '../../../src/extension/jobs/job-text.ts';

const root = process.cwd();
const json = (path: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Readonly<Record<string, unknown>>;

/** Wide letters for plain ones; what stands for a value, an icon or a command stays. */
const pseudo = (text: string): string =>
  text.replaceAll(/\{\d+\}|\$\([\w-]+\)|\(command:[\w.]+\)|[A-Za-z]/g, (found) =>
    found.length > 1 ? found : String.fromCodePoint((found.codePointAt(0) ?? 0) + 0xfee0),
  );

/** Units, and names that are the same in every language. */
const SAME = /\b(?:KiB|MiB|GiB|TiB|SHA|https?)\b/g;

function left(text: string): readonly string[] {
  return text.replaceAll(SAME, '').match(/[A-Za-z]{2,}/g) ?? [];
}

function assertPseudo(shown: readonly string[], least: number): void {
  const wide = shown.filter((text) => /[\uff21-\uff5a]/.test(text));
  assert.ok(wide.length >= least, `${wide.length} translated texts were seen`);
  assert.deepEqual(
    shown.filter((text) => left(text).length > 0),
    [],
  );
}

before(() => {
  workbench.reset();
  const texts = Object.keys(json('l10n/bundle.l10n.json'));
  workbench.bundle = new Map(texts.map((text) => [text, pseudo(text)]));
  // Its dates have no letters.
  workbench.language = 'ja';
});
after(() => workbench.reset());

interface Item {
  readonly label?: unknown;
  readonly description?: unknown;
  readonly tooltip?: unknown;
  readonly accessibilityInformation?: { readonly label: string };
}

/** Everything that a row says. */
function textsOf({ label, description, tooltip, accessibilityInformation }: Item): string[] {
  const spoken = accessibilityInformation?.label;
  return [label, description, tooltip, spoken].flatMap((text) =>
    typeof text === 'string' ? text.split('\n') : [],
  );
}

test('rows of the trees are translated', () => {
  const items = [
    ...hostNodes().map((node) => toTreeItem(presentHostNode(node))),
    ...storeNodes().map((node) => toTreeItem(presentStoreNode(node))),
    ...jobNodes().map((node) => toTreeItem(presentJob(node))),
  ];
  assert.ok(items.length >= 20, `${items.length} rows`);
  assertPseudo(items.flatMap(textsOf), 80);
});

test('reports and findings are translated', () => {
  const other: StorePoint = { ...point, kind: 'incr', parent: '#9', consistency: null };
  const reports: readonly PointReport[] = [
    report,
    {
      ...report,
      point: other,
      verdict: null,
      trackerCheck: { mode: 'off', checkedBytes: 0, disks: null },
    },
  ];
  const page = { kind: 'report', store: '/1', vm: '2', point: '3' } as const;
  const found = findingsPage({
    page: { kind: 'findings', host: '1', vm: '2' },
    name: '#1',
    test: hostTest,
    vm,
    hostNode: undefined,
    vmNode: undefined,
  });
  const pages = [...reports.map((each) => reportPage(each, page)), found];
  const linkTexts = ({ links, sections }: PageDocument): string[] =>
    [links, ...sections.map((section) => section.links)].flat().map(({ text }) => text);
  const texts = pages.flatMap(({ document }) => [
    // Commands of PowerShell are the same in every language.
    ...pageMarkdown(document)
      .replaceAll(/^```powershell$[^]*?^```$/gm, '')
      .split('\n'),
    ...linkTexts(document),
  ]);
  assertPseudo(texts, 45);
});

test('messages, next steps and durations are translated', () => {
  const shown = [
    ...Object.values(ERROR_MEANINGS).map(({ says }) => says()),
    ...Object.values(STEPS).map((step) => step().title),
    ...jobNodes().flatMap(({ job }) => [jobTitle(job), progressText(job)]),
    ...[5, 65, 3700].map(formatSeconds),
  ];
  assertPseudo(shown, 110);
});

test('strings of the views are translated', () => {
  for (const table of [
    CHANGE_MAP_STRINGS,
    REPORT_PAGE_STRINGS,
    DISK_ANATOMY_STRINGS,
    TRACE_STRINGS,
  ]) {
    const shown = Object.values<string>(translated(table));
    assertPseudo(shown, shown.filter((text) => /[\uff21-\uff5aA-Za-z]/.test(text)).length);
  }
});

test('what package.json shows is translated', () => {
  const texts = json('package.nls.json') as Readonly<Record<string, string>>;
  const { contributes, capabilities, description } = json('package.json');
  const shown: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      const key = /^%(.+)%$/.exec(value)?.[1];
      if (key !== undefined)
        shown.push(pseudo(texts[key] ?? key).replaceAll(/\(command:[\w.]+\)/g, ''));
      else if (/\w \w/.test(value) && !/&&|\|\||==|=~/.test(value)) shown.push(value);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  look([contributes, capabilities, description]);
  assertPseudo(shown, 100);
});

test('a text that is not translated would be seen', () => {
  assert.deepEqual(left(`${pseudo('Back up {0}')} web01`), ['web']);
  assert.deepEqual(left(pseudo('Back up {0} in $(x)').replace('$(x)', '')), []);
});
