import { parseXml } from '../../../cim/xml/xml-reader.ts';
import { descendants } from '../../../cim/xml/xml-element.ts';
import { element } from '../../../cim/xml/xml-writer.ts';
import type { FileList, VssComponent, WriterMetadata } from '../../../vss/model.ts';

/** A component of the components document. */
export interface RecordedComponent {
  readonly name: string;
  readonly logicalPath: string | null;
  readonly succeeded: boolean;
}

const LIMITS = { characters: 4 * 2 ** 20, depth: 8, elements: 50_000, attributes: 32 };
const NAMESPACE = 'x-schema:#VssComponentMetadata';

/**
 * Writes the components document (SaveAsXML of IVssBackupComponents). The names are those of Windows'
 * own documents; a real one has more.
 */
export function componentsDocument(
  { writer, instance }: Pick<WriterMetadata, 'writer' | 'instance'>,
  components: readonly RecordedComponent[],
): string {
  const rows = components.map(({ name, logicalPath, succeeded }) =>
    element('COMPONENT', {
      ...(logicalPath === null ? {} : { logicalPath }),
      componentName: name,
      componentType: 'filegroup',
      backupSucceeded: succeeded ? 'yes' : 'no',
    }),
  );
  const ids = { instanceId: instance, writerId: writer };
  const list = element('WRITER_COMPONENTS', ids, rows.join(''));
  const mode = { selectComponents: 'yes', backupType: 'full', bootableSystemStateBackup: 'no' };
  return element('BACKUP_COMPONENTS', { xmlns: NAMESPACE, version: '1.2', ...mode }, list);
}

/** Reads the components of a document; undefined if it is not one. */
export function readComponents(document: string): readonly RecordedComponent[] | undefined {
  try {
    const root = parseXml(document, LIMITS);
    if (root.local !== 'BACKUP_COMPONENTS') return undefined;
    return [...descendants(root)]
      .filter(({ local }) => local === 'COMPONENT')
      .map(({ attributes }) => ({
        name: attributes.get('componentName') ?? '',
        logicalPath: attributes.get('logicalPath') ?? null,
        succeeded: attributes.get('backupSucceeded') === 'yes',
      }));
  } catch {
    return undefined;
  }
}

/** Writes the metadata document of a writer (SaveAsXML of IVssExamineWriterMetadata). */
export function writerDocument({
  writer,
  instance,
  name,
  components,
  excludes,
}: WriterMetadata): string {
  const identity = element('IDENTIFICATION', {
    writerId: writer,
    instanceId: instance,
    friendlyName: name,
    usage: 'USER_DATA',
    dataSource: 'OTHER',
  });
  const left = excludes.map((each) => element('EXCLUDE_FILES', filesOf(each)));
  const groups = components.map(componentElement);
  const restore = element('RESTORE_METHOD', { method: 'RESTORE_IF_NONE_THERE' });
  const location = element('BACKUP_LOCATIONS', {}, [...left, ...groups].join(''));
  return element('WRITER_METADATA', { xmlns: NAMESPACE }, identity + restore + location);
}

const filesOf = ({ path, spec, recursive }: FileList): Record<string, string> => ({
  path,
  filespec: spec,
  recursive: recursive ? 'yes' : 'no',
});

const componentElement = ({ name, logicalPath, caption, files }: VssComponent): string =>
  element(
    'FILE_GROUP',
    {
      ...(logicalPath === null ? {} : { logicalPath }),
      componentName: name,
      caption,
      selectable: 'yes',
      selectableForRestore: 'yes',
    },
    files.map((each) => element('FILE_LIST', filesOf(each))).join(''),
  );
