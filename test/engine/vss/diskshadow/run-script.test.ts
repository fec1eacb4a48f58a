import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedScript } from '../../../../src/engine/vss/diskshadow/encoded-script.ts';
import { RUN_SCRIPT } from '../../../../src/engine/vss/diskshadow/run-script.ts';
import { look, newerThan51 } from '../../../support/powershell/look.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';

const FOLDER = '0123456789abcdef0123456789abcdef';

/** The part that unpacks the script, without its data. */
const unpacking = (): string =>
  Buffer.from(encodedScript([FOLDER, '0', '0', '1', 'no']), 'base64')
    .toString('utf16le')
    .split('\n')
    .slice(2)
    .join('\n');

/** Commands of the engine, programs of the system, and functions of the script. Everything else loads a module. */
const KNOWN = ['Out-Null', 'mkdir', 'b', 'n', 'say', 'u'];

test(
  'the script has no error, loads no module and needs no PowerShell after 5.1',
  needsPowershell,
  () => {
    const { errors, nodes, operators, commands } = look(`${unpacking()}\n${RUN_SCRIPT}`);
    assert.deepEqual(errors, []);
    assert.deepEqual(newerThan51({ nodes, operators }), []);
    assert.deepEqual([...commands].sort(), KNOWN.toSorted());
  },
);

test('the script holds ASCII alone, and no word of its data', () => {
  assert.match(RUN_SCRIPT, /^[\n\x20-\x7e]+$/);
  assert.ok(!RUN_SCRIPT.includes(FOLDER) && !unpacking().includes(FOLDER));
});
