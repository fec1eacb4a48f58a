import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALLS } from '../../../../src/engine/powershell/scripts/calls.ts';
import { CONNECT } from '../../../../src/engine/powershell/scripts/connect.ts';
import { PROLOGUE } from '../../../../src/engine/powershell/scripts/prologue.ts';
import { VALUES } from '../../../../src/engine/powershell/scripts/values.ts';
import { look, newerThan51 } from '../../../support/powershell/look.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';

/** Commands of Windows PowerShell 5.1 that the scripts use. Another one is looked up before it is added here. */
const KNOWN = [
  'ConvertFrom-Json',
  'ConvertTo-Json',
  'ForEach-Object',
  'Get-CimClass',
  'Get-CimInstance',
  'Invoke-CimMethod',
  'New-CimInstance',
  'New-CimSession',
  'New-CimSessionOption',
  'New-Object',
  'Select-Object',
  'Where-Object',
];

test(
  'the scripts have no error and nothing that Windows PowerShell 5.1 lacks',
  needsPowershell,
  () => {
    const { errors, nodes, operators, commands } = look(
      [PROLOGUE, VALUES, CALLS, CONNECT].join('\n'),
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(newerThan51({ nodes, operators }), []);
    const strange = commands.filter(
      (name) => !KNOWN.includes(name) && !/^[A-Z][a-z]+-Rp[A-Z]/.test(name),
    );
    assert.deepEqual(strange, []);
    const newer = newerThan51(look('$a ? 1 : 2; $b ?? 3; Get-Thing && Get-Other'));
    assert.ok(newer.includes('TernaryExpressionAst') && newer.includes('QuestionQuestion'));
  },
);

test('the scripts hold ASCII alone, and nothing is put into them', () => {
  for (const script of [PROLOGUE, VALUES, CALLS, CONNECT]) {
    assert.match(script, /^[\n\x20-\x7e]+$/);
  }
});
