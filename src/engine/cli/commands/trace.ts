import { TRACE_FILTERS, type TraceFilter, type TraceInfo, type TraceRow } from '../../api/trace.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { exchangeBody } from '../../trace/read/exchange-body.ts';
import { filterRows } from '../../trace/read/filter-rows.ts';
import { TraceFile } from '../../trace/read/trace-file.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Command, Context } from '../contract/command.ts';
import { localPath, wholeNumber } from '../options/option-values.ts';
import { facts, table, wrapped } from '../terminal/text.ts';

export const TRACE_COMMANDS: readonly Command[] = [
  {
    name: 'trace show',
    summary: 'Shows a recording that --trace or the workbench made: its exchanges, or one of them.',
    args: [{ name: 'FILE', help: 'a recording (.rptrace)' }],
    options: {
      errors: { type: 'flag', help: 'Only exchanges that failed.' },
      changing: { type: 'flag', help: 'Only calls that may change something on the host.' },
      slow: { type: 'value', value: 'MS', help: 'Only exchanges of at least MS milliseconds.' },
      text: { type: 'value', value: 'TEXT', help: 'Only calls, results and hosts with this text.' },
      exchange: { type: 'value', value: 'N', help: 'The request and the answer of exchange N.' },
    },
    details: 'In the list, * marks calls that may change something on the host.',
    run: show,
  },
];

async function show(context: Context): Promise<void> {
  const { args, signal } = context;
  const filter = filterOf(context);
  const sequence = wholeNumber(context, 'exchange', 1, Number.MAX_SAFE_INTEGER);
  const trace = await TraceFile.open(localPath(context, args[0] ?? ''), signal);
  try {
    if (sequence !== undefined) return await showExchange(context, trace, sequence);
    const { traceId: _, ...info } = trace.info('');
    const rows = filterRows(trace.rows, filter);
    context.print({ ...info, rows }, () => listText(context, info, rows));
  } finally {
    await trace.close();
  }
}

function filterOf(context: Context): TraceFilter {
  const { options } = context;
  const slowMs = wholeNumber(context, 'slow', 0, 86_400_000);
  const kinds = TRACE_FILTERS.filter((kind) =>
    kind === 'slow' ? slowMs !== undefined : options.flag(kind),
  );
  if (kinds.length > 1) throw usage(`Give one of ${kinds.map((kind) => `--${kind}`).join(', ')}`);
  return { kind: kinds[0] ?? 'all', slowMs: slowMs ?? 0, text: options.text('text') ?? '' };
}

function listText(
  { io }: Context,
  info: Omit<TraceInfo, 'traceId'>,
  rows: readonly TraceRow[],
): string {
  const { exchanges, errors, changing, milliseconds, sentBytes, receivedBytes } = info;
  const head = facts([
    ['recorded', `${info.begun}${info.command === null ? '' : `, ${info.command}`}`],
    ['hosts', info.hosts.join(', ')],
    [
      'exchanges',
      `${exchanges} in ${seconds(milliseconds)} s: ${errors} failed, ${changing} changing`,
    ],
    ['bytes', `${formatBytes(sentBytes)} sent, ${formatBytes(receivedBytes)} received`],
    ...incomplete(info),
  ]);
  if (rows.length === 0) return `${head}\n\nNo exchanges to show.`;
  const began = Date.parse(info.begun);
  const list = table(
    ['no', 'at s', 'ms', '', 'call', 'result'],
    rows.map((row) => [
      String(row.sequence),
      seconds(row.started - began),
      String(Math.round(row.done)),
      row.changes ? '*' : '',
      row.about,
      row.outcome,
    ]),
    ['no', 'at s', 'ms'],
    { column: 'call', width: io.columns },
  );
  return `${head}\n\n${list}`;
}

/** Facts about what the recording misses. */
function incomplete({
  end,
  lost,
  unreadable,
}: Omit<TraceInfo, 'traceId'>): (readonly [string, string])[] {
  const problems = [
    ...(end === 'full' ? ['it reached its maximum size'] : []),
    ...(end === 'open' ? ['its end is missing: it is still written, or its process died'] : []),
    ...(lost > 0 ? [`${lost} exchanges are not in it`] : []),
    ...(unreadable > 0 ? [`${unreadable} lines cannot be read`] : []),
  ];
  return problems.length === 0 ? [] : [['incomplete', problems.join('; ')]];
}

async function showExchange(context: Context, trace: TraceFile, sequence: number): Promise<void> {
  const { row, request, answer, requestCut, answerCut } = await trace.exchange(sequence);
  context.print({ ...row, request, answer, requestCut, answerCut }, () => {
    const bodies = [
      ['request', exchangeBody(request, requestCut, row.protocol)],
      ['answer', exchangeBody(answer, answerCut, row.protocol)],
    ] as const;
    return [
      facts([
        ['call', row.about],
        ['result', row.status === 0 ? row.outcome : `${row.outcome}, HTTP ${row.status}`],
        ['time', new Date(row.started).toISOString()],
        ['timing', timings(row)],
        ...(row.phase === null ? [] : ([['phase', row.phase]] as const)),
        ...(row.retryOf === null ? [] : ([['retry of', String(row.retryOf)]] as const)),
      ]),
      ...bodies.flatMap(([name, { text, cut }]) => [
        '',
        `${name}:`,
        bodyText(text, row, context),
        ...(cut === 0 ? [] : [`(${cut} characters more were not recorded)`]),
      ]),
    ].join('\n');
  });
}

/** An envelope as text. Facts of SMB are wrapped to the width of the terminal. */
function bodyText(text: string, { protocol }: TraceRow, { io }: Context): string {
  if (text === '') return '(empty)';
  if (protocol !== 'smb') return text;
  const width = io.columns;
  return text
    .split('\n')
    .flatMap((line) => wrapped(line, width))
    .join('\n');
}

function timings({ queued, sent, firstByte, done }: TraceRow): string {
  const parts = [
    ['connection', queued],
    ['sent', sent],
    ['first byte', firstByte],
    ['done', done],
  ] as const;
  return parts
    .flatMap(([name, at]) => (at === null ? [] : [`${name} ${at.toFixed(1)} ms`]))
    .join(', ');
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
