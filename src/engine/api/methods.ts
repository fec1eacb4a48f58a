import type {
  AnatomyInfo,
  BlockPlace,
  BlockRequest,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
} from './anatomy.ts';
import type { BackupPlans, CleanedItem, ImportPlan, KindlessOptions, OverPlan } from './backup.ts';
import type {
  MapInfo,
  MapOpen,
  Page,
  PageRequest,
  PlaceInfo,
  SeekRequest,
  Tile,
  TileRequest,
} from './change-map.ts';
import type {
  DiskCheck,
  DiskCheckRequest,
  RepairRequest,
  Repaired,
  RescueRequest,
  RescuedImage,
  UndoneRepair,
} from './disk-check.ts';
import type {
  DifferencesAnswer,
  DifferencesRequest,
  ImageSurveyInfo,
  RebasedImage,
  SearchAnswer,
  SearchRequest,
  SectorsAnswer,
  SectorsRequest,
} from './disk-contents.ts';
import type {
  CertificateInfo,
  HostTarget,
  HostTest,
  PathMapping,
  SmbTest,
  VmReferencePoint,
  VmRow,
  VmShow,
  GroupRow,
  GroupShow,
} from './host.ts';
import type {
  CopiedFiles,
  GuestCopyRequest,
  GuestList,
  GuestListRequest,
} from './guest/guest-files.ts';
import type { DiskInspection, GuestDisk } from './guest/inspection.ts';
import type { ImportChoices, JobInfo, OverChoices } from './jobs.ts';
import type {
  Environment,
  ExchangeRecord,
  LogRecord,
  PartRecord,
  ProgressRecord,
} from './notifications.ts';
import type { KnownTrackingIds } from './windows/windows-disk.ts';
import type { LedgerRepair, PointReport, StoreInfo, StorePoint, StoreVm } from './store.ts';
import type {
  TraceComparison,
  TraceComparisonRequest,
  TraceExchange,
  TraceInfo,
  TracePage,
  TracePageRequest,
} from './trace.ts';
import type { SetPlanDocument, ShadowList } from './vss.ts';

/**
 * A request: its method, and its properties for callers. Params and result are types only:
 * `request<Params, Result>(…)`. Every request can be cancelled, and may fail with an ErrorInfo
 * (`errors.ts`) whose code begins with one of `areas`, or is `internal`.
 */
export interface Request<Params, Result> {
  readonly method: string;
  /** Changes nothing, neither here nor on a host or in a store. */
  readonly readOnly: boolean;
  /** Repeating the request after a failure is harmless. */
  readonly retryable: boolean;
  /** Reports progress: `refpoint/progress` under the params' progressToken. */
  readonly long: boolean;
  readonly areas: readonly string[];
  readonly types?: { readonly params: Params; readonly result: Result };
}

export interface Notification<Params> {
  readonly method: string;
  readonly types?: Params;
}

export type ParamsOf<R> = R extends Request<infer Params, unknown> ? Params : never;
export type ResultOf<R> =
  R extends Request<never, infer Result>
    ? Result
    : R extends Request<infer _P, infer Result>
      ? Result
      : never;

const query = <Params, Result>(method: string, ...areas: string[]): Request<Params, Result> => ({
  method: `refpoint/${method}`,
  readOnly: true,
  retryable: true,
  long: false,
  areas,
});
const longQuery = <Params extends WithProgress, Result>(
  method: string,
  ...areas: string[]
): Request<Params, Result> => ({
  ...query<Params, Result>(method, ...areas),
  long: true,
});
const action = <Params, Result>(method: string, ...areas: string[]): Request<Params, Result> => ({
  method: `refpoint/${method}`,
  readOnly: false,
  retryable: false,
  long: false,
  areas,
});
const longAction = <Params extends WithProgress, Result>(
  method: string,
  ...areas: string[]
): Request<Params, Result> => ({
  ...action<Params, Result>(method, ...areas),
  long: true,
});

/**
 * Params of requests that send parts of their result before it is complete, as `refpoint/part` under this
 * token; without it they do not.
 */
export interface WithParts {
  readonly partialResultToken?: string;
}

/** Params of long requests: progress is reported under this token. */
export interface WithProgress {
  readonly progressToken: string;
}

/**
 * Error areas of requests that query a host, open a store and its records, update a ledger, or read
 * disk images.
 */
const HOST = ['http', 'wsman', 'xml', 'host'];
const STORE = ['store', 'source', 'vm', 'point', 'manifest', 'chain'];
const LEDGER = ['ledger', 'lease'];
const DISK = ['disk', 'vhdx', 'bytes'];
const IMAGES = [...DISK, 'vhd', 'qcow2'];

/** One object of a VM, by its ID. */
interface NamedOnHost {
  readonly target: HostTarget;
  readonly vm: string;
  readonly id: string;
  /** Stores whose ledgers may name it. */
  readonly stores: readonly string[];
  /** Accept an object that no ledger names. */
  readonly foreign: boolean;
}

