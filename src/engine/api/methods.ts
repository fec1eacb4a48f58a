import type {
  AnatomyInfo,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
} from './anatomy.ts';
import type { BackupOptions, BackupPlan, CleanedItem } from './backup.ts';
import type {
  MapInfo,
  MapOpen,
  Page,
  PageRequest,
  PlaceInfo,
  Tile,
  TileRequest,
} from './change-map.ts';
import type {
  CertificateInfo,
  HostTarget,
  HostTest,
  PathMapping,
  VmReferencePoint,
  VmRow,
  VmShow,
} from './host.ts';
import type { JobInfo } from './jobs.ts';
import type { Environment, ExchangeRecord, LogRecord, ProgressRecord } from './notifications.ts';
import type { PointReport, StoreInfo, StorePoint, StoreVm } from './store.ts';

/**
 * A request: its method, and what it needs of whoever runs it. Params and result are types only: `request<Params, Result>(…)`.
 * Every request may fail with an ErrorInfo (`errors.ts`) whose code begins with one of `areas`, and can be cancelled.
 */
export interface Request<Params, Result> {
  readonly method: string;
  /** Changes nothing anywhere. */
  readonly readOnly: boolean;
  /** Asking again after a failure does no harm. */
  readonly retryable: boolean;
  /** Takes long enough to show progress: `refpoint/progress` comes under the params' progressToken. */
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
const longQuery = <Params, Result>(
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
  long: true,
  areas,
});

/** Params of long requests: progress comes under this token. */
export interface WithProgress {
  readonly progressToken: string;
}

const HOST = ['http', 'tls', 'wsman', 'host'];
const STORE = ['store', 'source', 'point', 'manifest'];

export const requests = {
  environment: query<Record<string, never>, Environment>('environment'),

  certificate: query<{ url: string; timeoutSeconds: number }, CertificateInfo>(
    'host/certificate',
    'http',
    'tls',
  ),
  testHost: query<{ target: HostTarget }, HostTest>('host/test', ...HOST),
  listVms: query<{ target: HostTarget }, readonly VmRow[]>('host/vms', ...HOST),
  showVm: query<{ target: HostTarget; vm: string; stores: readonly string[] }, VmShow>(
    'vm/show',
    ...HOST,
  ),
  planBackup: query<
    { target: HostTarget; vm: string; store: string; options: BackupOptions },
    BackupPlan
  >('vm/plan', ...HOST, ...STORE, 'backup'),
  createReferencePoint: action<
    WithProgress & { target: HostTarget; vm: string; consistency: 'application' | 'crash' },
    VmReferencePoint
  >('point/create', ...HOST),
  removeReferencePoint: action<
    WithProgress & {
      target: HostTarget;
      vm: string;
      id: string;
      stores: readonly string[];
      foreign: boolean;
    },
    Record<string, never>
  >('point/remove', ...HOST),
  clean: action<
    WithProgress & {
      target: HostTarget;
      vm: string;
      /** null: only what calls by hand left, exports among them. */
      store: string | null;
      pathMap: readonly PathMapping[];
      dryRun: boolean;
    },
    readonly CleanedItem[]
  >('vm/clean', ...HOST, ...STORE, 'lease', 'ledger'),

  openStore: action<{ path: string; create: boolean }, StoreInfo>('store/open', ...STORE),
  storeVms: query<{ path: string }, readonly StoreVm[]>('store/vms', ...STORE),
  storePoints: query<{ path: string; vm: string }, readonly StorePoint[]>('store/points', ...STORE),
  pointReport: query<{ path: string; vm: string; point: string }, PointReport>(
    'store/report',
    ...STORE,
  ),

  listJobs: query<{ stores: readonly string[] }, readonly JobInfo[]>('jobs/list'),
  cancelJob: action<{ id: string }, Record<string, never>>('jobs/cancel', 'job'),
  forgetJob: action<{ id: string }, Record<string, never>>('jobs/forget', 'job'),

  openMap: longQuery<WithProgress & MapOpen, MapInfo>(
    'map/open',
    ...HOST,
    ...STORE,
    'map',
    'disk',
    'vhdx',
  ),
  mapTiles: query<TileRequest, readonly Tile[]>('map/tiles', 'map'),
  mapPage: query<PageRequest, Page>('map/page', 'map'),
  mapPlace: query<{ mapId: string; frame: number; offset: number }, PlaceInfo>('map/place', 'map'),
  mapCsv: action<WithProgress & { mapId: string; frame: number; path: string }, { rows: number }>(
    'map/csv',
    'map',
    'source',
  ),
  closeMap: query<{ mapId: string }, Record<string, never>>('map/close'),

  openAnatomy: query<{ path: string; followParents: boolean }, AnatomyInfo>(
    'anatomy/open',
    'source',
    'disk',
    'vhdx',
    'anatomy',
  ),
  anatomyBlocks: query<BlockTileRequest, BlockTile>('anatomy/blocks', 'anatomy', 'vhdx'),
  anatomyBytes: query<BytesRequest, BytesAnswer>('anatomy/bytes', 'anatomy', 'source'),
  closeAnatomy: query<{ anatomyId: string }, Record<string, never>>('anatomy/close'),
} as const;

export const notifications = {
  progress: { method: 'refpoint/progress' } as Notification<ProgressRecord>,
  log: { method: 'refpoint/log' } as Notification<LogRecord>,
  exchange: { method: 'refpoint/exchange' } as Notification<ExchangeRecord>,
} as const;
