import type { Guid } from '../../base/guid.ts';
import type { OnHost } from './on-host.ts';

/** The point from which a VM was made. */
export interface VmOrigin {
  readonly vmId: Guid;
  readonly pointId: string;
}

/** A VM that is being made, with everything that its making wrote. Paths are those of the host. */
export interface OwnImport extends OnHost {
  readonly id: string;
  readonly time: string;
  readonly pointId: string;
  /** Whether the system is a planned VM until it is realized; otherwise it is defined. */
  readonly planned: boolean;
  /** Name of the system right after the call. */
  readonly name: string;
  /** Folder that the files lie in. */
  readonly folder: string;
  /** Files that did not exist before. */
  readonly files: readonly string[];
  /** IDs of the systems with that name before the call. */
  readonly existing: readonly string[];
  /** Time at which the call was sent; null: not sent yet, or refused. */
  readonly asked: string | null;
  /** Object path of the job that the host started; null if no answer came. */
  readonly job: string | null;
  /** GUID of the system; null if it is not known. */
  readonly system: Guid | null;
  /** The system is as it was asked for; a planned one only has to be realized. */
  readonly complete: boolean;
}

/** A ledger, as far as this file knows it. */
interface HasImports {
  readonly imports?: readonly OwnImport[];
}

/** Records an import instead of its earlier state. */
export function withImport<Of extends HasImports>(ledger: Of, own: OwnImport): Of {
  const others = (ledger.imports ?? []).filter(({ id }) => id !== own.id);
  return { ...ledger, imports: [...others, own] };
}

/** Removes an import that is done, or of which nothing is left. */
export function withoutImport<Of extends HasImports>(
  ledger: Of,
  importId: string,
): Omit<Of, 'imports'> & HasImports {
  const { imports = [], ...rest } = ledger;
  const others = imports.filter(({ id }) => id !== importId);
  return others.length === 0 ? rest : { ...rest, imports: others };
}
