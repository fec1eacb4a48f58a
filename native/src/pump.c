/* Opening, feeding, asking and closing a pump. */
#include "pump.h"

#include <stdlib.h>
#include <string.h>

static int valid_options(const rp_options *o, const rp_file *files, size_t file_count) {
  if (o->disk_size == 0 || o->disk_size > INT64_MAX) return 0;
  if (o->workers < 1 || o->workers > RP_MAX_WORKERS) return 0;
  if (file_count > RP_MAX_FILES || (file_count > 0 && files == NULL)) return 0;
  if (o->block_size % RP_CELL != 0) return 0;
  if (o->end > INT64_MAX / 2 || o->block_size > INT64_MAX / 2) return 0;
  if (o->block_size == 0 && o->disk_size > INT64_MAX - o->end) return 0;
  /* The offset 0 stands for a block without a place. */
  if (o->block_size != 0 && o->end == 0) return 0;
  const uint32_t leaf = o->leaf_size;
  if (leaf != 0 && (leaf < 4096 || leaf > RP_CELL || (leaf & (leaf - 1)) != 0)) return 0;
  if ((o->flags & ~(RP_FLUSH_EARLY | RP_COMPARE | RP_FINE_ZEROS)) != 0) return 0;
  return !(o->flags & RP_COMPARE) || (o->target == RP_NO_FILE && leaf == 0);
}

/* Starts the threads. At least one worker is needed. */
static int start(rp_pump *pump) {
  for (uint32_t i = 0; i < pump->options.workers; i++) {
    if (!rp_thread_begin(&pump->threads[pump->thread_count], rp_worker, pump)) break;
    pump->thread_count++;
  }
  if (pump->thread_count == 0) return 0;
  if (pump->options.flags & RP_FLUSH_EARLY) {
    if (rp_thread_begin(&pump->threads[pump->thread_count], rp_flusher, pump)) pump->thread_count++;
  }
  return 1;
}

rp_pump *rp_pump_open(const rp_options *options, const rp_file *files, size_t file_count, uint32_t *error) {
  *error = RP_EINVAL;
  if (!valid_options(options, files, file_count)) return NULL;
  *error = RP_ENOMEM;
  rp_pump *pump = calloc(1, sizeof *pump);
  if (pump == NULL) return NULL;
  pump->options = *options;
  if (!rp_can_flush_early() || options->target == RP_NO_FILE) pump->options.flags &= ~RP_FLUSH_EARLY;
  pump->progress.end = options->end;
  pump->progress.difference = UINT64_MAX;
  rp_lock_init(&pump->lock);
  rp_signal_init(&pump->wake);
  pump->files = malloc((file_count + 1) * sizeof *files);
  pump->file_count = file_count;
  if (pump->files != NULL) {
    if (file_count > 0) memcpy(pump->files, files, file_count * sizeof *files);
    if (start(pump)) {
      *error = RP_OK;
      return pump;
    }
  }
  rp_pump_close(pump);
  return NULL;
}

uint32_t rp_pump_submit(rp_pump *pump, const rp_extent *a, size_t a_count, const rp_extent *b, size_t b_count,
                        rp_counts *counts) {
  const rp_side sides[2] = {{a, a_count}, {b, b_count}};
  /* Only this function changes `used` and adds batches, and one thread at a time uses a pump. */
  if (pump->count == RP_MAX_BATCHES) return RP_EFULL;
  rp_batch *batch = NULL;
  const uint32_t error = rp_batch_create(&pump->options, pump->file_count, sides, &pump->used, &batch);
  if (error != RP_OK) return error;
  counts->cells = batch->cell_count;
  counts->blocks = batch->block_count;
  pump->used.cells = batch->cells[batch->cell_count - 1].number + 1;
  if (batch->block_count > 0) pump->used.blocks = batch->blocks[batch->block_count - 1].number + 1;
  rp_lock_take(&pump->lock);
  pump->batches[(pump->oldest + pump->count) % RP_MAX_BATCHES] = batch;
  pump->count++;
  rp_signal_all(&pump->wake);
  rp_lock_give(&pump->lock);
  return RP_OK;
}

static int is_finished(const rp_batch *batch) { return batch->done == batch->cell_count; }

void rp_pump_poll(rp_pump *pump, rp_progress *progress) {
  rp_lock_take(&pump->lock);
  *progress = pump->progress;
  progress->batches = (uint32_t)pump->count;
  progress->finished = 0;
  while (progress->finished < pump->count) {
    if (!is_finished(pump->batches[(pump->oldest + progress->finished) % RP_MAX_BATCHES])) break;
    progress->finished++;
  }
  rp_lock_give(&pump->lock);
}

uint32_t rp_pump_take(rp_pump *pump, uint64_t *cells, uint8_t *states, uint8_t *digests, uint64_t *blocks) {
  rp_lock_take(&pump->lock);
  rp_batch *batch = pump->count == 0 ? NULL : pump->batches[pump->oldest];
  /* After a failure the cells that failed count as done, but their results do not exist. */
  const int taken = batch != NULL && is_finished(batch) && pump->progress.error == RP_OK;
  if (taken) {
    pump->oldest = (pump->oldest + 1) % RP_MAX_BATCHES;
    pump->count--;
  }
  rp_lock_give(&pump->lock);
  if (!taken) return RP_EINVAL;
  const size_t leaves = batch->cell_count * rp_leaves_per_cell(&pump->options);
  for (size_t i = 0; cells != NULL && i < batch->cell_count; i++) cells[i] = batch->cells[i].number;
  if (states != NULL && leaves > 0) memcpy(states, batch->states, leaves);
  if (digests != NULL && leaves > 0) memcpy(digests, batch->digests, leaves * RP_DIGEST);
  for (size_t i = 0; blocks != NULL && i < batch->block_count; i++) {
    blocks[2 * i] = batch->blocks[i].number;
    blocks[2 * i + 1] = batch->blocks[i].offset;
  }
  rp_batch_free(batch);
  return RP_OK;
}

void rp_pump_cancel(rp_pump *pump) {
  rp_lock_take(&pump->lock);
  pump->stopped = 1;
  rp_lock_give(&pump->lock);
}

void rp_pump_close(rp_pump *pump) {
  if (pump == NULL) return;
  rp_lock_take(&pump->lock);
  pump->closing = 1;
  pump->stopped = 1;
  rp_signal_all(&pump->wake);
  rp_lock_give(&pump->lock);
  for (size_t i = 0; i < pump->thread_count; i++) rp_thread_join(pump->threads[i]);
  for (size_t i = 0; i < pump->count; i++) rp_batch_free(pump->batches[(pump->oldest + i) % RP_MAX_BATCHES]);
  rp_signal_free(&pump->wake);
  rp_lock_free(&pump->lock);
  free(pump->files);
  free(pump);
}
