import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GRANTING_COMMANDS } from '../../src/engine/api/windows/rights.ts';
import { COMMANDS } from '../../src/extension/contributions/command-table.ts';
import { SETTINGS } from '../../src/extension/contributions/setting-table.ts';
import { ERROR_MEANINGS } from '../../src/extension/errors/error-table.ts';
import { prepareSteps } from '../../src/extension/errors/areas/next-step.ts';

const HOST_GUIDE = 'docs/prepare-a-host.md';
/** Address of a heading in the editor's preview. */
const headingSlug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
const GUIDE = readFileSync(HOST_GUIDE, 'utf8');
/** Code blocks hold `#` as well. */
const TEXT = GUIDE.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** Codes that the first connection to a host, or to its files, may give: all but those of a client's faults, which only the lab meets. */
const CODES = ['codes.ts', 'codes/net-codes.ts']
  .flatMap((file) =>
    Array.from(
      readFileSync(`src/engine/api/${file}`, 'utf8').matchAll(
        /'((?:http|wsman\.fault|smb)\.[^']+|powershell\.\w+)'/g,
      ),
      ([, code = '']) => code,
    ),
  )
  .filter((code) => code !== 'smb.request')
  .concat('host.rights', 'host.vmms', 'vss.denied');

/** What the page says below each of its headings. */
const entries = new Map(
  TEXT.split(/^#+ /m)
    .slice(1)
    .map((part): [string, string] => {
      const [heading = '', ...rest] = part.split('\n');
      return [heading.trim(), rest.join('\n').trim()];
    }),
);

test('the page on preparing a host explains every code of a first connection, and no other', () => {
  assert.ok(CODES.length >= 30, `${CODES.length} codes`);
  const missing = [...new Set(CODES)].filter((code) => (entries.get(code)?.length ?? 0) < 40);
  assert.deepEqual(missing, [], `write a heading and what helps into ${HOST_GUIDE}`);
  const explained = [...entries.keys()].filter((heading) => /^[a-z]+\.[\w.]+$/.test(heading));
  assert.deepEqual(
    explained.filter((heading) => !CODES.includes(heading)),
    [],
  );
});

test('its links lead to its headings, and so does the step of each error', () => {
  const slugs = new Set([...entries.keys()].map(headingSlug));
  const links = Array.from(TEXT.matchAll(/\]\(#([^)]+)\)/g), ([, slug = '']) => slug);
  assert.ok(links.length >= 10);
  assert.deepEqual(
    links.filter((slug) => !slugs.has(slug)),
    [],
  );
  const steps = Object.keys(ERROR_MEANINGS).concat(CODES).flatMap(prepareSteps);
  assert.ok(steps.length >= 20, `${steps.length} steps`);
  for (const { command, args } of steps) {
    assert.ok(Object.hasOwn(COMMANDS, command));
    const [{ code }] = args as [{ code: string }];
    assert.ok(code === 'http' || slugs.has(headingSlug(code)), code);
  }
});

test('the settings and commands that it names exist', () => {
  const settings = new Set(Array.from(TEXT.matchAll(/`(refpoint\.\w+)`/g), ([, id = '']) => id));
  assert.ok(settings.size >= 2);
  for (const id of settings) assert.ok(Object.hasOwn(SETTINGS, id), id);
});

test('the commands that grant rights stand on the page as the workbench and the command line give them', () => {
  const commands = Object.values(GRANTING_COMMANDS).flat();
  assert.ok(commands.length >= 6, `${commands.length} commands`);
  const page = GUIDE.replaceAll("'CORP\\refpoint'", "'ACCOUNT'");
  const missing = commands
    .filter((command) => !command.includes('root/MSCluster'))
    .flatMap((command) => command.split('; '))
    .filter((line) => !page.includes(line));
  assert.deepEqual(missing, []);
});
