import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ATTACH_VIRTUAL_DISK_PARAMETERS,
  CREATE_VIRTUAL_DISK_PARAMETERS,
  GET_VIRTUAL_DISK_INFO,
  OPEN_VIRTUAL_DISK_PARAMETERS,
  QUERY_CHANGES_VIRTUAL_DISK_RANGE,
  SET_VIRTUAL_DISK_INFO,
  VIRTUAL_DISK_PROGRESS,
  VIRTUAL_STORAGE_TYPE,
} from '../../../../src/engine/virtdisk/types/virtdisk-types.ts';
import type { CStruct } from '../../../../src/engine/win32/types/c-type.ts';
import { layoutOf } from '../../../../src/engine/win32/types/layout.ts';
import {
  GUID,
  OVERLAPPED,
  TOKEN_PRIVILEGES,
} from '../../../../src/engine/win32/types/win32-types.ts';
import { describeWindowsError } from '../../../../src/engine/win32/words/describe-error.ts';
import { readAbi, type Abi } from '../../../support/native/abi.ts';

const TYPES = [
  ATTACH_VIRTUAL_DISK_PARAMETERS,
  CREATE_VIRTUAL_DISK_PARAMETERS,
  GET_VIRTUAL_DISK_INFO,
  GUID,
  OPEN_VIRTUAL_DISK_PARAMETERS,
  OVERLAPPED,
  QUERY_CHANGES_VIRTUAL_DISK_RANGE,
  SET_VIRTUAL_DISK_INFO,
  TOKEN_PRIVILEGES,
  VIRTUAL_DISK_PROGRESS,
  VIRTUAL_STORAGE_TYPE,
];

/** Differences between koffi's layout of a type and the compiler's, and the number of fields compared. */
function compare(struct: CStruct, abi: Abi): { wrong: string[]; compared: number } {
  const ours = layoutOf(struct);
  const theirs = abi.structs[struct.name];
  if (theirs === undefined)
    return { wrong: [`${struct.name}: unknown to native/abi`], compared: 0 };
  const wrong: string[] = [];
  const differs = (what: string, found: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) wrong.push(`${struct.name}.${what}: ${a}, the compiler has ${b}`);
  };
  differs('size', ours.size, theirs.size);
  differs('align', ours.align, theirs.align);
  for (const [path, expected] of Object.entries(theirs.fields)) {
    const field = ours.fields.get(path);
    differs(path, field === undefined ? null : [field.offset, field.size], expected);
  }
  return { wrong, compared: Object.keys(theirs.fields).length };
}

test('each type has the layout that a C compiler gives it', async (t) => {
  const abi = await readAbi(t);
  if (abi === undefined) return;
  const results = TYPES.map((struct) => compare(struct, abi));
  assert.deepEqual(
    results.flatMap(({ wrong }) => wrong),
    [],
  );
  const compared = results.reduce((sum, each) => sum + each.compared, 0);
  assert.ok(compared >= 85, `only ${compared} fields were compared`);
});

test('a wrong field is found: one left out, one too small, one in the wrong place', async (t) => {
  const abi = await readAbi(t);
  if (abi === undefined) return;
  const { Version1, Version2, ...others } = CREATE_VIRTUAL_DISK_PARAMETERS.union ?? {};
  assert.ok(typeof Version2 === 'object' && 'members' in Version2 && Version1 !== undefined);
  const { PhysicalSectorSizeInBytes, ...members } = Version2.members;
  assert.equal(PhysicalSectorSizeInBytes, 'uint32_t');
  const asMingw: CStruct = {
    ...CREATE_VIRTUAL_DISK_PARAMETERS,
    union: { Version1, Version2: { name: 'V2', members }, ...others },
  };
  assert.ok(compare(asMingw, abi).wrong.some((line) => line.includes('Version2.ParentPath')));
  const small: CStruct = {
    ...QUERY_CHANGES_VIRTUAL_DISK_RANGE,
    members: { ByteOffset: 'uint32_t', ByteLength: 'uint64_t', Reserved: 'uint64_t' },
  };
  assert.equal(compare(small, abi).wrong.length, 1);
  const swapped: CStruct = {
    ...OVERLAPPED,
    members: { ...OVERLAPPED.members, Offset: 'uint64_t' },
  };
  assert.notEqual(compare(swapped, abi).wrong.length, 0);
});

test('each error has its number by the name that Windows gives it', async (t) => {
  const abi = await readAbi(t);
  if (abi === undefined) return;
  const errors = Object.entries(abi.constants).filter(
    ([name, number]) => name.startsWith('ERROR_') && number !== 0,
  );
  assert.deepEqual(
    errors.map(([, number]) => describeWindowsError(number).name),
    errors.map(([name]) => name),
  );
  assert.ok(errors.length >= 60, `only ${errors.length} errors were compared`);
});
