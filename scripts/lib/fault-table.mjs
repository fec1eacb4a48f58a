// The table of npm run test:faults, 80 columns wide: a line for each fault, with the number of its pairs by outcome.
const OUTCOMES = ['completed', 'undone', 'cleaned', 'failed'];

export function tableOfFaults(lines, verbose) {
  const rows = new Map();
  for (const line of lines) {
    const row = rows.get(line.title) ?? { backups: 0, codes: new Map(), notes: new Set() };
    rows.set(line.title, row);
    row.backups++;
    const pairs = line.to - line.at + 1;
    row[line.outcome] = (row[line.outcome] ?? 0) + pairs;
    const code = line.code ?? (line.kind === 'incr' && line.made === 'full' ? 'full instead' : '-');
    row.codes.set(code, (row.codes.get(code) ?? 0) + pairs);
    if (line.outcome === 'cleaned') for (const note of line.notes) row.notes.add(note);
  }
  const head = ['fault', 'backups', ...OUTCOMES];
  const text = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, row]) => {
      const counts = OUTCOMES.map((outcome) => String(row[outcome] ?? 0));
      const own = format([title, String(row.backups), ...counts]);
      if (!verbose) return own;
      const codes = [...row.codes].map(([code, count]) => `${code} ${count}`).join(', ');
      const notes = row.notes.size === 0 ? '' : `\n    left: ${[...row.notes].join(', ')}`;
      return `${own}\n    ${codes}${notes}`;
    });
  return `${[format(head), ...text].join('\n')}\n\n`;
}

function format([title, ...counts]) {
  return title.padEnd(28) + counts.map((each) => each.padStart(10)).join('');
}
