import type { WriterStatus } from '../../../vss/model.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabShadow } from '../../state/state.ts';
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
