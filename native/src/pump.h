/* Inside of the pump. All members of rp_pump and rp_batch that change are guarded by the pump's lock. */
#ifndef RP_PUMP_H
#define RP_PUMP_H

#include "platform.h"

/* Extents of one side of a batch. */
typedef struct {
  const rp_extent *extents;
  size_t count;
} rp_side;

typedef struct {
  /* Number of the cell on the disk. */
  uint64_t number;
  /* First extent of each side that ends behind the cell's start. */
  size_t first[2];
  /* Index of its block in the batch. */
  size_t block;
} rp_cell;

typedef struct {
  uint64_t number;
  /* Place in the target; 0 as long as the block has no data. */
  uint64_t offset;
} rp_block;

typedef struct {
  rp_side sides[2];
  rp_cell *cells;
  size_t cell_count;
  rp_block *blocks;
  size_t block_count;
  /* Leaves of all cells, and 32 bytes for each. */
  uint8_t *states;
  uint8_t *digests;
  /* First cell that no thread has taken; number of cells that are done. */
  size_t next;
  size_t done;
} rp_batch;

/*
 * Creates a batch from copies of the extents. Returns RP_OK, RP_EINVAL or RP_ENOMEM.
 * `after`: the batch's first cell, and its first block, must lie behind the cell `after->cells` - 1 and the block
 * `after->blocks` - 1.
 */
uint32_t rp_batch_create(const rp_options *options, size_t files, const rp_side sides[2], const rp_counts *after, rp_batch **out);
void rp_batch_free(rp_batch *batch);

/* Leaves in a cell; 0 if nothing is hashed. */
static inline size_t rp_leaves_per_cell(const rp_options *options) {
  return options->leaf_size == 0 ? 0 : RP_CELL / options->leaf_size;
}

struct rp_pump {
  rp_options options;
  rp_file *files;
  size_t file_count;
  rp_lock lock;
  /* Work was added, or the pump ends. */
  rp_signal wake;
  rp_thread threads[RP_MAX_WORKERS + 1];
  size_t thread_count;
  /* A ring: the oldest batch first. */
  rp_batch *batches[RP_MAX_BATCHES];
  size_t oldest;
  size_t count;
  /* The next free cell and block number: what batches have used so far. */
  rp_counts used;
  /* No cell is begun any more: after a failure, rp_pump_cancel or rp_pump_close. */
  int stopped;
  /* The threads end. */
  int closing;
  /* Written bytes of the target that no flush was started for, and their range. */
  uint64_t unflushed;
  uint64_t flush_start;
  uint64_t flush_end;
  rp_progress progress;
};

/* Main functions of the threads. */
RP_THREAD(rp_worker);
RP_THREAD(rp_flusher);

/* Does one cell. The lock is not held. */
void rp_do_cell(rp_pump *pump, rp_batch *batch, size_t index, uint8_t *buffers);

/* Records a failure; the first one counts. */
void rp_fail(rp_pump *pump, rp_outcome outcome, uint32_t operation, size_t file, uint64_t offset, uint64_t length);

/* Bytes of the buffers of a worker: one cell for each side. */
#define RP_BUFFERS (2 * (size_t)RP_CELL)

#endif
