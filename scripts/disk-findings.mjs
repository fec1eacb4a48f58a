// Writes docs/disk-findings.md from the table of advice: node scripts/disk-findings.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onNode24, root } from './lib/setup.mjs';

if (onNode24()) await main();

async function main() {
  const { ADVICE } = await import(join(root, 'src/engine/disk/check/advice/advice.ts'));
  const entries = Object.entries(ADVICE).map(
    ([code, { means, windows, fix }]) =>
      `### \`${code}\`\n\n${means}\n\n- **Windows**: ${windows}\n- **To do**: ${fix}\n`,
  );
  const head = `# Findings of \`refpoint disk check\`

Each finding has a stable code. \`disk check\` changes nothing; exit status 3 means that an error was found. The findings of parents need
\`--chain\`. The examples are made by \`test/support/disk/findings\`, and a test finds each of them.

This page is written by \`node scripts/disk-findings.mjs\` from \`src/engine/disk/check/advice\`. What Windows does follows from the
specification and from published reports; no Windows machine was used.
`;
  writeFileSync(join(root, 'docs', 'disk-findings.md'), [head, ...entries].join('\n'));
}
