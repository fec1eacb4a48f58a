import type {
  AnatomyInfo,
  BlockPlace,
  BlockRequest,
  BlockTile,
  BlockTileRequest,
  BytesAnswer,
  BytesRequest,
} from '../../api/anatomy.ts';
import type {
  DifferencesAnswer,
  DifferencesRequest,
  ImageSurveyInfo,
  SearchAnswer,
  SearchRequest,
  SectorsAnswer,
  SectorsRequest,
} from '../../api/disk-contents.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { anatomyError } from '../../disk/anatomy/model/anatomy-errors.ts';
import { OpenFiles } from '../context/open-files.ts';
import { OpenAnatomy } from './open-anatomy.ts';

/** Maximum number of open files. */
const MAX_OPEN = 8;

/** The disk images shown in anatomy editors. Each keeps its file open. */
export class Anatomies {
  readonly #open = new OpenFiles<OpenAnatomy>(MAX_OPEN, notOpen);

  async open(
    params: { readonly path: string; readonly followParents: boolean },
    signal: AbortSignal,
  ): Promise<AnatomyInfo> {
    const opened = await OpenAnatomy.open(params.path, params.followParents, signal);
    return opened.info(await this.#open.keep(opened, signal));
  }

  blocks(request: BlockTileRequest, signal: AbortSignal): Promise<BlockTile> {
    return this.#use(request.anatomyId, (opened) => opened.blocks(request, signal));
  }

  block(request: BlockRequest, signal: AbortSignal): Promise<BlockPlace> {
    return this.#use(request.anatomyId, (opened) => opened.block(request, signal));
  }

  bytes(request: BytesRequest, signal: AbortSignal): Promise<BytesAnswer> {
    return this.#use(request.anatomyId, (opened) => opened.bytes(request, signal));
  }

  survey(anatomyId: string, signal: AbortSignal): Promise<ImageSurveyInfo> {
    return this.#use(anatomyId, ({ contents }) => contents.survey(signal));
  }

  sectors(request: SectorsRequest, signal: AbortSignal): Promise<SectorsAnswer> {
    return this.#use(request.anatomyId, ({ contents }) => contents.sectors(request, signal));
  }

  search(request: SearchRequest, progress: Progress, signal: AbortSignal): Promise<SearchAnswer> {
    return this.#use(request.anatomyId, (opened) => opened.search(request, progress, signal));
  }

  differences(
    request: DifferencesRequest,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<DifferencesAnswer> {
    const other = this.#open.get(request.otherId).contents;
    return this.#use(request.anatomyId, ({ contents }) =>
      contents.differences(other, request, progress, signal),
    );
  }

  /** Closes a file; does nothing if it is not open. */
  close(anatomyId: string): Promise<void> {
    return this.#open.close(anatomyId);
  }

  closeAll(): Promise<void> {
    return this.#open.closeAll();
  }

  async #use<T>(anatomyId: string, work: (opened: OpenAnatomy) => Promise<T>): Promise<T> {
    const opened = this.#open.get(anatomyId);
    try {
      return await work(opened);
    } catch (error) {
      // The file was closed to make room for another one during the read.
      if (isEngineError(error, 'source.closed')) throw notOpen(anatomyId);
      throw error;
    }
  }
}

const notOpen = (anatomyId: unknown): Error =>
  anatomyError('anatomy.notOpen', 'The engine has closed this file; open it again', {
    data: { found: String(anatomyId).slice(0, 60) },
  });
