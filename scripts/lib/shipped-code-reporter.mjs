// Reporter of knip for `knip.shipped.json`: lists what only tests use. Fails if knip read less than
// there is, since a look at nothing finds nothing.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** Sources that an entry must reach. */
function countSources() {
  const all = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).length;
}

/** @param {{ readonly issues: Record<string, unknown>, readonly counters: { readonly processed: number } }} found */
export default function report({ issues, counters }) {
  const least = countSources();
  if (least < 500 || counters.processed < least) {
    throw new Error(`${counters.processed} files were read; src alone has ${least}`);
  }
  for (const kind of ['files', 'exports', 'types']) {
    const byFile = /** @type {Record<string, Record<string, { symbol?: string }>>} */ (
      issues[kind] ?? {}
    );
    for (const [file, found] of Object.entries(byFile)) {
      for (const { symbol = '' } of Object.values(found)) {
        console.log(
          kind === 'files'
            ? `${file}: used by tests alone`
            : `${file}: ${symbol} is used by tests alone`,
        );
      }
    }
  }
}
