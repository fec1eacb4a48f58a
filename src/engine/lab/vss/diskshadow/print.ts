import type { VssComponent, WriterStatus } from '../../../vss/model.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabShadow } from '../../state/state.ts';
import { drivesOf } from '../hyperv-writer.ts';
import { WRITERS } from '../writers.ts';
import { driveOf, shadowDevice, volumeName } from '../volumes.ts';
import type { DiskshadowWords } from './words.ts';

const SOFTWARE_PROVIDER = '{b5946137-7b9f-4925-af80-51abd60b20d5}';

/** Prints a shadow copy as `create` and `list shadows` do. */
export function shadowLines(
  lab: Lab,
  words: DiskshadowWords,
  shadow: LabShadow,
  alias: string | undefined,
  total: number,
): readonly string[] {
  const { machineName } = lab.state;
  const name = alias === undefined ? '<No Alias>' : `%${alias}%`;
  const setName = alias === undefined ? '<No Alias>' : '%VSS_SHADOW_SET%';
  const flags = [
    ...(shadow.persistent === false ? [] : ['No_Auto_Release', 'Persistent']),
    ...(shadow.clientAccessible ? ['ClientAccessible'] : []),
    ...(shadow.noWriters ? ['No_Writers'] : []),
    'Differential',
  ];
  return [
    '',
    `\t* ${words.id} {${shadow.id}}\t\t${name}`,
    '',
    `\t\t- ${words.set} {${shadow.set}}\t${setName}`,
    `\t\t- ${words.count} ${total}`,
    `\t\t- ${words.volume} ${volumeName(lab, driveOf(shadow))} [${driveOf(shadow)}:\\]`,
    `\t\t- ${words.created} 11/23/2026 9:00:05 AM`,
    `\t\t- ${words.device} ${shadowDevice(shadow)}`,
    `\t\t- ${words.machine} ${machineName}`,
    `\t\t- ${words.notExposed}`,
    `\t\t- ${words.provider} ${SOFTWARE_PROVIDER}`,
    `\t\t- ${words.attributes} ${flags.join(' ')}`,
  ];
}

/**
 * Prints the components that a set leaves out, for want of a volume, and those that take part, as `create`
 * does with `set verbose on`.
 */
export function componentLines(
  lab: Lab,
  words: DiskshadowWords,
  all: readonly VssComponent[],
  included: readonly VssComponent[],
): readonly string[] {
  const [system, hyperv] = WRITERS;
  const names = (list: readonly VssComponent[]): readonly string[] =>
    list.map(({ logicalPath, name }) => [logicalPath ?? '', name].join('\\'));
  const lacking = all.filter((each) => !included.includes(each));
  const adding = (writer: string, components: readonly string[]): readonly string[] =>
    components.length === 0
      ? []
      : [
          '',
          `* ${words.including} "${writer}":`,
          ...components.map((each) => `\t+ ${words.adding} ${each}`),
        ];
  return [
    ...lacking.map((each) => {
      const [drive = 'C'] = drivesOf(lab, each);
      const [component = ''] = names([each]);
      return words.excluded(component, hyperv.name, `${drive}:\\`);
    }),
    ...adding(system.name, ['\\System Files']),
    ...adding(hyperv.name, names(included)),
    '',
  ];
}

/** Prints a writer as `list writers status` does. */
export function writerLines(words: DiskshadowWords, status: WriterStatus): readonly string[] {
  const code = status.failure.toString(16).padStart(8, '0');
  return [
    '',
    `* ${words.writer} "${status.name}"`,
    `\t- ${words.status} ${status.state} (${status.stateName ?? ''})`,
    `\t- ${words.failure} 0x${code}${status.failure === 0 ? ' (S_OK)' : ''}`,
    `\t- ${words.writerId} {${status.writer ?? ''}}`,
    `\t- ${words.instance} {${status.instance ?? ''}}`,
  ];
}
