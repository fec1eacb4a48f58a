import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { buildLibrary, buildProgram, compilerOf } from '../../../scripts/lib/native-build.mjs';
import { readElf, type Elf } from '../../support/native/elf.ts';
import { absent } from '../../support/process/peers.ts';
import { root } from '../../support/repo/source-files.ts';

/** glibc of Debian 10, RHEL 8 and Ubuntu 18.10: what VS Code itself needs. */
const OLDEST_GLIBC = [2, 28] as const;

function library(t: TestContext): Elf | undefined {
  const compiler = compilerOf('linux-x64');
  if (process.platform === 'linux' && compiler !== undefined) {
    return readElf(readFileSync(buildLibrary('linux-x64', compiler)));
  }
  absent(t, 'needs a C compiler');
  return undefined;
}

test('the library for Linux needs no symbol that is newer than glibc 2.28', (t) => {
  const elf = library(t);
  if (elf === undefined) return;
  assert.ok(elf.versions.length >= 2, `only ${elf.versions.length} versions were seen`);
  const newer = elf.versions.filter((version) => {
    const [, major = '0', minor = '0'] = /^GLIBC_(\d+)\.(\d+)/.exec(version) ?? [];
    const [most, then] = OLDEST_GLIBC;
    return Number(major) > most || (Number(major) === most && Number(minor) > then);
  });
  assert.deepEqual(newer, []);
  assert.deepEqual(
    elf.versions.filter((version) => !version.startsWith('GLIBC_')),
    [],
  );
});

test('the library exports what its header declares, and nothing else', (t) => {
  const elf = library(t);
  if (elf === undefined) return;
  const header = readFileSync(join(root, 'native', 'include', 'refpoint.h'), 'utf8');
  const declared = Array.from(header.matchAll(/^RP_API [^(]*?(rp_\w+)\(/gm), ([, name]) => name);
  assert.ok(declared.length >= 12, `only ${declared.length} declarations were seen`);
  assert.deepEqual(new Set(elf.exported), new Set(declared));
});

test('the library has no variables', (t) => {
  const elf = library(t);
  if (elf === undefined) return;
  // The compiler's own start code has one byte and a pointer there.
  for (const name of ['.data', '.bss', '.tbss', '.tdata']) {
    assert.ok((elf.sections.get(name) ?? 0) <= 16, `${name}: ${elf.sections.get(name)} bytes`);
  }
  assert.ok((elf.sections.get('.text') ?? 0) > 1000, 'sections were seen');
});

test('its test program runs every set of CPU features, with sanitizers', async (t) => {
  const compiler = compilerOf('linux-x64');
  if (process.platform !== 'linux' || compiler === undefined) {
    absent(t, 'needs a C compiler');
    return;
  }
  const program = buildProgram(compiler, 'test', 'refpoint-test');
  const { stdout, stderr } = await promisify(execFile)(program);
  assert.equal(stderr, '');
  const [, sets = '0', machine = '0'] = /^(\d+) sets of CPU features of (\d+)/.exec(stdout) ?? [];
  const features = Number(machine).toString(2).replaceAll('0', '').length;
  assert.equal(Number(sets), 2 ** features, stdout);
});
