import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildAbi, compilerOf } from '../../../scripts/lib/native-build.mjs';
import { readAbi, type Abi, type Layout } from '../../support/native/abi.ts';
import { absent } from '../../support/process/peers.ts';
import { root } from '../../support/repo/source-files.ts';

const known = JSON.parse(
  readFileSync(join(root, 'test/repo/native/win32-layout.json'), 'utf8'),
) as Pick<Abi, 'structs'>;

test('our declarations of Windows types have the layouts that other headers gave', async (t) => {
  const abi = await readAbi(t);
  if (abi === undefined) return;
  let fields = 0;
  for (const [name, { size, align, fields: members }] of Object.entries(known.structs)) {
    const own: Layout | undefined = abi.structs[name];
    assert.ok(own !== undefined, `${name} is declared`);
    assert.deepEqual({ size: own.size, align: own.align }, { size, align }, name);
    for (const [member, layout] of Object.entries(members)) {
      assert.deepEqual(own.fields[member], layout, `${name}.${member}`);
      fields++;
    }
  }
  assert.ok(fields >= 115, `only ${fields} fields were compared`);
  assert.equal(abi.constants['ERROR_VHD_INVALID_CHANGE_TRACKING_ID'], 0xc03a0029);
});

test('MinGW makes the same layouts, and its own headers agree where they have the types', (t) => {
  const compiler = compilerOf('win32-x64');
  if (process.platform !== 'linux' || compiler === undefined) {
    absent(t, 'needs MinGW (Debian: gcc-mingw-w64-x86-64)');
    return;
  }
  assert.doesNotThrow(() => buildAbi('win32-x64', compiler));
});

test('a declaration with a wrong member does not compile', (t) => {
  const compiler = compilerOf('win32-x64');
  if (process.platform !== 'linux' || compiler === undefined) {
    absent(t, 'needs MinGW (Debian: gcc-mingw-w64-x86-64)');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'abi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'native', 'abi'), folder, { recursive: true });
  const header = join(folder, 'virtdisk-types.h');
  const text = readFileSync(header, 'utf8');
  const wrong = text.replaceAll('uint32_t BlockSizeInBytes', 'uint64_t BlockSizeInBytes');
  assert.notEqual(wrong, text);
  writeFileSync(header, wrong);
  for (const source of ['assert-layout.c', 'compare-headers.c']) {
    const args = ['-std=c11', '-fsyntax-only', join(folder, source)];
    const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
    assert.notEqual(status, 0, source);
    assert.match(stderr, /size of CREATE_VIRTUAL_DISK_PARAMETERS.*BlockSizeInBytes/, source);
  }
});

/** Wrong declarations of VSS, and what the compiler says about each. */
const WRONG = [
  ['3, Cancel)', '4, Cancel)', /row of IVssAsync\.Cancel/],
  ['14, PrepareForBackup', '15, PrepareForBackup', /row of IVssBackupComponents\.PrepareForBackup/],
  ['26, SaveAsXML', '26, DoSnapshotSet', /slot of IVssBackupComponents\.DoSnapshotSet/],
  [
    'GetRecursive, VSS_FLAG *',
    'GetRecursive, BOOL *',
    /\(IVssWMFiledesc \*, BOOL \*\).* incompatible pointer type/,
  ],
  [
    'QueryStatus, HRESULT *, INT *',
    'QueryStatus, HRESULT *',
    /\(IVssAsync \*, HRESULT \*\).* incompatible pointer type/,
  ],
] as const;

test('a wrong slot or parameter of an interface of VSS does not compile', (t) => {
  const compiler = compilerOf('win32-x64');
  if (process.platform !== 'linux' || compiler === undefined) {
    absent(t, 'needs MinGW (Debian: gcc-mingw-w64-x86-64)');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'abi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'native', 'abi'), folder, { recursive: true });
  const rows = join(folder, 'vss-interfaces.def');
  const text = readFileSync(rows, 'utf8');
  assert.ok((text.match(/^VSS_METHOD\(/gm) ?? []).length >= 110, 'rows');
  // All of them at once: the compiler reads Windows' headers for a second and a half, and has words of its own for each.
  const all = WRONG.reduce((now, [right, wrong]) => {
    assert.ok(now.includes(right), right);
    return now.replace(right, wrong);
  }, text);
  writeFileSync(rows, all);
  const args = ['-std=c11', '-Werror', '-fsyntax-only', join(folder, 'compare-vss.c')];
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  assert.notEqual(status, 0);
  for (const [, wrong, said] of WRONG) assert.match(stderr, said, wrong);
});
