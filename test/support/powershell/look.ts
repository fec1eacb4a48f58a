import { execFileSync } from 'node:child_process';

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

/** Errors, nodes, operators and commands that PowerShell's parser finds in a script. */
export interface Look {
  readonly errors: readonly string[];
  readonly nodes: readonly string[];
  readonly operators: readonly string[];
  readonly commands: readonly string[];
}

/** Parses a script with the PowerShell that REFPOINT_PWSH names. Runs nothing of it. */
export function look(script: string): Look {
  const encoded = Buffer.from(LOOK, 'utf16le').toString('base64');
  const out = execFileSync(
    process.env['REFPOINT_PWSH'] ?? '',
    ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded],
    { input: Buffer.from(script, 'utf8').toString('base64'), encoding: 'utf8' },
  );
  return JSON.parse(out) as Look;
}

/** Kinds of nodes and operators that Windows PowerShell 5.1 lacks. */
const NEWER = [
  'TernaryExpressionAst',
  'PipelineChainAst',
  'TypeDefinitionAst',
  'QuestionMark',
  'QuestionQuestion',
  'QuestionQuestionEquals',
  'QuestionDot',
  'AndAnd',
  'OrOr',
];

/** Returns the kinds of a script's nodes and operators that Windows PowerShell 5.1 lacks. */
export const newerThan51 = ({ nodes, operators }: Pick<Look, 'nodes' | 'operators'>): string[] =>
  [...nodes, ...operators].filter((kind) => NEWER.includes(kind));
