import { formatBytes } from '../../../base/format-bytes.ts';
import { hresultText } from '../../../base/words/hresult-text.ts';
import type { ShadowList } from '../../../api/vss.ts';
import { listOwnedShadows } from '../../../operations/vss/list-shadows.ts';
import { listWriters } from '../../../operations/vss/list-writers.ts';
import { readLogFile } from '../../../operations/vss/read-log-file.ts';
import type { DiskshadowLog } from '../../../vss/diskshadow/read-log.ts';
import { hasFailed, type WriterStatus } from '../../../vss/model.ts';
import { vssHresult } from '../../../vss/vss-hresults.ts';
import type { Command } from '../../contract/command.ts';
import { HOST_OPTIONS, targetOf, withHost } from '../../options/host-options.ts';
import { STORES, storesOf } from '../../options/named-objects.ts';
import { localPath } from '../../options/option-values.ts';
import { TRACE_OPTION } from '../../options/trace-option.ts';
import { facts, inLine, table } from '../../terminal/text.ts';

export const VSS_COMMANDS: readonly Command[] = [
  {
    name: 'vss writers',
    summary: 'Lists the VSS writers of a host with their states, by diskshadow.',
    args: [],
    options: { ...HOST_OPTIONS, ...TRACE_OPTION },
    details: 'Needs a Windows Server, and an account that may open a remote shell there.',
    async run(context) {
      const target = await targetOf(context);
      const writers = await listWriters(target, context.log, context.signal, context.trace);
      context.print({ writers: writers.map(jsonOf) }, () => writersText(writers));
      return writers.some(hasFailed) ? 1 : 0;
    },
  },
  {
    name: 'vss list',
    summary: 'Lists the shadow copies of a host, and its volumes with their area for differences.',
    args: [],
    options: { ...HOST_OPTIONS, ...TRACE_OPTION, ...STORES },
    details:
      'A store whose ledger names a set tells that the set is ours; without one, every shadow copy shows as foreign.',
    run: (context) =>
      withHost(context, async (host) => {
        const found = await listOwnedShadows(host, await storesOf(context), context.signal);
        context.print(found, () => shadowsText(found));
      }),
  },
  {
    name: 'vss read',
    summary: 'Reads a log of diskshadow in any language: its set, shadow copies and failures.',
    args: [{ name: 'LOG', help: 'what diskshadow printed, or its log (/l)' }],
    options: {},
    async run(context) {
      const path = localPath(context, context.args[0] ?? '');
      const log = await readLogFile(path, context.signal);
      const hresults = log.hresults.map((number) => ({
        hresult: hresultText(number),
        name: vssHresult(number)?.name ?? null,
        meaning: vssHresult(number)?.meaning ?? null,
        retryable: vssHresult(number)?.retryable ?? false,
      }));
      context.print({ ...log, writers: log.writers.map(jsonOf), hresults }, () => logText(log));
      const failed = log.hresults.length + log.failedCalls.length > 0;
      return failed || log.writers.some(hasFailed) ? 1 : 0;
    },
  },
];

const jsonOf = (writer: WriterStatus): object => {
  return { ...writer, failure: hresultText(writer.failure), failed: hasFailed(writer) };
};

function shadowsText({ shadows, volumes }: ShadowList): string {
  const names = new Map(volumes.map(({ volume, name }) => [volume.toLowerCase(), name ?? volume]));
  const nameOf = (volume: string | null): string =>
    volume === null ? 'not named' : (names.get(volume.toLowerCase()) ?? volume);
  const list = volumes.map(({ volume, name, fileSystem, storage }) => [
    inLine(name ?? volume),
    fileSystem ?? '',
    storage === null
      ? 'none yet'
      : `${formatBytes(storage.used)} of at most ${formatBytes(storage.max)}`,
  ]);
  const copies = shadows.map((each) => [
    (each.created ?? '').slice(0, 16).replace('T', ' '),
    inLine(nameOf(each.volume)),
    each.noWriters ? 'no' : 'yes',
    each.owner,
    each.id,
  ]);
  const none = 'The host has no shadow copies.';
  return [
    copies.length === 0
      ? none
      : table(['made (UTC)', 'volume', 'writers', 'whose', 'shadow copy'], copies),
    table(['volume', 'file system', 'area for differences'], list),
  ].join('\n\n');
}

function writersText(writers: readonly WriterStatus[]): string {
  return table(
    ['writer', 'state', 'failure'],
    writers.map((each) => [
      inLine(each.name),
      `${each.state} ${each.stateName ?? ''}`,
      each.failure === 0 ? '' : failureText(each.failure),
    ]),
  );
}

function logText(log: DiskshadowLog): string {
  const shadows = log.shadows.map(({ alias, id, volume, device, noWriters }) =>
    facts([
      ['shadow copy', `${id}${alias === null ? '' : ` (${alias})`}`],
      ['volume', volume ?? 'not named'],
      ['device', device ?? 'not named'],
      ['writers', noWriters ? 'none took part: files of running VMs are not consistent' : 'yes'],
    ]),
  );
  const failures = [
    ...log.hresults.map((number) => `failure: ${failureText(number)}`),
    ...log.failedCalls.map((call) => `failed call: ${inLine(call)}`),
  ];
  const parts = [
    facts([['set', log.set ?? 'not named, or several']]),
    ...shadows,
    ...(log.writers.length === 0 ? [] : [writersText(log.writers)]),
    ...(failures.length === 0 ? [] : [failures.join('\n')]),
  ];
  return parts.join('\n\n');
}

function failureText(number: number): string {
  const known = vssHresult(number);
  const text = hresultText(number);
  return known === undefined ? text : `${text} ${known.name}: ${known.meaning}`;
}
