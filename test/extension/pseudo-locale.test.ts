/**
 * A made-up language: every letter of a text is a wide one. Data of the samples has no two letters in a row, so two plain letters
 * beside each other, in what the extension shows, are a text that no translator can reach.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PointReport, StorePoint } from '../../src/engine/api/store.ts';
import { formatSeconds } from '../../src/extension/format.ts';
import { translated } from '../../src/extension/panels/view-channel.ts';
import { nextStep } from '../../src/extension/present-error.ts';
import { reportText } from '../../src/extension/report/report-text.ts';
import { JobsTree, jobTitle, progressText } from '../../src/extension/tree/jobs-tree.ts';
import { presentHostNode } from '../../src/extension/tree/present-host-nodes.ts';
import { toTreeItem } from '../../src/extension/tree/row.ts';
import { StoresTree } from '../../src/extension/tree/stores-tree.ts';
import { CHANGE_MAP_STRINGS } from '../../src/views/api/change-map-strings.ts';
import { DISK_ANATOMY_STRINGS } from '../../src/views/api/disk-anatomy-strings.ts';
import { hostNodes, jobNodes, point, report, storeNodes } from '../support/pseudo-samples.ts';
import { workbench } from '../support/vscode/workbench.ts';

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
  const { value } = tooltip as { readonly value: string };
  // Marks of markdown are no letters; escaped spaces are.
  const facts = value.replaceAll('&nbsp;', ' ');
  const spoken = accessibilityInformation?.label;
  return [label, description, facts, spoken].flatMap((text) =>
    typeof text === 'string' ? text.split('\n') : [],
  );
}

test('rows of the trees are translated', () => {
  const stores = new StoresTree(undefined as never);
  const jobs = new JobsTree();
  const items = [
    ...hostNodes().map((node) => toTreeItem(presentHostNode(node))),
    ...storeNodes().map((node) => stores.getTreeItem(node)),
    ...jobNodes().map((node) => jobs.getTreeItem(node)),
  ];
  assert.ok(items.length >= 20, `${items.length} rows`);
  assertPseudo(items.flatMap(textsOf), 80);
});

test('reports are translated', () => {
  const other: StorePoint = { ...point, kind: 'incr', parent: '#9', consistency: null };
  const reports: readonly PointReport[] = [
    report,
    { ...report, point: other, verdict: null, trackerCheck: { mode: 'off', checkedBytes: 0 } },
  ];
  assertPseudo(
    reports.flatMap((each) => reportText(each).split('\n')),
    40,
  );
});

test('messages, next steps and durations are translated', () => {
  const codes = [
    'http.auth.failed',
    'http.tls.unknownCertificate',
    'http.url',
    'store.x',
    'lab.x',
    '',
  ];
  const shown = [
    ...codes.map((code) => nextStep(code).title),
    ...jobNodes().flatMap(({ job }) => [jobTitle(job), progressText(job)]),
    ...[5, 65, 3700].map(formatSeconds),
  ];
  assertPseudo(shown, 12);
});

test('strings of the views are translated', () => {
  for (const table of [CHANGE_MAP_STRINGS, DISK_ANATOMY_STRINGS]) {
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
