import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { CALLS } from '../../../../src/engine/powershell/scripts/calls.ts';
import { CONNECT } from '../../../../src/engine/powershell/scripts/connect.ts';
import { PROLOGUE } from '../../../../src/engine/powershell/scripts/prologue.ts';
import { VALUES } from '../../../../src/engine/powershell/scripts/values.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';

/** Prints errors of the grammar, the kinds of its nodes and operators, and the commands with their parameters. */
const LOOK = `
$text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadToEnd().Trim()))
$tokens = $null; $errors = $null
$tree = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$errors)
$all = $tree.FindAll({ $true }, $true)
ConvertTo-Json -Compress @{
  errors = @($errors | ForEach-Object { "$_" })
  nodes = @($all | ForEach-Object { $_.GetType().Name } | Sort-Object -Unique)
  operators = @($tokens | ForEach-Object { [string]$_.Kind } | Sort-Object -Unique)
  commands = @($all | Where-Object { $_ -is [Management.Automation.Language.CommandAst] } | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ } | Sort-Object -Unique)
}`;

interface Look {
  readonly errors: readonly string[];
  readonly nodes: readonly string[];
  readonly operators: readonly string[];
  readonly commands: readonly string[];
}

function look(script: string): Look {
  const encoded = Buffer.from(LOOK, 'utf16le').toString('base64');
  const out = execFileSync(
    process.env['REFPOINT_PWSH'] ?? '',
    ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded],
    { input: Buffer.from(script, 'utf8').toString('base64'), encoding: 'utf8' },
  );
  return JSON.parse(out) as Look;
}

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
    const newer = ['TernaryExpressionAst', 'PipelineChainAst', 'TypeDefinitionAst'];
    assert.deepEqual(
      nodes.filter((node) => newer.includes(node)),
      [],
    );
    const added = [
      'QuestionMark',
      'QuestionQuestion',
      'QuestionQuestionEquals',
      'QuestionDot',
      'AndAnd',
      'OrOr',
    ];
    assert.deepEqual(
      operators.filter((kind) => added.includes(kind)),
      [],
    );
    const strange = commands.filter(
      (name) => !KNOWN.includes(name) && !/^[A-Z][a-z]+-Rp[A-Z]/.test(name),
    );
    assert.deepEqual(strange, []);
    const seen = look('$a ? 1 : 2; $b ?? 3; Get-Thing && Get-Other');
    assert.ok(
      seen.nodes.includes('TernaryExpressionAst') && seen.operators.includes('QuestionQuestion'),
    );
  },
);

test('the scripts hold ASCII alone, and nothing is put into them', () => {
  for (const script of [PROLOGUE, VALUES, CALLS, CONNECT]) {
    assert.match(script, /^[\n\x20-\x7e]+$/);
  }
});
