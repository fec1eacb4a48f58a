/* The threads of a pump. */
#include "pump.h"

/* Written bytes after which a flush is started: enough for long writes of the device, little enough to begin early. */
#define FLUSH_STEP ((uint64_t)32 << 20)

void rp_fail(rp_pump *pump, rp_outcome outcome, uint32_t operation, size_t file, uint64_t offset, uint64_t length) {
  rp_lock_take(&pump->lock);
  rp_progress *progress = &pump->progress;
  if (progress->error == RP_OK) {
    progress->error = outcome.error;
    progress->error_system = outcome.system;
    progress->error_operation = operation;
    progress->error_file = (uint32_t)file;
    progress->error_offset = offset;
    progress->error_length = length;
  }
  pump->stopped = 1;
  rp_signal_all(&pump->wake);
  rp_lock_give(&pump->lock);
}

/* Returns the oldest batch with a cell that no thread has taken. */
static rp_batch *next_batch(rp_pump *pump) {
  for (size_t i = 0; i < pump->count; i++) {
    rp_batch *batch = pump->batches[(pump->oldest + i) % RP_MAX_BATCHES];
    if (batch->next < batch->cell_count) return batch;
  }
  return NULL;
}

/* Whether the cell cannot hold the lowest difference: a lower one is known. */
static int is_needless(const rp_pump *pump, const rp_batch *batch, size_t index) {
  return batch->cells[index].number > pump->progress.difference / RP_CELL;
}

RP_THREAD(rp_worker) {
  rp_pump *pump = argument;
  uint8_t *buffers = rp_pages(RP_BUFFERS);
  if (buffers == NULL) rp_fail(pump, (rp_outcome){RP_ENOMEM, 0}, RP_NOTHING, 0, 0, RP_BUFFERS);
  rp_lock_take(&pump->lock);
  while (!pump->closing) {
    rp_batch *batch = pump->stopped ? NULL : next_batch(pump);
    if (batch == NULL) {
      rp_signal_wait(&pump->wake, &pump->lock);
      continue;
    }
    const size_t index = batch->next++;
    if (!is_needless(pump, batch, index)) {
      pump->progress.busy++;
      rp_lock_give(&pump->lock);
      rp_do_cell(pump, batch, index, buffers);
      rp_lock_take(&pump->lock);
      pump->progress.busy--;
    }
    batch->done++;
    if (pump->unflushed >= FLUSH_STEP) rp_signal_all(&pump->wake);
  }
  rp_lock_give(&pump->lock);
  rp_free_pages(buffers, RP_BUFFERS);
  return 0;
}

RP_THREAD(rp_flusher) {
  rp_pump *pump = argument;
  rp_lock_take(&pump->lock);
  while (!pump->closing) {
    if (pump->stopped || pump->unflushed < FLUSH_STEP) {
      rp_signal_wait(&pump->wake, &pump->lock);
      continue;
    }
    const uint64_t start = pump->flush_start, length = pump->flush_end - start;
    pump->unflushed = 0;
    pump->progress.busy++;
    rp_lock_give(&pump->lock);
    const rp_outcome flushed = rp_start_flush(pump->options.target, start, length);
    if (flushed.error != RP_OK) rp_fail(pump, flushed, RP_FLUSH, 0, start, length);
    rp_lock_take(&pump->lock);
    pump->progress.busy--;
  }
  rp_lock_give(&pump->lock);
  return 0;
}