export const requests = {
  environment: query<Record<string, never>, Environment>('environment'),

  certificate: query<{ url: string; timeoutSeconds: number }, CertificateInfo>(
    'host/certificate',
    'http',
  ),
  testHost: query<{ target: HostTarget }, HostTest>('host/test', ...HOST),
  /** `place`: `\\server\share`, a server, or empty for the host itself. */
  testFileAccess: query<{ target: HostTarget; place: string }, SmbTest>(
    'host/files',
    'smb',
    'http',
  ),
  /** Parts: `FoundVm` rows. */
  listVms: query<WithParts & { target: HostTarget }, readonly VmRow[]>('host/vms', ...HOST),
  showVm: query<{ target: HostTarget; vm: string; stores: readonly string[] }, VmShow>(
    'vm/show',
    ...HOST,
    ...STORE,
    'ledger',
  ),
  listGroups: query<{ target: HostTarget }, readonly GroupRow[]>('group/list', ...HOST),
  showGroup: query<{ target: HostTarget; group: string }, GroupShow>('group/show', ...HOST),
  createGroup: action<{ target: HostTarget; name: string; members: readonly string[] }, GroupRow>(
    'group/create',
    ...HOST,
  ),
  planBackup: query<
    {
      target: HostTarget;
      vm: string;
      /** `vm` names a group of VMs; absent: it names a VM. */
      group?: boolean;
      store: string;
      options: KindlessOptions;
    },
    BackupPlans
  >('vm/plan', ...HOST, ...STORE, 'ledger', 'plan', 'path', 'disk', 'smb', 'rsvd'),
  /** `vms`: IDs or unique names. */
  planSet: query<
    {
      target: HostTarget;
      vms: readonly string[];
      allowOthers: boolean;
      /** Absent: whether the copies can be read from here is not checked. */
      pathMap?: readonly PathMapping[];
    },
    SetPlanDocument
  >('vss/plan', ...HOST, 'vss', 'path', 'smb'),
  /** `stores`: their ledgers tell which shadow copies are ours. */
  listShadows: query<{ target: HostTarget; stores: readonly string[] }, ShadowList>(
    'vss/list',
    ...HOST,
    ...STORE,
    'ledger',
    'vss',
  ),
  planImport: query<
    { target: HostTarget; store: string; vm: string; choices: ImportChoices },
    ImportPlan
  >('restore/plan', ...HOST, ...STORE, 'path', 'disk', 'import', 'restore'),
  /** Reads the disks of the VM. */
  planOver: longQuery<
    WithProgress & {
      target: HostTarget;
      store: string;
      vm: string;
      choices: Omit<OverChoices, 'confirm'>;
    },
    OverPlan
  >('restore/planOver', ...HOST, ...STORE, 'ledger', 'path', ...DISK, 'over', 'restore'),
  createReferencePoint: longAction<
    WithProgress & { target: HostTarget; vm: string; consistency: 'application' | 'crash' },
    VmReferencePoint
  >('point/create', ...HOST, 'source', ...LEDGER),
  removeReferencePoint: longAction<
    WithProgress & {
      target: HostTarget;
      vm: string;
      id: string;
      stores: readonly string[];
      foreign: boolean;
    },
    Record<string, never>
  >('point/remove', ...HOST, ...STORE, ...LEDGER),
  createCheckpoint: longAction<
    WithProgress & { target: HostTarget; vm: string; consistency: 'application' | 'crash' },
    { readonly id: string }
  >('checkpoint/create', ...HOST, 'source', ...LEDGER),
  convertCheckpoint: longAction<WithProgress & NamedOnHost, { readonly id: string }>(
    'checkpoint/convert',
    ...HOST,
    ...STORE,
    ...LEDGER,
  ),
  removeCheckpoint: longAction<WithProgress & NamedOnHost, Record<string, never>>(
    'checkpoint/remove',
    ...HOST,
    ...STORE,
    ...LEDGER,
  ),
  repairLedger: longAction<
    WithProgress & { target: HostTarget; vm: string; store: string; apply: boolean },
    LedgerRepair
  >('ledger/repair', ...HOST, ...STORE, ...LEDGER),
  clean: longAction<
    WithProgress & {
      target: HostTarget;
      vm: string;
      /** `vm` names a group of VMs; absent: it names a VM. */
      group?: boolean;
      /** null: only items left by exports and by manual operations. */
      store: string | null;
      pathMap: readonly PathMapping[];
      dryRun: boolean;
    },
    readonly CleanedItem[]
  >('vm/clean', ...HOST, ...STORE, ...LEDGER, 'path'),

  openStore: action<{ path: string; create: boolean }, StoreInfo>('store/open', 'store', 'source'),
  storeVms: query<{ path: string }, readonly StoreVm[]>('store/vms', ...STORE),
  storePoints: query<{ path: string; vm: string }, readonly StorePoint[]>('store/points', ...STORE),
  pointReport: query<{ path: string; vm: string; point: string }, PointReport>(
    'store/report',
    ...STORE,
  ),

  listJobs: query<{ stores: readonly string[] }, readonly JobInfo[]>('jobs/list'),
  cancelJob: action<{ id: string }, Record<string, never>>('jobs/cancel', 'job', 'source'),
  forgetJob: action<{ id: string }, Record<string, never>>('jobs/forget', 'job', 'source'),

  /** Partitions and file systems of a disk at a point, or of an image. */
  inspectGuest: query<{ disk: GuestDisk }, DiskInspection>(
    'guest/inspect',
    ...STORE,
    ...IMAGES,
    'parent',
  ),
  listGuestFiles: query<GuestListRequest, GuestList>(
    'guest/list',
    'guest',
    ...STORE,
    ...IMAGES,
    'parent',
  ),
  copyGuestFiles: longAction<WithProgress & GuestCopyRequest, CopiedFiles>(
    'guest/copy',
    'guest',
    ...STORE,
    ...IMAGES,
    'parent',
  ),

  openMap: longQuery<WithProgress & MapOpen, MapInfo>(
    'map/open',
    ...HOST,
    ...STORE,
    ...DISK,
    'map',
    'tracker',
    'virtdisk',
  ),
  // Frames of a chain are read on first use.
  mapTiles: query<TileRequest, readonly Tile[]>('map/tiles', 'map', ...STORE, ...DISK),
  mapPage: query<PageRequest, Page>('map/page', 'map', ...STORE, ...DISK),
  mapPlace: query<{ mapId: string; frame: number; offset: number }, PlaceInfo>(
    'map/place',
    'map',
    ...STORE,
    ...DISK,
  ),
  mapSeek: query<SeekRequest, PlaceInfo | null>('map/seek', 'map', ...STORE, ...DISK),
  mapCsv: longAction<
    WithProgress & { mapId: string; frame: number; path: string },
    { rows: number }
  >('map/csv', 'map', ...STORE, ...DISK),
  closeMap: query<{ mapId: string }, Record<string, never>>('map/close'),

  openAnatomy: query<{ path: string; followParents: boolean }, AnatomyInfo>(
    'anatomy/open',
    'anatomy',
    'source',
    ...DISK,
  ),
  anatomyBlocks: query<BlockTileRequest, BlockTile>('anatomy/blocks', 'anatomy', 'source', ...DISK),
  anatomyBlock: query<BlockRequest, BlockPlace>('anatomy/block', 'anatomy', 'source', ...IMAGES),
  anatomyBytes: query<BytesRequest, BytesAnswer>('anatomy/bytes', 'anatomy', 'source'),
  anatomySurvey: query<{ anatomyId: string }, ImageSurveyInfo>(
    'anatomy/survey',
    'anatomy',
    'source',
    ...IMAGES,
  ),
  anatomySectors: query<SectorsRequest, SectorsAnswer>(
    'anatomy/sectors',
    'anatomy',
    'source',
    ...IMAGES,
  ),
  anatomySearch: longQuery<WithProgress & SearchRequest, SearchAnswer>(
    'anatomy/search',
    'anatomy',
    'source',
    ...IMAGES,
  ),
  anatomyDifferences: longQuery<WithProgress & DifferencesRequest, DifferencesAnswer>(
    'anatomy/differences',
    'anatomy',
    'source',
    ...IMAGES,
  ),
  closeAnatomy: query<{ anatomyId: string }, Record<string, never>>('anatomy/close'),

  /** `stores`: their points are searched for the disk, by its ID. */
  trackingIds: query<{ path: string; stores: readonly string[] }, KnownTrackingIds>(
    'disk/trackingIds',
    ...STORE,
    ...DISK,
    'vhd',
    'virtdisk',
  ),
  checkDisk: query<DiskCheckRequest, DiskCheck>('disk/check', 'source', ...DISK, 'vhd', 'qcow2'),
  rebaseImage: longAction<WithProgress & { path: string; parent: string }, RebasedImage>(
    'image/rebase',
    'source',
    ...IMAGES,
  ),

  repairImage: longAction<WithProgress & RepairRequest, Repaired>(
    'image/repair',
    'source',
    ...IMAGES,
  ),
  undoImageRepair: action<{ path: string; record: string }, UndoneRepair>(
    'image/undoRepair',
    'source',
    ...IMAGES,
  ),
  rescueImage: longAction<WithProgress & RescueRequest, RescuedImage>(
    'image/rescue',
    'source',
    ...IMAGES,
  ),

  recordTrace: action<{ on: boolean }, { path: string | null }>('trace/record', 'trace'),
  openTrace: query<{ path: string }, TraceInfo>('trace/open', 'trace'),
  tracePage: query<TracePageRequest, TracePage>('trace/page', 'trace'),
  traceExchange: query<{ traceId: string; sequence: number }, TraceExchange>(
    'trace/exchange',
    'trace',
  ),
  compareTraces: query<TraceComparisonRequest, TraceComparison>('trace/compare', 'trace'),
  closeTrace: query<{ traceId: string }, Record<string, never>>('trace/close'),
} as const;

export const notifications = {
  progress: { method: 'refpoint/progress' } as Notification<ProgressRecord>,
  part: { method: 'refpoint/part' } as Notification<PartRecord>,
  log: { method: 'refpoint/log' } as Notification<LogRecord>,
  exchange: { method: 'refpoint/exchange' } as Notification<ExchangeRecord>,
} as const;
