import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `REFPOINT_ACCEPT=1` writes the golden files anew: `npm test -- --accept PATTERN`. */
const accept = process.env['REFPOINT_ACCEPT'] === '1';

/**
 * Compares a text with a file below test/golden. If they differ, the text is kept beside the file as `.actual` and the first line
 * that differs is named.
 */
export function assertGolden(name: string, text: string): void {
  const file = join(process.cwd(), 'test', 'golden', name);
  const actual = `${file}.actual`;
  if (accept) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    rmSync(actual, { force: true });
    return;
  }
  const expected = readOrEmpty(file);
  if (expected === text) return rmSync(actual, { force: true });
  writeFileSync(actual, text);
  const [found, wanted] = [text.split('\n'), expected.split('\n')];
  const at = found.findIndex((line, n) => line !== wanted[n]);
  const line = at < 0 ? found.length : at;
  assert.equal(
    found[line] ?? '(the end)',
    wanted[line] ?? '(the end)',
    `test/golden/${name}, line ${line + 1}: compare it with ${name}.actual; npm test -- --accept writes it anew`,
  );
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch {
    return '';
  }
}
